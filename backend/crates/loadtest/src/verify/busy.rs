//! What faults have under their hands. A plan keeps two that need the same apart, but mending takes
//! as long as the machine needs: the next one waits until the one before it is done.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::plan::Part;

/// Every part that was needed yet, and whose turn it is there.
#[derive(Debug, Default)]
pub(crate) struct Busy(Mutex<BTreeMap<Part, Arc<Turn<()>>>>);

/// Nobody else has these parts while this is held.
#[derive(Debug)]
pub(crate) struct Held {
    _parts: Vec<OwnedMutexGuard<()>>,
}

impl Busy {
    /// Waits until all these parts are free.
    pub(crate) async fn hold(&self, mut parts: Vec<Part>) -> Held {
        // In one order, so that two never wait for each other.
        parts.sort_unstable();
        let turns: Vec<Arc<Turn<()>>> = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = |part| Arc::clone(all.entry(part).or_default());
            parts.into_iter().map(turn).collect()
        };
        let mut held = Vec::new();
        for turn in turns {
            held.push(turn.lock_owned().await);
        }
        Held { _parts: held }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn who_needs_what_another_still_has_waits_and_nobody_else_does() {
        let busy = Busy::default();
        let now = |parts: &[Part]| busy.hold(parts.to_vec()).now_or_never();
        let first = now(&[Part::Process(0), Part::Process(1)]);
        assert!(first.is_some());
        assert!(now(&[Part::Door(1), Part::Process(1)]).is_none());
        assert!(now(&[Part::Door(1), Part::Process(2)]).is_some());
        drop(first);
        assert!(now(&[Part::Process(1), Part::Door(1)]).is_some());
    }
}
