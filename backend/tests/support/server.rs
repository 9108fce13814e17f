//! The real program, in a process of its own that can be stopped and killed.

use std::process::Stdio;

use loadtest::client::{PATIENCE, Rest};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::{people::Person, postgres};

/// Where the server keeps its data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Backend {
    Sqlite,
    Postgresql,
}

/// A running server with a directory and a database of its own; gone when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    settings: Vec<(String, String)>,
    folder: TempDir,
}

impl Server {
    /// A server with an empty database, and with its rate limits off.
    pub(crate) async fn start(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::start_with(&[]).await,
            Backend::Postgresql => {
                let database = postgres::fresh_database().await;
                Self::start_with(&[("ROOST_DATABASE_URL", &database)]).await
            }
        }
    }

    /// A server with these settings, and with its rate limits off.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let settings: Vec<_> = [("ROOST_LIMITS", "off")]
            .iter()
            .chain(settings)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let (process, url) = spawn(&folder, &settings).await;
        Self {
            process,
            url,
            settings,
            folder,
        }
    }

    /// Starts again on the same data with one setting changed.
    pub(crate) async fn restart_with(self, name: &str, value: &str) -> Self {
        let mut server = self.stop().await;
        server.settings.retain(|(other, _)| other != name);
        server.settings.push((name.to_owned(), value.to_owned()));
        server.start_again().await
    }

    /// Asks it to stop, as a supervisor would, and waits until it has.
    pub(crate) async fn stop(self) -> Self {
        self.ask_to_stop();
        self.stopped().await
    }

    /// Waits until a server that was asked to stop has done so.
    pub(crate) async fn stopped(mut self) -> Self {
        let ended = timeout(PATIENCE, self.process.wait())
            .await
            .expect("it stops when asked to");
        let status = ended.expect("its end can be waited for");
        assert!(status.success(), "the server stopped with {status}");
        self
    }

    /// Sends SIGTERM and does not wait.
    pub(crate) fn ask_to_stop(&self) {
        let id = self.process.id().expect("it is running").to_string();
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status();
        assert!(
            sent.expect("kill is part of every system").success(),
            "the server is gone"
        );
    }

    /// Kills it without a warning.
    pub(crate) async fn kill(mut self) -> Self {
        self.process.kill().await.expect("it is running");
        self
    }

    /// Starts it on the same data, at another address.
    pub(crate) async fn start_again(mut self) -> Self {
        (self.process, self.url) = spawn(&self.folder, &self.settings).await;
        self
    }

    /// What it has said about itself since its first start.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr.log")).expect("the log is there")
    }

    /// A client that is nobody.
    pub(crate) fn stranger(&self) -> Rest {
        Rest::new(&self.url).expect("the server printed an address")
    }

    /// Signs somebody up.
    pub(crate) async fn person(&self, name: &str) -> Person {
        Person::sign_up(self, name).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}

async fn spawn(folder: &TempDir, settings: &[(String, String)]) -> (Child, String) {
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.path().join("stderr.log"))
        .expect("the directory is ours");
    let mut process = Command::new(env!("CARGO_BIN_EXE_roost"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.path().join("data"))
        .env_clear()
        .envs(settings.iter().cloned())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .expect("the program was built with these tests");
    let stdout = process.stdout.take().expect("piped above");
    let mut line = String::new();
    let mut stdout = BufReader::new(stdout);
    let read = timeout(PATIENCE * 2, stdout.read_line(&mut line));
    read.await
        .expect("it starts in time")
        .expect("it writes UTF-8");
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let Some(url) = url else {
        let log = std::fs::read_to_string(folder.path().join("stderr.log"));
        panic!(
            "the server did not start: {line}{}",
            log.unwrap_or_default()
        );
    };
    (process, url.to_owned())
}
