//! Times, and the few numbers that tell of them.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::scenario::{Figures, Measure};

/// From a microsecond to a minute, to three digits.
const LONGEST_MICROS: u64 = 60_000_000;
const DIGITS: u8 = 3;

#[derive(Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn new() -> Latencies {
        let histogram = Histogram::new_with_bounds(1, LONGEST_MICROS, DIGITS);
        Latencies(histogram.expect("the bounds are those of a histogram"))
    }

    /// These times, in nanoseconds.
    pub(crate) fn of(nanos: impl Iterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::new();
        for nanos in nanos {
            latencies.add(Duration::from_nanos(nanos));
        }
        latencies
    }

    pub(crate) fn add(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(micros.max(1));
    }

    /// None, if nothing was measured.
    pub(crate) fn figures(&self) -> Figures {
        if self.0.is_empty() {
            return Figures::new();
        }
        let millis = |quantile| millis(self.0.value_at_quantile(quantile));
        Figures::from([
            (Measure::P50Ms, millis(0.5)),
            (Measure::P99Ms, millis(0.99)),
        ])
    }
}

fn millis(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64() * 1000.0
}
