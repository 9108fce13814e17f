//! A slow, obvious account of presence, and random histories that hold [`People`] to it.
//!
//! After every event everything is worked out again for everybody from the list of connections;
//! nothing is kept incrementally, so nothing can be forgotten in one place and not in another.

use super::Transition;
use super::people::{Event, People};
use crate::models::{self, RoomId, Status, Timestamp, UserId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

const USERS: u128 = 3;
const ROOMS: u128 = 2;
const CONNECTIONS: u64 = 6;
const GRACE: Duration = Duration::from_secs(5);

/// A status of a user, or a user in a room.
type Key = (Option<RoomId>, UserId);

struct Live {
    id: u64,
    user: UserId,
    away: bool,
    rooms: BTreeSet<RoomId>,
}

#[derive(Default)]
struct Model {
    live: Vec<Live>,
    shown: BTreeMap<Key, Status>,
    told: BTreeMap<Key, Status>,
    /// When a fact last rested on a connection.
    last: BTreeMap<Key, Timestamp>,
    /// When a fact last became something to show.
    since: BTreeMap<Key, Timestamp>,
    changed: Vec<Key>,
}

impl Model {
    fn apply(&mut self, event: Event, now: Timestamp) {
        for key in keys() {
            if self.rests_on(key).is_some() {
                self.last.insert(key, now);
            }
        }
        let mut leaver = None;
        match event {
            Event::Connected { user, connection } => {
                if self.live.iter().all(|live| live.id != connection) {
                    self.live.push(Live {
                        id: connection,
                        user,
                        away: false,
                        rooms: BTreeSet::new(),
                    });
                }
            }
            Event::Disconnected { connection } => self.live.retain(|live| live.id != connection),
            Event::Said { connection, away } => self.with(connection, |live| live.away = away),
            Event::Entered { room, connection } => self.with(connection, |live| {
                live.rooms.insert(room);
            }),
            Event::Left { room, connection } => self.with(connection, |live| {
                live.rooms.remove(&room);
                leaver = Some((Some(room), live.user));
            }),
            Event::Tick => {}
        }
        let mut keys: Vec<Key> = keys().collect();
        keys.sort_by_key(|key| (self.last.get(key).copied(), key.0.is_some(), *key));
        for key in keys {
            let before = self.shown(key);
            let gone = self.last.get(&key).map(|last| now.since(*last));
            let after = match self.rests_on(key) {
                Some(status) => status,
                None if leaver == Some(key) => Status::Offline,
                None if event == Event::Tick && gone >= Some(GRACE) => Status::Offline,
                None => before,
            };
            if before == Status::Offline && after != before {
                self.since.insert(key, now);
            }
            self.shown.insert(key, after);
            let is_news = after != self.told(key);
            if is_news && !self.changed.contains(&key) {
                self.changed.push(key);
            } else if !is_news {
                self.changed.retain(|other| *other != key);
            }
        }
    }

    fn with(&mut self, connection: u64, change: impl FnOnce(&mut Live)) {
        if let Some(live) = self.live.iter_mut().find(|live| live.id == connection) {
            change(live);
        }
    }

    fn rests_on(&self, (room, user): Key) -> Option<Status> {
        let mut of_user = self
            .live
            .iter()
            .filter(|live| live.user == user)
            .filter(|live| room.is_none_or(|room| live.rooms.contains(&room)))
            .peekable();
        of_user.peek()?;
        let away = room.is_none() && of_user.all(|live| live.away);
        Some(if away { Status::Away } else { Status::Online })
    }

    fn shown(&self, key: Key) -> Status {
        self.shown.get(&key).copied().unwrap_or(Status::Offline)
    }

    fn told(&self, key: Key) -> Status {
        self.told.get(&key).copied().unwrap_or(Status::Offline)
    }

    fn status(&self, user: UserId, now: Timestamp) -> models::Presence {
        let key = (None, user);
        let connected = self.rests_on(key).map(|_| now);
        models::Presence {
            user_id: user,
            status: self.shown(key),
            last_seen_at: connected.or_else(|| self.last.get(&key).copied()),
        }
    }

    fn take_news(&mut self, now: Timestamp) -> Vec<Transition> {
        let mut news = Vec::new();
        for key in std::mem::take(&mut self.changed) {
            self.told.insert(key, self.shown(key));
            news.push(match key {
                (None, user) => Transition::Status(self.status(user, now)),
                (Some(room), user) if self.shown(key) == Status::Online => Transition::Joined {
                    room,
                    user,
                    at: self.since[&key],
                },
                (Some(room), user) => Transition::Left {
                    room,
                    user,
                    at: self.last[&key],
                },
            });
        }
        news
    }
}

fn users() -> impl Iterator<Item = UserId> {
    (0..USERS).map(|n| UserId(Uuid::from_u128(n)))
}

fn rooms() -> impl Iterator<Item = RoomId> {
    (0..ROOMS).map(|n| RoomId(Uuid::from_u128(n)))
}

fn keys() -> impl Iterator<Item = Key> {
    let here = rooms().flat_map(|room| users().map(move |user| (Some(room), user)));
    users().map(|user| (None, user)).chain(here)
}

/// What happens next in a history, and how long after what was before.
#[derive(Clone, Debug)]
enum Step {
    Event(Event, u64),
    TakeNews,
}

fn step() -> impl Strategy<Value = Step> {
    let user = (0..USERS).prop_map(|n| UserId(Uuid::from_u128(n)));
    let room = || (0..ROOMS).prop_map(|n| RoomId(Uuid::from_u128(n)));
    let connection = || 0..CONNECTIONS;
    let event = prop_oneof![
        3 => (user, connection()).prop_map(|(user, connection)| Event::Connected { user, connection }),
        2 => (connection(), any::<bool>()).prop_map(|(connection, away)| Event::Said { connection, away }),
        3 => connection().prop_map(|connection| Event::Disconnected { connection }),
        4 => (room(), connection()).prop_map(|(room, connection)| Event::Entered { room, connection }),
        2 => (room(), connection()).prop_map(|(room, connection)| Event::Left { room, connection }),
        4 => Just(Event::Tick),
    ];
    prop_oneof![
        6 => (event, 0_u64..3000).prop_map(|(event, later)| Step::Event(event, later)),
        1 => Just(Step::TakeNews),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_history_looks_to_everyone_as_the_model_says(history in prop::collection::vec(step(), 1..120)) {
        let mut people = People::new(GRACE);
        let mut model = Model::default();
        let mut now = Timestamp(1_000_000);
        for step in history {
            match step {
                Step::Event(event, later) => {
                    now = now.plus(Duration::from_millis(later));
                    people.apply(event, now);
                    model.apply(event, now);
                }
                Step::TakeNews => prop_assert_eq!(people.take_news(now), model.take_news(now)),
            }
            prop_assert_eq!(people.has_news(), !model.changed.is_empty());
            for user in users() {
                prop_assert_eq!(people.status(user, now), model.status(user, now));
            }
            for room in rooms() {
                let here: Vec<UserId> = users()
                    .filter(|user| model.shown((Some(room), *user)) != Status::Offline)
                    .collect();
                prop_assert_eq!(people.list_here(room, usize::MAX), here.clone());
                for user in users() {
                    prop_assert_eq!(people.is_here(room, user), here.contains(&user));
                }
            }
        }

        for connection in 0..CONNECTIONS {
            people.apply(Event::Disconnected { connection }, now);
        }
        people.apply(Event::Tick, now.plus(GRACE));
        people.take_news(now);
        prop_assert!(people.is_vacant(), "when everybody is gone nothing is left: {people:?}");
    }
}
