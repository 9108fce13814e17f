//! Counters of what the engine does.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::close::CloseReason;
use crate::histogram::{Distribution, Histogram};

/// What the engine has done since it was made, and what it holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// Open transports that are `WebSocket`s.
    pub websocket: u64,
    /// Open transports that poll.
    pub polling: u64,
    /// Packets written.
    pub packets_out: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Writes they took.
    pub writes: u64,
    /// Events received.
    pub events_in: u64,
    /// Times a socket could not take a write.
    pub blocked: u64,
    /// Milliseconds that writes waited for peers.
    pub blocked_ms: u64,
    /// Times a reader fell off the tail of its topic.
    pub fallen: u64,
    /// Pages read from the source.
    pub backfills: u64,
    /// Feeds ended because they were too far behind.
    pub resets: u64,
    /// Times reading stopped because too many events were unanswered.
    pub inbox_full: u64,
    /// Hints dropped for want of room.
    pub hints_dropped: u64,
    /// Handshakes refused for want of room.
    pub refused: u64,
    /// Ends by reason. A transport on which nothing was ever joined counts as well.
    pub ends: Vec<(CloseReason, u64)>,
    /// Microseconds from [`crate::Topic::append`], or the moment given to
    /// [`crate::Topic::append_since`], until every WebSocket that was caught up had been written to.
    /// One value a walk over the readers: its oldest frame's.
    pub delivery: Distribution,
}

/// How far readers are behind the logs they follow, see [`crate::Engine::lag`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Topics that are there.
    pub topics: u64,
    /// Cursors that read.
    pub cursors: u64,
    /// Those of them that have not read to the end.
    pub behind: u64,
    /// Frames all of them have still to read.
    pub frames: u64,
    /// Frames the one furthest behind has still to read.
    pub furthest: u64,
}

impl Lag {
    /// Adds a cursor that has so many frames to read.
    pub(crate) fn add(&mut self, frames: u64) {
        self.cursors += 1;
        self.behind += u64::from(frames > 0);
        self.frames += frames;
        self.furthest = self.furthest.max(frames);
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more, or several.
    pub fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    /// How many until now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicI64);

impl Gauge {
    pub(crate) fn add(&self, by: i64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

/// Counted by hand while busy, added up once.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) writes: u64,
    /// Sockets that took what a walk brought, or are being written to by somebody who will.
    pub(crate) reached: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) websocket: Gauge,
    pub(crate) polling: Gauge,
    packets_out: Counter,
    bytes_out: Counter,
    writes: Counter,
    pub(crate) events_in: Counter,
    pub(crate) blocked: Counter,
    pub(crate) blocked_ms: Counter,
    pub(crate) fallen: Counter,
    pub(crate) backfills: Counter,
    pub(crate) resets: Counter,
    pub(crate) inbox_full: Counter,
    pub(crate) hints_dropped: Counter,
    pub(crate) refused: Counter,
    pub(crate) delivery: Histogram,
    ends: [Counter; CloseReason::ALL.len()],
}

impl Counters {
    pub(crate) fn count(&self, tally: &Tally) {
        if tally.writes > 0 {
            self.packets_out.add(tally.packets);
            self.bytes_out.add(tally.bytes);
            self.writes.add(tally.writes);
        }
    }

    pub(crate) fn ended(&self, reason: CloseReason) {
        self.ends[reason.index()].add(1);
    }

    pub(crate) fn snapshot(&self) -> Metrics {
        let ends = CloseReason::ALL
            .into_iter()
            .zip(self.ends.iter().map(Counter::get));
        Metrics {
            websocket: self.websocket.get(),
            polling: self.polling.get(),
            packets_out: self.packets_out.get(),
            bytes_out: self.bytes_out.get(),
            writes: self.writes.get(),
            events_in: self.events_in.get(),
            blocked: self.blocked.get(),
            blocked_ms: self.blocked_ms.get(),
            fallen: self.fallen.get(),
            backfills: self.backfills.get(),
            resets: self.resets.get(),
            inbox_full: self.inbox_full.get(),
            hints_dropped: self.hints_dropped.get(),
            refused: self.refused.get(),
            ends: ends.collect(),
            delivery: self.delivery.get(),
        }
    }
}
