//! Rows become models. The columns of each `SELECT` list are read from left to right.

use crate::models::message::MessageKind;
use crate::models::{
    Author, Excerpt, MemberFact, Membership, Message, MessageId, Room, Session, User,
};
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{Decode, Postgres, Row as _, Type};

/// The cells of a row, taken one after the other.
pub(super) struct Cells<'row> {
    row: &'row PgRow,
    next: usize,
}

impl<'row> Cells<'row> {
    pub(super) fn of(row: &'row PgRow) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn take<T: Decode<'row, Postgres> + Type<Postgres>>(&mut self) -> sqlx::Result<T> {
        let at = self.next;
        self.next += 1;
        self.row.try_get(at)
    }

    /// A place or a count: PostgreSQL has no unsigned integers.
    pub(super) fn number(&mut self) -> sqlx::Result<u64> {
        let number: i64 = self.take()?;
        u64::try_from(number).map_err(|error| sqlx::Error::Decode(error.into()))
    }

    /// Where something stood among what was asked for, by `WITH ORDINALITY`.
    pub(super) fn place(&mut self) -> sqlx::Result<usize> {
        let place: i64 = self.take()?;
        usize::try_from(place - 1).map_err(|error| sqlx::Error::Decode(error.into()))
    }

    pub(super) fn json<T: DeserializeOwned + 'row>(&mut self) -> sqlx::Result<T> {
        Ok(self.take::<Json<T>>()?.0)
    }

    /// What `read` makes of the next cells unless the first of them, the key, is null.
    pub(super) fn optional<T>(
        &mut self,
        width: usize,
        read: impl FnOnce(&mut Self) -> sqlx::Result<T>,
    ) -> sqlx::Result<Option<T>> {
        use sqlx::ValueRef as _;
        if self.row.try_get_raw(self.next)?.is_null() {
            self.next += width;
            return Ok(None);
        }
        read(self).map(Some)
    }
}

/// All rows as models.
pub(super) fn list<T>(
    rows: &[PgRow],
    read: impl Fn(&mut Cells<'_>) -> sqlx::Result<T>,
) -> sqlx::Result<Vec<T>> {
    rows.iter().map(|row| read(&mut Cells::of(row))).collect()
}

/// Columns of [`user`], of the table `u`: as others see them.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.display_name, u.avatar_url, u.is_bot, u.role, u.created_at, \
         CASE WHEN u.last_seen_visible THEN u.last_seen_at END, u.last_seen_visible, \
         u.deactivated_at IS NOT NULL"
    };
}
pub(super) use user_columns;

pub(super) fn user(cells: &mut Cells<'_>) -> sqlx::Result<User> {
    Ok(User {
        id: cells.take()?,
        username: cells.take()?,
        display_name: cells.take()?,
        avatar_url: cells.take()?,
        is_bot: cells.take()?,
        role: cells.take()?,
        created_at: cells.take()?,
        last_seen_at: cells.take()?,
        last_seen_visible: cells.take()?,
        deactivated: cells.take()?,
    })
}

/// The columns of [`user`], then `u.last_seen_at`: somebody as they see themselves, and operators see
/// them.
pub(super) fn whole_user(cells: &mut Cells<'_>) -> sqlx::Result<User> {
    let mut user = user(cells)?;
    user.last_seen_at = cells.take()?;
    Ok(user)
}

/// Five columns: id, username, display name, avatar, whether a program.
pub(super) fn author(cells: &mut Cells<'_>) -> sqlx::Result<Author> {
    Ok(Author {
        id: cells.take()?,
        username: cells.take()?,
        display_name: cells.take()?,
        avatar_url: cells.take()?,
        is_bot: cells.take()?,
    })
}

/// Columns of [`session`], of the table `s`.
macro_rules! session_columns {
    () => {
        "s.id, s.user_id, s.user_agent, s.created_at, s.last_used_at, s.expires_at"
    };
}
pub(super) use session_columns;

pub(super) fn session(cells: &mut Cells<'_>) -> sqlx::Result<Session> {
    Ok(Session {
        id: cells.take()?,
        user_id: cells.take()?,
        user_agent: cells.take()?,
        created_at: cells.take()?,
        last_used_at: cells.take()?,
        expires_at: cells.take()?,
    })
}

/// The columns of [`user`], then role and date of joining.
pub(super) fn member(cells: &mut Cells<'_>) -> sqlx::Result<MemberFact> {
    Ok(MemberFact {
        user: user(cells)?,
        role: cells.take()?,
        joined_at: cells.take()?,
    })
}

/// A membership with nothing counted yet.
pub(super) fn membership(cells: &mut Cells<'_>) -> sqlx::Result<Membership> {
    Ok(Membership {
        role: cells.take()?,
        joined_at: cells.take()?,
        last_read_seq: cells.number()?,
        last_read_id: cells.take()?,
        notify: cells.take()?,
        muted_until: cells.take()?,
        unread: 0,
        mentions: 0,
    })
}

/// The room as everybody sees it: without people, membership and last message.
pub(super) fn room(cells: &mut Cells<'_>) -> sqlx::Result<Room> {
    Ok(Room {
        id: cells.take()?,
        kind: cells.take()?,
        name: cells.take()?,
        topic: cells.take()?,
        owner_id: cells.take()?,
        member_count: cells.number()?,
        last_seq: cells.number()?,
        last_activity_at: cells.take()?,
        created_at: cells.take()?,
        archived_at: cells.take()?,
        people: Vec::new(),
        membership: None,
        last_message: None,
    })
}

/// A message without its reactions, and what it answers, to be looked up.
pub(super) fn message(cells: &mut Cells<'_>) -> sqlx::Result<(Message, Option<MessageId>)> {
    let message = Message {
        id: cells.take()?,
        room_id: cells.take()?,
        seq: cells.number()?,
        rev_seq: cells.number()?,
        author: author(cells)?,
        client_id: cells.take()?,
        kind: if cells.take::<&str>()? == "system" {
            MessageKind::System
        } else {
            MessageKind::Text
        },
        content: cells.take()?,
        mentions: cells.take()?,
        metadata: cells.json()?,
        created_at: cells.take()?,
        edited_at: cells.take()?,
        deleted_at: cells.take()?,
        reply_to: None,
        reactions: Vec::new(),
    };
    Ok((message, cells.take()?))
}

/// Id, place, beginning of the text, then the author.
pub(super) fn excerpt(cells: &mut Cells<'_>) -> sqlx::Result<Excerpt> {
    Ok(Excerpt {
        id: cells.take()?,
        seq: cells.number()?,
        excerpt: Excerpt::cut(cells.take()?),
        author: author(cells)?,
    })
}
