//! The whole: which history this is, and what is tidied up now and then.

use super::nodes;
use crate::models::Timestamp;
use crate::store::{Result, Size};
use rusqlite::Connection;

pub(super) fn epoch(db: &Connection) -> Result<String> {
    let epoch = db.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| {
        row.get(0)
    })?;
    Ok(epoch)
}

pub(super) fn maintain(db: &Connection, now: Timestamp) -> Result<()> {
    db.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1")?
        .execute([now])?;
    nodes::forget(db)
}

/// Of the file, without the log beside it, which is folded into it again and again.
pub(super) fn size(db: &Connection) -> Result<Size> {
    let pages: i64 = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let bytes: i64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
    Ok(Size {
        bytes: u64::try_from(pages * bytes).unwrap_or(0),
        free_bytes: db.path().and_then(free_beside),
    })
}

/// What this process may still write to the file system that the file is on.
#[cfg(unix)]
fn free_beside(file: &str) -> Option<u64> {
    let disk = rustix::fs::statvfs(file).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_beside(_: &str) -> Option<u64> {
    None
}
