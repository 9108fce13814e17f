//! From the stored log to those who watch: announcing entries here and to the other nodes, and
//! filling gaps.
//!
//! The store is the truth and the order; the engine's topic is its newest part, kept for those who
//! watch here. An entry, announced here or heard of from another node, is given to the topic only
//! at its own place. One that comes too early is kept for a moment, since words of two nodes may
//! overtake each other; what is still missing then is read from the store, with everything up to
//! the head, once per room at a time. Nothing is ever announced that is not stored.

use super::belongings::Known;
use super::watched::Watched;
use super::{ChatError, Counts, announce};
use crate::bus::{Bus, LARGEST_PACKET, Subject, Word};
use crate::models::{Change, Entry, RoomId, UserId};
use crate::presence::Presence;
use crate::store::{self, Store};
use realtime::{Appended, ConnectionId, Engine, Frame, Packet, Topic, TopicId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// Entries read from the store at a time when filling a gap.
const FILL_PAGE: u32 = 500;
/// Rooms whose heads are compared in one query.
const HEADS_AT_ONCE: usize = 500;
/// Tries to fill a gap before leaving it to the next comparison of heads.
const FILL_TRIES: u32 = 5;
/// How long an entry that came too early waits for those before it.
const EARLY_WAIT: Duration = Duration::from_millis(50);
/// Entries of a room that are kept while they wait; the others are read from the store.
const EARLY_KEPT: usize = 256;

/// What the engine is told, and what it asks for.
#[derive(Debug)]
pub struct Feed {
    store: Arc<dyn Store>,
    pub(super) presence: Arc<dyn Presence>,
    pub(super) bus: Arc<dyn Bus>,
    known: Arc<Known>,
    counts: Arc<Counts>,
    epoch: Mutex<String>,
    engine: OnceLock<Engine>,
    tasks: TaskTracker,
    /// Rooms that miss something.
    gaps: Mutex<HashMap<RoomId, Gap>>,
    pub(super) watched: Watched,
}

/// A room that misses something, while a task sees to it.
#[derive(Debug, Default)]
struct Gap {
    /// The store must be read, whatever else comes.
    wanted: Option<Noticed>,
    /// What came before its time.
    early: BTreeMap<u64, Step>,
}

/// How it came out that something is missing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Noticed {
    /// By word of an entry that was too large to come along.
    Told,
    /// By what came after it.
    Missed,
    /// By comparing with the store.
    Compared,
}

/// An entry, ready for a topic.
#[derive(Debug, Clone)]
struct Step {
    frame: Frame,
    /// Whose membership ends with it.
    removed: Option<UserId>,
    /// Since when this node has known it to be stored.
    since: Instant,
}

impl Feed {
    pub(super) fn new(
        store: Arc<dyn Store>,
        presence: Arc<dyn Presence>,
        bus: Arc<dyn Bus>,
        known: Arc<Known>,
        counts: Arc<Counts>,
        epoch: String,
        tasks: TaskTracker,
    ) -> Self {
        let watched = Watched::new(&store, &tasks);
        Self {
            store,
            presence,
            bus,
            known,
            counts,
            epoch: Mutex::new(epoch),
            engine: OnceLock::new(),
            tasks,
            gaps: Mutex::default(),
            watched,
        }
    }

    /// Connects the engine, once: it needs the socket's side to exist, which needs the chat.
    ///
    /// # Panics
    /// When it is connected already.
    pub fn connect(&self, engine: Engine) {
        assert!(
            self.engine.set(engine).is_ok(),
            "the engine is connected once, at start"
        );
    }

    pub(super) fn engine(&self) -> Option<&Engine> {
        self.engine.get()
    }

    fn known_epoch(&self) -> MutexGuard<'_, String> {
        self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The room's topic, if somebody watches it here.
    pub(super) fn find_topic(&self, room: RoomId) -> Option<Topic> {
        self.engine()?.topics().get(announce::topic_of(room))
    }

    /// Whether the connection has a feed of this room.
    pub(super) fn is_following(&self, room: RoomId, connection: ConnectionId) -> bool {
        self.find_topic(room)
            .is_some_and(|topic| topic.is_followed_by(connection))
    }

    // ── Telling ────────────────────────────────────────────────────────────────

    /// Tells those who watch the room about a stored entry, here and everywhere.
    pub(super) async fn announce(self: &Arc<Self>, entry: Entry) {
        self.announce_since(entry, Instant::now()).await;
    }

    /// Like [`Feed::announce`], of an entry that was committed a while ago.
    pub(super) async fn announce_since(self: &Arc<Self>, entry: Entry, committed: Instant) {
        let room = entry.room;
        let topic = self.find_topic(room);
        if let Change::MemberRemoved { user, .. } = entry.change {
            self.end_feeds(topic.as_ref(), room, user, entry.seq).await;
        }
        let step = self.prepare(entry, committed).await;
        // The history it is of, whatever begins meanwhile.
        let epoch = self.known_epoch().clone();
        let (frame, removed) = (step.frame.clone(), step.removed);
        if let Some(topic) = topic {
            self.take(&topic, step).await;
        }
        self.tell_others(|| Word::Entry {
            epoch,
            room,
            seq: frame.seq,
            packet: (frame.packet.len() <= LARGEST_PACKET)
                .then(|| announce::encoded(&frame.packet)),
            removed,
        });
    }

    /// Tells the other nodes, if there can be any.
    fn tell_others(&self, word: impl FnOnce() -> Word) {
        if !self.bus.is_alone() {
            self.bus.tell(word());
        }
    }

    /// An entry that another node has stored.
    pub(super) async fn hear_entry(
        self: &Arc<Self>,
        epoch: &str,
        room: RoomId,
        seq: u64,
        packet: Option<&str>,
        removed: Option<UserId>,
    ) {
        // A place means something else in another history. Which of the two is over is known to the
        // store, which is asked anyway.
        if epoch != *self.known_epoch() {
            return;
        }
        let Some(topic) = self.find_topic(room) else {
            return;
        };
        match packet.and_then(announce::decoded) {
            Some(packet) => {
                let step = Step {
                    frame: Frame { seq, packet },
                    removed,
                    since: Instant::now(),
                };
                self.take(&topic, step).await;
            }
            None => self.fill(topic, Noticed::Told),
        }
    }

    /// A hint that another node passes on.
    pub(super) fn hear_hint(&self, to: Subject, key: u128, packet: &str, except: Option<UserId>) {
        let (Some(packet), Some(engine)) = (announce::decoded(packet), self.engine()) else {
            return;
        };
        match to {
            Subject::Room(room) => {
                if let Some(topic) = self.find_topic(room) {
                    topic.hint(key, packet, except.map(announce::user_tag));
                }
            }
            Subject::User(user) => {
                for connection in engine.tagged(announce::user_tag(user)) {
                    connection.hint(key, packet.clone());
                }
            }
            // Nodes are told words of their own.
            Subject::Nodes => {}
        }
    }

    /// Passes a hint on to those who watch the room, here and everywhere.
    pub(super) fn hint(&self, room: RoomId, key: u128, packet: Packet, except: UserId) {
        let to = Subject::Room(room);
        self.tell_others(|| announce::hint(to, key, &packet, Some(except)));
        if let Some(topic) = self.find_topic(room) {
            topic.hint(key, packet, Some(announce::user_tag(except)));
        }
    }

    /// Passes a hint on to the other connections of a user, here and everywhere.
    pub(super) fn hint_user(
        &self,
        user: UserId,
        key: u128,
        packet: &Packet,
        except: Option<ConnectionId>,
    ) {
        let to = Subject::User(user);
        self.tell_others(|| announce::hint(to, key, packet, None));
        let Some(engine) = self.engine() else { return };
        for connection in engine.tagged(announce::user_tag(user)) {
            if Some(connection.id()) != except {
                connection.hint(key, packet.clone());
            }
        }
    }

    /// The entry as the topic takes it.
    async fn prepare(&self, entry: Entry, since: Instant) -> Step {
        let removed = match entry.change {
            Change::MemberRemoved { user, .. } => Some(user),
            _ => None,
        };
        let frame = announce::frame(&self.render(entry).await);
        Step {
            frame,
            removed,
            since,
        }
    }

    /// Gives the topic an entry and those that waited for it, or keeps it until its time comes.
    async fn take(self: &Arc<Self>, topic: &Topic, step: Step) {
        if step.frame.seq <= topic.head() + 1 {
            self.give(topic, step).await;
            self.give_early(topic).await;
            return;
        }
        let gap = |gap: &mut Gap| {
            if gap.early.len() < EARLY_KEPT {
                gap.early.insert(step.frame.seq, step);
            } else {
                gap.wanted.get_or_insert(Noticed::Missed);
            }
        };
        self.see_to(topic.clone(), EARLY_WAIT, gap);
    }

    /// Gives the topic what has come to its place.
    async fn give(self: &Arc<Self>, topic: &Topic, step: Step) -> Appended {
        let Step {
            frame,
            removed,
            since,
        } = step;
        if let Some(user) = removed
            && frame.seq == topic.head() + 1
        {
            // Before the entry itself: who leaves is told nothing from here on.
            let room = announce::room_of(topic.id());
            self.end_feeds(Some(topic), room, user, frame.seq).await;
        }
        let appended = topic.append_since(frame, since);
        if let Appended::Gap { .. } = appended {
            self.fill(topic.clone(), Noticed::Missed);
        }
        appended
    }

    async fn give_early(self: &Arc<Self>, topic: &Topic) {
        let room = announce::room_of(topic.id());
        loop {
            let step = self
                .gaps()
                .get_mut(&room)
                .and_then(|gap| gap.early.remove(&(topic.head() + 1)));
            let Some(step) = step else { return };
            let Step {
                frame,
                removed,
                since,
            } = step;
            if let Some(user) = removed {
                self.end_feeds(Some(topic), room, user, frame.seq).await;
            }
            topic.append_since(frame, since);
        }
    }

    /// Ends what a user's connections follow of a room they lost at `seq`, and tells each of them
    /// once: those that follow it after what they may still hear, the others now.
    async fn end_feeds(&self, topic: Option<&Topic>, room: RoomId, user: UserId, seq: u64) {
        let Some(engine) = self.engine() else { return };
        let tag = announce::user_tag(user);
        let removed = announce::room_removed(room);
        let following = topic
            .map(|topic| topic.cut(tag, seq, Some(removed.clone())))
            .unwrap_or_default();
        let untold = self.known.lose(user, room);
        for connection in engine.tagged(tag) {
            let told = following.contains(&connection.id());
            if !told && (!untold || self.is_following(room, connection.id())) {
                // They know, or were added and have joined again meanwhile: another permission.
                continue;
            }
            if !told {
                connection.send(removed.clone());
            }
            self.presence.left(room, connection.id().0).await;
        }
    }

    /// Tells a user's connections that a room is no longer theirs. Those that follow it are told by
    /// the entry in its log, which is read now.
    pub(super) async fn tell_room_removed(self: &Arc<Self>, room: RoomId, user: UserId) {
        let Some(engine) = self.engine() else { return };
        let mut followed = false;
        for connection in engine.tagged(announce::user_tag(user)) {
            if self.is_following(room, connection.id()) {
                followed = true;
            } else {
                connection.send(announce::room_removed(room));
                self.presence.left(room, connection.id().0).await;
            }
        }
        if followed && let Some(topic) = self.find_topic(room) {
            self.fill(topic, Noticed::Missed);
        }
    }

    // ── Gaps ───────────────────────────────────────────────────────────────────

    /// Reads what the topic lacks from the store, in the background, once per room at a time.
    pub(super) fn fill(self: &Arc<Self>, topic: Topic, noticed: Noticed) {
        self.see_to(topic, Duration::ZERO, |gap| {
            gap.wanted.get_or_insert(noticed);
        });
    }

    /// Notes a gap, and sees to it after `wait` unless somebody does already.
    fn see_to(self: &Arc<Self>, topic: Topic, wait: Duration, note: impl FnOnce(&mut Gap)) {
        let room = announce::room_of(topic.id());
        {
            let mut gaps = self.gaps();
            if let Some(gap) = gaps.get_mut(&room) {
                note(gap);
                return;
            }
            note(gaps.entry(room).or_default());
        }
        let feed = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::time::sleep(wait).await;
            feed.close_gap(&topic, room).await;
        });
    }

    async fn close_gap(self: &Arc<Self>, topic: &Topic, room: RoomId) {
        let mut tries = 0;
        loop {
            self.give_early(topic).await;
            let Some((newest, noticed)) = self.next_look(topic, room) else {
                return;
            };
            match self.read_missing(topic, room).await {
                Ok(filled) => {
                    if filled {
                        self.count(noticed);
                    }
                    self.passed(room, newest);
                }
                Err(error) => {
                    tries += 1;
                    tracing::warn!(room.id = %room, %error, tries, "a gap in a feed could not be filled yet");
                    if tries == FILL_TRIES {
                        self.gaps().remove(&room);
                        return;
                    }
                    self.gaps().entry(room).or_default().wanted = Some(noticed);
                    tokio::time::sleep(Duration::from_millis(200) * tries).await;
                }
            }
        }
    }

    fn count(&self, noticed: Noticed) {
        match noticed {
            Noticed::Told => {}
            Noticed::Missed => self.counts.gaps_filled.add(1),
            Noticed::Compared => self.counts.logs_repaired.add(1),
        }
    }

    /// Whether the store must be read: the newest place that is waited for, if any, and why. When
    /// nothing is missing any more, the gap is forgotten.
    fn next_look(&self, topic: &Topic, room: RoomId) -> Option<(u64, Noticed)> {
        let mut gaps = self.gaps();
        let gap = gaps.entry(room).or_default();
        gap.early = gap.early.split_off(&(topic.head() + 1));
        let newest = gap.early.last_key_value().map_or(0, |(seq, _)| *seq);
        let early = (newest > 0).then_some(Noticed::Missed);
        if let Some(noticed) = gap.wanted.take().or(early) {
            return Some((newest, noticed));
        }
        gaps.remove(&room);
        None
    }

    /// The store has been read up to its head, which was not below `newest`: what is still not in
    /// the topic is not wanted there.
    fn passed(&self, room: RoomId, newest: u64) {
        if let Some(gap) = self.gaps().get_mut(&room) {
            gap.early = gap.early.split_off(&(newest + 1));
        }
    }

    /// Whether something was missing.
    async fn read_missing(self: &Arc<Self>, topic: &Topic, room: RoomId) -> store::Result<bool> {
        let mut filled = false;
        let mut head = topic.head();
        loop {
            let page = self.store.changes(room, head, FILL_PAGE).await?;
            for entry in page.entries {
                let step = self.prepare(entry, Instant::now()).await;
                filled |= self.give(topic, step).await == Appended::New;
            }
            // Nothing was missing any more, or the topic takes nothing more.
            if topic.head() == head {
                return Ok(filled);
            }
            head = topic.head();
        }
    }

    fn gaps(&self) -> MutexGuard<'_, HashMap<RoomId, Gap>> {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares what is watched here with the store, and reads what is missing: whatever was lost
    /// on the way, nobody waits for it longer than until the next comparison.
    ///
    /// Another history (a restore, a failover to a copy that lacked the newest entries) ends all
    /// feeds.
    ///
    /// # Errors
    /// Only faults of the store.
    pub async fn compare_heads(self: &Arc<Self>) -> Result<(), ChatError> {
        let Some(engine) = self.engine() else {
            return Ok(());
        };
        let before = self.known_epoch().clone();
        // Here first, then the store: an entry that comes in between must not look like a loss.
        let here: BTreeMap<RoomId, (Topic, u64)> = engine
            .topics()
            .ids()
            .into_iter()
            .filter_map(|id| {
                let topic = engine.topics().get(id)?;
                let head = topic.head();
                Some((announce::room_of(id), (topic, head)))
            })
            .collect();
        let rooms: Vec<RoomId> = here.keys().copied().collect();
        let mut another_history = false;
        for chunk in rooms.chunks(HEADS_AT_ONCE) {
            for (room, stored) in self.store.heads(chunk).await? {
                let Some((topic, head)) = here.get(&room) else {
                    continue;
                };
                another_history |= stored < *head;
                if topic.head() < stored {
                    self.fill(topic.clone(), Noticed::Compared);
                }
            }
        }
        // A new epoch has had every feed start over already.
        if self.history().await? == before && another_history {
            self.start_over();
        }
        Ok(())
    }

    /// Which history this is; feeds of another one start over before this is answered. What was read
    /// between two equal answers is of that history.
    ///
    /// # Errors
    /// Only faults of the store.
    pub(super) async fn history(&self) -> Result<String, ChatError> {
        let epoch = self.store.epoch().await?;
        let before = std::mem::replace(&mut *self.known_epoch(), epoch.clone());
        if before != epoch {
            self.start_over();
        }
        Ok(epoch)
    }

    /// Ends all feeds: the places clients hold mean something else now, and so do the counts at which
    /// people are known.
    fn start_over(&self) {
        tracing::warn!("the database has another history now; every feed starts over");
        if let Some(engine) = self.engine() {
            engine.topics().reset_all();
        }
        self.watched.forget_topics();
        // What came before its time came for the old history's.
        self.gaps().clear();
        self.known.doubt_all();
    }

    /// The log of a room for a reader that fell off the topic's memory.
    ///
    /// # Errors
    /// Faults of the store, and a log that no longer reaches back that far.
    pub async fn read(
        &self,
        topic: TopicId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Frame>, ChatError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let page = self
            .store
            .changes(announce::room_of(topic), after, limit)
            .await?;
        let entries = self.render_all(page.entries).await;
        Ok(entries.iter().map(announce::frame).collect())
    }
}
