//! What keeps several nodes one chat: hearing the others, and comparing with the store.
//!
//! The bus is quick and may lose everything; the store is right and must be asked. What is watched
//! here is compared every few seconds, at once when something may have been missed, and twice a
//! second while the bus or the store is away. So nobody waits longer for an entry, a membership or
//! the end of a login than until the next comparison, whatever is broken between the nodes.

use super::{Chat, ChatError};
use crate::bus::{Heard, Word};
use crate::models::NodeId;
use crate::presence::Witness;
use crate::store::Store;
use async_trait::async_trait;
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often heads and counters are compared while the bus can be heard, in seconds: never all nodes
/// at once.
const COMPARE_EVERY: RangeInclusive<f64> = 5.0..=9.0;
/// How often heads are compared while it cannot, and how soon that is noticed.
const POLL_EVERY: Duration = Duration::from_millis(500);
/// How often counters are compared while it cannot.
const POLL_COUNTERS_EVERY: Duration = Duration::from_secs(2);

impl Chat {
    /// Whether the other nodes can be heard; nothing on a server that is alone.
    pub fn bus_is_up(&self) -> Option<bool> {
        self.policy.one_of_many.then(|| self.bus.is_up())
    }

    /// Hears what the other nodes tell, for as long as the server runs. What takes a look into the
    /// store goes its own way, so that nobody waits behind it.
    pub async fn listen(self: Arc<Self>) {
        loop {
            match self.bus.heard().await {
                Heard::Missed => self.missed.notify_one(),
                Heard::Word(Word::Entry {
                    epoch,
                    room,
                    seq,
                    packet,
                    removed,
                }) => {
                    self.feed
                        .hear_entry(&epoch, room, seq, packet.as_deref(), removed)
                        .await;
                }
                Heard::Word(Word::Hint {
                    to,
                    key,
                    packet,
                    except,
                }) => self.feed.hear_hint(to, key, &packet, except),
                Heard::Word(Word::Sampled { node, sample }) => self.hear_sample(&node, &sample),
                Heard::Word(Word::Moved { user }) => {
                    let chat = Arc::clone(&self);
                    self.tasks.spawn(async move {
                        if let Err(error) = chat.look_after(user).await {
                            tracing::warn!(user.id = %user, %error, cause = error.cause(), "somebody was not told yet what is theirs");
                        }
                    });
                }
            }
        }
    }

    /// Compares what is watched here with the store, again and again. `chance` picks one of a range.
    pub async fn keep_comparing(
        self: Arc<Self>,
        chance: impl Fn(RangeInclusive<f64>) -> f64 + Send + Sync,
    ) {
        let (mut heads, mut counters) = (Round::new(&chance), Round::new(&chance));
        // Whether the store did not answer when last asked: then it is asked again at every look, and
        // no more often than that.
        let mut away = false;
        loop {
            let missed = tokio::select! {
                biased;
                () = tokio::time::sleep(POLL_EVERY) => away,
                () = self.missed.notified(), if !away => true,
            };
            away = false;
            let up = self.bus.is_up();
            let due = heads.is_due(missed, up, POLL_EVERY, &chance);
            if let Err(error) = self.look_at_feeds(due).await {
                tracing::warn!(%error, cause = error.cause(), "heads could not be compared");
                away = true;
            }
            if counters.is_due(missed, up, POLL_COUNTERS_EVERY, &chance)
                && let Err(error) = self.compare_belongings().await
            {
                tracing::warn!(%error, cause = error.cause(), "counters could not be compared");
                away = true;
            }
        }
    }

    /// Sees whether the store has found another history, and, if that is `due`, compares heads.
    async fn look_at_feeds(&self, due: bool) -> Result<(), ChatError> {
        self.feed.history().await?;
        if due {
            self.feed.give_up_unwatched();
            self.feed.compare_heads().await?;
        }
        Ok(())
    }
}

/// The store as a second opinion on which nodes live.
#[derive(Debug)]
pub struct StoreWitness(pub Arc<dyn Store>);

#[async_trait]
impl Witness for StoreWitness {
    async fn beat(&self, node: NodeId, lease: Duration) -> Option<HashSet<NodeId>> {
        let others = self.0.beat(node, lease).await.inspect_err(|error| {
            tracing::warn!(%error, "the store was not told that this node lives");
        });
        Some(others.ok()?.into_iter().collect())
    }
}

/// When something was compared last, and how long that is enough.
struct Round {
    last: Instant,
    lasts: Duration,
}

impl Round {
    fn new(chance: impl Fn(RangeInclusive<f64>) -> f64) -> Self {
        Self {
            last: Instant::now(),
            lasts: Duration::from_secs_f64(chance(COMPARE_EVERY)),
        }
    }

    /// Whether to compare now; if so, the next round begins.
    fn is_due(
        &mut self,
        missed: bool,
        up: bool,
        poll: Duration,
        chance: impl Fn(RangeInclusive<f64>) -> f64,
    ) -> bool {
        let lasts = if up { self.lasts } else { poll };
        let due = missed || self.last.elapsed() >= lasts;
        if due {
            *self = Self::new(chance);
        }
        due
    }
}
