//! The one thread that writes.
//!
//! It takes everything that waits, runs it in one transaction, and answers once that is on the
//! disk: while one batch is flushed the next one gathers. Each step has a savepoint of its own, so
//! a step that is refused takes nothing of the others with it.

use crate::store::{Result, StoreError};
use rusqlite::Connection;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// Steps that may wait; who comes after waits for room in the queue.
const QUEUE: usize = 1024;
/// Steps in one transaction: enough to share a flush, few enough that nobody waits long for it.
const BATCH: usize = 256;

#[derive(Debug)]
pub(super) struct Writer {
    /// Gone once closing has begun.
    steps: Mutex<Option<mpsc::Sender<Box<dyn Step>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. `lock` is held as long as the connection is.
    pub(super) fn start(connection: Connection, lock: File) -> Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                work(receiver, &connection);
                drop(connection);
                drop(lock);
            })
            .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        Ok(Self {
            steps: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs a step and answers what it answered, once that is durable. A step that has been
    /// queued is done even if nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        let steps = self.steps.lock().expect("no holder panics").clone();
        let (reply, answer) = oneshot::channel();
        let step = Work {
            task: Some(work),
            result: None,
            reply,
        };
        steps
            .ok_or_else(closed)?
            .send(Box::new(step))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Takes no more steps, finishes those that wait, and lets the file go.
    pub(super) async fn close(&self) {
        drop(self.steps.lock().expect("no holder panics").take());
        let thread = self.thread.lock().expect("no holder panics").take();
        if let Some(thread) = thread {
            let ended = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::error!("the writer of the database ended by a panic");
            }
        }
    }
}

/// Something to do in the write transaction, and somebody to tell.
trait Step: Send {
    /// Does it; whether what it wrote is to be kept.
    fn run(&mut self, db: &Connection) -> bool;
    /// Tells the one who waits; `failed` says why nothing of the batch was stored.
    fn answer(self: Box<Self>, failed: Option<&StoreError>);
}

struct Work<W, T> {
    task: Option<W>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<W, T> Step for Work<W, T>
where
    W: FnOnce(&Connection) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, db: &Connection) -> bool {
        let Some(task) = self.task.take() else {
            return false;
        };
        // A fault in one step must not end the thread everybody depends on. Its savepoint is
        // rolled back, so nothing half done stays.
        let result = catch_unwind(AssertUnwindSafe(|| task(db)))
            .unwrap_or_else(|_| Err(StoreError::Corrupt("a step panicked".to_owned())));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, failed: Option<&StoreError>) {
        let result = match (failed, self.result) {
            (None, Some(result)) => result,
            (None, None) => Err(StoreError::Unavailable("the step was not run".to_owned())),
            // Whoever was refused is told so: that does not depend on the commit.
            (Some(_), Some(Err(StoreError::Denied(denied)))) => Err(denied.into()),
            (Some(error), _) => Err(StoreError::Unavailable(error.to_string())),
        };
        // Nobody may wait any more; the step was done all the same.
        let _ = self.reply.send(result);
    }
}

fn work(mut steps: mpsc::Receiver<Box<dyn Step>>, db: &Connection) {
    while let Some(first) = steps.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = steps.try_recv()
        {
            batch.push(next);
        }
        let failed = commit(db, &mut batch).err();
        if let Some(error) = &failed {
            tracing::error!(%error, steps = batch.len(), "a transaction was not committed");
        }
        for step in batch {
            step.answer(failed.as_ref());
        }
    }
}

/// Runs the batch in one transaction. On an error nothing of it is stored, as far as one can know.
fn commit(db: &Connection, batch: &mut [Box<dyn Step>]) -> Result<()> {
    execute(db, "BEGIN IMMEDIATE")?;
    let done = run_each(db, batch).and_then(|()| execute(db, "COMMIT"));
    if done.is_err() && !db.is_autocommit() {
        execute(db, "ROLLBACK")?;
    }
    done
}

fn run_each(db: &Connection, batch: &mut [Box<dyn Step>]) -> Result<()> {
    for step in batch {
        execute(db, "SAVEPOINT step")?;
        let keep = step.run(db);
        // A full disk or a failing one makes SQLite roll back everything by itself.
        if db.is_autocommit() {
            return Err(StoreError::Unavailable(
                "the transaction was rolled back".to_owned(),
            ));
        }
        if !keep {
            execute(db, "ROLLBACK TO step")?;
        }
        execute(db, "RELEASE step")?;
    }
    Ok(())
}

fn execute(db: &Connection, sql: &str) -> Result<()> {
    db.prepare_cached(sql)?.execute([])?;
    Ok(())
}
