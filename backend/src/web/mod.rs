//! What stands between the network and every answer: whose address it is, which page asks, which
//! cookie it shows, which headers leave, and the web client itself.
//!
//! Nothing here knows a user or a room. The parts are plain functions over headers; [`Front`]
//! holds them together with the operator's choices, so that the API and the socket's handshake
//! ask the same questions and get the same answers.

mod address;
mod client;
mod cookie;
mod front;
mod headers;
mod origin;

pub use client::{SETUP, serve, serve_nothing};
pub use cookie::{forget_cookie, keep_cookie, session_cookie};
pub use front::{Front, secure};
pub use headers::not_a_page;
pub use origin::Verdict;
