//! What operators see and do.

use super::belongings;
use super::rows::{self, Cells, SESSION, USER};
use crate::models::{
    AccountChange, Act, ActChange, Actor, AdminRoom, AdminUser, Ending, Session, SessionId, Target,
    Timestamp, UserId,
};
use crate::store::operators::{self, Record, Standing};
use crate::store::{
    ActFilter, AllRoomsFilter, AllRoomsPage, Changed, Denied, PeopleFilter, Result, StoreError,
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Map, Value};

/// Columns of [`person`], of the table `u`, after those of [`USER`]; `?1` is the present.
const AS_OPERATORS_SEE: &str = "u.last_seen_at, u.email, u.deactivated_at, \
     (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.expires_at > ?1)";

fn person(cells: &mut Cells<'_, '_>) -> rusqlite::Result<AdminUser> {
    Ok(AdminUser {
        user: rows::whole_user(cells)?,
        email: cells.take()?,
        deactivated_at: cells.take()?,
        sessions: cells.number()?,
    })
}

pub(super) fn list_people(
    db: &Connection,
    filter: &PeopleFilter,
    now: Timestamp,
) -> Result<Vec<AdminUser>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {USER}, {AS_OPERATORS_SEE}
             FROM users u
             WHERE u.username > ?2
               AND (substr(u.username, 1, length(?3)) = ?3
                    OR substr(u.folded_name, 1, length(?3)) = ?3
                    OR substr(u.email, 1, length(?3)) = ?3)
               AND (?4 IS NULL OR u.role = ?4)
               AND (?5 IS NULL OR (u.deactivated_at IS NOT NULL) = ?5)
             ORDER BY u.username
             LIMIT ?6"
        ))?
        .query_map(
            params![
                now,
                filter.after.as_deref().unwrap_or_default(),
                filter.query.to_lowercase(),
                filter.role,
                filter.deactivated,
                filter.limit,
            ],
            |row| person(&mut Cells::of(row)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

fn find_person(db: &Connection, user: UserId, now: Timestamp) -> Result<Option<AdminUser>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {USER}, {AS_OPERATORS_SEE}
             FROM users u
             WHERE u.id = ?2"
        ))?
        .query_row(params![now, user], |row| person(&mut Cells::of(row)))
        .optional()?;
    Ok(found)
}

/// Both sides of an act, as they are until this transaction ends.
fn face(db: &Connection, user: UserId, by: &Actor) -> Result<(AdminUser, AdminUser)> {
    let actor = find_person(db, by.user, by.at)?;
    let target = find_person(db, user, by.at)?;
    Ok(actor.zip(target).ok_or(Denied::NoUser)?)
}

pub(super) fn change_account(
    db: &Connection,
    user: UserId,
    change: AccountChange,
    by: &Actor,
) -> Result<Changed> {
    let (actor, target) = face(db, user, by)?;
    let owners = db
        .prepare_cached(
            "SELECT count(*) FROM users WHERE role = 'owner' AND deactivated_at IS NULL",
        )?
        .query_row([], |row| Cells::of(row).number())?;
    let (actor, standing) = (Standing::of(&actor), Standing::of(&target));
    let settled = operators::settle(actor, standing, owners, change, by.at)?;
    if settled.records.is_empty() {
        return Ok(Changed {
            user: target,
            ended: Vec::new(),
        });
    }
    db.prepare_cached("UPDATE users SET role = ?2, deactivated_at = ?3 WHERE id = ?1")?
        .execute(params![user, settled.role, settled.deactivated_at])?;
    let ended = if settled.ends_logins {
        db.prepare_cached("DELETE FROM sessions WHERE user_id = ?1 RETURNING id")?
            .query_map([user], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?
    } else {
        Vec::new()
    };
    for record in &settled.records {
        write_down(db, record, by)?;
    }
    belongings::moved(db, &[user])?;
    let user = find_person(db, user, by.at)?
        .ok_or_else(|| StoreError::Corrupt("a user is gone in a transaction".to_owned()))?;
    Ok(Changed { user, ended })
}

pub(super) fn end_logins(
    db: &Connection,
    user: UserId,
    which: Ending,
    by: &Actor,
) -> Result<Vec<SessionId>> {
    let (actor, target) = face(db, user, by)?;
    operators::may_end(Standing::of(&actor), Standing::of(&target))?;
    let ended: Vec<Session> = db
        .prepare_cached(&format!(
            "SELECT {SESSION}
             FROM sessions s
             WHERE s.user_id = ?1 AND (?2 IS NULL OR s.id = ?2)"
        ))?
        .query_map(params![user, which.one()], |row| {
            rows::session(&mut Cells::of(row))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if let Some(record) = operators::record_of_end(&target.user, which, &ended) {
        db.prepare_cached("DELETE FROM sessions WHERE user_id = ?1 AND (?2 IS NULL OR id = ?2)")?
            .execute(params![user, which.one()])?;
        write_down(db, &record, by)?;
        belongings::moved(db, &[user])?;
    }
    Ok(ended.into_iter().map(|session| session.id).collect())
}

fn write_down(db: &Connection, record: &Record, by: &Actor) -> Result<()> {
    let Record {
        id,
        action,
        target,
        change,
    } = record;
    let text = |fields: &Option<Map<String, Value>>| {
        let text = fields.as_ref().map(serde_json::to_string).transpose();
        text.map_err(|error| StoreError::Corrupt(error.to_string()))
    };
    db.prepare_cached(
        "INSERT INTO acts (id, at, actor_id, action, target_kind, target_id, target_name, before,
                           after, request_id, address)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        id,
        by.at,
        by.user,
        action,
        target.kind,
        target.id.as_bytes(),
        target.name,
        text(&change.before)?,
        text(&change.after)?,
        by.request_id,
        by.address,
    ])?;
    Ok(())
}

pub(super) fn list_acts(db: &Connection, filter: &ActFilter) -> Result<Vec<Act>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT a.id, a.at, {USER}, a.action, a.target_kind, a.target_id, a.target_name,
                    a.before, a.after, a.request_id, a.address
             FROM acts a
             JOIN users u ON u.id = a.actor_id
             WHERE (?1 IS NULL OR a.actor_id = ?1)
               AND (?2 IS NULL OR a.action = ?2)
               AND (?3 IS NULL OR a.id < ?3)
             ORDER BY a.id DESC
             LIMIT ?4"
        ))?
        .query_map(
            params![filter.actor, filter.action, filter.before, filter.limit],
            |row| act(&mut Cells::of(row)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

fn act(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Act> {
    Ok(Act {
        id: cells.take()?,
        at: cells.take()?,
        actor: rows::user(cells)?,
        action: cells.take()?,
        target: Target {
            kind: cells.take()?,
            id: cells.id()?,
            name: cells.take()?,
        },
        change: ActChange {
            before: cells.maybe_json()?,
            after: cells.maybe_json()?,
        },
        request_id: cells.take()?,
        address: cells.take()?,
    })
}

pub(super) fn list_all_rooms(db: &Connection, filter: &AllRoomsFilter) -> Result<AllRoomsPage> {
    let (after, after_id) = filter.after.unzip();
    let found: Vec<(AdminRoom, i64)> = db
        .prepare_cached(
            "SELECT *
             FROM (SELECT r.id, r.kind, r.name, r.member_count, h.last_seq, r.last_activity_at,
                          r.created_at, r.archived_at,
                          CASE ?1
                              WHEN 'cost' THEN r.member_count * h.last_seq
                              WHEN 'members' THEN r.member_count
                              ELSE r.last_activity_at
                          END AS rank
                   FROM rooms r
                   JOIN room_heads h ON h.room_id = r.id
                   WHERE (?2 IS NULL OR r.kind = ?2)
                     AND (?3 = '' OR instr(r.folded_name, ?3) > 0)) listed
             WHERE ?4 IS NULL OR (rank, id) < (?4, ?5)
             ORDER BY rank DESC, id DESC
             LIMIT ?6",
        )?
        .query_map(
            params![
                filter.order.word(),
                filter.kind,
                filter.query.to_lowercase(),
                after,
                after_id,
                i64::from(filter.limit) + 1,
            ],
            |row| {
                let mut cells = Cells::of(row);
                let room = AdminRoom {
                    id: cells.take()?,
                    kind: cells.take()?,
                    name: cells.take()?,
                    member_count: cells.number()?,
                    entries: cells.number()?,
                    last_activity_at: cells.take()?,
                    created_at: cells.take()?,
                    archived_at: cells.take()?,
                };
                Ok((room, cells.take()?))
            },
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok(AllRoomsPage::cut(found, filter.limit))
}
