//! Logins.

use super::{SessionId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// SHA-256 of a token. The token itself is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// A login, as its owner sees it in the list of theirs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: SessionId,
    #[serde(skip)]
    pub user_id: UserId,
    /// What the client called itself, cut to 200 characters.
    pub user_agent: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A login about to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub token: TokenHash,
    pub user_agent: String,
    pub created_at: Timestamp,
    /// The absolute end, however much it is used.
    pub expires_at: Timestamp,
}
