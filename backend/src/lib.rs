//! Roost: self-hosted real-time chat. A room is a log, a connection is a cursor.

pub mod api;
pub mod auth;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod config;
pub mod models;
pub mod presence;
pub mod protocol;
pub mod redis_link;
pub mod server;
pub mod services;
#[cfg(test)]
mod simulation;
pub mod socket;
pub mod store;
pub mod telemetry;
pub mod web;
