//! What a run does: make people and rooms, connect everybody, send, and wait
//! until the last delivery is in. Every phase has an end of its own.

mod course;
mod door;
mod feed;
mod member;
mod people;
mod plan;
mod schedule;
mod storms;
mod tally;
mod wire;

use std::{io, time::Duration};

use serde::Serialize;

pub use plan::Scenario;

use crate::{
    client::{ClientError, Ended},
    report::Report,
};

/// What to do. Where nothing is said, it is as usual in the scenario.
#[derive(Clone, Debug)]
pub struct Options {
    /// At least one; clients are spread over all.
    pub urls: Vec<String>,
    pub scenario: Scenario,
    pub rooms: Option<u32>,
    /// Clients in each room.
    pub members: Option<u32>,
    /// Rooms each client follows.
    pub follow: Option<u32>,
    pub pace: Option<Pace>,
    /// How many of the clients send; usually all who can.
    pub senders: Option<u32>,
    /// From one burst or storm to the next, or from one leaving of a client to its next.
    pub every: Option<Duration>,
    /// Of a hundred clients, those who read slowly or come and go.
    pub share: Option<u32>,
    /// In which time a slow reader takes one message.
    pub read_every: Option<Duration>,
    /// Whether a client whose connection ends comes back, and goes on where it was.
    pub reconnect: bool,
    pub duration: Duration,
    /// The server's processes, as far as they run here.
    pub pids: Vec<u32>,
}

/// How fast to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Pace {
    /// So many messages a second, all clients together.
    PerSecond(u32),
    /// Every client that sends has so many waiting for their acknowledgement, always.
    InFlight(u32),
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub phase: &'static str,
    pub done: u64,
    pub of: u64,
    /// Sends and deliveries so far, while there are any.
    pub moved: Option<(u64, u64)>,
}

impl Progress {
    fn of(phase: &'static str, done: usize, of: usize) -> Self {
        Self {
            phase,
            done: done as u64,
            of: of as u64,
            moved: None,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            urls: vec!["http://127.0.0.1:3000".to_owned()],
            scenario: Scenario::Steady,
            rooms: None,
            members: None,
            follow: None,
            pace: None,
            senders: None,
            every: None,
            share: None,
            read_every: None,
            reconnect: false,
            duration: Duration::from_secs(30),
            pids: Vec::new(),
        }
    }
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
    #[error("{0}")]
    Senseless(String),
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
    course::run(options, observe).await
}
