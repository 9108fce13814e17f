//! Handles to connections: one namespace of one transport each.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::ack::AckLost;
use crate::close::{Close, CloseReason};
use crate::link::Link;
use crate::lock;
use crate::outbox::HintKey;
use crate::packet::Packet;
use crate::registry::Tag;
use crate::sid::Sid;
use crate::sync::{AtomicU8, Mutex, MutexGuard, Notify};

/// Questions to one client that it has not answered.
const MAX_ASKED: usize = 256;

/// Names a connection, once and for all in this process.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// How a client is connected.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum TransportKind {
    /// HTTP long-polling.
    Polling,
    /// A WebSocket.
    WebSocket,
}

/// A live or ended connection: one namespace of one transport. A cheap handle, which keeps
/// nothing of an ended connection but its names.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    id: ConnectionId,
    sid: Sid,
    namespace: Arc<str>,
    link: Arc<Link>,
    /// 0 while open, then one more than the index of the reason.
    reason: AtomicU8,
    ended: Notify,
    asked: Mutex<Asked>,
    /// What it is found by; gone once it is not to be found any more.
    tags: Mutex<Option<Vec<Tag>>>,
}

#[derive(Default)]
struct Asked {
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<Box<RawValue>>>,
}

impl Connection {
    pub(crate) fn new(id: ConnectionId, namespace: Arc<str>, link: Arc<Link>) -> Connection {
        let inner = Inner {
            id,
            sid: Sid::random(),
            namespace,
            link,
            reason: AtomicU8::new(0),
            ended: Notify::new(),
            asked: Mutex::default(),
            tags: Mutex::new(Some(Vec::new())),
        };
        Connection {
            inner: Arc::new(inner),
        }
    }

    /// Its name in this process.
    pub fn id(&self) -> ConnectionId {
        self.inner.id
    }

    /// Its name for the client.
    pub fn sid(&self) -> &str {
        self.inner.sid.as_str()
    }

    /// Its namespace.
    pub fn namespace(&self) -> &str {
        &self.inner.namespace
    }

    /// How the client is connected now.
    pub fn transport(&self) -> TransportKind {
        self.inner.link.transport()
    }

    /// Makes it known by one more tag, from now to its end. Of use inside [`crate::App::connect`]:
    /// tag first, then check what the tag stands for, and nobody who ends by tag can miss it.
    pub fn tag(&self, tag: Tag) {
        self.inner.link.shared.registry.tag(self, tag);
    }

    /// Queues a direct packet, never dropped while the connection lives. One that does not fit
    /// into [`crate::Config::outbox_bytes`] ends the transport with [`CloseReason::Overflow`].
    pub fn send(&self, packet: Packet) {
        if self.is_open() {
            let result = self.inner.link.outbox().send(self.id(), packet);
            self.inner.link.settle(result);
        }
    }

    /// Queues a droppable packet: latest-wins per key, sent after everything else.
    pub fn hint(&self, key: u128, packet: Packet) {
        self.hints([(key, packet)]);
    }

    /// [`Connection::hint`] of several at once, which leave in one write.
    pub fn hints(&self, hints: impl IntoIterator<Item = (u128, Packet)>) {
        if !self.is_open() {
            return;
        }
        let (mut taken, mut dropped) = (0, 0);
        {
            let mut outbox = self.inner.link.outbox();
            // Before the acceptance nothing may be heard of it, and a hint does not wait.
            let expected = outbox.is_expected(self.id());
            for (key, packet) in hints {
                let key = HintKey { topic: None, key };
                if !expected && outbox.hint(key, packet) {
                    taken += 1;
                } else {
                    dropped += 1;
                }
            }
        }
        self.inner.link.hinted(taken, dropped);
    }

    /// Sends an event and waits for the client's acknowledgement: the first argument it answers
    /// with, `null` without one. Bounds the questions of one connection under way to 256; there is
    /// no time-out, dropping the future withdraws the question.
    pub fn emit_with_ack<T: Serialize + ?Sized>(
        &self,
        event: &str,
        data: &T,
    ) -> impl Future<Output = Result<Box<RawValue>, AckLost>> + Send + use<T> {
        let asked = self.ask();
        if let Some((question, _)) = &asked {
            let packet = Packet::event_asking(self.namespace(), question.id, event, data);
            self.send(packet);
        }
        async move {
            let (_question, answer) = asked.ok_or(AckLost)?;
            // The other end goes with the connection.
            answer.await.map_err(|_| AckLost)
        }
    }

    /// Ends it now. What is in the outbox is written if the peer can take it within a second; a
    /// reader is never waited for beyond that.
    pub fn close(&self, how: Close) {
        match how {
            Close::Disconnect => {
                if self.mark_ended(CloseReason::ServerDisconnect) {
                    let packet = Packet::control::<()>(*b"41", &self.inner.namespace, None);
                    let result = {
                        let mut outbox = self.inner.link.outbox();
                        outbox.detach_all(self.id());
                        outbox.push(packet)
                    };
                    self.inner.link.settle(result);
                    self.inner.link.left();
                }
            }
            Close::Transport(reason) => {
                // Not of this connection alone, but its handles should know at once.
                self.mark_ended(reason);
                self.inner.link.end(reason);
            }
        }
    }

    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        self.inner.reason.load(Ordering::Acquire) == 0 && self.inner.link.ending().is_none()
    }

    /// Waits until it has ended. At once if it has.
    pub async fn ended(&self) {
        let ended = self.inner.ended.notified();
        // Whoever ends it after this look notifies us.
        if self.reason().is_none() {
            ended.await;
        }
    }

    pub(crate) fn tags(&self) -> MutexGuard<'_, Option<Vec<Tag>>> {
        lock(&self.inner.tags)
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.inner.link
    }

    pub(crate) fn namespace_arc(&self) -> &Arc<str> {
        &self.inner.namespace
    }

    /// Why it was ended by itself, if it was.
    pub(crate) fn reason(&self) -> Option<CloseReason> {
        let reason = self.inner.reason.load(Ordering::Acquire);
        CloseReason::ALL
            .get(usize::from(reason).checked_sub(1)?)
            .copied()
    }

    /// Marks it as ended; false when it was already.
    pub(crate) fn mark_ended(&self, reason: CloseReason) -> bool {
        let mark = u8::try_from(reason.index() + 1).expect("there are few reasons");
        let first = self
            .inner
            .reason
            .compare_exchange(0, mark, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        if first {
            self.inner.ended.notify_waiters();
            lock(&self.inner.asked).waiting = HashMap::new();
        }
        first
    }

    /// Ends it for everybody: from here on nobody finds it, and nothing is delivered.
    pub(crate) fn forget(&self, reason: CloseReason) {
        self.mark_ended(reason);
        self.inner.link.outbox().detach_all(self.id());
        self.inner.link.shared.registry.remove(self);
    }

    /// The client acknowledged.
    pub(crate) fn answered(&self, id: u64, answer: Box<RawValue>) {
        let waiting = lock(&self.inner.asked).waiting.remove(&id);
        if let Some(waiting) = waiting {
            // Nobody may be waiting any more.
            let _ = waiting.send(answer);
        }
    }

    fn ask(&self) -> Option<(Question, oneshot::Receiver<Box<RawValue>>)> {
        let mut asked = lock(&self.inner.asked);
        if !self.is_open() || asked.waiting.len() >= MAX_ASKED {
            return None;
        }
        asked.last += 1;
        let id = asked.last;
        let (sender, receiver) = oneshot::channel();
        asked.waiting.insert(id, sender);
        Some((
            Question {
                connection: self.clone(),
                id,
            },
            receiver,
        ))
    }
}

/// Takes itself back when nobody waits for the answer any more.
struct Question {
    connection: Connection,
    id: u64,
}

impl Drop for Question {
    fn drop(&mut self) {
        lock(&self.connection.inner.asked).waiting.remove(&self.id);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id())
            .field("namespace", &self.namespace())
            .finish_non_exhaustive()
    }
}
