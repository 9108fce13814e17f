//! The connections that steps are run on, and how long a step may keep one.
//!
//! Whatever becomes of the database or of the way to it, a step ends: with an answer, or as
//! unavailable. A connection whose step did not end is not trusted again.

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};
use std::io;
use std::time::Duration;
use tokio::time::error::Elapsed;

/// How long a step waits for a connection before it gives up. While the database is away, a message
/// waits for that as long, after the batch before it has.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a step may take in all. PostgreSQL itself ends what takes too long (`SETTINGS`) sooner
/// than this: it is for the database that does not answer at all.
pub(super) const STEP_TIMEOUT: Duration = Duration::from_secs(12);

/// Connections, to be lent to one step after the other.
#[derive(Clone, Debug)]
pub(super) struct Pool(PgPool);

impl Pool {
    pub(super) fn new(pool: PgPool) -> Self {
        Self(pool)
    }

    pub(super) async fn lend(&self) -> sqlx::Result<Lent> {
        Ok(Lent {
            connection: self.0.acquire().await?,
            done: false,
        })
    }

    /// How many connections are lent, wait to be lent, and may be there at most.
    pub(super) fn load(&self) -> (u32, u32, u32) {
        let idle = u32::try_from(self.0.num_idle()).unwrap_or(u32::MAX);
        let busy = self.0.size().saturating_sub(idle);
        (busy, idle, self.0.options().get_max_connections())
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

/// A connection in the hands of a step.
#[derive(Debug)]
pub(super) struct Lent {
    connection: PoolConnection<Postgres>,
    /// The step has ended, so that others may have the connection.
    done: bool,
}

impl Lent {
    pub(super) fn db(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Gives it back after a step that had [`STEP_TIMEOUT`] for its work.
    pub(super) fn give_back<T, E: From<sqlx::Error>>(
        mut self,
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
        // Whoever asked has gone, or time was up: what the connection is waiting for may never come.
        if !self.done {
            self.connection.close_on_drop();
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
