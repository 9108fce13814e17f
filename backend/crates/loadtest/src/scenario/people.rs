//! The users and rooms of a run, made over REST before anything is measured.

use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{LoadError, Options, Progress};
use crate::client::{Call, ClientError, Rest};

/// Password hashing keeps a server busy with two at a time; more only wait.
const AT_ONCE: usize = 8;

/// Somebody who will connect.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// Which of the rooms they are a member of.
    pub(super) room: usize,
    /// Which of the members of that room they are.
    pub(super) place: usize,
    /// Which of the addresses they use.
    pub(super) at: usize,
    pub(super) token: String,
}

/// Rooms by id, and their members.
#[derive(Debug)]
pub(super) struct People {
    pub(super) rooms: Vec<String>,
    pub(super) people: Vec<Person>,
}

/// Makes `rooms` public rooms with `members` members each, all of them new.
pub(super) async fn make(
    options: &Options,
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<People, LoadError> {
    let run = Uuid::now_v7().simple().to_string();
    // The end of a v7 id is random, its beginning is only the time.
    let run = &run[20..];
    let total = options.rooms * options.members;
    let clients: Vec<Rest> = options
        .urls
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
            if index % 100 == 0 {
                observe(Progress {
                    phase: "registering",
                    done: index as u64,
                    of: total as u64,
                });
            }
            Ok::<_, ClientError>(account.token)
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;

    let tokens = &tokens;
    let rooms: Vec<String> = stream::iter(0..options.rooms)
        .map(|room| async move {
            let body = json!({ "name": format!("load {run} {room}"), "kind": "public" });
            let made = post(line(room), "/api/rooms", &tokens[room], &body).await?;
            made["id"]
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| ClientError::Protocol(format!("a new room has no id: {made}")))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;

    let paths = &rooms;
    stream::iter(options.rooms..total)
        .map(|index| async move {
            let path = format!("/api/rooms/{}/members", paths[index % paths.len()]);
            post(line(index), &path, &tokens[index], &json!({})).await?;
            if index % 100 == 0 {
                observe(Progress {
                    phase: "joining",
                    done: index as u64,
                    of: total as u64,
                });
            }
            Ok::<_, ClientError>(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;

    let people = tokens
        .iter()
        .enumerate()
        .map(|(index, token)| Person {
            room: index % options.rooms,
            place: index / options.rooms,
            at: index % options.urls.len(),
            token: token.clone(),
        })
        .collect();
    Ok(People { rooms, people })
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
