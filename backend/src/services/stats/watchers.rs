//! The connections that want to be told how the nodes do.

use realtime::{Connection, ConnectionId, Packet};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bounded by the live connections of operators.
#[derive(Debug, Default)]
pub(super) struct Watchers(Mutex<HashMap<ConnectionId, Connection>>);

impl Watchers {
    pub(super) fn add(&self, connection: &Connection) {
        self.watching().insert(connection.id(), connection.clone());
    }

    pub(super) fn remove(&self, connection: ConnectionId) {
        self.watching().remove(&connection);
    }

    /// Tells all whose connections are still open. With nobody among them nothing is encoded, and
    /// otherwise it is once. Only the latest counts: whoever does not read has one that waits.
    pub(super) fn tell(&self, key: u128, encode: impl FnOnce() -> Packet) {
        let mut watching = self.watching();
        watching.retain(|_, connection| connection.is_open());
        if watching.is_empty() {
            return;
        }
        let packet = encode();
        for connection in watching.values() {
            connection.hint(key, packet.clone());
        }
    }

    fn watching(&self) -> MutexGuard<'_, HashMap<ConnectionId, Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
