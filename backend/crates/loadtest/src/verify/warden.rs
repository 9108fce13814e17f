//! The owner of the rooms, who removes people and lets them in again.

use std::sync::Arc;

use hyper::Method;
use serde_json::json;
use tokio::time::sleep;

use super::{
    dice::Dice,
    world::{World, insist},
};
use crate::client::Call;

/// Between two removals, in milliseconds, and how long somebody stays out.
const PAUSE: (u64, u64) = (400, 2500);
const OUT: (u64, u64) = (200, 3000);

/// Until all is to be quiet; then everybody is a member of everything again.
pub(crate) async fn keep_watch(world: Arc<World>, seed: u64) {
    let mut dice = Dice::new(seed);
    let revolving: Vec<usize> = (0..world.rooms.len())
        .filter(|room| world.rooms[*room].revolving)
        .collect();
    let mut out: Vec<(usize, usize)> = Vec::new();
    let quiet = world.quiet.clone();
    while !quiet.is_cancelled() && !revolving.is_empty() && world.people.len() > 1 {
        let room = revolving[dice.place(revolving.len())];
        // The first of them is the warden.
        let person = 1 + dice.place(world.people.len() - 1);
        remove(&world, room, person).await;
        let wait = dice.millis(OUT.0, OUT.1);
        let _quiet_already = quiet.run_until_cancelled(sleep(wait)).await;
        // A public room is entered by oneself, unless one has no client to do it.
        if world.rooms[room].public && dice.one_in(2) {
            out.push((room, person));
        } else {
            add(&world, room, person).await;
        }
        let wait = dice.millis(PAUSE.0, PAUSE.1);
        let _quiet_already = quiet.run_until_cancelled(sleep(wait)).await;
    }
    for (room, person) in out {
        add(&world, room, person).await;
    }
}

async fn remove(world: &World, room: usize, person: usize) {
    let id = world.rooms[room].id;
    let path = format!("/api/rooms/{id}/members/{}", world.people[person].id);
    insist(world, 0, Call::new(Method::DELETE, path)).await;
}

async fn add(world: &World, room: usize, person: usize) {
    let path = format!("/api/rooms/{}/members", world.rooms[room].id);
    let body = json!({ "userIds": [world.people[person].id] });
    insist(world, 0, Call::new(Method::POST, path).json(&body)).await;
}
