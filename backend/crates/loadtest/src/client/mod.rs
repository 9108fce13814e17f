//! A client of the public protocol, written from the contract alone.
//!
//! The load command and the server's own tests both speak through it. It shares
//! no code with the server, so that a mistake made in one is not quietly
//! understood by the other. It does not reconnect, retry or repair: what the
//! server does is what the caller sees.

mod address;
mod connection;
mod error;
mod http;
pub mod packet;
mod polling;
mod rest;
mod socket;
mod websocket;

pub use address::Address;
pub use connection::{Connect, Connection, Message, Received, Transport};
pub use error::{ClientError, Ended};
pub use rest::{Account, Call, Response, Rest};
pub use socket::{Event, PendingAck, Seen, Socket};

use std::time::Duration;

/// How long anything the server owes us may take before the client gives up:
/// long enough for a slow busy machine, short enough that a hang is reported.
pub const PATIENCE: Duration = Duration::from_secs(30);
