//! What breaks, and for how long.

use super::database::ROOMS;
use super::node::Node;
use super::world::World;
use crate::simulation::{Dice, Unrest};
use futures_util::future::OptionFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Between two faults of one kind, at most.
const PEACE: Duration = Duration::from_secs(6);
/// How long one lasts, at most.
const LASTS: Duration = Duration::from_secs(5);
/// Nodes there are at least.
const FEWEST: usize = 2;
/// Nodes that are ever started.
const MOST: usize = 6;
/// Entries of a room that an older copy of the database lacks, at most.
const MOST_LOST: u64 = 5;

/// Breaks and mends until a moment, and then mends everything. Which kinds of faults there are is
/// different for every seed: some faults hide others.
pub(super) async fn rage(world: &Arc<World>, until: Instant) {
    let mut dice = Dice::of(world.seed, 20);
    let kinds = [0; 4].map(|_| dice.one_in(2));
    let fury = |number: u64| Fury {
        world: Arc::clone(world),
        unrest: Unrest::new(Dice::of(world.seed, 21 + number), PEACE, until),
    };
    let [buses, database, nodes, histories] = kinds;
    let goes_back = histories && dice.one_in(2);
    tokio::join!(
        OptionFuture::from(buses.then(|| fury(0).break_buses())),
        OptionFuture::from(database.then(|| fury(1).break_the_database())),
        OptionFuture::from(nodes.then(|| fury(2).break_nodes())),
        OptionFuture::from(goes_back.then(|| fury(3).go_back())),
    );
    sleep_until(until).await;
}

struct Fury {
    world: Arc<World>,
    unrest: Unrest,
}

impl Fury {
    async fn break_buses(mut self) {
        while self.unrest.peace().await {
            let Some(node) = self.world.pick_node(&mut self.unrest.dice) else {
                continue;
            };
            let name = node.pulse.number;
            let lasts = self.unrest.lasts(LASTS);
            self.note(|| format!("node {name} is off the bus for {lasts:?}"));
            node.bus.set_up(false);
            sleep(lasts).await;
            self.note(|| format!("node {name} is on the bus again"));
            node.bus.set_up(true);
        }
    }

    async fn break_the_database(mut self) {
        while self.unrest.peace().await {
            let lasts = self.unrest.lasts(LASTS);
            self.note(|| format!("the database is away for {lasts:?}"));
            self.world.set_database_up(false);
            sleep(lasts).await;
            self.note(|| "the database is back".to_owned());
            self.world.set_database_up(true);
        }
    }

    async fn break_nodes(mut self) {
        while self.unrest.peace().await {
            if self.world.living().len() <= FEWEST && self.world.nodes().len() < MOST {
                let started = Node::start(&self.world).await.is_some();
                self.note(|| format!("a node starts: {started}"));
                continue;
            }
            let Some(node) = self.world.pick_node(&mut self.unrest.dice) else {
                continue;
            };
            let name = node.pulse.number;
            if self.world.living().len() > FEWEST && self.unrest.dice.one_in(2) {
                node.crash(&self.world);
                continue;
            }
            let lasts = self.unrest.lasts(LASTS);
            self.note(|| format!("node {name}: its process stands still for {lasts:?}"));
            node.pulse.stop();
            sleep(lasts).await;
            self.note(|| format!("node {name}: its process goes on"));
            node.pulse.go_on();
        }
    }

    /// An older copy of the database takes over, once or twice.
    async fn go_back(mut self) {
        for _ in 0..2 {
            if !self.unrest.peace().await {
                return;
            }
            let lost = [0; ROOMS].map(|_| self.unrest.dice.roll(MOST_LOST + 1));
            let mut database = self.world.database();
            database.go_back(lost);
            let epoch = database.epoch();
            self.note(|| format!("{epoch}: the last {lost:?} entries are lost"));
        }
    }

    fn note(&self, what: impl FnOnce() -> String) {
        self.world.judge.note(what);
    }
}
