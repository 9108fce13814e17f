//! Rooms and who belongs to them.

use super::{present, whole::InQuery};
use crate::models::{MemberRole, Membership, Notify, Presence, Room, RoomKind, Timestamp, User};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `POST /api/rooms`: a room with a name, or the direct room of the caller and `userIds`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRoom {
    #[schema(value_type = RoomKind)]
    pub kind: String,
    /// 1 to 80 characters; needed unless direct.
    pub name: Option<String>,
    /// At most 500 characters.
    pub topic: Option<String>,
    /// For a direct room: the other people, 1 to 19.
    pub user_ids: Option<Vec<String>>,
}

/// `PATCH /api/rooms/{roomId}`: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct PatchRoom {
    pub name: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub topic: Option<Option<String>>,
}

/// `GET /api/rooms`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListRooms {
    #[param(value_type = Option<RoomKind>)]
    pub kind: Option<String>,
    /// Only rooms the caller is a member of.
    #[param(value_type = Option<bool>)]
    pub joined: Option<String>,
    /// Part of the name.
    pub q: Option<String>,
    /// 1 to 200, default 50.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
    pub cursor: Option<String>,
}

/// Rooms, newest activity first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rooms {
    pub rooms: Vec<Room>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub user: User,
    pub role: MemberRole,
    pub joined_at: Timestamp,
    pub presence: Presence,
    /// Whether one of their connections follows the room right now.
    pub here: bool,
}

/// `GET /api/rooms/{roomId}/members`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListMembers {
    /// 1 to 200, default 100.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
    pub cursor: Option<String>,
}

/// Members, those online first, then by username.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    pub members: Vec<Member>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `POST /api/rooms/{roomId}/members`: without `userIds` the caller joins a public room.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AddMembers {
    /// 1 to 200 people.
    pub user_ids: Option<Vec<String>>,
}

/// `PATCH /api/rooms/{roomId}/members/{userId}`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PatchMember {
    #[schema(value_type = MemberRole)]
    pub role: String,
}

/// `PATCH /api/rooms/{roomId}/membership`: what is absent stays, `null` ends the muting.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PatchMembership {
    #[schema(value_type = Option<Notify>)]
    pub notify: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub muted_until: Option<Option<String>>,
}

/// `PUT /api/rooms/{roomId}/read`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarkRead {
    pub message_id: String,
    /// Moves the marker back, too: what follows becomes unread.
    #[serde(default)]
    pub force: bool,
}

/// The answer to `mark_read`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Marked {
    pub membership: Membership,
}
