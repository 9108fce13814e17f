//! A server that runs, until this is dropped.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::keeper::Kept;
use super::postgres::Postgres;
use crate::failure::{Failure, Result};
use crate::process;

#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    kept: Option<Kept>,
}

impl Running {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(mut command: Command, kept: Option<Kept>) -> Result<Running> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let address = child.stdout.take().and_then(|said| {
            let mut greeting = String::new();
            BufReader::new(said).read_line(&mut greeting).ok()?;
            let (_, address) = greeting.split_once("http://")?;
            address.split_ascii_whitespace().next()?.parse().ok()
        });
        // From here on it is ended whatever happens.
        let mut running = Running {
            child,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            kept,
        };
        let unusable = || Failure::Unusable(format!("{command:?} did not say where it listens"));
        running.address = address.ok_or_else(unusable)?;
        Ok(running)
    }

    /// Asks it to end, and waits until it has: what it keeps is whole then.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            kill_process(pid, Signal::TERM).map_err(io::Error::from)?;
        }
        self.child.wait()?;
        Ok(())
    }

    /// The time it has had a processor.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu(self.child.id())
    }

    /// How many statements were asked of its database, where one counts them.
    pub(crate) fn statements(&self) -> Result<Option<u64>> {
        let kept = self.kept.as_ref();
        let postgres = kept.and_then(|kept| kept.postgres.as_ref());
        postgres.map(Postgres::statements).transpose()
    }

    /// The memory it has, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        process::memory(self.child.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has nothing that is worth keeping, and may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
