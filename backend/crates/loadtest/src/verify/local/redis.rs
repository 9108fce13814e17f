//! A Redis of our own, which keeps nothing on disk.

use std::{io, path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
    sync::Mutex,
    time::{sleep, timeout},
};

use super::{
    Broken, free_port,
    process::{Guardian, Process},
};

/// How long it may take to answer after it was started.
const STARTING: Duration = Duration::from_mins(1);
const ASK_EVERY: Duration = Duration::from_millis(20);
/// Somebody else may take a port between choosing and binding it.
const PORTS: usize = 10;

#[derive(Debug)]
pub(super) struct Redis {
    port: u16,
    folder: PathBuf,
    guardian: Arc<Guardian>,
    process: Mutex<Option<Process>>,
}

impl Redis {
    pub(super) async fn start(folder: PathBuf, guardian: &Arc<Guardian>) -> Result<Self, Broken> {
        std::fs::create_dir(&folder)?;
        for _ in 0..PORTS {
            let redis = Self {
                port: free_port()?,
                folder: folder.clone(),
                guardian: Arc::clone(guardian),
                process: Mutex::new(None),
            };
            if redis.run().await? {
                return Ok(redis);
            }
        }
        Err(Broken::did_not_start("Redis", &folder.join("log")))
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) async fn kill(&self) {
        if let Some(process) = self.process.lock().await.take() {
            process.kill().await;
        }
    }

    /// Lets it stand still, connections and all.
    pub(super) async fn pause(&self) {
        self.signal(Signal::STOP).await;
    }

    pub(super) async fn go_on(&self) {
        self.signal(Signal::CONT).await;
    }

    async fn signal(&self, signal: Signal) {
        if let Some(process) = &*self.process.lock().await {
            process.signal(signal);
        }
    }

    /// Starts it if it does not run, at the same address, empty.
    pub(super) async fn start_again(&self) -> Result<(), Broken> {
        if self.run().await? {
            Ok(())
        } else {
            Err(Broken::did_not_start("Redis", &self.folder.join("log")))
        }
    }

    /// Whether it answers in the end.
    async fn run(&self) -> Result<bool, Broken> {
        let mut running = self.process.lock().await;
        if running.is_some() {
            return Ok(true);
        }
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &self.port.to_string(), "--logfile", "log"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = match Process::start(&mut command, &self.guardian) {
            Ok(process) => process,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Broken::NotInstalled("redis-server"));
            }
            Err(error) => return Err(error.into()),
        };
        let answering = timeout(STARTING, async {
            while !process.has_ended() {
                if self.answers().await.is_ok() {
                    return true;
                }
                sleep(ASK_EVERY).await;
            }
            false
        });
        let answers = answering.await.unwrap_or(false);
        if answers {
            *running = Some(process);
        } else {
            process.kill().await;
        }
        Ok(answers)
    }

    async fn answers(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut pong = [0; 7];
        stream.read_exact(&mut pong).await?;
        if &pong == b"+PONG\r\n" {
            Ok(())
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
}
