//! `roost audit`: whether what is stored is sound. It only reads, beside servers at work.

use super::{Choices, Failure, print};
use crate::config::Config;
use crate::server::DATABASE_FILE;
use crate::store::audit::Report;
use crate::store::{StoreError, postgres, sqlite};
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;
use tokio::runtime::Runtime;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Print what was found as JSON, for a program.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    choices: Choices,
}

pub(super) fn run(options: Options) -> Result<(), Failure> {
    let config = options.choices.load()?;
    let report = look(&config)?;
    print(&if options.json {
        as_json(&report)?
    } else {
        as_text(&report)
    })?;
    if report.is_sound() {
        return Ok(());
    }
    Err(Failure(format!(
        "what is stored is not sound: {} found",
        counted(report.total(), "flaw")
    )))
}

/// Looks at the database of these settings.
fn look(config: &Config) -> Result<Report, Failure> {
    let report = match &config.database.url {
        Some(url) => Runtime::new()?.block_on(postgres::audit(url.expose())),
        None => sqlite::audit(&config.database.data_dir.join(DATABASE_FILE)),
    };
    report.map_err(|error| match error {
        StoreError::Unavailable(cause) | StoreError::Corrupt(cause) => {
            Failure(format!("what is stored could not be looked at: {cause}"))
        }
        other => other.into(),
    })
}

fn as_json(report: &Report) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Told<'a> {
        sound: bool,
        #[serde(flatten)]
        report: &'a Report,
    }
    let told = Told {
        sound: report.is_sound(),
        report,
    };
    Ok(serde_json::to_string_pretty(&told)? + "\n")
}

/// What was looked at, then each kind of flaw with its first few findings.
fn as_text(report: &Report) -> String {
    let checked = report.checked;
    let mut text = format!(
        "Looked at {}: {} and {}, {}; and at {}.\n",
        counted(checked.rooms, "room"),
        counted(checked.messages, "message"),
        counted(checked.changes, "other entry"),
        counted(checked.memberships, "membership"),
        counted(checked.users, "account"),
    );
    if report.is_sound() {
        text.push_str("All is sound.\n");
    }
    for (flaw, total) in &report.totals {
        let _ = write!(text, "\n{} ({}: {total})\n", flaw.sentence(), flaw.word());
        let mut left = *total;
        for finding in report.kept(*flaw) {
            let place = finding.to_string();
            if !place.is_empty() {
                let _ = writeln!(text, "  {place}");
            }
            left -= 1;
        }
        if left > 0 {
            let _ = writeln!(text, "  and {left} more");
        }
    }
    text
}

/// "1 room", "2 rooms", "2 entries".
fn counted(number: u64, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}
