//! Presence kept in this process: a lock around [`People`].

use super::people::{Event, People};
use super::{Presence, Transition};
use crate::clock::Clock;
use crate::models::{self, RoomId, Status, Timestamp, UserId};
use async_trait::async_trait;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// Presence of a single node. Forgets everything with the process.
#[derive(Debug)]
pub struct LocalPresence {
    clock: Arc<dyn Clock>,
    people: Mutex<People>,
    /// Rung after every change that left news; the consumer looks again.
    news: Notify,
}

impl LocalPresence {
    /// Nobody is connected. Whoever breaks off is shown as they were for `grace`.
    pub fn new(clock: Arc<dyn Clock>, grace: Duration) -> Self {
        Self {
            clock,
            people: Mutex::new(People::new(grace)),
            news: Notify::new(),
        }
    }

    fn apply(&self, event: Event) {
        self.apply_at(event, self.clock.now());
    }

    fn apply_at(&self, event: Event, now: Timestamp) {
        let mut people = self.people();
        people.apply(event, now);
        if people.has_news() {
            self.news.notify_one();
        }
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.people
            .lock()
            .expect("nothing panics while it holds the people")
    }
}

#[async_trait]
impl Presence for LocalPresence {
    async fn connected(&self, user: UserId, connection: u64) {
        self.apply(Event::Connected { user, connection });
    }

    async fn set_status(&self, connection: u64, status: Status) {
        let away = status == Status::Away;
        self.apply(Event::Said { connection, away });
    }

    async fn disconnected(&self, connection: u64) {
        self.apply(Event::Disconnected { connection });
    }

    async fn entered(&self, room: RoomId, connection: u64) {
        self.apply(Event::Entered { room, connection });
    }

    async fn left(&self, room: RoomId, connection: u64) {
        self.apply(Event::Left { room, connection });
    }

    async fn statuses(&self, users: &[UserId]) -> Vec<models::Presence> {
        let now = self.clock.now();
        let people = self.people();
        users.iter().map(|user| people.status(*user, now)).collect()
    }

    async fn here(&self, room: RoomId, users: &[UserId]) -> HashSet<UserId> {
        let people = self.people();
        users
            .iter()
            .copied()
            .filter(|user| people.is_here(room, *user))
            .collect()
    }

    async fn list_here(&self, room: RoomId, limit: usize) -> Vec<UserId> {
        self.people().list_here(room, limit)
    }

    async fn news(&self) -> Vec<Transition> {
        loop {
            let news = self.people().take_news(self.clock.now());
            if !news.is_empty() {
                return news;
            }
            // A ring between the look and this wait is kept as a permit.
            self.news.notified().await;
        }
    }

    async fn tick(&self, now: Timestamp) {
        self.apply_at(Event::Tick, now);
    }

    /// There are no others.
    async fn leave(&self) {}
}
