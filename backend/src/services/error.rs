//! Refusals and faults, with stable codes.

use crate::auth::Busy;
use crate::models::Refused;
use crate::protocol::error::{ErrorCode, SocketError};
use crate::services::limits::TooFast;
use crate::store::{Denied, StoreError};
use std::time::Duration;

/// Why something was not done. Everything but `Unavailable` and `Internal` means that nothing was
/// stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    #[error("{0}")]
    BadRequest(String),
    #[error("{0}")]
    Unauthorized(&'static str),
    #[error("{0}")]
    Forbidden(&'static str),
    /// What there is none of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("{message}")]
    Conflict {
        field: Option<&'static str>,
        message: String,
    },
    #[error("{0}")]
    Gone(&'static str),
    #[error("{message}")]
    Invalid {
        field: &'static str,
        message: String,
    },
    #[error("too many at once, wait a moment")]
    RateLimited { retry_after: Duration },
    /// The outcome is unknown. The text is for the log, not for the client.
    #[error("the server cannot do this right now; try again")]
    Unavailable(String),
    /// A broken promise of our own. The text is for the log, not for the client.
    #[error("something went wrong on the server")]
    Internal(String),
}

impl ChatError {
    /// A refused value of this field.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }

    /// The stable word for it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BadRequest(_) => ErrorCode::BadRequest,
            Self::Unauthorized(_) => ErrorCode::Unauthorized,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Conflict { .. } => ErrorCode::Conflict,
            Self::Gone(_) => ErrorCode::Gone,
            Self::Invalid { .. } => ErrorCode::Invalid,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// The cause to be logged, when the fault is ours.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(cause),
            _ => None,
        }
    }

    /// How long to wait before trying again, if that is known.
    pub fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => Some(
                u64::try_from(retry_after.as_millis())
                    .unwrap_or(u64::MAX)
                    .max(1),
            ),
            _ => None,
        }
    }

    /// As it stands in an acknowledgement.
    pub fn to_socket(&self) -> SocketError {
        SocketError {
            code: self.code(),
            message: self.to_string(),
            retry_after_ms: self.retry_after_ms(),
        }
    }
}

impl From<StoreError> for ChatError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(field) => Self::Conflict {
                field: Some(field),
                message: format!("this {field} is taken"),
            },
            StoreError::Denied(denied) => denied.into(),
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Corrupt(cause) => Self::Internal(cause),
        }
    }
}

impl From<Denied> for ChatError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NoRoom => Self::NotFound("room"),
            Denied::NoMessage => Self::NotFound("message"),
            Denied::NoUser => Self::NotFound("user"),
            Denied::NotMember => Self::Forbidden("only members of this room may do that"),
            Denied::NotAuthor => Self::Forbidden("only its author may do that"),
            Denied::Overtaken => Self::Conflict {
                field: None,
                message: "this message has been edited meanwhile; look at it first".to_owned(),
            },
            Denied::Archived => Self::Gone("this room is archived"),
            Denied::LastOwner => Self::Conflict {
                field: None,
                message: "a room must keep an owner; make somebody else owner first".to_owned(),
            },
            Denied::NotGoverning => Self::Forbidden(
                "only an owner of this server may do that to owners and admins, or make one",
            ),
            Denied::Oneself => Self::Forbidden("nobody does that to their own account"),
            Denied::LastServerOwner => Self::Conflict {
                field: None,
                message: "the server must keep an owner; make somebody else owner first".to_owned(),
            },
            Denied::TooMany => Self::Conflict {
                field: None,
                message: "this message has too many different reactions".to_owned(),
            },
            Denied::Unstorable => Self::Internal("the database refused a value of ours".to_owned()),
            Denied::Unknown => Self::Unavailable("one room of a batch was given up".to_owned()),
            Denied::Forgotten => {
                Self::Gone("the log no longer reaches back that far; start from the newest page")
            }
        }
    }
}

impl From<TooFast> for ChatError {
    fn from(too_fast: TooFast) -> Self {
        Self::RateLimited {
            retry_after: too_fast.retry_after,
        }
    }
}

impl From<Busy> for ChatError {
    fn from(_: Busy) -> Self {
        Self::Unavailable("too many passwords are being checked at once".to_owned())
    }
}

/// Names the field whose value was refused.
pub trait InField<T> {
    /// # Errors
    /// [`ChatError::Invalid`] for this field.
    fn in_field(self, field: &'static str) -> Result<T, ChatError>;
}

impl<T> InField<T> for Result<T, Refused> {
    fn in_field(self, field: &'static str) -> Result<T, ChatError> {
        self.map_err(|refused| ChatError::Invalid {
            field,
            message: refused.0,
        })
    }
}
