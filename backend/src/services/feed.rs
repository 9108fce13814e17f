//! From the stored log to those who watch: announcing entries, filling gaps, joining and resuming.
//!
//! The store is the truth and the order; the engine's topic is its newest part, kept for those who
//! watch here. An announcement is given to the topic only at its own place. One that comes too
//! early shows that something is missing: it is read from the store, with everything up to the
//! head, once per room at a time. Nothing is ever announced that is not stored.
//!
//! Attach first, read second: a join opens its cursor before it reads its snapshot, so that no
//! entry can fall between the two.

use super::limits::{LimitKey, Rule};
use super::members::Charge;
use super::{Caller, Chat, ChatError, Member, announce, check};
use crate::models::{Change, Entry, Room, RoomId, UserId};
use crate::presence::Presence;
use crate::protocol::events::{
    JoinRoom, JoinedRoom, Resume, ResumeOutcome, ResumedRoom, RoomAdded,
};
use crate::protocol::object::Object;
use crate::protocol::whole::Whole;
use crate::store::{self, Snapshot, Store};
use realtime::{Appended, Attached, Connection, ConnectionId, Engine, Frame, Topic, TopicId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// A client that is further behind starts from the newest page.
const MAX_BEHIND: u32 = 1000;
/// Rooms in one `resume`.
const RESUMED_ROOMS: usize = 200;
/// Entries in the answer to one `resume`, over all its rooms.
const RESUMED_ENTRIES: u32 = 2000;
/// Messages of the newest page unless asked otherwise.
const USUAL_PAGE: u32 = 50;
/// Entries read from the store at a time when filling a gap.
const FILL_PAGE: u32 = 500;
/// Rooms whose heads are compared in one query.
const HEADS_AT_ONCE: usize = 500;
/// Tries to fill a gap before leaving it to the next comparison of heads.
const FILL_TRIES: u32 = 5;

/// What the engine is told, and what it asks for.
#[derive(Debug)]
pub struct Feed {
    store: Arc<dyn Store>,
    pub(super) presence: Arc<dyn Presence>,
    epoch: RwLock<String>,
    engine: OnceLock<Engine>,
    tasks: TaskTracker,
    /// Rooms whose gap is being filled, and whether it must be looked at once more.
    filling: Mutex<HashMap<RoomId, bool>>,
}

impl Feed {
    pub(super) fn new(
        store: Arc<dyn Store>,
        presence: Arc<dyn Presence>,
        epoch: String,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            store,
            presence,
            epoch: RwLock::new(epoch),
            engine: OnceLock::new(),
            tasks,
            filling: Mutex::default(),
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

    /// Which history this is.
    pub fn epoch(&self) -> String {
        self.epoch
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
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

    /// Whether any connection of this user is open here.
    pub(super) fn is_connected(&self, user: UserId) -> bool {
        self.engine()
            .is_some_and(|engine| !engine.tagged(announce::user_tag(user)).is_empty())
    }

    // ── Telling ────────────────────────────────────────────────────────────────

    /// Tells those who watch the room about a stored entry.
    pub(super) async fn announce(self: &Arc<Self>, entry: Entry) {
        let topic = self.find_topic(entry.room);
        if let Change::MemberRemoved { user, .. } = entry.change {
            self.end_feeds(topic.as_ref(), entry.room, user, entry.seq)
                .await;
        }
        if let Some(topic) = topic
            && self.push(&topic, entry).await
        {
            self.fill(topic);
        }
    }

    /// Gives the entry to the topic; answers whether something before it is missing there.
    async fn push(&self, topic: &Topic, entry: Entry) -> bool {
        if entry.seq > topic.head() + 1 {
            return true;
        }
        if let Change::MemberRemoved { user, .. } = entry.change {
            // Before the entry itself: who leaves is told nothing from here on. Done already
            // unless the entry was found in the store.
            topic.cut(
                announce::user_tag(user),
                entry.seq,
                Some(announce::room_removed(entry.room)),
            );
        }
        let frame = announce::frame(&self.render(entry).await);
        matches!(topic.append(frame), Appended::Gap { .. })
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
        for connection in engine.tagged(tag) {
            let told = following.contains(&connection.id());
            if !told && self.is_following(room, connection.id()) {
                // Added and joined again meanwhile: that is another permission.
                continue;
            }
            if !told {
                connection.send(removed.clone());
            }
            self.presence.left(room, connection.id().0).await;
        }
    }

    /// Reads what the topic lacks from the store, in the background, once per room at a time.
    fn fill(self: &Arc<Self>, topic: Topic) {
        let room = announce::room_of(topic.id());
        {
            let mut filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(again) = filling.get_mut(&room) {
                *again = true;
                return;
            }
            filling.insert(room, false);
        }
        let feed = Arc::clone(self);
        self.tasks.spawn(async move {
            let mut tries = 0;
            loop {
                let filled = feed.read_missing(&topic, room).await;
                if let Err(error) = &filled {
                    tries += 1;
                    tracing::warn!(room.id = %room, %error, tries, "a gap in a feed could not be filled yet");
                    tokio::time::sleep(Duration::from_millis(200) * tries).await;
                }
                let unfinished = filled.is_err() && tries < FILL_TRIES;
                let mut filling = feed.filling.lock().unwrap_or_else(PoisonError::into_inner);
                let again = filling.get_mut(&room).is_some_and(std::mem::take);
                if !again && !unfinished {
                    filling.remove(&room);
                    return;
                }
            }
        });
    }

    async fn read_missing(&self, topic: &Topic, room: RoomId) -> store::Result<()> {
        let mut head = topic.head();
        loop {
            let page = self.store.changes(room, head, FILL_PAGE).await?;
            for entry in page.entries {
                self.push(topic, entry).await;
            }
            // Nothing was missing any more, or the topic takes nothing more.
            if topic.head() == head {
                return Ok(());
            }
            head = topic.head();
        }
    }

    /// Compares what is watched here with the store, and reads what is missing: whatever was lost
    /// on the way, nobody waits for it longer than until the next comparison.
    ///
    /// Another history (a restore, a failover to a copy that lacked the newest entries) ends all
    /// feeds: the places clients hold mean something else in it.
    ///
    /// # Errors
    /// Only faults of the store.
    pub async fn compare_heads(self: &Arc<Self>) -> Result<(), ChatError> {
        let Some(engine) = self.engine() else {
            return Ok(());
        };
        // Here first, then the store: an entry that comes in between must not look like a loss.
        let here: HashMap<RoomId, (Topic, u64)> = engine
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
        let epoch = self.store.epoch().await?;
        let mut another_history = epoch != self.epoch();
        for chunk in rooms.chunks(HEADS_AT_ONCE) {
            for (room, stored) in self.store.heads(chunk).await? {
                let Some((topic, head)) = here.get(&room) else {
                    continue;
                };
                another_history |= stored < *head;
                if topic.head() < stored {
                    self.fill(topic.clone());
                }
            }
        }
        if another_history {
            tracing::warn!("the database has another history now; every feed starts over");
            *self.epoch.write().unwrap_or_else(PoisonError::into_inner) = epoch;
            engine.topics().reset_all();
        }
        Ok(())
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

    /// Tells a user's connections that they have a new room.
    pub(super) fn tell_room_added(&self, room: &Room, user: UserId) {
        let Some(engine) = self.engine() else { return };
        let connections = engine.tagged(announce::user_tag(user));
        if !connections.is_empty() {
            let packet = announce::room_added(&RoomAdded { room: room.clone() });
            for connection in connections {
                connection.send(packet.clone());
            }
        }
    }

    // ── Following ──────────────────────────────────────────────────────────────

    /// The room's topic, opened at the stored head if nobody watched it until now.
    async fn topic(&self, room: RoomId) -> Result<Topic, ChatError> {
        let engine = self
            .engine()
            .ok_or_else(|| ChatError::Unavailable("the engine is not running yet".to_owned()))?;
        let id = announce::topic_of(room);
        if let Some(topic) = engine.topics().get(id) {
            return Ok(topic);
        }
        let heads = self.store.heads(&[room]).await?;
        let (_, head) = heads.first().ok_or(ChatError::NotFound("room"))?;
        Ok(engine.topics().open(id, *head))
    }
}

/// A feed that is ready to start: its answer, and the place after which it goes on.
#[derive(Debug)]
pub struct Opened {
    pub attached: Attached,
    pub answer: JoinedRoom,
}

/// How much of the log a client is given at once.
struct Portion {
    since: Option<u64>,
    /// The client has a place, but in another history.
    other_history: bool,
    behind: u32,
    messages: u32,
}

impl Chat {
    /// Joins a room for a connection: makes the caller a member where that is possible, opens the
    /// feed and answers with a snapshot. The feed starts where the snapshot ends.
    ///
    /// # Errors
    /// `NotFound`, `Gone`, `Invalid`, `RateLimited`.
    pub async fn join_room(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Connection,
        request: JoinRoom,
    ) -> Result<(Member, Opened), ChatError> {
        let room = RoomId::parse(&request.room_id).ok_or(ChatError::NotFound("room"))?;
        let messages = check::limit(request.limit, USUAL_PAGE, 200)?;
        let portion = self.portion(
            request.since,
            request.epoch.as_deref(),
            MAX_BEHIND,
            messages,
        )?;
        let member = self.join(caller, room).await?;
        Ok((member, self.open_feed(member, connection, portion).await?))
    }

    /// Takes up many rooms at once, in the order asked. A room that cannot be joined is refused
    /// alone.
    ///
    /// # Errors
    /// `Invalid` for too many rooms, `RateLimited`.
    pub async fn resume(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Connection,
        request: Resume,
    ) -> Result<Resuming, ChatError> {
        if request.rooms.len() > RESUMED_ROOMS {
            return Err(ChatError::invalid(
                "rooms",
                format!("at most {RESUMED_ROOMS} rooms at once"),
            ));
        }
        self.limits.check(Rule::Join, LimitKey::User(caller.id()))?;
        let mut resuming = Resuming::default();
        let mut left = RESUMED_ENTRIES;
        for Object(asked) in request.rooms {
            let opened = async {
                let room = RoomId::parse(&asked.room_id).ok_or(ChatError::NotFound("room"))?;
                let portion = self.portion(
                    asked.since,
                    asked.epoch.as_deref(),
                    MAX_BEHIND.min(left),
                    USUAL_PAGE.min(left),
                )?;
                let member = self.become_member(caller, room, Charge::Join).await?;
                Ok::<_, ChatError>((member, self.open_feed(member, connection, portion).await?))
            };
            let outcome = match opened.await {
                Ok((member, Opened { attached, answer })) => {
                    let given = answer.changes.as_ref().map_or(0, Vec::len)
                        + answer.messages.as_ref().map_or(0, Vec::len);
                    left = left.saturating_sub(u32::try_from(given).unwrap_or(u32::MAX));
                    resuming.feeds.push((member, attached, answer.last_seq));
                    ResumeOutcome::Joined(Box::new(answer))
                }
                Err(error) => ResumeOutcome::Refused {
                    error: error.to_socket(),
                },
            };
            resuming.rooms.push(ResumedRoom {
                room_id: asked.room_id,
                outcome,
            });
        }
        Ok(resuming)
    }

    fn portion(
        &self,
        since: Option<Whole>,
        epoch: Option<&str>,
        behind: u32,
        messages: u32,
    ) -> Result<Portion, ChatError> {
        let since = since.map(check::place).transpose()?;
        let other_history =
            since.is_some() && epoch.is_some_and(|epoch| epoch != self.feed.epoch());
        Ok(Portion {
            since: since.filter(|_| !other_history),
            other_history,
            behind,
            messages,
        })
    }

    async fn open_feed(
        &self,
        member: Member,
        connection: &Connection,
        portion: Portion,
    ) -> Result<Opened, ChatError> {
        let topic = self.feed.topic(member.room).await?;
        let followed = topic.is_followed_by(connection.id());
        let attached = topic
            .attach(connection, announce::user_tag(member.user))
            .ok_or_else(|| ChatError::Unavailable("the connection has ended".to_owned()))?;
        let answer = self.read_snapshot(member, portion).await;
        if answer.is_err() && followed {
            // Attaching stopped the feed there was: its reader must not take silence for peace.
            connection.send(announce::room_reset(member.room));
            self.left(member.room, connection.id()).await;
        }
        Ok(Opened {
            attached,
            answer: answer?,
        })
    }

    /// All that joining answers, as of one moment.
    async fn read_snapshot(
        &self,
        member: Member,
        portion: Portion,
    ) -> Result<JoinedRoom, ChatError> {
        let snapshot = self
            .store
            .snapshot(
                member.room,
                member.user,
                portion.since,
                portion.behind,
                portion.messages,
            )
            .await
            .map_err(|error| Self::refusal(&member, error))?;
        let mut members = self.first_members(member.room).await?;
        // By the time they read this they are here themselves.
        for own in &mut members {
            own.here |= own.user.id == member.user;
        }
        Ok(self.answer(snapshot, members, &portion).await)
    }

    async fn answer(
        &self,
        snapshot: Snapshot,
        members: Vec<crate::protocol::rooms::Member>,
        portion: &Portion,
    ) -> JoinedRoom {
        let asked = portion.since.is_some() || portion.other_history;
        let mut answer = JoinedRoom {
            last_seq: snapshot.room.last_seq,
            room: snapshot.room,
            members,
            epoch: self.feed.epoch(),
            reset: None,
            changes: None,
            messages: None,
            has_before: None,
        };
        match snapshot.feed {
            store::Feed::Changes(entries) => {
                answer.reset = Some(false);
                answer.changes = Some(self.feed.render_all(entries).await);
            }
            store::Feed::Newest {
                messages,
                has_before,
            } => {
                answer.reset = asked.then_some(true);
                if portion.messages > 0 {
                    answer.messages = Some(messages);
                    answer.has_before = Some(has_before);
                }
            }
        }
        answer
    }
}

/// Rooms taken up again: the answer, and the feeds to start with it.
#[derive(Debug, Default)]
pub struct Resuming {
    pub rooms: Vec<ResumedRoom>,
    pub feeds: Vec<(Member, Attached, u64)>,
}
