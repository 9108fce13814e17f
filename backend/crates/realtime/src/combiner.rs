//! Many writers, one state, and nobody waits.
//!
//! Whoever has work marks the state dirty and tries to take it. Whoever holds it looks at the mark
//! again after letting go, so work marked while it was held is never forgotten: it is done by the
//! holder or by the marker, one of which sees the other.

use std::sync::atomic::Ordering;
use std::sync::{PoisonError, TryLockError};

use crate::sync::{AtomicBool, Mutex, MutexGuard, fence};

/// A state that is worked on by whoever comes first.
#[derive(Debug)]
pub(crate) struct Combiner<T> {
    dirty: AtomicBool,
    state: Mutex<T>,
}

impl<T> Combiner<T> {
    pub(crate) fn new(state: T) -> Combiner<T> {
        Combiner {
            dirty: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// Makes sure that `work` runs on the state after this call began: here, or in the hands of
    /// whoever holds the state now. Never waits.
    pub(crate) fn kick(&self, work: impl FnMut(&mut T)) {
        // Swapped, so that a mark upon a mark hands on what both were set for.
        self.dirty.swap(true, Ordering::AcqRel);
        self.sweep(work);
    }

    /// Runs `first` if the state is free, then does what others marked meanwhile.
    pub(crate) fn try_with<R>(
        &self,
        first: impl FnOnce(&mut T) -> R,
        work: impl FnMut(&mut T),
    ) -> Option<R> {
        let result = first(&mut *self.try_lock()?);
        self.sweep(work);
        Some(result)
    }

    /// Runs `first` as soon as the state is free, then does what others marked meanwhile. Waits at
    /// most for a holder's one pass, which never blocks.
    pub(crate) fn with<R>(&self, first: impl FnOnce(&mut T) -> R, work: impl FnMut(&mut T)) -> R {
        let result = first(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.sweep(work);
        result
    }

    fn sweep(&self, mut work: impl FnMut(&mut T)) {
        loop {
            // Between letting go of the state and reading the mark (here), and between setting
            // the mark and trying the state (`kick`), everything must be in one order for all,
            // else both sides could miss each other.
            fence(Ordering::SeqCst);
            if !self.dirty.load(Ordering::Relaxed) {
                return;
            }
            let Some(mut state) = self.try_lock() else {
                return;
            };
            // Taken, not only wiped out: the work must see what the mark was set for.
            self.dirty.swap(false, Ordering::AcqRel);
            work(&mut state);
        }
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn work_marked_while_somebody_holds_the_state_is_never_forgotten() {
        const WORKERS: u64 = 4;
        const ROUNDS: u64 = 20_000;
        let asked = AtomicU64::new(0);
        let combiner = Combiner::new(0_u64);
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        asked.fetch_add(1, Ordering::SeqCst);
                        combiner.kick(|seen| *seen = asked.load(Ordering::SeqCst));
                    }
                });
            }
        });
        assert_eq!(combiner.with(|seen| *seen, |_| ()), WORKERS * ROUNDS);
    }
}
