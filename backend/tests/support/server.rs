//! The real program, in a process of its own that can be stopped and killed.

use std::process::{Output, Stdio};

use loadtest::client::{PATIENCE, Rest};
use sqlx::Executor as _;
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

    /// Looks whether what this server keeps is sound, while it runs or not: `roost audit`.
    pub(crate) async fn audit(&self, arguments: &[&str]) -> Output {
        let mut command = program("audit", &self.folder, &self.settings);
        let ended = timeout(PATIENCE * 2, command.args(arguments).output()).await;
        ended.expect("it ends in time").expect("it can be run")
    }

    /// # Panics
    /// With what was found, when what this server keeps is not sound.
    pub(crate) async fn expect_sound(&self) {
        let Output { status, stdout, .. } = self.audit(&[]).await;
        let said = String::from_utf8_lossy(&stdout);
        assert!(
            status.success() && said.ends_with("\nAll is sound.\n"),
            "{said}"
        );
    }

    /// Does something to the database that no server would do, in words of either database.
    pub(crate) async fn spoil(&self, statements: &'static str) {
        let url = self
            .settings
            .iter()
            .find(|(name, _)| name == "ROOST_DATABASE_URL");
        if let Some((_, url)) = url {
            let mut database = postgres::connect(url).await;
            let done = database.execute(sqlx::raw_sql(statements)).await;
            done.expect("it can be done");
        } else {
            let file = self.folder.path().join("data/roost.db");
            let database = rusqlite::Connection::open(file).expect("there is a database");
            database.execute_batch(statements).expect("it can be done");
        }
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

/// The program with this word, on the data in this folder.
fn program(name: &str, folder: &TempDir, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command
        .args([name, "--data-dir"])
        .arg(folder.path().join("data"))
        .env_clear()
        .envs(settings.iter().cloned())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn spawn(folder: &TempDir, settings: &[(String, String)]) -> (Child, String) {
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.path().join("stderr.log"))
        .expect("the directory is ours");
    let mut process = program("serve", folder, settings)
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(log)
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
