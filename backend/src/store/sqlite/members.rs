//! Who belongs to a room, in which role, and what they want to be told.

use super::head::{Head, find_role};
use super::log;
use super::rows::{self, Cells, USER};
use super::values::{id_list, int};
use super::{accounts, belongings, reads};
use crate::models::{Entry, MemberFact, MemberRole, Membership, Notify, RoomId, Timestamp, UserId};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Stores a membership whose read marker stands at `read`, and counts it.
pub(super) fn insert(
    db: &Connection,
    room: RoomId,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
    read: u64,
) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO memberships (room_id, user_id, role, joined_at, last_read_seq)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![room, user, role, now, int(read)])?;
    count(db, room, 1)
}

fn count(db: &Connection, room: RoomId, change: i64) -> Result<()> {
    db.prepare_cached("UPDATE rooms SET member_count = member_count + ?2 WHERE id = ?1")?
        .execute(params![room, change])?;
    Ok(())
}

pub(super) fn add(
    db: &Connection,
    room: RoomId,
    users: &[UserId],
    now: Timestamp,
) -> Result<Vec<Entry>> {
    let mut head = Head::of_open_room(db, room)?;
    let mut wanted = users.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    if accounts::find_users(db, &wanted)?.len() < wanted.len() {
        return Err(Denied::NoUser.into());
    }
    let (mut entries, mut new) = (Vec::new(), Vec::new());
    for &user in users {
        if find_role(db, room, user)?.is_some() {
            continue;
        }
        insert(db, room, user, MemberRole::Member, now, head.last_seq + 1)?;
        let event = Event {
            kind: entry::MEMBER_ADDED,
            user: Some(user),
            role: Some(MemberRole::Member),
            joined_at: Some(now),
            ..Event::default()
        };
        entries.push(log::record(db, &mut head, now, &event)?);
        new.push(user);
    }
    belongings::moved(db, &new)?;
    Ok(entries)
}

pub(super) fn remove(
    db: &Connection,
    room: RoomId,
    user: UserId,
    by: UserId,
    now: Timestamp,
) -> Result<Vec<Entry>> {
    let mut head = Head::of_open_room(db, room)?;
    let Some(role) = find_role(db, room, user)? else {
        return Ok(Vec::new());
    };
    db.prepare_cached("DELETE FROM memberships WHERE room_id = ?1 AND user_id = ?2")?
        .execute(params![room, user])?;
    count(db, room, -1)?;
    let event = Event {
        kind: entry::MEMBER_REMOVED,
        user: Some(user),
        by: Some(by),
        ..Event::default()
    };
    let mut entries = vec![log::record(db, &mut head, now, &event)?];
    if role == MemberRole::Owner
        && count_owners(db, room)? == 0
        && let Some(successor) = find_successor(db, room)?
    {
        entries.push(change_role(
            db,
            &mut head,
            successor,
            MemberRole::Owner,
            now,
        )?);
    }
    belongings::moved(db, &[user])?;
    Ok(entries)
}

pub(super) fn set_role(
    db: &Connection,
    room: RoomId,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let mut head = Head::of_open_room(db, room)?;
    let before = find_role(db, room, user)?.ok_or(Denied::NoUser)?;
    if before == role {
        return Ok(None);
    }
    if before == MemberRole::Owner && count_owners(db, room)? == 1 {
        return Err(Denied::LastOwner.into());
    }
    change_role(db, &mut head, user, role, now).map(Some)
}

fn change_role(
    db: &Connection,
    head: &mut Head,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
) -> Result<Entry> {
    let joined_at = db
        .prepare_cached(
            "UPDATE memberships
             SET role = ?3
             WHERE room_id = ?1 AND user_id = ?2
             RETURNING joined_at",
        )?
        .query_map(params![head.room, user, role], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?
        .pop();
    let event = Event {
        kind: entry::MEMBER_CHANGED,
        user: Some(user),
        role: Some(role),
        joined_at,
        ..Event::default()
    };
    log::record(db, head, now, &event)
}

fn count_owners(db: &Connection, room: RoomId) -> Result<i64> {
    let owners = db
        .prepare_cached("SELECT count(*) FROM memberships WHERE room_id = ?1 AND role = 'owner'")?
        .query_row([room], |row| row.get(0))?;
    Ok(owners)
}

/// The oldest admin, else the oldest member.
fn find_successor(db: &Connection, room: RoomId) -> Result<Option<UserId>> {
    let successor = db
        .prepare_cached(
            "SELECT user_id
             FROM memberships
             WHERE room_id = ?1
             ORDER BY role <> 'admin', joined_at, user_id
             LIMIT 1",
        )?
        .query_row([room], |row| row.get(0))
        .optional()?;
    Ok(successor)
}

pub(super) fn list(
    db: &Connection,
    room: RoomId,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<MemberFact>> {
    let members = db
        .prepare_cached(&format!(
            "SELECT {USER}, s.role, s.joined_at
             FROM memberships s
             JOIN users u ON u.id = s.user_id
             WHERE s.room_id = ?1 AND u.username > ?2
             ORDER BY u.username
             LIMIT ?3"
        ))?
        .query_map(params![room, after.unwrap_or_default(), limit], |row| {
            rows::member(&mut Cells::of(row))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(members)
}

pub(super) fn find(db: &Connection, room: RoomId, users: &[UserId]) -> Result<Vec<MemberFact>> {
    list_of(db, room, &id_list(users.iter().map(|user| user.0)))
}

/// Those of a list of ids who are members.
pub(super) fn list_of(db: &Connection, room: RoomId, users: &str) -> Result<Vec<MemberFact>> {
    let members = db
        .prepare_cached(&format!(
            "SELECT {USER}, s.role, s.joined_at
             FROM memberships s
             JOIN users u ON u.id = s.user_id
             WHERE s.room_id = ?1
               AND s.user_id IN (SELECT unhex(value) FROM json_each(?2))"
        ))?
        .query_map(params![room, users], |row| {
            rows::member(&mut Cells::of(row))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(members)
}

#[expect(
    clippy::option_option,
    reason = "the promise of the store: whether to change it, and whether to take it away"
)]
pub(super) fn set_notify(
    db: &Connection,
    room: RoomId,
    user: UserId,
    notify: Option<Notify>,
    muted_until: Option<Option<Timestamp>>,
) -> Result<Option<Membership>> {
    db.prepare_cached(
        "UPDATE memberships
         SET notify = coalesce(?3, notify),
             muted_until = CASE WHEN ?4 THEN ?5 ELSE muted_until END
         WHERE room_id = ?1 AND user_id = ?2",
    )?
    .execute(params![
        room,
        user,
        notify,
        muted_until.is_some(),
        muted_until.flatten()
    ])?;
    reads::find_membership(db, room, user)
}

pub(super) fn list_acquaintances(
    db: &Connection,
    users: &[UserId],
    largest: u64,
) -> Result<Vec<(RoomId, UserId)>> {
    let list = id_list(users.iter().map(|user| user.0));
    let acquaintances = db
        .prepare_cached(
            "SELECT room_id, user_id
             FROM memberships
             WHERE room_id IN (
                 SELECT r.id
                 FROM memberships mine
                 JOIN rooms r ON r.id = mine.room_id AND r.member_count <= ?2
                 WHERE mine.user_id IN (SELECT unhex(value) FROM json_each(?1))
             )",
        )?
        .query_map(params![list, int(largest)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(acquaintances)
}
