//! Who is reachable.

use super::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `Unknown` is said when presence itself cannot be reached; it never means offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Online,
    Away,
    Offline,
    Unknown,
}

/// One user's presence. `last_seen_at` is when they were last connected, or now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    pub user_id: UserId,
    pub status: Status,
    pub last_seen_at: Option<Timestamp>,
}
