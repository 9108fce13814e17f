//! What breaks, and for how long.

use super::node::Node;
use super::trouble::Part;
use super::world::{Health, World};
use crate::simulation::Dice;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Between two faults of one kind, at most.
const PEACE: Duration = Duration::from_secs(15);
/// Nodes there are at least.
const FEWEST: usize = 2;
/// Nodes that are ever started.
const MOST: usize = 8;

/// Breaks and mends until a moment, and then mends everything. Which kinds of faults there are is
/// different for every seed: some faults hide others.
pub(super) async fn rage(world: &Arc<World>, until: Instant) {
    let mut dice = Dice::of(world.seed, 20);
    let mut kinds = [false; 4];
    while kinds == [false; 4] {
        kinds = kinds.map(|_| dice.one_in(2));
    }
    let actor = |number: u64| Fury {
        world: Arc::clone(world),
        dice: Dice::of(world.seed, 21 + number),
        until,
    };
    let [redis, database, lines, nodes] = kinds;
    tokio::join!(
        async {
            if redis {
                actor(0).break_redis().await;
            }
        },
        async {
            if database {
                actor(1).break_the_database().await;
            }
        },
        async {
            if lines {
                actor(2).break_lines().await;
            }
        },
        async {
            if nodes {
                actor(3).break_nodes().await;
            }
        },
    );
    sleep_until(until).await;
}

struct Fury {
    world: Arc<World>,
    dice: Dice,
    until: Instant,
}

impl Fury {
    async fn break_redis(mut self) {
        while self.peace().await {
            let lasts = self.duration();
            self.world.judge.broke(Part::Redis);
            if self.dice.one_in(2) {
                self.note(|| format!("Redis stands still for {lasts:?}"));
                self.world.set_redis(Health::StandsStill);
                sleep(lasts).await;
                self.note(|| "Redis goes on".to_owned());
                self.world.set_redis(Health::Well);
                self.world.judge.mended(Part::Redis);
                continue;
            }
            let empty = !self.dice.one_in(3);
            let ahead = self.dice.span(Duration::ZERO, Duration::from_hours(2));
            self.note(|| format!("Redis is killed for {lasts:?}"));
            self.world.kill_redis();
            sleep(lasts).await;
            self.note(|| format!("Redis is back, empty: {empty}"));
            self.world.start_redis(empty, ahead);
            self.world.judge.mended(Part::Redis);
        }
    }

    async fn break_the_database(mut self) {
        while self.peace().await {
            let lasts = self.duration();
            let health = if self.dice.one_in(2) {
                Health::StandsStill
            } else {
                Health::Dead
            };
            self.note(|| format!("the database is {health:?} for {lasts:?}"));
            self.world.judge.broke(Part::Database);
            self.world.set_database(health);
            sleep(lasts).await;
            self.note(|| "the database is back".to_owned());
            self.world.set_database(Health::Well);
            self.world.judge.mended(Part::Database);
        }
    }

    async fn break_lines(mut self) {
        while self.peace().await {
            let Some(node) = self.pick_node() else {
                continue;
            };
            let lasts = self.duration();
            let what = self.dice.roll(4);
            let name = node.pulse.number;
            if what == 0 {
                self.note(|| format!("node {name}: its connections to Redis are reset"));
                self.world.judge.broke(Part::Line(node.id()));
                node.line.reset();
                self.world.judge.mended(Part::Line(node.id()));
                continue;
            }
            let (redis, database) = (what != 1, what != 2);
            self.note(|| {
                format!("node {name}: cut for {lasts:?} from Redis: {redis}, database: {database}")
            });
            let parts = [
                redis.then(|| Part::Line(node.id())),
                database.then_some(Part::Database),
            ];
            for part in parts.into_iter().flatten() {
                self.world.judge.broke(part);
            }
            node.line.set_open(!redis);
            if database {
                node.database.set_open(false);
            }
            sleep(lasts).await;
            self.note(|| format!("node {name}: not cut any more"));
            node.line.set_open(true);
            node.database.set_open(true);
            for part in parts.into_iter().flatten() {
                self.world.judge.mended(part);
            }
        }
    }

    async fn break_nodes(mut self) {
        while self.peace().await {
            if self.world.nodes().len() < MOST && self.dice.one_in(4) {
                Node::start(&self.world).await;
                continue;
            }
            let Some(node) = self.pick_node() else {
                continue;
            };
            let lasts = self.duration();
            let many = self.world.living().len() > FEWEST;
            if many && self.dice.one_in(3) {
                node.crash(&self.world);
            } else if many && self.dice.one_in(2) {
                let waits = self.world.spans.grace + lasts;
                node.leave(&self.world, waits).await;
            } else {
                let name = node.pulse.number;
                self.note(|| format!("node {name}: its process stands still for {lasts:?}"));
                node.pulse.stop();
                sleep(lasts).await;
                self.note(|| format!("node {name}: its process goes on"));
                node.pulse.go_on();
            }
        }
    }

    /// Some time without this kind of fault; false when it is over.
    async fn peace(&mut self) -> bool {
        let span = self.dice.span(Duration::from_millis(1), PEACE);
        sleep(span).await;
        Instant::now() < self.until
    }

    /// Hardly noticed, or for longer than this or that lease.
    fn duration(&mut self) -> Duration {
        let spans = self.world.spans;
        let most = match self.dice.roll(4) {
            0 => spans.patience,
            1 => spans.node_refresh * 2,
            2 => spans.node_lease * 2,
            _ => spans.lease + spans.refresh,
        };
        let most = most.min(self.until - Instant::now());
        self.dice.span(Duration::from_millis(1), most)
    }

    fn pick_node(&mut self) -> Option<Arc<Node>> {
        let living = self.world.living();
        let places: Vec<usize> = (0..living.len()).collect();
        Some(Arc::clone(&living[self.dice.pick(&places)?]))
    }

    fn note(&self, what: impl FnOnce() -> String) {
        self.world.judge.note(what);
    }
}
