//! What is stored, against what was answered: acknowledged once, refused never, unknown at most
//! once; places without holes.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Findings, Property, around, describe, describe_send, room_name};
use crate::verify::record::{
    AckedChange, Attempt, Entry, Outcome, Record, RoomNumber, Send, SendId, Shown, What,
};

/// Where our sends are in the logs.
pub(super) type Places = HashMap<SendId, Vec<(RoomNumber, Shown)>>;

pub(super) fn check(record: &Record, findings: &mut Findings) {
    let places = places(record);
    for room in 0..record.rooms.len() {
        places_have_no_holes(record, room, findings);
    }
    for (sender, client) in record.clients.iter().enumerate() {
        for (number, send) in client.sends.iter().enumerate() {
            let id = SendId { sender, number };
            let stored = places.get(&id).map_or(&[][..], Vec::as_slice);
            let acknowledged = send.attempts.iter().any(is_acknowledged);
            if acknowledged {
                findings.looked(Property::AcknowledgedIsStored, 1);
                acknowledged_is_stored(record, id, send, stored, findings);
            } else {
                findings.looked(Property::RefusedIsNotStored, 1);
                refused_is_not_stored(record, id, send, stored, findings);
            }
        }
        changes_are_stored(record, &client.name, &client.changes, findings);
    }
    nothing_is_made_up(record, &places, findings);
}

/// Finds our sends in the logs, in the order of places.
pub(super) fn places(record: &Record) -> Places {
    let mut places = Places::new();
    for (room, truth) in record.rooms.iter().enumerate() {
        for entry in truth.log() {
            if let What::Message(shown) = entry.what
                && let Some(send) = shown.send
            {
                places.entry(send).or_default().push((room, shown));
            }
        }
    }
    places
}

fn is_acknowledged(attempt: &Attempt) -> bool {
    matches!(attempt.outcome, Outcome::Acknowledged { .. })
}

fn places_have_no_holes(record: &Record, room: RoomNumber, findings: &mut Findings) {
    const PROPERTY: Property = Property::PlacesHaveNoHoles;
    let name = room_name(record, room);
    for log in &record.rooms[room].logs {
        findings.looked(PROPERTY, log.entries.len());
        let mut before: Option<&Entry> = None;
        let mut newest: Option<Shown> = None;
        for entry in &log.entries {
            let expected = before.map_or(1, |before| before.seq + 1);
            if entry.seq != expected {
                findings.found(
                    PROPERTY,
                    name,
                    || format!("{} tells {} where {expected} comes", log.node, entry.seq),
                    || {
                        let both = before.into_iter().chain([entry]);
                        both.map(|entry| describe(record, entry)).collect()
                    },
                );
            }
            if let What::Message(shown) = entry.what {
                if newest.is_some_and(|newest| newest.id >= shown.id) {
                    findings.found(
                        PROPERTY,
                        name,
                        || format!("the id at {} is not above those before it", entry.seq),
                        || {
                            let both = newest.into_iter().chain([shown]);
                            both.map(|shown| format!("{}: {}", shown.seq, shown.id))
                                .collect()
                        },
                    );
                }
                newest = Some(shown);
            }
            before = Some(entry);
        }
        let end = before.map_or(0, |entry| entry.seq);
        if end != log.last {
            findings.found(
                PROPERTY,
                name,
                || {
                    format!(
                        "{} says that the log ends at {}, and tells it up to {end}",
                        log.node, log.last
                    )
                },
                Vec::new,
            );
        }
    }
}

fn acknowledged_is_stored(
    record: &Record,
    id: SendId,
    send: &Send,
    stored: &[(RoomNumber, Shown)],
    findings: &mut Findings,
) {
    let mut wrong = None;
    if let [(room, shown)] = stored {
        let as_answered = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Acknowledged { seq, id, .. } => *seq == shown.seq && *id == shown.id,
            Outcome::Refused(_) | Outcome::Unknown => true,
        };
        let edited = shown.rev != shown.seq;
        if *room != send.room {
            wrong = Some("is stored in another room".to_owned());
        } else if !send.attempts.iter().all(as_answered) {
            wrong = Some(format!(
                "is stored at {}, and that is not what was answered",
                shown.seq
            ));
        } else if shown.author != Some(record.clients[id.sender].person) {
            wrong = Some("is stored as somebody else's".to_owned());
        } else if !edited && shown.content != send.content {
            wrong = Some("is stored with another text".to_owned());
        }
    } else {
        wrong = Some(match stored.len() {
            0 => "was acknowledged and is not stored".to_owned(),
            times => format!("was acknowledged and is stored {times} times"),
        });
    }
    if let Some(wrong) = wrong {
        findings.found(
            Property::AcknowledgedIsStored,
            room_name(record, send.room),
            || format!("{} {wrong}", describe_send(record, id)),
            || story(record, send, stored),
        );
    }
}

fn refused_is_not_stored(
    record: &Record,
    id: SendId,
    send: &Send,
    stored: &[(RoomNumber, Shown)],
    findings: &mut Findings,
) {
    let refused = send
        .attempts
        .iter()
        .all(|attempt| matches!(attempt.outcome, Outcome::Refused(_)));
    kept_out_for_a_reason(record, id, send, findings);
    let most = usize::from(!refused);
    if stored.len() > most {
        findings.found(
            Property::RefusedIsNotStored,
            room_name(record, send.room),
            || {
                let outcome = if refused { "refused" } else { "never answered" };
                let times = stored.len();
                format!(
                    "{} was {outcome} and is stored {times} times",
                    describe_send(record, id)
                )
            },
            || story(record, send, stored),
        );
    }
}

/// Only who was removed at some time is refused for it.
fn kept_out_for_a_reason(record: &Record, id: SendId, send: &Send, findings: &mut Findings) {
    let stranger = |attempt: &Attempt| matches!(&attempt.outcome, Outcome::Refused(code) if code == "not_found" || code == "forbidden");
    if !send.attempts.iter().any(stranger) {
        return;
    }
    let person = record.clients[id.sender].person;
    let log = record
        .rooms
        .get(send.room)
        .map_or(&[][..], |truth| truth.log());
    if !log
        .iter()
        .any(|entry| entry.what == What::Removed(Some(person)))
    {
        findings.found(
            Property::RemovedHearNothing,
            room_name(record, send.room),
            || {
                let what = describe_send(record, id);
                format!("{what} was refused, and its author was a member all the time")
            },
            || story(record, send, &[]),
        );
    }
}

fn changes_are_stored(
    record: &Record,
    client: &str,
    changes: &[AckedChange],
    findings: &mut Findings,
) {
    findings.looked(Property::AcknowledgedIsStored, changes.len());
    if changes.is_empty() {
        return;
    }
    let deleted: Vec<HashSet<Uuid>> = record
        .rooms
        .iter()
        .map(|truth| {
            let gone = truth.history.iter().filter(|shown| shown.deleted);
            gone.map(|shown| shown.id).collect()
        })
        .collect();
    for change in changes {
        let holds = match change.seq {
            Some(seq) => {
                let log = record.rooms[change.room].log();
                let place = usize::try_from(seq).unwrap_or(usize::MAX);
                let entry = log.get(place.wrapping_sub(1));
                entry.is_some_and(
                    |entry| matches!(entry.what, What::Changed(shown) if shown.id == change.id),
                )
            }
            None => deleted[change.room].contains(&change.id),
        };
        if !holds {
            findings.found(
                Property::AcknowledgedIsStored,
                room_name(record, change.room),
                || match change.seq {
                    Some(seq) => {
                        format!("an edit by {client} was acknowledged at {seq}, and is not there")
                    }
                    None => format!(
                        "a deletion by {client} was acknowledged, and message {} is not deleted",
                        change.id
                    ),
                },
                || around(record, change.room, change.seq.unwrap_or_default()),
            );
        }
    }
}

fn nothing_is_made_up(record: &Record, places: &Places, findings: &mut Findings) {
    for (send, stored) in places {
        let known = record
            .clients
            .get(send.sender)
            .and_then(|client| client.sends.get(send.number));
        if known.is_none_or(|send| send.attempts.is_empty()) {
            let (room, shown) = stored[0];
            findings.found(
                Property::RefusedIsNotStored,
                room_name(record, room),
                || {
                    let what = describe_send(record, *send);
                    format!("{what} is stored at {} and was never sent", shown.seq)
                },
                || around(record, room, shown.seq),
            );
        }
    }
}

/// All attempts at a message, and where it is stored.
fn story(record: &Record, send: &Send, stored: &[(RoomNumber, Shown)]) -> Vec<String> {
    const MOST: usize = 8;
    let attempts = send.attempts.iter().map(|attempt| {
        let by = attempt.connection.map_or_else(
            || "a request".to_owned(),
            |number| format!("connection {number}"),
        );
        match &attempt.outcome {
            Outcome::Acknowledged { seq, id, .. } => {
                format!("sent by {by}: acknowledged at {seq} as {id}")
            }
            Outcome::Refused(code) => format!("sent by {by}: refused, {code}"),
            Outcome::Unknown => format!("sent by {by}: no answer"),
        }
    });
    let stored = stored.iter().map(|(room, shown)| {
        let room = room_name(record, *room).unwrap_or("a room");
        format!("stored in {room} at {} as {}", shown.seq, shown.id)
    });
    let attempts: Vec<String> = attempts.collect();
    // The first and the last tell most.
    let skipped = attempts.len().saturating_sub(MOST);
    attempts.into_iter().skip(skipped).chain(stored).collect()
}
