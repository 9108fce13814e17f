//! Who is reachable, and who is here.
//!
//! The promise every keeper of presence makes; what it means to a client, who may hear of it and
//! how it is worded is left to `services`. A user is *online* while any connection of theirs is,
//! *away* when all of them are, *offline* after a full grace without one. A user is *here* in a
//! room while a connection of theirs follows it. A connection that breaks is given the grace to
//! come back, and if it does, nobody hears of it.
//!
//! News of presence is a hint: it tells the difference between what was last told and what is so
//! now, and says nothing of what happened in between.

mod few;
mod local;
#[cfg(test)]
mod model;
mod people;
mod redis;

pub use local::LocalPresence;
pub use redis::{RedisPresence, Spans, Witness};

use crate::models::{self, RoomId, Status, Timestamp, UserId};
use async_trait::async_trait;
use std::collections::HashSet;
use std::fmt::Debug;

/// The keeper of presence. Connections are named by numbers that are never used twice; a word about
/// one that is unknown or already gone changes nothing, so that callers need not order their
/// farewells.
#[async_trait]
pub trait Presence: Send + Sync + Debug + 'static {
    /// A connection of `user` began. It counts as online until it says otherwise.
    async fn connected(&self, user: UserId, connection: u64);

    /// What the person at this connection does. `Away` is away, anything else is online.
    async fn set_status(&self, connection: u64, status: Status);

    /// A connection ended, however it ended. It follows nothing any more.
    async fn disconnected(&self, connection: u64);

    /// This connection follows the room from now on.
    async fn entered(&self, room: RoomId, connection: u64);

    /// This connection stopped following the room on purpose, or may not any more. Unless another
    /// connection of the same user follows the room, they have left at once, without a grace.
    async fn left(&self, room: RoomId, connection: u64);

    /// One answer for each of `users`, in their order. `last_seen_at` is now for those connected,
    /// and the moment their last connection ended for others, if it is known.
    async fn statuses(&self, users: &[UserId]) -> Vec<models::Presence>;

    /// Those of `users` who are here.
    async fn here(&self, room: RoomId, users: &[UserId]) -> HashSet<UserId>;

    /// At most `limit` of those who are here, in the order of their ids.
    async fn list_here(&self, room: RoomId, limit: usize) -> Vec<UserId>;

    /// Waits until there is news, then takes all of it: at most one transition for each user and one
    /// for each user in a room, in the order in which they first changed since they were last told.
    /// What changed and changed back is not news. There is one consumer; being cancelled while
    /// waiting loses nothing.
    async fn news(&self) -> Vec<Transition>;

    /// Decides about those who have been gone for a full grace at `now`. Until this is called they
    /// are shown as they were.
    async fn tick(&self, now: Timestamp);

    /// This node goes, and nobody is connected to it any more. Returns when it may: others show its
    /// people for as long as their graces run, so that whoever comes back elsewhere is not missed,
    /// and then see those gone who did not. Goes on ticking meanwhile. Whoever cannot wait that long
    /// drops the wait, and this node is buried like one that died.
    async fn leave(&self);
}

/// Something others may like to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Transition {
    /// A user became reachable, away or unreachable.
    Status(models::Presence),
    /// A user is here since `at`.
    Joined {
        room: RoomId,
        user: UserId,
        at: Timestamp,
    },
    /// A user is no longer here; `at` is when they left or were cut off, not when it was decided.
    Left {
        room: RoomId,
        user: UserId,
        at: Timestamp,
    },
    /// The other nodes may take this one for dead, and say that its people have gone: they must be
    /// sent away, to come back where they can be seen.
    CutOff,
}
