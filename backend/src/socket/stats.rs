//! Watching how the nodes do.

use super::error::answer;
use super::session::Session;
use crate::protocol::error::Nothing;
use realtime::Event;

impl Session {
    pub(super) async fn watch_stats(&mut self, event: Event) {
        let watching = self.chat.watch_stats(&self.caller, &self.connection);
        let watching = watching.await;
        answer(event.ack, watching.map(|()| Nothing {}));
    }

    #[expect(clippy::unused_async, reason = "every event of the list is awaited")]
    pub(super) async fn unwatch_stats(&mut self, event: Event) {
        self.chat.unwatch_stats(self.connection.id());
        answer(event.ack, Ok(Nothing {}));
    }
}
