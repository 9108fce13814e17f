//! Load and measurement over the public protocol, from the outside.
//!
//! Nothing here shares code with the server or reads its database: what this
//! crate says about a server is what any client could have seen.

pub mod client;
