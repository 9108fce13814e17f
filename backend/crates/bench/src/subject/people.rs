//! The accounts and rooms of the product, made once through its own doors.
//!
//! Hashing the passwords of thousands takes minutes, so what was made is kept, and every server
//! that is measured gets a copy.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::keeper::{Keeper, Kept};
use super::programs::Programs;
use super::running::Running;
use crate::client::Seat;
use crate::crowd::Town;
use crate::failure::{Failure, Result};
use crate::layout::Layout;
use crate::rest::Rest;

/// Who registers at a time: the server hashes two passwords at once.
const DOORS: usize = 4;
/// The most people the product adds to a room at once.
const ADDED_AT_ONCE: usize = 200;
const PASSWORD: &str = "a password of a bench";

#[derive(Debug)]
pub(crate) struct People {
    keeper: Keeper,
    directory: PathBuf,
    known: Known,
    /// The most users there are. Where there are more connections, some have several.
    most: usize,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    users: Vec<User>,
    /// The ids of the rooms of each layout that was asked for.
    rooms: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct User {
    id: String,
    token: String,
}

impl People {
    /// Sees to it that there are people and rooms for all these layouts. The data may be of an
    /// older product: the one that is measured brings its copy up to date.
    pub(crate) fn gather(
        programs: &Programs,
        keeper: Keeper,
        layouts: &[Layout],
        most: usize,
    ) -> Result<People> {
        let directory = programs.scratch().join(match keeper {
            Keeper::Postgres => "people-postgres",
            Keeper::Sqlite => "people",
        });
        let mut people = People {
            keeper,
            known: read_known(&directory).unwrap_or_default(),
            directory,
            most,
        };
        let users = layouts
            .iter()
            .map(|layout| layout.connections)
            .max()
            .unwrap_or_default();
        let users = users.min(most);
        let enough = people.known.users.len() >= users;
        let all = layouts
            .iter()
            .all(|layout| people.known.rooms.contains_key(&name(*layout, most)));
        if enough && all {
            return Ok(people);
        }
        eprintln!("making accounts and rooms in {keeper}, which are kept for the next time");
        // Half of it would be found again and believed.
        let unfinished = people.copy_to(&people.directory.with_extension("unfinished"))?;
        let server = Running::start(programs.roost(&unfinished), None)?;
        people.known.register(server.address, users)?;
        for layout in layouts {
            people.known.open_rooms(server.address, *layout, most)?;
        }
        server.stop()?;
        unfinished.pack()?;
        let _ = fs::remove_dir_all(&people.directory);
        copy(&unfinished.directory, &people.data())?;
        let text = serde_json::to_vec(&people.known)?;
        fs::write(people.directory.join("known.json"), text)?;
        Ok(people)
    }

    /// The data of a server with these people and rooms, and who goes where.
    pub(crate) fn copy(&self, layout: Layout) -> Result<(Kept, Town)> {
        let rooms = self.known.rooms.get(&name(layout, self.most)).cloned();
        let rooms = rooms.ok_or_else(|| Failure::Unusable("nobody gathered".to_owned()))?;
        let kept = self.copy_to(&self.directory.with_extension("copy"))?;
        Ok((kept, self.known.town(layout, rooms, self.most)))
    }

    fn copy_to(&self, directory: &Path) -> Result<Kept> {
        let kept = Kept::of(self.keeper, directory)?;
        copy(&self.data(), &kept.directory)?;
        kept.unpack()?;
        Ok(kept)
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }
}

/// People and rooms on a server that has none, and who goes where.
pub(crate) fn settle(address: SocketAddr, layout: Layout) -> Result<Town> {
    let mut known = Known::default();
    known.register(address, layout.connections)?;
    known.open_rooms(address, layout, layout.connections)?;
    let rooms = known.rooms.values().next().cloned().unwrap_or_default();
    Ok(known.town(layout, rooms, layout.connections))
}

impl Known {
    fn town(&self, layout: Layout, rooms: Vec<String>, most: usize) -> Town {
        let followed = layout.followed().into_iter();
        let seats = followed
            .zip(self.users[..most.min(self.users.len())].iter().cycle())
            .map(|(rooms, user)| Seat {
                token: Some(user.token.clone()),
                rooms,
            });
        Town {
            seats: seats.collect(),
            rooms,
        }
    }

    fn register(&mut self, address: SocketAddr, users: usize) -> Result<()> {
        let known = self.users.len();
        let missing: Vec<usize> = (known..users).collect();
        let share = missing.len().div_ceil(DOORS).max(1);
        let registered = thread::scope(|scope| {
            let doors: Vec<_> = missing
                .chunks(share)
                .map(|numbers| scope.spawn(move || register(address, numbers)))
                .collect();
            let users = doors
                .into_iter()
                .map(|door| door.join().expect("nobody panics at a door"));
            users.collect::<Result<Vec<_>>>()
        });
        self.users.extend(registered?.into_iter().flatten());
        Ok(())
    }

    fn open_rooms(&mut self, address: SocketAddr, layout: Layout, most: usize) -> Result<()> {
        let name = name(layout, most);
        let most = most.min(self.users.len());
        if self.rooms.contains_key(&name) {
            return Ok(());
        }
        let mut rest = Rest::to(address)?;
        let mut rooms = Vec::new();
        for room in 0..layout.rooms {
            let members: Vec<&User> = layout
                .members_of(room)
                .map(|user| &self.users[user % most])
                .collect();
            let owner = Some(members[0].token.as_str());
            let wanted = json!({ "kind": "private", "name": format!("{name} {room}") });
            let id = text(&rest.post("/api/rooms", owner, &wanted)?, "/id")?;
            for added in members[1..].chunks(ADDED_AT_ONCE) {
                let ids: Vec<&str> = added.iter().map(|user| user.id.as_str()).collect();
                let path = format!("/api/rooms/{id}/members");
                rest.post(&path, owner, &json!({ "userIds": ids }))?;
            }
            rooms.push(id);
        }
        self.rooms.insert(name, rooms);
        Ok(())
    }
}

fn register(address: SocketAddr, numbers: &[usize]) -> Result<Vec<User>> {
    let mut rest = Rest::to(address)?;
    let user = |number: &usize| {
        let wanted = json!({ "username": format!("bench{number:05}"), "password": PASSWORD });
        let answer = rest.post("/api/auth/register", None, &wanted)?;
        Ok(User {
            id: text(&answer, "/user/id")?,
            token: text(&answer, "/token")?,
        })
    };
    numbers.iter().map(user).collect()
}

fn text(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    let text = text.map(str::to_owned);
    text.ok_or_else(|| Failure::Protocol(format!("an answer has no {pointer}")))
}

fn name(layout: Layout, most: usize) -> String {
    let Layout {
        connections,
        rooms,
        members,
    } = layout;
    format!(
        "{rooms} of {members} from {connections} of {}",
        most.min(connections)
    )
}

fn read_known(directory: &Path) -> Option<Known> {
    serde_json::from_slice(&fs::read(directory.join("known.json")).ok()?).ok()
}

/// Copies the files of a directory, if it is there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    if from.exists() {
        for file in fs::read_dir(from)? {
            let file = file?;
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}
