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
        if moved {
            let packet = announce::read_marked(member.room, &membership);
            let key = announce::read_key(member.room);
            self.feed.hint_user(member.user, key, &packet, from);
        }
        Ok(membership)
    }
}
