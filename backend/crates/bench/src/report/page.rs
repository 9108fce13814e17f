//! The page on performance: tables and pictures between its markers, the rest is a person's.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::table::{number, said, spread};
use super::{Report, picture, target};
use crate::failure::{Failure, Result};
use crate::scenario::{Measure, Scenario};
use crate::subject::Subject;

const BEGIN: &str = "<!-- begin: written by make bench -->";
const END: &str = "<!-- end: written by make bench -->";

/// Writes the figures into the page, and the pictures beside it.
pub(crate) fn write(report: &Report, docs: &Path) -> Result<()> {
    let path = docs.join("performance.md");
    let page = fs::read_to_string(&path)?;
    let parts = page
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts
        .ok_or_else(|| Failure::Unusable(format!("{} has not both markers", path.display())))?;
    let pictures = docs.join("performance");
    fs::create_dir_all(&pictures)?;
    let figures = figures(report, &pictures)?;
    fs::write(path, format!("{before}{BEGIN}\n\n{figures}\n{END}{after}"))?;
    Ok(())
}

fn figures(report: &Report, pictures: &Path) -> Result<String> {
    let mut out = conditions(report);
    let mut last = None;
    for (scenario, case) in report.cases() {
        if last != Some(scenario) {
            let _ = write!(out, "\n### {}\n", scenario.title());
            if let Some(drawn) = picture::draw(report, scenario) {
                let name = format!("{}.svg", file_name(scenario));
                fs::write(pictures.join(&name), drawn)?;
                let _ = write!(out, "\n![{}](performance/{name})\n", scenario.title());
            }
        }
        last = Some(scenario);
        if !case.is_empty() {
            let _ = write!(out, "\n{case}:\n");
        }
        out.push_str(&rows(report, scenario, case));
    }
    Ok(out)
}

/// Under which all this was measured.
fn conditions(report: &Report) -> String {
    let machine = &report.machine;
    format!(
        "{} rounds of {} s each; median, and least to most. {}, {} processors, {} GiB, Linux {}. {}.\n",
        report.rounds,
        report.seconds,
        machine.processor,
        machine.processors,
        machine.memory_gib,
        machine.kernel,
        machine.versions.join(", ")
    )
}

fn rows(report: &Report, scenario: Scenario, case: &str) -> String {
    let measures = scenario.measures();
    let mut out = String::from("\n| |");
    for measure in measures {
        let _ = write!(out, " {} |", measure.title());
    }
    out.push_str(" aim | lost, doubled, disordered |\n|---|");
    out.push_str(&"---|".repeat(measures.len() + 2));
    out.push('\n');
    for subject in report.subjects(scenario, case) {
        let _ = write!(out, "| {} |", subject.name());
        for &measure in measures {
            let _ = write!(
                out,
                " {} |",
                cell(report, (scenario, case), subject, measure)
            );
        }
        let aims: Vec<String> = measures
            .iter()
            .flat_map(|&measure| {
                target::bounds(scenario, case, subject, measure)
                    .into_iter()
                    .map(move |bound| {
                        let kept = bound.kept(report, (scenario, case), subject, measure);
                        format!("{bound}: {}", said(kept))
                    })
            })
            .collect();
        let verdict = report.verdict(scenario, case, subject);
        let faults = if verdict.expected == 0 {
            String::new()
        } else if verdict.flawless() {
            format!("none of {}", number_of(verdict.expected))
        } else {
            format!(
                "{}, {}, {}",
                verdict.lost,
                verdict.doubled,
                verdict.disordered + verdict.disagreeing
            )
        };
        let _ = writeln!(out, " {} | {faults} |", aims.join("; "));
    }
    out
}

fn cell(
    report: &Report,
    (scenario, case): (Scenario, &str),
    subject: Subject,
    measure: Measure,
) -> String {
    let Some(summary) = report.summary(scenario, case, subject, measure) else {
        return String::new();
    };
    let text = spread(summary);
    let ratio = report.ratio(scenario, case, measure, (subject, Subject::Floor));
    match ratio.filter(|_| subject != Subject::Floor) {
        Some(ratio) => format!("{text}, {} × floor", number(ratio.median)),
        None => text,
    }
}

fn number_of(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{} thousand", count / 1000),
        _ => format!("{} million", count / 1_000_000),
    }
}

fn file_name(scenario: Scenario) -> String {
    format!("{scenario:?}").to_lowercase()
}
