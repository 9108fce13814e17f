//! A PostgreSQL of its own, thrown away with this.

use std::io::{BufRead, BufReader};
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
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // What is left behind is in the directory of temporary files.
        let _ = self.script.wait();
    }
}
