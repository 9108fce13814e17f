//! Connections: how one is made, what is set on it, and what is checked before the first.

use super::pool::{ACQUIRE_TIMEOUT, Pool};
use super::statements::{AUDIT_SETTINGS, SETTINGS};
use super::upkeep;
use crate::store::{Result, StoreError};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

static MIGRATIONS: Migrator = Migrator {
    // Old programs start on a newer schema: during a rolling upgrade both are running.
    ignore_missing: true,
    ..sqlx::migrate!("migrations/postgres")
};

/// `server_version_num` of the oldest PostgreSQL that has all we use.
const OLDEST_VERSION: i32 = 150_000;

/// How long the first connection, before there is a pool, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that has been idle for this long is tried before it is used.
pub(super) const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Which history the newest connection found, for all who ask.
#[derive(Clone, Debug)]
pub(super) struct Identity(Arc<Mutex<Found>>);

#[derive(Debug)]
struct Found {
    epoch: String,
    at: Instant,
}

impl Identity {
    fn unknown() -> Self {
        Self(Arc::new(Mutex::new(Found {
            epoch: String::new(),
            at: Instant::now(),
        })))
    }

    pub(super) fn current(&self) -> String {
        self.found().epoch.clone()
    }

    /// Whether a connection of this age is older than what is known: one to a server that another
    /// has taken the place of, and that may still answer.
    pub(super) fn is_older(&self, age: Duration) -> bool {
        age > self.found().at.elapsed()
    }

    /// After a failover all connections are new ones, so that reading it once on each suffices. A
    /// standby is refused here: what it shows is the past, and it may go on as another history
    /// without a new connection.
    async fn refresh(&self, db: &mut PgConnection) -> sqlx::Result<()> {
        let epoch = upkeep::epoch(db).await?;
        let mut found = self.found();
        if found.epoch != epoch {
            *found = Found {
                epoch,
                at: Instant::now(),
            };
        }
        Ok(())
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pool on a database of a version that will do, with its schema up to date.
pub(super) async fn open(url: &str, max_connections: u32) -> Result<(Pool, Identity)> {
    let options = parse(url)?;
    prepare(&options).await?;

    let identity = Identity::unknown();
    let (known, found) = (identity.clone(), identity.clone());
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(move |db, idle| {
            let outlived = known.is_older(idle.age);
            Box::pin(async move {
                if outlived {
                    return Ok(false);
                }
                if idle.idle_for > TRUSTED_FOR {
                    db.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |db, _| {
            let found = found.clone();
            Box::pin(async move {
                // Acknowledged is durable, whatever the role's or the database's default. What is
                // stricter stays.
                sqlx::query(
                    "SELECT set_config('synchronous_commit', 'on', false)
                     WHERE current_setting('synchronous_commit') = 'off'",
                )
                .execute(&mut *db)
                .await?;
                found.refresh(db).await
            })
        })
        .connect_with(options.options(SETTINGS))
        .await?;
    Ok((Pool::new(pool, identity.clone()), identity))
}

fn parse(url: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url).map_err(|_| {
        unavailable(
            "the database URL cannot be read; it looks like postgres://user:password@host:5432/database",
        )
    })?;
    Ok(options.application_name("roost"))
}

/// Checks the version and brings the schema up to date, on a connection of its own: a migration
/// may take longer than any step.
async fn prepare(options: &PgConnectOptions) -> Result<()> {
    let server = name_of(options);
    let mut db = connect(options).await?;
    MIGRATIONS
        .run(&mut db)
        .await
        .map_err(|error| unavailable(&format!("{server} could not be migrated: {error}")))?;
    db.close().await?;
    Ok(())
}

/// One connection that only reads, to the database as it is: nothing is brought up to date, and a
/// standby will do.
///
/// # Errors
/// [`StoreError::Unavailable`] when it cannot be reached, or when its schema is not that of this
/// program.
pub(super) async fn open_as_it_is(url: &str) -> Result<PgConnection> {
    let options = parse(url)?.options(AUDIT_SETTINGS);
    let server = name_of(&options);
    let mut db = connect(&options).await?;
    let made: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut db)
        .await?;
    if !made {
        return Err(unavailable(&format!(
            "{server} has nothing in this database"
        )));
    }
    let found: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version",
    )
    .fetch_all(&mut db)
    .await?;
    let known = MIGRATIONS.iter().map(|it| (it.version, &*it.checksum));
    if !found
        .iter()
        .map(|(version, checksum)| (*version, &**checksum))
        .eq(known)
    {
        let schema = found.last().map_or(0, |(version, _)| *version);
        return Err(unavailable(&format!(
            "{server} has the database of another version of this program: its schema has the number {schema}, and {} is needed",
            MIGRATIONS.iter().count()
        )));
    }
    Ok(db)
}

/// The server of these options, as it is called in sentences.
fn name_of(options: &PgConnectOptions) -> String {
    format!(
        "PostgreSQL at {}:{}",
        options.get_host(),
        options.get_port()
    )
}

/// Connects to a server of a version that will do.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let server = name_of(options);
    let mut db = timeout(CONNECT_TIMEOUT, PgConnection::connect_with(options))
        .await
        .map_err(|_| unavailable(&format!("{server} does not answer")))?
        .map_err(|error| unavailable(&format!("{server} {}", refusal(&error))))?;
    let (number, version): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::integer, current_setting('server_version')",
    )
    .fetch_one(&mut db)
    .await?;
    if number < OLDEST_VERSION {
        return Err(unavailable(&format!(
            "{server} is version {version}, and 15 or newer is needed"
        )));
    }
    Ok(db)
}

/// Why there is no connection, to go on with after the server's name.
fn refusal(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            format!("refused the connection: {}", database.message())
        }
        sqlx::Error::Io(error) => format!("cannot be reached: {error}"),
        other => format!("cannot be reached: {other}"),
    }
}

fn unavailable(sentence: &str) -> StoreError {
    StoreError::Unavailable(sentence.to_owned())
}
