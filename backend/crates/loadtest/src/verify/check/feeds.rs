//! What clients were told, one after the other: from their place on by one each time, to the end
//! of the log, and nothing after a removal.

use std::collections::BTreeMap;

use super::{Findings, Property, around, describe, person_name, room_name};
use crate::verify::record::{
    ClientRecord, End, Entry, Happened, PersonNumber, Record, RoomNumber, Step, What,
};

/// By the protocol, who is further behind may be told to start anew.
const MAX_BEHIND: u64 = 1000;
/// Steps before a violation that are shown with it.
const BEFORE: usize = 4;

/// When somebody was not a member of a room: from this place up to before that one.
#[derive(Clone, Copy, Debug)]
struct Absence {
    from: u64,
    until: u64,
}

/// A client in a room.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    /// The last entry it has.
    last: Option<u64>,
    /// Whether a feed runs, and the place at which it began.
    feed: Option<u64>,
}

type Absences = BTreeMap<(RoomNumber, PersonNumber), Vec<Absence>>;

pub(super) fn check(record: &Record, findings: &mut Findings) {
    let absences = absences(record);
    let removals = absences.values().map(Vec::len).sum();
    findings.looked(Property::RemovedHearNothing, removals);
    removed_say_nothing(record, &absences, findings);
    for client in &record.clients {
        let mut watch = Watch {
            record,
            client,
            absences: &absences,
            standings: vec![Standing::default(); record.rooms.len()],
            findings: &mut *findings,
        };
        for (at, step) in client.steps.iter().enumerate() {
            watch.follow(at, step);
        }
        everybody_catches_up(record, client, &absences, findings);
    }
}

fn absences(record: &Record) -> Absences {
    let mut absences = Absences::new();
    for (room, truth) in record.rooms.iter().enumerate() {
        for entry in truth.log() {
            match entry.what {
                What::Removed(Some(person)) => {
                    absences.entry((room, person)).or_default().push(Absence {
                        from: entry.seq,
                        until: u64::MAX,
                    });
                }
                What::Added(Some(person)) => {
                    let last = absences.get_mut(&(room, person));
                    if let Some(last) = last.and_then(|absences| absences.last_mut()) {
                        last.until = last.until.min(entry.seq);
                    }
                }
                _ => {}
            }
        }
    }
    absences
}

/// The absence that a place lies in.
fn absent_at(absences: &[Absence], seq: u64) -> Option<Absence> {
    let next = absences.partition_point(|absence| absence.from <= seq);
    let last = absences[..next].last()?;
    (seq < last.until).then_some(*last)
}

fn removed_say_nothing(record: &Record, absences: &Absences, findings: &mut Findings) {
    for (room, truth) in record.rooms.iter().enumerate() {
        for entry in truth.log() {
            let What::Message(shown) = entry.what else {
                continue;
            };
            let Some(author) = shown.author else { continue };
            let absent = absences
                .get(&(room, author))
                .and_then(|absences| absent_at(absences, entry.seq));
            if let Some(absent) = absent {
                findings.found(
                    Property::RemovedHearNothing,
                    room_name(record, room),
                    || {
                        format!(
                            "{} was removed at {} and said something at {}",
                            person_name(record, Some(author)),
                            absent.from,
                            entry.seq
                        )
                    },
                    || around(record, room, entry.seq),
                );
            }
        }
    }
}

fn everybody_catches_up(
    record: &Record,
    client: &ClientRecord,
    absences: &Absences,
    findings: &mut Findings,
) {
    let Some(end) = &client.at_the_end else {
        return;
    };
    for (room, truth) in record.rooms.iter().enumerate() {
        let head = truth.log().last().map_or(0, |entry| entry.seq);
        let absent = absences
            .get(&(room, client.person))
            .is_some_and(|absences| absent_at(absences, head).is_some());
        if absent {
            continue;
        }
        findings.looked(Property::EverybodyCatchesUp, 1);
        let place = end.places.get(room).copied().flatten();
        if !end.connected || place != Some(head) {
            findings.found(
                Property::EverybodyCatchesUp,
                room_name(record, room),
                || {
                    let name = &client.name;
                    match place {
                        _ if !end.connected => format!("{name} never came back"),
                        Some(place) => {
                            format!("{name} stayed at {place}, and the log ends at {head}")
                        }
                        None => format!("{name} has no feed, and is a member"),
                    }
                },
                || {
                    let own = client.steps.iter().filter(|step| step.room == room);
                    let own: Vec<&Step> = own.collect();
                    let skipped = own.len().saturating_sub(BEFORE);
                    let steps = own[skipped..].iter();
                    steps.map(|step| tell(record, step)).collect()
                },
            );
        }
    }
}

/// Follows one client through its steps.
struct Watch<'a> {
    record: &'a Record,
    client: &'a ClientRecord,
    absences: &'a Absences,
    standings: Vec<Standing>,
    findings: &'a mut Findings,
}

impl Watch<'_> {
    fn follow(&mut self, at: usize, step: &Step) {
        let Some(standing) = self.standings.get(step.room).copied() else {
            return;
        };
        match &step.what {
            Happened::Joined { last, page } => {
                let newest = page.iter().map(|shown| shown.seq).max();
                self.answered(at, step, *last, newest);
            }
            Happened::Resumed {
                since,
                last,
                entries,
            } => {
                if standing.last != Some(*since) {
                    self.broken(at, step, || {
                        format!("came back with {since}, which is not its place")
                    });
                }
                let mut place = *since;
                for entry in entries {
                    self.findings.looked(Property::FeedsAreContiguous, 1);
                    if entry.seq != place + 1 {
                        let after = place;
                        self.broken(at, step, || {
                            format!("was given {} after {after} on coming back", entry.seq)
                        });
                    }
                    place = place.max(entry.seq);
                }
                if place != *last {
                    self.broken(at, step, || {
                        format!(
                            "was given what it missed up to {place}, of a log that ended at {last}"
                        )
                    });
                }
                self.answered(at, step, *last, entries.last().map(|entry| entry.seq));
            }
            Happened::Reset {
                since,
                last,
                page,
                excuse,
            } => {
                let behind = last.saturating_sub(*since);
                if excuse.is_none() && behind <= MAX_BEHIND {
                    self.broken(at, step, || {
                        format!("was told to start anew at {last}, with only {behind} missing")
                    });
                }
                let newest = page.iter().map(|shown| shown.seq).max();
                self.answered(at, step, *last, newest);
            }
            Happened::Heard(entry) => self.heard(at, step, entry),
            Happened::Ended(end) => {
                self.kept_out(at, step, *end);
                self.standings[step.room].feed = None;
            }
        }
    }

    /// A feed begins after `last`, with an answer whose newest entry is this.
    fn answered(&mut self, at: usize, step: &Step, last: u64, newest: Option<u64>) {
        let absent = self
            .absent(step.room)
            .and_then(|absences| absent_at(absences, last));
        if let (Some(absent), Some(newest)) = (absent, newest)
            && newest >= absent.from
        {
            self.overheard(at, step, absent, newest);
        }
        self.standings[step.room] = Standing {
            last: Some(last),
            feed: Some(last),
        };
    }

    fn heard(&mut self, at: usize, step: &Step, entry: &Entry) {
        self.findings.looked(Property::FeedsAreContiguous, 1);
        let Standing { last, feed } = self.standings[step.room];
        let seq = entry.seq;
        match (feed, last) {
            (Some(began), Some(place)) => {
                if seq != place + 1 {
                    self.broken(at, step, || format!("was given {seq} after {place}"));
                }
                // The first removal since the feed began ends it.
                let ended = self.absent(step.room).and_then(|absences| {
                    let next = absences.partition_point(|absence| absence.from <= began);
                    absences.get(next).copied()
                });
                if let Some(absent) = ended
                    && seq >= absent.from
                {
                    self.overheard(at, step, absent, seq);
                }
            }
            _ => self.broken(at, step, || format!("was given {seq} without a feed")),
        }
        let standing = &mut self.standings[step.room];
        standing.last = Some(standing.last.map_or(seq, |last| last.max(seq)));
    }

    /// Only who is removed after what they know may be told so, or not be let in.
    fn kept_out(&mut self, at: usize, step: &Step, end: End) {
        let Standing { last, feed } = self.standings[step.room];
        let may = |absences: &[Absence]| match end {
            End::Removed => absences.iter().any(|absence| Some(absence.from) > feed),
            End::NoMember => absences.iter().any(|absence| Some(absence.until) > last),
            End::Lost | End::Left | End::TooFarBehind | End::Refused => true,
        };
        if !may(self.absent(step.room).unwrap_or_default()) {
            let (record, client) = (self.record, self.client);
            self.findings.found(
                Property::RemovedHearNothing,
                room_name(record, step.room),
                || {
                    let person = person_name(record, Some(client.person));
                    format!("{} was kept out, and {person} is a member", client.name)
                },
                || excerpt(record, client, at, step.room),
            );
        }
    }

    fn absent(&self, room: RoomNumber) -> Option<&[Absence]> {
        let absences = self.absences.get(&(room, self.client.person))?;
        Some(absences)
    }

    fn broken(&mut self, at: usize, step: &Step, what: impl FnOnce() -> String) {
        let (record, client) = (self.record, self.client);
        self.findings.found(
            Property::FeedsAreContiguous,
            room_name(record, step.room),
            || format!("{} {}", client.name, what()),
            || excerpt(record, client, at, step.room),
        );
    }

    fn overheard(&mut self, at: usize, step: &Step, absent: Absence, seq: u64) {
        let (record, client) = (self.record, self.client);
        self.findings.found(
            Property::RemovedHearNothing,
            room_name(record, step.room),
            || {
                format!(
                    "{} was given {seq}, and {} was removed at {}",
                    client.name,
                    person_name(record, Some(client.person)),
                    absent.from
                )
            },
            || excerpt(record, client, at, step.room),
        );
    }
}

/// The client's steps in a room, up to this one.
fn excerpt(record: &Record, client: &ClientRecord, at: usize, room: RoomNumber) -> Vec<String> {
    let before = client.steps[..=at].iter().rev();
    let own = before.filter(|step| step.room == room);
    let mut lines: Vec<String> = own.take(BEFORE).map(|step| tell(record, step)).collect();
    lines.reverse();
    lines
}

/// A step, for people.
fn tell(record: &Record, step: &Step) -> String {
    let what = match &step.what {
        Happened::Joined { last, .. } => format!("joined at {last}"),
        Happened::Resumed {
            since,
            last,
            entries,
        } => format!(
            "came back with {since}, was given {} entries up to {last}",
            entries.len()
        ),
        Happened::Reset { since, last, .. } => {
            format!("came back with {since}, was told to start anew at {last}")
        }
        Happened::Heard(entry) => describe(record, entry),
        Happened::Ended(End::Lost) => "lost the connection".to_owned(),
        Happened::Ended(End::Left) => "left".to_owned(),
        Happened::Ended(End::Removed) => "was told of its removal".to_owned(),
        Happened::Ended(End::TooFarBehind) => "was told that it fell too far behind".to_owned(),
        Happened::Ended(End::NoMember) => "was told that it is no member".to_owned(),
        Happened::Ended(End::Refused) => "was not let in for the moment".to_owned(),
    };
    format!("{:.3} s  {what}", step.at.as_secs_f64())
}
