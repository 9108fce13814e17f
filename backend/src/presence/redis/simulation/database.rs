//! The database as a witness, over a simulated line.

use super::node::id_of;
use super::world::{Health, Way, World};
use crate::models::NodeId;
use crate::presence::Witness;
use crate::simulation::{Dice, Pulse};
use async_trait::async_trait;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long a question may wait for a database that does not answer.
const HANGS: Duration = Duration::from_secs(10);

/// The nodes that live, and until when.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) health: Health,
    beats: BTreeMap<NodeId, Instant>,
}

/// One node's way to it.
#[derive(Debug)]
pub(super) struct DatabaseLine {
    world: Arc<World>,
    pulse: Arc<Pulse>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    dice: Dice,
    open: bool,
}

impl Database {
    pub(super) fn new() -> Self {
        Self {
            health: Health::Well,
            beats: BTreeMap::new(),
        }
    }
}

impl DatabaseLine {
    pub(super) fn new(world: &Arc<World>, pulse: &Arc<Pulse>) -> Self {
        let dice = Dice::of(world.seed, 2_000 + pulse.number);
        Self {
            world: Arc::clone(world),
            pulse: Arc::clone(pulse),
            inner: Mutex::new(Inner { dice, open: true }),
        }
    }

    pub(super) fn set_open(&self, open: bool) {
        self.inner.lock().unwrap().open = open;
        self.world.stir();
    }

    pub(super) fn is_reachable(&self) -> bool {
        self.way() == Way::Open
    }

    fn way(&self) -> Way {
        if !self.inner.lock().unwrap().open {
            return Way::Blocked;
        }
        match self.world.database().health {
            Health::Well => Way::Open,
            Health::StandsStill => Way::Blocked,
            Health::Dead => Way::Gone,
        }
    }

    fn travel(&self) -> Duration {
        let most = self.world.travel;
        let mut inner = self.inner.lock().unwrap();
        inner.dice.span(Duration::from_millis(1), most)
    }

    async fn ask<T>(&self, question: impl FnOnce(&mut Database) -> T) -> Option<T> {
        self.pulse.awake().await;
        let asking = async {
            sleep(self.travel()).await;
            if self.world.until_passable(|| self.way()).await == Way::Gone {
                return None;
            }
            let answer = question(&mut self.world.database());
            sleep(self.travel()).await;
            let back = self.world.until_passable(|| self.way()).await;
            (back == Way::Open).then_some(answer)
        };
        let hangs = {
            let mut inner = self.inner.lock().unwrap();
            inner.dice.span(Duration::from_secs(1), HANGS)
        };
        let answer = timeout(hangs, asking).await.ok().flatten();
        self.pulse.awake().await;
        answer
    }
}

#[async_trait]
impl Witness for DatabaseLine {
    async fn beat(&self, node: NodeId, lease: Duration) -> Option<HashSet<NodeId>> {
        let me = id_of(&self.pulse);
        let beat = |database: &mut Database| {
            let now = Instant::now();
            if node != me {
                // By its other name.
                self.world.judge.marked(me, lease);
            }
            database.beats.insert(node, now + lease);
            let others = database.beats.iter().filter(|(id, _)| **id != node);
            let living = others.filter(|(_, until)| **until > now);
            living.map(|(id, _)| *id).collect()
        };
        self.ask(beat).await
    }
}
