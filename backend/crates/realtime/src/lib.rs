//! A Socket.IO server whose rooms are logs.
//!
//! The engine speaks Engine.IO 4 and Socket.IO 5 over WebSocket and HTTP long-polling. What makes
//! it different is how it delivers: a *topic* is a log of numbered *frames*, each encoded once; a
//! *connection* that follows a topic holds a *cursor*, which is just its place in that log. There
//! is no queue of messages per connection. A reader that is too slow falls behind, reads on from
//! its own place when it can, and is never skipped silently.
//!
//! - [`Engine`] answers the requests; [`Server`] is a listener for it.
//! - [`Engine::in_memory`] and [`Guest`] are all that a prototype needs: `examples/chat.rs` is a
//!   chat in 23 lines.
//! - [`App`] and [`Handler`] are what an application of its own brings.
//! - [`Topics`], [`Topic`] and [`Attached`] are the logs and those who follow them.
//! - [`Connection`] and [`Packet`] send to one client, [`Ack`] answers it.
//! - [`Config`] has every bound, [`CloseReason`] every way a connection ends, with its code.
//!
//! What is implemented: the Engine.IO protocol 4 whole (handshake, polling, upgrade, heartbeat),
//! the Socket.IO protocol 5 whole (namespaces, events, acknowledgements, binary attachments), and
//! a server's side of RFC 6455 and of RFC 7692 without context takeover. Where a limit of ours is
//! narrower than the protocol, the item it concerns says so.
//!
//! Memory is bounded whoever stops reading: [`Held`] says by what, and [`Engine::held`] looks.
//!
//! The crate knows nothing of who its clients are: connections carry [`Tag`]s, by which the
//! application finds and ends them.

#![warn(missing_docs)]

mod ack;
mod app;
mod backfill;
mod body;
mod close;
mod combiner;
mod config;
mod connection;
mod conversation;
mod cursor;
mod delivery;
mod engine;
mod engine_io;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod held;
mod histogram;
mod keeper;
mod link;
mod memory;
mod metrics;
#[cfg(test)]
#[cfg(feature = "models")]
mod models;
mod outbox;
#[cfg(test)]
mod outbox_model;
mod owner;
mod packet;
mod permits;
#[cfg(feature = "planted")]
pub mod planted;
mod registry;
mod server;
mod shared;
mod sid;
mod socket_io;
mod space;
mod sync;
mod tail;
mod topic;
mod topics;
mod websocket;
mod writer;

use std::sync::PoisonError;

pub use ack::{Ack, AckLost};
pub use app::{
    Accepted, App, BoxFuture, ConnectRequest, Event, Handler, ReadFailed, Refusal, RequestHead,
};
pub use body::Body;
pub use close::{Close, CloseReason};
pub use config::Config;
pub use connection::{Connection, ConnectionId, TransportKind};
pub use engine::Engine;
pub use engine_io::messages::{Message, Messages};
pub use held::Held;
pub use histogram::{Distribution, Histogram};
pub use link::Cork;
pub use memory::Guest;
pub use metrics::{Counter, Lag, Metrics};
pub use outbox::Started;
pub use packet::{Frame, Packet};
pub use registry::Tag;
pub use server::Server;
pub use tail::Appended;
pub use topic::{Attached, Topic, TopicId};
pub use topics::Topics;

use sync::{Mutex, MutexGuard};

/// A panic elsewhere leaves our states whole: they are only changed by code that does not panic
/// half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
