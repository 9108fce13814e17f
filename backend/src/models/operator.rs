//! What operators, the owners and admins of a server, see and do.

use super::ids::ActId;
use super::{Role, RoomId, RoomKind, SessionId, Timestamp, User, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody, as operators see them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminUser {
    #[serde(flatten)]
    pub user: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Since when they cannot log in, if they cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Timestamp>,
    /// Logins that are not past their end.
    pub sessions: u64,
}

/// A room, as operators see it: how large and how old it is, and nothing that was said there. A
/// direct room has no name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminRoom {
    pub id: RoomId,
    pub kind: RoomKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub member_count: u64,
    /// The place of the newest entry of its log, which is how many there were.
    pub entries: u64,
    pub last_activity_at: Timestamp,
    pub created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
}

/// What rooms are ordered by, the most first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum RoomOrder {
    /// Members times entries.
    #[default]
    Cost,
    Members,
    Activity,
}

impl RoomOrder {
    /// The word that travels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Members => "members",
            Self::Activity => "activity",
        }
    }

    /// The order with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Cost, Self::Members, Self::Activity]
            .into_iter()
            .find(|order| order.word() == word)
    }
}

/// What an operator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Action {
    #[serde(rename = "user.role_changed")]
    RoleChanged,
    #[serde(rename = "user.deactivated")]
    Deactivated,
    #[serde(rename = "user.reactivated")]
    Reactivated,
    #[serde(rename = "session.revoked")]
    SessionRevoked,
    #[serde(rename = "sessions.revoked")]
    SessionsRevoked,
}

impl Action {
    const ALL: [Self; 5] = [
        Self::RoleChanged,
        Self::Deactivated,
        Self::Reactivated,
        Self::SessionRevoked,
        Self::SessionsRevoked,
    ];

    /// The word that is stored and travels.
    pub fn word(self) -> &'static str {
        match self {
            Self::RoleChanged => "user.role_changed",
            Self::Deactivated => "user.deactivated",
            Self::Reactivated => "user.reactivated",
            Self::SessionRevoked => "session.revoked",
            Self::SessionsRevoked => "sessions.revoked",
        }
    }

    /// The action with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// What kind of thing an operator acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    User,
    Session,
}

impl TargetKind {
    /// The word that is stored and travels.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Session => "session",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::User, Self::Session]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// What an operator acted on, as it was called then.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Target {
    pub kind: TargetKind,
    pub id: Uuid,
    /// The username: of a session, that of its user.
    pub name: String,
}

/// Something an operator did to somebody, written down in the transaction that did it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Act {
    pub id: ActId,
    pub at: Timestamp,
    /// Who did it, as they are now.
    pub actor: User,
    pub action: Action,
    pub target: Target,
    #[serde(flatten)]
    #[schema(inline)]
    pub change: ActChange,
    /// By which the log tells of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The address the request came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// How what was acted on was before, and how it is after.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ActChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<Map<String, Value>>,
}

/// Who asks for an act, and how the record will say so.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user: UserId,
    pub at: Timestamp,
    pub request_id: Option<String>,
    pub address: Option<String>,
}

/// What an operator changes about an account; `None` leaves it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountChange {
    pub role: Option<Role>,
    pub deactivated: Option<bool>,
}

/// Which logins of somebody an operator ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    One(SessionId),
    All,
}

impl Ending {
    /// The login that it is about, unless it is about all.
    pub fn one(self) -> Option<SessionId> {
        match self {
            Self::One(session) => Some(session),
            Self::All => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_stored_by_the_word_that_travels() {
        for action in Action::ALL {
            let travels = serde_json::to_value(action).unwrap();
            assert_eq!(travels, action.word());
            assert_eq!(Action::from_word(action.word()), Some(action));
        }
        assert_eq!(Action::from_word("user.praised"), None);
    }
}
