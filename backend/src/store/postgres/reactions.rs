//! Emoji on messages.

use super::head::Head;
use super::log;
use super::messages::State;
use super::rows::Cells;
use super::values::int;
use crate::models::{Emoji, Entry, Message, MessageId, Reaction, RoomId, Timestamp, UserId};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result};
use sqlx::PgConnection;
use std::collections::HashMap;

pub(super) async fn add(
    db: &mut PgConnection,
    room: RoomId,
    message: MessageId,
    user: UserId,
    emoji: &Emoji,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let head = Head::for_member(db, room, user).await?;
    State::find(db, room, message)
        .await?
        .filter(|state| !state.deleted)
        .ok_or(Denied::NoMessage)?;
    let (mine, kinds, known): (bool, i64, bool) = sqlx::query_as(
        "SELECT coalesce(bool_or(emoji = $2 AND user_id = $3), false),
                count(DISTINCT emoji),
                coalesce(bool_or(emoji = $2), false)
         FROM reactions
         WHERE message_id = $1",
    )
    .bind(message)
    .bind(emoji.as_str())
    .bind(user)
    .fetch_one(&mut *db)
    .await?;
    if mine {
        return Ok(None);
    }
    if !known && usize::try_from(kinds).unwrap_or_default() >= Reaction::KINDS {
        return Err(Denied::TooMany.into());
    }
    let event = Event {
        user: Some(user),
        emoji: Some(emoji.as_str()),
        ..Event::about(entry::REACTION_ADDED, message)
    };
    let place = log::write(db, &head, now, &event).await?;
    sqlx::query(
        "INSERT INTO reactions (message_id, emoji, user_id, position) VALUES ($1, $2, $3, $4)",
    )
    .bind(message)
    .bind(emoji.as_str())
    .bind(user)
    .bind(int(place.seq))
    .execute(&mut *db)
    .await?;
    log::show(db, &head, place).await.map(Some)
}

pub(super) async fn remove(
    db: &mut PgConnection,
    room: RoomId,
    message: MessageId,
    user: UserId,
    emoji: &Emoji,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let head = Head::for_member(db, room, user).await?;
    State::find(db, room, message)
        .await?
        .ok_or(Denied::NoMessage)?;
    let removed =
        sqlx::query("DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND user_id = $3")
            .bind(message)
            .bind(emoji.as_str())
            .bind(user)
            .execute(&mut *db)
            .await?;
    if removed.rows_affected() == 0 {
        return Ok(None);
    }
    let event = Event {
        user: Some(user),
        emoji: Some(emoji.as_str()),
        ..Event::about(entry::REACTION_REMOVED, message)
    };
    log::record(db, &head, now, &event).await.map(Some)
}

/// Puts their reactions on messages that were read without: the emoji by who came first, and the
/// people of each likewise.
pub(super) async fn attach(db: &mut PgConnection, messages: &mut [Message]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let at: HashMap<MessageId, usize> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| (message.id, at))
        .collect();
    let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
    let named = i64::try_from(Reaction::NAMED).unwrap_or(i64::MAX);
    let found = sqlx::query(
        "SELECT message_id, emoji, total, users
         FROM (
             SELECT message_id, emoji, count(*) AS total, min(position) AS first,
                    (array_agg(user_id ORDER BY position))[1:$2] AS users
             FROM reactions
             WHERE message_id = ANY ($1)
             GROUP BY message_id, emoji
         ) g
         ORDER BY first",
    )
    .bind(ids)
    .bind(named)
    .fetch_all(db)
    .await?;
    for row in &found {
        let mut cells = Cells::of(row);
        let Some(&at) = at.get(&cells.take()?) else {
            continue;
        };
        messages[at].reactions.push(Reaction {
            emoji: cells.take()?,
            count: cells.number()?,
            user_ids: cells.take()?,
        });
    }
    Ok(())
}
