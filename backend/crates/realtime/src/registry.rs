//! Who is connected: transports by session id, connections by id, by tag, and by address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Arc;

use crate::connection::{Connection, ConnectionId};
use crate::link::Link;
use crate::lock;
use crate::shared::Shared;
use crate::sid::Sid;
use crate::sync::Mutex;

/// What the application knows a connection by. Several connections may carry the same tag.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug, PartialOrd, Ord)]
pub struct Tag(pub u128);

/// Who is connected.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    links: Mutex<HashMap<Sid, Arc<Link>>>,
    connections: Mutex<HashMap<ConnectionId, Connection>>,
    tags: Mutex<HashMap<Tag, Vec<Connection>>>,
    addresses: Mutex<HashMap<IpAddr, usize>>,
}

impl Registry {
    pub(crate) fn add_link(&self, link: &Arc<Link>) {
        lock(&self.links).insert(link.sid(), Arc::clone(link));
    }

    pub(crate) fn remove_link(&self, sid: Sid) {
        lock(&self.links).remove(&sid);
    }

    pub(crate) fn link(&self, sid: &str) -> Option<Arc<Link>> {
        let sid = Sid::parse(sid)?;
        lock(&self.links).get(&sid).cloned()
    }

    pub(crate) fn links(&self) -> Vec<Arc<Link>> {
        lock(&self.links).values().cloned().collect()
    }

    /// Makes a connection known by its id and these tags.
    pub(crate) fn add(&self, connection: &Connection, tags: &[Tag]) {
        lock(&self.connections).insert(connection.id(), connection.clone());
        for tag in tags {
            self.tag(connection, *tag);
        }
    }

    /// Makes a connection known by one more tag, unless it was removed.
    pub(crate) fn tag(&self, connection: &Connection, tag: Tag) {
        let mut tags = connection.tags();
        let Some(tags) = tags.as_mut() else { return };
        if !tags.contains(&tag) {
            tags.push(tag);
            lock(&self.tags)
                .entry(tag)
                .or_default()
                .push(connection.clone());
        }
    }

    /// Forgets a connection, for good.
    pub(crate) fn remove(&self, connection: &Connection) {
        lock(&self.connections).remove(&connection.id());
        let tags = connection.tags().take().unwrap_or_default();
        let mut by_tag = lock(&self.tags);
        for tag in tags {
            if let Entry::Occupied(mut entry) = by_tag.entry(tag) {
                entry
                    .get_mut()
                    .retain(|other| other.id() != connection.id());
                if entry.get().is_empty() {
                    entry.remove();
                }
            }
        }
    }

    pub(crate) fn find(&self, id: ConnectionId) -> Option<Connection> {
        lock(&self.connections).get(&id).cloned()
    }

    pub(crate) fn tagged(&self, tag: Tag) -> Vec<Connection> {
        lock(&self.tags).get(&tag).cloned().unwrap_or_default()
    }

    pub(crate) fn all(&self) -> Vec<Connection> {
        lock(&self.connections).values().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.connections).len()
    }
}

/// One transport's place among those of its address.
#[derive(Debug)]
pub(crate) struct AddressSlot {
    shared: Arc<Shared>,
    address: IpAddr,
}

impl AddressSlot {
    /// A place, unless the address has as many as it may.
    pub(crate) fn take(shared: &Arc<Shared>, address: IpAddr) -> Option<AddressSlot> {
        let most = shared.config.connections_per_address.unwrap_or(usize::MAX);
        let mut addresses = lock(&shared.registry.addresses);
        let open = addresses.entry(address).or_default();
        if *open >= most {
            return None;
        }
        *open += 1;
        Some(AddressSlot {
            shared: Arc::clone(shared),
            address,
        })
    }
}

impl Drop for AddressSlot {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) =
            lock(&self.shared.registry.addresses).entry(self.address)
        {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}
