//! What each member of one room received, checked against what the room promised.
//!
//! Every member must see every entry after the one it joined at, once, in the
//! order of `seq`; all must see the same entry at the same `seq`; one sender's
//! messages must stand in the order they were sent, each once. Faults in the
//! numbering are found as they happen, the rest when the run is over.

use std::collections::HashMap;

use serde::Serialize;

/// Who made an entry, and which of its sends it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    pub sender: u32,
    pub number: u64,
}

/// The record of one room.
#[derive(Debug)]
pub struct RoomHistory {
    members: Vec<MemberHistory>,
    /// The origin of each entry as whoever saw it first saw it.
    entries: HashMap<u64, Option<Origin>>,
    head: u64,
    acknowledged: u64,
    disagreements: u64,
}

#[derive(Clone, Debug, Default)]
struct MemberHistory {
    joined_at: u64,
    /// The highest `seq` seen; what is missing below it stands in `gaps`.
    last: u64,
    gaps: Vec<Gap>,
    received: u64,
    duplicated: u64,
    reordered: u64,
}

/// Entries not seen yet, both ends included.
#[derive(Clone, Copy, Debug)]
struct Gap {
    from: u64,
    to: u64,
}

/// What was found in one or many rooms. All but the first two should be zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    pub expected: u64,
    pub received: u64,
    /// Entries a member never saw.
    pub missing: u64,
    /// Entries a member saw again, and sends stored more than once.
    pub duplicated: u64,
    /// Entries a member saw after a later one, and messages stored before one
    /// that their sender had sent earlier.
    pub reordered: u64,
    /// Two members, or an acknowledgement and a member, saw different things at
    /// the same `seq`.
    pub disagreements: u64,
    /// Acknowledged sends that no member saw at their `seq`.
    pub unseen_acknowledged: u64,
}

/// What one member did not see as promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which of the room's members.
    pub member: usize,
    pub missing: u64,
    pub duplicated: u64,
    pub reordered: u64,
}

impl RoomHistory {
    pub fn new(members: usize) -> Self {
        Self {
            members: vec![MemberHistory::default(); members],
            entries: HashMap::new(),
            head: 0,
            acknowledged: 0,
            disagreements: 0,
        }
    }

    /// This member's feed begins after `last_seq`.
    pub fn joined(&mut self, member: usize, last_seq: u64) {
        let history = &mut self.members[member];
        history.joined_at = last_seq;
        history.last = last_seq;
        self.head = self.head.max(last_seq);
    }

    /// This member saw the entry `seq`; `origin` when it was one of our messages.
    pub fn received(&mut self, member: usize, seq: u64, origin: Option<Origin>) {
        self.members[member].receive(seq);
        self.place(seq, origin);
    }

    /// A send was acknowledged as stored at `seq`.
    pub fn acknowledged(&mut self, seq: u64, origin: Origin) {
        self.acknowledged += 1;
        self.place(seq, Some(origin));
    }

    fn place(&mut self, seq: u64, origin: Option<Origin>) {
        self.head = self.head.max(seq);
        if *self.entries.entry(seq).or_insert(origin) != origin {
            self.disagreements += 1;
        }
    }

    /// Whether every member has reached the newest entry known.
    pub fn is_settled(&self) -> bool {
        self.members
            .iter()
            .all(|member| member.last >= self.head && member.gaps.is_empty())
    }

    /// How many entries were received so far, by all members together.
    pub fn received_by_all(&self) -> u64 {
        self.members.iter().map(|member| member.received).sum()
    }

    /// The members who did not see all as promised, as it stands.
    pub fn faults(&self) -> impl Iterator<Item = Fault> {
        let members = self.members.iter().enumerate();
        let faults = members.map(|(member, history)| Fault {
            member,
            missing: history.missing(self.head),
            duplicated: history.duplicated,
            reordered: history.reordered,
        });
        faults.filter(|fault| fault.missing + fault.duplicated + fault.reordered > 0)
    }

    /// Judges the room as it stands.
    pub fn findings(&self) -> Findings {
        let mut found = Findings {
            disagreements: self.disagreements,
            ..Findings::default()
        };
        for member in &self.members {
            found.expected += self.head.saturating_sub(member.joined_at);
            found.received += member.received;
            found.missing += member.missing(self.head);
            found.duplicated += member.duplicated;
            found.reordered += member.reordered;
        }
        self.judge_senders(&mut found);
        found
    }

    fn judge_senders(&self, found: &mut Findings) {
        let mut ours: Vec<(u64, Origin)> = self
            .entries
            .iter()
            .filter_map(|(seq, origin)| origin.map(|origin| (*seq, origin)))
            .collect();
        ours.sort_unstable_by_key(|(seq, _)| *seq);
        let known = u64::try_from(ours.len()).expect("a count fits");
        // Fewer places than acknowledgements: two sends were told the same place.
        found.unseen_acknowledged = self.acknowledged.saturating_sub(known);
        let mut newest: HashMap<u32, u64> = HashMap::new();
        let mut stored: HashMap<Origin, u64> = HashMap::new();
        for (seq, origin) in ours {
            if stored.insert(origin, seq).is_some() {
                found.duplicated += 1;
                continue;
            }
            let newest = newest.entry(origin.sender).or_insert(origin.number);
            if origin.number < *newest {
                found.reordered += 1;
            }
            *newest = origin.number.max(*newest);
        }
    }
}

impl MemberHistory {
    fn receive(&mut self, seq: u64) {
        if seq > self.last {
            if seq > self.last + 1 {
                self.gaps.push(Gap {
                    from: self.last + 1,
                    to: seq - 1,
                });
            }
            self.last = seq;
            self.received += 1;
        } else if let Some(place) = self
            .gaps
            .iter()
            .position(|gap| (gap.from..=gap.to).contains(&seq))
        {
            let Gap { from, to } = self.gaps.swap_remove(place);
            let rest = [Gap { from, to: seq - 1 }, Gap { from: seq + 1, to }];
            self.gaps
                .extend(rest.into_iter().filter(|gap| gap.from <= gap.to));
            self.reordered += 1;
            self.received += 1;
        } else {
            self.duplicated += 1;
        }
    }

    fn missing(&self, head: u64) -> u64 {
        let inside: u64 = self.gaps.iter().map(|gap| gap.to - gap.from + 1).sum();
        inside + head.saturating_sub(self.last)
    }
}

impl Findings {
    /// Whether every promise held.
    pub fn are_clean(&self) -> bool {
        let Self {
            expected, received, ..
        } = *self;
        *self
            == Self {
                expected,
                received,
                ..Self::default()
            }
            && expected == received
    }

    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            expected: self.expected + other.expected,
            received: self.received + other.received,
            missing: self.missing + other.missing,
            duplicated: self.duplicated + other.duplicated,
            reordered: self.reordered + other.reordered,
            disagreements: self.disagreements + other.disagreements,
            unseen_acknowledged: self.unseen_acknowledged + other.unseen_acknowledged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::unnecessary_wraps,
        reason = "reads beside entries that have no origin"
    )]
    fn by(sender: u32, number: u64) -> Option<Origin> {
        Some(Origin { sender, number })
    }

    /// Two members who joined at 5, before anything is sent.
    fn room() -> RoomHistory {
        let mut room = RoomHistory::new(2);
        room.joined(0, 5);
        room.joined(1, 5);
        room
    }

    fn everyone_receives(room: &mut RoomHistory, entries: &[(u64, Option<Origin>)]) {
        for member in 0..2 {
            for (seq, origin) in entries {
                room.received(member, *seq, *origin);
            }
        }
    }

    #[test]
    fn a_room_that_keeps_its_promises_is_clean() {
        let mut room = room();
        everyone_receives(
            &mut room,
            &[(6, by(0, 1)), (7, None), (8, by(1, 1)), (9, by(0, 2))],
        );
        room.acknowledged(
            6,
            Origin {
                sender: 0,
                number: 1,
            },
        );
        room.acknowledged(
            9,
            Origin {
                sender: 0,
                number: 2,
            },
        );
        let found = room.findings();
        assert!(found.are_clean(), "{found:?}");
        assert_eq!((found.expected, found.received), (8, 8));
        assert!(room.is_settled());
    }

    #[test]
    fn an_entry_left_out_is_missing_for_that_member() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 1))]);
        room.received(0, 7, by(0, 2));
        room.received(0, 8, by(0, 3));
        room.received(1, 8, by(0, 3));
        let found = room.findings();
        assert_eq!(
            (found.missing, found.duplicated, found.reordered),
            (1, 0, 0)
        );
        assert!(!found.are_clean());
        assert!(!room.is_settled());
    }

    #[test]
    fn who_did_not_see_all_as_promised_is_named() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 1)), (7, by(0, 2))]);
        assert_eq!(room.faults().next(), None);
        room.received(0, 8, by(0, 3));
        room.received(1, 7, by(0, 2));
        let faults: Vec<Fault> = room.faults().collect();
        let fault = Fault {
            member: 1,
            missing: 1,
            duplicated: 1,
            reordered: 0,
        };
        assert_eq!(faults, [fault]);
        assert_eq!(room.received_by_all(), 5);
    }

    #[test]
    fn an_acknowledged_message_that_nobody_received_is_missing_for_all() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 1))]);
        room.acknowledged(
            7,
            Origin {
                sender: 1,
                number: 1,
            },
        );
        assert_eq!(room.findings().missing, 2);
        assert!(!room.is_settled());
    }

    #[test]
    fn an_entry_delivered_twice_is_duplicated() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 1)), (7, by(0, 2))]);
        room.received(1, 6, by(0, 1));
        let found = room.findings();
        assert_eq!(
            (found.missing, found.duplicated, found.reordered),
            (0, 1, 0)
        );
    }

    #[test]
    fn an_entry_delivered_late_is_reordered_and_not_missing() {
        let mut room = room();
        for seq in [6, 7, 8, 9] {
            room.received(0, seq, by(0, seq));
        }
        for seq in [6, 9, 7, 8] {
            room.received(1, seq, by(0, seq));
        }
        let found = room.findings();
        assert_eq!(
            (found.missing, found.duplicated, found.reordered),
            (0, 0, 2)
        );
        assert!(room.is_settled());
    }

    #[test]
    fn a_send_stored_twice_is_duplicated() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 1)), (7, by(0, 1))]);
        assert_eq!(room.findings().duplicated, 1);
    }

    #[test]
    fn a_senders_own_messages_out_of_order_are_reordered() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 2)), (7, by(1, 1)), (8, by(0, 1))]);
        let found = room.findings();
        assert_eq!(
            (found.missing, found.duplicated, found.reordered),
            (0, 0, 1)
        );
    }

    #[test]
    fn a_refused_send_leaves_no_fault_in_its_senders_order() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 1)), (7, by(0, 3))]);
        assert!(room.findings().are_clean());
    }

    #[test]
    fn different_things_at_one_place_are_a_disagreement() {
        let mut room = room();
        room.received(0, 6, by(0, 1));
        room.received(1, 6, by(1, 1));
        assert_eq!(room.findings().disagreements, 1);
    }

    #[test]
    fn two_sends_told_the_same_place_are_noticed() {
        let mut room = room();
        everyone_receives(&mut room, &[(6, by(0, 1))]);
        room.acknowledged(
            6,
            Origin {
                sender: 0,
                number: 1,
            },
        );
        room.acknowledged(
            6,
            Origin {
                sender: 1,
                number: 1,
            },
        );
        let found = room.findings();
        assert_eq!((found.disagreements, found.unseen_acknowledged), (1, 1));
    }
}
