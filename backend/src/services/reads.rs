//! How far somebody has read.

use super::{Chat, ChatError, Member, announce};
use crate::models::{Membership, MessageId};
use realtime::ConnectionId;

impl Chat {
    /// Moves the member's read marker to this message, forward only unless `force`, and tells
    /// their other connections (all of them but `from`).
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn mark_read(
        &self,
        member: Member,
        message: MessageId,
        force: bool,
        from: Option<ConnectionId>,
    ) -> Result<Membership, ChatError> {
        let marked = self
            .store
            .mark_read(member.room, member.user, message, force)
            .await;
        let (membership, moved) = marked.map_err(|error| Self::refusal(&member, error))?;
        if moved && let Some(engine) = self.feed.engine() {
            let packet = announce::read_marked(member.room, &membership);
            for connection in engine.tagged(announce::user_tag(member.user)) {
                if Some(connection.id()) != from {
                    connection.hint(announce::read_key(member.room), packet.clone());
                }
            }
        }
        Ok(membership)
    }
}
