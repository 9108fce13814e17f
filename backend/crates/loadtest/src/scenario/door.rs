//! How a client gets into its rooms: the first time, and again after its connection has ended.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    LoadError,
    feed::{Feed, Reached},
    wire::{Change, Joined, Page, Resumed},
};
use crate::client::{
    Connect, Connection, Message, PATIENCE, Rest,
    packet::{self, Packet},
};

/// Before another address is tried, when one takes nobody in.
const NEXT: Duration = Duration::from_millis(200);
/// How long a client tries to come back.
const MOST_TRYING: Duration = Duration::from_secs(30);
/// Rooms that are joined at once, so that requests and answers cannot block each other.
const JOINED_AT_ONCE: usize = 16;
/// The server takes no more rooms in one `resume`.
const RESUMED_AT_ONCE: usize = 200;
/// The server gives no more of a log at once.
const PAGE: usize = 1000;
/// Acknowledgements from this number on are not of sends.
const FIRST_REQUEST: u64 = 1 << 63;

/// Where a client is let in, and as whom.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) urls: Arc<[String]>,
    /// Which of them it uses.
    pub(super) at: usize,
    pub(super) token: String,
    /// The size of the receive buffer, when it is not the kernel's choice.
    pub(super) window: Option<u32>,
}

/// A client in its rooms.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) connection: Connection,
    /// Of every feed, in their order.
    pub(super) answers: Vec<Joined>,
    /// What came in the first rooms while the last ones were joined.
    pub(super) early: Vec<Message>,
}

impl Door {
    /// Connects and joins every room: from the newest entry on, or from where its feed has come to.
    pub(super) async fn enter(&self, feeds: &[Feed]) -> Result<Entered, LoadError> {
        let mut how = Connect::to(&self.urls[self.at])?.token(&self.token);
        if let Some(window) = self.window {
            how = how.receive_buffer(window);
        }
        let mut entered = Entered {
            connection: Connection::open(&how).await?,
            answers: Vec::with_capacity(feeds.len()),
            early: Vec::new(),
        };
        let known = feeds.iter().all(|feed| feed.reached.is_some());
        let at_once = if known {
            RESUMED_AT_ONCE
        } else {
            JOINED_AT_ONCE
        };
        for some in feeds.chunks(at_once) {
            let asking = entered.ask(some, known);
            timeout(PATIENCE, asking)
                .await
                .map_err(|_elapsed| LoadError::Join("nothing in time".to_owned()))??;
        }
        Ok(entered)
    }

    /// Comes back after what was missed, at another address if there is one, for as long as it is
    /// worth trying.
    pub(super) async fn enter_again(&mut self, feeds: &[Feed]) -> Option<Entered> {
        let began = Instant::now();
        let others = self.urls.len().saturating_sub(1).max(1);
        self.at += rand::random_range(1..=others);
        loop {
            self.at %= self.urls.len();
            if let Ok(entered) = self.enter(feeds).await {
                return Some(entered);
            }
            if began.elapsed() >= MOST_TRYING {
                return None;
            }
            sleep(NEXT).await;
            self.at += 1;
        }
    }

    /// What happened in a room from where a feed has come to up to `last`, page by page. What
    /// cannot be had is left out, and stays missing.
    pub(super) async fn read_log(&self, room: &str, reached: &Reached, last: u64) -> Vec<Change> {
        let Ok(rest) = Rest::new(&self.urls[self.at]) else {
            return Vec::new();
        };
        let rest = rest.with_token(&self.token);
        let mut log: Vec<Change> = Vec::new();
        loop {
            let since = log.last().map_or(reached.seq, |change| change.seq);
            if since >= last {
                log.retain(|change| change.seq <= last);
                return log;
            }
            let epoch = &reached.epoch;
            let path =
                format!("/api/rooms/{room}/changes?since={since}&epoch={epoch}&limit={PAGE}");
            let page = match rest.get(&path).await {
                Ok(answer) if answer.status == 200 => serde_json::from_value(answer.json),
                _ => return log,
            };
            match page {
                Ok(Page { changes }) if !changes.is_empty() => log.extend(changes),
                _ => return log,
            }
        }
    }
}

impl Entered {
    async fn ask(&mut self, feeds: &[Feed], known: bool) -> Result<(), LoadError> {
        if known {
            let answers = self.request(&[resume(feeds)], "resume").await?;
            for answer in answers {
                self.answers.extend(read_resumed(&answer, feeds)?);
            }
            return Ok(());
        }
        let requests: Vec<Value> = feeds
            .iter()
            .map(|feed| json!({ "roomId": feed.room.id, "limit": 1 }))
            .collect();
        for answer in self.request(&requests, "join_room").await? {
            let joined: Result<(Joined,), _> = serde_json::from_str(&answer);
            let (joined,) = joined.map_err(|_refusal| LoadError::Join(answer))?;
            self.answers.push(joined);
        }
        Ok(())
    }

    /// Sends these and waits for their answers, which are in the same order.
    async fn request(&mut self, payloads: &[Value], event: &str) -> Result<Vec<String>, LoadError> {
        for (id, payload) in (FIRST_REQUEST..).zip(payloads) {
            self.connection
                .send(packet::write_event(event, payload, Some(id)))
                .await?;
        }
        let mut answers = BTreeMap::new();
        while answers.len() < payloads.len() {
            let message = self.connection.next_message().await?;
            if let Some(Packet::Ack { id, arguments }) = message.packet() {
                answers.insert(id, arguments.to_owned());
            } else {
                self.early.push(message);
            }
        }
        Ok(answers.into_values().collect())
    }
}

/// Asks for one room again, on a connection that is there.
pub(super) fn write_resume(feeds: &[Feed], at: usize) -> String {
    let payload = resume(&feeds[at..=at]);
    packet::write_event("resume", &payload, Some(FIRST_REQUEST + at as u64))
}

/// Which feed an acknowledgement is about that answers [`write_resume`].
pub(super) fn asked_for(id: u64) -> Option<usize> {
    let at = id.checked_sub(FIRST_REQUEST)?;
    usize::try_from(at).ok()
}

/// Reads the answer to a `resume` of these; all of them, in their order.
pub(super) fn read_resumed(answer: &str, feeds: &[Feed]) -> Result<Vec<Joined>, LoadError> {
    let refused = || LoadError::Join(answer.to_owned());
    let (resumed,): (Resumed,) = serde_json::from_str(answer).map_err(|_refusal| refused())?;
    let mut rooms = resumed.rooms;
    rooms.sort_unstable_by(|one, other| one.room_id.cmp(&other.room_id));
    let asked = feeds.iter().map(|feed| Some(feed.room.id.as_str()));
    if rooms
        .iter()
        .map(|joined| joined.room_id.as_deref())
        .eq(asked)
    {
        Ok(rooms)
    } else {
        Err(refused())
    }
}

fn resume(feeds: &[Feed]) -> Value {
    let rooms: Vec<Value> = feeds
        .iter()
        .map(|feed| match &feed.reached {
            Some(Reached { seq, epoch }) => {
                json!({ "roomId": feed.room.id, "since": seq, "epoch": epoch })
            }
            None => json!({ "roomId": feed.room.id }),
        })
        .collect();
    json!({ "rooms": rooms })
}

#[cfg(test)]
mod tests {
    use super::{super::feed::Room, *};

    fn feed(room: &str) -> Feed {
        Feed {
            room: Arc::new(Room::new(room.to_owned(), 1)),
            member: 0,
            reached: None,
        }
    }

    #[test]
    fn a_resume_is_answered_for_all_its_rooms_or_refused() {
        let feeds = [feed("a"), feed("b")];
        let joined = |room, seq| format!(r#"{{"roomId":"{room}","lastSeq":{seq},"epoch":"e"}}"#);
        let answer = |rooms: &[String]| format!(r#"[{{"rooms":[{}]}}]"#, rooms.join(","));
        let rooms = read_resumed(&answer(&[joined("b", 2), joined("a", 1)]), &feeds).unwrap();
        let ends: Vec<u64> = rooms.iter().map(|joined| joined.last_seq).collect();
        assert_eq!(ends, [1, 2], "each answer is with its feed");
        for refusal in [
            answer(&[joined("a", 1)]),
            answer(&[joined("a", 1), joined("c", 1)]),
            answer(&[joined("a", 1), r#"{"roomId":"b","error":{}}"#.to_owned()]),
            r#"[{"ok":false,"error":{"code":"unavailable"}}]"#.to_owned(),
        ] {
            assert!(
                read_resumed(&refusal, &feeds).is_err(),
                "{refusal} was taken"
            );
        }
    }
}
