//! What belongs to a user, and how often it has changed.

use super::rows::{self, Cells};
use crate::models::{Timestamp, UserId};
use crate::store::{Belongings, Result};
use sqlx::PgConnection;

/// Moves the counters of these people, who may be named more than once. The last thing a step
/// locks: after heads, and in the order of users, so that two steps never wait for each other.
pub(super) async fn moved(db: &mut PgConnection, users: &[UserId]) -> Result<()> {
    let mut users = users.to_vec();
    users.sort_unstable();
    users.dedup();
    if !users.is_empty() {
        sqlx::query(
            "INSERT INTO user_moves (user_id, moves)
             SELECT user_id, 1
             FROM unnest($1::uuid[]) WITH ORDINALITY AS moved (user_id, place)
             ORDER BY place
             ON CONFLICT (user_id) DO UPDATE SET moves = user_moves.moves + 1",
        )
        .bind(users)
        .execute(db)
        .await?;
    }
    Ok(())
}

pub(super) async fn moves(db: &mut PgConnection, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
    let found = sqlx::query(
        "SELECT u.id, coalesce(m.moves, 0)
         FROM users u
         LEFT JOIN user_moves m ON m.user_id = u.id
         WHERE u.id = ANY ($1)",
    )
    .bind(users)
    .fetch_all(db)
    .await?;
    Ok(rows::list(&found, |cells| {
        Ok((cells.take()?, cells.number()?))
    })?)
}

pub(super) async fn find(
    db: &mut PgConnection,
    users: &[UserId],
    now: Timestamp,
) -> Result<Vec<Option<Belongings>>> {
    // One statement is one snapshot.
    let found = sqlx::query(
        "SELECT
             wanted.place,
             coalesce((SELECT m.moves FROM user_moves m WHERE m.user_id = u.id), 0),
             u.role,
             ARRAY (SELECT s.room_id FROM memberships s WHERE s.user_id = u.id),
             ARRAY (SELECT s.id FROM sessions s WHERE s.user_id = u.id AND s.expires_at > $2)
         FROM unnest($1::uuid[]) WITH ORDINALITY wanted (id, place)
         JOIN users u ON u.id = wanted.id",
    )
    .bind(users)
    .bind(now)
    .fetch_all(db)
    .await?;
    let mut belongings = vec![None; users.len()];
    for row in &found {
        let mut cells = Cells::of(row);
        let of_one = &mut belongings[cells.place()?];
        *of_one = Some(Belongings {
            moves: cells.number()?,
            role: cells.take()?,
            rooms: cells.take()?,
            sessions: cells.take()?,
        });
    }
    Ok(belongings)
}
