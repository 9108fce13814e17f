//! What many connections ask of the store as they arrive, each kind asked together.
//!
//! See [`super::gatherer`] for how, and for what an answer promises.

use super::feed::Feed;
use super::gatherer::{Answering, Gatherer};
use super::members::sort_key;
use crate::clock::Clock;
use crate::models::{MemberFact, RoomId, SessionId, Timestamp, TokenHash, UserId};
use crate::protocol::roster::Roster;
use crate::store::{self, Belongings, Denied, Joining, Login, Snapshot, Store};
use futures_util::future::{BoxFuture, try_join_all};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// Members in the answer to a join.
const SHOWN_ON_JOIN: usize = 100;

/// One gatherer for each kind of question.
#[derive(Debug)]
pub(super) struct Together {
    /// The login with this token, see [`Store::find_sessions`].
    pub(super) logins: Gatherer<TokenHash, Option<Login>>,
    /// That this login was used at this moment, see [`Store::used_sessions`].
    pub(super) used: Gatherer<(SessionId, Timestamp), ()>,
    /// What belongs to this user, see [`Store::belongings`].
    pub(super) belongings: Gatherer<UserId, Option<Belongings>>,
    /// All that joining a room needs, see [`Store::snapshots`].
    pub(super) snapshots: Gatherer<Joining, Result<Seen, Denied>>,
}

/// A room as those who join it together see it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) snapshot: Snapshot,
    /// With their presence after everybody who asked had attached, so that no coming or going falls
    /// between the two.
    pub(super) members: Roster,
}

impl Together {
    /// Logins count as ended when they were not used for `idle`.
    pub(super) fn new(
        store: &Arc<dyn Store>,
        feed: &Arc<Feed>,
        clock: &Arc<dyn Clock>,
        idle: Duration,
        tasks: &TaskTracker,
    ) -> Self {
        let time = Arc::clone(clock);
        let logins = asking(store, move |store, tokens: Vec<TokenHash>| {
            let now = time.now();
            Box::pin(async move { store.find_sessions(&tokens, now, now.minus(idle)).await })
        });
        let used = asking(store, |store, used: Vec<(SessionId, Timestamp)>| {
            Box::pin(async move {
                store.used_sessions(&used).await?;
                Ok(vec![(); used.len()])
            })
        });
        let time = Arc::clone(clock);
        let belongings = asking(store, move |store, users: Vec<UserId>| {
            let now = time.now();
            Box::pin(async move { store.belongings(&users, now).await })
        });
        let feed = Arc::clone(feed);
        let snapshots = asking(store, move |store, joining: Vec<Joining>| {
            let feed = Arc::clone(&feed);
            Box::pin(async move {
                let snapshots = store.snapshots(&joining).await?;
                feed.show_together(store.as_ref(), snapshots).await
            })
        });
        Self {
            logins: Gatherer::new(logins, tasks),
            used: Gatherer::new(used, tasks),
            belongings: Gatherer::new(belongings, tasks),
            snapshots: Gatherer::new(snapshots, tasks),
        }
    }
}

impl Feed {
    /// Each of the rooms with its members, who are shown once for all who join it.
    async fn show_together(
        &self,
        store: &dyn Store,
        snapshots: Vec<Result<Snapshot, Denied>>,
    ) -> store::Result<Vec<Result<Seen, Denied>>> {
        let rooms: HashMap<RoomId, Arc<[MemberFact]>> = snapshots
            .iter()
            .flatten()
            .map(|snapshot| (snapshot.room.id, Arc::clone(&snapshot.members)))
            .collect();
        // Side by side: presence may have to ask Redis about each.
        let shown = rooms.into_iter().map(|(room, first)| async move {
            let shown = self.show_first(store, room, &first).await?;
            store::Result::Ok((room, shown))
        });
        let rosters: HashMap<RoomId, Roster> = try_join_all(shown).await?.into_iter().collect();
        let with_members = |snapshot: Snapshot| Seen {
            members: rosters[&snapshot.room.id].clone(),
            snapshot,
        };
        let seen = snapshots.into_iter().map(|one| one.map(with_members));
        Ok(seen.collect())
    }

    /// At most 100 members, those online first: what a joining client is shown of a room with these
    /// first members by name.
    async fn show_first(
        &self,
        store: &dyn Store,
        room: RoomId,
        first: &[MemberFact],
    ) -> store::Result<Roster> {
        let mut facts = first.to_vec();
        if facts.len() >= Snapshot::MEMBERS as usize {
            // A big room: those who are here stand for those online.
            let here = self.presence.list_here(room, SHOWN_ON_JOIN).await;
            let first = store.find_members(room, &here).await?;
            facts.retain(|fact| !here.contains(&fact.user.id));
            facts.extend(first);
        }
        let mut members = self.show_members(room, facts).await;
        members.sort_by_cached_key(sort_key);
        members.truncate(SHOWN_ON_JOIN);
        Ok(Roster::new(members))
    }
}

/// How a store answers one kind of question.
pub(super) fn asking<Q: 'static, A: 'static>(
    store: &Arc<dyn Store>,
    ask: impl Fn(Arc<dyn Store>, Vec<Q>) -> BoxFuture<'static, store::Result<Vec<A>>>
    + Send
    + Sync
    + 'static,
) -> Answering<Q, A> {
    let store = Arc::clone(store);
    Box::new(move |questions| ask(Arc::clone(&store), questions))
}
