//! How often something may happen.

use super::value::Value;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// So many in a span, after a burst of so many at once. Written `10/s burst 50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub count: NonZeroU32,
    pub span: Duration,
    /// How many may come at once before the rate is felt.
    pub burst: NonZeroU32,
}

const SPANS: [(&str, u64); 3] = [("s", 1), ("min", 60), ("h", 3_600)];

impl Rate {
    /// # Panics
    /// When a number is 0; both are constants of the program.
    pub fn per_second(count: u32, burst: u32) -> Self {
        Self::new(count, 1, burst)
    }

    /// `count` a minute, all of them at once if need be.
    pub fn per_minute(count: u32) -> Self {
        Self::new(count, 60, count)
    }

    /// `count` an hour, all of them at once if need be.
    pub fn per_hour(count: u32) -> Self {
        Self::new(count, 3_600, count)
    }

    fn new(count: u32, seconds: u64, burst: u32) -> Self {
        Self {
            count: NonZeroU32::new(count).expect("a default rate is above 0"),
            span: Duration::from_secs(seconds),
            burst: NonZeroU32::new(burst).expect("a default burst is above 0"),
        }
    }

    /// The time after which one more is allowed.
    pub fn interval(self) -> Duration {
        self.span / self.count.get()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.span.as_secs();
        let unit = SPANS
            .iter()
            .find(|(_, size)| *size == seconds)
            .map_or("s", |(unit, _)| unit);
        write!(f, "{}/{unit}", self.count)?;
        if self.burst == self.count {
            Ok(())
        } else {
            write!(f, " burst {}", self.burst)
        }
    }
}

impl Value for Rate {
    fn read(text: &str) -> Result<Self, String> {
        let expected = || "a rate such as `10/s`, `10/min`, `10/h` or `10/s burst 50`".to_owned();
        let (rate, burst) = match text.split_once(" burst ") {
            Some((rate, burst)) => (rate, Some(burst)),
            None => (text, None),
        };
        let (count, unit) = rate.split_once('/').ok_or_else(expected)?;
        let count: NonZeroU32 = count.parse().map_err(|_| expected())?;
        let (_, seconds) = SPANS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(expected)?;
        let burst = match burst {
            Some(burst) => burst.trim().parse().map_err(|_| expected())?,
            None => count,
        };
        Ok(Self {
            count,
            span: Duration::from_secs(*seconds),
            burst,
        })
    }

    fn show(&self) -> Option<toml::Value> {
        Some(self.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_as_it_is_written() {
        for rate in [
            Rate::per_second(10, 50),
            Rate::per_minute(10),
            Rate::per_hour(10),
        ] {
            assert_eq!(Rate::read(&rate.to_string()), Ok(rate));
        }
        assert_eq!(
            Rate::read("10/min").unwrap().interval(),
            Duration::from_secs(6)
        );
        for refused in [
            "",
            "10",
            "0/s",
            "10/day",
            "10/s burst 0",
            "10/s burst",
            "-1/s",
        ] {
            assert!(Rate::read(refused).is_err(), "{refused:?}");
        }
    }
}
