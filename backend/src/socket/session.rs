//! One connection's side of the chat, from its acceptance to its end.

use crate::models::RoomId;
use crate::services::{Caller, Chat, ChatError, LiveSession, Member};
use futures_util::future::BoxFuture;
use realtime::{CloseReason, Connection, Event, Handler};
use std::collections::HashMap;
use std::sync::Arc;

/// Permissions kept at hand, so that not every message asks the store twice. A stale one is
/// refused by the store's own check; a full memory is simply emptied.
const REMEMBERED_ROOMS: usize = 256;

/// A connection and who is behind it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) chat: Arc<Chat>,
    pub(super) caller: Caller,
    pub(super) connection: Connection,
    /// Held, so that the session counts as used.
    _live: LiveSession,
    members: HashMap<RoomId, Member>,
    /// Whether presence has been told of the end.
    ended: bool,
}

impl Session {
    pub(super) async fn open(
        chat: Arc<Chat>,
        caller: Caller,
        live: LiveSession,
        connection: Connection,
    ) -> Self {
        tracing::debug!(
            connection.id = connection.id().0,
            user.id = %caller.id(),
            session.id = %caller.session(),
            "a connection began"
        );
        chat.connection_opened(caller.id(), connection.id()).await;
        Self {
            chat,
            caller,
            connection,
            _live: live,
            members: HashMap::new(),
            ended: false,
        }
    }

    /// The caller's permission in a room named by a client.
    pub(super) async fn member(&mut self, room: &str) -> Result<Member, ChatError> {
        let room = RoomId::parse(room).ok_or(ChatError::NotFound("room"))?;
        if let Some(member) = self.members.get(&room) {
            return Ok(*member);
        }
        let member = self.chat.member(&self.caller, room).await?;
        self.remember(member);
        Ok(member)
    }

    pub(super) fn remember(&mut self, member: Member) {
        if self.members.len() >= REMEMBERED_ROOMS {
            self.members.clear();
        }
        self.members.insert(member.room(), member);
    }

    /// Looks at the membership again the next time it is needed.
    pub(super) fn forget(&mut self, room: &str) {
        if let Some(room) = RoomId::parse(room) {
            self.members.remove(&room);
        }
    }
}

impl Handler for Session {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        Box::pin(self.dispatch(event))
    }

    fn closed(mut self: Box<Self>, reason: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            self.ended = true;
            tracing::debug!(
                connection.id = self.connection.id().0,
                reason = reason.name(),
                "a connection ended"
            );
            self.chat.connection_ended(self.connection.id()).await;
        })
    }
}

impl Drop for Session {
    /// A connection that went while it was being accepted was never served, so its end is told
    /// here: presence must not keep it.
    fn drop(&mut self) {
        if !self.ended && tokio::runtime::Handle::try_current().is_ok() {
            let (chat, connection) = (Arc::clone(&self.chat), self.connection.id());
            self.chat
                .spawn(async move { chat.connection_ended(connection).await });
        }
    }
}
