//! Messages, history and the log.

use super::{events::LogEntry, present, whole::InQuery};
use crate::models::{Message, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// What is sent: the body of `POST /api/rooms/{roomId}/messages` and, with `roomId`, the payload
/// of `send_message`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PostMessage {
    /// 1 to 10,000 characters, not all of them white space.
    pub content: String,
    /// 1 to 64 characters. Sending the same one again stores nothing.
    pub client_id: Option<String>,
    /// The message this answers, in the same room.
    pub reply_to: Option<String>,
    /// At most 4 KiB.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

/// What an edit says: the body of `PATCH /api/rooms/{roomId}/messages/{messageId}` and, with `roomId`
/// and `messageId`, the payload of `edit_message`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditMessage {
    /// 1 to 10,000 characters, not all of them white space.
    pub content: String,
    /// The `editedAt` of the message as its author saw it, `null` when it had none. If it has been
    /// edited since and now says something else, nothing is changed: `conflict`. When this is
    /// absent, whatever the message says is overwritten.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub expected_edited_at: Option<Option<String>>,
}

/// `GET /api/rooms/{roomId}/messages`: at most one of the anchors; none is the newest page.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListMessages {
    /// The messages just before this one.
    pub before: Option<String>,
    /// The messages just after this one.
    pub after: Option<String>,
    /// This message and those around it.
    pub around: Option<String>,
    /// The messages around this moment.
    pub at: Option<String>,
    /// 1 to 200, default 50.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
}

/// One page of history, ascending.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessagePage {
    pub messages: Vec<Message>,
    pub last_seq: u64,
    pub has_before: bool,
    pub has_after: bool,
}

/// `GET /api/rooms/{roomId}/changes`
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListChanges {
    /// The last place the client has.
    #[param(value_type = i64)]
    pub since: InQuery,
    /// The history the client knows; another one is `gone`.
    pub epoch: Option<String>,
    /// 1 to 1,000, default 200.
    #[param(value_type = Option<i64>)]
    pub limit: Option<InQuery>,
}

/// A piece of a room's log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    pub changes: Vec<LogEntry>,
    pub last_seq: u64,
    pub epoch: String,
    /// Whether there is more after the last of these.
    pub more: bool,
}
