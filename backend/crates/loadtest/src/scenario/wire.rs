//! What a client reads of the packets it gets, and writes into a message.
//!
//! Thousands of clients share a processor with the server they measure, so an
//! entry is read as three borrowed fields.

use std::{borrow::Cow, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::history::Origin;

/// Makes a message as long as people write them.
const FILLER: &str = "and then we went down to the harbour to look at the boats, as one does";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    pub(super) seq: Option<u64>,
    pub(super) room_id: Option<&'a str>,
    #[serde(borrow)]
    pub(super) content: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Seen<'a> {
    pub(super) status: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Farewell {
    pub(super) reconnect_after_ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reset<'a> {
    pub(super) room_id: &'a str,
}

#[derive(Debug, Deserialize)]
pub(super) struct Acknowledgement<'a> {
    pub(super) ok: bool,
    pub(super) message: Option<Acknowledged>,
    #[serde(borrow)]
    pub(super) error: Option<Refusal<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Acknowledged {
    pub(super) seq: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refusal<'a> {
    #[serde(borrow)]
    pub(super) code: Cow<'a, str>,
}

/// What joining or resuming a room was answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Joined {
    /// Named when many rooms were asked for.
    pub(super) room_id: Option<String>,
    pub(super) last_seq: u64,
    pub(super) epoch: String,
    /// The place that was asked for is too far back, or in another history.
    #[serde(default)]
    pub(super) reset: bool,
    /// What happened since the place that was asked for.
    #[serde(default)]
    pub(super) changes: Vec<Change>,
}

/// What resuming many rooms was answered.
#[derive(Debug, Deserialize)]
pub(super) struct Resumed {
    pub(super) rooms: Vec<Joined>,
}

/// A page of a room's log.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) changes: Vec<Change>,
}

/// A replayed entry of the log.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) seq: u64,
    pub(super) data: Value,
}

/// The payload that sends this message, `due` after the start.
pub(super) fn write_message(room: &str, origin: Origin, due: Duration) -> Value {
    let Origin { sender, number } = origin;
    let nanos = due.as_nanos();
    json!({
        "roomId": room,
        "clientId": format!("{sender}.{number}"),
        "content": format!("{sender}.{number}.{nanos} {FILLER}"),
    })
}

/// Reads `sender.number.nanoseconds` from the front of a message of ours.
pub(super) fn read_stamp(content: &str) -> Option<(Origin, Duration)> {
    let (stamp, _filler) = content.split_once(' ')?;
    let mut parts = stamp.split('.');
    let sender = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok()?;
    let nanos = parts.next()?.parse().ok()?;
    Some((Origin { sender, number }, Duration::from_nanos(nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_who_sent_it_and_when() {
        let origin = Origin {
            sender: 7,
            number: 12,
        };
        let due = Duration::from_micros(3);
        let sent = write_message("r", origin, due);
        let content = sent["content"].as_str().unwrap();
        assert_eq!(read_stamp(content), Some((origin, due)));
        for other in ["hello there", "1.2 x", "1.2.x y", ""] {
            assert_eq!(read_stamp(other), None, "{other:?} was read as ours");
        }
    }

    #[test]
    fn a_message_event_is_read_without_its_other_fields() {
        let entry: Entry<'_> = serde_json::from_str(
            r#"{"id":"x","roomId":"r","seq":9,"author":{"id":"u"},"content":"a \"b\"","reactions":[]}"#,
        )
        .unwrap();
        assert_eq!((entry.seq, entry.room_id), (Some(9), Some("r")));
        assert_eq!(entry.content.as_deref(), Some("a \"b\""));
    }
}
