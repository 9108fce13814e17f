//! Payloads of HTTP long-polling: packets one after the other.

/// Stands between two packets.
pub(crate) const SEPARATOR: u8 = 0x1e;
