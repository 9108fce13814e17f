//! How the nodes do, second by second.
//!
//! Nothing is counted here: once a second the counters that Prometheus is shown are looked at, and the
//! difference to the second before is a sample. Each node tells the others its own, and each keeps
//! those of all, in memory and for as long as [`rings`] says. What is missed is missing.

mod process;
mod reading;
mod rings;
mod watchers;

use super::vitals::Vitals;
use super::{Caller, Chat, ChatError, announce, check};
use crate::bus::{Subject, Word};
use crate::models::{NodeFact, NodeId, Sample, Timestamp, User, UserId};
use crate::protocol::stats::{NodeStats, NodeTold, ReadStats, Stats as StatsRead, StatsTold};
use crate::protocol::whole::Whole;
use crate::services::access::{NO_OPERATOR, Operator};
use crate::store::Size;
use realtime::{Connection, ConnectionId};
use rings::{Rings, Step, seconds};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use watchers::Watchers;

/// After the full second, when the others' samples of it have come.
const SETTLE: Duration = Duration::from_millis(300);
/// How often it is measured how late a timer is.
const LATENESS_EVERY: Duration = Duration::from_millis(100);
/// Seconds between two looks at all cursors, each of which takes a lock for a moment.
const BEHIND_EVERY: u64 = 5;
/// Seconds between two questions how large the database is.
const SIZE_EVERY: u64 = 60;

/// What this node knows of how the nodes do.
#[derive(Debug)]
pub(super) struct Stats {
    node: NodeFact,
    rings: Mutex<Rings>,
    watchers: Watchers,
    /// What browsers told.
    pub(super) vitals: Vitals,
    /// The longest a timer was late since the last sample, in microseconds.
    latest_us: AtomicU64,
    /// How large the database is, if it has been asked since the last sample.
    store_size: Mutex<Option<Size>>,
}

impl Stats {
    pub(super) fn new(node: NodeId, started_at: Timestamp) -> Self {
        Self {
            node: NodeFact {
                node_id: node,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at,
            },
            rings: Mutex::default(),
            watchers: Watchers::default(),
            vitals: Vitals::default(),
            latest_us: AtomicU64::new(0),
            store_size: Mutex::default(),
        }
    }

    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store_size(&self) -> MutexGuard<'_, Option<Size>> {
        let size = self.store_size.lock();
        size.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    /// Takes a sample at every full second, tells the other nodes and those who watch. For as long as
    /// the server runs.
    pub async fn keep_sampling(self: Arc<Self>) {
        self.bus.watch(Subject::Nodes).await;
        // Nothing was done before it began.
        let mut before = Sample {
            at: seconds(self.clock.now()),
            ..Sample::default()
        };
        let mut behind = 0;
        self.ask_how_large();
        loop {
            sleep(to_full_second(self.clock.now())).await;
            let Some(engine) = self.feed.engine() else {
                continue;
            };
            let at = seconds(self.clock.now());
            if before.at == at {
                // The timer was early by a little.
                continue;
            }
            if at.is_multiple_of(BEHIND_EVERY) {
                behind = engine.lag().await.behind;
            }
            if at.is_multiple_of(SIZE_EVERY) {
                self.ask_how_large();
            }
            let now = Sample {
                at,
                behind,
                ..self.reading(engine)
            };
            let earlier = std::mem::replace(&mut before, now.clone());
            // A clock that was set back begins anew.
            if earlier.at < at {
                self.tell_sample(now.since(earlier));
            }
            sleep(SETTLE).await;
            self.tell_watchers();
        }
    }

    /// Measures again and again how late a timer is: as late as any work of this process is begun.
    pub async fn keep_measuring_lateness(self: Arc<Self>) {
        loop {
            let due = Instant::now() + LATENESS_EVERY;
            sleep_until(due).await;
            let late = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.stats.latest_us.fetch_max(late, Ordering::Relaxed);
        }
    }

    /// Another node has told of its second.
    pub(super) fn hear_sample(&self, node: &NodeFact, sample: &Sample) {
        self.stats.rings().put(node, sample, self.clock.now());
    }

    /// What the nodes did.
    ///
    /// # Errors
    /// `Invalid` for a time or a step that there is none of.
    pub fn stats(&self, _: &Operator, request: &ReadStats) -> Result<StatsRead, ChatError> {
        let from = check::maybe_moment("from", request.from.as_deref())?;
        let from = from.unwrap_or(Timestamp(0));
        let to = check::maybe_moment("to", request.to.as_deref())?;
        let to = to.unwrap_or_else(|| self.clock.now());
        let Whole(step) = request.step.map_or(Whole(1), Into::into);
        let step = Step::of(step)
            .ok_or_else(|| ChatError::invalid("step", "step must be 1, 10 or 300 seconds"))?;
        let nodes = self.stats.rings().between(from, to, step);
        let told = |(node, seen_at, samples)| NodeStats {
            node,
            seen_at,
            samples,
        };
        Ok(StatsRead {
            step: step.seconds(),
            nodes: nodes.into_iter().map(told).collect(),
        })
    }

    /// Tells this connection how the nodes do, once a second until it ends or wants no more, or its user
    /// no longer runs the server.
    ///
    /// # Errors
    /// `Forbidden` for those who do not run the server.
    pub async fn watch_stats(
        &self,
        caller: &Caller,
        connection: &Connection,
    ) -> Result<(), ChatError> {
        // Added first, looked at second: whoever takes the role away in between is noticed here, and
        // whoever does later finds the watcher. The role is as it is now, not as the connection began.
        self.stats.watchers.add(caller.id(), connection);
        let user = self.store.find_user(caller.id()).await;
        let operates = |user: &Option<User>| user.as_ref().is_some_and(|user| user.role.operates());
        match user {
            Ok(user) if operates(&user) => Ok(()),
            refused => {
                self.unwatch_stats(connection.id());
                Err(refused.err().map_or(NO_OPERATOR, Into::into))
            }
        }
    }

    /// Ends that.
    pub fn unwatch_stats(&self, connection: ConnectionId) {
        self.stats.watchers.remove(connection);
    }

    /// Ends it for a user who does not run the server, or not any more.
    pub(super) fn unwatch_stats_of(&self, user: UserId) {
        self.stats.watchers.remove_all_of(user);
    }

    fn tell_sample(&self, sample: Sample) {
        let (node, now) = (&self.stats.node, self.clock.now());
        {
            let mut rings = self.stats.rings();
            rings.put(node, &sample, now);
            rings.forget(now);
        }
        if !self.bus.is_alone() {
            self.bus.tell(Word::Sampled {
                node: node.clone(),
                sample: Box::new(sample),
            });
        }
    }

    fn tell_watchers(&self) {
        let news = self.stats.rings().news();
        self.stats.watchers.tell(announce::STATS_KEY, || {
            let told = |(node, sample)| NodeTold { node, sample };
            announce::stats(&StatsTold {
                nodes: news.into_iter().map(told).collect(),
            })
        });
    }

    /// Asks the store beside everything else; the next sample after the answer has it.
    fn ask_how_large(self: &Arc<Self>) {
        let chat = Arc::clone(self);
        self.spawn(async move {
            match chat.store.size().await {
                Ok(size) => *chat.stats.store_size() = Some(size),
                Err(error) => tracing::debug!(%error, "how large the database is was not said"),
            }
        });
    }
}

/// How long until the next full second.
fn to_full_second(now: Timestamp) -> Duration {
    let past = u64::try_from(now.0.rem_euclid(1000)).expect("a remainder is not negative");
    Duration::from_millis(1000 - past)
}
