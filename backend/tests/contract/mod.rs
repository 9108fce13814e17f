//! What any client may rely on: every route and every event, with its success
//! and its refusals. Written from the contract, not from the server.

mod auth;
mod conventions;
mod limits;
mod log;
mod members;
mod messages;
mod operators;
mod origin;
mod presence;
mod reads;
mod rooms;
mod sessions;
mod stats;
mod users;
