//! The people and rooms of a run, made before it begins.

use std::{fs, path::Path};

use hyper::Method;
use serde_json::json;
use uuid::Uuid;

use super::{
    VerifyError,
    world::{Person, REQUEST, Room},
};
use crate::client::{Account, Call, ClientError, Rest};

const PASSWORD: &str = "only for the length of a run";
/// How often something is tried before it is given up: nothing is broken on purpose yet.
const TRIES: u32 = 5;

/// Names for people to read; a run has no more people.
pub(crate) const NAMES: [&str; 12] = [
    "Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gil", "Hana", "Ivo", "Jo", "Kim", "Lea",
];

/// Accounts that there are already: a name and a password a line.
pub(crate) fn read_accounts(file: &Path) -> Result<Vec<(String, String)>, VerifyError> {
    let text = fs::read_to_string(file)
        .map_err(|error| VerifyError::Accounts(format!("{}: {error}", file.display())))?;
    let accounts: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace))
        .map(|(name, password)| (name.to_owned(), password.trim().to_owned()))
        .collect();
    if accounts.len() < 2 {
        let few = "at least two lines with a name and a password are needed";
        return Err(VerifyError::Accounts(few.to_owned()));
    }
    Ok(accounts)
}

/// Signs up so many people, or logs these in.
pub(crate) async fn gather(
    url: &str,
    run: &str,
    many: usize,
    accounts: Option<&[(String, String)]>,
) -> Result<Vec<Person>, VerifyError> {
    let rest = Rest::new(url)?;
    let mut people = Vec::new();
    for (at, name) in NAMES.into_iter().enumerate().take(many) {
        let account = match accounts {
            Some(accounts) => match accounts.get(at) {
                Some((login, password)) => rest.login(login, password).await?,
                None => break,
            },
            None => sign_up(&rest, &format!("{run}-{at}")).await?,
        };
        people.push(Person {
            id: parse(&account.id)?,
            name,
            token: account.token,
        });
    }
    Ok(people)
}

async fn sign_up(rest: &Rest, name: &str) -> Result<Account, VerifyError> {
    let mut last = None;
    for _ in 0..TRIES {
        match rest.register(name, PASSWORD).await {
            Ok(account) => return Ok(account),
            Err(ClientError::Unexpected { status: 409, .. }) => {
                return Ok(rest.login(name, PASSWORD).await?);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or(VerifyError::NoAddress, VerifyError::from))
}

/// Makes the rooms, all of the first person, with everybody in them.
pub(crate) async fn make_rooms(
    url: &str,
    run: &str,
    people: &[Person],
    public: bool,
) -> Result<Vec<Room>, VerifyError> {
    let wanted = [
        ("the hall", public, false, 6),
        ("the study", false, false, 2),
        ("the porch", public, true, 1),
        ("the vault", false, true, 1),
    ];
    let owner = people.first().ok_or(VerifyError::NoAddress)?;
    let rest = Rest::new(url)?.with_token(&owner.token);
    let mut rooms = Vec::new();
    for (name, public, revolving, share) in wanted {
        let kind = if public { "public" } else { "private" };
        let made = rest.create_room(&format!("{run} {name}"), kind).await?;
        let id = parse(made["id"].as_str().unwrap_or_default())?;
        let others: Vec<Uuid> = people.iter().skip(1).map(|person| person.id).collect();
        let path = format!("/api/rooms/{id}/members");
        let answer = rest.post(&path, &json!({ "userIds": others })).await?;
        if !matches!(answer.status, 200 | 201) {
            return Err(answer.unexpected("adding everybody to a room").into());
        }
        rooms.push(Room {
            id,
            name,
            public,
            revolving,
            share,
        });
    }
    Ok(rooms)
}

/// Leaves the rooms behind as well as rooms can be left: archived.
pub(crate) async fn archive(url: &str, owner: &Person, rooms: &[Room]) {
    let Ok(rest) = Rest::new(url) else { return };
    let rest = rest.with_token(&owner.token);
    for room in rooms {
        let path = format!("/api/rooms/{}/archive", room.id);
        // The run is over, whatever comes of it.
        let _ = tokio::time::timeout(REQUEST, rest.send(Call::new(Method::POST, path))).await;
    }
}

fn parse(id: &str) -> Result<Uuid, VerifyError> {
    let odd = || ClientError::Protocol(format!("{id:?} is no id"));
    Ok(id.parse().map_err(|_no_id| odd())?)
}
