//! How far people have read, and what is left to read.

use super::messages::{EVERYONE, State};
use super::rows::{self, Cells};
use super::statements;
use super::values::{bound, int};
use crate::models::{Membership, MessageId, RoomId, UserId};
use crate::store::{Denied, Result};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Where counting stops: it means more than 99.
const COUNTED: u8 = 100;

pub(super) async fn find_membership(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
) -> Result<Option<Membership>> {
    let found = list_memberships(db, &[(room, user)]).await?;
    Ok(found.into_values().next())
}

/// Members of rooms with something after their read marker.
#[derive(Default)]
struct Behind {
    rooms: Vec<RoomId>,
    people: Vec<UserId>,
    read_ids: Vec<Uuid>,
    read_seqs: Vec<i64>,
    until: u64,
}

/// The memberships of those who are members, each named once.
pub(super) async fn list_memberships(
    db: &mut PgConnection,
    people: &[(RoomId, UserId)],
) -> Result<HashMap<(RoomId, UserId), Membership>> {
    let (rooms, users): (Vec<RoomId>, Vec<UserId>) = people.iter().copied().unzip();
    let found = sqlx::query(
        "SELECT s.room_id, s.user_id, s.role, s.joined_at, s.last_read_seq, s.last_read_id,
                s.notify, s.muted_until, s.last_read_bound, h.last_seq, h.last_ms
         FROM unnest($1::uuid[], $2::uuid[]) wanted (room_id, user_id)
         JOIN memberships s ON s.room_id = wanted.room_id AND s.user_id = wanted.user_id
         JOIN room_heads h ON h.room_id = s.room_id",
    )
    .bind(rooms)
    .bind(users)
    .fetch_all(&mut *db)
    .await?;
    let mut memberships = HashMap::with_capacity(found.len());
    let mut behind = Behind::default();
    for row in &found {
        let mut cells = Cells::of(row);
        let (room, user) = (cells.take()?, cells.take()?);
        let membership = rows::membership(&mut cells)?;
        let (read_id, last_seq, last_ms) = (cells.take()?, cells.number()?, cells.number()?);
        if membership.last_read_seq < last_seq {
            behind.rooms.push(room);
            behind.people.push(user);
            behind.read_ids.push(read_id);
            behind.read_seqs.push(int(membership.last_read_seq));
            behind.until = behind.until.max(last_ms);
        }
        memberships.insert((room, user), membership);
    }
    if let Some(oldest) = behind.read_ids.iter().min().copied() {
        let counts = sqlx::query(statements::UNREAD)
            .bind(behind.rooms)
            .bind(behind.read_ids)
            .bind(behind.read_seqs)
            .bind(behind.people)
            .bind(i64::from(COUNTED))
            .bind(oldest)
            .bind(bound(behind.until + 1))
            .bind(EVERYONE)
            .fetch_all(db)
            .await?;
        for row in &counts {
            let mut cells = Cells::of(row);
            if let Some(membership) = memberships.get_mut(&(cells.take()?, cells.take()?)) {
                membership.unread = few(cells.number()?);
                membership.mentions = few(cells.number()?);
            }
        }
    }
    Ok(memberships)
}

/// A count, which says no more than "more" from [`COUNTED`] on.
fn few(count: u64) -> u8 {
    u8::try_from(count).unwrap_or(COUNTED).min(COUNTED)
}

pub(super) async fn mark(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
    message: MessageId,
    force: bool,
) -> Result<(Membership, bool)> {
    find_membership(db, room, user)
        .await?
        .ok_or(Denied::NotMember)?;
    let seq = State::find(db, room, message)
        .await?
        .ok_or(Denied::NoMessage)?
        .seq;
    // Compared in the same statement: the user's other connections mark as well.
    let moved = sqlx::query(
        "UPDATE memberships
         SET last_read_seq = $3, last_read_id = $4, last_read_bound = $4
         WHERE room_id = $1 AND user_id = $2
           AND (last_read_seq < $3 OR $5 AND last_read_seq > $3)",
    )
    .bind(room)
    .bind(user)
    .bind(int(seq))
    .bind(message)
    .bind(force)
    .execute(&mut *db)
    .await?;
    let membership = find_membership(db, room, user)
        .await?
        .ok_or(Denied::NotMember)?;
    Ok((membership, moved.rows_affected() > 0))
}
