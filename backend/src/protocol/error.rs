//! Refusals, as they travel.

use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The stable word for what went wrong. Programs decide by it; people read the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, a wrong type, a missing field, an unknown event.
    BadRequest,
    Unauthorized,
    Forbidden,
    /// There is none, or the caller may not know that there is.
    NotFound,
    MethodNotAllowed,
    Conflict,
    /// Archived, or older than what is kept.
    Gone,
    TooLarge,
    UnsupportedMedia,
    /// Well-formed, but the value is refused.
    Invalid,
    RateLimited,
    /// A fault of the server; it has been logged.
    Internal,
    /// The outcome is unknown: try again with the same `clientId`.
    Unavailable,
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMedia => 415,
            Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// A title for people, the same for every refusal with this code.
    pub fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "Bad request",
            Self::Unauthorized => "Not signed in",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Conflict => "Conflict",
            Self::Gone => "Gone",
            Self::TooLarge => "Too large",
            Self::UnsupportedMedia => "Unsupported media type",
            Self::Invalid => "Invalid value",
            Self::RateLimited => "Too many requests",
            Self::Internal => "Server fault",
            Self::Unavailable => "Unavailable",
        }
    }
}

/// A refusal over HTTP: `application/problem+json`, RFC 9457.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    pub code: ErrorCode,
    /// On 422: field to message.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, String>,
    /// On 429: how long to wait, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// On a fault of the server: what to quote when reporting it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A refusal in an acknowledgement.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SocketError {
    pub code: ErrorCode,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// The acknowledgement of something refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotOk {
    /// Always `false`.
    pub ok: bool,
    pub error: SocketError,
}

/// The acknowledgement of something done: `ok: true` and the answer's own fields.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ok<T> {
    /// Always `true`.
    pub ok: bool,
    #[serde(flatten)]
    pub answer: T,
}

impl<T> Ok<T> {
    /// Done, with this answer.
    pub fn new(answer: T) -> Self {
        Self { ok: true, answer }
    }
}

/// An answer without fields.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Nothing {}
