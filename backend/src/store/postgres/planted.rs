//! Faults of the store planted on purpose, for `roost verify` to find; see `realtime::planted`.

use super::pool::{Pool, one};
use crate::models::{Draft, RoomId};
use crate::store::Result;
use realtime::planted;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Executor as _, Postgres};
use std::time::Duration;

/// How long a commit waits, for something to come in between.
const COMMIT_AFTER: Duration = Duration::from_millis(300);

/// No repeat is found any more, nor kept out by the second line.
const FORGET_REPEATS: &str = "
    DROP FUNCTION find_repeats;
    CREATE FUNCTION find_repeats(uuid[], uuid[], text[], uuid, uuid)
    RETURNS TABLE (item integer, message uuid)
    LANGUAGE sql AS 'SELECT NULL::integer, NULL::uuid WHERE false';
    DO $$
    DECLARE
        name text;
    BEGIN
        FOR name IN SELECT indexname FROM pg_indexes WHERE indexname LIKE 'messages%client_id' LOOP
            EXECUTE format('DROP INDEX IF EXISTS %I', name);
        END LOOP;
    END
    $$";

/// When the store is opened.
pub(super) async fn on_open(pool: &Pool) -> Result<()> {
    if planted::is("skip-repeat-detection") {
        one!(pool, db => db.execute(FORGET_REPEATS))?;
    }
    Ok(())
}

/// Before messages are stored: now and then a place is left out.
pub(super) async fn before_append(pool: &Pool, drafts: &[&Draft]) -> sqlx::Result<()> {
    if planted::is("number-with-gaps") {
        let rooms: Vec<RoomId> = drafts.iter().map(|draft| draft.room).collect();
        let skip = sqlx::query(
            "UPDATE room_heads SET last_seq = last_seq + 1
             WHERE room_id = ANY ($1) AND last_seq % 100 = 50",
        )
        .bind(rooms);
        one!(pool, db => skip.execute(db))?;
    }
    Ok(())
}

/// Stores and answers at once; the commit comes later, if at all.
pub(super) async fn commit_later(
    pool: &Pool,
    append: Query<'_, Postgres, PgArguments>,
) -> sqlx::Result<Vec<PgRow>> {
    let mut lent = pool.lend().await?;
    lent.db().execute("BEGIN").await?;
    let rows = append.fetch_all(lent.db()).await?;
    #[expect(clippy::disallowed_methods, reason = "nobody is to wait for it")]
    tokio::spawn(async move {
        tokio::time::sleep(COMMIT_AFTER).await;
        let committed = lent.db().execute("COMMIT").await;
        lent.give_back(Ok(committed))
    });
    Ok(rows)
}
