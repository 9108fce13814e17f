//! Entries as a reader now sees them: the rows of a log, and what they show, loaded at once.

use super::log::{
    MEMBER_ADDED, MEMBER_CHANGED, MEMBER_REMOVED, MESSAGE_DELETED, MESSAGE_UPDATED, REACTION_ADDED,
    REACTION_REMOVED, ROOM_ARCHIVED, ROOM_UPDATED,
};
use super::rows::Cells;
use super::{accounts, members, messages, rooms};
use crate::models::{
    Change, MemberFact, MemberRole, Message, MessageId, Room, RoomId, Timestamp, User, UserId,
};
use crate::store::{Result, StoreError};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// A row of `room_changes`.
pub(super) struct Written {
    pub(super) seq: u64,
    kind: String,
    message: Option<MessageId>,
    user: Option<UserId>,
    by: Option<UserId>,
    emoji: Option<String>,
    role: Option<MemberRole>,
    joined_at: Option<Timestamp>,
}

impl Written {
    pub(super) fn read(cells: &mut Cells<'_>) -> sqlx::Result<Self> {
        Ok(Self {
            seq: cells.number()?,
            kind: cells.take()?,
            message: cells.take()?,
            user: cells.take()?,
            by: cells.take()?,
            emoji: cells.take()?,
            role: cells.take()?,
            joined_at: cells.take()?,
        })
    }

    fn shows_message(&self) -> bool {
        matches!(self.kind.as_str(), MESSAGE_UPDATED | MESSAGE_DELETED)
    }

    fn shows_member(&self) -> bool {
        matches!(self.kind.as_str(), MEMBER_ADDED | MEMBER_CHANGED)
    }

    fn shows_room(&self) -> bool {
        matches!(self.kind.as_str(), ROOM_UPDATED | ROOM_ARCHIVED)
    }
}

/// What the entries of a page show, as of now.
pub(super) struct Scene {
    room: Option<Room>,
    messages: HashMap<MessageId, Message>,
    users: HashMap<UserId, User>,
    members: HashMap<UserId, MemberFact>,
}

impl Scene {
    /// What these rows show; the messages `made` in the same page are known already.
    pub(super) async fn load(
        db: &mut PgConnection,
        room: RoomId,
        made: &[Message],
        written: &[Written],
    ) -> Result<Self> {
        let shown: HashSet<MessageId> = written
            .iter()
            .filter(|written| written.shows_message())
            .filter_map(|written| written.message)
            .collect();
        let mut messages: HashMap<_, _> = made
            .iter()
            .filter(|message| shown.contains(&message.id))
            .map(|message| (message.id, message.clone()))
            .collect();
        let missing: Vec<MessageId> = shown
            .into_iter()
            .filter(|message| !messages.contains_key(message))
            .collect();
        let found = messages::list_by_id(db, &missing).await?;
        messages.extend(found.into_iter().map(|message| (message.id, message)));

        let people: HashSet<UserId> = written
            .iter()
            .filter(|written| written.shows_member())
            .filter_map(|written| written.user)
            .collect();
        let mut users = HashMap::new();
        let mut members = HashMap::new();
        if !people.is_empty() {
            let people: Vec<UserId> = people.into_iter().collect();
            for user in accounts::find_users(db, &people).await? {
                users.insert(user.id, user);
            }
            for member in members::find(db, room, &people).await? {
                members.insert(member.user.id, member);
            }
        }
        let room = if written.iter().any(Written::shows_room) {
            rooms::find_bare(db, room).await?
        } else {
            None
        };
        Ok(Self {
            room,
            messages,
            users,
            members,
        })
    }

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
