//! Staying alive, burying those who do not, and telling the dead from those who are only cut off.

use super::holdings::{Holding, in_turns};
use super::register::{Moment, Roll};
use super::state::State;
use super::{Inner, WRITTEN_AT_ONCE};
use crate::models::NodeId;
use crate::redis_link::LinkError;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, timeout, timeout_at};
use uuid::Uuid;

/// What makes the other name of a node that Redis does not reach: a bit that is set in no random UUID.
/// So the witness is told in words that it has.
const ASTRAY: u128 = 1 << 62;

/// Keeps this node's leases, and looks after those of the others.
pub(super) struct Leases {
    inner: Arc<Inner>,
    /// When this node last said that it lives, to Redis or to the witness, and was heard.
    heard_at: watch::Sender<Instant>,
    /// The other nodes that live, and when the witness said so.
    living: Mutex<Option<(Instant, Living)>>,
}

/// The other nodes that live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Living {
    all: BTreeSet<NodeId>,
    /// Those that say themselves that Redis lacks what they hold.
    astray: BTreeSet<NodeId>,
}

/// What a node remembers from one look at Redis to the next.
#[derive(Default)]
struct Sight {
    /// Since when Redis has answered without a break.
    since: Option<Instant>,
    renewed: bool,
}

impl Leases {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        Self {
            inner,
            heard_at: watch::Sender::new(Instant::now()),
            living: Mutex::new(None),
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
                // First: with a database that hangs, every look takes until the next is due.
                _ = refresh.tick() => self.refresh(),
                _ = renewal.tick() => self.look(&mut sight).await,
                () = self.inner.settled.notified() => self.look(&mut sight).await,
            }
        }
    }

    async fn beat(&self) {
        let mut renewal = every(self.inner.spans.node_refresh);
        let mut said_astray = false;
        loop {
            tokio::select! {
                biased;
                _ = renewal.tick() => {}
                () = self.inner.strayed.notified() => {}
            }
            said_astray = self.say_whether_astray(said_astray).await;
            let before = self.living();
            let now = self.ask_who_lives().await;
            if now.is_some() && now != before {
                // What was seen in Redis meanwhile may mean more now, or less.
                self.inner.settled.notify_one();
            }
        }
    }

    /// Tells the witness whether Redis lacks what this node holds, if it does or did: nobody may be
    /// believed gone then. Answers whether the witness may believe so now.
    async fn say_whether_astray(&self, said_before: bool) -> bool {
        let Inner {
            node,
            spans,
            witness,
            ..
        } = &*self.inner;
        if self.inner.is_astray() {
            witness.beat(astray_name(*node), spans.node_lease).await;
            return true;
        }
        let takes_back = async || witness.beat(astray_name(*node), Duration::ZERO).await;
        said_before && takes_back().await.is_none()
    }

    /// Tells the witness that this node lives, and asks it for the others.
    async fn ask_who_lives(&self) -> Option<Living> {
        let began = Instant::now();
        let (node, lease) = (self.inner.node, self.inner.spans.node_lease);
        let names = self.inner.witness.beat(node, lease).await?;
        self.was_heard(began);
        let living = Living::named(names);
        let mut known = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((began, living.clone()));
        Some(living)
    }

    /// The others that live, as the witness last said, if that was not long ago.
    fn living(&self) -> Option<Living> {
        let known = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, living) = known.as_ref()?;
        (at.elapsed() < self.inner.spans.node_lease).then(|| living.clone())
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
        self.inner.change(|state| state.own.unsay_all(now));
        self.read_again();
    }

    fn read_again(&self) {
        let inner = Arc::clone(&self.inner);
        self.inner.tasks.spawn(async move {
            if let Err(error) = inner.read_again().await {
                tracing::debug!(%error, "presence could not be read again");
            }
        });
    }

    /// Renews this node's lease and looks at those of the others. A node that has not told Redis yet
    /// what it holds is not in Redis: others must not miss it there.
    async fn look(&self, sight: &mut Sight) {
        let inner = &self.inner;
        if inner.is_astray() {
            sight.since = None;
            return;
        }
        let lease = inner.spans.node_lease;
        let began = Instant::now();
        let Ok(roll) = inner.register.renew(inner.node, lease).await else {
            sight.since = None;
            return;
        };
        self.was_heard(began);
        if sight.since.is_none() {
            // It has been told all there is.
            inner.strayed.notify_one();
        }
        let since = *sight.since.get_or_insert(began);
        if !roll.known && sight.renewed {
            // Buried by mistake, or Redis has forgotten everybody.
            let now = inner.clock.now();
            inner.change(|state| state.own.start_over(now));
            inner.strayed.notify_one();
        }
        sight.renewed = true;
        let sure = since.elapsed() >= lease;
        let dead = self.tell_apart(&roll, sure).await;
        for (dead, until) in roll.expired.iter().filter(|(node, _)| dead.contains(node)) {
            match bury(inner, *dead, *until).await {
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

    /// Tells those who are dead from those who live and are not in Redis, and answers the dead who may
    /// be buried: the witness does not know of them, and they were not in Redis for as long as it takes a
    /// node that nobody hears to send its people away. While a node that lives is not in Redis it is
    /// nobody: the people of the dead may have come there.
    async fn tell_apart(&self, roll: &Roll, sure: bool) -> BTreeSet<NodeId> {
        let mut living = self.living();
        let mut absent = self.absent(roll, living.as_ref());
        let mut sure = sure;
        if !absent.is_empty() {
            // What was said before may not be so any more. The next renewal must not wait for a
            // database that hangs; then what it said before is all there is, and buries nobody.
            let asked = timeout(self.inner.spans.node_refresh, self.ask_who_lives());
            let now = asked.await.ok().flatten();
            sure &= now.is_some();
            living = now.or(living);
            absent = self.absent(roll, living.as_ref());
        }
        let lives = |node: &NodeId| {
            living
                .as_ref()
                .is_some_and(|living| living.all.contains(node))
        };
        let (cut_off, mut dead): (BTreeSet<_>, BTreeSet<_>) =
            absent.into_iter().partition(|n| !sure || lives(n));
        if !cut_off.is_empty() {
            dead.clear();
        }
        let all_there = living.is_some() && cut_off.is_empty();
        let back = self.inner.change(|state| state.set_cut_off(cut_off));
        if self.inner.change(|state| state.regain_sight(all_there)) || back {
            self.read_again();
        }
        dead
    }

    /// Those that should be in Redis and are not, or not with all they hold.
    fn absent(&self, roll: &Roll, living: Option<&Living>) -> BTreeSet<NodeId> {
        let mut absent = self.inner.state().other_holders();
        absent.extend(roll.expired.keys());
        absent.extend(living.into_iter().flat_map(|living| &living.all));
        absent.retain(|node| !roll.live.contains(node));
        absent.extend(living.into_iter().flat_map(|living| &living.astray));
        absent
    }
}

impl Living {
    /// Those with these names.
    pub(super) fn named(names: HashSet<NodeId>) -> Self {
        let (astray, all): (Vec<_>, Vec<_>) = names
            .into_iter()
            .partition(|name| name.0.as_u128() & ASTRAY != 0);
        let real = |name: NodeId| NodeId(Uuid::from_u128(name.0.as_u128() & !ASTRAY));
        Self {
            all: all.into_iter().collect(),
            astray: astray.into_iter().map(real).collect(),
        }
    }

    /// Whether Redis has all that they hold.
    pub(super) fn are_all_in_redis(&self) -> bool {
        self.astray.is_empty()
    }
}

/// The other name under which the witness knows a node while Redis lacks what it holds.
pub(super) fn astray_name(node: NodeId) -> NodeId {
    NodeId(Uuid::from_u128(node.0.as_u128() | ASTRAY))
}

fn every(span: Duration) -> Interval {
    let mut interval = tokio::time::interval(span);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Takes back what a node held, unless another node does; but not what it wrote after its lease had
/// run out: then it lives after all.
async fn bury(inner: &Inner, node: NodeId, until: Moment) -> Result<bool, LinkError> {
    if !inner.register.leave(node).await? {
        return Ok(false);
    }
    let (lease, at) = (inner.spans.lease, inner.clock.now());
    let held = inner.register.listed(node).await?;
    let ended: Vec<Holding> = held
        .into_iter()
        .map(|subject| Holding {
            subject,
            state: None,
            at,
            parts: true,
        })
        .collect();
    for some in ended.chunks(WRITTEN_AT_ONCE) {
        for words in in_turns(some).into_iter().flatten() {
            let taken = inner.register.hold(node, &words, lease, Some(until));
            taken.await?;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_redis_does_not_reach_is_known_by_its_other_name() {
        let [one, other] = [0; 2].map(|_| NodeId(Uuid::new_v4()));
        let living = Living::named(HashSet::from([one, other, astray_name(other)]));
        assert_eq!(living.all, BTreeSet::from([one, other]));
        assert_eq!(living.astray, BTreeSet::from([other]));
        assert!(!living.are_all_in_redis());
        assert!(Living::named(HashSet::from([one, other])).are_all_in_redis());
    }
}
