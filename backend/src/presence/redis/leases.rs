//! Staying alive, and burying those who do not.

use super::message::{Subject, list_key, nodes_key};
use super::state::Holding;
use super::{Inner, Witness, scripts};
use crate::models::NodeId;
use crate::redis_link::{Link, LinkError};
use std::sync::Arc;
use tokio::time::{Instant, MissedTickBehavior};

/// Keeps this node's leases, and looks after those of the others.
pub(super) struct Leases {
    inner: Arc<Inner>,
    witness: Arc<dyn Witness>,
    /// Since when Redis has answered without a break.
    seen_since: Option<Instant>,
    renewed: bool,
}

impl Leases {
    pub(super) fn new(inner: Arc<Inner>, witness: Arc<dyn Witness>) -> Self {
        Self {
            inner,
            witness,
            seen_since: None,
            renewed: false,
        }
    }

    pub(super) async fn keep(mut self) {
        let spans = self.inner.spans;
        let mut renewal = tokio::time::interval(spans.node_refresh);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let jitter = spans.refresh.mul_f64(rand::random_range(0.8..1.0));
        let mut refresh = tokio::time::interval_at(Instant::now() + jitter, spans.refresh);
        refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = renewal.tick() => self.renew().await,
                _ = refresh.tick() => self.refresh(),
            }
        }
    }

    /// Everything held here is written again, and everything at hand is read again, beside the
    /// renewals, which must not wait for it.
    fn refresh(&self) {
        let inner = Arc::clone(&self.inner);
        self.inner.tasks.spawn(async move {
            let now = inner.clock.now();
            inner.change(|state| state.unsay_all(now));
            inner.unsaid.notify_one();
            if let Err(error) = inner.read_again().await {
                tracing::debug!(%error, "presence could not be read again");
            }
        });
    }

    async fn renew(&mut self) {
        let inner = Arc::clone(&self.inner);
        let lease = inner.spans.node_lease;
        let witness = Arc::clone(&self.witness);
        let node = inner.node;
        inner
            .tasks
            .spawn(async move { witness.beat(node, lease).await });
        let renewed = scripts::renew(&inner.link, &nodes_key(), inner.node, lease).await;
        let Ok((known, expired)) = renewed else {
            self.seen_since = None;
            return;
        };
        let seen_since = *self.seen_since.get_or_insert_with(Instant::now);
        if !known && self.renewed {
            // Buried by mistake, or Redis has forgotten everybody.
            let now = inner.clock.now();
            inner.change(|state| state.unsay_all(now));
            inner.unsaid.notify_one();
        }
        self.renewed = true;
        if expired.is_empty() || seen_since.elapsed() < lease {
            return;
        }
        let Some(living) = self.witness.living(&expired).await else {
            return;
        };
        for dead in expired.into_iter().filter(|node| !living.contains(node)) {
            match bury(&inner, dead).await {
                Ok(true) => {
                    tracing::info!(node.id = %dead, "a node has gone; its people are looked after");
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(node.id = %dead, %error, "what a node held runs out by itself");
                }
            }
        }
    }
}

/// Takes back what a node held, unless another node does.
async fn bury(inner: &Inner, node: NodeId) -> Result<bool, LinkError> {
    if !leave(&inner.link, node).await? {
        return Ok(false);
    }
    let list = list_key(node);
    let mut members = redis::cmd("SMEMBERS");
    members.arg(&list);
    let held: Vec<String> = inner.link.run(&members, &list).await?;
    let at = inner.clock.now();
    let ended: Vec<Holding> = held
        .iter()
        .filter_map(|written| Subject::parse(written))
        .map(|subject| Holding {
            subject,
            state: None,
            at,
        })
        .collect();
    inner.tell(node, &ended).await?;
    Ok(true)
}

/// Takes a node off the list of nodes; true for the one who did.
pub(super) async fn leave(link: &Link, node: NodeId) -> Result<bool, LinkError> {
    let key = nodes_key();
    let mut remove = redis::cmd("ZREM");
    remove.arg(&key).arg(node.to_string());
    Ok(link.run::<u64>(&remove, &key).await? == 1)
}
