//! Telling the other nodes.
//!
//! A bus carries [`Word`]s between the nodes that work on one database. Every word is a hint: what it
//! says stands in the store as well, or may be forgotten. It may come late, twice, in another
//! order, or never; whoever hears it compares it with what it knows (a place in a log, a counter)
//! and asks the store for the rest. So a bus can lose everything and nobody's message is lost; what
//! it buys is that nobody waits.
//!
//! When words may have been missed, the bus says so itself ([`Heard::Missed`]), once it can be
//! heard again.

mod local;
mod redis;
mod word;

pub use local::{Hub, LocalBus};
pub use redis::RedisBus;
pub use word::{Subject, Word};

use crate::models::HeardOthers;
use async_trait::async_trait;
use std::fmt::Debug;

/// Bytes of an encoded entry up to which it travels with its word; a larger one is read from the
/// store by those who want it.
pub const LARGEST_PACKET: usize = 8 * 1024;

/// One node's end of the bus.
#[async_trait]
pub trait Bus: Send + Sync + Debug + 'static {
    /// Tells the other nodes that watch the word's subject; never this one. Returns at once: what
    /// cannot be sent soon is dropped. Words of one node about one subject leave in the order told.
    fn tell(&self, word: Word);

    /// From the return on, words about the subject are heard here, unless the bus is away: then from
    /// the moment it is back, which [`Heard::Missed`] announces. Watching twice is watching once.
    async fn watch(&self, subject: Subject);

    /// Words about the subject are no longer wanted.
    fn unwatch(&self, subject: Subject);

    /// Waits for the next thing heard. There is one consumer; being cancelled while waiting loses
    /// nothing. Who listens too slowly misses words, and hears [`Heard::Missed`] in their place.
    async fn heard(&self) -> Heard;

    /// What other nodes told this one since it was asked last, where it is known who speaks.
    fn take_heard(&self) -> HeardOthers {
        HeardOthers::default()
    }

    /// Waits until everything that was told has been sent, or is lost.
    async fn flush(&self);

    /// Whether there can be no other node: a word is then not worth its making.
    fn is_alone(&self) -> bool;

    /// Whether words can be expected to travel now. When not, the store must be asked often.
    fn is_up(&self) -> bool;
}

/// What reaches a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Word(Word),
    /// Words may have been missed, about anything that is watched.
    Missed,
}
