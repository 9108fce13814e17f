//! Answers to events, and answers from clients.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::connection::{Connection, ConnectionId};
use crate::link::{Cork, Link};
use crate::packet::Packet;

/// The client did not answer: it is gone, or had too many questions already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client did not acknowledge")]
pub struct AckLost;

/// The answer to one event, or nothing if the client asked for none.
///
/// It carries the permit of [`crate::Config::inbox`]: as long as it lives the event counts as
/// unanswered. Dropping it answers nothing and gives the permit back.
pub struct Ack {
    connection: Connection,
    id: Option<u64>,
}

impl Ack {
    pub(crate) fn new(connection: Connection, id: Option<u64>) -> Ack {
        connection.link().take_permit();
        Ack { connection, id }
    }

    /// Whether the client asked for an answer.
    pub fn wanted(&self) -> bool {
        self.id.is_some()
    }

    /// Whose event it answers.
    pub fn connection(&self) -> ConnectionId {
        self.connection.id()
    }

    /// Holds back what is sent to the client, this answer too, to go out together.
    pub fn cork(&self) -> Cork {
        self.connection.link().cork()
    }

    /// Answers with one argument.
    ///
    /// # Panics
    ///
    /// When `value` cannot be JSON (a map with keys that are no strings).
    pub fn send<T: Serialize + ?Sized>(self, value: &T) {
        if let Some(packet) = self.packet(value) {
            self.connection.send(packet);
        }
    }

    /// Answers with several arguments that are JSON already, and binary attachments for the
    /// placeholders in them.
    pub fn send_with(self, args: &[Box<RawValue>], attachments: &[Bytes]) {
        if let Some(id) = self.id {
            let namespace = self.connection.namespace();
            self.connection
                .send(Packet::ack_with(namespace, id, args, attachments));
        }
    }

    pub(crate) fn packet<T: Serialize + ?Sized>(&self, value: &T) -> Option<Packet> {
        self.id
            .map(|id| Packet::ack(self.connection.namespace(), id, value))
    }

    pub(crate) fn namespace(&self) -> Arc<str> {
        Arc::clone(self.connection.namespace_arc())
    }

    pub(crate) fn id(&self) -> Option<u64> {
        self.id
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        self.connection.link()
    }
}

impl Drop for Ack {
    fn drop(&mut self) {
        self.connection.link().return_permit();
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ack")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
