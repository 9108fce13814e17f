//! Messages: edited, deleted, and read whole. Storing new ones is in `append.rs`.

use super::head::Head;
use super::log;
use super::reactions;
use super::rows::{self, Cells};
use super::statements;
use super::values::int;
use crate::models::message::Mentioned;
use crate::models::{Body, Entry, Message, MessageId, RoomId, Timestamp, UserId};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;
use std::collections::HashMap;
use uuid::Uuid;

/// Stands for everybody among those a message calls.
pub(super) const EVERYONE: UserId = UserId(Uuid::nil());

/// Changes the text of one's own message.
pub(super) async fn edit(
    db: &mut PgConnection,
    room: RoomId,
    message: MessageId,
    editor: UserId,
    body: &Body,
    expected: Option<Option<Timestamp>>,
    now: Timestamp,
) -> Result<Entry> {
    let head = Head::for_member(db, room, editor).await?;
    let state = State::find(db, room, message)
        .await?
        .filter(|state| !state.deleted)
        .ok_or(Denied::NoMessage)?;
    if state.author != editor {
        return Err(Denied::NotAuthor.into());
    }
    if expected.is_some_and(|expected| expected != state.edited_at)
        && !says(db, message, body).await?
    {
        return Err(Denied::Overtaken.into());
    }
    let mentioned = body.mentioned();
    let mentions = find_mentioned(db, room, &mentioned).await?;
    state.call_off(db, room).await?;
    let called = called(&mentions, mentioned.everyone);
    call(db, room, state.seq, editor, &called).await?;
    sqlx::query(
        "UPDATE messages
         SET content = $2, mentions = $3, mentions_all = $4, edited_at = $5
         WHERE id = $1",
    )
    .bind(message)
    .bind(body.as_str())
    .bind(mentions)
    .bind(mentioned.everyone)
    .bind(now.or_after(state.edited_at))
    .execute(&mut *db)
    .await?;
    log::record(
        db,
        &head,
        now,
        &Event::about(entry::MESSAGE_UPDATED, message),
    )
    .await
}

/// Whether that is what the message says already.
async fn says(db: &mut PgConnection, message: MessageId, body: &Body) -> Result<bool> {
    let says = sqlx::query_scalar("SELECT content = $2 FROM messages WHERE id = $1")
        .bind(message)
        .bind(body.as_str())
        .fetch_one(db)
        .await?;
    Ok(says)
}

/// Deletes a message for good, but for its place.
pub(super) async fn delete(
    db: &mut PgConnection,
    room: RoomId,
    message: MessageId,
    by: UserId,
    any: bool,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let head = Head::for_member(db, room, by).await?;
    let state = State::find(db, room, message)
        .await?
        .ok_or(Denied::NoMessage)?;
    if !any && state.author != by {
        return Err(Denied::NotAuthor.into());
    }
    if state.deleted {
        return Ok(None);
    }
    state.call_off(db, room).await?;
    sqlx::query("DELETE FROM reactions WHERE message_id = $1")
        .bind(message)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "UPDATE messages
         SET content = '', mentions = '{}', mentions_all = false, metadata = '{}', deleted_at = $2
         WHERE id = $1",
    )
    .bind(message)
    .bind(now)
    .execute(&mut *db)
    .await?;
    log::record(
        db,
        &head,
        now,
        &Event::about(entry::MESSAGE_DELETED, message),
    )
    .await
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
    pub(super) async fn find(
        db: &mut PgConnection,
        room: RoomId,
        message: MessageId,
    ) -> Result<Option<Self>> {
        let row = sqlx::query(
            "SELECT seq, author_id, deleted_at IS NOT NULL, edited_at, mentions, mentions_all
             FROM messages
             WHERE id = $1 AND room_id = $2",
        )
        .bind(message)
        .bind(room)
        .fetch_optional(db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut cells = Cells::of(&row);
        Ok(Some(Self {
            seq: cells.number()?,
            author: cells.take()?,
            deleted: cells.take()?,
            edited_at: cells.take()?,
            called: called(&cells.take::<Vec<UserId>>()?, cells.take()?),
        }))
    }

    /// Nobody is called by it any more.
    async fn call_off(&self, db: &mut PgConnection, room: RoomId) -> Result<()> {
        if self.called.is_empty() {
            return Ok(());
        }
        sqlx::query("DELETE FROM mentions WHERE room_id = $1 AND user_id = ANY ($2) AND seq = $3")
            .bind(room)
            .bind(&self.called)
            .bind(int(self.seq))
            .execute(db)
            .await?;
        Ok(())
    }
}

/// The members called by name, in the order named.
async fn find_mentioned(
    db: &mut PgConnection,
    room: RoomId,
    mentioned: &Mentioned,
) -> Result<Vec<UserId>> {
    if mentioned.names.is_empty() {
        return Ok(Vec::new());
    }
    let found = sqlx::query_scalar(
        "SELECT u.id
         FROM unnest($2::text[]) WITH ORDINALITY named (name, place)
         JOIN users u ON u.username = named.name
         JOIN memberships s ON s.room_id = $1 AND s.user_id = u.id
         ORDER BY named.place",
    )
    .bind(room)
    .bind(&mentioned.names)
    .fetch_all(db)
    .await?;
    Ok(found)
}

fn called(mentions: &[UserId], everyone: bool) -> Vec<UserId> {
    let everyone = everyone.then_some(EVERYONE);
    mentions.iter().copied().chain(everyone).collect()
}

/// Counts the message at this place as one that calls these users.
async fn call(
    db: &mut PgConnection,
    room: RoomId,
    seq: u64,
    author: UserId,
    users: &[UserId],
) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO mentions (room_id, user_id, seq, author_id)
         SELECT $1, called, $3, $4 FROM unnest($2::uuid[]) called",
    )
    .bind(room)
    .bind(users)
    .bind(int(seq))
    .bind(author)
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn find(
    db: &mut PgConnection,
    room: RoomId,
    message: MessageId,
) -> Result<Option<Message>> {
    let found = list_by_id(db, &[message]).await?.pop();
    Ok(found.filter(|message| message.room_id == room))
}

/// These messages, in no particular order.
pub(super) async fn list_by_id(
    db: &mut PgConnection,
    messages: &[MessageId],
) -> Result<Vec<Message>> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let found = sqlx::query(statements::MESSAGES_BY_ID)
        .bind(messages)
        .fetch_all(&mut *db)
        .await?;
    complete(db, &found).await
}

/// Whole messages, from rows with the message columns of `statements.rs`.
pub(super) async fn complete(db: &mut PgConnection, found: &[PgRow]) -> Result<Vec<Message>> {
    let found = rows::list(found, rows::message)?;
    let answered: Vec<MessageId> = found.iter().filter_map(|(_, answered)| *answered).collect();
    let excerpts = if answered.is_empty() {
        HashMap::new()
    } else {
        let excerpts = sqlx::query(
            "SELECT r.id, r.seq, left(r.content, 140),
                    a.id, a.username, a.display_name, a.avatar_url, a.is_bot
             FROM messages r
             JOIN users a ON a.id = r.author_id
             WHERE r.id = ANY ($1)",
        )
        .bind(answered)
        .fetch_all(&mut *db)
        .await?;
        rows::list(&excerpts, rows::excerpt)?
            .into_iter()
            .map(|excerpt| (excerpt.id, excerpt))
            .collect()
    };
    let mut messages: Vec<Message> = found
        .into_iter()
        .map(|(message, answered)| Message {
            reply_to: answered.and_then(|answered| excerpts.get(&answered).cloned()),
            ..message
        })
        .collect();
    reactions::attach(db, &mut messages).await?;
    Ok(messages)
}
