//! The report for a terminal.

use std::fmt::Write as _;

use super::{Report, Summary, target};
use crate::subject::Subject;

pub(crate) fn table(report: &Report) -> String {
    let mut out = String::new();
    for (scenario, case) in report.cases() {
        let colon = if case.is_empty() { "" } else { ": " };
        let _ = writeln!(out, "\n{}{colon}{case}", scenario.title());
        let subjects = report.subjects(scenario, case);
        for &measure in scenario.measures() {
            let _ = writeln!(out, "  {}", measure.title());
            for &subject in &subjects {
                let Some(summary) = report.summary(scenario, case, subject, measure) else {
                    continue;
                };
                let ratio = report.ratio(scenario, case, measure, (subject, Subject::Floor));
                let ratio = ratio.filter(|_| subject != Subject::Floor);
                let ratio =
                    ratio.map_or_else(String::new, |ratio| format!("{:.2} × floor", ratio.median));
                let bounds = target::bounds(scenario, case, subject, measure);
                let aims = bounds.iter().map(|bound| {
                    let kept = bound.kept(report, (scenario, case), subject, measure);
                    format!("{bound}: {}", said(kept))
                });
                let aims = aims.collect::<Vec<_>>().join(", ");
                let row = format!(
                    "    {:<16} {:<34} {ratio:<14} {aims}",
                    subject.name(),
                    spread(summary)
                );
                let _ = writeln!(out, "{}", row.trim_end());
            }
        }
        for &subject in &subjects {
            let verdict = report.verdict(scenario, case, subject);
            if !verdict.flawless() {
                let _ = writeln!(out, "  {} is not flawless: {verdict:?}", subject.name());
            }
        }
    }
    out
}

/// The median, and the least and the most.
pub(super) fn spread(summary: Summary) -> String {
    let Summary {
        median,
        least,
        most,
    } = summary;
    if least.to_bits() == most.to_bits() {
        return number(median);
    }
    format!("{} ({} to {})", number(median), number(least), number(most))
}

/// Three digits that tell something.
pub(super) fn number(value: f64) -> String {
    if value.abs() >= 10_000.0 {
        let thousands = format!("{:.0}", value / 1000.0);
        format!("{thousands}k")
    } else if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

pub(super) fn said(kept: Option<bool>) -> &'static str {
    match kept {
        Some(true) => "kept",
        Some(false) => "missed",
        None => "not compared",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_tell() {
        for (value, text) in [
            (1_234_567.0, "1235k"),
            (1234.5, "1234"),
            (12.34, "12.3"),
            (1.234, "1.23"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
