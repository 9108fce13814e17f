//! How many events are unanswered, and whether more are read: one number, so that whoever answers
//! the last and whoever says that nothing more is read cannot miss each other.

use std::sync::atomic::Ordering;

use crate::sync::AtomicUsize;

/// Beside the count: nothing more is read.
const LEAVING: usize = 1 << (usize::BITS - 1);

/// See the module.
#[derive(Debug)]
pub(crate) struct Permits {
    /// Events not yet acknowledged at which reading stops.
    most: usize,
    state: AtomicUsize,
}

impl Permits {
    pub(crate) fn new(most: usize) -> Permits {
        Permits {
            most,
            state: AtomicUsize::new(0),
        }
    }

    pub(crate) fn take(&self) {
        self.state.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether somebody may wait for just this one.
    #[must_use = "who waits has to be woken"]
    pub(crate) fn give_back(&self) -> bool {
        let before = self.state.fetch_sub(1, Ordering::AcqRel);
        before == (LEAVING | 1) || before & !LEAVING == self.most
    }

    /// Nothing more is read.
    pub(crate) fn leave(&self) {
        self.state.fetch_or(LEAVING, Ordering::AcqRel);
    }

    pub(crate) fn are_leaving(&self) -> bool {
        self.state.load(Ordering::Acquire) & LEAVING != 0
    }

    pub(crate) fn all_back(&self) -> bool {
        self.state.load(Ordering::Acquire) & !LEAVING == 0
    }

    pub(crate) fn all_out(&self) -> bool {
        self.state.load(Ordering::Acquire) & !LEAVING >= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_for_a_permit_is_told() {
        let permits = Permits::new(2);
        permits.take();
        assert!(!permits.all_out());
        permits.take();
        assert!(permits.all_out());
        assert!(permits.give_back(), "reading goes on");
        assert!(!permits.give_back(), "nobody waits");
        permits.take();
        permits.take();
        permits.leave();
        assert!(permits.are_leaving() && !permits.all_back());
        assert!(permits.give_back(), "reading would go on");
        assert!(permits.give_back(), "that was the last");
        assert!(permits.all_back());
    }
}
