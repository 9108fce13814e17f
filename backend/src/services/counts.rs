//! What the chat has counted, for whoever watches the server.
//!
//! Numbers that only grow, moved where the thing happens, before anybody is told of it, and read when
//! somebody asks: counting costs an addition, being watched costs nothing. How they are called and
//! shown is not known here.

use super::Chat;
use super::committer::Outcome;
use crate::models::Status;
use crate::presence::Transition;
use crate::store::{Denied, Load};
use realtime::{Counter, Histogram};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the chat has done since it was started.
#[derive(Debug, Default)]
pub struct Counts {
    /// Messages that were handed in, by what became of them.
    pub sends: Sends,
    /// Of these, those that are not answered yet.
    waiting: AtomicU64,
    /// Microseconds from a decoded message to its acknowledgement, of those that were acknowledged.
    pub acknowledgement: Histogram,
    /// Messages in each batch that was committed.
    pub batches: Histogram,
    /// Microseconds the store took for each.
    pub commit: Histogram,
    /// Batches that the store could not commit.
    pub failed_batches: Counter,
    /// Times that the store was read because an entry had come before those in front of it.
    pub gaps_filled: Counter,
    /// Times that comparing with the store found entries of a room of which no word had come.
    pub logs_repaired: Counter,
    /// Times that comparing with the store found a membership or a login of which no word had come.
    pub belongings_repaired: Counter,
    /// Changes of presence that were spread.
    pub presence: Presences,
    /// Times that the people here were sent away because the other nodes may take this one for dead.
    pub cut_off: Counter,
}

/// Messages that were handed in.
#[derive(Debug, Default)]
pub struct Sends {
    pub stored: Counter,
    /// Their author had sent them before.
    pub repeated: Counter,
    pub refused: Counter,
    /// Nobody knows whether they are stored.
    pub unknown: Counter,
}

/// Changes of presence.
#[derive(Debug, Default)]
pub struct Presences {
    pub online: Counter,
    pub away: Counter,
    pub offline: Counter,
    pub unknown: Counter,
    /// Somebody is in a room.
    pub joined: Counter,
    pub left: Counter,
}

impl Counts {
    /// Messages taken in that are not answered yet.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A message is taken in.
    pub(super) fn begins(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// A message that was taken in is answered, or given up.
    pub(super) fn ends(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// A message that was decoded `waited` ago is answered now.
    pub(super) fn answered(&self, outcome: &Outcome, waited: Duration) {
        let sends = &self.sends;
        let counter = match outcome {
            Ok(Ok(posted)) if posted.duplicate => &sends.repeated,
            Ok(Ok(_)) => &sends.stored,
            Ok(Err(Denied::Unknown)) | Err(_) => &sends.unknown,
            Ok(Err(_)) => &sends.refused,
        };
        counter.add(1);
        if let Ok(Ok(_)) = outcome {
            self.acknowledgement.took(waited);
        }
    }

    /// Somebody's presence has changed.
    pub(super) fn changed(&self, transition: &Transition) {
        let presence = &self.presence;
        let counter = match transition {
            Transition::Joined { .. } => &presence.joined,
            Transition::Left { .. } => &presence.left,
            Transition::CutOff => &self.cut_off,
            Transition::Status(now) => match now.status {
                Status::Online => &presence.online,
                Status::Away => &presence.away,
                Status::Offline => &presence.offline,
                Status::Unknown => &presence.unknown,
            },
        };
        counter.add(1);
    }
}

impl Chat {
    /// What was counted until now.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How often somebody was too fast.
    pub fn rate_limited(&self) -> u64 {
        self.limits.refused()
    }

    /// How busy the store is.
    pub fn store_load(&self) -> Load {
        self.store.load()
    }

    /// For how long from now the log has its partitions, where it needs any.
    pub fn log_prepared_for(&self) -> Option<Duration> {
        let until = self.store.load().prepared_until?;
        Some(until.since(self.clock.now()))
    }
}
