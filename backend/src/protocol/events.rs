//! The socket's payloads. Events of clients ask, in the imperative; events of the server tell, in
//! the past.

use super::messages::{EditMessage, PostMessage};
use super::{object::Object, rooms::Member, roster::Roster, whole::Whole};
use crate::models::{Message, MessageId, Room, RoomId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// `leave_room`, `start_typing`, `stop_typing`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InRoom {
    pub room_id: String,
}

/// `join_room`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JoinRoom {
    pub room_id: String,
    /// The last place of the log the client has.
    #[schema(value_type = Option<i64>)]
    pub since: Option<Whole>,
    pub epoch: Option<String>,
    /// Messages of the newest page: 1 to 200, default 50.
    #[schema(value_type = Option<i64>)]
    pub limit: Option<Whole>,
}

/// The answer to `join_room`, and one room of the answer to `resume`. Either `changes` (all that
/// happened after `since`), or `messages` (the newest page). The next live entry is `lastSeq + 1`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JoinedRoom {
    pub room: Room,
    /// At most 100, those online first.
    #[schema(value_type = Vec<Member>)]
    pub members: Roster,
    pub last_seq: u64,
    /// Which history this is; give it back with `since`.
    pub epoch: String,
    /// Present when the client gave `since`: `true` means that what it has is not continued here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<LogEntry>>)]
    pub changes: Option<Vec<Missed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Message>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_before: Option<bool>,
}

/// `resume`: at most 200 rooms.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Resume {
    #[schema(value_type = Vec<ResumeRoom>)]
    pub rooms: Vec<Object<ResumeRoom>>,
}

/// One room to take up again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResumeRoom {
    pub room_id: String,
    #[schema(value_type = Option<i64>)]
    pub since: Option<Whole>,
    pub epoch: Option<String>,
}

/// The answer to `resume`, in the order asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Resumed {
    pub rooms: Vec<ResumedRoom>,
}

/// One room of the answer to `resume`: as `join_room` would answer, or why not.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResumedRoom {
    pub room_id: String,
    #[serde(flatten)]
    #[schema(inline)]
    pub outcome: ResumeOutcome,
}

/// Taken up, or refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ResumeOutcome {
    Joined(Box<JoinedRoom>),
    Refused { error: super::error::SocketError },
}

/// `send_message`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendMessage {
    pub room_id: String,
    #[serde(flatten)]
    pub message: PostMessage,
}

/// The answer to `send_message`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SentMessage {
    pub message: Message,
    /// The `clientId` was known: this is the first message as it now is.
    pub duplicate: bool,
}

/// `edit_message`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditMessageIn {
    pub room_id: String,
    pub message_id: String,
    #[serde(flatten)]
    pub message: EditMessage,
}

/// The answer to `edit_message`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Edited {
    pub message: Message,
}

/// `delete_message`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteMessage {
    pub room_id: String,
    pub message_id: String,
}

/// `add_reaction`, `remove_reaction`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct React {
    pub room_id: String,
    pub message_id: String,
    /// 1 to 32 characters without white space.
    pub emoji: String,
}

/// `mark_read`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarkReadIn {
    pub room_id: String,
    pub message_id: String,
    #[serde(default)]
    pub force: bool,
}

/// A log entry as it stands in `changes`: what would arrive live as `event` with `data`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogEntry {
    pub seq: u64,
    #[serde(flatten)]
    pub event: LogEvent,
}

/// An entry in `changes`, as it was read or as those who were there were told.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Missed {
    Read(LogEntry),
    Told {
        seq: u64,
        event: &'static str,
        data: Box<RawValue>,
    },
}

/// What happened in a room's log. Each is also a live event of that name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum LogEvent {
    MessageReceived(Box<Message>),
    MessageUpdated(Box<MessageChanged>),
    MessageDeleted(Box<MessageChanged>),
    ReactionAdded(ReactionChanged),
    ReactionRemoved(ReactionChanged),
    MemberAdded(Box<MemberChanged>),
    MemberChanged(Box<MemberChanged>),
    MemberRemoved(MemberRemoved),
    RoomUpdated(Box<RoomChanged>),
    RoomArchived(Box<RoomChanged>),
}

/// `message_updated`, `message_deleted`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageChanged {
    pub room_id: RoomId,
    pub seq: u64,
    pub message: Message,
}

/// `reaction_added`, `reaction_removed`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReactionChanged {
    pub room_id: RoomId,
    pub seq: u64,
    pub message_id: MessageId,
    pub emoji: String,
    pub user_id: UserId,
}

/// `member_added`, `member_changed`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberChanged {
    pub room_id: RoomId,
    pub seq: u64,
    pub member: Member,
}

/// `member_removed`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberRemoved {
    pub room_id: RoomId,
    pub seq: u64,
    pub user_id: UserId,
    /// Who did it; the same as `userId` for somebody who left.
    pub by: UserId,
}

/// `room_updated`, `room_archived`: the room without `membership`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomChanged {
    pub room_id: RoomId,
    pub seq: u64,
    pub room: Room,
}

/// `room_added`: the user has a new room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoomAdded {
    pub room: Room,
}

/// `room_removed`: the user is no longer a member. `room_reset`: this feed fell too far behind and
/// has stopped; join again.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfRoom {
    pub room_id: RoomId,
}

/// `read_marked`: the user has read on, on another connection.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadMarked {
    pub room_id: RoomId,
    pub last_read_seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_read_id: Option<MessageId>,
    pub unread: u8,
    pub mentions: u8,
}

/// `server_draining`: the transport closes; come back after that time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerDraining {
    pub reconnect_after_ms: u64,
}

/// The `data` of a `connect_error`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConnectRefused {
    pub code: super::error::ErrorCode,
    pub message: String,
}
