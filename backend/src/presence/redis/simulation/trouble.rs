//! What is broken, or was until a moment ago: what excuses a node that does not know better.

use crate::models::NodeId;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// What can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Redis,
    /// It, or anybody's way to it.
    Database,
    /// A node's way to Redis.
    Line(NodeId),
}

#[derive(Debug, Default)]
pub(super) struct Troubles(BTreeMap<Part, Trouble>);

/// In how many ways something is broken just now, and when it last was mended.
#[derive(Debug, Default)]
struct Trouble {
    broken: u32,
    mended: Option<Instant>,
}

/// The database says of a node that Redis lacks what it holds, without a break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    since: Instant,
    until: Instant,
}

impl Troubles {
    pub(super) fn begin(&mut self, part: Part) {
        self.0.entry(part).or_default().broken += 1;
    }

    pub(super) fn end(&mut self, part: Part) {
        let trouble = self.0.entry(part).or_default();
        trouble.broken -= 1;
        trouble.mended = Some(Instant::now());
    }

    /// Whether there was nothing of the kind for so long.
    pub(super) fn are_over(&self, part: Part, span: Duration) -> bool {
        let is_over = |trouble: &Trouble| {
            let long_ago = trouble.mended.is_none_or(|at| at.elapsed() > span);
            trouble.broken == 0 && long_ago
        };
        self.0.get(&part).is_none_or(is_over)
    }
}

impl Mark {
    /// One that is to be believed for `lease`, and goes on from an `earlier` one that still is.
    pub(super) fn new(earlier: Option<Self>, lease: Duration) -> Self {
        let now = Instant::now();
        let goes_on = earlier.filter(|earlier| earlier.until > now);
        Self {
            since: goes_on.map_or(now, |earlier| earlier.since),
            until: now + lease,
        }
    }

    /// Whether it stands, and stood at that moment.
    pub(super) fn stood_at(self, at: Instant) -> bool {
        self.since < at && self.until > Instant::now()
    }
}
