//! Logins.

use super::belongings;
use super::rows::{self, Cells, session_columns, user_columns};
use crate::models::{NewSession, Session, SessionId, Timestamp, TokenHash, UserId};
use crate::store::{Login, Result};
use sqlx::PgConnection;

pub(super) async fn create(db: &mut PgConnection, user: UserId, new: &NewSession) -> Result<()> {
    sqlx::query(
        "INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_used_at,
                               expires_at)
         VALUES ($1, $2, $3, $4, $5, $5, $6)",
    )
    .bind(new.id)
    .bind(user)
    .bind(&new.token.0[..])
    .bind(&new.user_agent)
    .bind(new.created_at)
    .bind(new.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn find(
    db: &mut PgConnection,
    tokens: &[TokenHash],
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<Option<Login>>> {
    let hashes: Vec<&[u8]> = tokens.iter().map(|token| &token.0[..]).collect();
    let found = sqlx::query(concat!(
        "SELECT wanted.place, ",
        session_columns!(),
        ", ",
        user_columns!(),
        ", coalesce(m.moves, 0)
         FROM unnest($1::bytea[]) WITH ORDINALITY wanted (hash, place)
         JOIN sessions s ON s.token_hash = wanted.hash
         JOIN users u ON u.id = s.user_id
         LEFT JOIN user_moves m ON m.user_id = u.id
         WHERE s.expires_at > $2 AND s.last_used_at >= $3 AND u.deactivated_at IS NULL"
    ))
    .bind(hashes)
    .bind(now)
    .bind(idle_since)
    .fetch_all(db)
    .await?;
    let mut logins = vec![None; tokens.len()];
    for row in &found {
        let mut cells = Cells::of(row);
        let login = &mut logins[cells.place()?];
        *login = Some(Login {
            session: rows::session(&mut cells)?,
            user: rows::user(&mut cells)?,
            moves: cells.number()?,
        });
    }
    Ok(logins)
}

pub(super) async fn used(db: &mut PgConnection, used: &[(SessionId, Timestamp)]) -> Result<()> {
    let (sessions, times): (Vec<SessionId>, Vec<Timestamp>) = used.iter().copied().unzip();
    // Locked in one order, so that two nodes with the same sessions wait for each other one way.
    sqlx::query(
        "WITH used AS (
             SELECT id, max(at) AS at
             FROM unnest($1::uuid[], $2::timestamptz[]) g (id, at)
             GROUP BY id
         ),
         held AS MATERIALIZED (
             SELECT id FROM sessions
             WHERE id IN (SELECT id FROM used)
             ORDER BY id
             FOR NO KEY UPDATE
         )
         UPDATE sessions s
         SET last_used_at = used.at
         FROM used
         JOIN held ON held.id = used.id
         WHERE s.id = used.id AND s.last_used_at < used.at",
    )
    .bind(sessions)
    .bind(times)
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn list(
    db: &mut PgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>> {
    let found = sqlx::query(concat!(
        "SELECT ",
        session_columns!(),
        " FROM sessions s
         WHERE s.user_id = $1 AND s.expires_at > $2
         ORDER BY s.created_at DESC, s.id DESC"
    ))
    .bind(user)
    .bind(now)
    .fetch_all(db)
    .await?;
    Ok(rows::list(&found, rows::session)?)
}

pub(super) async fn end(db: &mut PgConnection, user: UserId, session: SessionId) -> Result<bool> {
    let ended = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
        .bind(session)
        .bind(user)
        .execute(&mut *db)
        .await?
        .rows_affected()
        > 0;
    if ended {
        belongings::moved(db, &[user]).await?;
    }
    Ok(ended)
}

pub(super) async fn set_password(
    db: &mut PgConnection,
    user: UserId,
    password_hash: &str,
    keep: Option<SessionId>,
) -> Result<Vec<SessionId>> {
    sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
        .bind(user)
        .bind(password_hash)
        .execute(&mut *db)
        .await?;
    let ended: Vec<SessionId> = sqlx::query_scalar(
        "DELETE FROM sessions
         WHERE user_id = $1 AND id IS DISTINCT FROM $2
         RETURNING id",
    )
    .bind(user)
    .bind(keep)
    .fetch_all(&mut *db)
    .await?;
    if !ended.is_empty() {
        belongings::moved(db, &[user]).await?;
    }
    Ok(ended)
}
