//! Accounts and logins.

use crate::models::{Me, Session, User};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use utoipa::{IntoParams, ToSchema};

use super::{present, whole::InQuery};

/// `POST /api/auth/register`
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Register {
    /// 2 to 32 of `a-z 0-9 _ . -`; upper case is folded.
    pub username: String,
    /// 8 to 256 characters.
    pub password: String,
    /// 1 to 80 characters; the username if absent.
    pub display_name: Option<String>,
    pub email: Option<String>,
}

/// What a stranger at the door may know.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AtTheDoor {
    /// While false, the account that is made next is the server's owner's.
    pub has_owner: bool,
    /// Whether strangers may make themselves an account.
    pub registration: Registering,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registering {
    Open,
    Closed,
}

/// `POST /api/auth/login`
#[derive(Clone, Deserialize, ToSchema)]
pub struct LogIn {
    /// Username or e-mail address.
    #[serde(alias = "username", alias = "email")]
    pub login: String,
    pub password: String,
}

/// `POST /api/auth/password`
#[derive(Clone, Deserialize, ToSchema)]
pub struct ChangePassword {
    pub current: String,
    /// 8 to 256 characters.
    pub new: String,
}

/// A fresh login. The same token is also set as a cookie.
#[derive(Clone, Serialize, ToSchema)]
pub struct SignedIn {
    /// For `Authorization: Bearer …` and the `auth` of a Socket.IO CONNECT.
    pub token: String,
    pub user: Me,
}

/// The caller's logins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sessions {
    pub sessions: Vec<OwnSession>,
}

/// One login of the caller.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSession {
    #[serde(flatten)]
    pub session: Session,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET /api/users`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// The beginning of a username or display name.
    pub q: Option<String>,
    /// 1 to 200, default 50.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
    pub cursor: Option<String>,
}

/// People.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Users {
    pub users: Vec<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `PATCH /api/users/me`: what is absent stays, `null` takes away.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PatchMe {
    pub display_name: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// A path on this server or an `https` address, at most 500 characters.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub avatar_url: Option<Option<String>>,
    /// Whether others are told when the caller was last here.
    pub last_seen_visible: Option<bool>,
    /// An object of at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    pub settings: Option<Value>,
}

/// Requests with secrets in them are never printed with their fields.
macro_rules! secret {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

secret!(Register, LogIn, ChangePassword, SignedIn);
