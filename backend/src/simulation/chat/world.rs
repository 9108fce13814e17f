//! What all nodes and all clients share.

use super::database::{BEGINNING, Database};
use super::judge::Judge;
use super::node::Node;
use crate::clock::Clock;
use crate::models::Timestamp;
use crate::simulation::Dice;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) tasks: TaskTracker,
    pub(super) judge: Judge,
    began: Instant,
    database: Mutex<Database>,
    database_up: AtomicBool,
    nodes: Mutex<Vec<Arc<Node>>>,
    mood: Mutex<Mood>,
    started: AtomicU64,
    sent: AtomicU64,
    questions: AtomicU64,
    /// Rung when the mood changes.
    stirred: Notify,
}

/// What people do just now. The database does its part, and is quick and sure when they are still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// Whatever they like.
    Lively,
    /// They only come back when their connection breaks, and join again where they were.
    Still,
}

impl World {
    pub(super) fn new(seed: u64, written: bool) -> Arc<Self> {
        Arc::new(Self {
            seed,
            tasks: TaskTracker::new(),
            judge: Judge::new(written),
            began: Instant::now(),
            database: Mutex::new(Database::new()),
            database_up: AtomicBool::new(true),
            nodes: Mutex::default(),
            mood: Mutex::new(Mood::Lively),
            started: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            questions: AtomicU64::new(0),
            stirred: Notify::new(),
        })
    }

    pub(super) fn database(&self) -> MutexGuard<'_, Database> {
        self.database.lock().unwrap()
    }

    pub(super) fn is_database_up(&self) -> bool {
        self.database_up.load(Ordering::Relaxed)
    }

    pub(super) fn set_database_up(&self, up: bool) {
        self.database_up.store(up, Ordering::Relaxed);
    }

    /// All nodes that ever were.
    pub(super) fn nodes(&self) -> Vec<Arc<Node>> {
        self.nodes.lock().unwrap().clone()
    }

    /// Those that have not crashed.
    pub(super) fn living(&self) -> Vec<Arc<Node>> {
        let mut nodes = self.nodes();
        nodes.retain(|node| node.pulse.is_alive());
        nodes
    }

    /// One that has not crashed.
    pub(super) fn pick_node(&self, dice: &mut Dice) -> Option<Arc<Node>> {
        dice.pick(&self.living())
    }

    pub(super) fn add(&self, node: Arc<Node>) {
        self.nodes.lock().unwrap().push(node);
    }

    pub(super) fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
        self.stirred.notify_waiters();
    }

    pub(super) async fn until_lively(&self) {
        loop {
            let stirred = self.stirred.notified();
            if self.mood() == Mood::Lively {
                return;
            }
            stirred.await;
        }
    }

    /// A number for a node that is started.
    pub(super) fn next_node(&self) -> u64 {
        self.started.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The database is asked something.
    pub(super) fn note_question(&self) {
        self.questions.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it was.
    pub(super) fn questions(&self) -> u64 {
        self.questions.load(Ordering::Relaxed)
    }

    /// A number for a message.
    pub(super) fn next_sent(&self) -> u64 {
        self.sent.fetch_add(1, Ordering::Relaxed)
    }
}

/// The clock of all nodes.
impl Clock for World {
    fn now(&self) -> Timestamp {
        BEGINNING.plus(self.began.elapsed())
    }
}
