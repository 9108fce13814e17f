//! When something breaks, and for how long.

use super::Dice;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The shortest time that anything takes.
const LEAST: Duration = Duration::from_millis(1);

/// One kind of fault that comes again and again until a moment.
#[derive(Debug)]
pub(crate) struct Unrest {
    pub(crate) dice: Dice,
    /// Between two of them, at most.
    peace: Duration,
    until: Instant,
}

impl Unrest {
    pub(crate) fn new(dice: Dice, peace: Duration, until: Instant) -> Self {
        Self { dice, peace, until }
    }

    /// Some time without this kind of fault; false when it is over.
    pub(crate) async fn peace(&mut self) -> bool {
        sleep(self.dice.span(LEAST, self.peace)).await;
        Instant::now() < self.until
    }

    /// How long a fault lasts: at most so long, and never beyond the end.
    pub(crate) fn lasts(&mut self, most: Duration) -> Duration {
        let most = most.min(self.until - Instant::now());
        self.dice.span(LEAST, most)
    }
}
