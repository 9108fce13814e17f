//! All that joining needs, for many who join at once.

use super::log::{self, Ends};
use super::{members, reads, rooms};
use crate::models::{MemberFact, Room, RoomId};
use crate::store::joining::Part;
use crate::store::{Denied, Feed, Joining, Result, Snapshot};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// What is the same for everybody who joins these rooms.
struct Rooms {
    shown: HashMap<RoomId, (Room, Ends)>,
    members: HashMap<RoomId, Arc<[MemberFact]>>,
}

impl Rooms {
    async fn find(db: &mut PgConnection, wanted: &[RoomId]) -> Result<Self> {
        let shown = rooms::list_with_ends(db, wanted).await?;
        Ok(Self {
            shown: shown
                .into_iter()
                .map(|(room, ends)| (room.id, (room, ends)))
                .collect(),
            members: members::list_first(db, wanted, Snapshot::MEMBERS).await?,
        })
    }
}

pub(super) async fn snapshots(
    db: &mut PgConnection,
    joining: &[Joining],
) -> Result<Vec<std::result::Result<Snapshot, Denied>>> {
    let mut people: Vec<_> = joining.iter().map(|one| (one.room, one.viewer)).collect();
    people.sort_unstable();
    people.dedup();
    let mut wanted: Vec<RoomId> = people.iter().map(|(room, _)| *room).collect();
    wanted.dedup();
    let memberships = reads::list_memberships(db, &people).await?;
    let rooms = Rooms::find(db, &wanted).await?;
    let mut feeds: HashMap<(RoomId, Part), Feed> = HashMap::new();
    let mut snapshots = Vec::with_capacity(joining.len());
    for one in joining {
        let Some((shown, ends)) = rooms.shown.get(&one.room) else {
            snapshots.push(Err(Denied::NoRoom));
            continue;
        };
        let Some(membership) = memberships.get(&(one.room, one.viewer)) else {
            snapshots.push(Err(Denied::NotMember));
            continue;
        };
        let part = one.part(ends.last_seq, ends.min_seq);
        let feed = match feeds.entry((one.room, part)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(log::part(db, one.room, ends, part).await?),
        };
        let feed = feed.clone();
        let mut room = shown.clone();
        room.membership = Some(membership.clone());
        let members = rooms.members.get(&one.room).cloned();
        snapshots.push(Ok(Snapshot {
            room,
            members: members.unwrap_or_default(),
            feed,
        }));
    }
    Ok(snapshots)
}
