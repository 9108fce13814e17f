//! Log entries as they are kept and as a reader now sees them: what both databases share.
//!
//! A database keeps what happened as a few columns; what an entry *shows* (a message, a member, the
//! room) is loaded as of now, all of a page at once, and put together here.

use super::{Result, StoreError};
use crate::models::{
    Change, MemberFact, MemberRole, Message, MessageId, Room, Timestamp, User, UserId,
};
use std::collections::HashMap;

pub(super) const MESSAGE_UPDATED: &str = "message_updated";
pub(super) const MESSAGE_DELETED: &str = "message_deleted";
pub(super) const REACTION_ADDED: &str = "reaction_added";
pub(super) const REACTION_REMOVED: &str = "reaction_removed";
pub(super) const MEMBER_ADDED: &str = "member_added";
pub(super) const MEMBER_CHANGED: &str = "member_changed";
pub(super) const MEMBER_REMOVED: &str = "member_removed";
pub(super) const ROOM_UPDATED: &str = "room_updated";
pub(super) const ROOM_ARCHIVED: &str = "room_archived";

/// An entry that is not the making of a message, about to be written.
#[derive(Default)]
pub(super) struct Event<'a> {
    pub(super) kind: &'static str,
    pub(super) message: Option<MessageId>,
    pub(super) user: Option<UserId>,
    pub(super) by: Option<UserId>,
    pub(super) emoji: Option<&'a str>,
    pub(super) role: Option<MemberRole>,
    pub(super) joined_at: Option<Timestamp>,
}

impl Event<'_> {
    /// Something that happened to a message.
    pub(super) fn about(kind: &'static str, message: MessageId) -> Self {
        Self {
            kind,
            message: Some(message),
            ..Self::default()
        }
    }

    /// Something that happened to the room itself.
    pub(super) fn of_room(kind: &'static str) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }
}

/// A row of `room_changes`.
pub(super) struct Written {
    pub(super) seq: u64,
    pub(super) kind: String,
    pub(super) message: Option<MessageId>,
    pub(super) user: Option<UserId>,
    pub(super) by: Option<UserId>,
    pub(super) emoji: Option<String>,
    pub(super) role: Option<MemberRole>,
    pub(super) joined_at: Option<Timestamp>,
}

impl Written {
    pub(super) fn shows_message(&self) -> bool {
        matches!(self.kind.as_str(), MESSAGE_UPDATED | MESSAGE_DELETED)
    }

    pub(super) fn shows_member(&self) -> bool {
        matches!(self.kind.as_str(), MEMBER_ADDED | MEMBER_CHANGED)
    }

    pub(super) fn shows_room(&self) -> bool {
        matches!(self.kind.as_str(), ROOM_UPDATED | ROOM_ARCHIVED)
    }
}

/// What the entries of a page show, as of now.
pub(super) struct Scene {
    pub(super) room: Option<Room>,
    pub(super) messages: HashMap<MessageId, Message>,
    pub(super) users: HashMap<UserId, User>,
    pub(super) members: HashMap<UserId, MemberFact>,
}

impl Scene {
    /// The entry as a reader now sees it.
    pub(super) fn show(&self, written: Written) -> Result<Change> {
        let (seq, kind) = (written.seq, written.kind.clone());
        self.find(written)
            .ok_or_else(|| StoreError::Corrupt(format!("entry {seq} ({kind}) is incomplete")))
    }

    /// `None` when something the entry needs is not there.
    fn find(&self, written: Written) -> Option<Change> {
        let message = |id| self.messages.get(&id).cloned().map(Box::new);
        let room = || self.room.clone().map(Box::new);
        Some(match written.kind.as_str() {
            MESSAGE_UPDATED => Change::MessageUpdated(message(written.message?)?),
            MESSAGE_DELETED => Change::MessageDeleted(message(written.message?)?),
            REACTION_ADDED => Change::ReactionAdded {
                message: written.message?,
                emoji: written.emoji?,
                user: written.user?,
            },
            REACTION_REMOVED => Change::ReactionRemoved {
                message: written.message?,
                emoji: written.emoji?,
                user: written.user?,
            },
            MEMBER_ADDED => Change::MemberAdded(self.member(&written)?),
            MEMBER_CHANGED => Change::MemberChanged(self.member(&written)?),
            MEMBER_REMOVED => Change::MemberRemoved {
                user: written.user?,
                by: written.by?,
            },
            ROOM_UPDATED => Change::RoomUpdated(room()?),
            ROOM_ARCHIVED => Change::RoomArchived(room()?),
            _ => return None,
        })
    }

    /// The member as of now; as of then, if they have left.
    fn member(&self, written: &Written) -> Option<Box<MemberFact>> {
        let user = written.user?;
        let member = self.members.get(&user).cloned().or_else(|| {
            Some(MemberFact {
                user: self.users.get(&user)?.clone(),
                role: written.role?,
                joined_at: written.joined_at?,
            })
        })?;
        Some(Box::new(member))
    }
}
