//! How far somebody has come in the log of a room: what a client keeps so as to come back.

use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::{Failure, Result};

/// In the refusal of a server whose database does not answer. Nobody here says such a thing.
const UNAVAILABLE: &[u8] = br#""code":"unavailable""#;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    #[serde(rename = "lastSeq")]
    seq: u64,
    epoch: String,
}

/// One room of the answer to `resume`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resumed<'a> {
    last_seq: u64,
    epoch: String,
    reset: bool,
    #[serde(borrow, default)]
    changes: Vec<Change<'a>>,
}

#[derive(Debug, Deserialize)]
struct Change<'a> {
    seq: u64,
    event: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Debug, Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    rooms: Vec<Resumed<'a>>,
}

impl Place {
    /// Where `join_room` has put somebody, as it was answered.
    pub(crate) fn joined(answer: &[u8]) -> Result<Place> {
        let (place,) = serde_json::from_slice(answer)?;
        Ok(place)
    }

    /// Moves on by what was delivered.
    pub(crate) fn pass(&mut self, frame: &[u8]) -> Result<()> {
        let seq = seq_of(frame)
            .ok_or_else(|| Failure::Protocol("a message has no place in its room".to_owned()))?;
        self.seq = seq;
        Ok(())
    }

    /// What is asked for by somebody who was here.
    pub(crate) fn request(&self, room: &str) -> serde_json::Value {
        serde_json::json!({ "roomId": room, "since": self.seq, "epoch": self.epoch })
    }
}

/// Takes up all rooms as `resume` was answered. Returns what was missed, as it would have been
/// delivered, each with the number of its room among those that were asked for.
pub(crate) fn resume(places: &mut [Option<Place>], answer: &[u8]) -> Result<Vec<(usize, Vec<u8>)>> {
    if memmem::find(answer, UNAVAILABLE).is_some() {
        return Err(Failure::Unavailable);
    }
    let (Answer { rooms },) = serde_json::from_slice(answer)?;
    if rooms.len() != places.len() {
        return Err(Failure::Protocol("not all rooms were resumed".to_owned()));
    }
    let mut missed = Vec::new();
    for (number, (place, resumed)) in places.iter_mut().zip(rooms).enumerate() {
        let before = place.as_ref().map_or(0, |place| place.seq);
        let through = before + resumed.changes.len() as u64;
        let whole = (before + 1..=through).eq(resumed.changes.iter().map(|change| change.seq));
        if resumed.reset || !whole || through != resumed.last_seq {
            return Err(Failure::Protocol(
                "what was missed came in part, or not at all".to_owned(),
            ));
        }
        for change in &resumed.changes {
            if change.event == "message_received" {
                missed.push((number, delivery(change)));
            }
        }
        *place = Some(Place {
            seq: resumed.last_seq,
            epoch: resumed.epoch,
        });
    }
    Ok(missed)
}

fn delivery(change: &Change<'_>) -> Vec<u8> {
    format!(r#"42["{}",{}]"#, change.event, change.data).into_bytes()
}

fn seq_of(frame: &[u8]) -> Option<u64> {
    const BEFORE: &[u8] = br#""seq":"#;
    let digits = frame.get(memmem::find(frame, BEFORE)? + BEFORE.len()..)?;
    let length = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    std::str::from_utf8(&digits[..length]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined() -> Place {
        Place::joined(br#"[{"ok":true,"room":{},"lastSeq":7,"epoch":"e"}]"#).unwrap()
    }

    /// What comes of this, to somebody who has come as far as 7.
    fn resumed(room: &str) -> Result<Vec<(usize, Vec<u8>)>> {
        let answer = format!(r#"[{{"ok":true,"rooms":[{room}]}}]"#);
        resume(&mut [Some(joined())], answer.as_bytes())
    }

    #[test]
    fn somebody_comes_back_to_where_they_were() {
        let mut place = joined();
        place
            .pass(br#"42["message_received",{"revSeq":11,"seq":8}]"#)
            .unwrap();
        let request = place.request("a room");
        assert_eq!(
            (&request["since"], &request["epoch"]),
            (&8.into(), &"e".into())
        );
    }

    #[test]
    fn what_was_missed_reads_as_if_it_had_been_delivered() {
        let missed = resumed(
            r#"{"roomId":"a","lastSeq":9,"epoch":"e","reset":false,"changes":[
               {"seq":8,"event":"member_added","data":{}},
               {"seq":9,"event":"message_received","data":{"seq":9,"content":"x"}}]}"#,
        );
        let delivered = br#"42["message_received",{"seq":9,"content":"x"}]"#;
        assert_eq!(missed.unwrap(), [(0, delivered.to_vec())]);
    }

    #[test]
    fn a_part_of_what_was_missed_is_found_out() {
        for room in [
            r#"{"lastSeq":9,"epoch":"e","reset":true,"messages":[]}"#,
            r#"{"lastSeq":8,"epoch":"e","reset":false,"changes":[]}"#,
            r#"{"lastSeq":9,"epoch":"e","reset":false,"changes":[{"seq":9,"event":"","data":{}}]}"#,
            r#"{"lastSeq":9,"epoch":"e","reset":false,"changes":[{"seq":8,"event":"","data":{}}]}"#,
        ] {
            assert!(resumed(room).is_err(), "{room}");
        }
    }
}
