//! The one thread that writes.
//!
//! It takes everything that waits, runs it in one transaction, and answers once that is on the
//! disk: while one batch is flushed the next one gathers. Each step has a savepoint of its own, so
//! a step that is refused takes nothing of the others with it; alone, it has the transaction.

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
            // A refusal too: it may rest on what another step of the batch had written.
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
    let done = match batch {
        [step] => run_alone(db, &mut **step),
        steps => run_each(db, steps).and_then(|()| execute(db, "COMMIT")),
    };
    if done.is_err() && !db.is_autocommit() {
        execute(db, "ROLLBACK")?;
    }
    done
}

/// Without a savepoint, for which SQLite would keep a copy of every page that is changed.
fn run_alone(db: &Connection, step: &mut dyn Step) -> Result<()> {
    let keep = run(db, step)?;
    execute(db, if keep { "COMMIT" } else { "ROLLBACK" })
}

fn run_each(db: &Connection, batch: &mut [Box<dyn Step>]) -> Result<()> {
    for step in batch {
        execute(db, "SAVEPOINT step")?;
        let keep = run(db, &mut **step)?;
        if !keep {
            execute(db, "ROLLBACK TO step")?;
        }
        execute(db, "RELEASE step")?;
    }
    Ok(())
}

/// Whether what the step wrote is to be kept.
fn run(db: &Connection, step: &mut dyn Step) -> Result<bool> {
    let keep = step.run(db);
    // A full disk or a failing one makes SQLite roll back everything by itself.
    if db.is_autocommit() {
        return Err(StoreError::Unavailable(
            "the transaction was rolled back".to_owned(),
        ));
    }
    Ok(keep)
}

fn execute(db: &Connection, sql: &str) -> Result<()> {
    db.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Denied;
    use tempfile::TempDir;

    /// A writer of a file with one table of numbers, and another whose rows must stand in it.
    fn writer(folder: &TempDir) -> Writer {
        let lock = File::create(folder.path().join("lock")).unwrap();
        let connection = Connection::open(folder.path().join("db")).unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                 CREATE TABLE numbers (number INTEGER PRIMARY KEY);
                 CREATE TABLE later (
                     number INTEGER REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED
                 );",
            )
            .unwrap();
        Writer::start(connection, lock).unwrap()
    }

    fn insert(db: &Connection, number: i64) -> Result<()> {
        db.execute("INSERT INTO numbers (number) VALUES (?1)", [number])?;
        Ok(())
    }

    async fn stored(writer: &Writer) -> Vec<i64> {
        writer
            .run(|db| {
                let mut numbers = db.prepare("SELECT number FROM numbers ORDER BY number")?;
                let numbers = numbers.query_map([], |row| row.get(0))?;
                Ok(numbers.collect::<rusqlite::Result<_>>()?)
            })
            .await
            .unwrap()
    }

    /// Holds the thread back until the sender is dropped, so that what is queued meanwhile
    /// becomes one batch.
    async fn hold(writer: &Writer, until: std::sync::mpsc::Receiver<()>) {
        // How this ends depends on whether it was alone in its batch.
        let _ = writer
            .run(move |_| {
                let _ = until.recv();
                Ok(())
            })
            .await;
    }

    #[tokio::test]
    async fn a_step_that_is_refused_or_panics_takes_nothing_of_the_others_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let (release, until) = std::sync::mpsc::channel();
        let ((), first, refused, panicked, last, ()) = tokio::join!(
            hold(&writer, until),
            writer.run(|db| insert(db, 1)),
            writer.run(|db| {
                insert(db, 2)?;
                Err::<(), _>(Denied::NoRoom.into())
            }),
            writer.run(|db| -> Result<()> {
                insert(db, 3)?;
                panic!("a fault of our own")
            }),
            writer.run(|db| insert(db, 4)),
            async { drop(release) },
        );
        first.unwrap();
        assert!(matches!(refused, Err(StoreError::Denied(Denied::NoRoom))));
        assert!(matches!(panicked, Err(StoreError::Corrupt(_))));
        last.unwrap();
        assert_eq!(stored(&writer).await, [1, 4]);
        writer.close().await;
    }

    #[tokio::test]
    async fn nobody_is_told_of_success_when_the_commit_fails() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let (release, until) = std::sync::mpsc::channel();
        let ((), good, refused, bad, ()) = tokio::join!(
            hold(&writer, until),
            writer.run(|db| insert(db, 1)),
            // Why this was refused may have been written by the first.
            writer.run(|_| Err(Denied::NoRoom.into())),
            // Only the commit finds that 7 is no number.
            writer.run(|db| {
                db.execute("INSERT INTO later (number) VALUES (7)", [])?;
                Ok(())
            }),
            async { drop(release) },
        );
        for answer in [good, refused, bad] {
            assert!(matches!(answer, Err(StoreError::Unavailable(_))));
        }
        assert!(stored(&writer).await.is_empty());
        writer.run(|db| insert(db, 2)).await.unwrap();
        assert_eq!(stored(&writer).await, [2]);
        writer.close().await;
    }

    #[tokio::test]
    async fn closing_finishes_what_waits() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let (release, until) = std::sync::mpsc::channel();
        let ((), first, last, ()) = tokio::join!(
            hold(&writer, until),
            writer.run(|db| insert(db, 1)),
            writer.run(|db| insert(db, 2)),
            async {
                drop(release);
                writer.close().await;
            },
        );
        first.unwrap();
        last.unwrap();
        let late = writer.run(|db| insert(db, 3)).await;
        assert!(matches!(late, Err(StoreError::Unavailable(_))));
    }
}
