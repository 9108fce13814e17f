//! What is spoken over a transport: Socket.IO, or the application's own messages.

use std::sync::Arc;

use bytes::Bytes;

use crate::app::RequestHead;
use crate::close::CloseReason;
use crate::engine_io::messages::{Dialogue, Message};
use crate::keeper::Keeper;
use crate::link::Link;
use crate::socket_io::session::Session;

/// See the module.
pub(crate) enum Conversation {
    SocketIo(Session),
    Messages(Dialogue),
}

impl Conversation {
    pub(crate) fn new(
        link: &Arc<Link>,
        head: Arc<RequestHead>,
        keeper: &mut Keeper,
    ) -> Conversation {
        match &link.shared.messages {
            None => Conversation::SocketIo(Session::new(Arc::clone(link), head)),
            Some(messages) => {
                Conversation::Messages(Dialogue::new(link, Arc::clone(messages), keeper))
            }
        }
    }

    /// A text packet arrived, its type character still in front.
    pub(crate) async fn text(
        &mut self,
        mut packet: String,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        match self {
            Conversation::SocketIo(session) => session.text(&packet[1..], keeper).await,
            Conversation::Messages(dialogue) => {
                packet.remove(0);
                dialogue.message(Message::Text(packet), keeper).await
            }
        }
    }

    /// A binary packet arrived.
    pub(crate) async fn binary(
        &mut self,
        data: Bytes,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        match self {
            Conversation::SocketIo(session) => session.binary(data, keeper).await,
            Conversation::Messages(dialogue) => {
                dialogue.message(Message::Binary(data), keeper).await
            }
        }
    }

    /// Lets go of what the server has ended meanwhile; the transport ends with the last of it.
    pub(crate) fn release_ended(&mut self) -> Result<(), CloseReason> {
        match self {
            Conversation::SocketIo(session) => session.release_ended(),
            Conversation::Messages(dialogue) => dialogue.release_ended(),
        }
    }

    /// The transport has ended, and everything on it.
    pub(crate) fn end(&mut self, reason: CloseReason) {
        match self {
            Conversation::SocketIo(session) => session.end(reason),
            Conversation::Messages(dialogue) => dialogue.end(reason),
        }
    }
}
