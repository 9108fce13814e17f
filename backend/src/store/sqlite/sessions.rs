//! Logins.

use super::belongings;
use super::rows::{self, Cells, SESSION, USER};
use crate::models::{NewSession, Session, SessionId, Timestamp, TokenHash, UserId};
use crate::store::{Login, Result};
use rusqlite::{Connection, OptionalExtension as _, params};

pub(super) fn create(db: &Connection, user: UserId, new: &NewSession) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_used_at,
                               expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
    )?
    .execute(params![
        new.id,
        user,
        new.token.0,
        new.user_agent,
        new.created_at,
        new.expires_at,
    ])?;
    Ok(())
}

pub(super) fn find(
    db: &Connection,
    tokens: &[TokenHash],
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<Option<Login>>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {SESSION}, {USER}, coalesce(m.moves, 0)
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         LEFT JOIN user_moves m ON m.user_id = u.id
         WHERE s.token_hash = ?1 AND s.expires_at > ?2 AND s.last_used_at >= ?3
           AND u.deactivated_at IS NULL"
    ))?;
    let mut logins = Vec::with_capacity(tokens.len());
    for token in tokens {
        let found = statement
            .query_row(params![token.0, now, idle_since], |row| {
                let mut cells = Cells::of(row);
                Ok(Login {
                    session: rows::session(&mut cells)?,
                    user: rows::user(&mut cells)?,
                    moves: cells.number()?,
                })
            })
            .optional()?;
        logins.push(found);
    }
    Ok(logins)
}

pub(super) fn used(db: &Connection, used: &[(SessionId, Timestamp)]) -> Result<()> {
    let mut update = db.prepare_cached(
        "UPDATE sessions
         SET last_used_at = ?2
         WHERE id = ?1 AND last_used_at < ?2",
    )?;
    for (session, at) in used {
        update.execute(params![session, at])?;
    }
    Ok(())
}

pub(super) fn list(db: &Connection, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {SESSION}
             FROM sessions s
             WHERE s.user_id = ?1 AND s.expires_at > ?2
             ORDER BY s.created_at DESC, s.id DESC"
        ))?
        .query_map(params![user, now], |row| rows::session(&mut Cells::of(row)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

pub(super) fn end(db: &Connection, user: UserId, session: SessionId) -> Result<bool> {
    let ended = db
        .prepare_cached("DELETE FROM sessions WHERE id = ?1 AND user_id = ?2")?
        .execute(params![session, user])?
        > 0;
    if ended {
        belongings::moved(db, &[user])?;
    }
    Ok(ended)
}

pub(super) fn set_password(
    db: &Connection,
    user: UserId,
    password_hash: &str,
    keep: Option<SessionId>,
) -> Result<Vec<SessionId>> {
    db.prepare_cached("UPDATE users SET password_hash = ?2 WHERE id = ?1")?
        .execute(params![user, password_hash])?;
    let ended: Vec<SessionId> = db
        .prepare_cached(
            "DELETE FROM sessions
             WHERE user_id = ?1 AND id IS NOT ?2
             RETURNING id",
        )?
        .query_map(params![user, keep], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if !ended.is_empty() {
        belongings::moved(db, &[user])?;
    }
    Ok(ended)
}
