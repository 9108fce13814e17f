//! What belongs to a user, and how often it has changed.

use super::rows::Cells;
use super::values::id_list;
use crate::models::{Timestamp, UserId};
use crate::store::{Belongings, Result};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Moves the counters of these people, who are named once each.
pub(super) fn moved(db: &Connection, users: &[UserId]) -> Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO user_moves (user_id, moves)
         VALUES (?1, 1)
         ON CONFLICT (user_id) DO UPDATE SET moves = moves + 1",
    )?;
    for user in users {
        statement.execute([user])?;
    }
    Ok(())
}

pub(super) fn moves(db: &Connection, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
    let found = db
        .prepare_cached(
            "SELECT u.id, coalesce(m.moves, 0)
             FROM users u
             LEFT JOIN user_moves m ON m.user_id = u.id
             WHERE u.id IN (SELECT unhex(value) FROM json_each(?1))",
        )?
        .query_map([id_list(users.iter().map(|user| user.0))], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.take()?, cells.number()?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

pub(super) fn find(
    db: &Connection,
    users: &[UserId],
    now: Timestamp,
) -> Result<Vec<Option<Belongings>>> {
    users.iter().map(|user| of_one(db, *user, now)).collect()
}

fn of_one(db: &Connection, user: UserId, now: Timestamp) -> Result<Option<Belongings>> {
    let known = db
        .prepare_cached(
            "SELECT coalesce(m.moves, 0), u.role
             FROM users u
             LEFT JOIN user_moves m ON m.user_id = u.id
             WHERE u.id = ?1",
        )?
        .query_row([user], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.number()?, cells.take()?))
        })
        .optional()?;
    let Some((moves, role)) = known else {
        return Ok(None);
    };
    let rooms = db
        .prepare_cached("SELECT room_id FROM memberships WHERE user_id = ?1")?
        .query_map([user], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let sessions = db
        .prepare_cached("SELECT id FROM sessions WHERE user_id = ?1 AND expires_at > ?2")?
        .query_map(params![user, now], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(Belongings {
        moves,
        role,
        rooms,
        sessions,
    }))
}
