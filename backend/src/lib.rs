//! Roost: self-hosted real-time chat. A room is a log, a connection is a cursor.

pub mod auth;
pub mod clock;
pub mod config;
pub mod models;
pub mod protocol;
pub mod store;
pub mod web;
