//! Which nodes live, by the clock of the database.

use crate::models::NodeId;
use crate::store::Result;
use sqlx::PgConnection;
use std::time::Duration;

pub(super) async fn beat(
    db: &mut PgConnection,
    node: NodeId,
    lease: Duration,
) -> Result<Vec<NodeId>> {
    let others = sqlx::query_scalar(
        "WITH own AS (
             INSERT INTO nodes (id, alive_until)
             VALUES ($1, clock_timestamp() + make_interval(secs => $2))
             ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until
         )
         SELECT id
         FROM nodes
         WHERE alive_until > clock_timestamp() AND id <> $1",
    )
    .bind(node)
    .bind(lease.as_secs_f64())
    .fetch_all(db)
    .await?;
    Ok(others)
}

/// Forgets those that ended long ago.
pub(super) async fn forget(db: &mut PgConnection) -> Result<()> {
    sqlx::query("DELETE FROM nodes WHERE alive_until < clock_timestamp() - interval '1 day'")
        .execute(db)
        .await?;
    Ok(())
}
