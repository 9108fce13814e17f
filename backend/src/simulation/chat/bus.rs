//! The bus between the nodes: words come late, in another order, twice or never.

use super::world::World;
use crate::bus::{Bus, Heard, Subject, Word};
use crate::simulation::{Dice, Pulse};
use async_trait::async_trait;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;

/// How long a word travels at most, mostly.
const TRAVELS: Duration = Duration::from_millis(60);
/// And now and then.
const STRAYS: Duration = Duration::from_secs(12);
/// Words that wait to be heard; of more, some are missed.
const WAITING: usize = 6;

/// One node's end.
#[derive(Debug)]
pub(super) struct BusEnd {
    world: Arc<World>,
    pulse: Arc<Pulse>,
    inner: Mutex<Inner>,
    rung: Notify,
}

#[derive(Debug)]
struct Inner {
    dice: Dice,
    up: bool,
    watched: BTreeSet<Subject>,
    waiting: VecDeque<Heard>,
}

impl BusEnd {
    pub(super) fn new(world: &Arc<World>, pulse: &Arc<Pulse>) -> Arc<Self> {
        Arc::new(Self {
            world: Arc::clone(world),
            pulse: Arc::clone(pulse),
            inner: Mutex::new(Inner {
                dice: Dice::of(world.seed, 2_000 + pulse.number),
                up: true,
                watched: BTreeSet::new(),
                waiting: VecDeque::new(),
            }),
            rung: Notify::new(),
        })
    }

    /// Takes this end off the bus, or puts it back.
    pub(super) fn set_up(&self, up: bool) {
        let mut inner = self.inner();
        let was_up = std::mem::replace(&mut inner.up, up);
        if up && !was_up {
            inner.waiting.push_back(Heard::Missed);
        }
        drop(inner);
        self.rung.notify_one();
    }

    fn arrive(&self, word: Word) {
        let mut inner = self.inner();
        if !inner.up || !inner.watched.contains(&word.subject()) {
            return;
        }
        if inner.waiting.len() >= WAITING {
            inner.waiting.clear();
            inner.waiting.push_back(Heard::Missed);
        }
        inner.waiting.push_back(Heard::Word(word));
        drop(inner);
        self.rung.notify_one();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}

#[async_trait]
impl Bus for BusEnd {
    fn tell(&self, word: Word) {
        let mut inner = self.inner();
        if !inner.up || !self.pulse.is_alive() {
            return;
        }
        for node in self.world.nodes() {
            if node.pulse.number == self.pulse.number {
                continue;
            }
            let copies = match inner.dice.roll(12) {
                0 => 0,
                1 => 2,
                _ => 1,
            };
            for _ in 0..copies {
                let strays = inner.dice.one_in(20);
                let most = if strays { STRAYS } else { TRAVELS };
                let travel = inner.dice.span(Duration::from_millis(1), most);
                let (there, word) = (Arc::clone(&node.bus), word.clone());
                self.world.tasks.spawn(async move {
                    sleep(travel).await;
                    there.arrive(word);
                });
            }
        }
    }

    async fn watch(&self, subject: Subject) {
        let travel = self.inner().dice.span(Duration::from_millis(1), TRAVELS);
        self.pulse.awake().await;
        sleep(travel).await;
        self.inner().watched.insert(subject);
        self.pulse.awake().await;
    }

    fn unwatch(&self, subject: Subject) {
        self.inner().watched.remove(&subject);
    }

    async fn heard(&self) -> Heard {
        loop {
            self.pulse.awake().await;
            if let Some(heard) = self.inner().waiting.pop_front() {
                return heard;
            }
            self.rung.notified().await;
        }
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn is_up(&self) -> bool {
        self.inner().up
    }

    async fn flush(&self) {}
}
