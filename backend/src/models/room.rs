//! Rooms.

use super::{Author, Membership, Message, Refused, RoomId, Timestamp, UserId, text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who may come in: everybody, those who were added, or exactly these people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoomKind {
    Public,
    Private,
    Direct,
}

impl RoomKind {
    /// The word that is stored and travels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Direct => "direct",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Public, Self::Private, Self::Direct]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A room, as one viewer sees it: `membership` is the viewer's own, absent when they have none or
/// when the room is told to many at once.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    pub id: RoomId,
    pub kind: RoomKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    pub member_count: u64,
    /// The place of the newest entry of the room's log; 0 before the first.
    pub last_seq: u64,
    pub last_activity_at: Timestamp,
    pub created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// The people of a direct room, by username, the viewer among them; at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Box<Message>>,
}

/// A room about to be made. Its maker becomes owner; nobody's joining is an entry, so that its
/// log begins empty.
#[derive(Clone, Debug)]
pub struct NewRoom {
    pub id: RoomId,
    /// Never `Direct`: those are found or made by their people.
    pub kind: RoomKind,
    pub name: RoomName,
    pub topic: Option<RoomTopic>,
    pub created_at: Timestamp,
}

/// A change of a room; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct RoomPatch {
    pub name: Option<RoomName>,
    /// `Some(None)` takes the topic away.
    pub topic: Option<Option<RoomTopic>>,
}

/// 1 to 80 visible characters, trimmed. Need not be unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomName(String);

impl RoomName {
    /// # Errors
    /// When nothing is left after trimming, or it is too long.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let trimmed = text.trim();
        text::visible("the room's name", trimmed, 1, 80)?;
        Ok(Self(trimmed.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 1 to 500 characters; an empty topic is no topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomTopic(String);

impl RoomTopic {
    /// `None` for text that is empty after trimming.
    ///
    /// # Errors
    /// When it is too long or has NUL.
    pub fn parse(text: &str) -> Result<Option<Self>, Refused> {
        let trimmed = text.trim();
        text::bounded("the topic", trimmed, 0, 500)?;
        Ok((!trimmed.is_empty()).then(|| Self(trimmed.to_owned())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
