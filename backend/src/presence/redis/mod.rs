//! Presence of many nodes, which meet in Redis.
//!
//! Every node decides about its own connections and gives them their grace; what it then holds of a
//! user, or of a user in a room, it writes to an expiring key of that user or that room, as one member
//! among those of the other nodes. A transition is one script ([`scripts`]), which drops what has run
//! out by Redis's clock, applies the change, and says the whole list of holders to all nodes if it is
//! another one. Each node keeps a [`State`] of what it heard, and asks Redis for what it has not.
//!
//! Everything written runs out after a lease and is written again well before. So a lost message, a
//! Redis that comes back empty and a node that was cut off all heal within one refresh.
//!
//! A node that dies is buried by another one, which takes back what it held: at the end of its short
//! lease of its own, but only by a node that has itself seen Redis for that long, and only if the
//! [`Witness`] agrees. A Redis that stands still therefore buries nobody. A node that lives and is not
//! in Redis is cut off: what it held is kept as it was, and whoever is held by nobody is `unknown`,
//! since they may be there. It tells the witness so itself, and for as long as it does nobody is said
//! to have gone who may have come there. A node that neither Redis nor the witness hears sends its
//! people away before the others bury it.
//!
//! Without Redis the people connected elsewhere are `unknown`, and none of them is told to have gone.

mod holdings;
mod leases;
mod message;
#[cfg(test)]
mod node_tests;
mod register;
mod scripts;
#[cfg(test)]
mod simulation;
mod state;
#[cfg(test)]
mod state_tests;

use super::people::Event;
use super::{Presence, Transition};
use crate::clock::Clock;
use crate::models::{self, NodeId, RoomId, Status, Timestamp, UserId};
use crate::redis_link::{LinkError, PATIENCE};
use async_trait::async_trait;
use holdings::{Holding, in_turns};
use leases::{Leases, Living};
use message::{Said, Subject};
use register::{Heard, Register};
use scripts::InRedis;
use state::State;
use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Transitions written at once.
const WRITTEN_AT_ONCE: usize = 256;
/// The pause after Redis refused to take some …
const WRITE_AGAIN: Duration = Duration::from_millis(500);
/// … and after somebody could not be said to have gone, who may be where Redis is not.
const PART_AGAIN: Duration = Duration::from_secs(1);

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    /// Somebody whose connection breaks is shown as they were for this long.
    pub grace: Duration,
    /// What a node holds runs out after this long …
    pub lease: Duration,
    /// … and is written again this often.
    pub refresh: Duration,
    /// A node that says nothing for this long is taken for dead …
    pub node_lease: Duration,
    /// … and says that it lives this often.
    pub node_refresh: Duration,
    /// After Redis was away the others are given this long to say again what they hold.
    pub settling: Duration,
    /// How long Redis may take to answer before it counts as away.
    pub patience: Duration,
}

impl Spans {
    /// Leases with room for two lost refreshes. What a node holds lasts longer than the node, however
    /// late it was refreshed: a node that is believed to live must not be missed in what it holds.
    pub fn new(grace: Duration, node_lease: Duration) -> Self {
        let lease = node_lease * 5;
        Self {
            grace,
            lease,
            refresh: lease / 3,
            node_lease,
            node_refresh: node_lease / 3,
            settling: node_lease / 3,
            patience: PATIENCE,
        }
    }
}

/// A second opinion on which nodes live, by another way than Redis.
#[async_trait]
pub trait Witness: Send + Sync + Debug + 'static {
    /// This node lives, and is to be believed to for `lease` from now. Answers which others live;
    /// `None` when the witness cannot be asked, and may not know of this one.
    async fn beat(&self, node: NodeId, lease: Duration) -> Option<HashSet<NodeId>>;
}

/// Presence of this node's people, and of everybody else's.
#[derive(Debug)]
pub struct RedisPresence {
    inner: Arc<Inner>,
    /// Ends the writing, and the keeping of leases.
    gone: CancellationToken,
}

#[derive(Debug)]
struct Inner {
    node: NodeId,
    register: Arc<dyn Register>,
    witness: Arc<dyn Witness>,
    clock: Arc<dyn Clock>,
    spans: Spans,
    state: Mutex<State>,
    tasks: TaskTracker,
    /// Rung after every change that left news; the consumer looks again.
    news: Notify,
    /// Rung when Redis is to be told something.
    unsaid: Notify,
    /// Rung when Redis may be believed again.
    settled: Notify,
    /// Rung when there is nothing to tell Redis, or nobody to be told.
    said: Notify,
    /// Rung when Redis lacks what this node holds, and when it does no longer.
    strayed: Notify,
}

impl RedisPresence {
    /// Nobody is connected to this `node`. Runs on `tasks` until `stop`.
    ///
    /// # Errors
    /// As [`crate::redis_link::Link::open`]. A Redis that cannot be reached is none.
    pub async fn open(
        url: &str,
        node: NodeId,
        spans: Spans,
        clock: Arc<dyn Clock>,
        witness: Arc<dyn Witness>,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, LinkError> {
        let register = InRedis::open(url, spans.patience, tasks, stop.clone()).await?;
        // Never all nodes at once.
        let refresh = spans.refresh.mul_f64(rand::random_range(0.8..1.0));
        let spans = Spans { refresh, ..spans };
        Ok(Self::start(
            register, node, spans, clock, witness, tasks, &stop,
        ))
    }

    fn start(
        register: Arc<dyn Register>,
        node: NodeId,
        spans: Spans,
        clock: Arc<dyn Clock>,
        witness: Arc<dyn Witness>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        let state = State::new(node, spans.grace, register.losses(), register.is_up());
        let inner = Arc::new(Inner {
            node,
            state: Mutex::new(state),
            register,
            witness,
            clock,
            spans,
            tasks: tasks.clone(),
            news: Notify::new(),
            unsaid: Notify::new(),
            settled: Notify::new(),
            said: Notify::new(),
            strayed: Notify::new(),
        });
        let gone = stop.child_token();
        let leases = Leases::new(Arc::clone(&inner));
        let (listening, writing) = (Arc::clone(&inner).listen(), Arc::clone(&inner).write());
        tasks.spawn(stop.clone().run_until_cancelled_owned(listening));
        tasks.spawn(gone.clone().run_until_cancelled_owned(writing));
        tasks.spawn(gone.clone().run_until_cancelled_owned(leases.keep()));
        Self { inner, gone }
    }

    fn apply(&self, event: Event, now: Timestamp) {
        let unread = self.inner.change(|state| state.apply(event, now));
        for room in unread {
            let inner = Arc::clone(&self.inner);
            self.inner.tasks.spawn(async move {
                if let Err(error) = inner.read_room(room).await {
                    tracing::debug!(room.id = %room, %error, "who is here elsewhere was not read yet");
                }
            });
        }
        self.inner.unsaid.notify_one();
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let answer = change(&mut state);
        if state.has_news() {
            self.news.notify_one();
        }
        if state.own.has_unsaid() {
            self.unsaid.notify_one();
        }
        answer
    }

    // ── Hearing ────────────────────────────────────────────────────────────────

    async fn listen(self: Arc<Self>) {
        loop {
            match self.register.heard().await {
                Heard::Said(said) => self.change(|state| state.hear(&said)),
                Heard::Lost => {
                    self.notice_loss();
                }
                Heard::Restored => {
                    self.unsaid.notify_one();
                    if !self.notice_loss() {
                        self.state().note_missed();
                        self.settled.notify_one();
                        continue;
                    }
                    let (inner, losses) = (Arc::clone(&self), self.state().losses());
                    self.tasks.spawn(async move {
                        tokio::time::sleep(inner.spans.settling).await;
                        inner.state().settle(losses);
                        inner.settled.notify_one();
                    });
                }
            }
        }
    }

    /// Whether Redis was lost since it was last believed.
    fn notice_loss(&self) -> bool {
        let (losses, now) = (self.register.losses(), self.clock.now());
        self.change(|state| {
            if state.losses() != losses {
                state.lose_sight(losses, now);
                // The witness must know before anybody who comes here is missed elsewhere.
                self.strayed.notify_one();
            }
            state.is_blind()
        })
    }

    // ── Telling ────────────────────────────────────────────────────────────────

    async fn write(self: Arc<Self>) {
        // When those who went may be said to have gone.
        let mut farewells = Instant::now();
        loop {
            let may_part = farewells <= Instant::now();
            let holdings = if self.register.is_up() {
                self.state().own.take_unsaid(WRITTEN_AT_ONCE, may_part)
            } else {
                Vec::new()
            };
            if holdings.is_empty() {
                self.said.notify_waiters();
                let unsaid = self.unsaid.notified();
                if may_part {
                    unsaid.await;
                } else {
                    // What is unsaid may be farewells alone.
                    let _ = timeout_at(farewells, unsaid).await;
                }
                continue;
            }
            let (parting, others): (Vec<_>, Vec<_>) =
                holdings.iter().copied().partition(|holding| holding.parts);
            let mut told = self.tell(&others).await;
            if told.is_ok() && !parting.is_empty() {
                if self.all_are_in_redis().await {
                    told = self.tell(&parting).await;
                } else {
                    farewells = Instant::now() + PART_AGAIN;
                    self.state().own.unsay(&parting);
                }
            }
            if let Err(error) = told {
                tracing::debug!(%error, "presence could not be told yet");
                self.state().own.unsay(&holdings);
                tokio::time::sleep(WRITE_AGAIN).await;
                // Not lost: whoever restores the link rings as well.
                self.unsaid.notify_one();
            }
        }
    }

    /// Whether whoever is connected somewhere can be found in Redis, so that those who went from here
    /// have gone: they may have come to a node that Redis does not reach.
    async fn all_are_in_redis(&self) -> bool {
        let beat = self.witness.beat(self.node, self.spans.node_lease);
        // Whoever comes meanwhile must not wait for a database that hangs.
        let living = timeout(PART_AGAIN, beat).await;
        living
            .is_ok_and(|living| living.is_some_and(|names| Living::named(names).are_all_in_redis()))
    }

    /// Whether Redis lacks what this node holds, or may.
    fn is_astray(&self) -> bool {
        let state = self.state();
        let (losses, is_up) = (self.register.losses(), self.register.is_up());
        state.own.is_starting_over() || state.losses() != losses || !is_up
    }

    /// Tells Redis what this node holds. What is begun is listed before, what ends is taken off the list
    /// after: the list may name too much, never too little.
    async fn tell(&self, holdings: &[Holding]) -> Result<(), LinkError> {
        let lease = self.spans.lease;
        let subjects = |held: bool| -> Vec<Subject> {
            let some = holdings.iter().filter(|h| h.state.is_some() == held);
            some.map(|holding| holding.subject).collect()
        };
        let (held, ended) = (subjects(true), subjects(false));
        if !held.is_empty() {
            self.register.list(self.node, &held, lease).await?;
        }
        for turn in in_turns(holdings) {
            let told = turn
                .iter()
                .map(|words| self.register.hold(self.node, words, lease, None));
            for outcome in futures_util::future::join_all(told).await {
                outcome?;
            }
        }
        self.change(|state| state.note_told(holdings));
        if !ended.is_empty() {
            self.register.unlist(self.node, &ended).await?;
        }
        Ok(())
    }

    // ── Asking ─────────────────────────────────────────────────────────────────

    async fn read_users(&self, users: &[UserId]) -> Result<(), LinkError> {
        let now = self.clock.now();
        for some in users.chunks(WRITTEN_AT_ONCE) {
            let read = some.iter().map(|user| async {
                let subject = Subject::User(*user);
                let (version, found) = self.register.read(subject, &[*user], now).await?;
                let said = found.into_iter().next().unwrap_or(Said {
                    version,
                    by: self.node,
                    at: now,
                    subject,
                    members: Vec::new(),
                });
                self.change(|state| state.learn_user(&said));
                Ok::<_, LinkError>(())
            });
            for outcome in futures_util::future::join_all(read).await {
                outcome?;
            }
        }
        Ok(())
    }

    async fn read_room(&self, room: RoomId) -> Result<(), LinkError> {
        let now = self.clock.now();
        let any = Subject::Stay(room, UserId(uuid::Uuid::nil()));
        let (version, found) = self.register.read(any, &[], now).await?;
        self.change(|state| state.learn_room(room, version, &found, now));
        Ok(())
    }

    /// Reads again everything that is kept at hand, whatever messages were lost.
    async fn read_again(&self) -> Result<(), LinkError> {
        let (users, rooms, number) = self.state().at_hand();
        self.read_users(&users).await?;
        for room in rooms {
            self.read_room(room).await?;
        }
        self.change(|state| state.all_read(number));
        Ok(())
    }

    /// Who is here elsewhere, in a room that nobody here follows.
    async fn ask_room(&self, room: RoomId, users: &[UserId]) -> Result<Vec<UserId>, LinkError> {
        let any = Subject::Stay(room, UserId(uuid::Uuid::nil()));
        let (_, found) = self.register.read(any, users, self.clock.now()).await?;
        // What this node holds it knows itself; Redis may not have been told yet.
        let elsewhere = |said: &&Said| said.members.iter().any(|m| m.node != self.node);
        let found = found.iter().filter(elsewhere);
        Ok(found.map(|said| said.subject.user()).collect())
    }

    fn knows_room(&self, room: RoomId) -> bool {
        self.state().knows_room(room)
    }
}

#[async_trait]
impl Presence for RedisPresence {
    async fn connected(&self, user: UserId, connection: u64) {
        self.apply(
            Event::Connected { user, connection },
            self.inner.clock.now(),
        );
    }

    async fn set_status(&self, connection: u64, status: Status) {
        let away = status == Status::Away;
        self.apply(Event::Said { connection, away }, self.inner.clock.now());
    }

    async fn disconnected(&self, connection: u64) {
        self.apply(Event::Disconnected { connection }, self.inner.clock.now());
    }

    async fn entered(&self, room: RoomId, connection: u64) {
        self.apply(Event::Entered { room, connection }, self.inner.clock.now());
    }

    async fn left(&self, room: RoomId, connection: u64) {
        self.apply(Event::Left { room, connection }, self.inner.clock.now());
    }

    async fn statuses(&self, users: &[UserId]) -> Vec<models::Presence> {
        let strangers = self.inner.state().strangers(users);
        if !strangers.is_empty()
            && self.inner.register.is_up()
            && let Err(error) = self.inner.read_users(&strangers).await
        {
            tracing::debug!(%error, "somebody's presence is unknown");
        }
        let now = self.inner.clock.now();
        let mut state = self.inner.state();
        users.iter().map(|user| state.status(*user, now)).collect()
    }

    async fn here(&self, room: RoomId, users: &[UserId]) -> HashSet<UserId> {
        let mut here: HashSet<UserId> = if self.inner.knows_room(room) || users.is_empty() {
            HashSet::new()
        } else {
            let asked = self.inner.ask_room(room, users).await;
            asked.unwrap_or_default().into_iter().collect()
        };
        let state = self.inner.state();
        here.extend(users.iter().filter(|user| state.is_here(room, **user)));
        here
    }

    async fn list_here(&self, room: RoomId, limit: usize) -> Vec<UserId> {
        let mut here = if self.inner.knows_room(room) {
            Vec::new()
        } else {
            self.inner.ask_room(room, &[]).await.unwrap_or_default()
        };
        here.extend(self.inner.state().list_here(room, limit));
        here.sort_unstable();
        here.dedup();
        here.truncate(limit);
        here
    }

    async fn news(&self) -> Vec<Transition> {
        loop {
            let news = self.inner.state().take_news(self.inner.clock.now());
            if !news.is_empty() {
                return news;
            }
            // A ring between the look and this wait is kept as a permit.
            self.inner.news.notified().await;
        }
    }

    async fn tick(&self, now: Timestamp) {
        self.apply(Event::Tick, now);
    }

    /// Waits for the graces instead of taking back at once what is held. Taken back at once, everybody
    /// who is just on the way to another node would be seen to go and come; left to the leases,
    /// whoever went home meanwhile would be shown for as long as those of a node that crashed.
    async fn leave(&self) {
        let inner = &self.inner;
        loop {
            let said = inner.said.notified();
            if !inner.register.is_up() {
                // The others see nobody of this node go; they bury it when they can.
                return;
            }
            if inner.state().own.holds_nobody() {
                break;
            }
            // The next tick rings the writer, and that one here.
            said.await;
        }
        self.gone.cancel();
        // First there, so that nobody takes it for one that lives and is missing in Redis.
        inner.witness.beat(inner.node, Duration::ZERO).await;
        if let Err(error) = inner.register.leave(inner.node).await {
            tracing::debug!(%error, "the others find out by themselves that this node has gone");
        }
    }
}
