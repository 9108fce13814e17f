//! Looking for flaws in a PostgreSQL database, beside the servers at work on it.

mod questions;

use super::connection;
use super::rows::{self, Cells};
use crate::models::RoomId;
use crate::store::Result;
use crate::store::audit::walk::{Head, Kind, Step, Walk};
use crate::store::audit::{Finding, Flaw, Report};
use futures_util::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{Connection as _, PgConnection};
use std::collections::HashMap;
use uuid::Uuid;

/// Rooms looked at together, as of one moment: planning a question for one room takes longer than
/// answering it for many …
const ROOMS: i64 = 200;
/// … but no more than have this many entries in all, unless it is one room: no snapshot should be
/// held for long.
const ENTRIES: i64 = 100_000;

/// Looks at everything in the database, which is not written. Each room is looked at as of one
/// moment. The database may be a standby.
///
/// # Errors
/// [`StoreError::Unavailable`](crate::store::StoreError::Unavailable) with a sentence for the
/// operator when it cannot be looked at.
pub async fn audit(url: &str) -> Result<Report> {
    let mut db = connection::open_as_it_is(url).await?;
    let mut report = Report::default();
    report.checked.users = count(&mut db, "SELECT count(*) FROM users").await?;
    let mut after = RoomId(Uuid::nil());
    loop {
        let mut transaction = db
            .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let rooms = list_rooms(&mut transaction, after).await?;
        let Some(&last) = rooms.last() else { break };
        look_at(&mut transaction, &rooms, &mut report).await?;
        transaction.commit().await?;
        after = last;
    }
    for &(flaw, question) in questions::OF_THE_WHOLE {
        let mut found = sqlx::query(question).fetch(&mut db);
        while let Some(row) = found.try_next().await? {
            report.add(finding(flaw, &row)?);
        }
    }
    db.close().await?;
    Ok(report)
}

async fn count(db: &mut PgConnection, question: &'static str) -> Result<u64> {
    let number: i64 = sqlx::query_scalar(question).fetch_one(db).await?;
    Ok(number.unsigned_abs())
}

/// The next rooms, as many as are looked at together.
async fn list_rooms(db: &mut PgConnection, after: RoomId) -> Result<Vec<RoomId>> {
    let found = sqlx::query(
        "SELECT r.id, coalesce(h.last_seq - h.min_seq, 0)
         FROM rooms r
         LEFT JOIN room_heads h ON h.room_id = r.id
         WHERE r.id > $1
         ORDER BY r.id
         LIMIT $2",
    )
    .bind(after)
    .bind(ROOMS)
    .fetch_all(db)
    .await?;
    let found: Vec<(RoomId, i64)> = rows::list(&found, |cells| Ok((cells.take()?, cells.take()?)))?;
    let mut left = ENTRIES;
    let rooms = found.into_iter().take_while(|(_, entries)| {
        let fits = left == ENTRIES || *entries <= left;
        left -= (*entries).max(1);
        fits
    });
    Ok(rooms.map(|(room, _)| room).collect())
}

async fn look_at(db: &mut PgConnection, rooms: &[RoomId], report: &mut Report) -> Result<()> {
    let memberships: i64 =
        sqlx::query_scalar("SELECT count(*) FROM memberships WHERE room_id = ANY ($1)")
            .bind(rooms)
            .fetch_one(&mut *db)
            .await?;
    report.checked.memberships += memberships.unsigned_abs();
    let mut walks: HashMap<RoomId, Walk> = list_heads(db, rooms, report)
        .await?
        .into_iter()
        .filter_map(|head| Some((head.room, Walk::begin(head, report)?)))
        .collect();
    let mut log = sqlx::query(
        "SELECT e.room_id, e.seq, e.id, e.created_at, e.kind
         FROM (
             SELECT room_id, seq, id, created_at, 'message' AS kind
             FROM messages
             WHERE room_id = ANY ($1)
             UNION ALL
             SELECT room_id, seq, id, created_at, kind
             FROM room_changes
             WHERE room_id = ANY ($1)
         ) e
         JOIN room_heads h ON h.room_id = e.room_id
         WHERE e.seq >= h.min_seq
         ORDER BY e.room_id, e.seq, e.id",
    )
    .bind(rooms)
    .fetch(&mut *db);
    while let Some(row) = log.try_next().await? {
        let (room, step) = step(&row)?;
        if let Some(walk) = walks.get_mut(&room) {
            walk.step(step, report);
        }
    }
    drop(log);
    let heads: HashMap<RoomId, Head> = walks
        .into_iter()
        .map(|(room, walk)| (room, walk.end(report)))
        .collect();
    for &flaw in Flaw::ALL {
        let Some(question) = questions::of_rooms(flaw) else {
            continue;
        };
        let mut found = sqlx::query(question).bind(rooms).fetch(&mut *db);
        while let Some(row) = found.try_next().await? {
            let finding = finding(flaw, &row)?;
            if let Some(head) = finding.room.and_then(|room| heads.get(&room)) {
                report.add_in(head, finding);
            }
        }
    }
    Ok(())
}

async fn list_heads(
    db: &mut PgConnection,
    rooms: &[RoomId],
    report: &mut Report,
) -> Result<Vec<Head>> {
    let found = sqlx::query(
        "SELECT r.id, r.created_at, r.archived_at IS NOT NULL,
                h.last_activity_at, h.last_seq, h.last_ms, h.min_seq
         FROM rooms r
         LEFT JOIN room_heads h ON h.room_id = r.id
         WHERE r.id = ANY ($1)",
    )
    .bind(rooms)
    .fetch_all(db)
    .await?;
    let mut heads = Vec::with_capacity(found.len());
    for row in &found {
        let mut cells = Cells::of(row);
        let (room, created_at, archived) = (cells.take()?, cells.take()?, cells.take()?);
        let head = cells.optional(4, |cells| {
            Ok(Head {
                room,
                created_at,
                archived,
                last_activity_at: cells.take()?,
                last_seq: cells.take()?,
                last_ms: cells.take()?,
                min_seq: cells.take()?,
            })
        })?;
        if head.is_none() {
            report.add_headless(room);
        }
        heads.extend(head);
    }
    Ok(heads)
}

fn step(row: &PgRow) -> sqlx::Result<(RoomId, Step)> {
    let mut cells = Cells::of(row);
    let room = cells.take()?;
    let step = Step {
        seq: cells.take()?,
        id: cells.take()?,
        at: cells.take()?,
        kind: Kind::of(cells.take()?),
    };
    Ok((room, step))
}

/// A row that a question found.
fn finding(flaw: Flaw, row: &PgRow) -> sqlx::Result<Finding> {
    let mut cells = Cells::of(row);
    Ok(Finding {
        flaw,
        room: cells.take()?,
        seq: cells.take()?,
        id: cells.take()?,
        about: cells.take()?,
    })
}
