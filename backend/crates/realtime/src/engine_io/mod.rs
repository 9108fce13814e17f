//! Engine.IO protocol 4: sessions over polling and WebSocket.

pub(crate) mod payload;
pub(crate) mod poll;
