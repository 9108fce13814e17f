//! What stands between the network and every answer: whose address it is, which page asks, which
//! headers leave, and the web client itself.
//!
//! Nothing here knows a user or a room. [`gate::guard`] is the one middleware; the parts it is
//! made of are plain functions, so that the socket's handshake can ask them the same questions.

mod address;
mod client;
mod gate;
mod headers;
mod origin;

pub use address::{client_address, limit_key};
pub use client::serve;
pub use gate::{ClientAddress, guard};
pub use headers::SecurityHeaders;
pub use origin::{Verdict, judge};
