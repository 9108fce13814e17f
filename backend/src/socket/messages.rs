//! Sending, editing, deleting and reacting.

use super::error::{answer, payload};
use super::session::Session;
use crate::models::MessageId;
use crate::protocol::error::Nothing;
use crate::protocol::events::{DeleteMessage, EditMessageIn, Edited, React, SendMessage};
use crate::services::messages::Drafted;
use crate::services::reactions::Reacting;
use crate::services::{ChatError, Member};
use realtime::Event;
use tokio::time::Instant;
use tracing::Span;

fn message(text: &str) -> Result<MessageId, ChatError> {
    MessageId::parse(text).ok_or(ChatError::NotFound("message"))
}

impl Session {
    /// Returns when the message has its place in line; the answer comes when it is durable, and
    /// the next event is handled meanwhile.
    pub(super) async fn send_message(&mut self, event: Event) {
        let request: SendMessage = match payload(&event) {
            Ok(request) => request,
            Err(error) => return answer::<()>(event.ack, Err(error)),
        };
        let since = Instant::now();
        match self.draft(&request.room_id, request.message).await {
            Ok(drafted) => {
                let (ack, span) = (event.ack, Span::current());
                let told = move |outcome| {
                    let cork = ack.cork();
                    // What is logged of it belongs to the event, whoever tells.
                    span.in_scope(|| answer(ack, outcome));
                    Some(cork)
                };
                self.chat.post_message(drafted, since, told).await;
            }
            Err(error) => {
                self.forget(&request.room_id);
                answer::<()>(event.ack, Err(error));
            }
        }
    }

    async fn draft(
        &mut self,
        room: &str,
        message: crate::protocol::messages::PostMessage,
    ) -> Result<Drafted, ChatError> {
        let member = self.member(room).await?;
        self.chat.draft(member, message)
    }

    pub(super) async fn edit_message(&mut self, event: Event) {
        let edited = async {
            let request: EditMessageIn = payload(&event)?;
            let member = self.fresh_member(&request.room_id).await?;
            let message = self
                .chat
                .edit_message(member, message(&request.message_id)?, request.message)
                .await?;
            Ok(Edited { message })
        };
        let edited = edited.await;
        answer(event.ack, edited);
    }

    pub(super) async fn delete_message(&mut self, event: Event) {
        let deleted = async {
            let request: DeleteMessage = payload(&event)?;
            let member = self.fresh_member(&request.room_id).await?;
            self.chat
                .delete_message(member, message(&request.message_id)?)
                .await?;
            Ok(Nothing {})
        };
        let deleted = deleted.await;
        answer(event.ack, deleted);
    }

    pub(super) async fn add_reaction(&mut self, event: Event) {
        self.react(event, Reacting::Add).await;
    }

    pub(super) async fn remove_reaction(&mut self, event: Event) {
        self.react(event, Reacting::Remove).await;
    }

    async fn react(&mut self, event: Event, what: Reacting) {
        let reacted = async {
            let request: React = payload(&event)?;
            let member = self.fresh_member(&request.room_id).await?;
            self.chat
                .react(member, message(&request.message_id)?, &request.emoji, what)
                .await?;
            Ok(Nothing {})
        };
        let reacted = reacted.await;
        answer(event.ack, reacted);
    }

    /// The permission as it now is: roles matter for these, and they are rare.
    pub(super) async fn fresh_member(&mut self, room: &str) -> Result<Member, ChatError> {
        self.forget(room);
        self.member(room).await
    }
}
