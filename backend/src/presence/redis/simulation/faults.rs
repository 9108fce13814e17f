//! What breaks, and for how long.

use super::node::Node;
use super::trouble::Part;
use super::world::{Health, World};
use crate::simulation::{Dice, Unrest};
use futures_util::future::OptionFuture;
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
    let fury = |number: u64| Fury {
        world: Arc::clone(world),
        unrest: Unrest::new(Dice::of(world.seed, 21 + number), PEACE, until),
    };
    let [redis, database, lines, nodes] = kinds;
    tokio::join!(
        OptionFuture::from(redis.then(|| fury(0).break_redis())),
        OptionFuture::from(database.then(|| fury(1).break_the_database())),
        OptionFuture::from(lines.then(|| fury(2).break_lines())),
        OptionFuture::from(nodes.then(|| fury(3).break_nodes())),
    );
    sleep_until(until).await;
}

struct Fury {
    world: Arc<World>,
    unrest: Unrest,
}

impl Fury {
    async fn break_redis(mut self) {
        while self.unrest.peace().await {
            let lasts = self.duration();
            self.world.judge.broke(Part::Redis);
            if self.unrest.dice.one_in(2) {
                self.note(|| format!("Redis stands still for {lasts:?}"));
                self.world.set_redis(Health::StandsStill);
                sleep(lasts).await;
                self.note(|| "Redis goes on".to_owned());
                self.world.set_redis(Health::Well);
                self.world.judge.mended(Part::Redis);
                continue;
            }
            let empty = !self.unrest.dice.one_in(3);
            let ahead = self
                .unrest
                .dice
                .span(Duration::ZERO, Duration::from_hours(2));
            self.note(|| format!("Redis is killed for {lasts:?}"));
            self.world.kill_redis();
            sleep(lasts).await;
            self.note(|| format!("Redis is back, empty: {empty}"));
            self.world.start_redis(empty, ahead);
            self.world.judge.mended(Part::Redis);
        }
    }

    async fn break_the_database(mut self) {
        while self.unrest.peace().await {
            let lasts = self.duration();
            let health = if self.unrest.dice.one_in(2) {
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
        while self.unrest.peace().await {
            let Some(node) = self.pick_node() else {
                continue;
            };
            let lasts = self.duration();
            let what = self.unrest.dice.roll(4);
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
        while self.unrest.peace().await {
            if self.world.nodes().len() < MOST && self.unrest.dice.one_in(4) {
                Node::start(&self.world).await;
                continue;
            }
            let Some(node) = self.pick_node() else {
                continue;
            };
            let lasts = self.duration();
            let many = self.world.living().len() > FEWEST;
            if many && self.unrest.dice.one_in(3) {
                node.crash(&self.world);
            } else if many && self.unrest.dice.one_in(2) {
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

    /// Hardly noticed, or for longer than this or that lease.
    fn duration(&mut self) -> Duration {
        let spans = self.world.spans;
        let most = match self.unrest.dice.roll(4) {
            0 => spans.patience,
            1 => spans.node_refresh * 2,
            2 => spans.node_lease * 2,
            _ => spans.lease + spans.refresh,
        };
        self.unrest.lasts(most)
    }

    fn pick_node(&mut self) -> Option<Arc<Node>> {
        self.unrest.dice.pick(&self.world.living())
    }

    fn note(&self, what: impl FnOnce() -> String) {
        self.world.judge.note(what);
    }
}
