//! How many people there are, and which rooms they follow.

use serde::{Deserialize, Serialize};

/// Rooms of equally many members; every connection follows equally many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Layout {
    pub(crate) connections: usize,
    pub(crate) rooms: usize,
    pub(crate) members: usize,
}

impl Layout {
    pub(crate) const fn new(connections: usize, rooms: usize, members: usize) -> Layout {
        Layout {
            connections,
            rooms,
            members,
        }
    }

    /// Everybody in one room.
    pub(crate) const fn apart(rooms: usize, members: usize) -> Layout {
        Layout::new(rooms * members, rooms, members)
    }

    /// Who is in a room: the connections are dealt out in turn.
    pub(crate) fn members_of(self, room: usize) -> impl Iterator<Item = usize> {
        let first = room * self.members;
        (first..first + self.members).map(move |place| place % self.connections)
    }

    /// Which rooms each connection follows.
    pub(crate) fn followed(self) -> Vec<Vec<usize>> {
        let mut followed = vec![Vec::new(); self.connections];
        for room in 0..self.rooms {
            for member in self.members_of(room) {
                followed[member].push(room);
            }
        }
        followed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_follows_equally_many_rooms() {
        for layout in [
            Layout::apart(4, 5),
            Layout::new(10, 6, 5),
            Layout::new(10, 1, 10),
        ] {
            let each = layout.rooms * layout.members / layout.connections;
            let followed = layout.followed();
            assert!(
                followed.iter().all(|rooms| rooms.len() == each),
                "{layout:?}: {followed:?}"
            );
        }
    }
}
