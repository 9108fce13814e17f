//! Giving messages their places: many at a time, in the order they came.
//!
//! Natural batching: while one batch commits, the next one gathers; no timer. Rooms are spread
//! over shards, one batch of a shard is in flight at a time, so the messages of a room are stored
//! in the order they were submitted. Within a shard the rooms take turns ([`Lines`]). A message is
//! acknowledged only after its batch has committed, and announced in the order of its room.

use super::feed::Feed;
use super::lines::Lines;
use super::{ChatError, Counts};
use crate::models::{Change, Draft, Entry, RoomId};
use crate::store::{Denied, Posted, Store};
use realtime::Cork;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// Messages that wait for their turn, a shard, and as many again before they are looked at. When
/// that is full, senders wait.
const WAITING: usize = 1024;
/// Messages in one transaction: enough to share a flush, few enough that nobody waits long.
const BATCH: usize = 256;
/// Of these, messages of one room: a room in which everybody talks delays its own messages.
const OF_ONE_ROOM: usize = 64;

pub(super) type Outcome = Result<Result<Posted, Denied>, ChatError>;

/// Told what became of a message. Answers that are for one client may go out together: it holds
/// them back with a cork, which is taken out when the whole batch is answered.
type Told = Box<dyn FnOnce(Outcome) -> Option<Cork> + Send>;

struct Item {
    draft: Draft,
    reply: Reply,
    /// When it was decoded.
    since: Instant,
}

/// Takes messages in and has them stored.
#[derive(Debug)]
pub(super) struct Committer {
    shards: Vec<mpsc::Sender<Item>>,
    counts: Arc<Counts>,
    stop: CancellationToken,
}

/// Somebody who waits for what becomes of a message; told at the latest when nobody is left to tell.
/// It counts as waiting as long as it lives.
struct Reply {
    told: Option<Told>,
    counts: Arc<Counts>,
}

impl Reply {
    fn new(told: Told, counts: &Arc<Counts>) -> Self {
        counts.begins();
        Self {
            told: Some(told),
            counts: Arc::clone(counts),
        }
    }

    fn tell(mut self, outcome: Outcome) -> Option<Cork> {
        self.told.take().and_then(|told| told(outcome))
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.counts.ends();
        if let Some(told) = self.told.take() {
            drop(told(Err(ChatError::Unavailable(
                "the server is stopping".to_owned(),
            ))));
        }
    }
}

impl Committer {
    pub(super) fn start(
        shards: usize,
        store: &Arc<dyn Store>,
        feed: &Arc<Feed>,
        counts: &Arc<Counts>,
        missed: &Arc<Notify>,
        tasks: &TaskTracker,
    ) -> Self {
        let stop = CancellationToken::new();
        let shards = (0..shards.max(1))
            .map(|_| {
                let (sender, waiting) = mpsc::channel(WAITING);
                tasks.spawn(run(
                    waiting,
                    Arc::clone(store),
                    Arc::clone(feed),
                    Arc::clone(counts),
                    Arc::clone(missed),
                    stop.clone(),
                ));
                sender
            })
            .collect();
        Self {
            shards,
            counts: Arc::clone(counts),
            stop,
        }
    }

    /// Queues a message behind those submitted before it, and has `told` told what becomes of it, in
    /// any case and once. Waits while the shard is full.
    pub(super) async fn submit(
        &self,
        draft: Draft,
        since: Instant,
        told: impl FnOnce(Outcome) -> Option<Cork> + Send + 'static,
    ) {
        let shard = &self.shards[self.shard_of(draft.room)];
        let item = Item {
            draft,
            reply: Reply::new(Box::new(told), &self.counts),
            since,
        };
        // What is not taken is told so as it is dropped.
        let _ = shard.send(item).await;
    }

    /// Finishes what was submitted and takes no more.
    pub(super) fn close(&self) {
        self.stop.cancel();
    }

    fn shard_of(&self, room: RoomId) -> usize {
        room.0.as_u128() as usize % self.shards.len()
    }
}

async fn run(
    mut waiting: mpsc::Receiver<Item>,
    store: Arc<dyn Store>,
    feed: Arc<Feed>,
    counts: Arc<Counts>,
    missed: Arc<Notify>,
    stop: CancellationToken,
) {
    let mut lines = Lines::new();
    let mut come = Vec::new();
    loop {
        let room = WAITING - lines.len();
        tokio::select! {
            biased;
            () = stop.cancelled(), if !waiting.is_closed() => waiting.close(),
            taken = waiting.recv_many(&mut come, room) => {
                if taken == 0 && lines.len() == 0 {
                    return;
                }
            }
            // What has come by now is in; nobody waits for more.
            () = std::future::ready(()), if lines.len() > 0 => {}
        }
        for item in come.drain(..) {
            lines.put(item.draft.room, item);
        }
        let items = lines.take(BATCH, OF_ONE_ROOM);
        if items.is_empty() {
            continue;
        }
        if !commit(items, &*store, &feed, &counts).await {
            missed.notify_one();
        }
    }
}

/// Has these messages stored; whether it is known what became of them all.
async fn commit(items: Vec<Item>, store: &dyn Store, feed: &Arc<Feed>, counts: &Counts) -> bool {
    let (drafts, replies): (Vec<_>, Vec<_>) = items
        .into_iter()
        .map(|item| (item.draft, (item.reply, item.since)))
        .unzip();
    let mut corks = Vec::new();
    let began = Instant::now();
    let span = tracing::debug_span!("commit", messages = drafts.len());
    match store.append(&drafts).instrument(span).await {
        Ok(outcomes) => {
            let committed = Instant::now();
            counts.batches.count(drafts.len() as u64);
            counts.commit.took(committed - began);
            let known = !outcomes.contains(&Err(Denied::Unknown));
            for (outcome, (reply, since)) in outcomes.into_iter().zip(replies) {
                let entry = outcome
                    .as_ref()
                    .ok()
                    .filter(|posted| !posted.duplicate)
                    .map(|posted| Entry {
                        room: posted.message.room_id,
                        seq: posted.message.seq,
                        change: Change::MessageReceived(Box::new(posted.message.clone())),
                    });
                let outcome = Ok(outcome);
                counts.answered(&outcome, since.elapsed());
                corks.extend(reply.tell(outcome));
                if let Some(entry) = entry {
                    feed.announce_since(entry, committed).await;
                }
            }
            known
        }
        Err(error) => {
            let error = ChatError::from(error);
            tracing::error!(
                messages = drafts.len(),
                cause = error.cause(),
                "a batch of messages was not stored"
            );
            counts.failed_batches.add(1);
            for (reply, since) in replies {
                let outcome = Err(error.clone());
                counts.answered(&outcome, since.elapsed());
                corks.extend(reply.tell(outcome));
            }
            false
        }
    }
}
