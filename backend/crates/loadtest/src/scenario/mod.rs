//! What a run does: make people and rooms, connect everybody, send, and wait
//! until the last delivery is in. Every phase has an end of its own.

mod door;
mod member;
mod people;
mod steady;

use std::{io, time::Duration};

use crate::{
    client::{ClientError, Ended},
    report::Report,
};

/// What to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// At least one; clients are spread over all.
    pub urls: Vec<String>,
    pub rooms: usize,
    /// Clients in each room.
    pub members: usize,
    pub pace: Pace,
    /// Whether a client whose connection ends comes back, and goes on where it was.
    pub reconnect: bool,
    pub duration: Duration,
    /// The server's process, when it runs here.
    pub pid: Option<u32>,
}

/// How fast to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many messages a second, all clients together.
    PerSecond(u32),
    /// Every client sends as soon as its last send is acknowledged.
    Saturate,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub phase: &'static str,
    pub done: u64,
    pub of: u64,
}

/// Why a run could not be made. What a run found is in its report.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the server limits registration; start it with ROOST_LIMITS=off for a load test")]
    Limited,
    #[error("too many open files: raise the limit with `ulimit -n` here and for the server")]
    OpenFiles,
    #[error("the process {pid} cannot be read: {source}")]
    Process { pid: u32, source: io::Error },
    #[error("no address was given")]
    NoAddress,
    #[error("joining a room was answered {0}")]
    Join(String),
    #[error(transparent)]
    Client(ClientError),
}

impl From<ClientError> for LoadError {
    fn from(error: ClientError) -> Self {
        /// `EMFILE`: this process has as many files open as it may.
        const TOO_MANY_OPEN_FILES: i32 = 24;
        match error {
            ClientError::Io(error) if error.raw_os_error() == Some(TOO_MANY_OPEN_FILES) => {
                Self::OpenFiles
            }
            ClientError::Unexpected { status: 429, .. } => Self::Limited,
            error => Self::Client(error),
        }
    }
}

impl From<Ended> for LoadError {
    fn from(ended: Ended) -> Self {
        Self::Client(ended.into())
    }
}

/// Runs the load and reports. Ends by itself: the duration, plus a bounded time
/// to prepare and to let the last deliveries arrive.
pub async fn run(
    options: &Options,
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<Report, LoadError> {
    steady::run(options, observe).await
}
