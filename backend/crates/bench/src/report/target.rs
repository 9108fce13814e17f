//! What is aimed at.

use std::fmt;

use super::{Report, Summary};
use crate::scenario::{Measure, Scenario};
use crate::subject::Subject;

/// How a median is to stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    AtMost(f64),
    /// Times that of another server, round by round.
    AtMostTimes(f64, Subject),
    AtLeastTimes(f64, Subject),
}

/// All there are for one measure of one server.
pub(crate) fn bounds(
    scenario: Scenario,
    case: &str,
    subject: Subject,
    measure: Measure,
) -> Vec<Bound> {
    use Bound::{AtLeastTimes, AtMost, AtMostTimes};
    use Subject::{Engine, Floor, Node, Product};
    match (scenario, measure, subject) {
        (Scenario::Paced10k | Scenario::Paced50k, Measure::CpuMicrosPerDelivery, Engine) => {
            vec![AtMostTimes(1.15, Floor)]
        }
        (Scenario::Paced10k | Scenario::Paced50k, Measure::CpuMicrosPerDelivery, Product) => {
            vec![AtMostTimes(1.25, Floor)]
        }
        (Scenario::Saturated | Scenario::Large, Measure::DeliveriesPerCpuSecond, Engine) => {
            vec![AtLeastTimes(0.9, Floor)]
        }
        (Scenario::Saturated | Scenario::Large, Measure::DeliveriesPerCpuSecond, Product) => {
            vec![AtLeastTimes(0.7, Floor)]
        }
        (Scenario::Idle, Measure::KibPerConnection, Engine | Product) => vec![AtMost(6.0)],
        (Scenario::Connect, Measure::CpuMillisPerConnect, Engine | Product) => {
            vec![AtMostTimes(4.0, Floor)]
        }
        (Scenario::Durable, Measure::SendsPerSecond, Product) if case.contains("100 at once") => {
            vec![AtLeastTimes(0.75, Floor), AtLeastTimes(2.5, Node)]
        }
        (Scenario::Durable, Measure::P50Ms, Product) if case.contains("100 at once") => {
            vec![AtMost(4.0)]
        }
        (Scenario::Quiet, Measure::P99Ms, Engine | Product) => vec![AtMost(20.0)],
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
            Bound::AtMost(most) => {
                let summary = report.summary(scenario, case, subject, measure);
                summary.map(|summary| median(summary) <= most)
            }
            Bound::AtMostTimes(most, other) => ratio(other).map(|ratio| median(ratio) <= most),
            Bound::AtLeastTimes(least, other) => ratio(other).map(|ratio| median(ratio) >= least),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::AtMost(most) => write!(f, "≤ {most}"),
            Bound::AtMostTimes(times, other) => write!(f, "≤ {times} × {}", other.name()),
            Bound::AtLeastTimes(times, other) => write!(f, "≥ {times} × {}", other.name()),
        }
    }
}
