//! Who stands at the door, and what they may do in a room: the only makers of [`Caller`],
//! [`Operator`] and [`Member`].
//!
//! A `Member` is a permission as of a moment ago. What a member writes (messages, edits, reactions,
//! markers) is checked once more in the store's own transaction; governing others goes by the role
//! as it was read.

use super::{Chat, ChatError};
use crate::models::{MemberRole, Role, RoomId, RoomKind, SessionId, User, UserId};
use crate::store::{Denied, StoreError};
use std::sync::Arc;

/// What those are told who do not run the server.
pub(super) const NO_OPERATOR: ChatError =
    ChatError::Forbidden("only owners and admins of this server may do that");

/// A user at the door, by one of their logins.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(super) user: Arc<User>,
    pub(super) session: SessionId,
}

impl Caller {
    pub fn id(&self) -> UserId {
        self.user.id
    }

    pub fn user(&self) -> &User {
        &self.user
    }

    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The permission to run the server.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`] for all but its owners and admins.
    pub fn operator(&self) -> Result<Operator, ChatError> {
        if self.user.role.operates() {
            Ok(Operator {
                user: self.id(),
                session: self.session,
            })
        } else {
            Err(NO_OPERATOR)
        }
    }

    pub(super) fn is_guest(&self) -> bool {
        self.user.role == Role::Guest
    }
}

/// The permission to run the server. What it is to be used for is checked once more in the store's own
/// transaction.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    pub(super) user: UserId,
    pub(super) session: SessionId,
}

/// The permission to read a room: held by its members, and by everybody for a public one.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    pub(super) room: RoomId,
    pub(super) user: UserId,
    /// By the room being public, not by a membership.
    pub(super) public: bool,
}

impl Reader {
    /// Whoever may act in a room may read it.
    pub(super) fn of(member: &Member) -> Self {
        Self {
            room: member.room,
            user: member.user,
            public: member.kind == RoomKind::Public,
        }
    }
}

/// The permission to act in a room, as the member one is.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    pub(super) room: RoomId,
    pub(super) user: UserId,
    pub(super) kind: RoomKind,
    pub(super) role: MemberRole,
}

impl Member {
    pub fn room(&self) -> RoomId {
        self.room
    }

    /// Owner or admin of the room.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`] for everybody else.
    pub(super) fn governing(&self) -> Result<(), ChatError> {
        if self.role.governs() {
            Ok(())
        } else {
            Err(ChatError::Forbidden(
                "only owners and admins of this room may do that",
            ))
        }
    }

    /// A room whose people may change.
    ///
    /// # Errors
    /// [`ChatError::Forbidden`] in a direct room.
    pub(super) fn not_direct(&self) -> Result<(), ChatError> {
        if self.kind == RoomKind::Direct {
            Err(ChatError::Forbidden("a direct room stays as it is"))
        } else {
            Ok(())
        }
    }
}

impl Chat {
    /// The caller's permission to act in the room.
    ///
    /// # Errors
    /// `NotFound` when there is no such room or the caller may not know of it, `Forbidden` in a
    /// public room they have not joined.
    pub async fn member(&self, caller: &Caller, room: RoomId) -> Result<Member, ChatError> {
        let access = self
            .store
            .find_access(room, caller.id())
            .await?
            .ok_or(ChatError::NotFound("room"))?;
        match access.role {
            Some(role) => Ok(Member {
                room,
                user: caller.id(),
                kind: access.kind,
                role,
            }),
            None => Err(stranger(access.kind)),
        }
    }

    /// The caller's permission to read the room.
    ///
    /// # Errors
    /// `NotFound` when there is no such room or the caller may not know of it.
    pub async fn reader(&self, caller: &Caller, room: RoomId) -> Result<Reader, ChatError> {
        let access = self
            .store
            .find_access(room, caller.id())
            .await?
            .ok_or(ChatError::NotFound("room"))?;
        let public = access.kind == RoomKind::Public;
        if access.role.is_some() || public {
            Ok(Reader {
                room,
                user: caller.id(),
                public,
            })
        } else {
            Err(ChatError::NotFound("room"))
        }
    }

    /// Asked after reading: what was read while the membership was still there may be shown, what
    /// came after its end may not.
    pub(super) async fn still_reading(&self, reader: &Reader) -> Result<(), ChatError> {
        if reader.public {
            return Ok(());
        }
        let access = self.store.find_access(reader.room, reader.user).await?;
        match access.and_then(|access| access.role) {
            Some(_) => Ok(()),
            None => Err(ChatError::NotFound("room")),
        }
    }

    /// A refusal of the store in the words the member may hear: somebody who lost the membership
    /// of a private room meanwhile may not even know that it exists.
    pub(super) fn refusal(member: &Member, error: StoreError) -> ChatError {
        match error {
            StoreError::Denied(Denied::NotMember) => stranger(member.kind),
            other => other.into(),
        }
    }
}

fn stranger(kind: RoomKind) -> ChatError {
    match kind {
        RoomKind::Public => ChatError::Forbidden("join this room first"),
        RoomKind::Private | RoomKind::Direct => ChatError::NotFound("room"),
    }
}
