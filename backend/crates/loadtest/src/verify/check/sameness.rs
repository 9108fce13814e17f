//! One place, one thing: whoever shows an entry, however late, shows the same.
//!
//! An entry read later shows its message as it is by then, so texts are held against each other by
//! revision.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Findings, Property, describe, room_name};
use crate::verify::{
    reading::number,
    record::{Entry, Happened, Record, RoomNumber, Shown, What},
};

/// Who showed something: a name that costs nothing until it is asked for.
#[derive(Clone, Copy)]
enum Source {
    Node(usize),
    History,
    Client(usize),
}

#[derive(Default)]
struct Seen {
    /// The entry at a place, and who showed it first.
    entries: HashMap<u64, (Entry, Source)>,
    /// The message that was made at a place.
    messages: HashMap<u64, (Uuid, Source)>,
    /// A revision of the message that was made at a place.
    revisions: HashMap<(u64, u64), (u64, Source)>,
}

pub(super) fn check(record: &Record, findings: &mut Findings) {
    let mut rooms: Vec<Seen> = record.rooms.iter().map(|_room| Seen::default()).collect();
    for (room, truth) in record.rooms.iter().enumerate() {
        for (node, log) in truth.logs.iter().enumerate() {
            for entry in &log.entries {
                rooms[room].entry(record, room, entry, Source::Node(node), findings);
            }
        }
        for shown in &truth.history {
            rooms[room].message(record, room, shown, Source::History, findings);
        }
    }
    for (number, client) in record.clients.iter().enumerate() {
        let source = Source::Client(number);
        for step in &client.steps {
            let Some(seen) = rooms.get_mut(step.room) else {
                continue;
            };
            match &step.what {
                Happened::Heard(entry) => seen.entry(record, step.room, entry, source, findings),
                Happened::Resumed { entries, .. } => {
                    for entry in entries {
                        seen.entry(record, step.room, entry, source, findings);
                    }
                }
                Happened::Joined { page, .. } | Happened::Reset { page, .. } => {
                    for shown in page {
                        seen.message(record, step.room, shown, source, findings);
                    }
                }
                Happened::Ended(_) => {}
            }
        }
    }
}

impl Seen {
    fn entry(
        &mut self,
        record: &Record,
        room: RoomNumber,
        entry: &Entry,
        source: Source,
        findings: &mut Findings,
    ) {
        findings.looked(Property::EverybodySeesTheSame, 1);
        let (first, first_source) = *self.entries.entry(entry.seq).or_insert((*entry, source));
        if first.identity != entry.identity {
            findings.found(
                Property::EverybodySeesTheSame,
                room_name(record, room),
                || format!("two things were shown at {}", entry.seq),
                || {
                    [(first_source, &first), (source, entry)]
                        .map(|(source, entry)| {
                            format!(
                                "{} showed {}",
                                name(record, source),
                                describe(record, entry)
                            )
                        })
                        .to_vec()
                },
            );
            return;
        }
        if let What::Message(shown) | What::Changed(shown) = &entry.what {
            self.message(record, room, shown, source, findings);
        }
    }

    fn message(
        &mut self,
        record: &Record,
        room: RoomNumber,
        shown: &Shown,
        source: Source,
        findings: &mut Findings,
    ) {
        if shown.deleted && shown.content != number("") {
            findings.found(
                Property::EverybodySeesTheSame,
                room_name(record, room),
                || format!("the text of the deleted message at {} was shown", shown.seq),
                || vec![format!("by {}", name(record, source))],
            );
        }
        let (id, by) = *self.messages.entry(shown.seq).or_insert((shown.id, source));
        if id != shown.id {
            findings.found(
                Property::EverybodySeesTheSame,
                room_name(record, room),
                || format!("two messages were shown as made at {}", shown.seq),
                || {
                    vec![
                        format!("{} showed {id}", name(record, by)),
                        format!("{} showed {}", name(record, source), shown.id),
                    ]
                },
            );
            return;
        }
        let revision = (shown.seq, shown.rev);
        let (whole, by) = *self
            .revisions
            .entry(revision)
            .or_insert((shown.whole, source));
        if whole != shown.whole {
            findings.found(
                Property::EverybodySeesTheSame,
                room_name(record, room),
                || {
                    format!(
                        "the message at {}, as of {}, was shown in two ways",
                        shown.seq, shown.rev
                    )
                },
                || {
                    vec![
                        format!("{} showed one", name(record, by)),
                        format!("{} showed the other", name(record, source)),
                    ]
                },
            );
        }
    }
}

fn name(record: &Record, source: Source) -> String {
    match source {
        Source::Node(node) => record
            .rooms
            .iter()
            .find_map(|truth| truth.logs.get(node))
            .map_or_else(|| "a node".to_owned(), |log| log.node.clone()),
        Source::History => "the history".to_owned(),
        Source::Client(client) => record.clients[client].name.clone(),
    }
}
