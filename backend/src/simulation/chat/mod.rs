//! The chat of several nodes in a simulated world: whatever breaks, every client is given every entry
//! of its rooms once, in order and up to the end, and nothing that is not its.
//!
//! The nodes are real, from the engine over the socket and the services to the ports; the database, the
//! bus and the network are played, and so are the clients. They poll, since that needs no socket; what
//! a WebSocket would change is how packets leave, not which.

mod bus;
mod client;
mod crowd;
mod database;
mod faults;
mod judge;
mod node;
mod store;
mod world;

use super::{Dice, Played, play_all, play_twice};
use client::Client;
use node::Node;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use world::{Mood, World};

const SEEDS: u64 = 3_200;
/// Everybody is up to date so long after all was mended: heads are compared at least this often, and
/// joins are tried again.
const SETTLED: Duration = Duration::from_secs(24);

#[test]
fn whatever_breaks_every_client_has_every_entry_once_and_in_order() {
    play_all("simulation::chat", 0..SEEDS, play);
}

#[test]
fn a_seed_is_one_history() {
    play_twice(0..8, play);
}

/// The history of a seed.
fn play(seed: u64, written: bool) -> Played {
    super::in_a_time_of_its_own(async {
        let world = World::new(seed, written);
        let chronicle = &world.judge.chronicle;
        // Or the end of the story.
        let _ = chronicle.over().run_until_cancelled(story(&world)).await;
        chronicle.verdict()
    })
}

async fn story(world: &Arc<World>) {
    let mut dice = Dice::of(world.seed, 2);
    for _ in 0..2 + dice.roll(2) {
        while Node::start(world).await.is_none() {}
    }
    let mut clients = 0;
    for user in database::people() {
        for _ in 0..=dice.roll(2) {
            clients += 1;
            world.tasks.spawn(Client::new(world, user, clients).live());
        }
    }
    world.tasks.spawn(client::govern(Arc::clone(world)));
    let raging = dice.span(Duration::from_secs(4), Duration::from_secs(16));
    faults::rage(world, Instant::now() + raging).await;

    world.judge.note(|| "all is mended".to_owned());
    world.set_mood(Mood::Still);
    sleep(SETTLED).await;
    world.judge.examine(world);
}
