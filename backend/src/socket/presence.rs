//! Typing and presence.

use super::error::{answer, payload};
use super::session::Session;
use crate::protocol::error::Nothing;
use crate::protocol::events::InRoom;
use realtime::Event;

impl Session {
    pub(super) async fn start_typing(&mut self, event: Event) {
        let started = async {
            let InRoom { room_id } = payload(&event)?;
            let member = self.fresh_member(&room_id).await?;
            self.chat.start_typing(member)?;
            Ok(Nothing {})
        };
        let started = started.await;
        answer(event.ack, started);
    }

    pub(super) async fn stop_typing(&mut self, event: Event) {
        let stopped = async {
            let InRoom { room_id } = payload(&event)?;
            let member = self.fresh_member(&room_id).await?;
            self.chat.stop_typing(member);
            Ok(Nothing {})
        };
        let stopped = stopped.await;
        answer(event.ack, stopped);
    }

    pub(super) async fn update_presence(&mut self, event: Event) {
        let updated = async {
            let request = payload(&event)?;
            self.chat
                .update_presence(self.connection.id(), &request)
                .await?;
            Ok(Nothing {})
        };
        let updated = updated.await;
        answer(event.ack, updated);
    }
}
