//! Why a measurement could not be made.

use std::io;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Nothing here is recovered from: whoever runs the comparison reads it and runs it again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the machine failed: {0}")]
    Io(#[from] io::Error),
    #[error("what was read is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    #[error("{what} was answered {status}: {body}")]
    Refused {
        what: String,
        status: u16,
        body: String,
    },
    #[error("the server hung up")]
    HungUp,
    #[error("the server said that it cannot, just now")]
    Unavailable,
    #[error("this took too long: {0}")]
    TimedOut(&'static str),
    #[error("{0}")]
    Unusable(String),
}
