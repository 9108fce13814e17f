//! Measures servers against each other: builds them, runs them in turn, several rounds, and says
//! how they stand to the least that a server could do.
//!
//! It shares no code with what it measures: a shared encoder would hide a shared mistake.

mod client;
mod crowd;
#[cfg(test)]
mod crowd_tests;
mod failure;
mod latency;
mod layout;
mod ledger;
mod pin;
mod place;
mod process;
mod report;
mod rest;
mod scenario;
mod stamp;
mod subject;
mod wire;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use failure::{Failure, Result};
use pin::Processors;
use report::{Machine, Report, Run, table, write_page};
use scenario::Scenario;
use subject::{Keeper, People, Programs, Stable, Subject, root};

/// Builds and measures servers in turn, and proves every delivery.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only these scenarios.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Scenario>,
    /// Only these servers; the first is what the others are compared with.
    #[arg(long, value_enum, value_delimiter = ',')]
    subjects: Vec<Subject>,
    /// How often everything is done, always all of it in turn.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How long each run is measured, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The size of a message on the wire, to which all but the product pad theirs. The default
    /// is the product's.
    #[arg(long, default_value_t = 440)]
    frame_bytes: usize,
    /// The most accounts that are made; with fewer than connections, some have several. Ten
    /// thousand take some minutes, once.
    #[arg(long, default_value_t = 10_000)]
    users: usize,
    /// Write the figures and their pictures into docs/operations/performance.md, as a run of
    /// everything does anyway.
    #[arg(long)]
    page: bool,
    /// Keep what the last report says of the scenarios that are not run now.
    #[arg(long)]
    add: bool,
    /// A product that is built already.
    #[arg(long)]
    product: Option<PathBuf>,
}

fn main() -> ExitCode {
    match compare(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "printing the report is what this program is for"
)]
fn compare(arguments: &Arguments) -> Result<()> {
    allow_as_many_files_as_may_be()?;
    let scenarios = or_all(&arguments.only);
    let subjects = or_all(&arguments.subjects);
    let processors = Processors::choose()?;
    let programs = Programs::build(arguments.product.clone())?;
    let most = arguments.users;
    let people = processors.on_both(|| gather(&programs, &scenarios, &subjects, most))?;
    let stable = Stable {
        programs,
        processors,
        people,
        frame_bytes: arguments.frame_bytes,
    };
    let time = Duration::from_secs(arguments.seconds);
    let mut report = Report {
        machine: Machine::look(),
        rounds: arguments.rounds,
        seconds: arguments.seconds,
        runs: Vec::new(),
    };
    for round in 1..=arguments.rounds {
        for &scenario in &scenarios {
            for &subject in subjects.iter().filter(|subject| scenario.is_for(**subject)) {
                eprintln!("round {round}: {scenario:?}, {subject:?}");
                for outcome in scenario.run(&stable, subject, time)? {
                    report.runs.push(Run {
                        round,
                        scenario,
                        subject,
                        outcome,
                    });
                }
            }
        }
    }
    let json = stable.programs.scratch().join("report.json");
    if arguments.add {
        report.add(serde_json::from_slice(&fs::read(&json)?)?)?;
    }
    fs::write(&json, serde_json::to_vec_pretty(&report)?)?;
    println!("{}", table(&report));
    let whole = arguments.only.is_empty() && arguments.subjects.is_empty();
    if whole || arguments.page {
        write_page(&report, &root().join("docs/operations"))?;
    }
    println!("All figures are in {}.", json.display());
    if report.flawless() {
        Ok(())
    } else {
        let flawed = "deliveries were lost, doubled, or in different orders";
        Err(Failure::Unusable(flawed.to_owned()))
    }
}

/// The people of all servers that need some, where each of them has its own.
fn gather(
    programs: &Programs,
    scenarios: &[Scenario],
    subjects: &[Subject],
    most: usize,
) -> Result<BTreeMap<Keeper, People>> {
    let mut all = BTreeMap::new();
    for subject in subjects {
        let Some(keeper) = subject.keeper_of_people() else {
            continue;
        };
        let needed = scenarios
            .iter()
            .filter(|scenario| scenario.is_for(*subject));
        let layouts: Vec<_> = needed.flat_map(|scenario| scenario.layouts()).collect();
        all.insert(keeper, People::gather(programs, keeper, &layouts, most)?);
    }
    Ok(all)
}

/// A connection is an open file on either side, and servers inherit what is allowed here.
fn allow_as_many_files_as_may_be() -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, all).map_err(std::io::Error::from)?;
    Ok(())
}

fn or_all<T: ValueEnum + Clone>(chosen: &[T]) -> Vec<T> {
    if chosen.is_empty() {
        T::value_variants().to_vec()
    } else {
        chosen.to_vec()
    }
}
