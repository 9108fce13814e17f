//! One node's way to the register, as `redis_link` makes one: up or down as a whole, built anew when
//! it breaks, and telling of it.
//!
//! Steps of one node arrive in the order they were taken. Their answers, and what is said to it, come
//! back each in order, but not in that of the others: on a busy machine nobody knows which task runs
//! first.

use super::super::message::Said;
use super::super::register::Heard;
use super::keys::Keys;
use super::world::{Health, Way, World};
use crate::redis_link::LinkError;
use crate::simulation::{Dice, Pulse};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// Between attempts to connect, give or take a half.
const RETRY: Duration = Duration::from_millis(500);
/// How often a server that is silent is asked whether it is there.
pub(super) const PING_EVERY: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Line {
    me: Weak<Self>,
    pub(super) world: Arc<World>,
    pub(super) pulse: Arc<Pulse>,
    /// What may wait to be heard; of more, some is missed.
    waiting_most: usize,
    inner: Mutex<Inner>,
    /// Rung when there may be something to hear.
    rung: Notify,
}

#[derive(Debug)]
struct Inner {
    dice: Dice,
    /// Whether anything passes.
    open: bool,
    session: Option<Arc<Session>>,
    losses: u64,
    /// On the way to here, in order.
    coming: VecDeque<Coming>,
    waiting: VecDeque<(Heard, Instant)>,
    missed: bool,
}

#[derive(Debug)]
struct Coming {
    session: Arc<Session>,
    said: Said,
    at: Instant,
    due: Instant,
}

/// One life of the line.
#[derive(Debug)]
pub(super) struct Session {
    /// Which life of Redis it leads to.
    life: u64,
    /// Whether everything is heard.
    complete: AtomicBool,
    broken: CancellationToken,
    last: Mutex<Last>,
}

/// When the last of everything so far arrives.
#[derive(Debug)]
struct Last {
    step: Instant,
    answer: Instant,
    said: Instant,
}

impl Line {
    /// Tries to connect once, then goes on in the background.
    pub(super) async fn open(world: &Arc<World>, pulse: &Arc<Pulse>) -> Arc<Self> {
        let mut dice = Dice::of(world.seed, 1_000 + pulse.number);
        let waiting_most = if dice.one_in(4) { 4 } else { 8192 };
        let line = Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            world: Arc::clone(world),
            pulse: Arc::clone(pulse),
            waiting_most,
            inner: Mutex::new(Inner {
                dice,
                open: true,
                session: None,
                losses: 0,
                coming: VecDeque::new(),
                waiting: VecDeque::new(),
                missed: false,
            }),
            rung: Notify::new(),
        });
        let first = line.connect().await;
        if let Some(first) = &first {
            first.complete.store(true, Ordering::Relaxed);
        } else {
            line.inner().losses = 1;
        }
        line.inner().session.clone_from(&first);
        let keeping = Arc::clone(&line).keep(first);
        let process = pulse.life().clone();
        world
            .tasks
            .spawn(process.run_until_cancelled_owned(keeping));
        line
    }

    pub(super) fn is_up(&self) -> bool {
        let inner = self.inner();
        let session = inner.session.as_ref();
        session.is_some_and(|session| session.hears() && !session.broken.is_cancelled())
    }

    pub(super) fn losses(&self) -> u64 {
        self.inner().losses
    }

    // ── What breaks ────────────────────────────────────────────────────────────

    /// Lets everything pass or nothing.
    pub(super) fn set_open(&self, open: bool) {
        self.inner().open = open;
        self.world.stir();
        self.rung.notify_one();
    }

    /// Both ends notice that it is over.
    pub(super) fn reset(&self) {
        if let Some(session) = &self.inner().session {
            session.broken.cancel();
        }
        self.world.stir();
    }

    // ── Staying connected ──────────────────────────────────────────────────────

    async fn keep(self: Arc<Self>, first: Option<Arc<Session>>) {
        let mut next = first;
        loop {
            if let Some(session) = next.take() {
                self.serve(&session).await;
            } else {
                let pause = self.inner().dice.span(RETRY / 2, RETRY * 3 / 2);
                sleep(pause).await;
            }
            self.pulse.awake().await;
            next = self.connect().await;
            if next.is_some() {
                self.inner().session.clone_from(&next);
            }
        }
    }

    async fn connect(&self) -> Option<Arc<Session>> {
        let now = Instant::now();
        let session = Arc::new(Session {
            life: self.world.redis().life,
            complete: AtomicBool::new(false),
            broken: CancellationToken::new(),
            last: Mutex::new(Last {
                step: now,
                answer: now,
                said: now,
            }),
        });
        self.answers(&session).await.then_some(session)
    }

    /// Uses a session until it breaks.
    async fn serve(&self, session: &Arc<Session>) {
        // Subscribing takes a step.
        if self.answers(session).await {
            session.complete.store(true, Ordering::Relaxed);
            self.note(Heard::Restored);
            while timeout(PING_EVERY, session.broken.cancelled())
                .await
                .is_err()
                && self.answers(session).await
            {}
        }
        session.broken.cancel();
        // Until the break is noticed here.
        sleep(self.travel()).await;
        self.pulse.awake().await;
        {
            let mut inner = self.inner();
            inner.session = None;
            inner.losses += 1;
        }
        self.note(Heard::Lost);
    }

    async fn answers(&self, session: &Arc<Session>) -> bool {
        let nothing = |_: &mut Keys, _| ((), Vec::new());
        self.step_of(session, nothing).await.is_ok()
    }

    // ── Steps ──────────────────────────────────────────────────────────────────

    /// Takes a step in the register, at a moment of its own time.
    pub(super) async fn step<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Keys, u64) -> (T, Vec<Said>) + Send + 'static,
    ) -> Result<T, LinkError> {
        self.pulse.awake().await;
        let session = self.inner().session.clone().ok_or(LinkError::Down)?;
        self.step_of(&session, act).await
    }

    async fn step_of<T: Send + 'static>(
        &self,
        session: &Arc<Session>,
        act: impl FnOnce(&mut Keys, u64) -> (T, Vec<Said>) + Send + 'static,
    ) -> Result<T, LinkError> {
        let (answer, answered) = oneshot::channel();
        let line = self.me.upgrade().expect("it is in use");
        let step = Arc::clone(session).take_step(line, act, answer);
        self.world.tasks.spawn(step);
        let outcome = tokio::select! {
            biased;
            answered = answered => answered.ok(),
            () = session.broken.cancelled() => None,
            () = sleep(self.world.spans.patience) => None,
        };
        self.pulse.awake().await;
        outcome.ok_or_else(|| {
            session.broken.cancel();
            LinkError::Failed("there was no answer".to_owned())
        })
    }

    /// Whether something of this session arrives there. What was on the way when it broke may, or
    /// may not.
    fn way_there(&self, session: &Session, anyway: bool) -> Way {
        let redis = self.world.redis();
        if redis.life != session.life || session.broken.is_cancelled() && !anyway {
            return Way::Gone;
        }
        if self.inner().open && redis.health == Health::Well {
            Way::Open
        } else {
            Way::Blocked
        }
    }

    fn way_back(&self, session: &Session) -> Way {
        if session.broken.is_cancelled() {
            return Way::Gone;
        }
        if self.inner().open {
            Way::Open
        } else {
            Way::Blocked
        }
    }

    // ── Hearing ────────────────────────────────────────────────────────────────

    /// Something was said to everybody just now.
    pub(super) fn say(&self, said: &Said, life: u64) {
        let mut inner = self.inner();
        let session = inner.session.clone();
        let Some(session) = session.filter(|session| session.hears() && session.life == life)
        else {
            return;
        };
        let at = Instant::now();
        let travel = inner.dice.span(Duration::from_millis(1), self.world.travel);
        let due = session.last.lock().unwrap().said_at(at + travel);
        inner.coming.push_back(Coming {
            session,
            said: said.clone(),
            at,
            due,
        });
        drop(inner);
        self.rung.notify_one();
    }

    /// Waits for what is heard next, and when it was said.
    pub(super) async fn heard(&self) -> (Heard, Instant) {
        loop {
            self.pulse.awake().await;
            let due = {
                let mut inner = self.inner();
                inner.arrive(self.waiting_most);
                if let Some(heard) = inner.waiting.pop_front() {
                    return heard;
                }
                if std::mem::take(&mut inner.missed) {
                    return (Heard::Restored, Instant::now());
                }
                let next = inner.coming.front().filter(|_| inner.open);
                next.map(|coming| coming.due)
            };
            match due {
                Some(due) => tokio::select! {
                    biased;
                    () = self.rung.notified() => {}
                    () = sleep_until(due) => {}
                },
                None => self.rung.notified().await,
            }
        }
    }

    fn note(&self, heard: Heard) {
        let mut inner = self.inner();
        inner.arrive(self.waiting_most);
        inner.take_in(heard, Instant::now(), self.waiting_most);
        drop(inner);
        self.rung.notify_one();
    }

    fn travel(&self) -> Duration {
        let mut inner = self.inner();
        inner.dice.span(Duration::from_millis(1), self.world.travel)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

impl Inner {
    /// Takes in what has come by now.
    fn arrive(&mut self, most: usize) {
        let now = Instant::now();
        self.coming
            .retain(|coming| !coming.session.broken.is_cancelled());
        while self.open
            && let Some(coming) = self.coming.pop_front_if(|coming| coming.due <= now)
        {
            self.take_in(Heard::Said(coming.said), coming.at, most);
        }
    }

    fn take_in(&mut self, heard: Heard, at: Instant, most: usize) {
        if self.waiting.len() < most {
            self.waiting.push_back((heard, at));
        } else {
            self.missed = true;
        }
    }
}

impl Session {
    fn hears(&self) -> bool {
        self.complete.load(Ordering::Relaxed)
    }

    async fn take_step<T>(
        self: Arc<Self>,
        line: Arc<Line>,
        act: impl FnOnce(&mut Keys, u64) -> (T, Vec<Said>),
        answer: oneshot::Sender<T>,
    ) {
        let world = &line.world;
        let (there, back) = (line.travel(), line.travel());
        let anyway = line.inner().dice.one_in(2);
        let arrives = self.last.lock().unwrap().step_at(Instant::now() + there);
        sleep_until(arrives).await;
        let way = || line.way_there(&self, anyway);
        if world.until_passable(way).await == Way::Gone {
            return;
        }
        let (outcome, said) = {
            let mut redis = world.redis();
            let now = world.redis_time(&redis);
            act(&mut redis.keys, now)
        };
        for said in &said {
            for line in world.lines() {
                line.say(said, self.life);
            }
        }
        let arrives = self.last.lock().unwrap().answer_at(Instant::now() + back);
        sleep_until(arrives).await;
        if world.until_passable(|| line.way_back(&self)).await == Way::Open {
            // Nobody may be waiting any more.
            let _ = answer.send(outcome);
        }
    }
}

impl Last {
    fn step_at(&mut self, at: Instant) -> Instant {
        self.step = self.step.max(at);
        self.step
    }

    fn answer_at(&mut self, at: Instant) -> Instant {
        self.answer = self.answer.max(at);
        self.answer
    }

    fn said_at(&mut self, at: Instant) -> Instant {
        self.said = self.said.max(at);
        self.said
    }
}
