//! One node of a cluster of our own: the program, and the lines to it and from it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use rustix::process::Signal;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    sync::Mutex,
    time::{Instant, sleep, timeout},
};

use super::{
    Broken,
    process::{Guardian, Process},
};
use crate::verify::proxy::Proxy;

/// How long a node may take until it says where it is. It may have to wait for its database.
const STARTING: Duration = Duration::from_mins(3);
/// How long one try of that may take.
const ONE_START: Duration = Duration::from_mins(1);
/// Between tries, while the database is away.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
/// How long a node that was asked to stop may take.
const STOPPING: Duration = Duration::from_mins(1);
/// The kernel's buffers at a client's line, so that one who does not read is soon felt.
const CLIENT_BUFFERS: u32 = 16 * 1024;

/// What all nodes have in common.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) program: PathBuf,
    pub(super) settings: Vec<(String, String)>,
    pub(super) guardian: Arc<Guardian>,
}

#[derive(Debug)]
pub(crate) struct Node {
    number: usize,
    folder: PathBuf,
    common: Common,
    settings: Vec<(String, String)>,
    /// The clients' line to it, at an address that stays.
    pub(crate) door: Proxy,
    pub(crate) to_redis: Proxy,
    pub(crate) to_postgres: Proxy,
    process: Mutex<Option<Process>>,
    fallen: AtomicU32,
}

impl Node {
    /// A node that is not started yet. `database` tells the URL by the port of a line to it.
    pub(super) fn new(
        number: usize,
        folder: &Path,
        common: &Common,
        redis: u16,
        postgres: u16,
        database: impl FnOnce(u16) -> String,
    ) -> Result<Self, Broken> {
        let folder = folder.join(format!("node-{}", number + 1));
        fs::create_dir(&folder)?;
        let to_redis = Proxy::start(Some(redis), None)?;
        let to_postgres = Proxy::start(Some(postgres), None)?;
        let settings = vec![
            (
                "ROOST_DATABASE_URL".to_owned(),
                database(to_postgres.port()),
            ),
            (
                "ROOST_REDIS_URL".to_owned(),
                format!("redis://127.0.0.1:{}", to_redis.port()),
            ),
        ];
        Ok(Self {
            number,
            folder,
            common: common.clone(),
            settings,
            door: Proxy::start(None, Some(CLIENT_BUFFERS))?,
            to_redis,
            to_postgres,
            process: Mutex::new(None),
            fallen: AtomicU32::new(0),
        })
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    pub(crate) async fn kill(&self) {
        if let Some(process) = self.take().await {
            process.kill().await;
        }
        self.door.lead_to(None);
    }

    pub(crate) async fn pause(&self) {
        self.signal(Signal::STOP).await;
    }

    pub(crate) async fn go_on(&self) {
        self.signal(Signal::CONT).await;
    }

    /// Asks it to stop, as a supervisor would, and waits until it has: in time, and well.
    pub(crate) async fn stop(&self) {
        if let Some(process) = self.take().await {
            let status = process.end(Signal::TERM, STOPPING).await;
            if !status.is_some_and(|status| status.success()) {
                self.fallen.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.door.lead_to(None);
    }

    /// Starts it if it does not run, and tries again while its database cannot be reached.
    pub(crate) async fn start(&self) -> Result<(), Broken> {
        let mut running = self.process.lock().await;
        if let Some(process) = running.as_mut() {
            if !process.has_ended() {
                return Ok(());
            }
            self.fallen.fetch_add(1, Ordering::Relaxed);
        }
        let end = Instant::now() + STARTING;
        while Instant::now() < end {
            if let Some((process, port)) = self.try_to_start().await? {
                self.door.lead_to(Some(port));
                *running = Some(process);
                return Ok(());
            }
            sleep(AGAIN_AFTER).await;
        }
        Err(Broken::did_not_start("a node", &self.log()))
    }

    /// How often it ended without being told to, or did not when it was.
    pub(super) fn fallen(&self) -> u32 {
        self.fallen.load(Ordering::Relaxed)
    }

    async fn take(&self) -> Option<Process> {
        let mut process = self.process.lock().await.take()?;
        if process.has_ended() {
            self.fallen.fetch_add(1, Ordering::Relaxed);
        }
        Some(process)
    }

    async fn signal(&self, signal: Signal) {
        if let Some(process) = &*self.process.lock().await {
            process.signal(signal);
        }
    }

    async fn try_to_start(&self) -> Result<Option<(Process, u16)>, Broken> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.log())?;
        let mut command = Command::new(&self.common.program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir", "data"])
            .env_clear()
            .envs(self.common.settings.iter().cloned())
            .envs(self.settings.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut process = Process::start(&mut command, &self.common.guardian)?;
        let stdout = process.child().stdout.take().ok_or_else(not_piped)?;
        let mut greeting = String::new();
        let mut stdout = BufReader::new(stdout);
        let said = timeout(ONE_START, stdout.read_line(&mut greeting)).await;
        let port = said.ok().and_then(Result::ok).and(port_of(&greeting));
        if port.is_none() {
            process.kill().await;
            return Ok(None);
        }
        Ok(port.map(|port| (process, port)))
    }

    /// For people: nodes are counted from one.
    pub(crate) fn name(&self) -> String {
        format!("node {}", self.number + 1)
    }
}

/// The port in `Roost is at http://127.0.0.1:PORT`.
fn port_of(greeting: &str) -> Option<u16> {
    let address = greeting
        .split_whitespace()
        .find_map(|word| word.strip_prefix("http://"))?;
    address.rsplit_once(':')?.1.parse().ok()
}

fn not_piped() -> io::Error {
    io::Error::other("a node's output was not piped")
}
