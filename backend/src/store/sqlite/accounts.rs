//! Accounts and what people say about themselves.

use super::rows::{self, Cells, USER};
use super::sessions;
use super::values::id_list;
use crate::models::{
    Account, Email, Me, NewSession, NewUser, Role, Timestamp, User, UserId, UserPatch,
};
use crate::store::{Result, StoreError, UserFilter};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(super) fn register(db: &Connection, new: &NewUser, session: &NewSession) -> Result<User> {
    let role = if has_users(db)? {
        Role::Member
    } else {
        Role::Owner
    };
    db.prepare_cached(
        "INSERT INTO users (id, username, display_name, folded_name, email, role, password_hash,
                            created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        new.id,
        new.username.as_str(),
        new.display_name.as_str(),
        new.display_name.as_str().to_lowercase(),
        new.email.as_ref().map(Email::as_str),
        role,
        new.password_hash,
        new.created_at,
    ])?;
    sessions::create(db, new.id, session)?;
    find_user(db, new.id)?
        .ok_or_else(|| StoreError::Corrupt("a new user is gone in its own transaction".to_owned()))
}

pub(super) fn has_users(db: &Connection) -> Result<bool> {
    let any = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM users)")?
        .query_row([], |row| row.get(0))?;
    Ok(any)
}

pub(super) fn find_account(db: &Connection, login: &str) -> Result<Option<Account>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {USER}, u.password_hash, u.deactivated_at
             FROM users u
             WHERE u.username = ?1 OR u.email = ?1
             ORDER BY u.username = ?1 DESC
             LIMIT 1"
        ))?
        .query_row([login], account)
        .optional()?;
    Ok(found)
}

pub(super) fn find_account_of(db: &Connection, user: UserId) -> Result<Option<Account>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {USER}, u.password_hash, u.deactivated_at
             FROM users u
             WHERE u.id = ?1"
        ))?
        .query_row([user], account)
        .optional()?;
    Ok(found)
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let mut cells = Cells::of(row);
    Ok(Account {
        user: rows::user(&mut cells)?,
        password_hash: cells.take()?,
        deactivated_at: cells.take()?,
    })
}

pub(super) fn find_user(db: &Connection, user: UserId) -> Result<Option<User>> {
    Ok(find_users(db, &[user])?.pop())
}

pub(super) fn find_users(db: &Connection, users: &[UserId]) -> Result<Vec<User>> {
    let list = id_list(users.iter().map(|user| user.0));
    let found = db
        .prepare_cached(&format!(
            "SELECT {USER}
             FROM users u
             WHERE u.id IN (SELECT unhex(value) FROM json_each(?1))"
        ))?
        .query_map([list], |row| rows::user(&mut Cells::of(row)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

pub(super) fn list_users(db: &Connection, filter: &UserFilter) -> Result<Vec<User>> {
    let among = filter.among.as_ref();
    let among = among.map(|users| id_list(users.iter().map(|user| user.0)));
    let found = db
        .prepare_cached(&format!(
            "SELECT {USER}
             FROM users u
             WHERE u.username > ?2
               AND (substr(u.username, 1, length(?1)) = ?1
                    OR substr(u.folded_name, 1, length(?1)) = ?1)
               AND u.deactivated_at IS NULL
               AND (?3 IS NULL OR u.id IN (SELECT unhex(value) FROM json_each(?3)))
             ORDER BY u.username
             LIMIT ?4"
        ))?
        .query_map(
            params![
                filter.query.to_lowercase(),
                filter.after.as_deref().unwrap_or_default(),
                among,
                filter.limit,
            ],
            |row| rows::user(&mut Cells::of(row)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

pub(super) fn find_me(db: &Connection, user: UserId) -> Result<Option<Me>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {USER}, u.last_seen_at, u.email, u.settings
             FROM users u
             WHERE u.id = ?1"
        ))?
        .query_row([user], |row| {
            let mut cells = Cells::of(row);
            let user = rows::whole_user(&mut cells)?;
            Ok(Me {
                last_seen_visible: user.last_seen_visible,
                user,
                email: cells.take()?,
                settings: cells.json()?,
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn update_user(db: &Connection, user: UserId, patch: UserPatch) -> Result<Option<Me>> {
    let Some(mut me) = find_me(db, user)? else {
        return Ok(None);
    };
    if let Some(name) = patch.display_name {
        name.as_str().clone_into(&mut me.user.display_name);
    }
    if let Some(email) = patch.email {
        me.email = email.map(|email| email.as_str().to_owned());
    }
    if let Some(avatar_url) = patch.avatar_url {
        me.user.avatar_url = avatar_url;
    }
    if let Some(visible) = patch.last_seen_visible {
        me.last_seen_visible = visible;
        me.user.last_seen_visible = visible;
    }
    if let Some(settings) = patch.settings {
        me.settings = settings;
    }
    let settings = serde_json::to_string(&me.settings)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    db.prepare_cached(
        "UPDATE users
         SET display_name = ?2, folded_name = ?3, email = ?4, avatar_url = ?5, settings = ?6,
             last_seen_visible = ?7
         WHERE id = ?1",
    )?
    .execute(params![
        user,
        me.user.display_name,
        me.user.display_name.to_lowercase(),
        me.email,
        me.user.avatar_url,
        settings,
        me.last_seen_visible,
    ])?;
    Ok(Some(me))
}

pub(super) fn saw_users(db: &Connection, seen: &[(UserId, Timestamp)]) -> Result<()> {
    let mut update = db.prepare_cached(
        "UPDATE users
         SET last_seen_at = ?2
         WHERE id = ?1 AND (last_seen_at IS NULL OR last_seen_at < ?2)",
    )?;
    for (user, at) in seen {
        update.execute(params![user, at])?;
    }
    Ok(())
}
