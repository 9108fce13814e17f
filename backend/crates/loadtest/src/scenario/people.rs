//! The users and rooms of a run, made over REST before anything is measured.

use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    LoadError, Progress,
    plan::{Plan, Seat},
};
use crate::client::{Call, ClientError, Rest};

/// Password hashing keeps a server busy with two at a time; more only wait.
const AT_ONCE: usize = 8;

/// Somebody who will connect.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// Which of the addresses they use.
    pub(super) at: usize,
    pub(super) token: String,
}

/// Rooms by id, and who connects, in the order of the plan's clients.
#[derive(Debug)]
pub(super) struct People {
    pub(super) rooms: Vec<String>,
    pub(super) people: Vec<Person>,
}

/// Makes the public rooms of the plan with all their members; all of them are new.
pub(super) async fn make(
    plan: &Plan,
    urls: &[String],
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<People, LoadError> {
    let run = Uuid::now_v7().simple().to_string();
    // The end of a v7 id is random, its beginning is only the time.
    let run = &run[20..];
    let total = plan.clients();
    let told = |phase, done: usize, of: usize| {
        if done.is_multiple_of(100) {
            observe(Progress::of(phase, done, of));
        }
    };
    let clients: Vec<Rest> = urls
        .iter()
        .map(|url| Rest::new(url))
        .collect::<Result<_, _>>()?;
    // One kept-alive connection for each request in flight, whoever it is for.
    let lines: Vec<Rest> = clients
        .iter()
        .cycle()
        .take(AT_ONCE.max(clients.len()))
        .map(Rest::anonymous)
        .collect();
    let line = |index: usize| &lines[index % lines.len()];

    let tokens: Vec<String> = stream::iter(0..total)
        .map(|index| async move {
            let name = format!("load-{run}-{index}");
            let account = line(index).register(&name, "a load test password").await?;
            told("registering", index, total);
            Ok::<_, ClientError>(account.token)
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;

    let seats: Vec<(usize, Seat)> = (0..total)
        .flat_map(|client| plan.seats(client).map(move |seat| (client, seat)))
        .collect();
    // Whoever sits first in a room makes it; the seats are in the order of the rooms.
    let (first, others) = seats.split_at(plan.rooms);
    let tokens = &tokens;
    let rooms: Vec<String> = stream::iter(first)
        .map(|(client, Seat { room, .. })| async move {
            let body = json!({ "name": format!("load {run} {room}"), "kind": "public" });
            let made = post(line(*room), "/api/rooms", &tokens[*client], &body).await?;
            made["id"]
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| ClientError::Protocol(format!("a new room has no id: {made}")))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;

    let paths = &rooms;
    stream::iter(others.iter().enumerate())
        .map(|(index, (client, seat))| async move {
            let path = format!("/api/rooms/{}/members", paths[seat.room]);
            post(line(index), &path, &tokens[*client], &json!({})).await?;
            told("joining", index, others.len());
            Ok::<_, ClientError>(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;

    let people = (0..total).zip(tokens).map(|(client, token)| Person {
        at: plan.address(client, urls.len()),
        token: token.clone(),
    });
    Ok(People {
        people: people.collect(),
        rooms,
    })
}

async fn post(line: &Rest, path: &str, token: &str, body: &Value) -> Result<Value, ClientError> {
    let call = Call::new(Method::POST, path).json(body);
    let answer = line
        .send(call.header("authorization", &format!("Bearer {token}")))
        .await?;
    if answer.status == 200 || answer.status == 201 {
        Ok(answer.json)
    } else {
        Err(answer.unexpected(path))
    }
}
