//! A picture of a scenario: a bar for each server, and how far rounds spread.
//!
//! It is a file of its own, shown by whatever shows the page, so it brings its colours for light
//! and for dark.

use std::fmt::Write as _;

use super::table::number;
use super::{Report, Summary};
use crate::scenario::Scenario;
use crate::subject::Subject;

const WIDTH: f64 = 720.0;
/// Where bars begin, and how long the longest is.
const LEFT: f64 = 230.0;
const LONGEST: f64 = 380.0;
const ROW: f64 = 26.0;
const TOP: f64 = 40.0;
const BAR: f64 = 16.0;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}\
.title{font-weight:600}\
.quiet{fill:#57606a}\
.floor{fill:#8c959f}.engine{fill:#2da44e}.product{fill:#0969da}\
.product-postgres{fill:#8250df}.node{fill:#bf8700}\
.spread{stroke:#24292f;stroke-width:1.5}\
@media(prefers-color-scheme:dark){\
text{fill:#e6edf3}.quiet{fill:#9198a1}.spread{stroke:#e6edf3}\
.floor{fill:#6e7681}.engine{fill:#3fb950}.product{fill:#4493f8}\
.product-postgres{fill:#a371f7}.node{fill:#d29922}}";

/// The first measure of a scenario, of all servers and cases; nothing where nothing was measured.
pub(crate) fn draw(report: &Report, scenario: Scenario) -> Option<String> {
    let measure = *scenario.measures().first()?;
    let mut bars: Vec<(&str, Subject, Summary)> = Vec::new();
    for (of, case) in report.cases() {
        if of == scenario {
            let subjects = report.subjects(scenario, case);
            bars.extend(subjects.into_iter().filter_map(|subject| {
                Some((
                    case,
                    subject,
                    report.summary(scenario, case, subject, measure)?,
                ))
            }));
        }
    }
    let most = bars
        .iter()
        .map(|(_, _, summary)| summary.most)
        .fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let mut drawn = String::new();
    let mut bottom = TOP;
    for (case, subject, summary) in bars {
        draw_bar(&mut drawn, bottom, case, subject, summary, LONGEST / most);
        bottom += ROW;
    }
    let height = bottom + 8.0;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n<title>{title}: {measure}</title>\n\
         <style>{STYLE}</style>\n<text class=\"title\" x=\"8\" y=\"22\">{measure}</text>\n{drawn}</svg>\n",
        title = scenario.title(),
        measure = measure.title(),
    ))
}

fn draw_bar(
    out: &mut String,
    top: f64,
    case: &str,
    subject: Subject,
    summary: Summary,
    scale: f64,
) {
    let name = subject.name();
    let comma = if case.is_empty() { "" } else { ", " };
    let (text, middle) = (top + BAR - 3.0, top + BAR / 2.0);
    let end = LEFT + summary.median * scale;
    let (least, most) = (LEFT + summary.least * scale, LEFT + summary.most * scale);
    let after = most.max(end) + 8.0;
    let _ = writeln!(
        out,
        "<text x=\"8\" y=\"{text:.1}\"><tspan class=\"quiet\">{case}{comma}</tspan>{name}</text>\
         <rect class=\"{name}\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\"/>\
         <line class=\"spread\" x1=\"{least:.1}\" y1=\"{middle:.1}\" x2=\"{most:.1}\" y2=\"{middle:.1}\"/>\
         <text x=\"{after:.1}\" y=\"{text:.1}\">{}</text>",
        end - LEFT,
        number(summary.median)
    );
}
