//! Which nodes live, by SQLite's clock. There is one node, whose word is taken all the same.

use crate::models::NodeId;
use crate::store::Result;
use rusqlite::{Connection, params};
use std::time::Duration;

/// Now, in milliseconds.
macro_rules! now {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}

pub(super) fn beat(db: &Connection, node: NodeId, lease: Duration) -> Result<Vec<NodeId>> {
    let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX / 2);
    db.prepare_cached(concat!(
        "INSERT INTO nodes (id, alive_until) VALUES (?1, ",
        now!(),
        " + ?2) ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until"
    ))?
    .execute(params![node, lease])?;
    let others = db
        .prepare_cached(concat!(
            "SELECT id FROM nodes WHERE id <> ?1 AND alive_until > ",
            now!()
        ))?
        .query_map([node], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(others)
}

/// Forgets those that ended long ago.
pub(super) fn forget(db: &Connection) -> Result<()> {
    db.prepare_cached(concat!(
        "DELETE FROM nodes WHERE alive_until < ",
        now!(),
        " - 86400000"
    ))?
    .execute([])?;
    Ok(())
}
