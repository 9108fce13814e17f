//! Whether what is stored is sound: what is looked for, and what was found.
//!
//! A [`Flaw`] is one promise that stored rows can break. The list below is all of them that can be
//! seen from outside; what a database holds by itself (keys, types, uniqueness within a table) is
//! not in it. Each store looks for every flaw, in its own `audit.rs`: those that lie in the order
//! of a log together, by walking along it ([`walk`]), all others with one question each.
//!
//! An audit only reads, a few rooms at a time and each of them in one snapshot, so that it can be
//! made beside servers at work. What retention has cut away, before the head's `min_seq`, is not
//! looked at, and may still be named by what was kept.

pub(super) mod walk;

use crate::models::{RoomId, ids};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;
use walk::Head;

/// Findings of one kind that are kept to be shown; all are counted.
const KEPT: u64 = 20;

/// Declares the flaws: each with the sentence for a person, and the word for a program.
macro_rules! flaws {
    ($( #[doc = $sentence:literal] $flaw:ident = $word:literal, )+) => {
        /// What can be wrong with stored data.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Flaw {
            $( #[doc = $sentence] #[serde(rename = $word)] $flaw, )+
        }

        impl Flaw {
            pub const ALL: &[Self] = &[$( Self::$flaw, )+];

            /// The stable word for it.
            pub fn word(self) -> &'static str {
                match self { $( Self::$flaw => $word, )+ }
            }

            /// What it means.
            pub fn sentence(self) -> &'static str {
                match self { $( Self::$flaw => $sentence.trim_ascii(), )+ }
            }
        }
    };
}

flaws! {
    // ── The whole ──
    /// The file itself is damaged.
    Damaged = "damaged",
    /// The database does not say which history it is.
    NoEpoch = "no_epoch",
    /// There are accounts, and none of them owns the server.
    NoServerOwner = "no_server_owner",
    /// A role, a kind or a choice is a word without a meaning.
    WordUnknown = "word_unknown",

    // ── What belongs to nothing ──
    /// Something belongs to a room that does not exist.
    RoomUnknown = "room_unknown",
    /// Something belongs to somebody who does not exist.
    UserUnknown = "user_unknown",
    /// Something is about a message that is not before it in this room.
    MessageUnknown = "message_unknown",

    // ── The log of a room ──
    /// A room has no head, so that it takes no entries.
    NoHead = "no_head",
    /// A log cannot begin and end where its head says.
    Ends = "ends",
    /// Places in a log have no entry.
    Hole = "hole",
    /// A place in a log has two entries.
    Doubled = "doubled",
    /// An entry lies beyond the end of its log.
    Beyond = "beyond",
    /// The id of an entry does not follow the id before it.
    OutOfOrder = "out_of_order",
    /// The id of an entry carries another place than the entry has.
    Misplaced = "misplaced",
    /// The head does not remember the latest moment in its log.
    LastMoment = "last_moment",
    /// A room was not last active when its newest entry was made.
    LastActivity = "last_activity",
    /// The head does not name the newest message.
    LastMessage = "last_message",
    /// A mark in a log is missing, is one too many, or points elsewhere.
    Mark = "mark",
    /// An entry is of no known kind, or lacks what it tells of.
    Unreadable = "unreadable",
    /// A room is archived and its log does not end so, or the other way round.
    Archiving = "archiving",

    // ── Messages ──
    /// A message was last touched by another entry than it says.
    Revision = "revision",
    /// A message is deleted and its log does not tell, or the other way round.
    Deletion = "deletion",
    /// A deleted message still has a text, metadata or mentions.
    Remains = "remains",
    /// A client id was stored twice for one author within seven days.
    ClientId = "client_id",
    /// Those whom a message calls are not those for whom it counts.
    Mention = "mention",
    /// The reactions on a message are not those that the log tells of.
    Reaction = "reaction",

    // ── People in rooms ──
    /// Who is a member, in which role and since when, is not what the log tells.
    Membership = "membership",
    /// A room counts more or fewer members than it has.
    MemberCount = "member_count",
    /// A read marker stands beyond the end of the log, or on another entry than it says.
    ReadMarker = "read_marker",
    /// A room has members and none of them owns it.
    NoOwner = "no_owner",
    /// A direct room is not of the people it is found by, or another room is found by people.
    People = "people",
}

/// A flaw, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub flaw: Flaw,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// The place in the room's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// The message, the user or the entry it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// What else helps to find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

impl Finding {
    /// A flaw of a room as a whole.
    pub(super) fn of_room(flaw: Flaw, room: RoomId) -> Self {
        Self {
            flaw,
            room: Some(room),
            seq: None,
            id: None,
            about: None,
        }
    }
}

/// Where it is, in words; nothing for what is wrong with the whole.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.room.map(|room| format!("room {room}")),
            self.seq.map(|seq| format!("seq {seq}")),
            self.id.map(|id| format!("id {id}")),
            self.about.clone(),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extent {
    pub rooms: u64,
    pub messages: u64,
    /// Entries that are not the making of a message.
    pub changes: u64,
    pub memberships: u64,
    pub users: u64,
}

/// What an audit saw.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub checked: Extent,
    /// How many of each kind, where there are any.
    pub totals: BTreeMap<Flaw, u64>,
    /// The first few of each kind.
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn is_sound(&self) -> bool {
        self.totals.is_empty()
    }

    pub fn total(&self) -> u64 {
        self.totals.values().sum()
    }

    /// The first few findings of this kind.
    pub fn kept(&self, flaw: Flaw) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |it| it.flaw == flaw)
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let total = self.totals.entry(finding.flaw).or_default();
        *total += 1;
        if *total <= KEPT {
            self.findings.push(finding);
        }
    }

    /// Adds a room whose log cannot be looked at, for it has no head.
    pub(super) fn add_headless(&mut self, room: RoomId) {
        self.checked.rooms += 1;
        self.add(Finding::of_room(Flaw::NoHead, room));
    }

    /// Adds what was found in a room with this head.
    pub(super) fn add_in(&mut self, head: &Head, finding: Finding) {
        let named = finding
            .id
            .map(ids::place)
            .and_then(|place| i64::try_from(place).ok());
        let cut_away = named.is_some_and(|place| place < head.min_seq);
        if finding.flaw != Flaw::MessageUnknown || !cut_away {
            self.add(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn finding(flaw: Flaw, id: Option<Uuid>) -> Finding {
        Finding {
            flaw,
            room: Some(RoomId(Uuid::nil())),
            seq: Some(7),
            id,
            about: Some("a reply".to_owned()),
        }
    }

    #[test]
    fn every_flaw_has_a_word_and_a_sentence_of_its_own() {
        let words: BTreeSet<_> = Flaw::ALL.iter().map(|flaw| flaw.word()).collect();
        let sentences: BTreeSet<_> = Flaw::ALL.iter().map(|flaw| flaw.sentence()).collect();
        assert_eq!(words.len(), Flaw::ALL.len());
        assert_eq!(sentences.len(), Flaw::ALL.len());
        for sentence in sentences {
            assert!(
                sentence.ends_with('.') && !sentence.starts_with(' '),
                "{sentence:?}"
            );
        }
    }

    #[test]
    fn all_findings_are_counted_and_the_first_few_of_each_kind_kept() {
        let mut report = Report::default();
        assert!(report.is_sound());
        for _ in 0..30 {
            report.add(finding(Flaw::Hole, None));
        }
        report.add(finding(Flaw::Doubled, None));
        assert!(!report.is_sound());
        assert_eq!(report.total(), 31);
        assert_eq!(report.totals[&Flaw::Hole], 30);
        assert_eq!(report.kept(Flaw::Hole).count(), 20);
        assert_eq!(report.kept(Flaw::Doubled).count(), 1);
    }

    #[test]
    fn what_was_cut_away_may_still_be_named() {
        let head = walk::tests::head(10, 20);
        let mut report = Report::default();
        report.add_in(
            &head,
            finding(Flaw::MessageUnknown, Some(ids::mint(1, 9, 0))),
        );
        assert!(report.is_sound());
        report.add_in(
            &head,
            finding(Flaw::MessageUnknown, Some(ids::mint(1, 10, 0))),
        );
        report.add_in(&head, finding(Flaw::Revision, Some(ids::mint(1, 9, 0))));
        assert_eq!(report.total(), 2);
    }

    #[test]
    fn a_finding_says_where_it_is() {
        let text = finding(Flaw::MessageUnknown, Some(Uuid::nil())).to_string();
        let nil = Uuid::nil();
        assert_eq!(text, format!("room {nil}, seq 7, id {nil}, a reply"));
    }
}
