//! What travels: requests, answers and events, exactly as clients see them.
//!
//! The OpenAPI document and the TypeScript types of the web client are generated from here. What
//! is a stored fact travels as its model; what is only said lives here. Requests carry loose
//! values (text, whole numbers): a field that is missing or of the wrong type is `bad_request`,
//! and the services refuse values with `invalid`, naming the field.
//!
//! Unknown fields are ignored, so that a newer client can talk to an older server.

pub mod auth;
pub mod error;
pub mod events;
pub mod messages;
pub mod object;
pub mod operators;
pub mod presence;
pub mod rooms;
pub mod roster;
pub mod stats;
pub mod whole;

use serde::{Deserialize, Deserializer};

/// Reads a field that may be absent, `null` or a value, and keeps the difference: outer `None`
/// means absent. Used where `null` takes something away.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
