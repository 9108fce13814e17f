//! Staying alive, burying those who do not, and telling the dead from those who are only cut off.

use super::register::Roll;
use super::state::{Holding, State};
use super::{Inner, Witness};
use crate::models::NodeId;
use crate::redis_link::LinkError;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, timeout, timeout_at};

/// Keeps this node's leases, and looks after those of the others.
pub(super) struct Leases {
    inner: Arc<Inner>,
    witness: Arc<dyn Witness>,
    /// When this node last said that it lives, to Redis or to the witness, and was heard.
    heard_at: watch::Sender<Instant>,
}

/// What a node remembers from one look at Redis to the next.
#[derive(Default)]
struct Sight {
    /// Since when Redis has answered without a break.
    since: Option<Instant>,
    renewed: bool,
}

impl Leases {
    pub(super) fn new(inner: Arc<Inner>, witness: Arc<dyn Witness>) -> Self {
        Self {
            inner,
            witness,
            heard_at: watch::Sender::new(Instant::now()),
        }
    }

    /// Three things at once, none of which waits for another: Redis may hang, and so may the witness.
    pub(super) async fn keep(self) {
        tokio::join!(self.renew(), self.beat(), self.notice_being_cut_off());
    }

    async fn renew(&self) {
        let spans = self.inner.spans;
        let mut renewal = every(spans.node_refresh);
        let mut refresh = every(spans.refresh);
        // What there is now is being told anyway.
        refresh.reset();
        let mut sight = Sight::default();
        loop {
            tokio::select! {
                biased;
                _ = renewal.tick() => self.look(&mut sight).await,
                _ = refresh.tick() => self.refresh(),
                () = self.inner.settled.notified() => self.look(&mut sight).await,
            }
        }
    }

    async fn beat(&self) {
        let (node, lease) = (self.inner.node, self.inner.spans.node_lease);
        let mut renewal = every(self.inner.spans.node_refresh);
        loop {
            renewal.tick().await;
            let began = Instant::now();
            if self.witness.beat(node, lease).await {
                self.was_heard(began);
            }
        }
    }

    fn was_heard(&self, at: Instant) {
        self.heard_at.send_if_modified(|heard_at| {
            let later = at > *heard_at;
            *heard_at = at.max(*heard_at);
            later
        });
    }

    /// Others may bury this node a lease after it was last heard: it must be sure to be earlier.
    async fn notice_being_cut_off(&self) {
        let spans = self.inner.spans;
        let mut heard_at = self.heard_at.subscribe();
        loop {
            let late =
                *heard_at.borrow_and_update() + spans.node_lease.saturating_sub(spans.node_refresh);
            if timeout_at(late, heard_at.changed()).await.is_err() {
                tracing::warn!("neither Redis nor the database hears this node");
                self.inner.change(State::say_cut_off);
                // There is a sender as long as there is this.
                let _ = heard_at.changed().await;
            }
        }
    }

    /// Everything held here is written again, and everything at hand is read again, beside the
    /// renewals, which must not wait for it.
    fn refresh(&self) {
        let now = self.inner.clock.now();
        self.inner.change(|state| state.unsay_all(now));
        self.inner.unsaid.notify_one();
        self.read_again();
    }

    fn read_again(&self) {
        let inner = Arc::clone(&self.inner);
        self.inner.tasks.spawn(async move {
            match inner.read_again().await {
                Ok(()) => {
                    let now = inner.clock.now();
                    inner.change(|state| state.tell_unknown(now));
                }
                Err(error) => tracing::debug!(%error, "presence could not be read again"),
            }
        });
    }

    /// Renews this node's lease and looks at those of the others. A node that has not told Redis yet
    /// what it holds is not in Redis: others must not miss it there.
    async fn look(&self, sight: &mut Sight) {
        let inner = &self.inner;
        {
            let state = inner.state();
            if state.is_starting_over() || state.losses() != inner.register.losses() {
                return;
            }
        }
        let lease = inner.spans.node_lease;
        let began = Instant::now();
        let Ok(roll) = inner.register.renew(inner.node, lease).await else {
            sight.since = None;
            return;
        };
        self.was_heard(began);
        let since = *sight.since.get_or_insert(began);
        if !roll.known && sight.renewed {
            // Buried by mistake, or Redis has forgotten everybody.
            let now = inner.clock.now();
            inner.change(|state| state.start_over(now));
            inner.unsaid.notify_one();
        }
        sight.renewed = true;
        let may_bury = since.elapsed() >= lease;
        self.tell_apart(&roll, may_bury).await;
        if inner.change(State::regain_sight) {
            self.read_again();
        }
    }

    /// Tells those who are dead from those who live and are not in Redis.
    async fn tell_apart(&self, roll: &Roll, may_bury: bool) {
        let mut absent = self.inner.state().other_holders();
        absent.extend(&roll.expired);
        absent.retain(|node| !roll.live.contains(node));
        let dead: HashSet<NodeId> = if absent.is_empty() {
            HashSet::new()
        } else {
            let asked: Vec<NodeId> = absent.iter().copied().collect();
            // The next renewal must not wait for a database that hangs.
            let living = self.witness.living(&asked);
            match timeout(self.inner.spans.node_refresh, living).await {
                Ok(Some(living)) => absent.difference(&living).copied().collect(),
                Ok(None) | Err(_) => HashSet::new(),
            }
        };
        absent.retain(|node| !dead.contains(node));
        if self.inner.change(|state| state.set_cut_off(absent)) {
            self.read_again();
        }
        if !may_bury {
            return;
        }
        for dead in roll.expired.iter().filter(|node| dead.contains(node)) {
            match bury(&self.inner, *dead).await {
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

fn every(span: Duration) -> Interval {
    let mut interval = tokio::time::interval(span);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Takes back what a node held, unless another node does.
async fn bury(inner: &Inner, node: NodeId) -> Result<bool, LinkError> {
    if !inner.register.leave(node).await? {
        return Ok(false);
    }
    let held = inner.register.listed(node).await?;
    let at = inner.clock.now();
    let ended: Vec<Holding> = held
        .into_iter()
        .map(|subject| Holding {
            subject,
            state: None,
            at,
        })
        .collect();
    inner.tell(node, &ended).await?;
    Ok(true)
}
