//! What is aimed at.

use std::fmt;

use super::{Report, Summary};
use crate::scenario::{Measure, Scenario};
use crate::subject::Subject;

/// How a median is to stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    Below(f64),
    /// At most so many times that of another server, round by round.
    UpTo(f64, Subject),
    /// At least so many times that.
    AsManyAs(f64, Subject),
}

/// All there are for one measure of one server.
pub(crate) fn bounds(
    scenario: Scenario,
    case: &str,
    subject: Subject,
    measure: Measure,
) -> Vec<Bound> {
    use Bound::{AsManyAs, Below, UpTo};
    use Subject::{Engine, Floor, Node, Product, ProductPostgres};
    match (scenario, measure, subject) {
        (Scenario::Paced10k | Scenario::Paced50k, Measure::CpuMicrosPerDelivery, Engine) => {
            vec![UpTo(1.15, Floor)]
        }
        (
            Scenario::Paced10k | Scenario::Paced50k,
            Measure::CpuMicrosPerDelivery,
            Product | ProductPostgres,
        ) => vec![UpTo(1.25, Floor)],
        (Scenario::Saturated | Scenario::Large, Measure::DeliveriesPerCpuSecond, Engine) => {
            vec![AsManyAs(0.9, Floor)]
        }
        (
            Scenario::Saturated | Scenario::Large,
            Measure::DeliveriesPerCpuSecond,
            Product | ProductPostgres,
        ) => vec![AsManyAs(0.7, Floor)],
        (Scenario::Idle, Measure::KibPerConnection, Engine | Product) => vec![Below(6.0)],
        (Scenario::Connect, Measure::CpuMillisPerConnect, Engine | Product) => {
            vec![UpTo(4.0, Floor)]
        }
        (Scenario::Durable, Measure::SendsPerSecond, Product) if case.contains("100 at once") => {
            vec![AsManyAs(0.75, Floor), AsManyAs(2.5, Node)]
        }
        (Scenario::Durable, Measure::P50Ms, Product) if case.contains("100 at once") => {
            vec![Below(4.0)]
        }
        (Scenario::Quiet, Measure::P99Ms, Engine | Product) => vec![Below(20.0)],
        // Unchanged, but for what differs from one time to the next.
        (Scenario::Slow, Measure::P99TimesAlone, _) => vec![Below(1.5)],
        // A batch of 64 KiB, a page of 200 messages, and what a connection costs anyway.
        (Scenario::Slow, Measure::KibPerStopped, _) => vec![Below(160.0)],
        (Scenario::Storm, Measure::SecondsUntilBack, _) => vec![Below(10.0)],
        (Scenario::Storm, Measure::StatementsPerRoom, _) => vec![Below(1.0)],
        _ => Vec::new(),
    }
}

impl Bound {
    /// Whether it is kept; nothing where the other server was not measured.
    pub(crate) fn kept(
        self,
        report: &Report,
        (scenario, case): (Scenario, &str),
        subject: Subject,
        measure: Measure,
    ) -> Option<bool> {
        let ratio = |other| report.ratio(scenario, case, measure, (subject, other));
        let median = |summary: Summary| summary.median;
        match self {
            Bound::Below(most) => {
                let summary = report.summary(scenario, case, subject, measure);
                summary.map(|summary| median(summary) <= most)
            }
            Bound::UpTo(most, other) => ratio(other).map(|ratio| median(ratio) <= most),
            Bound::AsManyAs(least, other) => ratio(other).map(|ratio| median(ratio) >= least),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Below(most) => write!(f, "≤ {most}"),
            Bound::UpTo(times, other) => write!(f, "≤ {times} × {}", other.name()),
            Bound::AsManyAs(times, other) => write!(f, "≥ {times} × {}", other.name()),
        }
    }
}
