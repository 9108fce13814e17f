//! Telling people who is reachable and who is here.
//!
//! Presence itself is kept behind [`crate::presence::Presence`]; what it finds out is spread here,
//! as hints, to those it concerns. In rooms of more than [`SMALL_ROOM`] members nobody is told of
//! every coming and going.

use super::{Chat, ChatError, announce};
use crate::models::{Presence, RoomId, Status, Timestamp, UserId};
use crate::presence::Transition;
use crate::protocol::presence::{Here, UpdatePresence};
use realtime::{CloseReason, ConnectionId};
use std::sync::Arc;

/// Members of a room up to which its people hear of each other's presence.
const SMALL_ROOM: u64 = 200;

impl Chat {
    /// A connection of this user is open.
    pub async fn connection_opened(&self, user: UserId, connection: ConnectionId) {
        self.presence.connected(user, connection.0).await;
    }

    /// It has ended, however.
    pub async fn connection_ended(&self, connection: ConnectionId) {
        self.presence.disconnected(connection.0).await;
    }

    /// The connection follows the room. Looked at again after it was noted: a removal in between
    /// had nothing to take back yet.
    pub async fn entered(&self, room: RoomId, connection: ConnectionId) {
        self.presence.entered(room, connection.0).await;
        if !self.feed.is_following(room, connection) {
            self.presence.left(room, connection.0).await;
        }
    }

    /// The connection no longer follows the room.
    pub async fn left(&self, room: RoomId, connection: ConnectionId) {
        self.presence.left(room, connection.0).await;
    }

    /// Stops the connection's feed of a room; the membership stays.
    pub async fn leave_room(&self, room: RoomId, connection: ConnectionId) {
        if let Some(topic) = self.feed.find_topic(room) {
            topic.detach(connection);
        }
        self.left(room, connection).await;
    }

    /// What the connection says about the person behind it.
    ///
    /// # Errors
    /// `Invalid` for anything but `online` and `away`.
    pub async fn update_presence(
        &self,
        connection: ConnectionId,
        request: &UpdatePresence,
    ) -> Result<(), ChatError> {
        let status = match request.status.as_str() {
            "online" => Status::Online,
            "away" => Status::Away,
            _ => {
                return Err(ChatError::invalid(
                    "status",
                    "status must be online or away",
                ));
            }
        };
        self.presence.set_status(connection.0, status).await;
        Ok(())
    }

    /// Lets graces run out. Called twice a second.
    pub async fn tick_presence(&self) {
        self.presence.tick(self.clock.now()).await;
    }

    /// Spreads what presence finds out, for as long as the server runs.
    pub async fn spread_presence(self: Arc<Self>) {
        loop {
            for transition in self.presence.news().await {
                self.counts.changed(&transition);
                let spread = match transition {
                    Transition::Status(presence) => self.spread_status(presence).await,
                    Transition::Joined { room, user, at } => {
                        self.spread_here(room, user, at, true).await
                    }
                    Transition::Left { room, user, at } => {
                        self.spread_here(room, user, at, false).await
                    }
                    Transition::CutOff => {
                        self.send_everybody_away();
                        Ok(())
                    }
                };
                if let Err(error) = spread {
                    tracing::warn!(%error, cause = error.cause(), "a change of presence was not told");
                }
            }
        }
    }

    /// Ends all connections, in the way that has clients come back, to whichever node then answers.
    fn send_everybody_away(&self) {
        let Some(engine) = self.feed.engine() else {
            return;
        };
        tracing::warn!(
            connections = engine.connections(),
            "everybody is sent away: this node is cut off from the others"
        );
        engine.close_all(CloseReason::Kicked);
    }

    async fn spread_status(&self, presence: Presence) -> Result<(), ChatError> {
        let Some(engine) = self.feed.engine() else {
            return Ok(());
        };
        let user = presence.user_id;
        if presence.status == Status::Offline
            && let Some(at) = presence.last_seen_at
        {
            // People are told all the same; the next time they are seen is noted again.
            if let Err(error) = self.store.saw_users(&[(user, at)]).await {
                tracing::warn!(%error, "when somebody was last seen could not be noted");
            }
        }
        let packet = announce::presence_changed(&presence);
        for other in self.store.list_acquaintances(user, SMALL_ROOM).await? {
            for connection in engine.tagged(announce::user_tag(other)) {
                connection.hint(announce::presence_key(user), packet.clone());
            }
        }
        Ok(())
    }

    async fn spread_here(
        &self,
        room: RoomId,
        user: UserId,
        at: Timestamp,
        came: bool,
    ) -> Result<(), ChatError> {
        // A topic that is kept for those who may come back has nobody to tell.
        let topic = self.feed.find_topic(room);
        let Some(topic) = topic.filter(|topic| topic.watchers() > 0) else {
            return Ok(());
        };
        let small = self
            .store
            .find_access(room, user)
            .await?
            .is_some_and(|access| access.member_count <= SMALL_ROOM);
        if !small {
            return Ok(());
        }
        let Some(user) = self.store.find_user(user).await? else {
            return Ok(());
        };
        let tag = announce::user_tag(user.id);
        let key = announce::here_key(user.id);
        let here = Here {
            room_id: room,
            user,
            at,
        };
        let packet = if came {
            announce::user_joined(&here)
        } else {
            announce::user_left(&here)
        };
        topic.hint(key, packet, Some(tag));
        Ok(())
    }
}
