//! Messages: edited, deleted, found. How they are made is in [`super::append`].

use super::head::Head;
use super::log;
use super::values::{id_list, int};
use super::{reactions, rows};
use crate::models::message::Mentioned;
use crate::models::{Body, Entry, Message, MessageId, RoomId, Timestamp, UserId};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result, StoreError};
use rusqlite::{Connection, OptionalExtension as _, Params, params};
use uuid::Uuid;

/// Stands for everybody among the mentioned.
pub(super) const EVERYONE: UserId = UserId(Uuid::nil());

/// Changes the text of one's own message.
pub(super) fn edit(
    db: &Connection,
    room: RoomId,
    message: MessageId,
    editor: UserId,
    body: &Body,
    expected: Option<Option<Timestamp>>,
    now: Timestamp,
) -> Result<Entry> {
    let mut head = Head::for_member(db, room, editor)?;
    let state = State::find(db, room, message)?
        .filter(|state| !state.deleted)
        .ok_or(Denied::NoMessage)?;
    if state.author != editor {
        return Err(Denied::NotAuthor.into());
    }
    if expected.is_some_and(|expected| expected != state.edited_at) && !says(db, message, body)? {
        return Err(Denied::Overtaken.into());
    }
    let mentioned = body.mentioned();
    let mentions = find_mentioned(db, room, &mentioned)?;
    state.call_off(db, room)?;
    let called = called(&mentions, mentioned.everyone);
    call(db, room, state.seq, editor, &called)?;
    db.prepare_cached(
        "UPDATE messages
         SET content = ?2, mentions = ?3, mentions_all = ?4, edited_at = ?5
         WHERE id = ?1",
    )?
    .execute(params![
        message,
        body.as_str(),
        json(&mentions)?,
        mentioned.everyone,
        now.or_after(state.edited_at),
    ])?;
    log::record(
        db,
        &mut head,
        now,
        &Event::about(entry::MESSAGE_UPDATED, message),
    )
}

/// Whether that is what the message says already.
fn says(db: &Connection, message: MessageId, body: &Body) -> Result<bool> {
    let says = db
        .prepare_cached("SELECT content = ?2 FROM messages WHERE id = ?1")?
        .query_row(params![message, body.as_str()], |row| row.get(0))?;
    Ok(says)
}

/// Deletes a message for good, but for its place.
pub(super) fn delete(
    db: &Connection,
    room: RoomId,
    message: MessageId,
    by: UserId,
    any: bool,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let mut head = Head::for_member(db, room, by)?;
    let state = State::find(db, room, message)?.ok_or(Denied::NoMessage)?;
    if !any && state.author != by {
        return Err(Denied::NotAuthor.into());
    }
    if state.deleted {
        return Ok(None);
    }
    state.call_off(db, room)?;
    db.prepare_cached("DELETE FROM reactions WHERE message_id = ?1")?
        .execute([message])?;
    db.prepare_cached(
        "UPDATE messages
         SET content = '', mentions = '[]', mentions_all = 0, metadata = '{}', deleted_at = ?2
         WHERE id = ?1",
    )?
    .execute(params![message, now])?;
    log::record(
        db,
        &mut head,
        now,
        &Event::about(entry::MESSAGE_DELETED, message),
    )
    .map(Some)
}

/// What a step needs to know of a message before it changes it.
pub(super) struct State {
    pub(super) seq: u64,
    pub(super) author: UserId,
    pub(super) deleted: bool,
    edited_at: Option<Timestamp>,
    called: Vec<UserId>,
}

impl State {
    pub(super) fn find(db: &Connection, room: RoomId, message: MessageId) -> Result<Option<Self>> {
        let state = db
            .prepare_cached(
                "SELECT seq, author_id, deleted_at IS NOT NULL, edited_at, mentions, mentions_all
                 FROM messages
                 WHERE id = ?1 AND room_id = ?2",
            )?
            .query_row(params![message, room], |row| {
                let mut cells = rows::Cells::of(row);
                Ok(Self {
                    seq: cells.number()?,
                    author: cells.take()?,
                    deleted: cells.take()?,
                    edited_at: cells.take()?,
                    called: called(&cells.json::<Vec<_>>()?, cells.take()?),
                })
            })
            .optional()?;
        Ok(state)
    }

    /// Nobody is called by it any more.
    fn call_off(&self, db: &Connection, room: RoomId) -> Result<()> {
        let mut delete = db.prepare_cached(
            "DELETE FROM mentions WHERE room_id = ?1 AND user_id = ?2 AND seq = ?3",
        )?;
        for user in &self.called {
            delete.execute(params![room, user, int(self.seq)])?;
        }
        Ok(())
    }
}

/// The members called by name, in the order named.
pub(super) fn find_mentioned(
    db: &Connection,
    room: RoomId,
    mentioned: &Mentioned,
) -> Result<Vec<UserId>> {
    if mentioned.names.is_empty() {
        return Ok(Vec::new());
    }
    let found = db
        .prepare_cached(
            "SELECT u.id
             FROM json_each(?2) named
             JOIN users u ON u.username = named.value
             JOIN memberships s ON s.room_id = ?1 AND s.user_id = u.id
             ORDER BY named.key",
        )?
        .query_map(params![room, json(&mentioned.names)?], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

pub(super) fn called(mentions: &[UserId], everyone: bool) -> Vec<UserId> {
    let everyone = everyone.then_some(EVERYONE);
    mentions.iter().copied().chain(everyone).collect()
}

/// Counts the message at this place as one that calls these users.
pub(super) fn call(
    db: &Connection,
    room: RoomId,
    seq: u64,
    author: UserId,
    users: &[UserId],
) -> Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO mentions (room_id, user_id, seq, author_id) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for user in users {
        insert.execute(params![room, user, int(seq), author])?;
    }
    Ok(())
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(super) fn find(db: &Connection, room: RoomId, message: MessageId) -> Result<Option<Message>> {
    let found = select(
        db,
        "WHERE m.id = ?1 AND m.room_id = ?2",
        params![message, room],
    )?;
    Ok(found.into_iter().next())
}

/// These messages, in no particular order.
pub(super) fn list_by_id(
    db: &Connection,
    messages: impl IntoIterator<Item = MessageId>,
) -> Result<Vec<Message>> {
    let list = id_list(messages.into_iter().map(|message| message.0));
    select(
        db,
        "WHERE m.id IN (SELECT unhex(value) FROM json_each(?1))",
        [list],
    )
}

/// Messages of the table `m`, complete; `rest` is what follows the `FROM` clause.
pub(super) fn select(db: &Connection, rest: &str, params: impl Params) -> Result<Vec<Message>> {
    let sql = format!(
        "SELECT m.id, m.room_id, m.seq, m.rev_seq,
                a.id, a.username, a.display_name, a.avatar_url, a.is_bot,
                m.client_id, m.kind, m.content, m.mentions, m.metadata,
                m.created_at, m.edited_at, m.deleted_at,
                r.id, r.seq, r.content,
                ra.id, ra.username, ra.display_name, ra.avatar_url, ra.is_bot
         FROM messages m
         JOIN users a ON a.id = m.author_id
         LEFT JOIN messages r ON r.id = m.reply_to
         LEFT JOIN users ra ON ra.id = r.author_id
         {rest}"
    );
    let mut messages = db
        .prepare_cached(&sql)?
        .query_map(params, |row| rows::message(&mut rows::Cells::of(row)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    reactions::attach(db, &mut messages)?;
    Ok(messages)
}
