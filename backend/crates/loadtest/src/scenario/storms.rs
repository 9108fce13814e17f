//! How long it took until everybody was back after all had been thrown out at once.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::schedule::Break;
use crate::report::Storm;

/// The storms of a run, in their order; nothing where nobody is thrown out.
#[derive(Debug)]
pub(super) struct Storms(Option<Mutex<Vec<Storm>>>);

impl Storms {
    pub(super) fn new(expected: bool) -> Self {
        Self(expected.then(Mutex::default))
    }

    /// Somebody has caught up again at `now`.
    pub(super) fn came_back(&self, leave: &Break, now: Duration) {
        let Some(storms) = &self.0 else { return };
        let mut storms = storms.lock().unwrap_or_else(PoisonError::into_inner);
        if storms.len() <= leave.number {
            storms.resize(leave.number + 1, Storm::default());
        }
        let storm = &mut storms[leave.number];
        let took = now.saturating_sub(leave.at).as_secs_f64() * 1000.0;
        storm.came_back += 1;
        storm.last_back_ms = storm.last_back_ms.max(took);
    }

    pub(super) fn all(&self) -> Vec<Storm> {
        self.0.as_ref().map_or_else(Vec::new, |storms| {
            storms
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::schedule::Breaks;

    #[test]
    fn a_storm_is_over_when_the_last_one_is_back() {
        let ms = Duration::from_millis;
        let leave = Breaks::together(ms(1000), ms(5000), ms(1)).next().unwrap();
        let storms = Storms::new(true);
        for back in [1200, 1900, 1500] {
            storms.came_back(&leave, ms(back));
        }
        let all = storms.all();
        assert_eq!((all.len(), all[0].came_back), (1, 3));
        assert!((all[0].last_back_ms - 900.0).abs() < 1e-6);
    }
}
