//! Engine.IO protocol 4: sessions over polling and WebSocket, and the way from one to the other.

pub(crate) mod handshake;
pub(crate) mod heartbeat;
pub(crate) mod messages;
pub(crate) mod packet;
pub(crate) mod payload;
pub(crate) mod poll;
pub(crate) mod polling;
pub(crate) mod request;
pub(crate) mod upgrade;
