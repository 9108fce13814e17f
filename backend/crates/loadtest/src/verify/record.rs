//! What happened, as each client saw it, and what the cluster holds in the end.
//!
//! Plain facts without a verdict: `check` reads them. Whatever is written here was seen from
//! outside.

use std::time::Duration;

use uuid::Uuid;

/// Which of the rooms, people and senders; their names are in [`Cast`].
pub(crate) type RoomNumber = usize;
pub(crate) type PersonNumber = usize;
pub(crate) type SenderNumber = usize;

/// A whole run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) cast: Cast,
    /// By sender.
    pub(crate) clients: Vec<ClientRecord>,
    /// By room.
    pub(crate) rooms: Vec<RoomTruth>,
    /// Who was not shown as they are, in the end.
    pub(crate) presence: Vec<PresenceReading>,
    /// How often it was looked at how somebody is shown.
    pub(crate) presence_looks: u64,
}

/// Who is who, for people who read a report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cast {
    pub(crate) rooms: Vec<String>,
    pub(crate) people: Vec<String>,
}

/// One program of one person.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientRecord {
    pub(crate) name: String,
    pub(crate) person: PersonNumber,
    pub(crate) steps: Vec<Step>,
    pub(crate) sends: Vec<Send>,
    pub(crate) changes: Vec<AckedChange>,
    /// Where it stood when all was quiet, if it follows rooms at all.
    pub(crate) at_the_end: Option<AtTheEnd>,
    pub(crate) counts: Counts,
    /// What it was told and should never be, the first few.
    pub(crate) odd: Vec<String>,
}

impl ClientRecord {
    /// Notes something that should never be told.
    pub(crate) fn note_odd(&mut self, what: impl FnOnce() -> String) {
        const KEPT: usize = 3;
        if self.odd.len() < KEPT {
            self.odd.push(what());
        }
    }
}

/// What is only counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Connections that were tried, and those that came about.
    pub(crate) tried: u64,
    pub(crate) connections: u64,
    pub(crate) resumes: u64,
    pub(crate) resets: u64,
    /// Connected, or wanting to be.
    pub(crate) present: Duration,
    /// Of that, without a connection that has taken up its rooms.
    pub(crate) without_service: Duration,
}

/// Something that happened to a client in a room, in the order in which it did.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at: Duration,
    pub(crate) room: RoomNumber,
    pub(crate) what: Happened,
}

#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// It joined anew: the feed goes on after `last`, and this page came with the answer.
    Joined { last: u64, page: Vec<Shown> },
    /// It came back with its place, and was given what it missed, up to `last`.
    Resumed {
        since: u64,
        last: u64,
        entries: Vec<Entry>,
    },
    /// It came back with its place, and was told to forget it.
    Reset {
        since: u64,
        last: u64,
        page: Vec<Shown>,
        /// Why that may be.
        excuse: Option<Excuse>,
    },
    /// An entry came by the feed.
    Heard(Entry),
    /// The feed is over.
    Ended(End),
}

/// What may have led to a reset, besides being too far behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excuse {
    /// The client itself came with another epoch, or the cluster has another one now.
    OtherHistory,
    /// The answer to many rooms at once was full.
    Crowded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection is gone.
    Lost,
    /// By its own wish.
    Left,
    /// The membership is gone.
    Removed,
    /// The feed fell too far behind.
    TooFarBehind,
    /// It was not let in, because it is no member.
    NoMember,
    /// It was not let in for another reason.
    Refused,
}

/// A log entry, as somebody saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    /// What an entry shows however late it is read, as a number.
    pub(crate) identity: u64,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A message was made.
    Message(Shown),
    /// One was edited or deleted; as it was when shown.
    Changed(Shown),
    Reaction,
    Added(Option<PersonNumber>),
    Removed(Option<PersonNumber>),
    Other,
}

/// A message, as somebody saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) id: Uuid,
    pub(crate) seq: u64,
    pub(crate) rev: u64,
    /// Nobody of ours, if none.
    pub(crate) author: Option<PersonNumber>,
    /// Which of our sends, by its client id.
    pub(crate) send: Option<SendId>,
    /// The text, as a number.
    pub(crate) content: u64,
    /// All that belongs to this revision, as a number.
    pub(crate) whole: u64,
    pub(crate) deleted: bool,
}

/// Which of a client's sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SendId {
    pub(crate) sender: SenderNumber,
    pub(crate) number: usize,
}

/// A message that somebody wanted to be sent, with all attempts at it.
#[derive(Clone, Debug)]
pub(crate) struct Send {
    pub(crate) room: RoomNumber,
    /// The text, as a number.
    pub(crate) content: u64,
    pub(crate) attempts: Vec<Attempt>,
}

#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Its place among all attempts and answers of this client.
    pub(crate) at: u64,
    /// Which of the client's connections; none when each request is on its own.
    pub(crate) connection: Option<u64>,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Acknowledged {
        seq: u64,
        id: Uuid,
        /// The answer's place among all attempts and answers of this client.
        at: u64,
    },
    /// Nothing was stored by this attempt.
    Refused(String),
    Unknown,
}

/// An edit or a deletion that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AckedChange {
    pub(crate) room: RoomNumber,
    pub(crate) id: Uuid,
    /// The entry of an edit; a deletion is acknowledged without one.
    pub(crate) seq: Option<u64>,
}

/// Where a client stood when all was quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AtTheEnd {
    pub(crate) connected: bool,
    /// By room: the last place it has of a feed that runs.
    pub(crate) places: Vec<Option<u64>>,
}

/// A room as the cluster has it in the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoomTruth {
    /// The log, as each node tells it.
    pub(crate) logs: Vec<NodeLog>,
    /// Messages as the history shows them.
    pub(crate) history: Vec<Shown>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct NodeLog {
    pub(crate) node: String,
    pub(crate) last: u64,
    pub(crate) entries: Vec<Entry>,
}

/// How somebody was shown, when everybody had had the time to be shown as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PresenceReading {
    pub(crate) shown_by: String,
    pub(crate) person: PersonNumber,
    pub(crate) expected: &'static str,
    pub(crate) shown: String,
}

impl RoomTruth {
    /// The log, from whoever tells most of it.
    pub(crate) fn log(&self) -> &[Entry] {
        let longest = self.logs.iter().max_by_key(|log| log.entries.len());
        longest.map_or(&[], |log| &log.entries)
    }
}

impl Step {
    /// How much of a record it is.
    pub(crate) fn weight(&self) -> usize {
        match &self.what {
            Happened::Joined { page, .. } | Happened::Reset { page, .. } => 1 + page.len(),
            Happened::Resumed { entries, .. } => 1 + entries.len(),
            Happened::Heard(_) | Happened::Ended(_) => 1,
        }
    }
}
