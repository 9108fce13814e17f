//! Emoji on messages.

use super::error::InField;
use super::limits::{LimitKey, Rule};
use super::{Chat, ChatError, Member};
use crate::models::{Emoji, MessageId};
use std::sync::Arc;

/// Whether a reaction comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reacting {
    Add,
    Remove,
}

impl Chat {
    /// Puts an emoji on a message or takes it off. Doing so twice changes nothing.
    ///
    /// # Errors
    /// `Invalid`, `NotFound`, `Gone`, `Conflict` for too many different ones, `RateLimited`.
    pub async fn react(
        self: &Arc<Self>,
        member: Member,
        message: MessageId,
        emoji: &str,
        what: Reacting,
    ) -> Result<(), ChatError> {
        let emoji = Emoji::parse(emoji).in_field("emoji")?;
        self.limits.check(Rule::Send, LimitKey::User(member.user))?;
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            let now = chat.clock.now();
            let changed = match what {
                Reacting::Add => {
                    chat.store
                        .add_reaction(member.room, message, member.user, &emoji, now)
                        .await
                }
                Reacting::Remove => {
                    chat.store
                        .remove_reaction(member.room, message, member.user, &emoji, now)
                        .await
                }
            };
            if let Some(entry) = changed.map_err(|error| Self::refusal(&member, error))? {
                chat.feed.announce(entry).await;
            }
            Ok(())
        })
        .await
    }
}
