//! The whole: which history this is, and what is tidied up now and then.

use super::nodes;
use crate::models::Timestamp;
use crate::store::Result;
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
