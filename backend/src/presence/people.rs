//! Everybody's presence as a state machine: no lock, no clock, no waiting.
//!
//! Each fact (a user's status; a user in a room) is kept as what is so now and what was last told.
//! A fact waits in the queue of news exactly while the two differ, which bounds the queue by the
//! number of people and lets changes cancel out. A fact is dropped when it says nothing and nobody
//! has to be told.

use super::Transition;
use super::few::Few;
use crate::models::{self, RoomId, Status, Timestamp, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// How many users' last moments are remembered after they left; the oldest are forgotten first.
const MOST_REMEMBERED: usize = 100_000;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    Connected { user: UserId, connection: u64 },
    Said { connection: u64, away: bool },
    Disconnected { connection: u64 },
    Entered { room: RoomId, connection: u64 },
    Left { room: RoomId, connection: u64 },
    Tick,
}

#[derive(Debug)]
pub(super) struct People {
    grace: Duration,
    connections: HashMap<u64, Connection>,
    users: HashMap<UserId, Reach>,
    rooms: HashMap<RoomId, BTreeMap<UserId, Stay>>,
    /// When those who broke off are to be decided about.
    deadlines: BTreeSet<(Timestamp, Fact)>,
    news: News,
    remembered: Remembered,
}

/// What can be told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    Reach(UserId),
    Stay(RoomId, UserId),
}

#[derive(Debug)]
struct Connection {
    user: UserId,
    away: bool,
    rooms: Few<RoomId>,
}

/// How a user can be reached.
#[derive(Debug)]
struct Reach {
    connections: Few<u64>,
    shown: Status,
    told: Status,
    /// When the last connection ended, while there is none.
    broke_at: Timestamp,
    place: Option<u64>,
}

/// A user in a room.
#[derive(Debug)]
struct Stay {
    connections: Few<u64>,
    shown: bool,
    told: bool,
    came_at: Timestamp,
    /// When their last connection ceased to follow the room, while none does.
    broke_at: Timestamp,
    place: Option<u64>,
}

impl People {
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            grace,
            connections: HashMap::new(),
            users: HashMap::new(),
            rooms: HashMap::new(),
            deadlines: BTreeSet::new(),
            news: News::default(),
            remembered: Remembered::default(),
        }
    }

    pub(super) fn apply(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Connected { user, connection } => self.connected(user, connection),
            Event::Said { connection, away } => self.said(connection, away),
            Event::Disconnected { connection } => self.disconnected(connection, now),
            Event::Entered { room, connection } => self.entered(room, connection, now),
            Event::Left { room, connection } => self.left(room, connection, now),
            Event::Tick => self.tick(now),
        }
    }

    pub(super) fn status(&self, user: UserId, now: Timestamp) -> models::Presence {
        let (status, last_seen_at) = match self.users.get(&user) {
            Some(reach) if !reach.connections.is_empty() => (reach.shown, Some(now)),
            Some(reach) => (reach.shown, Some(reach.broke_at)),
            None => (Status::Offline, self.remembered.find(user)),
        };
        models::Presence {
            user_id: user,
            status,
            last_seen_at,
        }
    }

    pub(super) fn is_here(&self, room: RoomId, user: UserId) -> bool {
        self.rooms
            .get(&room)
            .and_then(|stays| stays.get(&user))
            .is_some_and(|stay| stay.shown)
    }

    /// The rooms a connection follows.
    pub(super) fn rooms_of(&self, connection: u64) -> impl Iterator<Item = RoomId> {
        let known = self.connections.get(&connection);
        known
            .into_iter()
            .flat_map(|known| known.rooms.iter())
            .copied()
    }

    pub(super) fn list_here(&self, room: RoomId, limit: usize) -> Vec<UserId> {
        self.rooms
            .get(&room)
            .into_iter()
            .flatten()
            .filter(|(_, stay)| stay.shown)
            .map(|(user, _)| *user)
            .take(limit)
            .collect()
    }

    pub(super) fn has_news(&self) -> bool {
        !self.news.waiting.is_empty()
    }

    /// Everything that differs from what was last told, which is thereby told.
    pub(super) fn take_news(&mut self, now: Timestamp) -> Vec<Transition> {
        let mut news = Vec::with_capacity(self.news.waiting.len());
        while let Some((_, fact)) = self.news.waiting.pop_first() {
            news.push(match fact {
                Fact::Reach(user) => Transition::Status(self.status(user, now)),
                Fact::Stay(room, user) => self.transition(room, user),
            });
            self.told(fact);
        }
        news
    }

    /// Whoever should hear of this fact knows it as it is.
    pub(super) fn count_as_told(&mut self, fact: Fact) {
        self.told(fact);
    }

    /// Whether this fact waits to be told.
    pub(super) fn is_news(&self, fact: Fact) -> bool {
        match fact {
            Fact::Reach(user) => self.users.get(&user).is_some_and(|r| r.shown != r.told),
            Fact::Stay(room, user) => {
                let stay = self.rooms.get(&room).and_then(|stays| stays.get(&user));
                stay.is_some_and(|stay| stay.shown != stay.told)
            }
        }
    }

    fn connected(&mut self, user: UserId, connection: u64) {
        if self.connections.contains_key(&connection) {
            return;
        }
        self.connections.insert(
            connection,
            Connection {
                user,
                away: false,
                rooms: Few::default(),
            },
        );
        self.remembered.forget(user);
        let reach = self.users.entry(user).or_insert_with(|| Reach {
            connections: Few::default(),
            shown: Status::Offline,
            told: Status::Offline,
            broke_at: Timestamp::default(),
            place: None,
        });
        if reach.connections.is_empty() {
            let due = reach.broke_at.plus(self.grace);
            self.deadlines.remove(&(due, Fact::Reach(user)));
        }
        reach.connections.insert(connection);
        self.show_reach(user);
    }

    fn said(&mut self, connection: u64, away: bool) {
        if let Some(known) = self.connections.get_mut(&connection) {
            known.away = away;
            let user = known.user;
            self.show_reach(user);
        }
    }

    fn disconnected(&mut self, connection: u64, now: Timestamp) {
        let Some(gone) = self.connections.remove(&connection) else {
            return;
        };
        for &room in gone.rooms.iter() {
            if self.unfollow(room, gone.user, connection, now) {
                self.deadlines
                    .insert((now.plus(self.grace), Fact::Stay(room, gone.user)));
            }
        }
        let Some(reach) = self.users.get_mut(&gone.user) else {
            return;
        };
        reach.connections.remove(&connection);
        if reach.connections.is_empty() {
            reach.broke_at = now;
            self.deadlines
                .insert((now.plus(self.grace), Fact::Reach(gone.user)));
        } else {
            self.show_reach(gone.user);
        }
    }

    fn entered(&mut self, room: RoomId, connection: u64, now: Timestamp) {
        let Some(known) = self.connections.get_mut(&connection) else {
            return;
        };
        if !known.rooms.insert(room) {
            return;
        }
        let user = known.user;
        let stays = self.rooms.entry(room).or_default();
        let stay = stays.entry(user).or_insert_with(|| Stay {
            connections: Few::default(),
            shown: false,
            told: false,
            came_at: now,
            broke_at: Timestamp::default(),
            place: None,
        });
        if stay.connections.is_empty() {
            let due = stay.broke_at.plus(self.grace);
            self.deadlines.remove(&(due, Fact::Stay(room, user)));
        }
        stay.connections.insert(connection);
        if !stay.shown {
            stay.shown = true;
            stay.came_at = now;
        }
        self.settle(Fact::Stay(room, user));
    }

    fn left(&mut self, room: RoomId, connection: u64, now: Timestamp) {
        let Some(known) = self.connections.get_mut(&connection) else {
            return;
        };
        known.rooms.remove(&room);
        let user = known.user;
        self.unfollow(room, user, connection, now);
        let Some(stay) = self.rooms.get_mut(&room).and_then(|s| s.get_mut(&user)) else {
            return;
        };
        if stay.connections.is_empty() {
            // Also for someone whose last connection broke and who came back only to leave.
            let due = stay.broke_at.plus(self.grace);
            self.deadlines.remove(&(due, Fact::Stay(room, user)));
            stay.shown = false;
            self.settle(Fact::Stay(room, user));
        }
    }

    /// Takes a connection out of a room; true if it was the last of this user there.
    fn unfollow(&mut self, room: RoomId, user: UserId, connection: u64, now: Timestamp) -> bool {
        let stay = self.rooms.get_mut(&room).and_then(|s| s.get_mut(&user));
        let Some(stay) = stay else { return false };
        let last = stay.connections.remove(&connection) && stay.connections.is_empty();
        if last {
            stay.broke_at = now;
        }
        last
    }

    fn tick(&mut self, now: Timestamp) {
        while let Some((due, fact)) = self.deadlines.first().copied()
            && due <= now
        {
            self.deadlines.pop_first();
            match fact {
                Fact::Reach(user) => self.show_reach(user),
                Fact::Stay(room, user) => {
                    if let Some(stay) = self.rooms.get_mut(&room).and_then(|s| s.get_mut(&user)) {
                        stay.shown = false;
                    }
                    self.settle(fact);
                }
            }
        }
    }

    /// Makes what is shown of a user follow from their connections.
    fn show_reach(&mut self, user: UserId) {
        let Some(reach) = self.users.get_mut(&user) else {
            return;
        };
        let is_away = |id: &u64| self.connections.get(id).is_some_and(|c| c.away);
        reach.shown = if reach.connections.is_empty() {
            Status::Offline
        } else if reach.connections.iter().all(is_away) {
            Status::Away
        } else {
            Status::Online
        };
        if reach.shown == Status::Offline {
            self.remembered.remember(user, reach.broke_at);
        }
        self.settle(Fact::Reach(user));
    }

    /// Queues a fact that differs from what was told, withdraws one that does not, and drops one
    /// that says nothing.
    fn settle(&mut self, fact: Fact) {
        match fact {
            Fact::Reach(user) => {
                if let Some(reach) = self.users.get_mut(&user) {
                    let is_news = reach.shown != reach.told;
                    self.news.settle(&mut reach.place, fact, is_news);
                    if !is_news && reach.shown == Status::Offline {
                        self.users.remove(&user);
                    }
                }
            }
            Fact::Stay(room, user) => {
                let Some(stays) = self.rooms.get_mut(&room) else {
                    return;
                };
                if let Some(stay) = stays.get_mut(&user) {
                    let is_news = stay.shown != stay.told;
                    self.news.settle(&mut stay.place, fact, is_news);
                    if !is_news && !stay.shown {
                        stays.remove(&user);
                    }
                }
                if stays.is_empty() {
                    self.rooms.remove(&room);
                }
            }
        }
    }

    fn told(&mut self, fact: Fact) {
        match fact {
            Fact::Reach(user) => {
                if let Some(reach) = self.users.get_mut(&user) {
                    reach.told = reach.shown;
                }
            }
            Fact::Stay(room, user) => {
                if let Some(stay) = self.rooms.get_mut(&room).and_then(|s| s.get_mut(&user)) {
                    stay.told = stay.shown;
                }
            }
        }
        self.settle(fact);
    }

    fn transition(&self, room: RoomId, user: UserId) -> Transition {
        let stay = self.rooms.get(&room).and_then(|stays| stays.get(&user));
        let stay = stay.expect("a fact is kept while it waits to be told");
        if stay.shown {
            Transition::Joined {
                room,
                user,
                at: stay.came_at,
            }
        } else {
            Transition::Left {
                room,
                user,
                at: stay.broke_at,
            }
        }
    }
}

/// The facts that wait to be told, oldest first.
#[derive(Debug, Default)]
struct News {
    next: u64,
    waiting: BTreeMap<u64, Fact>,
}

impl News {
    /// Keeps a fact's `place` in the queue true to whether it `is_news`.
    fn settle(&mut self, place: &mut Option<u64>, fact: Fact, is_news: bool) {
        match (*place, is_news) {
            (None, true) => {
                *place = Some(self.next);
                self.waiting.insert(self.next, fact);
                self.next += 1;
            }
            (Some(old), false) => {
                *place = None;
                self.waiting.remove(&old);
            }
            (None, false) | (Some(_), true) => {}
        }
    }
}

/// When those who are offline were last seen.
#[derive(Debug, Default)]
struct Remembered {
    by_user: HashMap<UserId, Timestamp>,
    by_time: BTreeSet<(Timestamp, UserId)>,
}

impl Remembered {
    fn find(&self, user: UserId) -> Option<Timestamp> {
        self.by_user.get(&user).copied()
    }

    fn remember(&mut self, user: UserId, at: Timestamp) {
        self.forget(user);
        self.by_user.insert(user, at);
        self.by_time.insert((at, user));
        if self.by_time.len() > MOST_REMEMBERED
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.by_user.remove(&oldest);
        }
    }

    fn forget(&mut self, user: UserId) {
        if let Some(at) = self.by_user.remove(&user) {
            self.by_time.remove(&(at, user));
        }
    }
}

#[cfg(test)]
impl People {
    /// Whether nothing at all is kept but last moments.
    pub(super) fn is_vacant(&self) -> bool {
        self.connections.is_empty()
            && self.users.is_empty()
            && self.rooms.is_empty()
            && self.deadlines.is_empty()
            && self.news.waiting.is_empty()
    }
}
