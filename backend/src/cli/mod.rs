//! The command line: one subcommand, one file.
//!
//! What goes wrong here is told in one sentence on standard error, with exit code 1.

mod audit;
mod config;
mod health;
mod loadtest;
mod openapi;
mod serve;
mod verify;

use crate::config::{Config, Error, Sources};
use clap::{Args, Parser, Subcommand};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Roost: self-hosted real-time chat.
#[derive(Debug, Parser)]
#[command(name = "roost", version, about, args_conflicts_with_subcommands = true)]
struct Command {
    #[command(subcommand)]
    name: Option<Name>,
    #[command(flatten)]
    choices: Choices,
}

#[derive(Debug, Subcommand)]
enum Name {
    /// Run the server. This is what `roost` alone does.
    Serve(Choices),
    /// Look whether what is stored is sound, without changing anything.
    Audit(audit::Options),
    /// Print every setting with its effective value, as a TOML file.
    Config(config::Options),
    /// Print the OpenAPI document of the REST API, with the payloads of the socket's events.
    Openapi,
    /// Ask a running server whether people should be sent to it: exit code 0 if so.
    Health(health::Options),
    /// Put a load on a running server and check every delivery.
    Loadtest(::loadtest::cli::LoadArgs),
    /// Break a cluster in every way, and prove that nothing acknowledged is lost.
    Verify(::loadtest::verify::command::VerifyArgs),
}

/// The settings that can be given as flags. All others come from the file and the environment;
/// `roost config` lists them.
#[derive(Debug, Args)]
struct Choices {
    /// A TOML file with settings.
    #[arg(long, value_name = "FILE", env = "ROOST_CONFIG")]
    config: Option<PathBuf>,
    /// The address and port to listen on [default: 127.0.0.1:3000].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The directory of the server's own files [default: ./data].
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<String>,
    /// A PostgreSQL database; without one everything is kept in SQLite in the data directory.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// A Redis, for several servers on one PostgreSQL database.
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
}

impl Choices {
    /// Reads the whole configuration and checks it.
    fn load(self) -> Result<Config, Error> {
        let given = [
            ("listen", self.listen),
            ("data_dir", self.data_dir),
            ("database_url", self.database_url),
            ("redis_url", self.redis_url),
        ];
        let flags = given
            .into_iter()
            .filter_map(|(key, text)| Some((key, text?)))
            .collect();
        Config::load(&Sources::of_process(self.config, flags)?)
    }
}

/// Runs the command this process was called with.
pub fn run() -> ExitCode {
    let command = Command::parse();
    let outcome = match command.name.unwrap_or(Name::Serve(command.choices)) {
        Name::Serve(choices) => serve::run(choices),
        Name::Audit(options) => audit::run(options),
        Name::Config(options) => config::run(options),
        Name::Openapi => openapi::run(),
        Name::Health(options) => health::run(&options),
        Name::Loadtest(args) => loadtest::run(args),
        Name::Verify(args) => verify::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(sentence)) => {
            eprintln!("roost: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Why a command could not do its work: a sentence for the person who called it.
#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Writes to standard output. A reader who has seen enough, such as `head`, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Command::command().debug_assert();
    }

    #[test]
    fn serving_is_what_happens_without_a_word() {
        let plain = Command::parse_from(["roost", "--listen", "127.0.0.1:0"]);
        assert!(plain.name.is_none() && plain.choices.listen.is_some());
        let named = Command::parse_from(["roost", "serve", "--listen", "127.0.0.1:0"]);
        assert!(matches!(named.name, Some(Name::Serve(choices)) if choices.listen.is_some()));
    }
}
