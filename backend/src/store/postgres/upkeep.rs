//! The whole: which history this is, the months ahead, and what is tidied up now and then.

use super::failure::homeless_id;
use super::nodes;
use super::pool::{Pool, whole};
use crate::models::{Timestamp, ids};
use crate::store::{Result, Size};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use std::fmt::Write as _;
use std::time::Duration;

/// How far around now there are always partitions: from the month before, for clocks that are
/// late, to about three months ahead, for a job that has not run for long.
const BEHIND: Duration = Duration::from_hours(31 * 24);
const AHEAD: Duration = Duration::from_hours(92 * 24);

/// Which history this is: another word for another cluster (`system_identifier`), for a standby
/// that took over (the timeline, the first eight digits of the log file being written, which is
/// right at once where the control file lags until a checkpoint), for a dump restored into another
/// database (its oid) and for a restore into the same one (the nonce, renewed by whoever restores).
/// All of it may be read by any role.
///
/// # Errors
/// On a standby, which is not written to yet and may be behind: `recovery is in progress`.
pub(super) async fn epoch(db: &mut PgConnection) -> sqlx::Result<String> {
    let identity: String = sqlx::query_scalar(
        "SELECT concat_ws(
             '/',
             (SELECT system_identifier FROM pg_control_system()),
             left(pg_walfile_name(pg_current_wal_lsn()), 8),
             (SELECT oid FROM pg_database WHERE datname = current_database()),
             (SELECT value FROM meta WHERE key = 'epoch')
         )",
    )
    .fetch_one(db)
    .await?;
    let mut epoch = String::with_capacity(32);
    for byte in &Sha256::digest(identity)[..16] {
        let _ = write!(epoch, "{byte:02x}");
    }
    Ok(epoch)
}

/// Of this database, with its indexes and its history that is not vacuumed yet. Its disk is that of
/// another machine, mostly, and nothing that it answers to everybody tells of it.
pub(super) async fn size(db: &mut PgConnection) -> Result<Size> {
    let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
        .fetch_one(db)
        .await?;
    Ok(Size {
        bytes: u64::try_from(bytes).unwrap_or(0),
        free_bytes: None,
    })
}

pub(super) async fn ping(db: &mut PgConnection) -> Result<()> {
    // What writes need: a server that is read-only, for whatever reason, refuses this lock.
    sqlx::query("SELECT FROM meta WHERE key = 'epoch' FOR KEY SHARE")
        .execute(db)
        .await?;
    Ok(())
}

/// Makes the partitions around now that are missing, and forgets what is past its end. Answers until
/// when there are partitions now.
pub(super) async fn maintain(db: &mut PgConnection, now: Timestamp) -> Result<Timestamp> {
    let until = now.plus(AHEAD);
    let made = make_partitions(db, now.minus(BEHIND), until).await?;
    if made > 0 {
        tracing::info!(partitions = made, "made partitions for the months ahead");
    }
    sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(now)
        .execute(&mut *db)
        .await?;
    nodes::forget(db).await?;
    Ok(until)
}

async fn make_partitions(
    db: &mut PgConnection,
    first: Timestamp,
    last: Timestamp,
) -> sqlx::Result<i32> {
    sqlx::query_scalar("SELECT make_partitions($1, $2)")
        .bind(first)
        .bind(last)
        .fetch_one(db)
        .await
}

/// Makes the partition whose absence this error tells of; whether it told of one.
pub(super) async fn make_missing(pool: &Pool, error: &sqlx::Error) -> sqlx::Result<bool> {
    let Some(id) = homeless_id(error) else {
        return Ok(false);
    };
    let ms = i64::try_from(ids::moment(id)).unwrap_or_default();
    let month = Timestamp(ms);
    tracing::warn!(%month, "a month had no partition; is the upkeep running?");
    let made: sqlx::Result<i32> = whole!(pool, "BEGIN", db => make_partitions(db, month, month));
    made.map(|_| true)
}
