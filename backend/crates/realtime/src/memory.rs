//! A small application, ready-made: logs in memory by name, and one function for all events.
//!
//! Enough for an example, a prototype or a test. What is to survive a restart, or to be decided
//! before somebody connects, needs an [`App`] of one's own.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use crate::ack::Ack;
use crate::app::{Accepted, App, BoxFuture, ConnectRequest, Event, Handler, ReadFailed, Refusal};
use crate::close::CloseReason;
use crate::connection::Connection;
use crate::lock;
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::sync::Mutex;
use crate::topic::{Attached, TopicId};
use crate::topics::Topics;

/// Logs there may be: clients name them.
const MAX_LOGS: usize = 10_000;

/// What handles every event.
type Handle = dyn Fn(&Guest, Event) + Send + Sync;

/// The application.
struct Memory {
    handle: Box<Handle>,
    logs: Mutex<Logs>,
}

/// Logs by name, each with its newest entries.
#[derive(Default)]
struct Logs {
    /// Where each stands in `all`, which is also its [`TopicId`].
    names: HashMap<Arc<str>, usize>,
    all: Vec<Log>,
}

struct Log {
    name: Arc<str>,
    head: u64,
    newest: VecDeque<Frame>,
}

/// One entry, as clients see it.
#[derive(Serialize)]
struct Entry<'a, T: ?Sized> {
    log: &'a str,
    seq: u64,
    data: &'a T,
}

/// The answer to whoever follows a log.
#[derive(Serialize)]
struct Followed {
    /// The first entry that comes is the one after this place.
    after: u64,
    /// The last place there was.
    head: u64,
}

/// A client of [`crate::Engine::in_memory`], in the hands of the function that handles its events.
pub struct Guest {
    connection: Connection,
    memory: Arc<Memory>,
}

/// The application, as the engine sees it.
pub(crate) struct Door(Arc<Memory>);

/// A guest, as the engine sees it.
struct Seat(Guest);

impl Guest {
    /// Its connection: to send to it alone, to ask it something, to end it.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Appends an entry to a log, which is made if it is not there. Everybody who follows the log
    /// gets the event `["event",{"log":"…","seq":N,"data":…}]`, in the order of `seq`, without a
    /// gap and once.
    ///
    /// Answers with its place in the log: 1, 2, 3 and so on. `None` when there are 10,000 logs and
    /// this is not one of them.
    ///
    /// # Panics
    ///
    /// When `data` cannot be JSON (a map with keys that are no strings).
    pub fn append<T: Serialize + ?Sized>(&self, log: &str, event: &str, data: &T) -> Option<u64> {
        let shared = &self.connection.link().shared;
        let mut logs = lock(&self.memory.logs);
        let (id, log) = logs.open(log)?;
        let seq = log.head + 1;
        let entry = Entry {
            log: &log.name,
            seq,
            data,
        };
        let frame = Frame {
            seq,
            packet: Packet::event("/", event, &entry),
        };
        log.head = seq;
        log.newest.push_back(frame.clone());
        // Nobody further behind is helped to catch up.
        if log.newest.len() as u64 > shared.config.max_behind {
            log.newest.pop_front();
        }
        // Told while the log is held, or two entries could change places.
        if let Some(topic) = Topics::new(Arc::clone(shared)).get(id) {
            topic.append(frame);
        }
        Some(seq)
    }

    /// Follows a log: what it has after this place, and what is appended from now on. 0 is the
    /// beginning; a client that was away gives the last place it got, and misses nothing.
    ///
    /// Answers with `{"after":N,"head":M}`, and the first entry that comes is N + 1: not the one
    /// asked for when that has been forgotten ([`crate::Config::max_behind`] entries are kept), or when
    /// the log is younger than the client thinks. `null` when there are 10,000 logs and this is
    /// not one of them. A client that does not keep up any more hears `["reset","log"]` and is to
    /// follow again.
    pub fn follow(&self, log: &str, after: u64, ack: Ack) {
        match self.attach(log, after) {
            Some((feed, followed)) => {
                feed.start(followed.after, ack, &followed);
            }
            None => ack.send(&()),
        }
    }

    /// Stops following a log. False when it did not.
    pub fn leave(&self, log: &str) -> bool {
        let id = lock(&self.memory.logs).find(log);
        let topics = Topics::new(Arc::clone(&self.connection.link().shared));
        id.and_then(|id| topics.get(id))
            .is_some_and(|topic| topic.detach(self.connection.id()))
    }

    fn attach(&self, log: &str, after: u64) -> Option<(Attached, Followed)> {
        let mut logs = lock(&self.memory.logs);
        let (id, log) = logs.open(log)?;
        let oldest = log.head - log.newest.len() as u64;
        let followed = Followed {
            after: if after > log.head { 0 } else { after }.max(oldest),
            head: log.head,
        };
        // Opened while the log is held: the topic hears of everything that comes after.
        let topic = Topics::new(Arc::clone(&self.connection.link().shared)).open(id, log.head);
        let feed = topic.attach(&self.connection, Tag(0))?;
        Some((feed, followed))
    }
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guest")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

impl Logs {
    fn find(&self, name: &str) -> Option<TopicId> {
        self.names.get(name).map(|at| TopicId(*at as u128))
    }

    fn open(&mut self, name: &str) -> Option<(TopicId, &mut Log)> {
        let at = match self.names.get(name) {
            Some(at) => *at,
            None if self.all.len() < MAX_LOGS => self.add(Arc::from(name)),
            None => return None,
        };
        Some((TopicId(at as u128), &mut self.all[at]))
    }

    fn add(&mut self, name: Arc<str>) -> usize {
        let at = self.all.len();
        self.names.insert(Arc::clone(&name), at);
        self.all.push(Log {
            name,
            head: 0,
            newest: VecDeque::new(),
        });
        at
    }

    fn get(&self, id: TopicId) -> Option<&Log> {
        self.all.get(usize::try_from(id.0).ok()?)
    }
}

impl Door {
    pub(crate) fn new(handle: impl Fn(&Guest, Event) + Send + Sync + 'static) -> Door {
        Door(Arc::new(Memory {
            handle: Box::new(handle),
            logs: Mutex::default(),
        }))
    }
}

impl App for Door {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        let known = &*request.namespace == "/";
        let guest = Guest {
            connection: request.connection,
            memory: Arc::clone(&self.0),
        };
        let accepted = known.then(|| Accepted {
            handler: Box::new(Seat(guest)),
            tags: Vec::new(),
        });
        Box::pin(async { accepted.ok_or_else(Refusal::unknown_namespace) })
    }

    fn read(
        &self,
        topic: TopicId,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        let logs = lock(&self.0.logs);
        let newest = logs.get(topic).map(|log| &log.newest).into_iter().flatten();
        let later = newest.skip_while(|frame| frame.seq <= after);
        let page = later.take(limit).cloned().collect();
        Box::pin(async { Ok(page) })
    }

    fn reset(&self, topic: TopicId) -> Packet {
        let logs = lock(&self.0.logs);
        Packet::event("/", "reset", &logs.get(topic).map(|log| &*log.name))
    }
}

impl Handler for Seat {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        (self.0.memory.handle)(&self.0, event);
        Box::pin(async {})
    }

    fn closed(self: Box<Self>, _: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}
