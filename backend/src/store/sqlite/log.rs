//! The log of a room: entries written, and read back as pages, and as what happened since.

use super::head::Head;
use super::rows::{self, Cells, USER};
use super::values::{id_list, int};
use super::{members, messages, rooms};
use crate::models::{
    Change, Entry, Message, MessageId, Room, RoomId, Timestamp, User, UserId, ids,
};
use crate::store::entry::{Event, Scene, Written};
use crate::store::joining::Part;
use crate::store::{Anchor, Denied, Feed, LogPage, MessagePage, Result, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{HashMap, HashSet};

/// Writes the next entry, moves the head and answers the entry as a reader now sees it.
pub(super) fn record(
    db: &Connection,
    head: &mut Head,
    now: Timestamp,
    event: &Event<'_>,
) -> Result<Entry> {
    let (seq, _) = head.next(now);
    db.prepare_cached(
        "INSERT INTO room_changes (room_id, seq, kind, message_id, user_id, by_id, emoji, role,
                                   joined_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        head.room,
        int(seq),
        event.kind,
        event.message,
        event.user,
        event.by,
        event.emoji,
        event.role,
        event.joined_at,
        now,
    ])?;
    if let Some(message) = event.message {
        db.prepare_cached("UPDATE messages SET rev_seq = ?2 WHERE id = ?1")?
            .execute(params![message, int(seq)])?;
    }
    head.save(db)?;
    let entry = entries(db, head.room, seq - 1, seq)?.pop();
    entry.ok_or_else(|| StoreError::Corrupt(format!("entry {seq} is gone in its own transaction")))
}

/// Exactly the entries after `since` up to `until`, ascending, shown as of now.
fn entries(db: &Connection, room: RoomId, since: u64, until: u64) -> Result<Vec<Entry>> {
    let range = params![room, int(since), int(until)];
    let made = messages::select(
        db,
        "WHERE m.room_id = ?1 AND m.seq > ?2 AND m.seq <= ?3",
        range,
    )?;
    let written: Vec<Written> = db
        .prepare_cached(
            "SELECT seq, kind, message_id, user_id, by_id, emoji, role, joined_at
             FROM room_changes
             WHERE room_id = ?1 AND seq > ?2 AND seq <= ?3",
        )?
        .query_map(range, |row| read_written(&mut Cells::of(row)))?
        .collect::<rusqlite::Result<_>>()?;
    let scene = load_scene(db, room, &made, &written)?;
    let mut entries = Vec::with_capacity(made.len() + written.len());
    for written in written {
        entries.push(Entry {
            room,
            seq: written.seq,
            change: scene.show(written)?,
        });
    }
    entries.extend(made.into_iter().map(|message| Entry {
        room,
        seq: message.seq,
        change: Change::MessageReceived(Box::new(message)),
    }));
    entries.sort_unstable_by_key(|entry| entry.seq);
    // Nobody is told a log with a hole in it.
    let mut expected = since + 1..=until;
    if entries
        .iter()
        .all(|entry| expected.next() == Some(entry.seq))
        && expected.is_empty()
    {
        Ok(entries)
    } else {
        Err(StoreError::Corrupt(format!(
            "the log of room {room} has a hole after {since}"
        )))
    }
}

/// Reads a row of `room_changes`.
fn read_written(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Written> {
    Ok(Written {
        seq: cells.number()?,
        kind: cells.take()?,
        message: cells.take()?,
        user: cells.take()?,
        by: cells.take()?,
        emoji: cells.take()?,
        role: cells.take()?,
        joined_at: cells.take()?,
    })
}

/// What these rows show; the messages `made` in the same page are known already.
fn load_scene(
    db: &Connection,
    room: RoomId,
    made: &[Message],
    written: &[Written],
) -> Result<Scene> {
    let mut messages: HashMap<_, _> = made
        .iter()
        .map(|message| (message.id, message.clone()))
        .collect();
    let missing: HashSet<MessageId> = written
        .iter()
        .filter(|written| written.shows_message())
        .filter_map(|written| written.message)
        .filter(|message| !messages.contains_key(message))
        .collect();
    if !missing.is_empty() {
        let found = messages::list_by_id(db, missing)?;
        messages.extend(found.into_iter().map(|message| (message.id, message)));
    }
    let people: HashSet<UserId> = written
        .iter()
        .filter(|written| written.shows_member())
        .filter_map(|written| written.user)
        .collect();
    let mut users = HashMap::new();
    let mut members = HashMap::new();
    if !people.is_empty() {
        let list = id_list(people.into_iter().map(|user| user.0));
        for user in list_users(db, &list)? {
            users.insert(user.id, user);
        }
        for member in members::list_of(db, room, &list)? {
            members.insert(member.user.id, member);
        }
    }
    let room = if written.iter().any(Written::shows_room) {
        rooms::find_bare(db, room)?
    } else {
        None
    };
    Ok(Scene {
        room,
        messages,
        users,
        members,
    })
}

fn list_users(db: &Connection, list: &str) -> Result<Vec<User>> {
    let users = db
        .prepare_cached(&format!(
            "SELECT {USER}
             FROM users u
             WHERE u.id IN (SELECT unhex(value) FROM json_each(?1))"
        ))?
        .query_map([list], |row| rows::user(&mut Cells::of(row)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(users)
}

/// Where the log ends, and the oldest place that is still kept.
pub(super) fn find_ends(db: &Connection, room: RoomId) -> Result<Option<(u64, u64)>> {
    let ends = db
        .prepare_cached("SELECT last_seq, min_seq FROM room_heads WHERE room_id = ?1")?
        .query_row([room], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.number()?, cells.number()?))
        })
        .optional()?;
    Ok(ends)
}

pub(super) fn changes(db: &Connection, room: RoomId, since: u64, limit: u32) -> Result<LogPage> {
    let (last_seq, min_seq) = find_ends(db, room)?.ok_or(Denied::NoRoom)?;
    if since.saturating_add(1) < min_seq {
        return Err(Denied::Forgotten.into());
    }
    let until = since.saturating_add(u64::from(limit)).min(last_seq);
    Ok(LogPage {
        entries: if since < until {
            entries(db, room, since, until)?
        } else {
            Vec::new()
        },
        last_seq,
    })
}

/// What somebody who joins needs of the log of a room as it is now.
pub(super) fn part(db: &Connection, room: &Room, part: Part) -> Result<Feed> {
    Ok(match part {
        Part::Nothing => Feed::AtHand,
        Part::Since(since) if since == room.last_seq => Feed::Changes(Vec::new()),
        Part::Since(since) => Feed::Changes(entries(db, room.id, since, room.last_seq)?),
        Part::Newest(limit) => {
            let (messages, has_before) = before(db, room.id, u64::MAX, limit)?;
            Feed::Newest {
                messages,
                has_before,
            }
        }
    })
}

pub(super) fn heads(db: &Connection, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
    let list = id_list(rooms.iter().map(|room| room.0));
    let heads = db
        .prepare_cached(
            "SELECT room_id, last_seq
             FROM room_heads
             WHERE room_id IN (SELECT unhex(value) FROM json_each(?1))",
        )?
        .query_map([list], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.take()?, cells.number()?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(heads)
}

pub(super) fn page(
    db: &Connection,
    room: RoomId,
    anchor: Anchor,
    limit: u32,
) -> Result<MessagePage> {
    let (last_seq, _) = find_ends(db, room)?.ok_or(Denied::NoRoom)?;
    let place = |message| {
        messages::State::find(db, room, message)?
            .map(|state| state.seq)
            .ok_or(StoreError::Denied(Denied::NoMessage))
    };
    let around = match anchor {
        Anchor::Newest => None,
        Anchor::Before(message) => {
            let (messages, has_before) = before(db, room, place(message)?, limit)?;
            return Ok(MessagePage {
                messages,
                last_seq,
                has_before,
                has_after: true,
            });
        }
        Anchor::After(message) => {
            let (messages, has_after) = from(db, room, place(message)? + 1, limit)?;
            return Ok(MessagePage {
                messages,
                last_seq,
                has_before: true,
                has_after,
            });
        }
        Anchor::Around(message) => Some(place(message)?),
        Anchor::At(moment) => find_place_at(db, room, moment, last_seq)?,
    };
    let Some(seq) = around else {
        let (messages, has_before) = before(db, room, u64::MAX, limit)?;
        return Ok(MessagePage {
            messages,
            last_seq,
            has_before,
            has_after: false,
        });
    };
    let (mut messages, has_before) = before(db, room, seq, limit / 2)?;
    let rest = limit - u32::try_from(messages.len()).unwrap_or(limit);
    let (after, has_after) = from(db, room, seq, rest)?;
    messages.extend(after);
    Ok(MessagePage {
        messages,
        last_seq,
        has_before,
        has_after,
    })
}

/// The newest messages before this place, ascending, and whether there are more before them.
fn before(db: &Connection, room: RoomId, seq: u64, limit: u32) -> Result<(Vec<Message>, bool)> {
    let mut messages = messages::select(
        db,
        "WHERE m.room_id = ?1 AND m.seq < ?2 ORDER BY m.seq DESC LIMIT ?3",
        params![room, int(seq), i64::from(limit) + 1],
    )?;
    let more = cut(&mut messages, limit);
    messages.reverse();
    Ok((messages, more))
}

/// The oldest messages from this place on, ascending, and whether there are more after them.
fn from(db: &Connection, room: RoomId, seq: u64, limit: u32) -> Result<(Vec<Message>, bool)> {
    let mut messages = messages::select(
        db,
        "WHERE m.room_id = ?1 AND m.seq >= ?2 ORDER BY m.seq LIMIT ?3",
        params![room, int(seq), i64::from(limit) + 1],
    )?;
    let more = cut(&mut messages, limit);
    Ok((messages, more))
}

/// Takes off the one message too many that was asked for to know whether there is more.
fn cut(messages: &mut Vec<Message>, limit: u32) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = messages.len() > limit;
    messages.truncate(limit);
    more
}

/// The place of the first message at or after `moment`. Ids ascend with the places and carry the
/// time, so the log is halved until one place is left: as many probes as the head has digits in
/// binary, and no index that every append would have to keep.
fn find_place_at(
    db: &Connection,
    room: RoomId,
    moment: Timestamp,
    last_seq: u64,
) -> Result<Option<u64>> {
    let bound = ids::lower_bound(u64::try_from(moment.0).unwrap_or_default());
    let mut probe = db.prepare_cached(
        "SELECT seq, id
         FROM messages
         WHERE room_id = ?1 AND seq >= ?2
         ORDER BY seq
         LIMIT 1",
    )?;
    let (mut low, mut high) = (1, last_seq + 1);
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        let message = probe
            .query_row(params![room, int(middle)], |row| {
                let mut cells = Cells::of(row);
                Ok((cells.number()?, cells.take::<MessageId>()?))
            })
            .optional()?;
        match message {
            Some((seq, id)) if id.0 < bound => low = seq + 1,
            Some((seq, _)) => {
                found = Some(seq);
                high = middle;
            }
            None => high = middle,
        }
    }
    Ok(found)
}
