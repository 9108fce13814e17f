//! The text Prometheus reads, format version 0.0.4: one family of numbers after the other, each with
//! a sentence about it.

use realtime::Distribution;
use std::fmt::{Display, Write as _};
use std::ops::RangeInclusive;
use std::time::Duration;

/// What the text is, for whoever asked.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bands of time that are shown, as powers of two of a microsecond: 128 µs to 17 s.
const TIMES: RangeInclusive<usize> = 7..=24;
/// Bands of numbers that are shown, as powers of two: 1 to 256.
const SIZES: RangeInclusive<usize> = 0..=8;

/// A text in the making. Names, labels and sentences are all our own, so nothing needs escaping.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
}

impl Exposition {
    /// A number that only grows.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.begin(name, "counter", help);
        self.line(name, &[], value);
    }

    /// Numbers that only grow, told apart by a label.
    pub(super) fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        self.begin(name, "counter", help);
        for (word, value) in values {
            self.line(name, &[(label, word)], value);
        }
    }

    /// A number that goes up and down.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.gauge_if(name, help, Some(value));
    }

    /// A number that goes up and down, where there is such a thing.
    pub(super) fn gauge_if(&mut self, name: &str, help: &str, value: Option<impl Display>) {
        self.begin(name, "gauge", help);
        if let Some(value) = value {
            self.line(name, &[], value);
        }
    }

    /// Numbers that go up and down, told apart by a label.
    pub(super) fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        self.begin(name, "gauge", help);
        for (word, value) in values {
            self.line(name, &[(label, word)], value);
        }
    }

    /// How long things took, counted in microseconds.
    pub(super) fn times(&mut self, name: &str, help: &str, counted: &Distribution) {
        let seconds = |micros| Duration::from_micros(micros).as_secs_f64();
        self.histogram(name, help, counted, TIMES, seconds);
    }

    /// How many there were at once.
    pub(super) fn sizes(&mut self, name: &str, help: &str, counted: &Distribution) {
        self.histogram(name, help, counted, SIZES, |size| size);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn histogram<T: Display>(
        &mut self,
        name: &str,
        help: &str,
        counted: &Distribution,
        bands: RangeInclusive<usize>,
        unit: impl Fn(u64) -> T,
    ) {
        self.begin(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for power in bands {
            let most = unit(1 << power).to_string();
            self.line(&bucket, &[("le", &most)], counted.at_most(power));
        }
        self.line(&bucket, &[("le", "+Inf")], counted.total());
        self.line(&format!("{name}_sum"), &[], unit(counted.sum));
        self.line(&format!("{name}_count"), &[], counted.total());
    }

    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}")
            .expect("a string takes everything");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(name);
        for (label, word) in labels {
            write!(self.text, "{{{label}=\"{word}\"}}").expect("a string takes everything");
        }
        writeln!(self.text, " {value}").expect("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use realtime::Histogram;

    #[test]
    fn a_family_is_a_sentence_a_kind_and_its_numbers() {
        let mut page = Exposition::default();
        page.counters("a_total", "How many.", "of", [("one", 1), ("two", 2)]);
        page.gauge("b", "How much.", 1.5);
        page.gauge_if("c", "Not here.", None::<u64>);
        assert_eq!(
            page.into_text(),
            "# HELP a_total How many.\n# TYPE a_total counter\na_total{of=\"one\"} 1\na_total{of=\"two\"} 2\n\
             # HELP b How much.\n# TYPE b gauge\nb 1.5\n\
             # HELP c Not here.\n# TYPE c gauge\n"
        );
    }

    #[test]
    fn a_histogram_adds_up_to_its_count() {
        let took = Histogram::default();
        for micros in [1, 100, 129, 1_000_000, 60_000_000] {
            took.took(Duration::from_micros(micros));
        }
        let mut page = Exposition::default();
        page.times("t_seconds", "How long.", &took.get());
        let text = page.into_text();
        for line in [
            "t_seconds_bucket{le=\"0.000128\"} 2",
            "t_seconds_bucket{le=\"0.000256\"} 3",
            "t_seconds_bucket{le=\"1.048576\"} 4",
            "t_seconds_bucket{le=\"16.777216\"} 4",
            "t_seconds_bucket{le=\"+Inf\"} 5",
            "t_seconds_sum 61.00023",
            "t_seconds_count 5",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
    }
}
