//! All that joining needs, for many who join at once.

use super::{log, members, reads, rooms};
use crate::models::{MemberFact, Room, RoomId};
use crate::store::joining::Part;
use crate::store::{Denied, Feed, Joining, Result, Snapshot};
use rusqlite::Connection;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// What is the same for everybody who joins a room.
struct Seen {
    room: Room,
    min_seq: u64,
    members: Arc<[MemberFact]>,
    feeds: HashMap<Part, Feed>,
}

impl Seen {
    fn find(db: &Connection, room: RoomId) -> Result<Option<Self>> {
        let (Some(shown), Some((_, min_seq))) =
            (rooms::find_bare(db, room)?, log::find_ends(db, room)?)
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            room: shown,
            min_seq,
            members: members::list(db, room, None, Snapshot::MEMBERS)?.into(),
            feeds: HashMap::new(),
        }))
    }
}

pub(super) fn snapshots(
    db: &Connection,
    joining: &[Joining],
) -> Result<Vec<std::result::Result<Snapshot, Denied>>> {
    let mut seen: HashMap<RoomId, Option<Seen>> = HashMap::new();
    let mut snapshots = Vec::with_capacity(joining.len());
    for one in joining {
        let seen = match seen.entry(one.room) {
            Entry::Occupied(seen) => seen.into_mut(),
            Entry::Vacant(new) => new.insert(Seen::find(db, one.room)?),
        };
        let Some(seen) = seen else {
            snapshots.push(Err(Denied::NoRoom));
            continue;
        };
        let Some(membership) = reads::find_membership(db, one.room, one.viewer)? else {
            snapshots.push(Err(Denied::NotMember));
            continue;
        };
        let part = one.part(seen.room.last_seq, seen.min_seq);
        let feed = match seen.feeds.entry(part) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(log::part(db, &seen.room, part)?),
        };
        let feed = feed.clone();
        let mut room = seen.room.clone();
        room.membership = Some(membership);
        snapshots.push(Ok(Snapshot {
            room,
            members: Arc::clone(&seen.members),
            feed,
        }));
    }
    Ok(snapshots)
}
