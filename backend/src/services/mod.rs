//! Decisions: who may do what, and what follows from it.
//!
//! [`Chat`] is all there is to do here, as a person would say it; one file a feature. It knows no
//! HTTP, no SQL and no packets: the edges translate into it, the stores remember for it, the
//! engine tells for it.
//!
//! What changes something durable runs to its end even when whoever asked is gone: the change and
//! its announcement belong together (see [`Chat::to_the_end`]).

pub mod access;
pub mod accounts;
pub mod announce;
mod belongings;
pub mod check;
pub mod committer;
mod counts;
pub mod error;
pub mod feed;
mod gatherer;
pub mod joining;
pub mod limits;
mod lines;
pub mod members;
pub mod messages;
mod nodes;
pub mod operators;
pub mod presence;
pub mod reactions;
pub mod reads;
pub mod render;
pub mod rooms;
pub mod sessions;
mod stats;
mod together;
pub mod typing;
pub mod vitals;
mod watched;

use crate::auth::Passwords;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::models::NodeId;
use crate::presence::Presence;
use crate::store::Store;
pub use access::{Caller, Member, Operator};
use belongings::Known;
pub use belongings::LiveSession;
use committer::Committer;
pub use counts::Counts;
pub use error::ChatError;
use feed::Feed;
use limits::Limits;
pub use nodes::StoreWitness;
use sessions::Sessions;
use stats::Stats;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use together::Together;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;
use typing::TypingBoard;

/// What an operator decides about the chat.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether strangers may make themselves an account.
    pub registration_open: bool,
    /// A session ends when it was not used for this long …
    pub session_idle: Duration,
    /// … and in any case after this long.
    pub session_lifetime: Duration,
    /// Batches of messages that may be on their way to the store at once.
    pub commit_shards: usize,
    /// Whether other nodes work on the same database.
    pub one_of_many: bool,
}

/// What a chat is built on.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub presence: Arc<dyn Presence>,
    pub bus: Arc<dyn Bus>,
    pub clock: Arc<dyn Clock>,
    pub passwords: Passwords,
    pub limits: Limits,
    pub policy: Policy,
    /// Which node this is.
    pub node: NodeId,
}

/// The chat itself. Everything is behind `Arc`s: it lives as long as the server.
#[derive(Debug)]
pub struct Chat {
    store: Arc<dyn Store>,
    presence: Arc<dyn Presence>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    limits: Limits,
    policy: Policy,
    known: Arc<Known>,
    feed: Arc<Feed>,
    committer: Committer,
    counts: Arc<Counts>,
    together: Together,
    sessions: Sessions,
    typing: TypingBoard,
    stats: Stats,
    /// The store has said that there is an owner.
    owned: AtomicBool,
    /// Rung when something may be stored that was not told here: words of the other nodes were
    /// missed, or the store did not say what became of a step.
    missed: Arc<Notify>,
    tasks: TaskTracker,
}

impl Chat {
    /// A chat on these parts.
    ///
    /// # Errors
    /// When the store cannot say which history it keeps.
    pub async fn open(parts: Parts) -> Result<Arc<Self>, ChatError> {
        let Parts {
            store,
            presence,
            bus,
            clock,
            passwords,
            limits,
            policy,
            node,
        } = parts;
        let epoch = store.epoch().await?;
        let tasks = TaskTracker::new();
        let known = Arc::new(Known::default());
        let counts = Arc::new(Counts::default());
        let feed = Arc::new(Feed::new(
            Arc::clone(&store),
            Arc::clone(&presence),
            Arc::clone(&bus),
            Arc::clone(&known),
            Arc::clone(&counts),
            epoch,
            tasks.clone(),
        ));
        let missed = Arc::new(Notify::new());
        let committer = Committer::start(
            policy.commit_shards,
            &store,
            &feed,
            &counts,
            &missed,
            &tasks,
        );
        let together = Together::new(&store, &feed, &clock, policy.session_idle, &tasks);
        let stats = Stats::new(node, clock.now());
        Ok(Arc::new(Self {
            store,
            presence,
            bus,
            clock,
            passwords,
            limits,
            policy,
            known,
            feed,
            committer,
            counts,
            together,
            sessions: Sessions::default(),
            typing: TypingBoard::default(),
            stats,
            owned: AtomicBool::new(false),
            missed,
            tasks,
        }))
    }

    /// The feeds of the rooms, for the engine's side of things.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Takes no more messages, finishes everything that was begun, and has the other nodes told.
    pub async fn close(&self) {
        self.committer.close();
        self.tasks.close();
        self.tasks.wait().await;
        self.bus.flush().await;
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// [`ChatError::Unavailable`] when it does not.
    pub async fn ready(&self) -> Result<(), ChatError> {
        Ok(self.store.ping().await?)
    }

    /// What the store is kept in.
    pub fn database(&self) -> &'static str {
        self.store.name()
    }

    /// Runs something beside the caller that shutdown waits for.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work.in_current_span());
    }

    /// Runs `work` to its end, whatever happens to the caller meanwhile: a request whose client
    /// hangs up must not leave a stored change unannounced, and neither must a store that does not
    /// answer.
    async fn to_the_end<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T, ChatError>> + Send + 'static,
    ) -> Result<T, ChatError> {
        let missed = Arc::clone(&self.missed);
        let work = async move {
            let outcome = work.await;
            if let Err(ChatError::Unavailable(_)) = outcome {
                missed.notify_one();
            }
            outcome
        };
        let work = self.tasks.spawn(work.in_current_span());
        work.await.unwrap_or_else(|failure| {
            Err(ChatError::Internal(format!(
                "a task ended early: {failure}"
            )))
        })
    }
}
