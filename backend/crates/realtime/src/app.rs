//! What an application gives the engine, and what it is given.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
pub use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::ack::Ack;
use crate::close::CloseReason;
use crate::connection::Connection;
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::topic::TopicId;

/// The application: decides who may connect and owns the logs.
pub trait App: Send + Sync + 'static {
    /// A CONNECT packet for a namespace arrived. The returned handler must already know everything
    /// it needs: the first event may follow in the same packet. Unknown namespaces are refused
    /// here with [`Refusal::unknown_namespace`]. The future is dropped if the client goes.
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>>;

    /// The log entries of `topic` with a place above `after`, ascending and without a gap, at most
    /// `limit`. Asked for when a reader fell off what the topic keeps in memory.
    fn read(
        &self,
        topic: TopicId,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>>;

    /// What a reader is told when its feed of `topic` ended because it fell too far behind. Sent
    /// as a direct packet.
    fn reset(&self, topic: TopicId) -> Packet;
}

/// The log could not be read just now; the engine asks again, and gives up after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log could not be read")]
pub struct ReadFailed;

/// A client asks for a namespace: the CONNECT packet of Socket.IO (type 0).
///
/// A transport joins at most 16 namespaces; what is beyond is refused without asking.
#[derive(Debug)]
pub struct ConnectRequest {
    /// The namespace, `/` for the main one; at most 128 bytes.
    pub namespace: Arc<str>,
    /// The JSON object the client sent along, `{}` without one.
    pub auth: Box<RawValue>,
    /// The HTTP request that opened the transport.
    pub head: Arc<RequestHead>,
    /// The connection this will be. What is sent to it now arrives after the acceptance.
    pub connection: Connection,
}

/// What is kept of the HTTP request that opened a transport.
///
/// Complete for the first namespace of a transport. Once that is accepted, only the headers
/// `authorization`, `cookie`, `origin` and `user-agent` are kept for further ones.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// The method, `GET` for every transport there is.
    pub method: http::Method,
    /// Path and query.
    pub uri: http::Uri,
    /// The headers.
    pub headers: http::HeaderMap,
    /// Where it came from, as the caller of [`crate::Engine::handle`] said.
    pub peer: SocketAddr,
}

/// The client may join the namespace.
pub struct Accepted {
    /// Serves the connection from now on.
    pub handler: Box<dyn Handler>,
    /// What the connection can be found by, see [`crate::Engine::tagged`].
    pub tags: Vec<Tag>,
}

impl std::fmt::Debug for Accepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accepted")
            .field("tags", &self.tags)
            .finish_non_exhaustive()
    }
}

/// The client may not join the namespace: a `CONNECT_ERROR` packet (type 4), after which official clients do not come
/// back by themselves. The transport stays open until [`crate::Config::connect_timeout`]. Where the
/// application has closed the transport meanwhile, nothing is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// For a person.
    pub message: String,
    /// For a program; left out when null.
    pub data: serde_json::Value,
}

impl Refusal {
    /// The answer to a namespace that does not exist.
    pub fn unknown_namespace() -> Refusal {
        Refusal {
            message: "Invalid namespace".to_owned(),
            data: serde_json::Value::Null,
        }
    }
}

/// One connection's side of the application.
///
/// Called for one event at a time, in arrival order; the engine reads no further until the future
/// is done. Long work is moved elsewhere by moving the event's [`Ack`], which carries the permit:
/// at most [`crate::Config::inbox`] events are unanswered.
pub trait Handler: Send {
    /// An event arrived. The future may be dropped at any await when the connection ends:
    /// anything that must finish runs elsewhere. A panic ends the connection.
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()>;

    /// Called exactly once, within a second of the end, whatever the connection was doing.
    fn closed(self: Box<Self>, reason: CloseReason) -> BoxFuture<'static, ()>;
}

/// An event from a client: an EVENT or `BINARY_EVENT` packet (types 2 and 5).
///
/// One that breaks the protocol never gets here: it ends the transport with
/// [`CloseReason::ProtocolError`].
#[derive(Debug)]
pub struct Event {
    /// Its name: a string, and none that Socket.IO keeps for itself (`connect`, `disconnect` and
    /// the like).
    pub name: String,
    /// Its JSON arguments, at most 64, as the client wrote them. A binary argument is a placeholder
    /// `{"_placeholder":true,"num":N}` for `attachments[N]`.
    pub args: Vec<Box<RawValue>>,
    /// Binary attachments, at most 16 of together at most [`crate::Config::max_payload`].
    pub attachments: Vec<Bytes>,
    /// Answers it.
    pub ack: Ack,
}

impl Event {
    /// The argument at this place, 0 for the first, if it is there and reads as a `T`.
    pub fn arg<T: DeserializeOwned>(&self, at: usize) -> Option<T> {
        serde_json::from_str(self.args.get(at)?.get()).ok()
    }
}
