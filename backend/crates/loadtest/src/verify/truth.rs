//! Reading what the cluster holds, through REST, from every node.

use std::time::Duration;

use hyper::Method;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::{Instant, sleep};

use super::{
    reading::{Logged, Message},
    record::{NodeLog, RoomTruth, Shown},
    world::{World, ask},
};
use crate::client::Call;

/// Between two tries of something that did not work.
const TRY_AGAIN: Duration = Duration::from_millis(300);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogPage<'a> {
    #[serde(borrow)]
    changes: Vec<Logged<'a>>,
    last_seq: u64,
    more: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HistoryPage<'a> {
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
    has_before: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    last_seq: u64,
}

/// Where a room's log ends, by whichever node answers; nothing when none does in time.
pub(crate) async fn head(world: &World, room: usize, until: Instant) -> Option<u64> {
    let path = format!("/api/rooms/{}", world.rooms[room].id);
    for door in (0..world.doors.len()).cycle() {
        if Instant::now() >= until {
            return None;
        }
        match get::<Head>(world, door, &path).await {
            Some(head) => return Some(head.last_seq),
            None => sleep(TRY_AGAIN).await,
        }
    }
    None
}

/// A room as all nodes have it. When they do not come to agree on its end in time, as each has it.
pub(crate) async fn read(world: &World, room: usize, until: Instant) -> RoomTruth {
    loop {
        let mut logs = Vec::new();
        for door in 0..world.doors.len() {
            logs.push(read_log(world, room, door, until).await);
        }
        let agreed = logs.windows(2).all(|pair| pair[0].last == pair[1].last);
        if agreed || Instant::now() >= until {
            let history = read_history(world, room, until).await;
            return RoomTruth { logs, history };
        }
        sleep(TRY_AGAIN).await;
    }
}

async fn read_log(world: &World, room: usize, door: usize, until: Instant) -> NodeLog {
    let mut log = NodeLog {
        node: format!("node {}", door + 1),
        ..NodeLog::default()
    };
    let id = world.rooms[room].id;
    loop {
        let since = log.entries.last().map_or(0, |entry| entry.seq);
        let path = format!("/api/rooms/{id}/changes?since={since}&limit=1000");
        let body = body(world, door, &path).await;
        let page = body
            .as_deref()
            .and_then(|body| serde_json::from_slice::<LogPage<'_>>(body).ok());
        let entries = page
            .as_ref()
            .and_then(|page| world.names.entries(&page.changes).ok());
        if let (Some(page), Some(entries)) = (page, entries) {
            let moved = !entries.is_empty();
            log.last = page.last_seq;
            log.entries.extend(entries);
            if page.more && moved {
                continue;
            }
            return log;
        }
        if Instant::now() >= until {
            return log;
        }
        sleep(TRY_AGAIN).await;
    }
}

async fn read_history(world: &World, room: usize, until: Instant) -> Vec<Shown> {
    let id = world.rooms[room].id;
    let mut history: Vec<Shown> = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/rooms/{id}/messages?limit=200{before}");
        let body = body(world, 0, &path).await;
        let page = body
            .as_deref()
            .and_then(|body| serde_json::from_slice::<HistoryPage<'_>>(body).ok());
        if let Some(page) = page {
            let shown = page
                .messages
                .iter()
                .map(|message| world.names.shown(message));
            let shown: Vec<Shown> = shown.collect();
            let oldest = shown.first().map(|shown| shown.id);
            history.extend(shown);
            match oldest.filter(|_| page.has_before) {
                Some(oldest) => before = format!("&before={oldest}"),
                None => return history,
            }
            continue;
        }
        if Instant::now() >= until {
            return history;
        }
        sleep(TRY_AGAIN).await;
    }
}

/// What one node answers the owner of the rooms, if that is what was expected.
pub(crate) async fn get<T: DeserializeOwned>(world: &World, door: usize, path: &str) -> Option<T> {
    serde_json::from_slice(&body(world, door, path).await?).ok()
}

async fn body(world: &World, door: usize, path: &str) -> Option<bytes::Bytes> {
    let url = &world.doors[door].url;
    let answer = ask(url, &world.people[0].token, Call::new(Method::GET, path)).await?;
    (answer.status == 200).then_some(answer.body)
}
