//! Asking together: what many ask of the store at about the same time is one question to it.
//!
//! A question that comes alone goes at once, and so do a few beside it. In a crowd there is one
//! flight after the other, and each waits up to [`GATHERS`] while more and more come: when ten
//! thousand connections come back at once, they are answered by some dozens of statements instead of
//! tens of thousands. Those who come in turn, each when another has been answered, do not wait for
//! each other.
//!
//! Every answer was looked up after its question was asked, as if it had been asked alone. What
//! fails, fails for all who asked together. Who has stopped waiting is not asked for.

use super::ChatError;
use crate::store::{self, StoreError};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// Questions within [`GATHERS`] that make a crowd.
const CROWD: usize = 32;
/// How long a flight waits for more in a crowd at most: long enough that there are few, and less
/// than anybody notices who comes back with thousands of others.
const GATHERS: Duration = Duration::from_millis(100);
/// How often it looks whether more come.
const LOOKS: Duration = Duration::from_millis(10);
/// It goes when fewer than one in this many of those who wait have come since the last look.
const GROWTH: usize = 8;
/// Flights at once while there is no crowd, so that one slow answer holds up few.
const FLIGHTS: usize = 4;
/// Questions in one flight: what one statement answers well within its time.
const TOGETHER: usize = 1024;
/// Questions that wait for a flight. When there are more, somebody may as well come back later.
const WAITING: usize = 65_536;

/// Answers as many questions as it is given, in the same order.
pub(super) type Answering<Q, A> =
    Box<dyn Fn(Vec<Q>) -> BoxFuture<'static, store::Result<Vec<A>>> + Send + Sync>;

/// Takes questions of one kind and has them answered together.
pub(super) struct Gatherer<Q, A> {
    inner: Arc<Inner<Q, A>>,
}

struct Inner<Q, A> {
    answering: Answering<Q, A>,
    gate: Mutex<Gate<Q, A>>,
    tasks: TaskTracker,
}

/// Who waits, and when the next may go.
struct Gate<Q, A> {
    waiting: Vec<Asked<Q, A>>,
    flights: usize,
    /// When the current span of [`GATHERS`] began, how many have asked in it, and in the one before.
    began: Instant,
    asked: usize,
    before: usize,
}

struct Asked<Q, A> {
    question: Q,
    answer: oneshot::Sender<Result<A, ChatError>>,
}

impl<Q: Send + 'static, A: Send + 'static> Gatherer<Q, A> {
    pub(super) fn new(answering: Answering<Q, A>, tasks: &TaskTracker) -> Self {
        let gate = Gate {
            waiting: Vec::new(),
            flights: 0,
            began: Instant::now(),
            asked: 0,
            before: 0,
        };
        Self {
            inner: Arc::new(Inner {
                answering,
                gate: Mutex::new(gate),
                tasks: tasks.clone(),
            }),
        }
    }

    /// The answer to this question, looked up after now.
    ///
    /// # Errors
    /// Those of the store, and `Unavailable` when too many are waiting.
    pub(super) async fn ask(&self, question: Q) -> Result<A, ChatError> {
        let (answer, answered) = oneshot::channel();
        {
            let mut gate = self.inner.gate();
            if gate.waiting.len() >= WAITING {
                return Err(ChatError::Unavailable("too many ask at once".to_owned()));
            }
            gate.note(Instant::now());
            gate.waiting.push(Asked { question, answer });
            if gate.flights < gate.lanes() {
                gate.flights += 1;
                let inner = Arc::clone(&self.inner);
                self.inner.tasks.spawn(async move { inner.fly().await });
            }
        }
        let lost = |_| {
            Err(ChatError::Internal(
                "a question was not answered".to_owned(),
            ))
        };
        answered.await.unwrap_or_else(lost)
    }
}

impl<Q, A> Gate<Q, A> {
    fn note(&mut self, now: Instant) {
        let passed = now - self.began;
        if passed >= GATHERS {
            self.before = if passed < 2 * GATHERS { self.asked } else { 0 };
            (self.began, self.asked) = (now, 0);
        }
        self.asked += 1;
    }

    fn is_crowded(&self) -> bool {
        self.asked.max(self.before) >= CROWD
    }

    /// How many wait, while waiting for more is worth it.
    fn crowd(&self) -> Option<usize> {
        let waiting = self.waiting.len();
        (self.is_crowded() && (1..TOGETHER).contains(&waiting)).then_some(waiting)
    }

    fn lanes(&self) -> usize {
        if self.is_crowded() { 1 } else { FLIGHTS }
    }

    /// The next to go, unless nobody waits or others do it.
    fn take(&mut self) -> Option<Vec<Asked<Q, A>>> {
        self.waiting.retain(|asked| !asked.answer.is_closed());
        if self.waiting.is_empty() || self.flights > self.lanes() {
            self.flights -= 1;
            return None;
        }
        let rest = self.waiting.split_off(self.waiting.len().min(TOGETHER));
        Some(std::mem::replace(&mut self.waiting, rest))
    }
}

impl<Q, A> Inner<Q, A> {
    fn gate(&self) -> MutexGuard<'_, Gate<Q, A>> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for more, while there is a crowd that grows.
    async fn gather(&self) {
        let until = Instant::now() + GATHERS;
        let mut before = 0;
        while Instant::now() < until {
            let Some(waiting) = self.gate().crowd() else {
                return;
            };
            if waiting.saturating_sub(before) * GROWTH < waiting {
                return;
            }
            before = waiting;
            tokio::time::sleep(LOOKS).await;
        }
    }

    /// One flight after the other, until nobody waits.
    async fn fly(&self) {
        loop {
            self.gather().await;
            let Some(asked) = self.gate().take() else {
                return;
            };
            let (questions, answers): (Vec<Q>, Vec<_>) = asked
                .into_iter()
                .map(|asked| (asked.question, asked.answer))
                .unzip();
            let span = tracing::debug_span!("ask", questions = questions.len());
            let found = AssertUnwindSafe(async { (self.answering)(questions).await })
                .catch_unwind()
                .instrument(span)
                .await;
            // The next flight must take off whatever became of this one.
            let found = found.unwrap_or_else(|_| Err(broken("answering them panicked")));
            give(found.map_err(ChatError::from), answers);
        }
    }
}

fn broken(what: &str) -> StoreError {
    StoreError::Corrupt(format!("questions asked together: {what}"))
}

/// Gives everybody their answer. Nobody may be waiting any more: then it was in vain.
fn give<A>(found: Result<Vec<A>, ChatError>, answers: Vec<oneshot::Sender<Result<A, ChatError>>>) {
    match found {
        Ok(found) => {
            for (found, answer) in found.into_iter().zip(answers) {
                let _ = answer.send(Ok(found));
            }
        }
        Err(error) => {
            for answer in answers {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}

impl<Q, A> std::fmt::Debug for Gatherer<Q, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gatherer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const TAKES: Duration = Duration::from_millis(2);
    /// A question that spoils the answers of all beside it.
    const SPOILS: u64 = u64::MAX;
    /// One whose answer is a panic.
    const PANICS: u64 = u64::MAX - 1;

    /// Doubles what it is asked; notes how many were asked together.
    #[derive(Default)]
    struct Book {
        flights: Mutex<Vec<usize>>,
        flying: AtomicUsize,
        most: AtomicUsize,
    }

    fn gatherer(book: &Arc<Book>, tasks: &TaskTracker) -> Gatherer<u64, u64> {
        let book = Arc::clone(book);
        let answering: Answering<u64, u64> = Box::new(move |questions| {
            let book = Arc::clone(&book);
            Box::pin(async move {
                let flying = book.flying.fetch_add(1, Ordering::Relaxed) + 1;
                book.most.fetch_max(flying, Ordering::Relaxed);
                book.flights.lock().unwrap().push(questions.len());
                tokio::time::sleep(TAKES).await;
                book.flying.fetch_sub(1, Ordering::Relaxed);
                assert!(!questions.contains(&PANICS), "as asked");
                if questions.contains(&SPOILS) {
                    return Err(StoreError::Unavailable("no such luck".to_owned()));
                }
                Ok(questions.into_iter().map(|question| question * 2).collect())
            })
        });
        Gatherer::new(answering, tasks)
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_alone_goes_at_once() {
        let (book, tasks) = (Arc::default(), TaskTracker::new());
        let gatherer = gatherer(&book, &tasks);
        let began = Instant::now();
        assert_eq!(gatherer.ask(7).await, Ok(14));
        assert_eq!(began.elapsed(), TAKES);
        assert_eq!(*book.flights.lock().unwrap(), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_go_side_by_side_and_the_rest_together() {
        let (book, tasks) = (Arc::default(), TaskTracker::new());
        let gatherer = gatherer(&book, &tasks);
        let answers = join_all((0..20).map(|question| gatherer.ask(question))).await;
        let expected: Vec<_> = (0..20).map(|question| Ok(question * 2)).collect();
        assert_eq!(answers, expected);
        assert!(book.most.load(Ordering::Relaxed) <= FLIGHTS);
        assert!(book.flights.lock().unwrap().len() <= 2 * FLIGHTS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_is_answered_by_few_flights() {
        let (book, tasks) = (Arc::default(), TaskTracker::new());
        let gatherer = Arc::new(gatherer(&book, &tasks));
        // Five thousand within a second.
        let crowd = (0..5_000).map(|question| {
            let gatherer = Arc::clone(&gatherer);
            async move {
                tokio::time::sleep(Duration::from_micros(200) * question).await;
                gatherer.ask(1_000 + u64::from(question)).await
            }
        });
        let answers = join_all(crowd).await;
        assert!(answers.iter().all(Result::is_ok));
        let flights = book.flights.lock().unwrap();
        assert!(flights.len() <= 40, "{flights:?}");
        assert_eq!(flights.iter().sum::<usize>(), 5_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_that_grows_no_more_does_not_wait_for_nobody() {
        let (book, tasks) = (Arc::default(), TaskTracker::new());
        let gatherer = gatherer(&book, &tasks);
        for _ in 0..5 {
            let began = Instant::now();
            join_all((0..100).map(|question| gatherer.ask(question))).await;
            assert!(began.elapsed() <= 2 * LOOKS, "{:?}", began.elapsed());
        }
        assert!(book.flights.lock().unwrap().len() <= 5 + FLIGHTS);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_gathers_any_more_when_the_crowd_has_gone() {
        let (book, tasks) = (Arc::default(), TaskTracker::new());
        let gatherer = gatherer(&book, &tasks);
        join_all((100..300).map(|question| gatherer.ask(question))).await;
        tokio::time::sleep(2 * GATHERS).await;
        let began = Instant::now();
        gatherer.ask(1).await.unwrap();
        assert_eq!(began.elapsed(), TAKES);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_fails_for_all_who_asked_together_and_for_nobody_else() {
        let (book, tasks) = (Arc::default(), TaskTracker::new());
        let gatherer = gatherer(&book, &tasks);
        for spoils in [SPOILS, PANICS] {
            let answers = join_all([1, spoils, 2].map(|question| gatherer.ask(question))).await;
            assert!(answers.iter().all(Result::is_err), "{answers:?}");
            assert_eq!(gatherer.ask(1).await, Ok(2));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_gone_is_not_asked_for() {
        let (book, tasks) = (Arc::default(), TaskTracker::new());
        let gatherer = gatherer(&book, &tasks);
        let mut flying: Vec<_> = (0..10)
            .map(|question| Box::pin(gatherer.ask(question)))
            .collect();
        for asking in &mut flying {
            assert!(futures_util::poll!(asking).is_pending());
        }
        drop(flying);
        tasks.close();
        tasks.wait().await;
        assert_eq!(book.flights.lock().unwrap().iter().sum::<usize>(), 0);
    }
}
