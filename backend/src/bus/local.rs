//! A bus within one process.

use super::{Bus, Heard, Subject, Word};
use async_trait::async_trait;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// Words that wait to be heard. Whoever is slower than that misses some, and is told.
const WAITING: usize = 4096;

/// Where the ends of a bus meet.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    ends: Arc<Mutex<Vec<Weak<End>>>>,
}

/// One end of a [`Hub`]. A single server has a hub of its own, and hears nothing.
#[derive(Debug)]
pub struct LocalBus {
    hub: Hub,
    end: Arc<End>,
}

#[derive(Debug, Default)]
struct End {
    inner: Mutex<Inner>,
    rung: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    watched: HashSet<Subject>,
    waiting: VecDeque<Heard>,
}

impl Hub {
    /// A new end.
    pub fn join(&self) -> LocalBus {
        let end = Arc::new(End::default());
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.retain(|end| end.strong_count() > 0);
        ends.push(Arc::downgrade(&end));
        drop(ends);
        LocalBus {
            hub: self.clone(),
            end,
        }
    }
}

impl End {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, word: &Word) {
        let mut inner = self.inner();
        if !inner.watched.contains(&word.subject()) {
            return;
        }
        if inner.waiting.len() >= WAITING {
            inner.waiting.clear();
            inner.waiting.push_back(Heard::Missed);
        }
        inner.waiting.push_back(Heard::Word(word.clone()));
        self.rung.notify_one();
    }
}

#[async_trait]
impl Bus for LocalBus {
    fn tell(&self, word: Word) {
        let ends = self.hub.ends.lock().unwrap_or_else(PoisonError::into_inner);
        for end in ends.iter().filter_map(Weak::upgrade) {
            if !Arc::ptr_eq(&end, &self.end) {
                end.hear(&word);
            }
        }
    }

    async fn watch(&self, subject: Subject) {
        self.end.inner().watched.insert(subject);
    }

    fn unwatch(&self, subject: Subject) {
        self.end.inner().watched.remove(&subject);
    }

    async fn heard(&self) -> Heard {
        loop {
            if let Some(heard) = self.end.inner().waiting.pop_front() {
                return heard;
            }
            // A ring between the look and this wait is kept as a permit.
            self.end.rung.notified().await;
        }
    }

    /// Everything told is heard at once.
    async fn flush(&self) {}

    fn is_alone(&self) -> bool {
        let ends = self.hub.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.len() == 1
    }

    fn is_up(&self) -> bool {
        true
    }
}
