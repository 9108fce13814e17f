//! A PostgreSQL of its own, thrown away with this.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::programs::root;
use crate::failure::{Failure, Result};

#[derive(Debug)]
pub(crate) struct Postgres {
    script: Child,
    pub(crate) url: String,
}

impl Postgres {
    /// Starts one that flushes to disk before it says that something is committed.
    pub(crate) fn start() -> Result<Postgres> {
        // It lives as long as its input is open.
        let mut script = Command::new("scripts/with-postgres.sh")
            .args([
                "sh",
                "-c",
                r#"echo "$ROOST_TEST_POSTGRES_URL"; read -r _ || true"#,
            ])
            .env("ROOST_TEST_POSTGRES_FSYNC", "on")
            .env("ROOST_TEST_POSTGRES_COUNT", "on")
            .current_dir(root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        if let Some(said) = script.stdout.take() {
            BufReader::new(said).read_line(&mut url)?;
        }
        let postgres = Postgres {
            script,
            url: url.trim_end().to_owned(),
        };
        if postgres.url.is_empty() {
            return Err(Failure::Unusable("PostgreSQL did not start".to_owned()));
        }
        Ok(postgres)
    }

    /// Writes all that is in it into a file.
    pub(super) fn dump(&self, file: &Path) -> Result<()> {
        let mut command = Command::new("pg_dump");
        succeed(command.arg("--file").arg(file).arg(&self.url))
    }

    /// Puts into an empty one what was written into a file, and counts it, as it would have been
    /// by and by.
    pub(super) fn load(&self, file: &Path) -> Result<()> {
        let mut command = self.psql();
        succeed(command.arg("--file").arg(file).args(["-c", "ANALYZE"]))
    }

    /// How many statements it was asked, but for those that begin and end a transaction.
    pub(super) fn statements(&self) -> Result<u64> {
        let counted = "SELECT sum(calls) FROM pg_stat_statements \
                       WHERE query NOT LIKE '%pg_stat_statements%' \
                       AND query !~* '^ *(begin|start|commit|rollback|set|discard)\\y'";
        let mut command = self.psql();
        command.args(["-c", "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"]);
        let said = command.args(["-c", counted]).output()?;
        let said = String::from_utf8_lossy(&said.stdout).trim().parse();
        said.map_err(|_| Failure::Unusable("PostgreSQL counts no statements".to_owned()))
    }

    fn psql(&self) -> Command {
        let mut command = Command::new("psql");
        command
            .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"])
            .args(["--tuples-only", "--no-align", "--dbname"])
            .arg(&self.url);
        command
    }
}

fn succeed(command: &mut Command) -> Result<()> {
    if command.stdout(Stdio::null()).status()?.success() {
        return Ok(());
    }
    // Its arguments have the password of a database that is thrown away.
    Err(Failure::Unusable(format!("{command:?} failed")))
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // What is left behind is in the directory of temporary files.
        let _ = self.script.wait();
    }
}
