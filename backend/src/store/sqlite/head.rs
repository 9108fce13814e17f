//! The end of a room's log, from which every entry takes its number.

use super::values::int;
use crate::models::{MemberRole, MessageId, RoomId, Timestamp, UserId, ids};
use crate::store::{Denied, Result};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A room's head, held by the one write transaction. What was taken from it counts once it is
/// [saved](Head::save).
pub(super) struct Head {
    pub(super) room: RoomId,
    pub(super) last_seq: u64,
    pub(super) archived: bool,
    last_ms: u64,
    newest: Option<Timestamp>,
}

impl Head {
    pub(super) fn find(db: &Connection, room: RoomId) -> Result<Option<Self>> {
        let head = db
            .prepare_cached(
                "SELECT h.last_seq, h.last_ms, r.archived_at IS NOT NULL
                 FROM room_heads h
                 JOIN rooms r ON r.id = h.room_id
                 WHERE h.room_id = ?1",
            )?
            .query_row([room], |row| {
                Ok(Self {
                    room,
                    last_seq: row.get::<_, i64>(0)?.unsigned_abs(),
                    last_ms: row.get::<_, i64>(1)?.unsigned_abs(),
                    archived: row.get(2)?,
                    newest: None,
                })
            })
            .optional()?;
        Ok(head)
    }

    /// The head of a room that takes entries.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `Archived`.
    pub(super) fn of_open_room(db: &Connection, room: RoomId) -> Result<Self> {
        let head = Self::find(db, room)?.ok_or(Denied::NoRoom)?;
        if head.archived {
            return Err(Denied::Archived.into());
        }
        Ok(head)
    }

    /// The head of a room that takes entries from this user.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`, `Archived`.
    pub(super) fn for_member(db: &Connection, room: RoomId, user: UserId) -> Result<Self> {
        let head = Self::find(db, room)?.ok_or(Denied::NoRoom)?;
        find_role(db, room, user)?.ok_or(Denied::NotMember)?;
        if head.archived {
            return Err(Denied::Archived.into());
        }
        Ok(head)
    }

    /// The next place, and the id a message there has.
    pub(super) fn next(&mut self, at: Timestamp) -> (u64, MessageId) {
        self.last_seq += 1;
        self.last_ms = self.last_ms.max(u64::try_from(at.0).unwrap_or_default());
        self.newest = Some(at);
        let id = ids::mint(self.last_ms, self.last_seq, rand::random());
        (self.last_seq, MessageId(id))
    }

    /// Stores how far the log has come.
    pub(super) fn save(&self, db: &Connection) -> Result<()> {
        let Some(newest) = self.newest else {
            return Ok(());
        };
        db.prepare_cached(
            "UPDATE room_heads
             SET last_seq = ?2, last_ms = ?3
             WHERE room_id = ?1",
        )?
        .execute(params![self.room, int(self.last_seq), int(self.last_ms)])?;
        db.prepare_cached("UPDATE rooms SET last_activity_at = ?2 WHERE id = ?1")?
            .execute(params![self.room, newest])?;
        Ok(())
    }
}

/// The user's role in the room, if a member.
pub(super) fn find_role(db: &Connection, room: RoomId, user: UserId) -> Result<Option<MemberRole>> {
    let role = db
        .prepare_cached("SELECT role FROM memberships WHERE room_id = ?1 AND user_id = ?2")?
        .query_row(params![room, user], |row| row.get(0))
        .optional()?;
    Ok(role)
}
