//! Rooms: made, found, listed, renamed, archived.

use super::accounts;
use super::head::{Head, find_role};
use super::log;
use super::rows::{self, Cells};
use super::values::id_list;
use super::{belongings, members, messages, reads};
use crate::models::{
    Access, Author, Entry, MemberRole, NewRoom, Room, RoomId, RoomKind, RoomPatch, RoomTopic,
    Timestamp, UserId,
};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result, RoomFilter, RoomPage, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::HashMap;

pub(super) fn create(db: &Connection, new: &NewRoom, creator: UserId) -> Result<Room> {
    insert(
        db,
        &Inserted {
            id: new.id,
            kind: new.kind,
            name: Some(new.name.as_str()),
            topic: new.topic.as_ref().map(RoomTopic::as_str),
            direct_key: None,
            created_at: new.created_at,
        },
    )?;
    members::insert(db, new.id, creator, MemberRole::Owner, new.created_at, 0)?;
    belongings::moved(db, &[creator])?;
    find(db, new.id, creator)?.ok_or_else(gone)
}

pub(super) fn open_direct(
    db: &Connection,
    id: RoomId,
    caller: UserId,
    people: &[UserId],
    now: Timestamp,
) -> Result<Option<(Room, bool)>> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    let key: Vec<u8> = people.iter().flat_map(|user| *user.0.as_bytes()).collect();
    let known: Option<RoomId> = db
        .prepare_cached("SELECT id FROM rooms WHERE direct_key = ?1")?
        .query_row([&key], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        let room = find(db, known, caller)?.ok_or_else(gone)?;
        return Ok(Some((room, false)));
    }
    if accounts::find_users(db, &people)?.len() < people.len() {
        return Ok(None);
    }
    insert(
        db,
        &Inserted {
            id,
            kind: RoomKind::Direct,
            name: None,
            topic: None,
            direct_key: Some(&key),
            created_at: now,
        },
    )?;
    for &user in &people {
        members::insert(db, id, user, MemberRole::Member, now, 0)?;
    }
    belongings::moved(db, &people)?;
    let room = find(db, id, caller)?.ok_or_else(gone)?;
    Ok(Some((room, true)))
}

struct Inserted<'a> {
    id: RoomId,
    kind: RoomKind,
    name: Option<&'a str>,
    topic: Option<&'a str>,
    direct_key: Option<&'a [u8]>,
    created_at: Timestamp,
}

fn insert(db: &Connection, new: &Inserted<'_>) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO rooms (id, kind, name, folded_name, topic, direct_key, created_at,
                            last_activity_at, member_count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0)",
    )?
    .execute(params![
        new.id,
        new.kind,
        new.name,
        new.name.map(str::to_lowercase),
        new.topic,
        new.direct_key,
        new.created_at,
    ])?;
    let begins = new.created_at.0.max(0);
    db.prepare_cached("INSERT INTO room_heads (room_id, last_ms) VALUES (?1, ?2)")?
        .execute(params![new.id, begins])?;
    Ok(())
}

fn gone() -> StoreError {
    StoreError::Corrupt("a room is gone in its own transaction".to_owned())
}

pub(super) fn find_access(db: &Connection, room: RoomId, user: UserId) -> Result<Option<Access>> {
    let access = db
        .prepare_cached(
            "SELECT r.kind, r.archived_at IS NOT NULL, r.member_count, s.role
             FROM rooms r
             LEFT JOIN memberships s ON s.room_id = r.id AND s.user_id = ?2
             WHERE r.id = ?1",
        )?
        .query_row(params![room, user], |row| {
            let mut cells = Cells::of(row);
            Ok(Access {
                kind: cells.take()?,
                archived: cells.take()?,
                member_count: cells.number()?,
                role: cells.take()?,
            })
        })
        .optional()?;
    Ok(access)
}

pub(super) fn member_counts(db: &Connection, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
    let list = id_list(rooms.iter().map(|room| room.0));
    let counts = db
        .prepare_cached(
            "SELECT id, member_count
             FROM rooms
             WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
        )?
        .query_map([list], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.take()?, cells.number()?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(counts)
}

/// With the viewer's membership and the last message.
pub(super) fn find(db: &Connection, room: RoomId, viewer: UserId) -> Result<Option<Room>> {
    let mut found = load(db, &[room], Some(viewer))?;
    add_last_messages(db, &mut found)?;
    Ok(found.pop())
}

/// As everybody sees it.
pub(super) fn find_bare(db: &Connection, room: RoomId) -> Result<Option<Room>> {
    Ok(load(db, &[room], None)?.pop())
}

pub(super) fn list(db: &Connection, viewer: UserId, filter: &RoomFilter) -> Result<RoomPage> {
    // Two sentences, because each begins with another table: one's few memberships, or the
    // rooms by activity until the page is full.
    let known = if filter.joined {
        "FROM memberships s
         JOIN rooms r ON r.id = s.room_id
         WHERE s.user_id = ?1"
    } else {
        "FROM rooms r
         WHERE (r.kind = 'public'
                OR EXISTS (SELECT 1
                           FROM memberships s
                           WHERE s.room_id = r.id AND s.user_id = ?1))"
    };
    let (after_at, after_id) = filter.after.unzip();
    let found: Vec<(RoomId, Timestamp)> = db
        .prepare_cached(&format!(
            "SELECT r.id, r.last_activity_at
             {known}
               AND (?2 IS NULL OR r.kind = ?2)
               AND (?3 = '' OR instr(r.folded_name, ?3) > 0)
               AND (?4 IS NULL OR (r.last_activity_at, r.id) < (?4, ?5))
             ORDER BY r.last_activity_at DESC, r.id DESC
             LIMIT ?6"
        ))?
        .query_map(
            params![
                viewer,
                filter.kind,
                filter.query.to_lowercase(),
                after_at,
                after_id,
                i64::from(filter.limit) + 1,
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let ids: Vec<RoomId> = found.iter().take(limit).map(|(room, _)| *room).collect();
    let next = (found.len() > limit)
        .then(|| found[..limit].last().map(|&(room, at)| (at, room)))
        .flatten();
    let mut rooms = load(db, &ids, Some(viewer))?;
    add_last_messages(db, &mut rooms)?;
    Ok(RoomPage { rooms, next })
}

/// These rooms, in the order asked for.
fn load(db: &Connection, ids: &[RoomId], viewer: Option<UserId>) -> Result<Vec<Room>> {
    let list = id_list(ids.iter().map(|room| room.0));
    let mut rooms: Vec<Room> = db
        .prepare_cached(
            "SELECT r.id, r.kind, r.name, r.topic,
                    (SELECT s.user_id
                     FROM memberships s
                     WHERE s.room_id = r.id AND s.role = 'owner'
                     ORDER BY s.joined_at, s.user_id
                     LIMIT 1),
                    r.member_count, h.last_seq, r.last_activity_at, r.created_at, r.archived_at
             FROM json_each(?1) wanted
             JOIN rooms r ON r.id = unhex(wanted.value)
             JOIN room_heads h ON h.room_id = r.id
             ORDER BY wanted.key",
        )?
        .query_map([&list], |row| rows::room(&mut Cells::of(row)))?
        .collect::<rusqlite::Result<_>>()?;
    if rooms.iter().any(|room| room.kind == RoomKind::Direct) {
        let mut people = list_people(db, &list)?;
        for room in &mut rooms {
            room.people = people.remove(&room.id).unwrap_or_default();
        }
    }
    if let Some(viewer) = viewer {
        let mut memberships = reads::list_memberships(db, viewer, ids)?;
        for room in &mut rooms {
            room.membership = memberships.remove(&room.id);
        }
    }
    Ok(rooms)
}

/// The people of the direct ones among these rooms.
fn list_people(db: &Connection, rooms: &str) -> Result<HashMap<RoomId, Vec<Author>>> {
    let mut statement = db.prepare_cached(
        "SELECT r.id, u.id, u.username, u.display_name, u.avatar_url, u.is_bot
         FROM rooms r
         JOIN memberships s ON s.room_id = r.id
         JOIN users u ON u.id = s.user_id
         WHERE r.id IN (SELECT unhex(value) FROM json_each(?1)) AND r.kind = 'direct'
         ORDER BY u.username",
    )?;
    let mut people: HashMap<RoomId, Vec<Author>> = HashMap::new();
    let mut found = statement.query([rooms])?;
    while let Some(row) = found.next()? {
        let mut cells = Cells::of(row);
        let room = cells.take()?;
        people
            .entry(room)
            .or_default()
            .push(rows::author(&mut cells)?);
    }
    Ok(people)
}

fn add_last_messages(db: &Connection, rooms: &mut [Room]) -> Result<()> {
    let list = id_list(rooms.iter().map(|room| room.id.0));
    let newest = messages::select(
        db,
        "WHERE m.id IN (SELECT (SELECT l.id
                                FROM messages l
                                WHERE l.room_id = unhex(wanted.value)
                                ORDER BY l.seq DESC
                                LIMIT 1)
                        FROM json_each(?1) wanted)",
        [list],
    )?;
    let mut newest: HashMap<RoomId, _> = newest
        .into_iter()
        .map(|message| (message.room_id, Box::new(message)))
        .collect();
    for room in rooms {
        room.last_message = newest.remove(&room.id);
    }
    Ok(())
}

pub(super) fn update(
    db: &Connection,
    room: RoomId,
    by: UserId,
    patch: &RoomPatch,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let mut head = Head::for_member(db, room, by)?;
    let before = find_bare(db, room)?.ok_or(Denied::NoRoom)?;
    let name = match &patch.name {
        Some(name) => Some(name.as_str().to_owned()),
        None => before.name.clone(),
    };
    let topic = match &patch.topic {
        Some(topic) => topic.as_ref().map(|topic| topic.as_str().to_owned()),
        None => before.topic.clone(),
    };
    if name == before.name && topic == before.topic {
        return Ok(None);
    }
    db.prepare_cached("UPDATE rooms SET name = ?2, folded_name = ?3, topic = ?4 WHERE id = ?1")?
        .execute(params![
            room,
            name,
            name.as_deref().map(str::to_lowercase),
            topic
        ])?;
    log::record(db, &mut head, now, &Event::of_room(entry::ROOM_UPDATED)).map(Some)
}

pub(super) fn archive(
    db: &Connection,
    room: RoomId,
    by: UserId,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let mut head = Head::find(db, room)?.ok_or(Denied::NoRoom)?;
    find_role(db, room, by)?.ok_or(Denied::NotMember)?;
    if head.archived {
        return Ok(None);
    }
    db.prepare_cached("UPDATE rooms SET archived_at = ?2 WHERE id = ?1")?
        .execute(params![room, now])?;
    log::record(db, &mut head, now, &Event::of_room(entry::ROOM_ARCHIVED)).map(Some)
}
