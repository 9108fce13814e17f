//! The connections that read. Each read is one transaction and so sees one moment of everything.

use super::connection::open_reader;
use crate::store::{Load, Result, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Reads at once. More would not be faster: they share the disk and the processor.
const READERS: u32 = 4;

#[derive(Debug)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    free: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(database: &Path) -> Result<Self> {
        let idle = (0..READERS)
            .map(|_| open_reader(database))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            free: Arc::new(Semaphore::new(idle.len())),
            idle: Arc::new(Mutex::new(idle)),
        })
    }

    /// Runs a read in a transaction of its own, off the threads of the asynchronous work.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.free)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Unavailable("the store is closed".to_owned()))?;
        let mut lease = Lease::take(Arc::clone(&self.idle), permit)?;
        tokio::task::spawn_blocking(move || lease.read(read))
            .await
            .unwrap_or_else(|_| Err(StoreError::Corrupt("a read panicked".to_owned())))
    }

    pub(super) fn load(&self) -> Load {
        let idle = u32::try_from(self.free.available_permits()).unwrap_or(READERS);
        Load {
            busy: READERS.saturating_sub(idle),
            idle,
            most: READERS,
            prepared_until: None,
        }
    }

    /// Waits for the reads that run, then closes the connections.
    pub(super) async fn close(&self) {
        // An error means that it has been closed before.
        if let Ok(_all) = self.free.acquire_many(READERS).await {
            self.idle.lock().expect("no holder panics").clear();
            self.free.close();
        }
    }
}

/// A connection while it is used. It goes back whatever happens to the read.
struct Lease {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    /// Given back after the connection is: fields are dropped once `drop` has run.
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn take(idle: Arc<Mutex<Vec<Connection>>>, permit: OwnedSemaphorePermit) -> Result<Self> {
        let connection = idle.lock().expect("no holder panics").pop();
        if connection.is_none() {
            return Err(StoreError::Unavailable("the store is closed".to_owned()));
        }
        Ok(Self {
            connection,
            idle,
            _permit: permit,
        })
    }

    fn read<T>(&mut self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let connection = self.connection.as_mut().expect("taken in `drop` only");
        // Dropped without a commit at the end, also when the read panics: it wrote nothing.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        read(&transaction)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.idle.lock().expect("no holder panics").push(connection);
        }
    }
}
