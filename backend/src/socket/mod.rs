//! Socket.IO: every event in one list.
//!
//! Like `api`, this translates and never decides. A connection belongs to one login for its whole
//! life; its events are handled in the order they arrive.

mod error;
mod membership;
mod messages;
mod presence;
mod rooms;
mod session;
mod stats;

use crate::protocol::events::ConnectRefused;
use crate::services::{Chat, ChatError, announce};
use crate::web::{Front, Verdict, session_cookie};
use futures_util::future::BoxFuture;
use realtime::{
    Accepted, App, Close, CloseReason, ConnectRequest, ConnectionId, Event, Frame, Packet,
    ReadFailed, Refusal, TopicId,
};
use serde::Deserialize;
use session::Session;
use std::sync::Arc;
use tracing::{Instrument as _, Span};

/// The chat, as the engine sees it.
#[derive(Debug)]
pub struct Socket {
    chat: Arc<Chat>,
    front: Arc<Front>,
}

/// What a client sends along with CONNECT.
#[derive(Deserialize)]
struct Credentials {
    token: Option<String>,
}

impl Socket {
    /// The socket's side of the chat.
    pub fn new(chat: Arc<Chat>, front: Arc<Front>) -> Self {
        Self { chat, front }
    }

    /// The token of a connection: `auth: { token }`, else a bearer, else the cookie when a browser
    /// says that the page is ours.
    fn credential(&self, request: &ConnectRequest) -> Option<String> {
        let auth: Option<Credentials> = serde_json::from_str(request.auth.get()).ok();
        if let Some(token) = auth.and_then(|auth| auth.token) {
            return Some(token);
        }
        let headers = &request.head.headers;
        if let Some(value) = headers.get(http::header::AUTHORIZATION) {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            return scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| token.trim().to_owned());
        }
        let ours = self.front.verdict(request.head.peer, headers) == Verdict::SameSite;
        session_cookie(headers, self.front.is_https()).filter(|_| ours)
    }
}

impl App for Socket {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        Box::pin(async move {
            if &*request.namespace != announce::NAMESPACE {
                return Err(Refusal::unknown_namespace());
            }
            let connection = request.connection.id();
            let token = self
                .credential(&request)
                .ok_or(ChatError::Unauthorized("sign in first"));
            let known = match token {
                Ok(token) => {
                    self.chat
                        .authenticate_connection(&token, &request.connection)
                        .await
                }
                Err(error) => Err(error),
            };
            let (caller, live) = known.map_err(|error| {
                if error.cause().is_some() {
                    // Nothing is wrong with the client: official ones come back by themselves after
                    // a closed transport, and not after a refusal.
                    let close = Close::Transport(CloseReason::Kicked);
                    request.connection.close(close);
                }
                refusal(connection, &error)
            })?;
            let session =
                Session::open(Arc::clone(&self.chat), caller, live, request.connection).await;
            Ok(Accepted {
                handler: Box::new(session),
                // It has them already.
                tags: Vec::new(),
            })
        })
    }

    fn read(
        &self,
        topic: TopicId,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        Box::pin(async move {
            self.chat.feed().read(topic, after, limit).await.map_err(|error| {
                let room = announce::room_of(topic);
                tracing::warn!(room.id = %room, %error, cause = error.cause(), "a slow reader could not be given what it missed");
                ReadFailed
            })
        })
    }

    fn reset(&self, topic: TopicId) -> Packet {
        announce::room_reset(announce::room_of(topic))
    }
}

fn refusal(connection: ConnectionId, error: &ChatError) -> Refusal {
    if let Some(cause) = error.cause() {
        tracing::error!(
            connection.id = connection.0,
            cause,
            "a connection could not be opened"
        );
    }
    let data = ConnectRefused {
        code: error.code(),
        message: error.to_string(),
    };
    Refusal {
        message: error.to_string(),
        data: serde_json::to_value(data).unwrap_or_default(),
    }
}

/// Has a session do what an event is named after.
macro_rules! dispatch {
    ($session:ident, $event:ident: $($name:ident)*) => {
        match $event.name.as_str() {
            $(stringify!($name) => {
                let span = $session.span(stringify!($name));
                $session.$name($event).instrument(span).await;
            })*
            unknown => {
                let unknown: String = unknown.chars().take(64).collect();
                let refused = ChatError::BadRequest(format!("there is no event {unknown}"));
                error::answer::<()>($event.ack, Err(refused));
            }
        }
    };
}

impl Session {
    /// Every event a client may send.
    async fn dispatch(&mut self, event: Event) {
        dispatch! { self, event:
            join_room
            leave_room
            resume
            send_message
            edit_message
            delete_message
            add_reaction
            remove_reaction
            mark_read
            start_typing
            stop_typing
            update_presence
            watch_stats
            unwatch_stats
        }
    }

    /// What the log and traces show of an event of this name, at their finer levels.
    fn span(&self, name: &'static str) -> Span {
        tracing::debug_span!(
            "event",
            connection.id = self.connection.id().0,
            event.name = name
        )
    }
}
