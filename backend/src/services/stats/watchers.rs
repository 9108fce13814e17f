//! The connections that want to be told how the nodes do.

use crate::models::UserId;
use realtime::{Connection, ConnectionId, Packet};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bounded by the live connections of operators.
#[derive(Debug, Default)]
pub(super) struct Watchers(Mutex<Watching>);

type Watching = HashMap<ConnectionId, (UserId, Connection)>;

impl Watchers {
    pub(super) fn add(&self, user: UserId, connection: &Connection) {
        let watcher = (user, connection.clone());
        self.watching().insert(connection.id(), watcher);
    }

    pub(super) fn remove(&self, connection: ConnectionId) {
        self.watching().remove(&connection);
    }

    /// Removes all connections of a user.
    pub(super) fn remove_all_of(&self, user: UserId) {
        self.watching().retain(|_, (whose, _)| *whose != user);
    }

    /// Tells all whose connections are still open. With nobody among them nothing is encoded, and
    /// otherwise it is once. Only the latest counts: whoever does not read has one that waits.
    pub(super) fn tell(&self, key: u128, encode: impl FnOnce() -> Packet) {
        let mut watching = self.watching();
        watching.retain(|_, (_, connection)| connection.is_open());
        if watching.is_empty() {
            return;
        }
        let packet = encode();
        for (_, connection) in watching.values() {
            connection.hint(key, packet.clone());
        }
    }

    fn watching(&self) -> MutexGuard<'_, Watching> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_nobody_watching_nothing_is_encoded() {
        Watchers::default().tell(1, || panic!("nobody asked for it"));
    }
}
