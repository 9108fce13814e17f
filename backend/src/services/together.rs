//! What many connections ask of the store as they arrive, each kind asked together.
//!
//! See [`super::gatherer`] for how, and for what an answer promises.

use super::gatherer::{Answering, Gatherer};
use crate::clock::Clock;
use crate::models::{SessionId, Timestamp, TokenHash, UserId};
use crate::store::{self, Belongings, Denied, Joining, Login, Snapshot, Store};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

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
    pub(super) snapshots: Gatherer<Joining, Result<Snapshot, Denied>>,
}

impl Together {
    /// Logins count as ended when they were not used for `idle`.
    pub(super) fn new(
        store: &Arc<dyn Store>,
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
        let snapshots = asking(store, |store, joining: Vec<Joining>| {
            Box::pin(async move { store.snapshots(&joining).await })
        });
        Self {
            logins: Gatherer::new(logins, tasks),
            used: Gatherer::new(used, tasks),
            belongings: Gatherer::new(belongings, tasks),
            snapshots: Gatherer::new(snapshots, tasks),
        }
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
