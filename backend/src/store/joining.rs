//! What joining a room asks for, and what it is given.

use crate::models::{Entry, MemberFact, Message, Room, RoomId, UserId};
use std::sync::Arc;

/// Somebody joins a room.
#[derive(Clone, Copy, Debug)]
pub struct Joining {
    pub room: RoomId,
    pub viewer: UserId,
    /// The last place of the log they have.
    pub since: Option<u64>,
    /// Entries they may be behind. Who is further behind gets the newest page.
    pub behind: u32,
    /// Messages of the newest page.
    pub messages: u32,
    /// What happened since is known already, unless it turns out to be more.
    pub at_hand: bool,
}

/// A room at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// With the viewer's membership, without `last_message`.
    pub room: Room,
    /// The first [`Snapshot::MEMBERS`] by username. Shared by all who join the room together.
    pub members: Arc<[MemberFact]>,
    pub feed: Feed,
}

impl Snapshot {
    /// Members that come along at most.
    pub const MEMBERS: u32 = 200;
}

/// What a joining client is given.
#[derive(Clone, Debug)]
pub enum Feed {
    /// Was said to be at hand, and not read.
    AtHand,
    /// All that happened since.
    Changes(Vec<Entry>),
    /// The newest messages, ascending.
    Newest {
        messages: Vec<Message>,
        has_before: bool,
    },
}

/// Which part of a log somebody needs. Those who need the same share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Nothing,
    Since(u64),
    Newest(u32),
}

impl Joining {
    /// Of a log that ends at `last_seq` and begins at `min_seq`.
    pub(super) fn part(&self, last_seq: u64, min_seq: u64) -> Part {
        let near = |since: &u64| {
            *since <= last_seq
                && last_seq - since <= u64::from(self.behind)
                && since.saturating_add(1) >= min_seq
        };
        match self.since.filter(near) {
            Some(_) if self.at_hand => Part::Nothing,
            Some(since) => Part::Since(since),
            None => Part::Newest(self.messages),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn who_is_near_gets_what_happened_since_and_the_others_the_newest_page() {
        let part = |since, at_hand| {
            let joining = Joining {
                room: RoomId(Uuid::from_u128(1)),
                viewer: UserId(Uuid::from_u128(2)),
                since,
                behind: 10,
                messages: 50,
                at_hand,
            };
            joining.part(100, 95)
        };
        for near in [94, 95, 100] {
            assert_eq!(part(Some(near), false), Part::Since(near));
            assert_eq!(part(Some(near), true), Part::Nothing);
        }
        for far in [None, Some(0), Some(89), Some(93), Some(101), Some(u64::MAX)] {
            assert_eq!(part(far, false), Part::Newest(50), "{far:?}");
            assert_eq!(part(far, true), Part::Newest(50), "{far:?}");
        }
    }
}
