//! The end of a room's log, from which every entry takes its number.
//!
//! Whoever writes an entry locks the head first and reads everything else in later statements,
//! each of which sees all that was committed before the lock was given.

use crate::models::{MemberRole, RoomId, UserId};
use crate::store::{Denied, Result};
use sqlx::PgConnection;

/// A room's head, locked until the transaction ends.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) room: RoomId,
    pub(super) archived: bool,
}

impl Head {
    pub(super) async fn lock(db: &mut PgConnection, room: RoomId) -> Result<Option<Self>> {
        let locked = sqlx::query("SELECT FROM room_heads WHERE room_id = $1 FOR NO KEY UPDATE")
            .bind(room)
            .fetch_optional(&mut *db)
            .await?;
        if locked.is_none() {
            return Ok(None);
        }
        let archived =
            sqlx::query_scalar("SELECT archived_at IS NOT NULL FROM rooms WHERE id = $1")
                .bind(room)
                .fetch_one(db)
                .await?;
        Ok(Some(Self { room, archived }))
    }

    /// The head of a room that takes entries.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `Archived`.
    pub(super) async fn of_open_room(db: &mut PgConnection, room: RoomId) -> Result<Self> {
        let head = Self::lock(db, room).await?.ok_or(Denied::NoRoom)?;
        if head.archived {
            return Err(Denied::Archived.into());
        }
        Ok(head)
    }

    /// The head of a room that takes entries from this user.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`, `Archived`.
    pub(super) async fn for_member(
        db: &mut PgConnection,
        room: RoomId,
        user: UserId,
    ) -> Result<Self> {
        let head = Self::lock(db, room).await?.ok_or(Denied::NoRoom)?;
        find_role(db, room, user).await?.ok_or(Denied::NotMember)?;
        if head.archived {
            return Err(Denied::Archived.into());
        }
        Ok(head)
    }
}

/// The user's role in the room, if a member.
pub(super) async fn find_role(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
) -> Result<Option<MemberRole>> {
    let role =
        sqlx::query_scalar("SELECT role FROM memberships WHERE room_id = $1 AND user_id = $2")
            .bind(room)
            .bind(user)
            .fetch_optional(db)
            .await?;
    Ok(role)
}
