//! Presence of several nodes in a simulated world: whatever breaks, nobody who is connected is shown
//! as gone, and when all is mended everybody is shown as they are.
//!
//! The nodes are real, [`RedisPresence`](super::RedisPresence) and all below it; Redis, the
//! database and the network are played. See [`crate::simulation`].

mod database;
mod examination;
mod faults;
mod judge;
mod keys;
mod line;
mod node;
mod people;
mod register;
mod trouble;
mod world;

use super::Spans;
use crate::simulation::{Dice, Played, in_a_time_of_its_own, play_all, play_twice};
use examination::{ask, examine, look_for_leavings, rest};
use node::Node;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{Mood, World};

const SEEDS: u64 = 2_000;

#[test]
fn whatever_breaks_nobody_who_is_connected_is_shown_as_gone() {
    play_all("presence::redis::simulation", 0..SEEDS, play);
}

#[test]
fn a_seed_is_one_history() {
    play_twice(0..8, play);
}

/// The history of a seed.
fn play(seed: u64, written: bool) -> Played {
    in_a_time_of_its_own(async {
        let world = begin(seed, written);
        let chronicle = &world.judge.chronicle;
        // Or the end of the story.
        let _ = chronicle.over().run_until_cancelled(story(&world)).await;
        chronicle.verdict()
    })
}

fn begin(seed: u64, written: bool) -> Arc<World> {
    let mut dice = Dice::of(seed, 1);
    let second = Duration::from_secs(1);
    let node_lease = dice.span(second * 5, second * 8);
    let spans = Spans {
        lease: node_lease * 3,
        refresh: node_lease,
        patience: second,
        ..Spans::new(second * 2, node_lease)
    };
    let travel = dice.span(Duration::from_millis(3), Duration::from_millis(80));
    World::new(seed, spans, travel, written)
}

async fn story(world: &Arc<World>) {
    let mut dice = Dice::of(world.seed, 2);
    for _ in 0..2 + dice.roll(2) {
        Node::start(world).await;
    }
    people::come(world);
    world.tasks.spawn(ask(Arc::clone(world)));
    let raging = dice.span(Duration::from_secs(10), Duration::from_secs(50));
    faults::rage(world, Instant::now() + raging).await;

    world.judge.note(|| "all is mended".to_owned());
    let Spans {
        lease,
        refresh,
        node_lease,
        grace,
        ..
    } = world.spans;
    rest(world, lease + refresh + node_lease * 2).await;
    examine(world, "when all is mended").await;

    world.set_mood(Mood::Lively);
    sleep(Duration::from_secs(15)).await;
    rest(world, grace + Duration::from_secs(1) + world.travel * 8).await;
    examine(world, "when nothing breaks").await;

    world.set_mood(Mood::Leaving);
    sleep(people::IDLE + grace + Duration::from_secs(1) + world.travel * 8).await;
    look_for_leavings(world);
}
