//! The verify command: arguments in, a report out.
//!
//! The program that carries it adds one subcommand, and says which program a node is.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use super::{
    Blueprint, Stop, Tell, VerifyError, VerifyOptions, VerifyReport, Where, people, verify,
};
use crate::cli::{duration, print};
use clap::Args;

/// Puts the promise to the test: people talk while things break, and nothing that was acknowledged
/// may be lost, doubled or out of order.
///
/// Without `--url` it starts a cluster of its own on this machine, with a PostgreSQL and a Redis, and
/// breaks all of it by a schedule made from the seed. With `--url` it talks on a running cluster, in
/// rooms of its own, and breaks nothing but its own clients. The exit code is 1 when a promise did
/// not hold.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Nodes of a cluster of its own.
    #[arg(long, value_name = "NODES", default_value_t = 3, conflicts_with = "url",
        value_parser = clap::value_parser!(u8).range(1..=9))]
    local: u8,
    /// Address of a node of a running cluster; may repeat.
    #[arg(long)]
    url: Vec<String>,
    /// With --url: accounts to use, a name and a password a line. Without it, people sign up.
    #[arg(long, value_name = "FILE", requires = "url")]
    accounts: Option<PathBuf>,
    /// What the schedule is made from; chosen and told when not given.
    #[arg(long)]
    seed: Option<u64>,
    /// How long to break things, like 30s or 20m.
    #[arg(long, default_value = "120s", value_parser = duration)]
    duration: Duration,
    /// People who talk; some have several clients.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(2..=12))]
    people: u8,
    /// Messages a second, all together.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    /// Print the schedule, and do nothing.
    #[arg(long)]
    plan: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Leave the logs of a cluster of its own in this folder.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// The folder of `initdb` and `postgres`, if they are not where they usually are.
    #[arg(long, value_name = "FOLDER")]
    postgres: Option<PathBuf>,
}

impl VerifyArgs {
    fn options(self, program: PathBuf) -> Result<VerifyOptions, VerifyError> {
        let accounts = self.accounts.as_deref().map(people::read_accounts);
        let cluster = if self.url.is_empty() {
            Where::Local(Blueprint {
                nodes: usize::from(self.local),
                program,
                postgres: self.postgres,
                settings: Vec::new(),
            })
        } else {
            Where::Running {
                urls: self.url,
                accounts: accounts.transpose()?,
            }
        };
        Ok(VerifyOptions {
            cluster,
            // Short enough to be typed again.
            seed: self
                .seed
                .unwrap_or_else(|| u64::from(rand::random::<u32>())),
            duration: self.duration,
            people: usize::from(self.people),
            rate: self.rate,
            keep: self.keep,
        })
    }
}

/// Makes a run and prints its report. `Ok(false)` means that the run ended but a promise did not
/// hold: exit with a code other than zero. `settings` are environment variables for each node.
pub async fn execute(
    args: VerifyArgs,
    program: PathBuf,
    settings: Vec<(String, String)>,
    stop: Stop,
) -> Result<bool, VerifyError> {
    let (only_plan, json) = (args.plan, args.json);
    let mut options = args.options(program)?;
    if let Where::Local(blueprint) = &mut options.cluster {
        blueprint.settings = settings;
    }
    if only_plan {
        print(options.plan().to_string().trim_end());
        return Ok(true);
    }
    let report = verify(&options, teller(), stop).await?;
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    print(&rendered(&report, json));
    Ok(report.passed)
}

fn rendered(report: &VerifyReport, json: bool) -> String {
    if json {
        format!("{:#}", serde_json::json!(report))
    } else {
        report.to_string().trim_end().to_owned()
    }
}

/// One line on a terminal, which changes; else a line for each thing.
fn teller() -> Tell {
    let terminal = std::io::stderr().is_terminal();
    Arc::new(move |what| {
        let mut stderr = std::io::stderr();
        // A line that cannot be shown is no reason to stop.
        drop(if terminal {
            write!(stderr, "\r\x1b[K{what}")
        } else {
            writeln!(stderr, "{what}")
        });
    })
}
