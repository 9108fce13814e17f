//! What all clients count and measure, apart from the order of entries.
//!
//! Clients write into one of a few shards, so that they seldom wait for each
//! other; a histogram is too large for every room or client to have its own.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hdrhistogram::Histogram;

/// More than any machine that runs a load test has threads at work on it.
const SHARDS: usize = 16;
/// Longer waits are counted as this long.
const LONGEST: Duration = Duration::from_mins(2);

#[derive(Debug)]
pub(super) struct Tally {
    shards: Vec<Mutex<Counts>>,
}

/// Durations are in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    /// From due to received, live, by those who read at once.
    pub(super) receipt: Histogram<u64>,
    /// The same by those who read slowly.
    pub(super) slow_receipt: Histogram<u64>,
    /// From due to received by whoever was away or had fallen behind.
    pub(super) catching_up: Histogram<u64>,
    pub(super) acknowledgement: Histogram<u64>,
    /// How long clients were without a connection.
    pub(super) away: Histogram<u64>,
    pub(super) acknowledged: u64,
    pub(super) refused: BTreeMap<String, u64>,
    pub(super) unanswered: u64,
    /// Sends that were due and never left.
    pub(super) unsent: u64,
    pub(super) lost_connections: u64,
    pub(super) seen_leaving: u64,
    pub(super) resets: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Counts::new())).collect();
        Self { shards }
    }

    /// Where this client counts.
    pub(super) fn of(&self, client: usize) -> MutexGuard<'_, Counts> {
        let shard = &self.shards[client % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sum(&self) -> Counts {
        let mut sum = Counts::new();
        for shard in 0..SHARDS {
            sum.add(&self.of(shard));
        }
        sum
    }
}

impl Counts {
    fn new() -> Self {
        let micros = || {
            let longest = u64::try_from(LONGEST.as_micros()).expect("two minutes fit");
            Histogram::new_with_max(longest, 3).expect("these bounds are legal")
        };
        Self {
            receipt: micros(),
            slow_receipt: micros(),
            catching_up: micros(),
            acknowledgement: micros(),
            away: micros(),
            acknowledged: 0,
            refused: BTreeMap::new(),
            unanswered: 0,
            unsent: 0,
            lost_connections: 0,
            seen_leaving: 0,
            resets: 0,
        }
    }

    fn add(&mut self, other: &Self) {
        let Self {
            receipt,
            slow_receipt,
            catching_up,
            acknowledgement,
            away,
            acknowledged,
            refused,
            unanswered,
            unsent,
            lost_connections,
            seen_leaving,
            resets,
        } = other;
        for (sum, part) in [
            (&mut self.receipt, receipt),
            (&mut self.slow_receipt, slow_receipt),
            (&mut self.catching_up, catching_up),
            (&mut self.acknowledgement, acknowledgement),
            (&mut self.away, away),
        ] {
            sum.add(part).expect("all histograms have the same bounds");
        }
        for (code, count) in refused {
            *self.refused.entry(code.clone()).or_default() += count;
        }
        self.acknowledged += acknowledged;
        self.unanswered += unanswered;
        self.unsent += unsent;
        self.lost_connections += lost_connections;
        self.seen_leaving += seen_leaving;
        self.resets += resets;
    }
}

/// As a histogram counts it.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_count_apart_is_one_sum() {
        let tally = Tally::new();
        for client in 0..40 {
            let mut counts = tally.of(client);
            counts.resets += 1;
            counts
                .receipt
                .saturating_record(micros(Duration::from_millis(3)));
            *counts.refused.entry("gone".to_owned()).or_default() += 2;
        }
        let sum = tally.sum();
        assert_eq!((sum.resets, sum.receipt.len()), (40, 40));
        assert_eq!(sum.refused["gone"], 80);
    }
}
