//! Waiting until all is quiet: everybody is back, at the end of every log, and shown as they are.
//!
//! Every wait has a bound that is far beyond what a slow and busy machine needs; what has not come
//! by then goes into the record as it is.

use std::{collections::HashMap, time::Duration};

use hyper::Method;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{
    Tell,
    client::{Handle, Order},
    record::{PersonNumber, PresenceReading, Record},
    truth,
    world::{World, ask},
};
use crate::client::Call;

/// How long everybody may take to come back and catch up: several heartbeats, leases and
/// comparisons of heads.
const CATCHING_UP: Duration = Duration::from_mins(3);
/// How long presence may take.
const SHOWING: Duration = Duration::from_mins(2);
/// How long reading everything may take.
const READING: Duration = Duration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often everybody is let in again: a removal may have been on its way for long.
const LET_IN_EVERY: Duration = Duration::from_secs(3);
/// How often it is told who is waited for.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// So many of them.
const WAITED_FOR: usize = 4;

#[derive(Deserialize)]
struct Members {
    members: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    user: Named,
    presence: Presence,
    here: bool,
}

#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

#[derive(Deserialize)]
struct Presence {
    status: String,
}

/// Waits until all is quiet, and writes down where everybody stands and what the cluster holds.
pub(crate) async fn come_to_rest(
    world: &World,
    clients: &[Handle],
    record: &mut Record,
    tell: &Tell,
) {
    let until = Instant::now() + CATCHING_UP;
    let mut let_in = Instant::now();
    let mut told = Instant::now();
    let mut before = Vec::new();
    loop {
        if let_in <= Instant::now() {
            let_everybody_in(world).await;
            let_in = Instant::now() + LET_IN_EVERY;
        }
        let mut heads = Vec::new();
        for room in 0..world.rooms.len() {
            heads.push(truth::head(world, room, until).await);
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tell_waiting(world, tell, &stragglers(world, clients, &heads));
        }
        // Twice the same: nothing is on its way any more, as far as anybody can see.
        let quiet = heads == before && clients.iter().all(|client| is_at(client, &heads));
        if quiet || Instant::now() >= until {
            let reading = Instant::now() + READING;
            record.rooms.clear();
            for room in 0..world.rooms.len() {
                record.rooms.push(truth::read(world, room, reading).await);
            }
            let read: Vec<Option<u64>> = record
                .rooms
                .iter()
                .map(|truth| truth.log().last().map(|entry| entry.seq))
                .collect();
            let still = clients.iter().all(|client| is_at(client, &read));
            if still || Instant::now() >= until {
                return;
            }
        }
        before = heads;
        sleep(LOOK_EVERY).await;
    }
}

fn is_at(client: &Handle, heads: &[Option<u64>]) -> bool {
    let shared = client.shared();
    shared.state.connected && shared.unsettled == 0 && shared.state.places == heads
}

/// Who is waited for.
fn stragglers(world: &World, clients: &[Handle], heads: &[Option<u64>]) -> Vec<String> {
    let waiting = clients.iter().filter(|client| !is_at(client, heads));
    waiting
        .map(|client| {
            let shared = client.shared();
            let name = &shared.record.name;
            if !shared.state.connected {
                return format!("{name}, who is not connected");
            }
            if shared.unsettled > 0 {
                return format!("{name}, who has {} to send", shared.unsettled);
            }
            let behind = heads.iter().zip(&shared.state.places);
            let room = behind.into_iter().position(|(head, place)| head != place);
            let room = room.map_or("", |room| world.rooms[room].name);
            format!("{name} in {room}")
        })
        .collect()
}

fn tell_waiting(world: &World, tell: &Tell, whom: &[String]) {
    let now = world.now().as_secs_f64();
    let shown = whom[..whom.len().min(WAITED_FOR)].join("; ");
    let more = whom.len().saturating_sub(WAITED_FOR);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    tell(&format!("{now:>8.1} s  waiting for {shown}{more}"));
}

async fn let_everybody_in(world: &World) {
    let others: Vec<Uuid> = world.people.iter().skip(1).map(|other| other.id).collect();
    let body = json!({ "userIds": others });
    for (at, room) in world.rooms.iter().enumerate() {
        if room.revolving {
            let path = format!("/api/rooms/{}/members", room.id);
            let url = &world.doors[at % world.doors.len()].url;
            let call = Call::new(Method::POST, path).json(&body);
            // It comes round again.
            let _ = ask(url, &world.people[0].token, call).await;
        }
    }
}

/// Waits until everybody is shown as they are, then has some people go, and waits again.
pub(crate) async fn watch_presence(
    world: &World,
    clients: &[Handle],
    record: &mut Record,
    tell: &Tell,
) {
    let everybody: Vec<PersonNumber> = (0..world.people.len()).collect();
    let shown = wait_until_shown(world, clients, &everybody, record, tell).await;
    if !shown {
        return;
    }
    // The first of them owns the rooms and reads the lists.
    let (stay, go): (Vec<PersonNumber>, Vec<PersonNumber>) =
        everybody.into_iter().partition(|person| person % 2 == 0);
    for client in clients {
        let person = client.shared().record.person;
        if go.contains(&person) {
            let politely = person % 4 == 1;
            while !client.shared().gone
                && client.orders.try_send(Order::GoAway { politely }).is_err()
            {
                sleep(LOOK_EVERY).await;
            }
        }
    }
    wait_until_shown(world, clients, &stay, record, tell).await;
}

/// Whether everybody is shown as online, or as offline, in time; who is not goes on record.
async fn wait_until_shown(
    world: &World,
    clients: &[Handle],
    online: &[PersonNumber],
    record: &mut Record,
    tell: &Tell,
) -> bool {
    let until = Instant::now() + SHOWING;
    let mut told = Instant::now();
    loop {
        let mut looks = 0;
        let mut wrong = Vec::new();
        look_at_lists(world, online, &mut looks, &mut wrong).await;
        look_at_views(world, clients, online, &mut looks, &mut wrong);
        record.presence_looks += looks;
        if wrong.is_empty() {
            return true;
        }
        if Instant::now() >= until {
            record.presence.extend(wrong);
            return false;
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            let shown: Vec<String> = wrong.iter().map(|wrong| mistaken(world, wrong)).collect();
            tell_waiting(world, tell, &shown);
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Who is not shown as they are.
fn mistaken(world: &World, wrong: &PresenceReading) -> String {
    let name = world.people[wrong.person].name;
    let (by, shown) = (&wrong.shown_by, &wrong.shown);
    format!("{name} to be {}, who is {shown} to {by}", wrong.expected)
}

/// The lists of members, on every node.
async fn look_at_lists(
    world: &World,
    online: &[PersonNumber],
    looks: &mut u64,
    wrong: &mut Vec<PresenceReading>,
) {
    for door in 0..world.doors.len() {
        for room in &world.rooms {
            let path = format!("/api/rooms/{}/members?limit=100", room.id);
            let list: Option<Members> = truth::get(world, door, &path).await;
            let shown: HashMap<PersonNumber, Member> = list
                .into_iter()
                .flat_map(|list| list.members)
                .filter_map(|member| {
                    let person = *world.names.people.get(&member.user.id)?;
                    Some((person, member))
                })
                .collect();
            for person in 0..world.people.len() {
                let expected = expected(online, person);
                *looks += 1;
                let shown = match shown.get(&person) {
                    None => "nobody".to_owned(),
                    Some(member) if member.presence.status != expected => {
                        member.presence.status.clone()
                    }
                    Some(member) if member.here != (expected == "online") => {
                        format!(
                            "{expected} and {}",
                            if member.here { "here" } else { "not here" }
                        )
                    }
                    Some(_) => continue,
                };
                wrong.push(PresenceReading {
                    shown_by: format!("node {} in {}", door + 1, room.name),
                    person,
                    expected,
                    shown,
                });
            }
        }
    }
}

/// What clients were told last.
fn look_at_views(
    world: &World,
    clients: &[Handle],
    online: &[PersonNumber],
    looks: &mut u64,
    wrong: &mut Vec<PresenceReading>,
) {
    for client in clients {
        let shared = client.shared();
        if !online.contains(&shared.record.person) {
            continue;
        }
        for person in (0..world.people.len()).filter(|person| *person != shared.record.person) {
            *looks += 1;
            let expected = expected(online, person);
            let shown = shared.view.get(&person).map_or("nobody", String::as_str);
            if shown != expected {
                wrong.push(PresenceReading {
                    shown_by: shared.record.name.clone(),
                    person,
                    expected,
                    shown: shown.to_owned(),
                });
            }
        }
    }
}

fn expected(online: &[PersonNumber], person: PersonNumber) -> &'static str {
    if online.contains(&person) {
        "online"
    } else {
        "offline"
    }
}
