//! Stopping, crashing and starting a test's own PostgreSQL again.

use super::postgres::{Cluster, connect};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// A cluster that can be taken down and brought back in the same place.
#[derive(Debug)]
pub(crate) struct Fragile {
    pub(crate) cluster: Cluster,
    pub(super) data: String,
    pub(super) pg_ctl: String,
}

impl Fragile {
    /// A cluster that flushes as in production.
    pub(crate) async fn start() -> Self {
        let cluster = Cluster::start(true);
        let mut connection = connect(&cluster.url).await;
        let (data, bin): (String, String) = sqlx::query_as(
            "SELECT current_setting('data_directory'), setting FROM pg_config WHERE name = 'BINDIR'",
        )
        .fetch_one(&mut connection)
        .await
        .expect("a superuser may ask where the server lives");
        Self {
            cluster,
            data,
            pg_ctl: format!("{bin}/pg_ctl"),
        }
    }

    /// Ends the server as a crash would: connections break, nothing is written any more.
    pub(crate) fn crash(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// Ends the server in order: connections are ended, everything is written.
    pub(crate) fn stop(&self) {
        self.control(&["stop", "-m", "fast"]);
    }

    /// Starts it again after [`Self::crash`] or [`Self::stop`], on the same port.
    pub(crate) fn start_again(&self) {
        self.control(&["start", "-l", "/dev/null"]);
    }

    fn control(&self, action: &[&str]) {
        control(&self.pg_ctl, Path::new(&self.data), action);
    }
}

/// Runs `pg_ctl` on the server that lives in this folder.
pub(super) fn control(pg_ctl: &str, data: &Path, action: &[&str]) {
    let done = as_owner(pg_ctl, data)
        .args(action)
        .args(["-s", "-w", "-t", "60", "-D"])
        .arg(data)
        .status()
        .expect("pg_ctl is beside the running server");
    assert!(done.success(), "pg_ctl {action:?} failed");
}

/// A program of PostgreSQL, run by the owner of this folder: a server refuses to be run by root.
pub(super) fn as_owner(program: &str, folder: &Path) -> Command {
    let owner = std::fs::metadata(folder).expect("the cluster's folder is there");
    let mut command = Command::new(program);
    command
        .current_dir("/")
        .uid(owner.uid())
        .gid(owner.gid())
        // A server that inherited our pipes would keep the test runner waiting for them.
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
