//! What a node did in an interval, and how it was at its end.
//!
//! Counts add up: the samples of ten seconds are one of ten seconds ([`Sample::add`]), and two of all
//! that was counted since the start differ by what was between them ([`Sample::since`]). Distributions
//! are counts in bands, never percentiles, so that those of many nodes add up too.

use super::{HeardOthers, NodeId, Releases, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one node did in an interval. A number that is missing is not known.
///
/// One that lacks something this version counts, as a node of the version before tells, is not read:
/// missing is better than zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// The end of the interval, in seconds since 1970.
    pub at: u64,
    /// How many seconds of it the node has told of: 1, 10 or 300, or fewer.
    pub seconds: u64,
    /// Open connections, at the end.
    pub connections: Connections,
    /// Connections that began.
    pub opened: u64,
    /// Connections that ended.
    pub ended: u64,
    /// Events received from clients.
    pub received: u64,
    /// Messages stored.
    pub messages: u64,
    /// Messages that were refused.
    pub refused: u64,
    /// Messages of which nobody can say whether they are stored, and commits that failed.
    pub failed: u64,
    /// Frames written to clients.
    pub deliveries: u64,
    /// Bytes written to clients.
    pub bytes: u64,
    /// Messages taken in and not answered yet, at the end.
    pub waiting: u64,
    /// Cursors that have not read to the end. Looked at every five seconds.
    pub behind: u64,
    /// Writes that a socket took no more of.
    pub blocked: u64,
    pub hints_dropped: u64,
    /// Feeds ended because they were too far behind.
    pub resets: u64,
    /// Connections ended because their client did not read.
    pub slow_closed: u64,
    /// Requests and events turned away by a rate limit.
    pub limited: u64,
    /// From the commit of an entry until all sockets that were caught up had been written to.
    pub delivery: Buckets,
    /// From a decoded message to its acknowledgement.
    pub acknowledgement: Buckets,
    /// How long the store took for a batch of messages.
    pub commit: Buckets,
    /// Processor time the process took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Memory the process has, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rss_bytes: Option<u64>,
    /// The longest that a timer was late, in microseconds.
    pub lag_us: u64,
    pub store: StoreSample,
    pub vitals: VitalsSample,
    /// What other nodes told this one. Kept of seconds alone.
    #[serde(default, skip_serializing_if = "HeardOthers::is_empty")]
    pub heard: HeardOthers,
}

/// Open connections, by how they are connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Connections {
    pub websocket: u64,
    pub polling: u64,
}

/// How busy the store was at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoreSample {
    /// Connections to the database in use. Of SQLite, those that read.
    pub busy: u64,
    pub idle: u64,
    /// The most there may be.
    pub max: u64,
    /// What the database takes on the disk. Asked once a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What is free on the disk that the database is on. Asked with it; of PostgreSQL it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
}

/// What browsers told this node about themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VitalsSample {
    /// How soon the page was there and how soon it answered, by the client's release: the four that
    /// told most, and all others under an empty name.
    pub releases: Releases,
    /// Cumulative Layout Shift, in thousandths instead of microseconds.
    pub cls: Buckets,
    /// From sending a message to its acknowledgement, as the browser saw it.
    pub ack: Buckets,
    pub reconnects: u64,
    pub failed_sends: u64,
    /// Reports that came.
    pub sessions: u64,
}

/// `[i]` is how many took at most 2^i microseconds, and more than half of that. Zeros at the end are
/// left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Buckets(pub Vec<u64>);

/// A node, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeFact {
    pub node_id: NodeId,
    pub version: String,
    pub started_at: Timestamp,
}

impl Sample {
    /// What was done between two readings, each of all that was counted since the start. What browsers
    /// told by release, and what other nodes told, is of the time between them already.
    #[must_use]
    pub fn since(mut self, mut earlier: Self) -> Self {
        for (now, before) in self.counts().into_iter().zip(earlier.counts()) {
            *now = now.saturating_sub(*before);
        }
        for (now, before) in self
            .distributions()
            .into_iter()
            .zip(earlier.distributions())
        {
            now.take_away(before);
        }
        self.cpu_ms = (self.cpu_ms.zip(earlier.cpu_ms)).map(|(now, then)| now.saturating_sub(then));
        self.seconds = self.at.saturating_sub(earlier.at);
        self
    }

    /// Lengthens the interval by the one that follows.
    pub fn add(&mut self, mut next: Self) {
        for (sum, more) in self.counts().into_iter().zip(next.counts()) {
            *sum += *more;
        }
        for (sum, more) in self.distributions().into_iter().zip(next.distributions()) {
            sum.put(more);
        }
        self.cpu_ms = match (self.cpu_ms, next.cpu_ms) {
            (Some(sum), Some(more)) => Some(sum + more),
            (known, None) | (None, known) => known,
        };
        self.vitals.releases.add(next.vitals.releases);
        self.heard.add(next.heard);
        self.seconds += next.seconds;
        self.lag_us = self.lag_us.max(next.lag_us);
        // What is so at the end is so at the end of the later one.
        self.at = next.at;
        self.connections = next.connections;
        self.waiting = next.waiting;
        self.behind = next.behind;
        self.rss_bytes = next.rss_bytes;
        self.store = StoreSample {
            bytes: next.store.bytes.or(self.store.bytes),
            free_bytes: next.store.free_bytes.or(self.store.free_bytes),
            ..next.store
        };
    }

    /// Everything that adds up.
    fn counts(&mut self) -> [&mut u64; 16] {
        [
            &mut self.opened,
            &mut self.ended,
            &mut self.received,
            &mut self.messages,
            &mut self.refused,
            &mut self.failed,
            &mut self.deliveries,
            &mut self.bytes,
            &mut self.blocked,
            &mut self.hints_dropped,
            &mut self.resets,
            &mut self.slow_closed,
            &mut self.limited,
            &mut self.vitals.reconnects,
            &mut self.vitals.failed_sends,
            &mut self.vitals.sessions,
        ]
    }

    fn distributions(&mut self) -> [&mut Buckets; 5] {
        [
            &mut self.delivery,
            &mut self.acknowledgement,
            &mut self.commit,
            &mut self.vitals.cls,
            &mut self.vitals.ack,
        ]
    }
}

impl Buckets {
    /// These counts, without the zeros at the end.
    pub fn of(bands: &[u64]) -> Self {
        let length = bands.iter().rposition(|count| *count > 0);
        Self(bands[..length.map_or(0, |last| last + 1)].to_vec())
    }

    pub(super) fn put(&mut self, more: &Self) {
        if self.0.len() < more.0.len() {
            self.0.resize(more.0.len(), 0);
        }
        for (sum, count) in self.0.iter_mut().zip(&more.0) {
            *sum += count;
        }
    }

    fn take_away(&mut self, before: &Self) {
        for (count, then) in self.0.iter_mut().zip(&before.0) {
            *count = count.saturating_sub(*then);
        }
        *self = Self::of(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: u64, messages: u64, took: &[u64]) -> Sample {
        Sample {
            at,
            messages,
            commit: Buckets(took.to_vec()),
            ..Sample::default()
        }
    }

    #[test]
    fn two_readings_differ_by_what_was_between_them() {
        let before = Sample {
            waiting: 9,
            cpu_ms: Some(100),
            ..sample(10, 5, &[1, 0, 4])
        };
        let after = Sample {
            waiting: 2,
            cpu_ms: Some(140),
            ..sample(11, 8, &[1, 2, 4])
        };
        let between = after.since(before);
        assert_eq!((between.at, between.seconds), (11, 1));
        assert_eq!((between.messages, between.waiting), (3, 2));
        assert_eq!(between.commit, Buckets(vec![0, 2]));
        assert_eq!(between.cpu_ms, Some(40));
    }

    #[test]
    fn the_samples_of_two_seconds_are_one_of_two_seconds() {
        let second = |at, lag_us, bytes: Option<u64>, took: &[u64]| Sample {
            seconds: 1,
            lag_us,
            waiting: at,
            store: StoreSample {
                bytes,
                free_bytes: bytes.map(|bytes| 2 * bytes),
                ..StoreSample::default()
            },
            ..sample(at, 2, took)
        };
        let mut both = second(10, 700, Some(4096), &[1]);
        both.add(second(11, 300, None, &[1, 3]));
        assert_eq!((both.at, both.seconds, both.messages), (11, 2, 4));
        assert_eq!((both.lag_us, both.waiting), (700, 11));
        assert_eq!(both.commit, Buckets(vec![2, 3]));
        let size = (both.store.bytes, both.store.free_bytes);
        assert_eq!(
            size,
            (Some(4096), Some(8192)),
            "it is not asked every second"
        );
        assert_eq!(both.cpu_ms, None, "nobody knows it");
    }

    #[test]
    fn a_sample_of_another_version_is_read_when_nothing_is_missing() {
        let mut told = serde_json::to_value(sample(7, 3, &[])).unwrap();
        told["applause"] = 1.into();
        let read = |told: &serde_json::Value| serde_json::from_value::<Sample>(told.clone()).ok();
        assert_eq!(read(&told), Some(sample(7, 3, &[])));
        told.as_object_mut().unwrap().remove("messages");
        assert_eq!(read(&told), None);
    }
}
