//! Who belongs to a room, and how far they have read.

use super::{MessageId, RoomKind, Timestamp, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberRole {
    Owner,
    Admin,
    Member,
}

impl MemberRole {
    /// The word that is stored and travels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// The role with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Member]
            .into_iter()
            .find(|role| role.word() == word)
    }

    /// May rename, archive, remove people and delete others' messages.
    pub fn governs(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

/// What a member wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    All,
    Mentions,
    None,
}

impl Notify {
    /// The word that is stored and travels.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mentions => "mentions",
            Self::None => "none",
        }
    }

    /// The choice with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::All, Self::Mentions, Self::None]
            .into_iter()
            .find(|notify| notify.word() == word)
    }
}

/// One's own membership. `unread` and `mentions` are exact to 99; 100 means more.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    pub role: MemberRole,
    pub joined_at: Timestamp,
    pub last_read_seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_read_id: Option<MessageId>,
    pub unread: u8,
    pub mentions: u8,
    pub notify: Notify,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Timestamp>,
}

/// Somebody's membership as the room's other members see it.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberFact {
    pub user: User,
    pub role: MemberRole,
    pub joined_at: Timestamp,
}

/// What one user may do with one room: all that a permission needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    pub kind: RoomKind,
    pub archived: bool,
    pub member_count: u64,
    /// The user's role, if a member.
    pub role: Option<MemberRole>,
}
