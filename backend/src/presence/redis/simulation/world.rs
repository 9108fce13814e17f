//! What all nodes share: Redis, the database, time, and what is broken just now.

use super::database::Database;
use super::judge::Judge;
use super::keys::Keys;
use super::line::Line;
use super::node::Node;
use crate::clock::Clock;
use crate::models::Timestamp;
use crate::presence::Spans;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// When every history begins.
const BEGINNING: Timestamp = Timestamp(1_800_000_000_000);

#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) spans: Spans,
    /// How long anything travels at most.
    pub(super) travel: Duration,
    pub(super) tasks: TaskTracker,
    pub(super) judge: Judge,
    began: Instant,
    redis: Mutex<Redis>,
    database: Mutex<Database>,
    nodes: Mutex<Vec<Arc<Node>>>,
    mood: Mutex<Mood>,
    connections: AtomicU64,
    /// Rung when something broke or was mended, or the mood changed.
    stirred: Notify,
}

#[derive(Debug)]
pub(super) struct Redis {
    pub(super) keys: Keys,
    pub(super) health: Health,
    /// How often it was started: what was sent to another life is lost.
    pub(super) life: u64,
    /// By what its clock differs from others'.
    pub(super) ahead: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Well,
    /// It takes what comes, and does it when it goes on.
    StandsStill,
    Dead,
}

/// What people do just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Whatever they like.
    Lively,
    /// Nothing; those whose connection broke come back.
    Still,
    /// They go, for good.
    Leaving,
}

/// What is between a node and a server just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Open,
    /// Nothing passes yet.
    Blocked,
    /// This will never arrive.
    Gone,
}

impl World {
    pub(super) fn new(seed: u64, spans: Spans, travel: Duration, written: bool) -> Arc<Self> {
        Arc::new(Self {
            seed,
            spans,
            travel,
            tasks: TaskTracker::new(),
            judge: Judge::new(spans, travel, written),
            began: Instant::now(),
            redis: Mutex::new(Redis {
                keys: Keys::default(),
                health: Health::Well,
                life: 0,
                ahead: Duration::from_hours(1),
            }),
            database: Mutex::new(Database::new()),
            nodes: Mutex::default(),
            mood: Mutex::new(Mood::Lively),
            connections: AtomicU64::new(0),
            stirred: Notify::new(),
        })
    }

    pub(super) fn redis(&self) -> MutexGuard<'_, Redis> {
        self.redis.lock().unwrap()
    }

    pub(super) fn database(&self) -> MutexGuard<'_, Database> {
        self.database.lock().unwrap()
    }

    /// Microseconds of Redis's clock.
    pub(super) fn redis_time(&self, redis: &Redis) -> u64 {
        let now = self.began.elapsed() + redis.ahead;
        u64::try_from(now.as_micros()).unwrap()
    }

    // ── People ─────────────────────────────────────────────────────────────────

    pub(super) fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
        self.stir();
    }

    /// The number of a new connection.
    pub(super) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    // ── Nodes ──────────────────────────────────────────────────────────────────

    /// All that ever were.
    pub(super) fn nodes(&self) -> Vec<Arc<Node>> {
        self.nodes.lock().unwrap().clone()
    }

    /// Those that have not ended.
    pub(super) fn living(&self) -> Vec<Arc<Node>> {
        let mut nodes = self.nodes();
        nodes.retain(|node| node.pulse.is_alive());
        nodes
    }

    pub(super) fn add(&self, node: Arc<Node>) {
        self.nodes.lock().unwrap().push(node);
    }

    pub(super) fn lines(&self) -> Vec<Arc<Line>> {
        let living = self.living();
        living.iter().map(|node| Arc::clone(&node.line)).collect()
    }

    // ── What breaks ────────────────────────────────────────────────────────────

    pub(super) fn kill_redis(&self) {
        {
            let mut redis = self.redis();
            redis.health = Health::Dead;
            redis.life += 1;
        }
        for line in self.lines() {
            line.reset();
        }
    }

    /// Starts it after it was killed; empty, and then perhaps with another clock, or as it was.
    pub(super) fn start_redis(&self, empty: bool, ahead: Duration) {
        {
            let mut redis = self.redis();
            redis.health = Health::Well;
            if empty {
                redis.keys = Keys::default();
                redis.ahead = ahead;
                self.judge.emptied();
            }
        }
        self.stir();
    }

    pub(super) fn set_redis(&self, health: Health) {
        self.redis().health = health;
        self.stir();
    }

    pub(super) fn set_database(&self, health: Health) {
        self.database().health = health;
        self.stir();
    }

    /// Something broke or was mended, and whoever waits for that looks again.
    pub(super) fn stir(&self) {
        self.stirred.notify_waiters();
    }

    /// Waits until something is so that changes by stirring.
    pub(super) async fn until(&self, is_so: impl Fn() -> bool) {
        loop {
            let stirred = self.stirred.notified();
            if is_so() {
                return;
            }
            stirred.await;
        }
    }

    /// Waits until a way is not blocked.
    pub(super) async fn until_passable(&self, way: impl Fn() -> Way) -> Way {
        self.until(|| way() != Way::Blocked).await;
        way()
    }
}

/// The clock of all nodes.
impl Clock for World {
    fn now(&self) -> Timestamp {
        BEGINNING.plus(self.began.elapsed())
    }
}
