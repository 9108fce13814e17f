//! What a node does over time, beside a Redis and a database that answer as they are told to.

use super::RedisPresence;
use super::holdings::Words;
use super::leases::astray_name;
use super::message::{Said, Subject};
use super::register::{Heard, Moment, Register, Roll};
use crate::clock::{Clock, ManualClock};
use crate::models::{NodeId, Status, Timestamp, UserId};
use crate::presence::{Presence, Spans, Witness};
use crate::redis_link::LinkError;
use crate::simulation::in_a_time_of_its_own;
use async_trait::async_trait;
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const ME: NodeId = NodeId(Uuid::from_u128(1));
const OTHER: NodeId = NodeId(Uuid::from_u128(2));
const ADA: UserId = UserId(Uuid::from_u128(10));
const BO: UserId = UserId(Uuid::from_u128(11));
const NOW: Timestamp = Timestamp(1_800_000_000_000);
const MOMENT: Duration = Duration::from_millis(50);

/// A Redis that answers at once, and in which nobody is held.
#[derive(Debug, Default)]
struct Redis {
    live: Mutex<BTreeSet<NodeId>>,
    /// Of whom it cannot be read who holds them.
    silent_about: Mutex<Option<UserId>>,
    written: Mutex<Vec<(Instant, Subject, Option<char>)>>,
    versions: AtomicU64,
}

/// A database that takes a moment to answer which others live; or never does.
#[derive(Debug, Default)]
struct Database(Mutex<Option<HashSet<NodeId>>>);

struct World {
    redis: Arc<Redis>,
    database: Arc<Database>,
    clock: Arc<ManualClock>,
    presence: RedisPresence,
    spans: Spans,
}

impl World {
    /// A node that has just started beside another one, and knows that it is in Redis.
    async fn begin() -> Self {
        let second = Duration::from_secs(1);
        let redis = Arc::new(Redis::default());
        redis.live.lock().unwrap().extend([ME, OTHER]);
        let database = Arc::new(Database::default());
        database.says(&[OTHER]);
        let clock = Arc::new(ManualClock::new(NOW));
        let spans = Spans::new(second * 2, second * 6);
        let presence = RedisPresence::start(
            Arc::clone(&redis) as _,
            ME,
            spans,
            Arc::clone(&clock) as _,
            Arc::clone(&database) as _,
            &TaskTracker::new(),
            &CancellationToken::new(),
        );
        sleep(MOMENT * 2).await;
        Self {
            redis,
            database,
            clock,
            presence,
            spans,
        }
    }

    async fn status(&self, user: UserId) -> Status {
        self.presence.statuses(&[user]).await[0].status
    }

    /// When somebody was written to be held by a letter, or by nothing.
    fn written(&self, user: UserId, state: Option<char>) -> Vec<Instant> {
        let written = self.redis.written.lock().unwrap();
        let of_them = written
            .iter()
            .filter(|(_, subject, said)| (*subject, *said) == (Subject::User(user), state));
        of_them.map(|(at, ..)| *at).collect()
    }
}

impl Database {
    fn says(&self, names: &[NodeId]) {
        *self.0.lock().unwrap() = Some(names.iter().copied().collect());
    }

    fn hangs(&self) {
        *self.0.lock().unwrap() = None;
    }
}

#[async_trait]
impl Witness for Database {
    async fn beat(&self, _: NodeId, _: Duration) -> Option<HashSet<NodeId>> {
        let names = self.0.lock().unwrap().clone();
        if names.is_none() {
            std::future::pending::<()>().await;
        }
        sleep(MOMENT).await;
        names
    }
}

#[async_trait]
impl Register for Redis {
    async fn hold(
        &self,
        _: NodeId,
        words: &Words,
        _: Duration,
        _: Option<Moment>,
    ) -> Result<(), LinkError> {
        let said = words.subjects.iter();
        let said = said.map(|it| (Instant::now(), *it, words.state));
        self.written.lock().unwrap().extend(said);
        Ok(())
    }

    async fn read(
        &self,
        _: Subject,
        users: &[UserId],
        _: Timestamp,
    ) -> Result<(u64, Vec<Said>), LinkError> {
        let silent_about = *self.silent_about.lock().unwrap();
        if silent_about.is_some_and(|user| users.contains(&user)) {
            std::future::pending::<()>().await;
        }
        let version = self.versions.fetch_add(1, Ordering::Relaxed) + 1;
        Ok((version, Vec::new()))
    }

    async fn list(&self, _: NodeId, _: &[Subject], _: Duration) -> Result<(), LinkError> {
        Ok(())
    }

    async fn unlist(&self, _: NodeId, _: &[Subject]) -> Result<(), LinkError> {
        Ok(())
    }

    async fn listed(&self, _: NodeId) -> Result<Vec<Subject>, LinkError> {
        Ok(Vec::new())
    }

    async fn renew(&self, _: NodeId, _: Duration) -> Result<Roll, LinkError> {
        let live = self.live.lock().unwrap().clone();
        let missing = [ME, OTHER].into_iter().filter(|it| !live.contains(it));
        Ok(Roll {
            known: true,
            expired: missing.map(|node| (node, Moment(0))).collect(),
            live,
        })
    }

    async fn leave(&self, _: NodeId) -> Result<bool, LinkError> {
        Ok(true)
    }

    async fn heard(&self) -> Heard {
        std::future::pending().await
    }

    fn is_up(&self) -> bool {
        true
    }

    fn losses(&self) -> u64 {
        0
    }
}

#[test]
fn what_the_database_says_of_another_node_counts_at_once() {
    in_a_time_of_its_own(async {
        let world = World::begin().await;
        assert_eq!(world.status(ADA).await, Status::Offline);
        let told = world.spans.node_refresh + MOMENT * 2;
        world.database.says(&[OTHER, astray_name(OTHER)]);
        sleep(told).await;
        assert_eq!(world.status(ADA).await, Status::Unknown);
        world.database.says(&[OTHER]);
        sleep(told).await;
        assert_eq!(world.status(ADA).await, Status::Offline);
    });
}

#[test]
fn a_database_that_does_not_answer_makes_nobody_forget_who_is_without_redis() {
    in_a_time_of_its_own(async {
        let world = World::begin().await;
        assert_eq!(world.status(ADA).await, Status::Offline);
        world.database.says(&[OTHER, astray_name(OTHER)]);
        sleep(world.spans.node_refresh + MOMENT * 2).await;
        world.database.hangs();
        sleep(world.spans.node_refresh * 2).await;
        assert_eq!(world.status(ADA).await, Status::Unknown);
    });
}

#[test]
fn what_is_held_is_written_again_in_time_while_a_node_is_missing_and_the_database_hangs() {
    in_a_time_of_its_own(async {
        let world = World::begin().await;
        world.presence.connected(ADA, 1).await;
        world.redis.live.lock().unwrap().remove(&OTHER);
        sleep(world.spans.node_refresh).await;
        world.database.hangs();
        sleep(world.spans.lease * 3).await;
        let written = world.written(ADA, Some('o'));
        let late = world.spans.refresh + world.spans.node_refresh * 2;
        assert!(written.windows(2).all(|two| two[1] - two[0] <= late));
        assert!(written.last().unwrap().elapsed() <= late);
    });
}

#[test]
fn nobody_is_said_to_have_gone_while_a_node_is_without_redis_or_the_database_hangs() {
    in_a_time_of_its_own(async {
        let world = World::begin().await;
        world.presence.connected(ADA, 1).await;
        world.presence.disconnected(1).await;
        world.database.says(&[OTHER, astray_name(OTHER)]);
        world.clock.advance(world.spans.grace);
        world.presence.tick(world.clock.now()).await;
        sleep(world.spans.node_lease).await;
        assert!(world.written(ADA, None).is_empty());
        world.database.hangs();
        sleep(world.spans.node_lease).await;
        assert!(world.written(ADA, None).is_empty());
        assert_eq!(world.status(ADA).await, Status::Online, "as she was");

        world.database.says(&[OTHER]);
        sleep(world.spans.node_lease).await;
        assert_eq!(world.written(ADA, None).len(), 1);
        assert_eq!(world.status(ADA).await, Status::Offline);
    });
}

#[test]
fn who_is_read_together_with_others_is_learnt_without_waiting_for_them() {
    in_a_time_of_its_own(async {
        let world = World::begin().await;
        *world.redis.silent_about.lock().unwrap() = Some(BO);
        let both = world.presence.statuses(&[ADA, BO]);
        assert!(timeout(MOMENT, both).await.is_err());
        assert_eq!(world.presence.inner.state().strangers(&[ADA, BO]), [BO]);
    });
}
