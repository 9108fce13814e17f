//! What came out: medians, how far they spread, and how they stand to the floor.

mod machine;
mod measure;
mod page;
mod picture;
mod table;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};
use crate::ledger::Verdict;
use crate::scenario::{Measure, Outcome, Scenario};
use crate::subject::Subject;

pub(crate) use machine::Machine;
pub(crate) use page::write as write_page;
pub(crate) use table::table;

/// Everything that was measured, in the order of rounds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) rounds: u32,
    pub(crate) seconds: u64,
    pub(crate) runs: Vec<Run>,
}

/// One server in one scenario in one round.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) round: u32,
    pub(crate) scenario: Scenario,
    pub(crate) subject: Subject,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

/// One number over all rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Summary {
    /// None of nothing.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Summary> {
        values.sort_by(f64::total_cmp);
        let (&least, &most) = (values.first()?, values.last()?);
        let upper = values[values.len() / 2];
        let lower = values[(values.len() - 1) / 2];
        Some(Summary {
            median: f64::midpoint(lower, upper),
            least,
            most,
        })
    }
}

impl Report {
    /// Takes in what another report says of scenarios that this one has not, if it was measured
    /// as often and as long.
    pub(crate) fn add(&mut self, other: Report) -> Result<()> {
        if (other.rounds, other.seconds) != (self.rounds, self.seconds) {
            return Err(Failure::Unusable(format!(
                "the report there is of {} rounds of {} s, and nothing else can be added to it",
                other.rounds, other.seconds
            )));
        }
        let measured: BTreeSet<_> = self.runs.iter().map(|run| run.scenario).collect();
        let others = other.runs.into_iter();
        let others = others.filter(|run| !measured.contains(&run.scenario));
        self.runs.extend(others);
        Ok(())
    }

    /// The scenarios that ran with their cases, in the order they were run.
    fn cases(&self) -> Vec<(Scenario, &str)> {
        let mut cases: Vec<(Scenario, &str)> = Vec::new();
        for run in &self.runs {
            let case = (run.scenario, run.outcome.case.as_str());
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
        // Not every server has every case, so that they come mixed.
        cases.sort_by_key(|(scenario, _)| *scenario);
        cases
    }

    fn subjects(&self, scenario: Scenario, case: &str) -> Vec<Subject> {
        let runs = self.runs.iter();
        let of_case = runs.filter(|run| run.scenario == scenario && run.outcome.case == case);
        let mut subjects: Vec<Subject> = of_case.map(|run| run.subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// The values of one measure by round.
    fn values(
        &self,
        scenario: Scenario,
        case: &str,
        subject: Subject,
        measure: Measure,
    ) -> BTreeMap<u32, f64> {
        let of_case = |run: &&Run| {
            (run.scenario, run.subject) == (scenario, subject) && run.outcome.case == case
        };
        let runs = self.runs.iter().filter(of_case);
        runs.filter_map(|run| Some((run.round, *run.outcome.figures.get(&measure)?)))
            .collect()
    }

    fn summary(
        &self,
        scenario: Scenario,
        case: &str,
        subject: Subject,
        measure: Measure,
    ) -> Option<Summary> {
        let values = self.values(scenario, case, subject, measure);
        Summary::of(values.into_values().collect())
    }

    /// How a server stands to another one, round by round: what disturbs one disturbs the other.
    fn ratio(
        &self,
        scenario: Scenario,
        case: &str,
        measure: Measure,
        (subject, other): (Subject, Subject),
    ) -> Option<Summary> {
        let others = self.values(scenario, case, other, measure);
        let values = self.values(scenario, case, subject, measure);
        let ratios = values.iter().filter_map(|(round, value)| {
            let other = others.get(round).filter(|other| **other > 0.0)?;
            Some(value / other)
        });
        Summary::of(ratios.collect())
    }

    /// What became of all deliveries of a server in a case.
    fn verdict(&self, scenario: Scenario, case: &str, subject: Subject) -> Verdict {
        let mut verdict = Verdict::default();
        for run in &self.runs {
            if (run.scenario, run.subject) == (scenario, subject) && run.outcome.case == case {
                verdict.add(&run.outcome.verdict);
            }
        }
        verdict
    }

    /// Whether every delivery of every run was as it should be.
    pub(crate) fn flawless(&self) -> bool {
        self.runs.iter().all(|run| run.outcome.verdict.flawless())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let summary = |values: &[f64]| Summary::of(values.to_vec());
        assert_eq!(summary(&[]), None);
        let odd = summary(&[3.0, 1.0, 2.0]).unwrap();
        assert!((odd.median - 2.0).abs() < 1e-9);
        let even = summary(&[4.0, 1.0, 2.0, 3.0]).unwrap();
        assert!((even.median - 2.5).abs() < 1e-9);
        assert!(even.least < 1.5 && even.most > 3.5);
    }

    #[test]
    fn what_was_not_measured_anew_is_kept() {
        let report = |scenarios: &[Scenario], cpu: f64| Report {
            machine: Machine::look(),
            rounds: 1,
            seconds: 1,
            runs: scenarios
                .iter()
                .map(|&scenario| Run {
                    round: 1,
                    scenario,
                    subject: Subject::Floor,
                    outcome: Outcome {
                        case: String::new(),
                        figures: [(Measure::CpuMicrosPerDelivery, cpu)].into(),
                        verdict: Verdict::default(),
                    },
                })
                .collect(),
        };
        let mut new = report(&[Scenario::Large], 1.0);
        new.add(report(&[Scenario::Large, Scenario::Quiet], 2.0))
            .unwrap();
        let cpu = |scenario| {
            let measure = Measure::CpuMicrosPerDelivery;
            new.summary(scenario, "", Subject::Floor, measure)
                .unwrap()
                .median
        };
        assert!(cpu(Scenario::Large) < 1.5 && cpu(Scenario::Quiet) > 1.5);
        let mut longer = report(&[], 0.0);
        longer.seconds = 2;
        assert!(new.add(longer).is_err());
    }
}
