//! A node: its presence, and those who listen to what it finds out.

use super::super::RedisPresence;
use super::database::DatabaseLine;
use super::line::Line;
use super::world::World;
use crate::clock::Clock;
use crate::models::NodeId;
use crate::presence::{Presence, Spans, Transition};
use crate::simulation::{Dice, Pulse};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often graces are looked at.
const TICK: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Node {
    pub(super) pulse: Arc<Pulse>,
    pub(super) line: Arc<Line>,
    pub(super) database: Arc<DatabaseLine>,
    pub(super) presence: RedisPresence,
    /// Ends the connections there are.
    connections: Mutex<CancellationToken>,
    leaving: AtomicBool,
}

impl Node {
    pub(super) async fn start(world: &Arc<World>) -> Arc<Self> {
        let number = world.nodes().len() as u64 + 1;
        let pulse = Arc::new(Pulse::new(number));
        let id = id_of(&pulse);
        world.judge.started(&pulse);
        let line = Line::open(world, &pulse).await;
        let database = Arc::new(DatabaseLine::new(world, &pulse));
        let refresh = world.spans.refresh;
        let refresh = Dice::of(world.seed, 3_000 + number).span(refresh * 4 / 5, refresh);
        let presence = RedisPresence::start(
            Arc::clone(&line) as _,
            id,
            Spans {
                refresh,
                ..world.spans
            },
            Arc::clone(world) as _,
            Arc::clone(&database) as _,
            &world.tasks,
            pulse.life(),
        );
        let node = Arc::new(Self {
            connections: Mutex::new(pulse.life().child_token()),
            leaving: AtomicBool::new(false),
            pulse,
            line,
            database,
            presence,
        });
        world.add(Arc::clone(&node));
        let (ticking, here) = (Arc::clone(&node), Arc::clone(world));
        node.spawn(world, async move { ticking.tick(&here).await });
        let (listening, here) = (Arc::clone(&node), Arc::clone(world));
        node.spawn(world, async move { listening.listen(&here).await });
        node
    }

    /// Runs until the process ends.
    fn spawn(&self, world: &World, task: impl Future<Output = ()> + Send + 'static) {
        let process = self.pulse.life().clone();
        world.tasks.spawn(process.run_until_cancelled_owned(task));
    }

    pub(super) fn id(&self) -> NodeId {
        id_of(&self.pulse)
    }

    /// Whether somebody could connect to it now: it can look up who they are.
    pub(super) fn lets_in(&self) -> bool {
        let stays = self.pulse.is_alive() && !self.leaving.load(Ordering::Relaxed);
        stays && self.database.is_reachable()
    }

    /// Ends with the connections of now.
    pub(super) fn connections(&self) -> CancellationToken {
        self.connections.lock().unwrap().clone()
    }

    /// The process ends in order: it sends everybody away, waits for their graces at most so long, and
    /// is gone.
    pub(super) async fn leave(&self, world: &World, waits: Duration) {
        world
            .judge
            .note(|| format!("node {} begins to leave", self.pulse.number));
        self.leaving.store(true, Ordering::Relaxed);
        self.send_away();
        let left = timeout(waits, self.presence.leave()).await;
        world
            .judge
            .note(|| format!("node {} has left: {}", self.pulse.number, left.is_ok()));
        self.crash(world);
    }

    fn send_away(&self) {
        let next = self.pulse.life().child_token();
        let connections = std::mem::replace(&mut *self.connections.lock().unwrap(), next);
        connections.cancel();
    }

    /// The process is gone from one moment to the next.
    pub(super) fn crash(&self, world: &World) {
        world.judge.crashed(self.id());
        self.line.reset();
        self.pulse.life().cancel();
    }

    async fn tick(&self, world: &World) {
        loop {
            sleep(TICK).await;
            self.pulse.awake().await;
            self.presence.tick(world.now()).await;
        }
    }

    async fn listen(&self, world: &World) {
        loop {
            let news = self.presence.news().await;
            self.pulse.awake().await;
            for transition in news {
                world.judge.told(self.id(), &transition);
                if transition == Transition::CutOff {
                    self.send_away();
                }
            }
        }
    }
}

/// The name of the node whose process this is.
pub(super) fn id_of(pulse: &Pulse) -> NodeId {
    NodeId(Uuid::from_u128(pulse.number.into()))
}
