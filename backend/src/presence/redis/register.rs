//! Where nodes write down what they hold: the steps that presence takes in Redis.
//!
//! A promise of its own beside [`InRedis`](super::scripts::InRedis), which keeps it, so that the
//! simulation can keep it as well, in a time of its own and with every fault there is.

use super::holdings::Words;
use super::message::{Said, Subject};
use crate::models::{NodeId, Timestamp, UserId};
use crate::redis_link::LinkError;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

/// The register. Each method is one step in it, which happens whole or not at all; one that fails
/// may have happened all the same.
#[async_trait]
pub(super) trait Register: Send + Sync + Debug + 'static {
    /// From now on, for `lease`, it is with `node` as these words say; but what was written after
    /// `spared` stays. Whatever that changes is said to all nodes.
    async fn hold(
        &self,
        node: NodeId,
        words: &Words,
        lease: Duration,
        spared: Option<Moment>,
    ) -> Result<(), LinkError>;

    /// Reads who holds a user, or some or all (when none are named) of the users of a room; the
    /// version, and those that are held.
    async fn read(
        &self,
        like: Subject,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<(u64, Vec<Said>), LinkError>;

    /// Adds to the list of what `node` holds, which is kept for longer than what it names.
    async fn list(
        &self,
        node: NodeId,
        subjects: &[Subject],
        lease: Duration,
    ) -> Result<(), LinkError>;

    /// Takes off that list.
    async fn unlist(&self, node: NodeId, subjects: &[Subject]) -> Result<(), LinkError>;

    /// That list.
    async fn listed(&self, node: NodeId) -> Result<Vec<Subject>, LinkError>;

    /// `node` lives, and is to be believed to for `lease`.
    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Roll, LinkError>;

    /// Takes a node off the roll; true for the one who did.
    async fn leave(&self, node: NodeId) -> Result<bool, LinkError>;

    /// Waits for the next thing heard. There is one consumer; being cancelled loses nothing.
    async fn heard(&self) -> Heard;

    /// Whether steps can be expected to succeed, and everything said is heard.
    fn is_up(&self) -> bool;

    /// How often the register was out of reach, counted before any step can be taken in what comes
    /// next.
    fn losses(&self) -> u64;
}

/// A moment of the register's own clock, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(pub(super) u64);

/// The nodes that are in the register.
#[derive(Debug)]
pub(super) struct Roll {
    /// Whether whoever asks was among them.
    pub(super) known: bool,
    pub(super) live: BTreeSet<NodeId>,
    /// Those that were to be believed to live until then.
    pub(super) expired: BTreeMap<NodeId, Moment>,
}

/// What a node hears.
#[derive(Debug)]
pub(super) enum Heard {
    Said(Said),
    /// The register is out of reach.
    Lost,
    /// It can be heard; whatever was said since it was lost, or for a moment, was missed.
    Restored,
}
