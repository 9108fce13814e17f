//! Emoji on messages.

use super::head::Head;
use super::log;
use super::messages::State;
use super::values::{id_list, int};
use crate::models::{Emoji, Entry, Message, MessageId, Reaction, RoomId, Timestamp, UserId};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result};
use rusqlite::{Connection, params};
use std::collections::HashMap;

pub(super) fn add(
    db: &Connection,
    room: RoomId,
    message: MessageId,
    user: UserId,
    emoji: &Emoji,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let mut head = Head::for_member(db, room, user)?;
    State::find(db, room, message)?
        .filter(|state| !state.deleted)
        .ok_or(Denied::NoMessage)?;
    let (mine, kinds, known): (bool, usize, bool) = db
        .prepare_cached(
            "SELECT coalesce(max(emoji = ?2 AND user_id = ?3), 0),
                    count(DISTINCT emoji),
                    coalesce(max(emoji = ?2), 0)
             FROM reactions
             WHERE message_id = ?1",
        )?
        .query_row(params![message, emoji.as_str(), user], |row| {
            Ok((row.get(0)?, row.get::<_, u32>(1)? as usize, row.get(2)?))
        })?;
    if mine {
        return Ok(None);
    }
    if !known && kinds >= Reaction::KINDS {
        return Err(Denied::TooMany.into());
    }
    db.prepare_cached(
        "INSERT INTO reactions (message_id, emoji, user_id, position) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        message,
        emoji.as_str(),
        user,
        int(head.last_seq + 1)
    ])?;
    let event = Event {
        user: Some(user),
        emoji: Some(emoji.as_str()),
        ..Event::about(entry::REACTION_ADDED, message)
    };
    log::record(db, &mut head, now, &event).map(Some)
}

pub(super) fn remove(
    db: &Connection,
    room: RoomId,
    message: MessageId,
    user: UserId,
    emoji: &Emoji,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let mut head = Head::for_member(db, room, user)?;
    State::find(db, room, message)?.ok_or(Denied::NoMessage)?;
    let removed = db
        .prepare_cached(
            "DELETE FROM reactions WHERE message_id = ?1 AND emoji = ?2 AND user_id = ?3",
        )?
        .execute(params![message, emoji.as_str(), user])?;
    if removed == 0 {
        return Ok(None);
    }
    let event = Event {
        user: Some(user),
        emoji: Some(emoji.as_str()),
        ..Event::about(entry::REACTION_REMOVED, message)
    };
    log::record(db, &mut head, now, &event).map(Some)
}

/// Puts their reactions on messages that were read without: the emoji by who came first, and the
/// people of each likewise.
pub(super) fn attach(db: &Connection, messages: &mut [Message]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let at: HashMap<MessageId, usize> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| (message.id, at))
        .collect();
    let list = id_list(messages.iter().map(|message| message.id.0));
    let mut statement = db.prepare_cached(
        "SELECT message_id, emoji, user_id, total
         FROM (
             SELECT message_id, emoji, user_id, position,
                    count(*) OVER (PARTITION BY message_id, emoji) AS total,
                    row_number() OVER (PARTITION BY message_id, emoji ORDER BY position) AS place
             FROM reactions
             WHERE message_id IN (SELECT unhex(value) FROM json_each(?1))
         )
         WHERE place <= ?2
         ORDER BY position",
    )?;
    let named = i64::try_from(Reaction::NAMED).unwrap_or(i64::MAX);
    let mut found = statement.query(params![list, named])?;
    while let Some(row) = found.next()? {
        let Some(&at) = at.get(&row.get(0)?) else {
            continue;
        };
        let emoji: String = row.get(1)?;
        let reactions = &mut messages[at].reactions;
        let place = reactions
            .iter()
            .position(|reaction| reaction.emoji == emoji);
        let place = place.unwrap_or(reactions.len());
        if place == reactions.len() {
            reactions.push(Reaction {
                emoji,
                count: row.get::<_, i64>(3)?.unsigned_abs(),
                user_ids: Vec::new(),
            });
        }
        reactions[place].user_ids.push(row.get(2)?);
    }
    Ok(())
}
