//! Posting, editing and deleting messages, and reading them back.
//!
//! A message exists once the store has given it a place in its room. Announcing it comes after;
//! clients that miss an announcement notice the gap and are given what they missed. Nothing here
//! waits for a reader.

use super::access::Reader;
use super::committer::Outcome;
use super::error::InField;
use super::joining::ANOTHER_HISTORY;
use super::limits::{LimitKey, Rule};
use super::{Chat, ChatError, Member, check};
use crate::models::{Body, Change, ClientId, Draft, Message, MessageId, Metadata};
use crate::protocol::events::SentMessage;
use crate::protocol::messages::{
    Changes, EditMessage, ListChanges, ListMessages, MessagePage, PostMessage,
};
use crate::store::Anchor;
use realtime::Cork;
use serde_json::Value;
use std::sync::Arc;
use tokio::time::Instant;

impl Chat {
    /// What a member wants to say, if it can be said.
    ///
    /// # Errors
    /// `Invalid`, `NotFound` for a `replyTo` that cannot be, `RateLimited`.
    pub fn draft(&self, member: Member, request: PostMessage) -> Result<Drafted, ChatError> {
        let body = Body::parse(&request.content).in_field("content")?;
        let client_id = request
            .client_id
            .as_deref()
            .map(ClientId::parse)
            .transpose()
            .in_field("clientId")?;
        let reply_to = match request.reply_to.as_deref() {
            None => None,
            Some(text) => Some(MessageId::parse(text).ok_or(ChatError::NotFound("message"))?),
        };
        let metadata = Metadata::parse(
            request
                .metadata
                .unwrap_or(Value::Object(serde_json::Map::new())),
        )
        .in_field("metadata")?;
        self.limits.check(Rule::Send, LimitKey::User(member.user))?;
        let draft = Draft {
            room: member.room,
            author: member.user,
            body,
            client_id,
            reply_to,
            metadata,
            at: self.clock.now(),
        };
        Ok(Drafted { member, draft })
    }

    /// Accepts a message for the room. Its place among the author's other messages is fixed when
    /// this returns; `told` is told once the store has committed, or cannot, in any case and once:
    /// `NotFound` and `Forbidden` when the membership is gone or `replyTo` is not in the room,
    /// `Gone`; `Unavailable` when the outcome is unknown. It must not block, and may answer with a
    /// cork that is taken out when those stored together have all been told. What it takes is timed
    /// `since` the message was decoded.
    pub async fn post_message(
        &self,
        drafted: Drafted,
        since: Instant,
        told: impl FnOnce(Result<SentMessage, ChatError>) -> Option<Cork> + Send + 'static,
    ) {
        let Drafted { member, draft } = drafted;
        let told = move |outcome: Outcome| {
            told(outcome.and_then(|stored| match stored {
                Ok(posted) => Ok(SentMessage {
                    message: posted.message,
                    duplicate: posted.duplicate,
                }),
                Err(denied) => Err(Self::refusal(&member, denied.into())),
            }))
        };
        self.committer.submit(draft, since, told).await;
    }

    /// Changes the text of one's own message.
    ///
    /// # Errors
    /// `Invalid`, `NotFound`, `Forbidden` for others' messages, `Conflict` when another edit was faster,
    /// `Gone`, `RateLimited`.
    pub async fn edit_message(
        self: &Arc<Self>,
        member: Member,
        message: MessageId,
        request: EditMessage,
    ) -> Result<Message, ChatError> {
        let body = Body::parse(&request.content).in_field("content")?;
        let expected = request
            .expected_edited_at
            .map(|at| check::maybe_moment("expectedEditedAt", at.as_deref()))
            .transpose()?;
        self.limits.check(Rule::Send, LimitKey::User(member.user))?;
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            let edited = chat
                .store
                .edit_message(
                    member.room,
                    message,
                    member.user,
                    &body,
                    expected,
                    chat.clock.now(),
                )
                .await;
            let entry = edited.map_err(|error| Self::refusal(&member, error))?;
            let Change::MessageUpdated(message) = &entry.change else {
                return Err(ChatError::Internal(
                    "an edit was stored as something else".to_owned(),
                ));
            };
            let message = Message::clone(message);
            chat.feed.announce(entry).await;
            Ok(message)
        })
        .await
    }

    /// Deletes one's own message, or anybody's as owner or admin of the room. Deleting it again
    /// changes nothing.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Gone`, `RateLimited`.
    pub async fn delete_message(
        self: &Arc<Self>,
        member: Member,
        message: MessageId,
    ) -> Result<(), ChatError> {
        self.limits.check(Rule::Send, LimitKey::User(member.user))?;
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            let any = member.role.governs();
            let deleted = chat
                .store
                .delete_message(member.room, message, member.user, any, chat.clock.now())
                .await;
            if let Some(entry) = deleted.map_err(|error| Self::refusal(&member, error))? {
                chat.feed.announce(entry).await;
            }
            Ok(())
        })
        .await
    }

    /// One page of history.
    ///
    /// # Errors
    /// `Invalid` for the limit or more than one anchor, `NotFound` for an anchor not in the room.
    pub async fn messages(
        &self,
        reader: &Reader,
        request: ListMessages,
    ) -> Result<MessagePage, ChatError> {
        let limit = check::limit(request.limit, 50, 200)?;
        let id = |text: String| MessageId::parse(&text).ok_or(ChatError::NotFound("message"));
        let anchor = match (request.before, request.after, request.around, request.at) {
            (None, None, None, None) => Anchor::Newest,
            (Some(text), None, None, None) => Anchor::Before(id(text)?),
            (None, Some(text), None, None) => Anchor::After(id(text)?),
            (None, None, Some(text), None) => Anchor::Around(id(text)?),
            (None, None, None, Some(text)) => Anchor::At(check::moment("at", &text)?),
            _ => {
                return Err(ChatError::invalid(
                    "before",
                    "give one of before, after, around and at",
                ));
            }
        };
        let page = self.store.page(reader.room, anchor, limit).await?;
        self.still_reading(reader).await?;
        Ok(MessagePage {
            messages: page.messages,
            last_seq: page.last_seq,
            has_before: page.has_before,
            has_after: page.has_after,
        })
    }

    /// The room's log after a place.
    ///
    /// # Errors
    /// `Gone` when the log does not continue there: it no longer reaches back that far, or is
    /// another history.
    pub async fn changes(
        &self,
        reader: &Reader,
        request: ListChanges,
    ) -> Result<Changes, ChatError> {
        let since = check::place(request.since)?;
        let limit = check::limit(request.limit, 200, 1000)?;
        let epoch = self.feed.history().await?;
        if request.epoch.is_some_and(|known| known != epoch) {
            return Err(ChatError::Gone(
                "this is another history now; start from the newest page",
            ));
        }
        let page = self.store.changes(reader.room, since, limit).await?;
        if self.feed.history().await? != epoch {
            return Err(ChatError::Unavailable(ANOTHER_HISTORY.to_owned()));
        }
        self.still_reading(reader).await?;
        if since > page.last_seq {
            return Err(ChatError::Gone(
                "the log does not reach that far; start from the newest page",
            ));
        }
        let more = page
            .entries
            .last()
            .is_some_and(|last| last.seq < page.last_seq);
        let changes = self.feed.render_all(page.entries).await;
        Ok(Changes {
            changes,
            last_seq: page.last_seq,
            epoch,
            more,
        })
    }
}

/// A message that can be posted.
#[derive(Debug)]
pub struct Drafted {
    member: Member,
    draft: Draft,
}
