//! What operators see and do.

use super::belongings;
use super::rows::{self, Cells, session_columns, user_columns};
use crate::models::{
    AccountChange, Act, ActChange, ActId, Actor, AdminRoom, AdminUser, Ending, Session, SessionId,
    Target, Timestamp, UserId,
};
use crate::store::operators::{self, Record, Standing};
use crate::store::{
    ActFilter, AllRoomsFilter, AllRoomsPage, Changed, Denied, PeopleFilter, Result, StoreError,
};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Columns of [`person`], of the table `u`; `$1` is the present.
macro_rules! person_columns {
    () => {
        concat!(
            user_columns!(),
            ", u.last_seen_at, u.email, u.deactivated_at,
             (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.expires_at > $1)"
        )
    };
}

fn person(cells: &mut Cells<'_>) -> sqlx::Result<AdminUser> {
    Ok(AdminUser {
        user: rows::whole_user(cells)?,
        email: cells.take()?,
        deactivated_at: cells.take()?,
        sessions: cells.number()?,
    })
}

pub(super) async fn list_people(
    db: &mut PgConnection,
    filter: &PeopleFilter,
    now: Timestamp,
) -> Result<Vec<AdminUser>> {
    let found = sqlx::query(concat!(
        "SELECT ",
        person_columns!(),
        " FROM users u
         WHERE u.username > $2
           AND (starts_with(u.username, $3) OR starts_with(u.folded_name, $3)
                OR starts_with(u.email, $3))
           AND ($4::text IS NULL OR u.role = $4)
           AND ($5::boolean IS NULL OR (u.deactivated_at IS NOT NULL) = $5)
         ORDER BY u.username
         LIMIT $6"
    ))
    .bind(now)
    .bind(filter.after.as_deref().unwrap_or_default())
    .bind(filter.query.to_lowercase())
    .bind(filter.role)
    .bind(filter.deactivated)
    .bind(i64::from(filter.limit))
    .fetch_all(db)
    .await?;
    Ok(rows::list(&found, person)?)
}

async fn find_person(
    db: &mut PgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Option<AdminUser>> {
    let found = sqlx::query(concat!(
        "SELECT ",
        person_columns!(),
        " FROM users u
         WHERE u.id = $2"
    ))
    .bind(now)
    .bind(user)
    .fetch_optional(db)
    .await?;
    let read = |row| person(&mut Cells::of(row));
    Ok(found.as_ref().map(read).transpose()?)
}

/// Both sides of an act, as they are until this transaction ends: what operators do to accounts, they
/// do one after the other.
async fn face(db: &mut PgConnection, user: UserId, by: &Actor) -> Result<(AdminUser, AdminUser)> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('roost operators'))")
        .execute(&mut *db)
        .await?;
    let actor = find_person(db, by.user, by.at).await?;
    let target = find_person(db, user, by.at).await?;
    Ok(actor.zip(target).ok_or(Denied::NoUser)?)
}

pub(super) async fn change_account(
    db: &mut PgConnection,
    user: UserId,
    change: AccountChange,
    by: &Actor,
) -> Result<Changed> {
    let (actor, target) = face(db, user, by).await?;
    let owners: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM users WHERE role = 'owner' AND deactivated_at IS NULL",
    )
    .fetch_one(&mut *db)
    .await?;
    let settled = operators::settle(
        Standing::of(&actor),
        Standing::of(&target),
        u64::try_from(owners).unwrap_or(0),
        change,
        by.at,
    )?;
    if settled.records.is_empty() {
        return Ok(Changed {
            user: target,
            ended: Vec::new(),
        });
    }
    sqlx::query("UPDATE users SET role = $2, deactivated_at = $3 WHERE id = $1")
        .bind(user)
        .bind(settled.role)
        .bind(settled.deactivated_at)
        .execute(&mut *db)
        .await?;
    let ended = if settled.ends_logins {
        sqlx::query_scalar("DELETE FROM sessions WHERE user_id = $1 RETURNING id")
            .bind(user)
            .fetch_all(&mut *db)
            .await?
    } else {
        Vec::new()
    };
    for record in &settled.records {
        write_down(db, record, by).await?;
    }
    belongings::moved(db, &[user]).await?;
    let user = find_person(db, user, by.at)
        .await?
        .ok_or_else(|| StoreError::Corrupt("a user is gone in a transaction".to_owned()))?;
    Ok(Changed { user, ended })
}

pub(super) async fn end_logins(
    db: &mut PgConnection,
    user: UserId,
    which: Ending,
    by: &Actor,
) -> Result<Vec<SessionId>> {
    let (actor, target) = face(db, user, by).await?;
    operators::may_end(Standing::of(&actor), Standing::of(&target))?;
    let ended = sqlx::query(concat!(
        "DELETE FROM sessions s
         WHERE s.user_id = $1 AND ($2::uuid IS NULL OR s.id = $2)
         RETURNING ",
        session_columns!()
    ))
    .bind(user)
    .bind(which.one())
    .fetch_all(&mut *db)
    .await?;
    let ended: Vec<Session> = rows::list(&ended, rows::session)?;
    if let Some(record) = operators::record_of_end(&target.user, which, &ended) {
        write_down(db, &record, by).await?;
        belongings::moved(db, &[user]).await?;
    }
    Ok(ended.into_iter().map(|session| session.id).collect())
}

async fn write_down(db: &mut PgConnection, record: &Record, by: &Actor) -> Result<()> {
    let Record {
        id,
        action,
        target,
        change,
    } = record;
    sqlx::query(
        "INSERT INTO acts (id, at, actor_id, action, target_kind, target_id, target_name, before,
                           after, request_id, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(*id)
    .bind(by.at)
    .bind(by.user)
    .bind(*action)
    .bind(target.kind)
    .bind(target.id)
    .bind(&target.name)
    .bind(change.before.as_ref().map(Json))
    .bind(change.after.as_ref().map(Json))
    .bind(&by.request_id)
    .bind(&by.address)
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn list_acts(db: &mut PgConnection, filter: &ActFilter) -> Result<Vec<Act>> {
    let found = sqlx::query(concat!(
        "SELECT a.id, a.at, ",
        user_columns!(),
        ", a.action, a.target_kind, a.target_id, a.target_name, a.before, a.after, a.request_id,
           a.address
         FROM acts a
         JOIN users u ON u.id = a.actor_id
         WHERE ($1::uuid IS NULL OR a.actor_id = $1)
           AND ($2::text IS NULL OR a.action = $2)
           AND ($3::uuid IS NULL OR a.id < $3)
         ORDER BY a.id DESC
         LIMIT $4"
    ))
    .bind(filter.actor)
    .bind(filter.action)
    .bind(filter.before)
    .bind(i64::from(filter.limit))
    .fetch_all(db)
    .await?;
    Ok(rows::list(&found, act)?)
}

fn act(cells: &mut Cells<'_>) -> sqlx::Result<Act> {
    Ok(Act {
        id: cells.take::<ActId>()?,
        at: cells.take()?,
        actor: rows::user(cells)?,
        action: cells.take()?,
        target: Target {
            kind: cells.take()?,
            id: cells.take()?,
            name: cells.take()?,
        },
        change: ActChange {
            before: fields(cells)?,
            after: fields(cells)?,
        },
        request_id: cells.take()?,
        address: cells.take()?,
    })
}

fn fields(cells: &mut Cells<'_>) -> sqlx::Result<Option<Map<String, Value>>> {
    let fields: Option<Json<Map<String, Value>>> = cells.take()?;
    Ok(fields.map(|Json(fields)| fields))
}

pub(super) async fn list_all_rooms(
    db: &mut PgConnection,
    filter: &AllRoomsFilter,
) -> Result<AllRoomsPage> {
    let (after, after_id) = filter.after.unzip();
    // None of it is indexed: an index on what moves with every message would cost each message more
    // than sorting costs an operator.
    let found = sqlx::query(
        "SELECT *
         FROM (SELECT r.id, r.kind, r.name, r.member_count, h.last_seq, h.last_activity_at,
                      r.created_at, r.archived_at,
                      CASE $1
                          WHEN 'cost' THEN r.member_count * h.last_seq
                          WHEN 'members' THEN r.member_count
                          ELSE epoch_ms(h.last_activity_at)
                      END AS rank
               FROM rooms r
               JOIN room_heads h ON h.room_id = r.id
               WHERE ($2::text IS NULL OR r.kind = $2)
                 AND ($3 = '' OR strpos(r.folded_name, $3) > 0)) listed
         WHERE $4::bigint IS NULL OR (rank, id) < ($4, $5)
         ORDER BY rank DESC, id DESC
         LIMIT $6",
    )
    .bind(filter.order.word())
    .bind(filter.kind)
    .bind(filter.query.to_lowercase())
    .bind(after)
    .bind(after_id)
    .bind(i64::from(filter.limit) + 1)
    .fetch_all(db)
    .await?;
    let found: Vec<(AdminRoom, i64)> = rows::list(&found, |cells| {
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
    })?;
    Ok(AllRoomsPage::cut(found, filter.limit))
}
