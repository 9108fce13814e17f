//! The order of one client's own messages.
//!
//! Two are held against each other only when the client made sure of it: the first was answered
//! before the second was first sent, or both went over one connection and that attempt of the first
//! was acknowledged. Whoever sends something again after something newer has chosen another order.

use std::collections::{BTreeMap, HashMap};

use super::{Findings, Property, describe_send, room_name, stored};
use crate::verify::record::{Outcome, Record, RoomNumber, SendId};

/// What happened to a message, in the client's own time. The order of variants counts for one
/// moment: a message is not before itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    First {
        connection: Option<u64>,
    },
    /// The attempt that was acknowledged, over this connection.
    Sent {
        connection: u64,
    },
    Answered,
}

pub(super) fn check(record: &Record, findings: &mut Findings) {
    let places = stored::places(record);
    for (sender, client) in record.clients.iter().enumerate() {
        let mut rooms: BTreeMap<RoomNumber, Vec<(u64, Moment, u64, usize)>> = BTreeMap::new();
        for (number, send) in client.sends.iter().enumerate() {
            let Some([(_, shown)]) = places.get(&SendId { sender, number }).map(Vec::as_slice)
            else {
                continue;
            };
            let moments = rooms.entry(send.room).or_default();
            if let Some(first) = send.attempts.first() {
                let connection = first.connection;
                let moment = Moment::First { connection };
                moments.push((first.at, moment, shown.seq, number));
            }
            for attempt in &send.attempts {
                if let Outcome::Acknowledged { at, .. } = attempt.outcome {
                    moments.push((at, Moment::Answered, shown.seq, number));
                    if let Some(connection) = attempt.connection {
                        let moment = Moment::Sent { connection };
                        moments.push((attempt.at, moment, shown.seq, number));
                    }
                }
            }
        }
        for (room, mut moments) in rooms {
            moments.sort_unstable();
            check_room(record, sender, room, &moments, findings);
        }
    }
}

fn check_room(
    record: &Record,
    sender: usize,
    room: RoomNumber,
    moments: &[(u64, Moment, u64, usize)],
    findings: &mut Findings,
) {
    // The highest place of what is surely before whatever comes, and which message that is.
    let mut answered: Option<(u64, usize)> = None;
    let mut sent: HashMap<u64, (u64, usize)> = HashMap::new();
    for (_, moment, seq, number) in moments {
        let this = (*seq, *number);
        match moment {
            Moment::First { connection } => {
                findings.looked(Property::OrderIsKept, 1);
                let same = connection.and_then(|connection| sent.get(&connection).copied());
                let before = answered.max(same);
                if let Some((place, earlier)) = before
                    && place > *seq
                {
                    let describe = |number| describe_send(record, SendId { sender, number });
                    findings.found(
                        Property::OrderIsKept,
                        room_name(record, room),
                        || {
                            format!(
                                "{} was sent after {} and is stored before it",
                                describe(*number),
                                describe(earlier)
                            )
                        },
                        || {
                            vec![
                                format!("{seq}: {}", describe(*number)),
                                format!("{place}: {}", describe(earlier)),
                            ]
                        },
                    );
                }
            }
            Moment::Sent { connection } => {
                let highest = sent.entry(*connection).or_insert(this);
                *highest = this.max(*highest);
            }
            Moment::Answered => answered = answered.max(Some(this)),
        }
    }
}
