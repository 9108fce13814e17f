//! What operators ask for, and what they are shown.

use super::whole::InQuery;
use crate::models::{Act, Action, AdminRoom, AdminUser, Role, RoomKind, RoomOrder};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whether somebody can log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum UserState {
    Active,
    Deactivated,
}

impl UserState {
    /// The state with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "active" => Some(Self::Active),
            "deactivated" => Some(Self::Deactivated),
            _ => None,
        }
    }
}

/// `GET /api/admin/users`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAdminUsers {
    /// The beginning of a username, a display name or an e-mail address.
    pub q: Option<String>,
    #[param(value_type = Option<Role>)]
    pub role: Option<String>,
    #[param(value_type = Option<UserState>)]
    pub state: Option<String>,
    /// 1 to 200, default 50.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
    pub cursor: Option<String>,
}

/// People, by username.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminUsers {
    pub users: Vec<AdminUser>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `PATCH /api/admin/users/{userId}`: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct PatchAdminUser {
    #[schema(value_type = Option<Role>)]
    pub role: Option<String>,
    /// Whether they can no longer log in.
    pub deactivated: Option<bool>,
}

/// `GET /api/admin/rooms`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAdminRooms {
    /// Part of the name.
    pub q: Option<String>,
    #[param(value_type = Option<RoomKind>)]
    pub kind: Option<String>,
    /// `cost` if absent.
    #[param(value_type = Option<RoomOrder>)]
    pub sort: Option<String>,
    /// 1 to 200, default 50.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
    pub cursor: Option<String>,
}

/// Rooms, in the order asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminRooms {
    pub rooms: Vec<AdminRoom>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `GET /api/admin/audit`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListActs {
    /// Only what this user did.
    #[param(value_type = Option<uuid::Uuid>)]
    pub actor: Option<String>,
    #[param(value_type = Option<Action>)]
    pub action: Option<String>,
    /// Only what was done before this entry.
    #[param(value_type = Option<uuid::Uuid>)]
    pub before: Option<String>,
    /// 1 to 200, default 50.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
}

/// What operators did, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Acts {
    pub entries: Vec<Act>,
    /// What to give as `before` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
