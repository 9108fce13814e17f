//! How far people have read, and what is left to read.

use super::messages::{EVERYONE, State};
use super::rows::{self, Cells};
use super::values::{id_list, int};
use crate::models::{Membership, MessageId, RoomId, UserId};
use crate::store::{Denied, Result};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Where counting stops: it means more than 99.
const COUNTED: u8 = 100;

pub(super) fn find_membership(
    db: &Connection,
    room: RoomId,
    user: UserId,
) -> Result<Option<Membership>> {
    Ok(list_memberships(db, user, &[room])?.remove(&room))
}

/// The user's memberships in those of `rooms` that they are a member of.
pub(super) fn list_memberships(
    db: &Connection,
    user: UserId,
    rooms: &[RoomId],
) -> Result<HashMap<RoomId, Membership>> {
    let list = id_list(rooms.iter().map(|room| room.0));
    let memberships = db
        .prepare_cached(
            "SELECT s.room_id, s.role, s.joined_at, s.last_read_seq, s.last_read_id,
                    (SELECT count(*)
                     FROM (SELECT 1
                           FROM messages m
                           WHERE m.room_id = s.room_id
                             AND m.seq > s.last_read_seq
                             AND m.author_id <> s.user_id
                             AND m.deleted_at IS NULL
                           LIMIT ?3)),
                    (SELECT count(*)
                     FROM (SELECT seq
                           FROM (SELECT n.seq
                                 FROM mentions n
                                 WHERE n.room_id = s.room_id
                                   AND n.user_id = s.user_id
                                   AND n.seq > s.last_read_seq
                                   AND n.author_id <> s.user_id
                                 ORDER BY n.seq
                                 LIMIT ?3)
                           UNION
                           SELECT seq
                           FROM (SELECT n.seq
                                 FROM mentions n
                                 WHERE n.room_id = s.room_id
                                   AND n.user_id = ?4
                                   AND n.seq > s.last_read_seq
                                   AND n.author_id <> s.user_id
                                 ORDER BY n.seq
                                 LIMIT ?3)
                           LIMIT ?3)),
                    s.notify, s.muted_until
             FROM memberships s
             WHERE s.user_id = ?1
               AND s.room_id IN (SELECT unhex(value) FROM json_each(?2))",
        )?
        .query_map(params![user, list, COUNTED, EVERYONE], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.take()?, rows::membership(&mut cells)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(memberships)
}

pub(super) fn mark(
    db: &Connection,
    room: RoomId,
    user: UserId,
    message: MessageId,
    force: bool,
) -> Result<(Membership, bool)> {
    let before = find_membership(db, room, user)?.ok_or(Denied::NotMember)?;
    let seq = State::find(db, room, message)?
        .ok_or(Denied::NoMessage)?
        .seq;
    let moves = seq > before.last_read_seq || (force && seq < before.last_read_seq);
    if !moves {
        return Ok((before, false));
    }
    db.prepare_cached(
        "UPDATE memberships
         SET last_read_seq = ?3, last_read_id = ?4
         WHERE room_id = ?1 AND user_id = ?2",
    )?
    .execute(params![room, user, int(seq), message])?;
    let after = find_membership(db, room, user)?.ok_or(Denied::NotMember)?;
    Ok((after, true))
}
