//! The connections that steps are run on, and how long a step may keep one.
//!
//! Whatever becomes of the database or of the way to it, a step ends: with an answer, or as
//! unavailable. A connection whose step did not end is not trusted again.

use super::connection::{Identity, TRUSTED_FOR};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

/// How long a step waits for a connection before it gives up. While the database is away, a message
/// waits for that as long, after the batch before it has.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a step may take in all. PostgreSQL itself ends what takes too long (`SETTINGS`) sooner
/// than this: it is for the database that does not answer at all.
pub(super) const STEP_TIMEOUT: Duration = Duration::from_secs(12);

/// How long a step waits for a connection before it claims one that is kept.
const UNCLAIMED_FOR: Duration = Duration::from_millis(10);

/// Connections, to be lent to one step after the other.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    connections: PgPool,
    identity: Identity,
    /// Those that store messages, from one batch to the next.
    kept: Arc<Mutex<Vec<Lent>>>,
}

impl Pool {
    pub(super) fn new(connections: PgPool, identity: Identity) -> Self {
        Self {
            connections,
            identity,
            kept: Arc::default(),
        }
    }

    pub(super) async fn lend(&self) -> sqlx::Result<Lent> {
        if self.is_exhausted() {
            drop(self.kept().pop());
        }
        let mut acquiring = pin!(self.connections.acquire());
        loop {
            match timeout(UNCLAIMED_FOR, &mut acquiring).await {
                Ok(connection) => return Ok(Lent::new(connection?)),
                // The last one that was free may have gone to somebody else just now.
                Err(_) => drop(self.kept().pop()),
            }
        }
    }

    /// Lends the connection that was kept last. The pool itself lends all it has in turn, and tries each
    /// as it comes back; but a server process that has just stored messages has everything at hand
    /// to store more.
    pub(super) async fn lend_again(&self) -> sqlx::Result<Lent> {
        match self.take_kept() {
            Some(kept) => Ok(kept),
            None => self.lend().await,
        }
    }

    /// An old one goes back, to be looked at as any other before it is lent.
    fn take_kept(&self) -> Option<Lent> {
        let mut kept = self.kept().pop().filter(|lent| self.is_trusted(lent))?;
        kept.done = false;
        Some(kept)
    }

    /// Keeps a connection whose step has ended, unless somebody may be waiting for one.
    pub(super) fn keep(&self, lent: Lent) {
        let mut kept = self.kept();
        if self.is_trusted(&lent) && !self.is_exhausted() && !self.connections.is_closed() {
            kept.push(lent);
        }
    }

    /// Whether it was looked at not long ago, and nothing has happened to the database since.
    fn is_trusted(&self, lent: &Lent) -> bool {
        let age = lent.since.elapsed();
        lent.done && age < TRUSTED_FOR && !self.identity.is_older(age)
    }

    fn is_exhausted(&self) -> bool {
        let most = self.connections.options().get_max_connections();
        self.connections.num_idle() == 0 && self.connections.size() >= most
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Lent>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections are lent, wait to be lent, and may be there at most.
    pub(super) fn load(&self) -> (u32, u32, u32) {
        let idle = self.connections.num_idle() + self.kept().len();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        let busy = self.connections.size().saturating_sub(idle);
        (busy, idle, self.connections.options().get_max_connections())
    }

    pub(super) async fn close(&self) {
        // From here on it is closed, and none is kept any more.
        let closing = self.connections.close();
        self.kept().clear();
        closing.await;
    }
}

/// A connection in the hands of a step, or kept for the next one.
#[derive(Debug)]
pub(super) struct Lent {
    /// There until it is dropped.
    connection: Option<PoolConnection<Postgres>>,
    /// When it came from the pool.
    since: Instant,
    /// The step has ended, so that others may have the connection.
    done: bool,
}

impl Lent {
    fn new(connection: PoolConnection<Postgres>) -> Self {
        Self {
            connection: Some(connection),
            since: Instant::now(),
            done: false,
        }
    }

    pub(super) fn db(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is there until dropped")
    }

    /// Gives it back after a step that had [`STEP_TIMEOUT`] for its work.
    pub(super) fn give_back<T, E: From<sqlx::Error>>(
        mut self,
        outcome: std::result::Result<std::result::Result<T, E>, Elapsed>,
    ) -> std::result::Result<T, E> {
        self.end(outcome)
    }

    /// The step has ended like this.
    pub(super) fn end<T, E: From<sqlx::Error>>(
        &mut self,
        outcome: std::result::Result<std::result::Result<T, E>, Elapsed>,
    ) -> std::result::Result<T, E> {
        self.done = outcome.is_ok();
        outcome.unwrap_or_else(|_| {
            let late = io::Error::new(io::ErrorKind::TimedOut, "the database does not answer");
            Err(sqlx::Error::Io(late).into())
        })
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if Handle::try_current().is_err() {
            // The program has ended around it: nobody is left to take it back.
            drop(connection.detach());
        } else if !self.done {
            // Whoever asked has gone, or time was up: what it is waiting for may never come.
            connection.close_on_drop();
        }
    }
}

/// A step that is one statement, or a few that need no common snapshot.
macro_rules! one {
    ($pool:expr, $db:ident => $step:expr) => {{
        let mut lent = $pool.lend().await?;
        let outcome = {
            let $db = lent.db();
            tokio::time::timeout($crate::store::postgres::pool::STEP_TIMEOUT, $step).await
        };
        lent.give_back(outcome)
    }};
}
pub(super) use one;

/// A step in a transaction that begins with this statement: whole or not at all.
macro_rules! whole {
    ($pool:expr, $begin:literal, $db:ident => $step:expr) => {{
        let mut lent = $pool.lend().await?;
        let outcome = {
            let connection = lent.db();
            let work = async {
                let mut transaction = sqlx::Connection::begin_with(connection, $begin).await?;
                let $db = &mut *transaction;
                let answer = $step.await?;
                transaction.commit().await?;
                Ok(answer)
            };
            tokio::time::timeout($crate::store::postgres::pool::STEP_TIMEOUT, work).await
        };
        lent.give_back(outcome)
    }};
}
pub(super) use whole;
