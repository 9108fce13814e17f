//! Rows become models. The columns of each `SELECT` list are read from left to right.

use crate::models::{Author, Excerpt, MemberFact, Membership, Message, Room, Session, User};
use rusqlite::Row;
use rusqlite::types::{FromSql, Type};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// The cells of a row, taken one after the other.
pub(super) struct Cells<'row, 'statement> {
    row: &'row Row<'statement>,
    next: usize,
}

impl<'row, 'statement> Cells<'row, 'statement> {
    pub(super) fn of(row: &'row Row<'statement>) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let at = self.next;
        self.next += 1;
        self.row.get(at)
    }

    /// A place or a count: SQLite has no unsigned integers.
    pub(super) fn number(&mut self) -> rusqlite::Result<u64> {
        let at = self.next;
        let number: i64 = self.take()?;
        u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(at, number))
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        let at = self.next;
        let text: String = self.take()?;
        serde_json::from_str(&text).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error))
        })
    }

    /// The same where there may be none.
    pub(super) fn maybe_json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<Option<T>> {
        let at = self.next;
        let text: Option<String> = self.take()?;
        let read = text.map(|text| serde_json::from_str(&text)).transpose();
        read.map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error))
        })
    }

    /// An id of whatever it may be.
    pub(super) fn id(&mut self) -> rusqlite::Result<Uuid> {
        let at = self.next;
        let id = self.maybe_id()?;
        id.ok_or_else(|| rusqlite::Error::InvalidColumnType(at, "id".to_owned(), Type::Null))
    }

    /// The same where there may be none.
    pub(super) fn maybe_id(&mut self) -> rusqlite::Result<Option<Uuid>> {
        let at = self.next;
        let bytes: Option<Vec<u8>> = self.take()?;
        let id = bytes.map(|bytes| Uuid::from_slice(&bytes)).transpose();
        id.map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(at, Type::Blob, Box::new(error))
        })
    }

    fn skip(&mut self, cells: usize) {
        self.next += cells;
    }
}

/// Columns of [`user`], of the table `u`: as others see them.
pub(super) const USER: &str = "u.id, u.username, u.display_name, u.avatar_url, u.is_bot, u.role, \
                               u.created_at, \
                               CASE WHEN u.last_seen_visible THEN u.last_seen_at END, \
                               u.last_seen_visible, u.deactivated_at IS NOT NULL";

pub(super) fn user(cells: &mut Cells<'_, '_>) -> rusqlite::Result<User> {
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

/// The columns of [`USER`], then `u.last_seen_at`: somebody as they see themselves, and operators see
/// them.
pub(super) fn whole_user(cells: &mut Cells<'_, '_>) -> rusqlite::Result<User> {
    let mut user = user(cells)?;
    user.last_seen_at = cells.take()?;
    Ok(user)
}

/// Five columns: id, username, display name, avatar, whether a program.
pub(super) fn author(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Author> {
    Ok(Author {
        id: cells.take()?,
        username: cells.take()?,
        display_name: cells.take()?,
        avatar_url: cells.take()?,
        is_bot: cells.take()?,
    })
}

/// Columns of [`session`], of the table `s`.
pub(super) const SESSION: &str =
    "s.id, s.user_id, s.user_agent, s.created_at, s.last_used_at, s.expires_at";

pub(super) fn session(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: cells.take()?,
        user_id: cells.take()?,
        user_agent: cells.take()?,
        created_at: cells.take()?,
        last_used_at: cells.take()?,
        expires_at: cells.take()?,
    })
}

/// The columns of [`USER`], then role and date of joining.
pub(super) fn member(cells: &mut Cells<'_, '_>) -> rusqlite::Result<MemberFact> {
    Ok(MemberFact {
        user: user(cells)?,
        role: cells.take()?,
        joined_at: cells.take()?,
    })
}

pub(super) fn membership(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Membership> {
    Ok(Membership {
        role: cells.take()?,
        joined_at: cells.take()?,
        last_read_seq: cells.number()?,
        last_read_id: cells.take()?,
        unread: cells.take()?,
        mentions: cells.take()?,
        notify: cells.take()?,
        muted_until: cells.take()?,
    })
}

/// The room as everybody sees it: without people, membership and last message.
pub(super) fn room(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Room> {
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

/// The message without its reactions.
pub(super) fn message(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Message> {
    let id = cells.take()?;
    let room_id = cells.take()?;
    let seq = cells.number()?;
    let rev_seq = cells.number()?;
    let author = author(cells)?;
    let client_id = cells.take()?;
    Ok(Message {
        id,
        room_id,
        seq,
        rev_seq,
        author,
        client_id,
        kind: cells.take()?,
        content: cells.take()?,
        mentions: cells.json()?,
        metadata: cells.json()?,
        created_at: cells.take()?,
        edited_at: cells.take()?,
        deleted_at: cells.take()?,
        reply_to: excerpt(cells)?,
        reactions: Vec::new(),
    })
}

fn excerpt(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Option<Excerpt>> {
    let Some(id) = cells.take()? else {
        cells.skip(7);
        return Ok(None);
    };
    Ok(Some(Excerpt {
        id,
        seq: cells.number()?,
        excerpt: Excerpt::cut(&cells.take::<String>()?),
        author: author(cells)?,
    }))
}
