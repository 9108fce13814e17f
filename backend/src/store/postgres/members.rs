//! Who belongs to a room, in which role, and what they want to be told.

use super::head::{Head, find_role};
use super::log;
use super::rows::{self, Cells, user_columns};
use super::values::int;
use super::{accounts, belongings, reads};
use crate::models::{Entry, MemberFact, MemberRole, Membership, Notify, RoomId, Timestamp, UserId};
use crate::store::entry::{self, Event};
use crate::store::{Denied, Result};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Where the read marker of somebody new stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) seq: u64,
    /// The id of the entry there, or one below all entries.
    pub(super) id: Uuid,
}

/// Stores a membership and counts it.
pub(super) async fn insert(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
    read: Place,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO memberships (room_id, user_id, role, joined_at, last_read_seq,
                                  last_read_bound)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(room)
    .bind(user)
    .bind(role)
    .bind(now)
    .bind(int(read.seq))
    .bind(read.id)
    .execute(&mut *db)
    .await?;
    count(db, room, 1).await
}

async fn count(db: &mut PgConnection, room: RoomId, change: i64) -> Result<()> {
    sqlx::query("UPDATE rooms SET member_count = member_count + $2 WHERE id = $1")
        .bind(room)
        .bind(change)
        .execute(db)
        .await?;
    Ok(())
}

pub(super) async fn add(
    db: &mut PgConnection,
    room: RoomId,
    users: &[UserId],
    now: Timestamp,
) -> Result<Vec<Entry>> {
    let head = Head::of_open_room(db, room).await?;
    let mut wanted = users.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    if accounts::find_users(db, &wanted).await?.len() < wanted.len() {
        return Err(Denied::NoUser.into());
    }
    let (mut entries, mut new) = (Vec::new(), Vec::new());
    for &user in users {
        if find_role(db, room, user).await?.is_some() {
            continue;
        }
        let event = Event {
            kind: entry::MEMBER_ADDED,
            user: Some(user),
            role: Some(MemberRole::Member),
            joined_at: Some(now),
            ..Event::default()
        };
        let place = log::write(db, &head, now, &event).await?;
        insert(db, room, user, MemberRole::Member, now, place).await?;
        entries.push(log::show(db, &head, place).await?);
        new.push(user);
    }
    belongings::moved(db, &new).await?;
    Ok(entries)
}

pub(super) async fn remove(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
    by: UserId,
    now: Timestamp,
) -> Result<Vec<Entry>> {
    let head = Head::of_open_room(db, room).await?;
    let Some(role) = find_role(db, room, user).await? else {
        return Ok(Vec::new());
    };
    sqlx::query("DELETE FROM memberships WHERE room_id = $1 AND user_id = $2")
        .bind(room)
        .bind(user)
        .execute(&mut *db)
        .await?;
    count(db, room, -1).await?;
    let event = Event {
        kind: entry::MEMBER_REMOVED,
        user: Some(user),
        by: Some(by),
        ..Event::default()
    };
    let mut entries = vec![log::record(db, &head, now, &event).await?];
    if role == MemberRole::Owner
        && count_owners(db, room).await? == 0
        && let Some(successor) = find_successor(db, room).await?
    {
        entries.push(change_role(db, &head, successor, MemberRole::Owner, now).await?);
    }
    belongings::moved(db, &[user]).await?;
    Ok(entries)
}

pub(super) async fn set_role(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
) -> Result<Option<Entry>> {
    let head = Head::of_open_room(db, room).await?;
    let before = find_role(db, room, user).await?.ok_or(Denied::NoUser)?;
    if before == role {
        return Ok(None);
    }
    if before == MemberRole::Owner && count_owners(db, room).await? == 1 {
        return Err(Denied::LastOwner.into());
    }
    change_role(db, &head, user, role, now).await.map(Some)
}

async fn change_role(
    db: &mut PgConnection,
    head: &Head,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
) -> Result<Entry> {
    let joined_at = sqlx::query_scalar(
        "UPDATE memberships
         SET role = $3
         WHERE room_id = $1 AND user_id = $2
         RETURNING joined_at",
    )
    .bind(head.room)
    .bind(user)
    .bind(role)
    .fetch_optional(&mut *db)
    .await?;
    let event = Event {
        kind: entry::MEMBER_CHANGED,
        user: Some(user),
        role: Some(role),
        joined_at,
        ..Event::default()
    };
    log::record(db, head, now, &event).await
}

async fn count_owners(db: &mut PgConnection, room: RoomId) -> Result<i64> {
    let owners = sqlx::query_scalar(
        "SELECT count(*) FROM memberships WHERE room_id = $1 AND role = 'owner'",
    )
    .bind(room)
    .fetch_one(db)
    .await?;
    Ok(owners)
}

/// The oldest admin, else the oldest member.
async fn find_successor(db: &mut PgConnection, room: RoomId) -> Result<Option<UserId>> {
    let successor = sqlx::query_scalar(
        "SELECT user_id
         FROM memberships
         WHERE room_id = $1
         ORDER BY role <> 'admin', joined_at, user_id
         LIMIT 1",
    )
    .bind(room)
    .fetch_optional(db)
    .await?;
    Ok(successor)
}

pub(super) async fn list(
    db: &mut PgConnection,
    room: RoomId,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<MemberFact>> {
    let members = sqlx::query(concat!(
        "SELECT ",
        user_columns!(),
        ", s.role, s.joined_at
         FROM memberships s
         JOIN users u ON u.id = s.user_id
         WHERE s.room_id = $1 AND u.username > $2
         ORDER BY u.username
         LIMIT $3"
    ))
    .bind(room)
    .bind(after.unwrap_or_default())
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    Ok(rows::list(&members, rows::member)?)
}

/// The first members of each of these rooms by username, at most `limit` a room.
pub(super) async fn list_first(
    db: &mut PgConnection,
    rooms: &[RoomId],
    limit: u32,
) -> Result<HashMap<RoomId, Arc<[MemberFact]>>> {
    let found = sqlx::query(concat!(
        "SELECT wanted.room_id, ",
        user_columns!(),
        ", u.member_role, u.joined_at
         FROM unnest($1::uuid[]) wanted (room_id)
         CROSS JOIN LATERAL (
             SELECT u.*, s.role AS member_role, s.joined_at
             FROM memberships s
             JOIN users u ON u.id = s.user_id
             WHERE s.room_id = wanted.room_id
             ORDER BY u.username
             LIMIT $2
         ) u
         ORDER BY wanted.room_id, u.username"
    ))
    .bind(rooms)
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    let mut members: HashMap<RoomId, Vec<MemberFact>> = HashMap::new();
    for row in &found {
        let mut cells = Cells::of(row);
        let room = cells.take()?;
        let member = rows::member(&mut cells)?;
        members.entry(room).or_default().push(member);
    }
    let shared = members.into_iter().map(|(room, all)| (room, all.into()));
    Ok(shared.collect())
}

pub(super) async fn find(
    db: &mut PgConnection,
    room: RoomId,
    users: &[UserId],
) -> Result<Vec<MemberFact>> {
    let members = sqlx::query(concat!(
        "SELECT ",
        user_columns!(),
        ", s.role, s.joined_at
         FROM memberships s
         JOIN users u ON u.id = s.user_id
         WHERE s.room_id = $1 AND s.user_id = ANY ($2)"
    ))
    .bind(room)
    .bind(users)
    .fetch_all(db)
    .await?;
    Ok(rows::list(&members, rows::member)?)
}

#[expect(
    clippy::option_option,
    reason = "the promise of the store: whether to change it, and whether to take it away"
)]
pub(super) async fn set_notify(
    db: &mut PgConnection,
    room: RoomId,
    user: UserId,
    notify: Option<Notify>,
    muted_until: Option<Option<Timestamp>>,
) -> Result<Option<Membership>> {
    sqlx::query(
        "UPDATE memberships
         SET notify = coalesce($3, notify),
             muted_until = CASE WHEN $4 THEN $5 ELSE muted_until END
         WHERE room_id = $1 AND user_id = $2",
    )
    .bind(room)
    .bind(user)
    .bind(notify)
    .bind(muted_until.is_some())
    .bind(muted_until.flatten())
    .execute(&mut *db)
    .await?;
    reads::find_membership(db, room, user).await
}

pub(super) async fn list_acquaintances(
    db: &mut PgConnection,
    users: &[UserId],
    largest: u64,
) -> Result<Vec<(RoomId, UserId)>> {
    let acquaintances = sqlx::query_as(
        "SELECT room_id, user_id
         FROM memberships
         WHERE room_id IN (
             SELECT r.id
             FROM memberships mine
             JOIN rooms r ON r.id = mine.room_id AND r.member_count <= $2
             WHERE mine.user_id = ANY ($1)
         )",
    )
    .bind(users)
    .bind(int(largest))
    .fetch_all(db)
    .await?;
    Ok(acquaintances)
}
