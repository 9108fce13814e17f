//! One client's transport, as everybody else sees it.
//!
//! A link holds what waits (`outbox`) and the means to write it (`writer`). Anybody may put
//! something into the outbox and write; reading, waiting and ending belong to the link's own task
//! (`owner`).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::close::CloseReason;
use crate::combiner::Combiner;
use crate::connection::TransportKind;
use crate::cursor::Key;
use crate::delivery::{Batch, Offer};
use crate::lock;
use crate::metrics::Tally;
use crate::outbox::{Bounds, Full, Outbox};
use crate::packet::Packet;
use crate::permits::Permits;
use crate::shared::Shared;
use crate::sid::Sid;
use crate::sync::{AtomicU8, AtomicUsize, Mutex, MutexGuard, Notify};
use crate::topic::Topic;
use crate::writer::{Sink, Writer};

/// One client's transport. Locks are taken in the order writer, outbox, topic.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) shared: Arc<Shared>,
    sid: Sid,
    writer: Combiner<Writer>,
    outbox: Mutex<Outbox>,
    /// How many [`Cork`]s there are.
    corks: AtomicUsize,
    /// 0 while open, then one more than the index of the reason.
    ending: AtomicU8,
    /// Whether it is a WebSocket by now.
    upgraded: AtomicU8,
    /// When the client is gone unless it is heard before. The link's own task sees to that, and
    /// whoever comes in its name after that may come before the task does.
    answer_by: Mutex<Option<Instant>>,
    /// Of events handled and not yet acknowledged.
    permits: Permits,
    /// Wakes the link's own task: ending, blocked, fallen behind, a namespace left, room again.
    wake: Notify,
    /// Wakes everybody else who waits for the end.
    over: Notify,
}

/// What a writer learnt that somebody else must act on.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The link's own task has something to do: wait for the socket, read from the source.
    pub(crate) wake: bool,
    /// The transport must end.
    pub(crate) end: Option<CloseReason>,
}

impl Link {
    pub(crate) fn new(shared: Arc<Shared>, sink: Sink) -> Arc<Link> {
        let bounds = Bounds {
            direct_bytes: shared.config.outbox_bytes,
            hints: shared.config.hints,
        };
        let upgraded = AtomicU8::new(u8::from(matches!(sink, Sink::Socket(..))));
        let permits = Permits::new(shared.config.inbox);
        Arc::new(Link {
            shared,
            sid: Sid::random(),
            writer: Combiner::new(Writer::new(sink)),
            outbox: Mutex::new(Outbox::new(bounds)),
            corks: AtomicUsize::new(0),
            ending: AtomicU8::new(0),
            upgraded,
            answer_by: Mutex::new(None),
            permits,
            wake: Notify::new(),
            over: Notify::new(),
        })
    }

    pub(crate) fn sid(&self) -> Sid {
        self.sid
    }

    pub(crate) fn transport(&self) -> TransportKind {
        match self.upgraded.load(Ordering::Relaxed) {
            0 => TransportKind::Polling,
            _ => TransportKind::WebSocket,
        }
    }

    /// What waits to be written. Never held across a write.
    pub(crate) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        lock(&self.outbox)
    }

    /// Writes what can be written, after something was put into the outbox, unless there is a
    /// [`Cork`]. Ends the transport if that did not fit.
    pub(crate) fn settle(self: &Arc<Self>, put: Result<(), Full>) {
        match put {
            // Put there before this look: whoever takes the last cork out writes it.
            Ok(()) if self.corks.load(Ordering::SeqCst) > 0 => {}
            Ok(()) => self.flush(),
            Err(Full) => self.end(CloseReason::Overflow),
        }
    }

    /// Holds direct packets back.
    pub(crate) fn cork(self: &Arc<Self>) -> Cork {
        self.corks.fetch_add(1, Ordering::SeqCst);
        Cork {
            link: Arc::clone(self),
        }
    }

    /// After so many hints were put into the outbox, and so many found no space there.
    pub(crate) fn hinted(self: &Arc<Self>, taken: u64, dropped: u64) {
        if taken > 0 {
            self.flush();
        }
        if dropped > 0 {
            self.shared.metrics.hints_dropped.add(dropped);
        }
    }

    /// Writes what can be written, here or in the hands of whoever is writing.
    pub(crate) fn flush(self: &Arc<Self>) {
        let mut outcome = Outcome::default();
        self.writer.kick(|writer| writer.flush(self, &mut outcome));
        self.follow_up(outcome);
    }

    /// Hands a topic's new frames to one cursor: written at once if it is caught up, nothing is in
    /// front of it and nobody else is writing; else it reads on by itself.
    pub(crate) fn deliver(
        self: &Arc<Self>,
        key: Key,
        topic: &Topic,
        batch: Batch<'_>,
        tally: &mut Tally,
    ) {
        let mut outcome = Outcome::default();
        let mut later = Outcome::default();
        let delivered = self.writer.try_with(
            |writer| writer.deliver(self, key, topic, batch, tally, &mut outcome),
            |writer| writer.flush(self, &mut later),
        );
        if delivered.is_none() {
            // Somebody is writing right now, and looks again after letting go.
            let offer = self.outbox().offer(key, topic, batch, false);
            let socket = self.transport() == TransportKind::WebSocket;
            tally.reached += u64::from(socket && offer == Offer::Later);
            self.writer.kick(|writer| writer.flush(self, &mut later));
        }
        self.follow_up(outcome);
        self.follow_up(later);
    }

    /// Works on the write state, then does what others want written.
    pub(crate) fn with_writer<R>(self: &Arc<Self>, work: impl FnOnce(&mut Writer) -> R) -> R {
        let mut outcome = Outcome::default();
        let result = self
            .writer
            .with(work, |writer| writer.flush(self, &mut outcome));
        self.follow_up(outcome);
        result
    }

    /// The socket can be written again.
    pub(crate) fn resume(self: &Arc<Self>) {
        self.with_writer(Writer::resume);
        self.flush();
    }

    /// The socket to wait for if it takes no more, and since when.
    pub(crate) fn stalled(self: &Arc<Self>) -> Option<(Arc<TcpStream>, Instant)> {
        self.with_writer(|writer| writer.stalled())
    }

    /// Whether nothing waits to be written.
    pub(crate) fn is_drained(self: &Arc<Self>) -> bool {
        self.with_writer(|writer| writer.pending.is_empty()) && self.outbox().is_idle()
    }

    /// Bytes that wait to be written, or to be gathered for that.
    pub(crate) fn held(self: &Arc<Self>) -> usize {
        let gathered =
            self.with_writer(|writer| writer.pending.iter().map(Packet::len).sum::<usize>());
        gathered + self.outbox().bytes()
    }

    /// The client is gone unless it is heard before.
    pub(crate) fn expect_answer_by(&self, deadline: Option<Instant>) {
        *lock(&self.answer_by) = deadline;
    }

    /// Whether the client should have been heard by now.
    pub(crate) fn is_overdue(&self) -> bool {
        lock(&self.answer_by).is_some_and(|deadline| deadline <= Instant::now())
    }

    pub(crate) fn upgraded(&self) {
        self.upgraded.store(1, Ordering::Relaxed);
    }

    /// Nothing more is read. The link's own task ends the transport when all that was read is
    /// answered.
    pub(crate) fn leave(&self) {
        self.permits.leave();
        self.wake.notify_one();
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.permits.are_leaving()
    }

    /// Ends the transport: the link's own task sees to the rest at once.
    pub(crate) fn end(&self, reason: CloseReason) {
        let mark = u8::try_from(reason.index() + 1).expect("there are few reasons");
        let first = self
            .ending
            .compare_exchange(0, mark, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        if first {
            self.wake.notify_one();
            self.over.notify_waiters();
        }
    }

    /// Waits until it ends.
    pub(crate) async fn ended(&self) {
        let over = self.over.notified();
        // Whoever ends it after this look notifies us.
        if self.ending().is_none() {
            over.await;
        }
    }

    /// Why it ends, once it does.
    pub(crate) fn ending(&self) -> Option<CloseReason> {
        let mark = self.ending.load(Ordering::Acquire);
        CloseReason::ALL
            .get(usize::from(mark).checked_sub(1)?)
            .copied()
    }

    /// A namespace was ended by the server.
    pub(crate) fn left(&self) {
        self.wake.notify_one();
    }

    /// Waits for something only the link's own task can do.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    pub(crate) fn take_permit(&self) {
        self.permits.take();
    }

    pub(crate) fn return_permit(&self) {
        if self.permits.give_back() {
            self.wake.notify_one();
        }
    }

    pub(crate) fn all_answered(&self) -> bool {
        self.permits.all_back()
    }

    pub(crate) fn inbox_full(&self) -> bool {
        self.permits.all_out()
    }

    fn follow_up(&self, outcome: Outcome) {
        if let Some(reason) = outcome.end {
            self.end(reason);
        } else if outcome.wake {
            self.wake.notify_one();
        }
    }
}

/// While it lives, what is sent to the client by itself (answers, snapshots) waits, and leaves in one
/// write with the last of it. Frames and heartbeats do not wait, and take along what does. For a
/// moment without waiting for anything, in which several packets for one client may come together.
#[derive(Debug)]
#[must_use = "dropped at once it holds nothing back"]
pub struct Cork {
    link: Arc<Link>,
}

impl Drop for Cork {
    fn drop(&mut self) {
        if self.link.corks.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.link.flush();
        }
    }
}
