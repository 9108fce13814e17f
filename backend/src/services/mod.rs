//! Decisions. Knows no HTTP, no SQL, no Redis and no packets.

pub mod limits;
