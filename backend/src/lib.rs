//! Roost: self-hosted real-time chat. A room is a log, a connection is a cursor.

pub mod clock;
pub mod models;
pub mod presence;
pub mod services;
pub mod store;
