//! What members of rooms have received, and whether that is what they should have.
//!
//! Every delivery to every member goes into a digest of that member's feed, in which each message
//! and its place count. Members of a room with the same count and the same digest have received
//! the same messages in the same order. One member of each room, the witness, reads them as well:
//! what that one has seen is complete, in order and without repeats, or it is not; and what is
//! true of one is true of all whose digest is the same.

use std::collections::HashMap;
use std::mem;

use serde::{Deserialize, Serialize};

use crate::stamp::Stamp;
use crate::wire;

/// Odd, and without a pattern: a product of two primes near the golden ratio of 64 bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
const LANES: usize = 4;
const BLOCK: usize = LANES * 8;

/// What one member has received of one room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed {
    pub(crate) heard: u64,
    digest: u64,
    witness: Option<Box<Witness>>,
}

/// What a member that reads has seen.
#[derive(Clone, Debug, Default)]
struct Witness {
    room: String,
    seq: Option<u64>,
    /// The next number of each sender.
    next: HashMap<u32, u32>,
    faults: Faults,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Faults {
    missing: u64,
    repeated: u64,
    disordered: u64,
    unreadable: u64,
}

/// What became of all deliveries that were due.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) expected: u64,
    pub(crate) received: u64,
    /// Deliveries that members did not get, or got more often than once.
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    /// Members who have not received the same as the witness of their room, or not in its order.
    pub(crate) disagreeing: u64,
    /// Messages that the witnesses saw after a later one of the same sender or room.
    pub(crate) disordered: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    room_id: &'a str,
    seq: Option<u64>,
    content: &'a str,
}

impl Feed {
    /// The feed of the one who reads what it receives.
    pub(crate) fn of_witness(room: &str) -> Feed {
        Feed {
            witness: Some(Box::new(Witness {
                room: room.to_owned(),
                ..Witness::default()
            })),
            ..Feed::default()
        }
    }

    pub(crate) fn hear(&mut self, frame: &[u8]) {
        self.heard += 1;
        self.digest = (self.digest.rotate_left(5) ^ digest(frame)).wrapping_mul(SPREAD);
        if let Some(witness) = &mut self.witness {
            witness.read(frame);
        }
    }
}

impl Witness {
    fn read(&mut self, frame: &[u8]) {
        let read = serde_json::from_slice::<(&str, Message<'_>)>(wire::arguments(frame)).ok();
        let read =
            read.and_then(|(_, message)| Some((Stamp::of_content(message.content)?, message)));
        let Some((stamp, message)) = read.filter(|(_, message)| message.room_id == self.room)
        else {
            self.faults.unreadable += 1;
            return;
        };
        if let Some(seq) = message.seq {
            if self.seq.is_some_and(|before| seq <= before) {
                self.faults.disordered += 1;
            }
            self.seq = Some(seq);
        }
        let next = self.next.entry(stamp.sender).or_default();
        if stamp.number < *next {
            // Either it was seen, or it is one of those that seemed to be missing.
            self.faults.repeated += 1;
        } else {
            self.faults.missing += u64::from(stamp.number - *next);
            *next = stamp.number + 1;
        }
    }
}

/// Judges one room: all its feeds, and how often each member was to hear something.
pub(crate) fn judge<'a>(feeds: impl Iterator<Item = &'a Feed>, messages: u64) -> Verdict {
    let feeds: Vec<&Feed> = feeds.collect();
    let mut verdict = Verdict {
        expected: messages * feeds.len() as u64,
        ..Verdict::default()
    };
    let Some(first) = feeds.iter().find(|feed| feed.witness.is_some()) else {
        // Nobody has read anything, so nothing is proved.
        verdict.disagreeing = feeds.len() as u64;
        return verdict;
    };
    for feed in &feeds {
        verdict.received += feed.heard;
        verdict.lost += messages.saturating_sub(feed.heard);
        verdict.doubled += feed.heard.saturating_sub(messages);
        verdict.disagreeing += u64::from((feed.heard, feed.digest) != (first.heard, first.digest));
    }
    let faults = first.witness.as_ref().map(|witness| witness.faults);
    let faults = faults.unwrap_or_default();
    // A gap that was filled later is no loss, but an order that nobody wanted.
    let late = faults.missing.min(faults.repeated);
    verdict.lost = verdict.lost.max(faults.missing - late + faults.unreadable);
    verdict.doubled = verdict.doubled.max(faults.repeated - late);
    verdict.disordered = faults.disordered.max(late);
    verdict
}

impl Verdict {
    pub(crate) fn add(&mut self, other: &Verdict) {
        self.expected += other.expected;
        self.received += other.received;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.disagreeing += other.disagreeing;
        self.disordered += other.disordered;
    }

    pub(crate) fn flawless(&self) -> bool {
        self.lost + self.doubled + self.disagreeing + self.disordered == 0
    }
}

/// A number for some bytes, at the speed of reading them.
fn digest(bytes: &[u8]) -> u64 {
    let mut lanes = [
        SPREAD,
        !SPREAD,
        SPREAD.rotate_left(17),
        SPREAD.rotate_left(41),
    ];
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    for block in blocks.iter().chain([&last]) {
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = (*lane ^ u64::from_le_bytes(*word))
                .wrapping_mul(SPREAD)
                .rotate_left(29);
        }
    }
    let mut sum = bytes.len() as u64;
    for lane in mem::take(&mut lanes) {
        sum = (sum ^ lane).wrapping_mul(SPREAD);
        sum ^= sum >> 32;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "the room";
    const MEMBERS: usize = 3;

    /// Two senders say four messages each, and every member gets what `delivered` makes of that.
    fn verdict(delivered: impl Fn(usize, &mut Vec<Vec<u8>>)) -> Verdict {
        let said: Vec<Vec<u8>> = (0..8)
            .map(|seq| {
                let stamp = Stamp {
                    sender: seq % 2,
                    number: seq / 2,
                    nanos: 0,
                };
                let content = stamp.content();
                format!(
                    r#"42["message_received",{{"roomId":"{ROOM}","seq":{},"content":"{content}"}}]"#,
                    seq + 1
                )
                .into_bytes()
            })
            .collect();
        let mut feeds = vec![Feed::default(); MEMBERS];
        feeds[0] = Feed::of_witness(ROOM);
        for (member, feed) in feeds.iter_mut().enumerate() {
            let mut frames = said.clone();
            delivered(member, &mut frames);
            for frame in &frames {
                feed.hear(frame);
            }
        }
        judge(feeds.iter(), said.len() as u64)
    }

    #[test]
    fn what_all_have_heard_in_order_is_flawless() {
        let verdict = verdict(|_, _| {});
        assert!(verdict.flawless(), "{verdict:?}");
        assert_eq!((verdict.expected, verdict.received), (24, 24));
    }

    #[test]
    fn a_lost_delivery_is_found_whoever_lost_it() {
        for loser in 0..MEMBERS {
            let verdict = verdict(|member, frames| {
                if member == loser {
                    frames.remove(3);
                }
            });
            assert_eq!(verdict.lost, 1, "{verdict:?}");
            assert!(verdict.disagreeing > 0, "{verdict:?}");
        }
    }

    #[test]
    fn a_message_that_nobody_received_is_found() {
        let verdict = verdict(|_, frames| drop(frames.remove(3)));
        assert_eq!((verdict.lost, verdict.disagreeing), (3, 0));
    }

    #[test]
    fn a_doubled_delivery_is_found_whoever_had_it_twice() {
        for twice in 0..MEMBERS {
            let verdict = verdict(|member, frames| {
                if member == twice {
                    frames.insert(3, frames[2].clone());
                }
            });
            assert_eq!(verdict.doubled, 1, "{verdict:?}");
        }
    }

    #[test]
    fn one_doubled_in_place_of_one_lost_is_found() {
        for strange in 0..MEMBERS {
            let verdict = verdict(|member, frames| {
                if member == strange {
                    frames[4] = frames[2].clone();
                }
            });
            assert!(!verdict.flawless(), "{strange}: {verdict:?}");
            assert!(verdict.disagreeing > 0, "{verdict:?}");
        }
    }

    #[test]
    fn two_swapped_deliveries_are_found_whoever_had_them_so() {
        for swapped in 0..MEMBERS {
            let verdict = verdict(|member, frames| {
                if member == swapped {
                    frames.swap(2, 3);
                }
            });
            assert!(verdict.disagreeing > 0, "{swapped}: {verdict:?}");
        }
    }

    #[test]
    fn an_order_that_all_agree_on_and_the_sender_does_not_is_found() {
        let verdict = verdict(|_, frames| frames.swap(2, 4));
        assert_eq!(
            (verdict.lost, verdict.doubled, verdict.disagreeing),
            (0, 0, 0)
        );
        assert!(verdict.disordered > 0, "{verdict:?}");
    }

    #[test]
    fn a_message_of_another_room_is_found() {
        let verdict = verdict(|_, frames| {
            frames[5] = String::from_utf8(frames[5].clone())
                .unwrap()
                .replace(ROOM, "not a room")
                .into_bytes();
        });
        assert!(!verdict.flawless(), "{verdict:?}");
    }

    #[test]
    fn every_byte_counts_for_the_digest() {
        let bytes = vec![b'a'; 3 * BLOCK + 5];
        for place in 0..bytes.len() {
            let mut other = bytes.clone();
            other[place] = b'b';
            assert_ne!(digest(&bytes), digest(&other), "at {place}");
            assert_ne!(digest(&bytes), digest(&bytes[..place]), "up to {place}");
        }
    }
}
