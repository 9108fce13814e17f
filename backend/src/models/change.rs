//! Log entries: every durable thing that happens in a room.

use super::{MemberFact, Message, MessageId, Room, RoomId, UserId};

/// One entry of a room's log. What it shows is as of reading it, not as of then: a message deleted
/// later is never told with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub room: RoomId,
    /// Its place: 1, 2, 3 … without gaps, over entries of every kind.
    pub seq: u64,
    pub change: Change,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    MessageReceived(Box<Message>),
    MessageUpdated(Box<Message>),
    MessageDeleted(Box<Message>),
    ReactionAdded {
        message: MessageId,
        emoji: String,
        user: UserId,
    },
    ReactionRemoved {
        message: MessageId,
        emoji: String,
        user: UserId,
    },
    MemberAdded(Box<MemberFact>),
    MemberChanged(Box<MemberFact>),
    MemberRemoved {
        user: UserId,
        by: UserId,
    },
    /// Without `membership` and `last_message`.
    RoomUpdated(Box<Room>),
    /// Without `membership` and `last_message`.
    RoomArchived(Box<Room>),
}
