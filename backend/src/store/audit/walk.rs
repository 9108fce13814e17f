//! Walking along the log of one room, in the order of places, and seeing what breaks it.

use super::{Finding, Flaw, Report};
use crate::models::{RoomId, Timestamp, ids};
use crate::store::entry::ROOM_ARCHIVED;
use uuid::Uuid;

/// What a room and its head say of its log, as stored: any number may be there.
#[derive(Clone, Debug)]
pub(in crate::store) struct Head {
    pub(in crate::store) room: RoomId,
    pub(in crate::store) created_at: Timestamp,
    pub(in crate::store) archived: bool,
    pub(in crate::store) last_activity_at: Timestamp,
    pub(in crate::store) last_seq: i64,
    pub(in crate::store) last_ms: i64,
    pub(in crate::store) min_seq: i64,
}

/// An entry on the way.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Step {
    pub(in crate::store) seq: i64,
    /// Entries that are no messages have none in SQLite.
    pub(in crate::store) id: Option<Uuid>,
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) kind: Kind,
}

/// As much of what an entry is as matters to its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    Message,
    Archiving,
    Other,
}

/// One walk, from the oldest entry that is kept.
#[derive(Debug)]
pub(in crate::store) struct Walk {
    pub(in crate::store) head: Head,
    /// The place where the next entry is expected.
    next: i64,
    newest: Option<Step>,
    last_id: Option<Uuid>,
    latest_ms: i64,
    /// The first entry that archives the room.
    archiving: Option<i64>,
    /// Nothing is missing so far, so that what the head sums up can be compared.
    whole: bool,
}

impl Walk {
    /// `None` when the head is such that nothing can be said of its log.
    pub(in crate::store) fn begin(head: Head, report: &mut Report) -> Option<Self> {
        report.checked.rooms += 1;
        if head.last_seq < 0 || head.min_seq < 1 || head.min_seq > head.last_seq + 1 {
            let about = format!("from {} to {}", head.min_seq, head.last_seq);
            report.add(head.finding(Flaw::Ends, None, about));
            return None;
        }
        Some(Self {
            next: head.min_seq,
            newest: None,
            last_id: None,
            latest_ms: head.created_at.0.max(0),
            archiving: None,
            whole: head.min_seq == 1,
            head,
        })
    }

    /// Takes the entry at the same place as the last one or after it.
    pub(in crate::store) fn step(&mut self, step: Step, report: &mut Report) {
        match step.kind {
            Kind::Message => report.checked.messages += 1,
            _ => report.checked.changes += 1,
        }
        let mut tell = |flaw, about: String| {
            let mut finding = self.head.finding(flaw, Some(step.seq), about);
            finding.id = step.id;
            report.add(finding);
        };
        if step.seq > self.head.last_seq {
            tell(
                Flaw::Beyond,
                format!("the log ends at {}", self.head.last_seq),
            );
            return;
        }
        if step.seq < self.next {
            tell(Flaw::Doubled, String::new());
        }
        if let Some(id) = step.id {
            if i64::try_from(ids::place(id)) != Ok(step.seq) {
                tell(Flaw::Misplaced, format!("it carries {}", ids::place(id)));
            }
            if self.last_id.is_some_and(|last| last >= id) {
                tell(Flaw::OutOfOrder, String::new());
            }
            self.last_id = Some(id);
        }
        if step.seq > self.next {
            self.miss(step.seq - 1, report);
        }
        self.next = step.seq + 1;
        self.latest_ms = self.latest_ms.max(step.moment());
        if step.kind == Kind::Archiving {
            self.archiving.get_or_insert(step.seq);
        }
        self.newest = Some(step);
    }

    /// There is no entry any more.
    pub(in crate::store) fn end(mut self, report: &mut Report) -> Head {
        if self.next <= self.head.last_seq {
            self.miss(self.head.last_seq, report);
            return self.head;
        }
        let head = &self.head;
        let newest = match (&self.newest, self.whole) {
            (Some(step), _) => step.at,
            (None, true) => head.created_at,
            // Nothing is left to compare with.
            (None, false) => return self.head,
        };
        if newest != head.last_activity_at {
            let about = format!("{} instead of {newest}", head.last_activity_at);
            report.add(head.finding(Flaw::LastActivity, None, about));
        }
        // The head may be later than what is left of its log, never earlier.
        let latest = self.latest_ms;
        if latest > head.last_ms || (self.whole && latest < head.last_ms) {
            let about = format!("{} instead of {latest}", head.last_ms);
            report.add(head.finding(Flaw::LastMoment, None, about));
        }
        if self.archiving != head.archived.then_some(head.last_seq) {
            report.add(head.finding(Flaw::Archiving, self.archiving, String::new()));
        }
        self.head
    }

    /// The places from the one expected to this one have no entry.
    fn miss(&mut self, until: i64, report: &mut Report) {
        let about = if until > self.next {
            format!("to {until}")
        } else {
            String::new()
        };
        report.add(self.head.finding(Flaw::Hole, Some(self.next), about));
        self.whole = false;
    }
}

impl Step {
    /// The milliseconds this entry moved the head to, as far as they are known.
    fn moment(&self) -> i64 {
        self.id.map_or(self.at.0, |id| {
            i64::try_from(ids::moment(id)).unwrap_or(i64::MAX)
        })
    }
}

impl Kind {
    /// What an entry with this word is; `message` for the making of one.
    pub(in crate::store) fn of(word: &str) -> Self {
        match word {
            "message" => Self::Message,
            ROOM_ARCHIVED => Self::Archiving,
            _ => Self::Other,
        }
    }
}

impl Head {
    fn finding(&self, flaw: Flaw, seq: Option<i64>, about: String) -> Finding {
        Finding {
            seq,
            about: Some(about).filter(|about| !about.is_empty()),
            ..Finding::of_room(flaw, self.room)
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The head of a log from `min_seq` to `last_seq` with an entry every second.
    pub(in crate::store::audit) fn head(min_seq: i64, last_seq: i64) -> Head {
        Head {
            room: RoomId(Uuid::nil()),
            created_at: Timestamp(0),
            archived: false,
            last_activity_at: Timestamp(last_seq * 1000),
            last_seq,
            last_ms: last_seq * 1000,
            min_seq,
        }
    }

    fn message(seq: i64) -> Step {
        let (ms, place) = (seq.unsigned_abs() * 1000, seq.unsigned_abs());
        Step {
            seq,
            id: Some(ids::mint(ms, place, 0)),
            at: Timestamp(seq * 1000),
            kind: Kind::Message,
        }
    }

    fn of_kind(kind: Kind, seq: i64) -> Step {
        Step {
            id: None,
            kind,
            ..message(seq)
        }
    }

    /// What is found on a walk: the flaws, each with its place.
    fn walk(head: Head, steps: &[Step]) -> Vec<(Flaw, Option<i64>)> {
        let mut report = Report::default();
        if let Some(mut walk) = Walk::begin(head, &mut report) {
            for step in steps {
                walk.step(*step, &mut report);
            }
            walk.end(&mut report);
        }
        report.findings.iter().map(|it| (it.flaw, it.seq)).collect()
    }

    #[test]
    fn a_sound_log_is_walked_to_its_end() {
        assert_eq!(walk(head(1, 0), &[]), []);
        let steps = [message(1), of_kind(Kind::Other, 2), message(3)];
        assert_eq!(walk(head(1, 3), &steps), []);
        let archived = Head {
            archived: true,
            ..head(1, 2)
        };
        assert_eq!(
            walk(archived, &[message(1), of_kind(Kind::Archiving, 2)]),
            []
        );
    }

    #[test]
    fn what_was_cut_away_is_not_missed() {
        assert_eq!(walk(head(3, 4), &[message(3), message(4)]), []);
        assert_eq!(walk(head(5, 4), &[]), []);
        // It was later than anything that is left.
        let late = Head {
            last_ms: 9_000,
            ..head(3, 4)
        };
        assert_eq!(walk(late, &[message(3), message(4)]), []);
    }

    #[test]
    fn a_hole_is_found_wherever_it_is() {
        let found = |seq| vec![(Flaw::Hole, Some(seq))];
        assert_eq!(walk(head(1, 3), &[message(2), message(3)]), found(1));
        assert_eq!(walk(head(1, 3), &[message(1), message(3)]), found(2));
        assert_eq!(walk(head(1, 3), &[message(1), message(2)]), found(3));
        assert_eq!(walk(head(1, 3), &[]), found(1));
        assert_eq!(walk(head(2, 3), &[message(3)]), found(2));
    }

    #[test]
    fn an_entry_has_a_place_of_its_own_before_the_end() {
        let twice = [message(1), message(2), of_kind(Kind::Other, 2), message(3)];
        assert_eq!(walk(head(1, 3), &twice), [(Flaw::Doubled, Some(2))]);
        let beyond = [message(1), message(2), message(3)];
        assert_eq!(walk(head(1, 2), &beyond), [(Flaw::Beyond, Some(3))]);
        assert_eq!(walk(head(0, 2), &beyond), [(Flaw::Ends, None)]);
        assert_eq!(walk(head(4, 2), &[]), [(Flaw::Ends, None)]);
    }

    #[test]
    fn ids_ascend_and_carry_their_place() {
        let early = Step {
            id: Some(ids::mint(0, 2, 0)),
            ..message(2)
        };
        let steps = [message(1), early, message(3)];
        assert_eq!(walk(head(1, 3), &steps), [(Flaw::OutOfOrder, Some(2))]);
        let strange = Step {
            id: message(7).id,
            ..message(2)
        };
        let found = walk(head(1, 3), &[message(1), strange, message(3)]);
        assert!(found.contains(&(Flaw::Misplaced, Some(2))), "{found:?}");
    }

    #[test]
    fn the_head_sums_up_its_log() {
        let steps = [message(1), message(2)];
        for last_ms in [1_999, 2_001] {
            let head = Head {
                last_ms,
                ..head(1, 2)
            };
            assert_eq!(walk(head, &steps), [(Flaw::LastMoment, None)]);
        }
        let idle = Head {
            last_activity_at: Timestamp(5),
            ..head(1, 2)
        };
        assert_eq!(walk(idle, &steps), [(Flaw::LastActivity, None)]);
    }

    #[test]
    fn an_archived_log_ends_with_the_archiving() {
        let ends = [message(1), of_kind(Kind::Archiving, 2)];
        assert_eq!(walk(head(1, 2), &ends), [(Flaw::Archiving, Some(2))]);
        let archived = |last_seq| Head {
            archived: true,
            ..head(1, last_seq)
        };
        assert_eq!(walk(archived(1), &[message(1)]), [(Flaw::Archiving, None)]);
        let goes_on = [ends[0], ends[1], message(3)];
        assert_eq!(walk(archived(3), &goes_on), [(Flaw::Archiving, Some(2))]);
    }
}
