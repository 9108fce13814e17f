//! Accounts and what people say about themselves.

use super::rows::{self, Cells, user_columns};
use super::sessions;
use crate::models::{
    Account, DisplayName, Email, Me, NewSession, NewUser, Role, Timestamp, User, UserId, UserPatch,
};
use crate::store::{Result, StoreError, UserFilter};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

pub(super) async fn register(
    db: &mut PgConnection,
    new: &NewUser,
    session: &NewSession,
) -> Result<User> {
    let role = if is_first(db).await? {
        Role::Owner
    } else {
        Role::Member
    };
    sqlx::query(
        "INSERT INTO users (id, username, display_name, folded_name, email, role, password_hash,
                            created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.id)
    .bind(new.username.as_str())
    .bind(new.display_name.as_str())
    .bind(new.display_name.as_str().to_lowercase())
    .bind(new.email.as_ref().map(Email::as_str))
    .bind(role)
    .bind(&new.password_hash)
    .bind(new.created_at)
    .execute(&mut *db)
    .await?;
    sessions::create(db, new.id, session).await?;
    find_user(db, new.id)
        .await?
        .ok_or_else(|| StoreError::Corrupt("a new user is gone in its own transaction".to_owned()))
}

/// Whether there is nobody yet, and nobody else will be the first while this transaction lasts.
async fn is_first(db: &mut PgConnection) -> Result<bool> {
    if has_users(db).await? {
        return Ok(false);
    }
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('roost first account'))")
        .execute(&mut *db)
        .await?;
    Ok(!has_users(db).await?)
}

pub(super) async fn has_users(db: &mut PgConnection) -> Result<bool> {
    let any = sqlx::query_scalar("SELECT EXISTS (SELECT FROM users)")
        .fetch_one(db)
        .await?;
    Ok(any)
}

pub(super) async fn find_account(db: &mut PgConnection, login: &str) -> Result<Option<Account>> {
    let row = sqlx::query(concat!(
        "SELECT ",
        user_columns!(),
        ", u.password_hash, u.deactivated_at
         FROM users u
         WHERE u.username = $1 OR u.email = $1
         ORDER BY u.username = $1 DESC
         LIMIT 1"
    ))
    .bind(login)
    .fetch_optional(db)
    .await?;
    Ok(row.as_ref().map(account).transpose()?)
}

pub(super) async fn find_account_of(
    db: &mut PgConnection,
    user: UserId,
) -> Result<Option<Account>> {
    let row = sqlx::query(concat!(
        "SELECT ",
        user_columns!(),
        ", u.password_hash, u.deactivated_at
         FROM users u
         WHERE u.id = $1"
    ))
    .bind(user)
    .fetch_optional(db)
    .await?;
    Ok(row.as_ref().map(account).transpose()?)
}

fn account(row: &PgRow) -> sqlx::Result<Account> {
    let mut cells = Cells::of(row);
    Ok(Account {
        user: rows::user(&mut cells)?,
        password_hash: cells.take()?,
        deactivated_at: cells.take()?,
    })
}

pub(super) async fn find_user(db: &mut PgConnection, user: UserId) -> Result<Option<User>> {
    Ok(find_users(db, &[user]).await?.pop())
}

pub(super) async fn find_users(db: &mut PgConnection, users: &[UserId]) -> Result<Vec<User>> {
    let found = sqlx::query(concat!(
        "SELECT ",
        user_columns!(),
        " FROM users u
         WHERE u.id = ANY ($1)"
    ))
    .bind(users)
    .fetch_all(db)
    .await?;
    Ok(rows::list(&found, rows::user)?)
}

pub(super) async fn list_users(db: &mut PgConnection, filter: &UserFilter) -> Result<Vec<User>> {
    let found = sqlx::query(concat!(
        "SELECT ",
        user_columns!(),
        " FROM users u
         WHERE u.username > $2
           AND (starts_with(u.username, $1) OR starts_with(u.folded_name, $1))
           AND u.deactivated_at IS NULL
           AND ($3::uuid[] IS NULL OR u.id = ANY ($3))
         ORDER BY u.username
         LIMIT $4"
    ))
    .bind(filter.query.to_lowercase())
    .bind(filter.after.as_deref().unwrap_or_default())
    .bind(filter.among.as_deref())
    .bind(i64::from(filter.limit))
    .fetch_all(db)
    .await?;
    Ok(rows::list(&found, rows::user)?)
}

pub(super) async fn find_me(db: &mut PgConnection, user: UserId) -> Result<Option<Me>> {
    let row = sqlx::query(concat!(
        "SELECT ",
        user_columns!(),
        ", u.last_seen_at, u.email, u.settings
         FROM users u
         WHERE u.id = $1"
    ))
    .bind(user)
    .fetch_optional(db)
    .await?;
    Ok(row.as_ref().map(me).transpose()?)
}

fn me(row: &PgRow) -> sqlx::Result<Me> {
    let mut cells = Cells::of(row);
    let user = rows::whole_user(&mut cells)?;
    Ok(Me {
        last_seen_visible: user.last_seen_visible,
        user,
        email: cells.take()?,
        settings: cells.json()?,
    })
}

pub(super) async fn update_user(
    db: &mut PgConnection,
    user: UserId,
    patch: &UserPatch,
) -> Result<Option<Me>> {
    let name = patch.display_name.as_ref().map(DisplayName::as_str);
    let email = patch
        .email
        .as_ref()
        .map(|email| email.as_ref().map(Email::as_str));
    let settings = patch
        .settings
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query(
        "UPDATE users
         SET display_name = coalesce($2, display_name),
             folded_name = coalesce($3, folded_name),
             email = CASE WHEN $4 THEN $5 ELSE email END,
             avatar_url = CASE WHEN $6 THEN $7 ELSE avatar_url END,
             settings = coalesce($8::text::json, settings),
             last_seen_visible = coalesce($9, last_seen_visible)
         WHERE id = $1",
    )
    .bind(user)
    .bind(name)
    .bind(name.map(str::to_lowercase))
    .bind(email.is_some())
    .bind(email.flatten())
    .bind(patch.avatar_url.is_some())
    .bind(patch.avatar_url.as_ref().and_then(Option::as_deref))
    .bind(settings)
    .bind(patch.last_seen_visible)
    .execute(&mut *db)
    .await?;
    find_me(db, user).await
}

pub(super) async fn saw_users(db: &mut PgConnection, seen: &[(UserId, Timestamp)]) -> Result<()> {
    let (users, times): (Vec<UserId>, Vec<Timestamp>) = seen.iter().copied().unzip();
    // Locked in one order, so that two nodes with the same people wait for each other one way.
    sqlx::query(
        "WITH seen AS (
             SELECT id, max(at) AS at
             FROM unnest($1::uuid[], $2::timestamptz[]) g (id, at)
             GROUP BY id
         ),
         held AS MATERIALIZED (
             SELECT id FROM users
             WHERE id IN (SELECT id FROM seen)
             ORDER BY id
             FOR NO KEY UPDATE
         )
         UPDATE users u
         SET last_seen_at = seen.at
         FROM seen
         JOIN held ON held.id = seen.id
         WHERE u.id = seen.id AND (u.last_seen_at IS NULL OR u.last_seen_at < seen.at)",
    )
    .bind(users)
    .bind(times)
    .execute(db)
    .await?;
    Ok(())
}
