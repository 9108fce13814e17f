//! What can go wrong between this client and a server.

use std::{fmt, io};

/// Why a request or a connection did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{0} is not an address like http://host:port")]
    Address(String),
    #[error("the network failed: {0}")]
    Io(#[from] io::Error),
    #[error("HTTP failed: {0}")]
    Http(#[from] hyper::Error),
    #[error("a header or path cannot be sent: {0}")]
    Request(#[from] hyper::http::Error),
    /// The server answered the transport's handshake with something else.
    #[error("the server refused the transport with HTTP {status}: {body}")]
    Handshake { status: u16, body: String },
    /// The server answered CONNECT with `CONNECT_ERROR`.
    #[error("the server refused the connection: {code}: {message}")]
    ConnectRefused { code: String, message: String },
    #[error("the connection ended: {0}")]
    Ended(#[from] Ended),
    #[error("nothing came in time: {0}")]
    TimedOut(String),
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    /// A helper expected success and the server said something else.
    #[error("{what} was answered {status}: {body}")]
    Unexpected {
        what: String,
        status: u16,
        body: String,
    },
}

/// How a connection came to its end, as this side saw it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// A Socket.IO DISCONNECT: official clients do not come back by themselves.
    Disconnected,
    /// The transport was closed; over WebSocket with this close code, if any.
    Closed { code: Option<u16>, reason: String },
    /// The TCP connection broke, or the server no longer knows the session.
    Lost(String),
    /// This side ended it.
    Local,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected => f.write_str("the server disconnected the namespace"),
            Self::Closed {
                code: Some(code),
                reason,
            } => {
                write!(f, "the server closed the transport with {code} {reason}")
            }
            Self::Closed { code: None, reason } => {
                write!(f, "the server closed the transport {reason}")
            }
            Self::Lost(why) => write!(f, "the transport was lost: {why}"),
            Self::Local => f.write_str("this side ended it"),
        }
    }
}
