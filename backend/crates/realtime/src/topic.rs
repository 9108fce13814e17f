//! Topics: logs that somebody here is watching.
//!
//! A topic keeps the newest frames and the list of those who follow it. Whoever appends makes
//! sure that the topic's delivery runs (`delivery`); everything about a reader's place is in that
//! reader's outbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tokio::time::Instant;

use crate::ack::Ack;
use crate::connection::{Connection, ConnectionId};
use crate::cursor::{Cut, Key};
use crate::delivery::{self, MAX_TOPIC_HINTS, TopicHint};
use crate::link::Link;
use crate::lock;
use crate::metrics::Lag;
use crate::outbox::Started;
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::shared::Shared;
use crate::sync::Mutex;
use crate::tail::{Appended, Reach, Tail};

/// The 128-bit name the application gives a log.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug, PartialOrd, Ord)]
pub struct TopicId(pub u128);

/// A log that can be followed. A cheap handle; the topic and its tail live as long as somebody
/// follows it or holds a handle.
#[derive(Clone)]
pub struct Topic {
    inner: Arc<Inner>,
}

/// What a topic is. Locks are taken in the order link's write state, outbox, then one of these.
pub(crate) struct Inner {
    pub(crate) id: TopicId,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Mutex<Log>,
    pub(crate) members: Mutex<Members>,
    watchers: AtomicUsize,
}

/// The tail, and what its delivery has to know.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) tail: Tail,
    /// The last place handed to the members.
    pub(crate) delivered: u64,
    /// A frame that waits to be delivered, and since when: the oldest of the next walk.
    pub(crate) timed: Option<(u64, Instant)>,
    pub(crate) hints: Vec<TopicHint>,
    /// Whether the delivery task runs. It ends only under this lock, with nothing left.
    pub(crate) delivering: bool,
    /// Dropped by `reset_all`: takes nothing more.
    pub(crate) dropped: bool,
}

impl Log {
    /// Whether nothing is left for the delivery, which then ends: whoever brings something starts
    /// it again.
    pub(crate) fn rest(&mut self) -> bool {
        let over = self.hints.is_empty() && self.delivered == self.tail.head();
        if over {
            self.delivering = false;
        }
        over
    }
}

/// Who follows a topic. Places stay where they are, so that a walk in pieces skips nobody.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) slots: Vec<Option<Member>>,
    free: Vec<u32>,
}

/// One who follows a topic.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) link: Arc<Link>,
    pub(crate) key: Key,
    pub(crate) tag: Tag,
}

impl Topic {
    pub(crate) fn new(id: TopicId, head: u64, shared: &Arc<Shared>) -> Topic {
        let config = &shared.config;
        let log = Log {
            tail: Tail::new(
                head,
                config.tail_frames,
                config.tail_bytes,
                config.compressed(),
            ),
            delivered: head,
            timed: None,
            hints: Vec::new(),
            delivering: false,
            dropped: false,
        };
        let inner = Inner {
            id,
            shared: Arc::clone(shared),
            log: Mutex::new(log),
            members: Mutex::new(Members::default()),
            watchers: AtomicUsize::new(0),
        };
        Topic {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn from_inner(inner: Arc<Inner>) -> Topic {
        Topic { inner }
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// Its name.
    pub fn id(&self) -> TopicId {
        self.inner.id
    }

    /// The last place it knows.
    pub fn head(&self) -> u64 {
        lock(&self.inner.log).tail.head()
    }

    /// The frames after one place up to another; nothing when not all of them are kept, or the last
    /// is not there yet.
    pub fn frames(&self, after: u64, until: u64) -> Option<Vec<Frame>> {
        lock(&self.inner.log).tail.between(after, until)
    }

    /// How many connections follow it.
    pub fn watchers(&self) -> usize {
        self.inner.watchers.load(Ordering::Relaxed)
    }

    /// Takes the next frame and sees to its delivery. Never waits for a reader.
    ///
    /// Frames reach every reader in order, without a gap and once.
    pub fn append(&self, frame: Frame) -> Appended {
        self.append_since(frame, Instant::now())
    }

    /// Like [`Topic::append`], of a frame that has been known `since` this moment: its delivery is
    /// timed from there, see [`crate::Metrics::delivery`].
    pub fn append_since(&self, frame: Frame, since: Instant) -> Appended {
        let seq = frame.seq;
        let mut log = lock(&self.inner.log);
        if log.dropped {
            return Appended::Known;
        }
        let appended = log.tail.append(frame);
        if appended == Appended::New {
            log.timed.get_or_insert((seq, since));
            delivery::run(&self.inner, log);
        }
        appended
    }

    /// Opens a cursor of this connection, held: nothing is delivered until it is started. A second
    /// attach by the same connection replaces the first, whose feed stops at once.
    ///
    /// `tag` is whose permission this is, see [`Topic::cut`]. `None` when the connection has
    /// ended, or the topic was dropped by [`crate::Topics::reset_all`].
    pub fn attach(&self, connection: &Connection, tag: Tag) -> Option<Attached> {
        let link = connection.link();
        let id = connection.id();
        let (key, attach, listed) = link.outbox().attach(self, id, tag)?;
        // From here on, dropping it detaches.
        let attached = Attached {
            topic: self.clone(),
            link: Arc::clone(link),
            key,
            attach,
        };
        if !listed {
            let member = Member {
                link: Arc::clone(link),
                key,
                tag,
            };
            let slot = self.list(member);
            // The connection may have ended in between; then nobody else unlists it.
            if !link.outbox().listed(key, attach, slot) {
                self.unlist(slot);
                return None;
            }
        }
        // Looked at last: whoever drops the topic or ends the connection says so before looking for
        // members or feeds.
        let stands = connection.is_open() && !lock(&self.inner.log).dropped;
        stands.then_some(attached)
    }

    /// Ends this connection's feed. False when there was none.
    pub fn detach(&self, connection: ConnectionId) -> bool {
        let Some(connection) = self.inner.shared.registry.find(connection) else {
            return false;
        };
        let link = connection.link();
        let detached = link.outbox().detach(self, connection.id());
        // It may have been the one whose page another feed waits behind.
        link.flush();
        detached
    }

    /// Ends the feeds of everyone with `tag` whose place lies before `seq`: they get nothing at or
    /// above it, live or backfilled. What is below is still delivered, then `farewell` as a direct
    /// packet, and the feed is gone. A feed that began after `seq` is another permission and goes
    /// on; one that is attached but held may start only at or after `seq`, else the start is
    /// refused and the farewell comes then.
    ///
    /// Answers whose feeds those are.
    pub fn cut(&self, tag: Tag, seq: u64, farewell: Option<Packet>) -> Vec<ConnectionId> {
        let cut = Cut { seq, farewell };
        let mut ended = Vec::new();
        #[cfg(feature = "planted")]
        if crate::planted::is("hear-after-removal") {
            return ended;
        }
        self.each_member(|member| {
            if member.tag == tag {
                let (connection, result) = member.link.outbox().cut(member.key, self, &cut);
                ended.extend(connection);
                member.link.settle(result);
            }
        });
        ended
    }

    /// Ends this connection's feed now if it has been cut and still has something to read: the
    /// farewell comes at once, and what was not read by then does not. Of use before telling that
    /// there is a new permission, which must not be heard before the end of the old one. False
    /// when there was no such feed.
    pub fn part(&self, connection: ConnectionId) -> bool {
        let Some(connection) = self.inner.shared.registry.find(connection) else {
            return false;
        };
        let link = connection.link();
        let parted = link.outbox().part(self, connection.id());
        parted.map(|result| link.settle(result)).is_some()
    }

    /// A droppable packet for everybody here but `except`: latest-wins per topic, key and
    /// connection, delivered after the frames that are on their way.
    pub fn hint(&self, key: u128, packet: Packet, except: Option<Tag>) {
        let mut log = lock(&self.inner.log);
        let hint = TopicHint {
            key,
            packet,
            except,
        };
        if let Some(waiting) = log.hints.iter_mut().find(|waiting| waiting.key == key) {
            *waiting = hint;
        } else if log.hints.len() < MAX_TOPIC_HINTS {
            log.hints.push(hint);
        } else {
            drop(log);
            self.inner.shared.metrics.hints_dropped.add(1);
            return;
        }
        delivery::run(&self.inner, log);
    }

    /// Whether this connection has a feed of it, started or held.
    pub fn is_followed_by(&self, connection: ConnectionId) -> bool {
        let Some(connection) = self.inner.shared.registry.find(connection) else {
            return false;
        };
        connection
            .link()
            .outbox()
            .find(self, connection.id())
            .is_some()
    }

    /// Ends every feed with [`crate::App::reset`] and takes nothing more.
    pub(crate) fn drop_feeds(&self) {
        lock(&self.inner.log).dropped = true;
        let word = self.inner.shared.app.reset(self.id());
        self.each_member(|member| {
            let result = member
                .link
                .outbox()
                .end_feed(member.key, self, word.clone());
            member.link.settle(result);
        });
    }

    /// Bytes its tail keeps.
    pub(crate) fn kept(&self) -> usize {
        lock(&self.inner.log).tail.bytes()
    }

    /// Adds up how far its readers are behind.
    pub(crate) async fn add_lag(&self, lag: &mut Lag) {
        let head = self.head();
        let mut piece = Vec::new();
        let mut at = 0;
        while delivery::piece(&self.inner, &mut at, &mut piece) {
            for member in piece.drain(..) {
                if let Some(next) = member.link.outbox().next(member.key, self) {
                    lag.add((head + 1).saturating_sub(next));
                }
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn is(&self, other: &Topic) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Reads the tail, see [`Tail::read`].
    pub(crate) fn read(&self, next: u64, take: impl FnMut(&Frame) -> bool) -> Reach {
        lock(&self.inner.log).tail.read(next, take)
    }

    pub(crate) fn unlist(&self, slot: u32) {
        let mut members = lock(&self.inner.members);
        // Dropped after the lock is: it may be the last hold on a link.
        let gone = members.slots.get_mut(slot as usize).and_then(Option::take);
        if gone.is_some() {
            members.free.push(slot);
            self.inner.watchers.fetch_sub(1, Ordering::Relaxed);
        }
        drop(members);
    }

    fn list(&self, member: Member) -> u32 {
        self.inner.watchers.fetch_add(1, Ordering::Relaxed);
        let mut members = lock(&self.inner.members);
        if let Some(slot) = members.free.pop() {
            members.slots[slot as usize] = Some(member);
            return slot;
        }
        members.slots.push(Some(member));
        u32::try_from(members.slots.len() - 1).expect("fewer members than 2^32")
    }

    fn each_member(&self, mut visit: impl FnMut(&Member)) {
        let mut piece = Vec::new();
        let mut at = 0;
        while delivery::piece(&self.inner, &mut at, &mut piece) {
            piece.iter().for_each(&mut visit);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.topics.forget(self.id);
    }
}

impl std::fmt::Debug for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Topic")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// A feed that is attached and not yet started. Dropping it unstarted detaches.
#[derive(Debug)]
#[must_use = "dropping it detaches"]
pub struct Attached {
    topic: Topic,
    link: Arc<Link>,
    key: Key,
    attach: u64,
}

impl Attached {
    /// Which topic it is a feed of.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }

    /// Puts `ack`'s answer into the outbox and starts the feed after `seq`, in one step: the
    /// answer precedes every live frame, and the first live frame is `seq + 1`.
    ///
    /// Unless the feed started, the answer is *not* sent, and `ack` is dropped with it. To answer
    /// in that case too, use [`Attached::start_with`].
    pub fn start<T: Serialize + ?Sized>(self, seq: u64, ack: Ack, answer: &T) -> Started {
        let packet = ack.packet(answer);
        let started = start_with(&[(self, seq)], ack, |standing| {
            (standing == [Started::Live])
                .then(|| packet.clone())
                .flatten()
        });
        started[0]
    }

    /// Several feeds of one connection at once: all that can start do, and one answer precedes
    /// them all. Unless all started, think of [`Attached::start_with`]: the answer is sent in any
    /// case.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what did not start is detached here"
    )]
    pub fn start_all<T: Serialize + ?Sized>(
        feeds: Vec<(Attached, u64)>,
        ack: Ack,
        answer: &T,
    ) -> Vec<Started> {
        let packet = ack.packet(answer);
        start_with(&feeds, ack, |_| packet.clone())
    }

    /// Several feeds of one connection at once, with an answer that knows which of them start:
    /// `answer` is given one [`Started`] per feed, and what it returns is sent in the same step
    /// in which these come true. It is called again if one of them changed meanwhile, which can
    /// happen at most once per feed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what did not start is detached here"
    )]
    pub fn start_with<T: Serialize>(
        feeds: Vec<(Attached, u64)>,
        ack: Ack,
        mut answer: impl FnMut(&[Started]) -> T,
    ) -> Vec<Started> {
        let namespace = ack.namespace();
        let id = ack.id();
        start_with(&feeds, ack, |standing| {
            let value = answer(standing);
            id.map(|id| Packet::ack(&namespace, id, &value))
        })
    }
}

/// Starts feeds of one connection, see [`Attached::start_with`]. Dropping the feeds afterwards
/// detaches those that are still held.
fn start_with(
    feeds: &[(Attached, u64)],
    ack: Ack,
    mut answer: impl FnMut(&[Started]) -> Option<Packet>,
) -> Vec<Started> {
    let link = Arc::clone(ack.link());
    let standing_of = |outbox: &crate::outbox::Outbox| -> Vec<Started> {
        let standing = feeds.iter().map(|(feed, seq)| {
            let same = Arc::ptr_eq(&feed.link, &link);
            if same {
                outbox.standing(feed.key, feed.attach, *seq)
            } else {
                Started::Ended
            }
        });
        standing.collect()
    };
    let mut standing = standing_of(&link.outbox());
    loop {
        // Encoded outside of the lock; a snapshot can be large.
        let packet = answer(&standing);
        let mut outbox = link.outbox();
        let now = standing_of(&outbox);
        if now != standing {
            drop(outbox);
            standing = now;
            continue;
        }
        let result = packet.map_or(Ok(()), |packet| outbox.push(packet));
        if result.is_ok() {
            for ((feed, seq), started) in feeds.iter().zip(&standing) {
                if *started == Started::Live {
                    outbox.start(feed.key, *seq);
                }
            }
        }
        drop(outbox);
        link.settle(result);
        drop(ack);
        return standing;
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let result = self.link.outbox().abandon(self.key, self.attach);
        self.link.settle(result);
    }
}
