//! The contract and the stories, told over the wire against the real program.
//!
//! Every test starts a server of its own on a free port, with an empty
//! database, and speaks to it as any client would. Each story is told twice: on
//! SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on ends there, with what it ran into"
)]

mod contract;
mod integration;
mod nodes;
mod support;
mod watching;
