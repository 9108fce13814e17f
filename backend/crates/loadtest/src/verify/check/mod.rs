//! The promise, held against a record. Pure: the same record gives the same findings.
//!
//! Nine properties, each in a file with those that need the same look at the record. None depends
//! on how long anything took.

mod feeds;
mod order;
mod presence;
mod sameness;
#[cfg(test)]
mod sample;
mod stored;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::{Entry, Record, RoomNumber, SendId, What};

/// Violations of one property that are told with an excerpt; the others are counted.
const TOLD: usize = 3;

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    AcknowledgedIsStored,
    PlacesHaveNoHoles,
    FeedsAreContiguous,
    EverybodySeesTheSame,
    EverybodyCatchesUp,
    RefusedIsNotStored,
    OrderIsKept,
    PresenceConverges,
    RemovedHearNothing,
}

impl Property {
    pub(crate) const ALL: [Self; 9] = [
        Self::AcknowledgedIsStored,
        Self::PlacesHaveNoHoles,
        Self::FeedsAreContiguous,
        Self::EverybodySeesTheSame,
        Self::EverybodyCatchesUp,
        Self::RefusedIsNotStored,
        Self::OrderIsKept,
        Self::PresenceConverges,
        Self::RemovedHearNothing,
    ];

    /// The promise as a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::AcknowledgedIsStored => "what was acknowledged is stored, once, as it was sent",
            Self::PlacesHaveNoHoles => "places in a log are 1, 2, 3 … and ids ascend with them",
            Self::FeedsAreContiguous => {
                "a client's feed goes on from its place, by one each time, or is reset for a reason"
            }
            Self::EverybodySeesTheSame => "everybody sees the same at the same place",
            Self::EverybodyCatchesUp => "when all is quiet, everybody is at the end of the log",
            Self::RefusedIsNotStored => {
                "what was refused is not stored, what is unknown at most once"
            }
            Self::OrderIsKept => {
                "a client's messages are stored in the order in which it sent them"
            }
            Self::PresenceConverges => "when all is quiet, everybody is shown as they are",
            Self::RemovedHearNothing => {
                "who is removed hears and says nothing from there on, and nobody else is kept out"
            }
        }
    }

    /// What the number of things looked at counts.
    pub(crate) fn counted(self) -> &'static str {
        match self {
            Self::AcknowledgedIsStored => "acknowledgements",
            Self::PlacesHaveNoHoles => "entries",
            Self::FeedsAreContiguous => "deliveries",
            Self::EverybodySeesTheSame => "sightings",
            Self::EverybodyCatchesUp => "places",
            Self::RefusedIsNotStored => "refused or unknown",
            Self::OrderIsKept => "messages",
            Self::PresenceConverges => "looks",
            Self::RemovedHearNothing => "removals",
        }
    }
}

/// A promise that did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    pub property: Property,
    pub room: Option<String>,
    pub what: String,
    /// The smallest piece of the record that shows it.
    pub excerpt: Vec<String>,
}

/// What was looked at for one property, and how often it did not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    pub looked_at: u64,
    pub violations: u64,
}

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub tallies: BTreeMap<Property, Tally>,
    /// A few of each property.
    pub violations: Vec<Violation>,
}

impl Findings {
    pub fn are_clean(&self) -> bool {
        self.tallies.values().all(|tally| tally.violations == 0)
    }

    fn looked(&mut self, property: Property, times: usize) {
        self.tallies.entry(property).or_default().looked_at += times as u64;
    }

    /// Notes a violation. The excerpt is only asked for when it will be told.
    fn found(
        &mut self,
        property: Property,
        room: Option<&str>,
        what: impl FnOnce() -> String,
        excerpt: impl FnOnce() -> Vec<String>,
    ) {
        self.tallies.entry(property).or_default().violations += 1;
        let told = self
            .violations
            .iter()
            .filter(|violation| violation.property == property);
        if told.count() < TOLD {
            self.violations.push(Violation {
                property,
                room: room.map(str::to_owned),
                what: what(),
                excerpt: excerpt(),
            });
        }
    }
}

/// Holds a record against the promise.
pub(crate) fn check(record: &Record) -> Findings {
    let mut findings = Findings::default();
    for property in Property::ALL {
        findings.looked(property, 0);
    }
    stored::check(record, &mut findings);
    order::check(record, &mut findings);
    sameness::check(record, &mut findings);
    feeds::check(record, &mut findings);
    presence::check(record, &mut findings);
    findings
}

/// An entry, for people.
fn describe(record: &Record, entry: &Entry) -> String {
    let what = match entry.what {
        What::Message(shown) => match shown.send {
            Some(send) => describe_send(record, send),
            None => format!("message {}", shown.id),
        },
        What::Changed(shown) => {
            let verb = if shown.deleted { "deleted" } else { "edited" };
            format!("the message at {} {verb}", shown.seq)
        }
        What::Reaction => "a reaction".to_owned(),
        What::Added(person) => format!("{} added", person_name(record, person)),
        What::Removed(person) => format!("{} removed", person_name(record, person)),
        What::Other => "something else".to_owned(),
    };
    format!("{}: {what}", entry.seq)
}

fn describe_send(record: &Record, send: SendId) -> String {
    let sender = record
        .clients
        .get(send.sender)
        .map_or("somebody", |client| client.name.as_str());
    format!("message {} of {sender}", send.number)
}

fn person_name(record: &Record, person: Option<usize>) -> String {
    person
        .and_then(|person| record.cast.people.get(person))
        .map_or_else(|| "somebody".to_owned(), Clone::clone)
}

fn room_name(record: &Record, room: RoomNumber) -> Option<&str> {
    record.cast.rooms.get(room).map(String::as_str)
}

/// The entries of a room's log around a place.
fn around(record: &Record, room: RoomNumber, seq: u64) -> Vec<String> {
    let log = record.rooms.get(room).map_or(&[][..], |truth| truth.log());
    let near = log
        .iter()
        .filter(|entry| entry.seq.abs_diff(seq) <= 1)
        .map(|entry| format!("the log has {}", describe(record, entry)));
    near.take(4).collect()
}
