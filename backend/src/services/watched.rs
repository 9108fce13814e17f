//! Which rooms are watched here: their topics, and what the bus is asked for.
//!
//! A room stays watched for a while after its last reader has gone. When a thousand lines break at
//! once, everybody is back within seconds, and finds the topic with the newest part of the log in
//! it, kept up to date meanwhile like any other.

use super::feed::{Feed, Noticed};
use super::gatherer::Gatherer;
use super::together::asking;
use super::{ChatError, announce};
use crate::bus::Subject;
use crate::models::RoomId;
use crate::store::Store;
use realtime::{Engine, Topic};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How long a room is watched when nobody reads it any more.
const LINGERS: Duration = Duration::from_mins(1);
/// Rooms that are watched for nobody. Those that have been longest are given up first.
const MOST_LINGERING: usize = 8192;

/// The rooms the bus is asked about.
#[derive(Debug)]
pub(super) struct Watched {
    rooms: Mutex<HashMap<RoomId, Watch>>,
    /// The head of this room, see [`Store::heads`].
    heads: Gatherer<RoomId, Option<u64>>,
}

/// A room the bus is asked about.
#[derive(Debug, Default)]
struct Watch {
    /// Held, so that the topic stays. Without it, the topic goes with its last reader.
    topic: Option<Topic>,
    /// Since when nobody has read it, as far as that was looked at.
    idle: Option<Instant>,
}

impl Watched {
    pub(super) fn new(store: &Arc<dyn Store>, tasks: &TaskTracker) -> Self {
        let heads = asking(store, |store, rooms: Vec<RoomId>| {
            Box::pin(async move {
                let heads = store.heads(&rooms).await?;
                let heads: HashMap<RoomId, u64> = heads.into_iter().collect();
                Ok(rooms.iter().map(|room| heads.get(room).copied()).collect())
            })
        });
        Self {
            rooms: Mutex::default(),
            heads: Gatherer::new(heads, tasks),
        }
    }

    /// The topics there were take nothing more.
    pub(super) fn forget_topics(&self) {
        for watch in self.rooms().values_mut() {
            *watch = Watch::default();
        }
    }

    /// Notes that the bus is asked about the room; whether it was not noted before.
    fn note(&self, room: RoomId, topic: Option<Topic>) -> bool {
        let watch = Watch { topic, idle: None };
        self.rooms().insert(room, watch).is_none()
    }

    /// Looks who reads what, and gives up the rooms that nobody has for long enough, before anybody
    /// else can take them up.
    fn look(&self, engine: &Engine, now: Instant, give_up: impl Fn(RoomId)) {
        let mut rooms = self.rooms();
        rooms.retain(|room, watch| match &watch.topic {
            Some(topic) if topic.watchers() > 0 => {
                watch.idle = None;
                true
            }
            Some(_) => {
                let idle = *watch.idle.get_or_insert(now);
                if now - idle >= LINGERS {
                    // Gone at the next look, unless somebody has just taken it up.
                    watch.topic = None;
                }
                true
            }
            None => {
                watch.topic = engine.topics().get(announce::topic_of(*room));
                let there = watch.topic.is_some();
                if there {
                    watch.idle = None;
                } else if watch.idle.replace(now).is_some() {
                    give_up(*room);
                    return false;
                }
                true
            }
        });
        let mut lingering: Vec<(Instant, RoomId)> = rooms
            .iter()
            .filter(|(_, watch)| watch.topic.is_some())
            .filter_map(|(room, watch)| Some((watch.idle?, *room)))
            .collect();
        lingering.sort_unstable();
        let too_many = lingering.len().saturating_sub(MOST_LINGERING);
        for (_, room) in &lingering[..too_many] {
            if let Some(watch) = rooms.get_mut(room) {
                watch.topic = None;
            }
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<RoomId, Watch>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Feed {
    /// The room's topic, opened at the stored head if nobody watched it until now.
    pub(super) async fn topic(self: &Arc<Self>, room: RoomId) -> Result<Topic, ChatError> {
        let engine = self
            .engine()
            .ok_or_else(|| ChatError::Unavailable("the engine is not running yet".to_owned()))?;
        let id = announce::topic_of(room);
        if let Some(topic) = engine.topics().get(id) {
            return Ok(topic);
        }
        // The bus first, then the store: no entry can fall between the two.
        self.watched.note(room, None);
        self.bus.watch(Subject::Room(room)).await;
        let head = self.watched.heads.ask(room).await?;
        let head = head.ok_or(ChatError::NotFound("room"))?;
        let topic = engine.topics().open(id, head);
        let given_up = self.watched.note(room, Some(topic.clone()));
        if given_up {
            self.bus.watch(Subject::Room(room)).await;
            self.fill(topic.clone(), Noticed::Missed);
        }
        Ok(topic)
    }

    /// Tells the bus about rooms that nobody watches here any more.
    pub(super) fn give_up_unwatched(&self) {
        let Some(engine) = self.engine() else { return };
        self.watched.look(engine, Instant::now(), |room| {
            self.bus.unwatch(Subject::Room(room));
        });
    }
}
