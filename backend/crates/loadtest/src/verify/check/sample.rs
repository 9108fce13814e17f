//! A record that keeps every promise, for the tests to spoil.

use std::time::Duration;

use uuid::Uuid;

use crate::verify::record::{
    AckedChange, AtTheEnd, Attempt, Cast, ClientRecord, End, Entry, Excuse, Happened, NodeLog,
    Outcome, Record, RoomTruth, Send, SendId, Shown, Step, What,
};

pub(super) const ADA: usize = 0;
pub(super) const BEN: usize = 1;

/// The message that was made at a place: with its own id, revision, and text.
pub(super) fn shown(seq: u64, sender: usize, number: usize) -> Shown {
    Shown {
        id: Uuid::from_u128(u128::from(seq) << 64),
        seq,
        rev: seq,
        author: Some(sender),
        send: Some(SendId { sender, number }),
        content: 1000 + seq,
        whole: 2000 + seq,
        deleted: false,
    }
}

pub(super) fn entry(seq: u64, what: What) -> Entry {
    Entry {
        seq,
        identity: 3000 + seq,
        what,
    }
}

pub(super) fn message(seq: u64, sender: usize, number: usize) -> Entry {
    entry(seq, What::Message(shown(seq, sender, number)))
}

/// As somebody sees it who sees it after the entry `rev` changed it.
pub(super) fn changed(entry: Entry, rev: u64, deleted: bool) -> Entry {
    let change = |shown: Shown| Shown {
        rev,
        content: 4000 + rev,
        whole: 5000 + rev,
        deleted,
        ..shown
    };
    let what = match entry.what {
        What::Message(shown) => What::Message(change(shown)),
        What::Changed(shown) => What::Changed(change(shown)),
        other => other,
    };
    Entry { what, ..entry }
}

pub(super) fn step(what: Happened) -> Step {
    Step {
        at: Duration::from_secs(1),
        room: 0,
        what,
    }
}

pub(super) fn heard(entry: Entry) -> Step {
    step(Happened::Heard(entry))
}

pub(super) fn joined(last: u64) -> Step {
    let page = Vec::new();
    step(Happened::Joined { last, page })
}

pub(super) fn resumed(since: u64, last: u64, entries: Vec<Entry>) -> Step {
    step(Happened::Resumed {
        since,
        last,
        entries,
    })
}

pub(super) fn reset(since: u64, last: u64, excuse: Option<Excuse>) -> Step {
    step(Happened::Reset {
        since,
        last,
        page: Vec::new(),
        excuse,
    })
}

pub(super) fn ended(end: End) -> Step {
    step(Happened::Ended(end))
}

pub(super) fn attempt(at: u64, connection: u64, outcome: Outcome) -> Attempt {
    Attempt {
        at,
        connection: Some(connection),
        outcome,
    }
}

pub(super) fn acknowledged(seq: u64, at: u64) -> Outcome {
    Outcome::Acknowledged {
        seq,
        id: shown(seq, 0, 0).id,
        at,
    }
}

pub(super) fn send(seq: u64, attempts: Vec<Attempt>) -> Send {
    Send {
        room: 0,
        content: 1000 + seq,
        attempts,
    }
}

/// What was said in the room: Ada's messages 0 and 1, Ben's 0, an edit of Ada's first; Ben goes at
/// 5, Ada says 2 among herself, and Ben is back at 7 to say his 1.
pub(super) fn log() -> Vec<Entry> {
    let edit = entry(4, What::Changed(shown(1, ADA, 0)));
    vec![
        changed(message(1, ADA, 0), 4, false),
        message(2, BEN, 0),
        message(3, ADA, 1),
        changed(edit, 4, false),
        entry(5, What::Removed(Some(BEN))),
        message(6, ADA, 2),
        entry(7, What::Added(Some(BEN))),
        message(8, BEN, 1),
    ]
}

pub(super) fn kept() -> Record {
    let log = log();
    let history = log.iter().filter_map(|entry| match entry.what {
        What::Message(shown) => Some(shown),
        _ => None,
    });
    let history: Vec<Shown> = history.collect();
    let node = |name: &str| NodeLog {
        node: name.to_owned(),
        last: 8,
        entries: log.clone(),
    };
    let ada = ClientRecord {
        name: "Ada's client".to_owned(),
        person: ADA,
        steps: [joined(0), heard(message(1, ADA, 0)), ended(End::Lost)]
            .into_iter()
            .chain([resumed(1, 3, log[1..3].to_vec())])
            .chain(log[3..].iter().copied().map(heard))
            .collect(),
        sends: vec![
            send(1, vec![attempt(1, 1, acknowledged(1, 2))]),
            // The first answer was lost with the connection.
            send(
                3,
                vec![
                    attempt(3, 1, Outcome::Unknown),
                    attempt(4, 2, acknowledged(3, 6)),
                ],
            ),
            send(6, vec![attempt(5, 2, acknowledged(6, 7))]),
            send(
                99,
                vec![attempt(8, 2, Outcome::Refused("invalid".to_owned()))],
            ),
            send(98, vec![attempt(9, 2, Outcome::Unknown)]),
        ],
        changes: vec![AckedChange {
            room: 0,
            id: shown(1, ADA, 0).id,
            seq: Some(4),
        }],
        at_the_end: Some(AtTheEnd {
            connected: true,
            places: vec![Some(8)],
        }),
        ..ClientRecord::default()
    };
    let ben = ClientRecord {
        name: "Ben's client".to_owned(),
        person: BEN,
        steps: vec![
            joined(2),
            heard(log[2]),
            heard(log[3]),
            ended(End::Removed),
            resumed(4, 7, log[4..7].to_vec()),
            heard(log[7]),
        ],
        sends: vec![
            send(2, vec![attempt(1, 1, acknowledged(2, 2))]),
            send(8, vec![attempt(3, 1, acknowledged(8, 4))]),
        ],
        at_the_end: Some(AtTheEnd {
            connected: true,
            places: vec![Some(8)],
        }),
        ..ClientRecord::default()
    };
    Record {
        cast: Cast {
            rooms: vec!["the room".to_owned()],
            people: vec!["Ada".to_owned(), "Ben".to_owned()],
        },
        clients: vec![ada, ben],
        rooms: vec![RoomTruth {
            logs: vec![node("node 1"), node("node 2")],
            history,
        }],
        presence: Vec::new(),
        presence_looks: 2,
    }
}
