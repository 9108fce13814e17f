//! Rooms: made, found, listed, renamed, archived.

use super::head::{Head, find_role};
use super::log::{self, Ends, ends_columns};
use super::members::{self, Place};
use super::rows::{self, Cells};
use super::values::bound;
use super::{accounts, belongings, messages, reads};
use crate::models::{
    Access, Author, Entry, MemberRole, MessageId, NewRoom, Room, RoomId, RoomKind, RoomPatch,
    RoomTopic, Timestamp, UserId,
};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result, RoomFilter, RoomPage, StoreError};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::fmt::Write as _;

/// The read marker of those who are there from the beginning.
fn beginning(created_at: Timestamp) -> Place {
    Place {
        seq: 0,
        id: bound(u64::try_from(created_at.0).unwrap_or_default()),
    }
}

pub(super) async fn create(db: &mut PgConnection, new: &NewRoom, creator: UserId) -> Result<Room> {
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
    )
    .await?;
    let start = beginning(new.created_at);
    members::insert(
        db,
        new.id,
        creator,
        MemberRole::Owner,
        new.created_at,
        start,
    )
    .await?;
    belongings::moved(db, &[creator]).await?;
    find(db, new.id, creator).await?.ok_or_else(gone)
}

pub(super) async fn open_direct(
    db: &mut PgConnection,
    id: RoomId,
    caller: UserId,
    people: &[UserId],
    now: Timestamp,
) -> Result<Option<(Room, bool)>> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    let mut key = String::new();
    for user in &people {
        let _ = write!(key, "{}", user.0.simple());
    }
    if accounts::find_users(db, &people).await?.len() < people.len() {
        return Ok(None);
    }
    let made = insert(
        db,
        &Inserted {
            id,
            kind: RoomKind::Direct,
            name: None,
            topic: None,
            direct_key: Some(&key),
            created_at: now,
        },
    )
    .await?;
    if made {
        for &user in &people {
            members::insert(db, id, user, MemberRole::Member, now, beginning(now)).await?;
        }
        belongings::moved(db, &people).await?;
        let room = find(db, id, caller).await?.ok_or_else(gone)?;
        return Ok(Some((room, true)));
    }
    // Whoever made it has committed: the insertion above waited for that.
    let known = sqlx::query_scalar("SELECT id FROM rooms WHERE direct_key = $1")
        .bind(key)
        .fetch_one(&mut *db)
        .await?;
    let room = find(db, known, caller).await?.ok_or_else(gone)?;
    Ok(Some((room, false)))
}

struct Inserted<'a> {
    id: RoomId,
    kind: RoomKind,
    name: Option<&'a str>,
    topic: Option<&'a str>,
    direct_key: Option<&'a str>,
    created_at: Timestamp,
}

/// Stores the room with its head, unless there is one with its direct key.
async fn insert(db: &mut PgConnection, new: &Inserted<'_>) -> Result<bool> {
    let made = sqlx::query(
        "INSERT INTO rooms (id, kind, name, folded_name, topic, direct_key, created_at,
                            member_count)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
         ON CONFLICT (direct_key) DO NOTHING",
    )
    .bind(new.id)
    .bind(new.kind)
    .bind(new.name)
    .bind(new.name.map(str::to_lowercase))
    .bind(new.topic)
    .bind(new.direct_key)
    .bind(new.created_at)
    .execute(&mut *db)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    // Ids of entries begin no earlier than the room, so that reading need not look further back.
    sqlx::query(
        "INSERT INTO room_heads (room_id, last_ms, last_activity_at)
         VALUES ($1, epoch_ms($2), $2)",
    )
    .bind(new.id)
    .bind(new.created_at)
    .execute(db)
    .await?;
    Ok(true)
}

fn gone() -> StoreError {
    StoreError::Corrupt("a room is gone in its own transaction".to_owned())
}

pub(super) async fn find_access(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
) -> Result<Option<Access>> {
    let row = sqlx::query(
        "SELECT r.kind, r.archived_at IS NOT NULL, r.member_count, s.role
         FROM rooms r
         LEFT JOIN memberships s ON s.room_id = r.id AND s.user_id = $2
         WHERE r.id = $1",
    )
    .bind(room)
    .bind(user)
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut cells = Cells::of(&row);
    Ok(Some(Access {
        kind: cells.take()?,
        archived: cells.take()?,
        member_count: cells.number()?,
        role: cells.take()?,
    }))
}

pub(super) async fn member_counts(
    db: &mut PgConnection,
    rooms: &[RoomId],
) -> Result<Vec<(RoomId, u64)>> {
    let counts = sqlx::query("SELECT id, member_count FROM rooms WHERE id = ANY ($1)")
        .bind(rooms)
        .fetch_all(db)
        .await?;
    Ok(rows::list(&counts, |cells| {
        Ok((cells.take()?, cells.number()?))
    })?)
}

/// With the viewer's membership and the last message.
pub(super) async fn find(
    db: &mut PgConnection,
    room: RoomId,
    viewer: UserId,
) -> Result<Option<Room>> {
    Ok(load(db, &[room], Some(viewer), true).await?.pop())
}

/// As everybody sees it.
pub(super) async fn find_bare(db: &mut PgConnection, room: RoomId) -> Result<Option<Room>> {
    Ok(load(db, &[room], None, false).await?.pop())
}

/// Those of these rooms that exist, as everybody sees them, and where their logs end.
pub(super) async fn list_with_ends(
    db: &mut PgConnection,
    rooms: &[RoomId],
) -> Result<Vec<(Room, Ends)>> {
    let found = list_bare(db, rooms).await?;
    Ok(found
        .into_iter()
        .map(|bare| (bare.room, bare.ends))
        .collect())
}

/// Everything after the choice of rooms `r` with heads `h`.
macro_rules! list_rest {
    () => {
        "   AND ($2::text IS NULL OR r.kind = $2)
            AND ($3 = '' OR strpos(r.folded_name, $3) > 0)
            AND ($4::timestamptz IS NULL OR (h.last_activity_at, r.id) < ($4, $5))
          ORDER BY h.last_activity_at DESC, r.id DESC
          LIMIT $6"
    };
}

pub(super) async fn list(
    db: &mut PgConnection,
    viewer: UserId,
    filter: &RoomFilter,
) -> Result<RoomPage> {
    // Activity is not indexed: an index on what moves with every message would cost each message
    // more than sorting costs a list.
    let known = if filter.joined {
        concat!(
            "SELECT r.id, h.last_activity_at
             FROM memberships s
             JOIN rooms r ON r.id = s.room_id
             JOIN room_heads h ON h.room_id = r.id
             WHERE s.user_id = $1",
            list_rest!()
        )
    } else {
        concat!(
            "SELECT r.id, h.last_activity_at
             FROM rooms r
             JOIN room_heads h ON h.room_id = r.id
             WHERE (r.kind = 'public'
                    OR r.id IN (SELECT s.room_id FROM memberships s WHERE s.user_id = $1))",
            list_rest!()
        )
    };
    let (after_at, after_id) = filter.after.unzip();
    let found = sqlx::query(known)
        .bind(viewer)
        .bind(filter.kind)
        .bind(filter.query.to_lowercase())
        .bind(after_at)
        .bind(after_id)
        .bind(i64::from(filter.limit) + 1)
        .fetch_all(&mut *db)
        .await?;
    let mut found: Vec<(RoomId, Timestamp)> =
        rows::list(&found, |cells| Ok((cells.take()?, cells.take()?)))?;
    let more = log::cut(&mut found, filter.limit);
    let next = found.last().filter(|_| more).map(|&(room, at)| (at, room));
    let ids: Vec<RoomId> = found.into_iter().map(|(room, _)| room).collect();
    let rooms = load(db, &ids, Some(viewer), true).await?;
    Ok(RoomPage { rooms, next })
}

/// These rooms, in the order asked for.
async fn load(
    db: &mut PgConnection,
    ids: &[RoomId],
    viewer: Option<UserId>,
    with_last: bool,
) -> Result<Vec<Room>> {
    let found = list_bare(db, ids).await?;
    let newest: Vec<MessageId> = found.iter().filter_map(|bare| bare.newest).collect();
    let mut rooms: Vec<Room> = found.into_iter().map(|bare| bare.room).collect();
    if let Some(viewer) = viewer {
        let people: Vec<_> = ids.iter().map(|room| (*room, viewer)).collect();
        let mut memberships = reads::list_memberships(db, &people).await?;
        for room in &mut rooms {
            room.membership = memberships.remove(&(room.id, viewer));
        }
    }
    if with_last {
        let mut newest: HashMap<RoomId, _> = messages::list_by_id(db, &newest)
            .await?
            .into_iter()
            .map(|message| (message.room_id, Box::new(message)))
            .collect();
        for room in &mut rooms {
            room.last_message = newest.remove(&room.id);
        }
    }
    Ok(rooms)
}

/// A room as everybody sees it.
struct Bare {
    room: Room,
    newest: Option<MessageId>,
    ends: Ends,
}

/// These rooms, in the order asked for.
async fn list_bare(db: &mut PgConnection, ids: &[RoomId]) -> Result<Vec<Bare>> {
    let found = sqlx::query(concat!(
        "SELECT r.id, r.kind, r.name, r.topic,
                (SELECT s.user_id
                 FROM memberships s
                 WHERE s.room_id = r.id AND s.role = 'owner'
                 ORDER BY s.joined_at, s.user_id
                 LIMIT 1),
                r.member_count, h.last_seq, h.last_activity_at, r.created_at, r.archived_at,
                h.last_message_id, ",
        ends_columns!(),
        " FROM unnest($1::uuid[]) WITH ORDINALITY wanted (id, place)
         JOIN rooms r ON r.id = wanted.id
         JOIN room_heads h ON h.room_id = r.id
         ORDER BY wanted.place"
    ))
    .bind(ids)
    .fetch_all(&mut *db)
    .await?;
    let mut rooms = rows::list(&found, |cells| {
        Ok(Bare {
            room: rows::room(cells)?,
            newest: cells.take()?,
            ends: Ends::of(cells)?,
        })
    })?;
    if rooms.iter().any(|bare| bare.room.kind == RoomKind::Direct) {
        let mut people = list_people(db, ids).await?;
        for Bare { room, .. } in &mut rooms {
            room.people = people.remove(&room.id).unwrap_or_default();
        }
    }
    Ok(rooms)
}

/// The people of the direct ones among these rooms.
async fn list_people(
    db: &mut PgConnection,
    rooms: &[RoomId],
) -> Result<HashMap<RoomId, Vec<Author>>> {
    let found = sqlx::query(
        "SELECT r.id, u.id, u.username, u.display_name, u.avatar_url, u.is_bot
         FROM rooms r
         JOIN memberships s ON s.room_id = r.id
         JOIN users u ON u.id = s.user_id
         WHERE r.id = ANY ($1) AND r.kind = 'direct'
         ORDER BY u.username",
    )
    .bind(rooms)
    .fetch_all(db)
    .await?;
    let mut people: HashMap<RoomId, Vec<Author>> = HashMap::new();
    for row in &found {
        let mut cells = Cells::of(row);
        let room = cells.take()?;
        people
            .entry(room)
            .or_default()
            .push(rows::author(&mut cells)?);
    }
    Ok(people)
}

pub(super) async fn update(
    db: &mut PgConnection,
    room: RoomId,
    by: UserId,
    patch: &RoomPatch,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let head = Head::for_member(db, room, by).await?;
    let before = find_bare(db, room).await?.ok_or(Denied::NoRoom)?;
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
    sqlx::query("UPDATE rooms SET name = $2, folded_name = $3, topic = $4 WHERE id = $1")
        .bind(room)
        .bind(&name)
        .bind(name.as_deref().map(str::to_lowercase))
        .bind(topic)
        .execute(&mut *db)
        .await?;
    log::record(db, &head, now, &Event::of_room(entry::ROOM_UPDATED))
        .await
        .map(Some)
}

pub(super) async fn archive(
    db: &mut PgConnection,
    room: RoomId,
    by: UserId,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let head = Head::lock(db, room).await?.ok_or(Denied::NoRoom)?;
    find_role(db, room, by).await?.ok_or(Denied::NotMember)?;
    if head.archived {
        return Ok(None);
    }
    sqlx::query("UPDATE rooms SET archived_at = $2 WHERE id = $1")
        .bind(room)
        .bind(now)
        .execute(&mut *db)
        .await?;
    log::record(db, &head, now, &Event::of_room(entry::ROOM_ARCHIVED))
        .await
        .map(Some)
}
