//! Asking the nodes what they show: now and then, and when everything must be right.

use super::node::Node;
use super::people::{rooms, users};
use super::world::{Mood, World};
use crate::models::Status;
use crate::presence::Presence;
use crate::simulation::Dice;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long a node may take to answer; it may crash meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks now and then, for as long as the world goes on.
pub(super) async fn ask(world: Arc<World>) {
    let mut dice = Dice::of(world.seed, 30);
    loop {
        let pause = dice.span(Duration::from_millis(100), Duration::from_secs(2));
        sleep(pause).await;
        let Some(node) = dice.pick(&world.living()) else {
            continue;
        };
        if !node.pulse.is_stopped() {
            // One that crashes never answers.
            let _ = timeout(PATIENCE, ask_one(&world, &node)).await;
        }
    }
}

async fn ask_one(world: &World, node: &Node) {
    for presence in node.presence.statuses(&users()).await {
        world.judge.answered(node.id(), &presence);
    }
    // News are told at once, which is not before.
    if disagreements(world, node).await.is_empty() {
        return;
    }
    sleep(Duration::from_millis(1)).await;
    if node.pulse.is_stopped() || !node.pulse.is_alive() {
        return;
    }
    if let Some(fault) = disagreements(world, node).await.pop() {
        world.judge.find(fault);
    }
}

/// Where what is answered is not what was told.
async fn disagreements(world: &World, node: &Node) -> Vec<String> {
    let mut all = Vec::new();
    for presence in node.presence.statuses(&users()).await {
        let told = world.judge.last_told(node.id(), presence.user_id);
        let certain = |status: &Status| *status != Status::Unknown;
        if let Some(told) = told.filter(certain)
            && certain(&presence.status)
            && told != presence.status
        {
            let name = node.pulse.number;
            all.push(format!(
                "node {name} answers {presence:?} and told {told:?}"
            ));
        }
    }
    all
}

/// Holds every node against the truth, while nobody does anything and nothing breaks.
pub(super) async fn examine(world: &World, when: &str) {
    for node in world.living() {
        let name = node.pulse.number;
        for user in users() {
            let truth = world.judge.status(user);
            let shown = world.judge.shown(node.id(), user);
            if shown.is_some_and(|shown| shown != truth) {
                let shown = format!("node {name} showed {user} as {shown:?}, not {truth:?}");
                world.judge.find(format!("{when}, {shown}"));
            }
        }
        for presence in node.presence.statuses(&users()).await {
            world.judge.answered(node.id(), &presence);
            let truth = world.judge.status(presence.user_id);
            if presence.status != truth {
                let answered = format!("node {name} answers {presence:?}, not {truth:?}");
                world.judge.find(format!("{when}, {answered}"));
            }
        }
        for room in rooms() {
            let truth = world.judge.here(room);
            let mut here: Vec<_> = node
                .presence
                .here(room, &users())
                .await
                .into_iter()
                .collect();
            here.sort_unstable();
            let listed = node.presence.list_here(room, 10).await;
            if here != truth || listed != truth {
                let answered = format!("node {name} shows {here:?} and {listed:?}, not {truth:?}");
                world.judge.find(format!("{when}, in {room} {answered}"));
            }
        }
    }
}

/// Everybody has gone for good: nothing is kept of them, but when they were last seen.
pub(super) fn look_for_leavings(world: &World) {
    for node in world.living() {
        let state = node.presence.inner.state();
        if !state.is_vacant() {
            let kept = format!("node {} keeps {state:#?}", node.pulse.number);
            world.judge.find(kept);
        }
    }
    let redis = world.redis();
    let held = redis.keys.held(world.redis_time(&redis));
    if !held.is_empty() {
        world.judge.find(format!("the register keeps {held:?}"));
    }
}

/// Lets nobody do anything for so long.
pub(super) async fn rest(world: &World, span: Duration) {
    world.set_mood(Mood::Still);
    sleep(span).await;
}
