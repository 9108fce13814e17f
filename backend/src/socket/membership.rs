//! Read markers.

use super::error::{answer, payload};
use super::session::Session;
use crate::models::MessageId;
use crate::protocol::events::MarkReadIn;
use crate::protocol::rooms::Marked;
use crate::services::ChatError;
use realtime::Event;

impl Session {
    pub(super) async fn mark_read(&mut self, event: Event) {
        let marked = async {
            let request: MarkReadIn = payload(&event)?;
            let member = self.member(&request.room_id).await?;
            let message =
                MessageId::parse(&request.message_id).ok_or(ChatError::NotFound("message"))?;
            let membership = self
                .chat
                .mark_read(member, message, request.force, Some(self.connection.id()))
                .await?;
            Ok(Marked { membership })
        };
        let marked = marked.await;
        answer(event.ack, marked);
    }
}
