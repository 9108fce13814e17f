//! Looking for flaws in SQLite's file, beside a server at work or without one.

mod questions;

use super::connection;
use super::rows::Cells;
use crate::models::RoomId;
use crate::store::Result;
use crate::store::audit::walk::{Head, Kind, Step, Walk};
use crate::store::audit::{Finding, Flaw, Report};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, Transaction, params};
use std::path::Path;
use uuid::Uuid;

/// Rooms listed at a time.
const ROOMS: u32 = 500;

/// Looks at everything in the file, which is neither written nor kept from a server. Each room is
/// looked at as of one moment.
///
/// Blocks for as long as reading all of it takes.
///
/// # Errors
/// [`StoreError::Unavailable`](crate::store::StoreError::Unavailable) with a sentence for the
/// operator when it cannot be looked at.
pub fn audit(path: &Path) -> Result<Report> {
    let mut db = connection::open_as_it_is(path)?;
    // A long log is sorted in a file: it may be more than the memory should hold.
    db.pragma_update(None, "temp_store", "file")?;
    let mut report = Report::default();
    report.checked.users = db
        .query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))?
        .unsigned_abs();
    let mut after = RoomId(Uuid::nil());
    loop {
        let rooms = list_rooms(&db, after)?;
        let Some(&last) = rooms.last() else { break };
        for room in rooms {
            // Dropped without a commit: it wrote nothing.
            look_at(&db.transaction()?, room, &mut report)?;
        }
        after = last;
    }
    for &(flaw, question) in questions::OF_THE_WHOLE {
        ask(&db, flaw, question, [], |finding| report.add(finding))?;
    }
    Ok(report)
}

fn list_rooms(db: &Connection, after: RoomId) -> Result<Vec<RoomId>> {
    let rooms = db
        .prepare_cached("SELECT id FROM rooms WHERE id > ?1 ORDER BY id LIMIT ?2")?
        .query_map(params![after, ROOMS], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(rooms)
}

fn look_at(db: &Transaction<'_>, room: RoomId, report: &mut Report) -> Result<()> {
    let Some(head) = find_head(db, room)? else {
        report.add_headless(room);
        return Ok(());
    };
    report.checked.memberships += db
        .prepare_cached("SELECT count(*) FROM memberships WHERE room_id = ?1")?
        .query_row([room], |row| row.get::<_, i64>(0))?
        .unsigned_abs();
    let Some(mut walk) = Walk::begin(head, report) else {
        return Ok(());
    };
    let mut log = db.prepare_cached(
        "SELECT seq, id, created_at, 'message' AS kind
         FROM messages
         WHERE room_id = ?1 AND seq >= ?2
         UNION ALL
         SELECT seq, NULL, created_at, kind
         FROM room_changes
         WHERE room_id = ?1 AND seq >= ?2
         ORDER BY seq",
    )?;
    let mut entries = log.query(params![room, walk.head.min_seq])?;
    while let Some(row) = entries.next()? {
        walk.step(step(row)?, report);
    }
    let head = walk.end(report);
    for &flaw in Flaw::ALL {
        if let Some(question) = questions::of_room(flaw) {
            ask(db, flaw, question, [room], |it| report.add_in(&head, it))?;
        }
    }
    Ok(())
}

fn find_head(db: &Connection, room: RoomId) -> Result<Option<Head>> {
    let head = db
        .prepare_cached(
            "SELECT r.id, r.created_at, r.archived_at IS NOT NULL, r.last_activity_at,
                    h.last_seq, h.last_ms, h.min_seq
             FROM rooms r
             JOIN room_heads h ON h.room_id = r.id
             WHERE r.id = ?1",
        )?
        .query_row([room], |row| {
            let mut cells = Cells::of(row);
            Ok(Head {
                room: cells.take()?,
                created_at: cells.take()?,
                archived: cells.take()?,
                last_activity_at: cells.take()?,
                last_seq: cells.take()?,
                last_ms: cells.take()?,
                min_seq: cells.take()?,
            })
        })
        .optional()?;
    Ok(head)
}

fn step(row: &Row<'_>) -> rusqlite::Result<Step> {
    let mut cells = Cells::of(row);
    Ok(Step {
        seq: cells.take()?,
        id: cells.maybe_id()?,
        at: cells.take()?,
        kind: Kind::of(&cells.take::<String>()?),
    })
}

/// Tells of every row that a question finds.
fn ask(
    db: &Connection,
    flaw: Flaw,
    question: &str,
    params: impl Params,
    mut tell: impl FnMut(Finding),
) -> Result<()> {
    let mut statement = db.prepare_cached(question)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        tell(Finding {
            flaw,
            room: cells.take()?,
            seq: cells.take()?,
            id: cells.maybe_id()?,
            about: cells.take()?,
        });
    }
    Ok(())
}
