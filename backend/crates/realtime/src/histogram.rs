//! How long things took, and how many there were at once, counted in bands.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bands of a histogram. What is above the last but one, 2^30, is in the last.
const BANDS: usize = 32;

/// Counts values in bands that double: `0..=1`, `2`, `3..=4`, `5..=8`, and so on. Two additions to
/// atomics a value; no lock, no allocation.
#[derive(Debug, Default)]
pub struct Histogram {
    bands: [AtomicU64; BANDS],
    sum: AtomicU64,
}

/// What a histogram has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distribution {
    bands: [u64; BANDS],
    /// All values together.
    pub sum: u64,
}

impl Histogram {
    /// Counts a value.
    pub fn count(&self, value: u64) {
        self.bands[band(value)].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Counts a span of time, in microseconds.
    pub fn took(&self, span: Duration) {
        self.count(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
    }

    /// What has been counted until now.
    pub fn get(&self) -> Distribution {
        Distribution {
            bands: std::array::from_fn(|band| self.bands[band].load(Ordering::Relaxed)),
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}

impl Distribution {
    /// How many values were counted in each band: `[i]` those of at most 2^i, and more than half of
    /// that; the last has all that are larger than the last but one.
    pub fn bands(&self) -> &[u64] {
        &self.bands
    }

    /// How many values were counted.
    pub fn total(&self) -> u64 {
        self.bands.iter().sum()
    }

    /// How many of them were at most 2^`power`, which is at most 30.
    pub fn at_most(&self, power: usize) -> u64 {
        self.bands.iter().take(power + 1).sum()
    }
}

/// The band whose upper bound, two to its own power, is the lowest that is not below the value.
fn band(value: u64) -> usize {
    let power = u64::BITS - value.saturating_sub(1).leading_zeros();
    (power as usize).min(BANDS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_the_lowest_band_that_holds_it() {
        for (value, power) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (4, 2),
            (5, 3),
            (1 << 30, 30),
        ] {
            let histogram = Histogram::default();
            histogram.count(value);
            let counted = histogram.get();
            assert_eq!(counted.at_most(power), 1, "{value}");
            if power > 0 {
                assert_eq!(counted.at_most(power - 1), 0, "{value}");
            }
        }
    }

    #[test]
    fn nothing_is_too_large_to_be_counted() {
        let histogram = Histogram::default();
        histogram.took(Duration::from_micros(7));
        histogram.took(Duration::from_hours(1));
        let counted = histogram.get();
        assert_eq!((counted.total(), counted.at_most(30)), (2, 1));
        assert_eq!(counted.sum, 3_600_000_007);
    }
}
