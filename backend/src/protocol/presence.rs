//! Typing, presence and who is here.

use crate::models::{RoomId, Timestamp, User, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `update_presence`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct UpdatePresence {
    /// `online` or `away`.
    #[schema(value_type = String, pattern = "^(online|away)$")]
    pub status: String,
}

/// `user_joined`, `user_left`: somebody follows the room, or no longer does.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Here {
    pub room_id: RoomId,
    pub user: User,
    pub at: Timestamp,
}

/// `user_typing`, `user_stopped_typing`
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    pub room_id: RoomId,
    pub user_id: UserId,
}
