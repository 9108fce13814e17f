//! The load command: arguments in, a table or JSON out.
//!
//! The program that carries it adds one subcommand and hands the arguments over.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use clap::Args;

use crate::{LoadError, Options, Pace, Progress, Scenario, run};

/// Puts a paced or saturating load on a running server and checks that every
/// message reached every member once and in order.
///
/// Registering the clients needs a server started with `ROOST_LIMITS=off`. A
/// connection is an open file: raise the limit (`ulimit -n`) on both sides
/// before asking for more than a few hundred.
#[derive(Args, Clone, Debug)]
pub struct LoadArgs {
    /// Address of a node; may repeat, clients are spread over all.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: Vec<String>,
    /// What happens. Each has its own usual numbers for a machine of two cores.
    #[arg(long, value_enum, default_value_t = Scenario::Steady)]
    scenario: Scenario,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rooms: Option<u32>,
    /// Members of each room.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    members: Option<u32>,
    /// Rooms each client follows; each client has its own user and its own connection.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    follow: Option<u32>,
    /// Messages a second, all clients together.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// Instead of a rate: a client sends as soon as one of its sends is acknowledged.
    #[arg(long, conflicts_with = "rate")]
    saturate: bool,
    /// How many sends of a client wait for their acknowledgement, when it saturates.
    #[arg(long, default_value_t = 1, requires = "saturate", value_parser = clap::value_parser!(u32).range(1..=1000))]
    in_flight: u32,
    /// How many of the clients send [default: all but slow readers].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    senders: Option<u32>,
    /// From one burst or storm to the next, or from one leaving of a client to its next, like 5s.
    #[arg(long, value_parser = duration)]
    every: Option<Duration>,
    /// Of a hundred clients, those who read slowly, or who come and go.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..=100))]
    share: Option<u32>,
    /// In which time a slow reader takes one message.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    read_every: Option<Duration>,
    /// A client whose connection ends comes back at another address, after the time the server named,
    /// catches up, and sends again what was not acknowledged.
    #[arg(long)]
    reconnect: bool,
    /// How long to send, like 30s, 500ms or 2m.
    #[arg(long, default_value = "30s", value_parser = duration)]
    duration: Duration,
    /// Process id of the server on this machine, to measure its processor time and memory; may repeat.
    #[arg(long)]
    pid: Vec<u32>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the load and prints the report. `Ok(false)` means that the run ended but
/// a promise did not hold: exit with a code other than zero.
pub async fn execute(args: LoadArgs) -> Result<bool, LoadError> {
    let saturating = args.saturate.then_some(Pace::InFlight(args.in_flight));
    let options = Options {
        urls: args.url,
        scenario: args.scenario,
        rooms: args.rooms,
        members: args.members,
        follow: args.follow,
        pace: saturating.or(args.rate.map(Pace::PerSecond)),
        senders: args.senders,
        every: args.every,
        share: args.share,
        read_every: args.read_every,
        reconnect: args.reconnect,
        duration: args.duration,
        pids: args.pid,
    };
    let report = run(&options, &show_progress).await?;
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    let text = if args.json {
        format!("{:#}", serde_json::json!(report))
    } else {
        report.to_string()
    };
    print(text.trim_end());
    Ok(report.passed())
}

#[expect(
    clippy::print_stdout,
    reason = "printing the report is what this command is for"
)]
pub(crate) fn print(text: &str) {
    println!("{text}");
}

fn show_progress(progress: Progress) {
    let Progress {
        phase,
        done,
        of,
        moved,
    } = progress;
    let moved = moved.map_or_else(String::new, |(sends, deliveries)| {
        format!(", {sends} sends, {deliveries} deliveries")
    });
    let mut stderr = std::io::stderr();
    // A progress line that cannot be shown is no reason to stop.
    drop(if stderr.is_terminal() {
        write!(stderr, "\r\x1b[K{phase} {done}/{of}{moved}")
    } else {
        writeln!(stderr, "{phase} {done}/{of}{moved}")
    });
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number
        .parse()
        .map_err(|_not_a_number| "write it like 30s".to_owned())?;
    let millis = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1000),
        "m" => number.checked_mul(60_000),
        _ => None,
    };
    match millis {
        Some(millis @ 1..=86_400_000) => Ok(Duration::from_millis(millis)),
        _ => Err("write it like 500ms, 30s or 2m, a day at most".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_number_and_a_unit() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        for wrong in ["", "30", "s", "-1s", "1h", "0s", "99999999999999999m"] {
            assert!(
                duration(wrong).is_err(),
                "{wrong:?} was taken for a duration"
            );
        }
    }
}
