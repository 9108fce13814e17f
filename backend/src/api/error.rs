//! Refusals as `application/problem+json`, RFC 9457.

use crate::protocol::error::{ErrorCode, Problem};
use crate::services::ChatError;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use std::collections::BTreeMap;

/// What a handler refuses with.
#[derive(Debug)]
pub(super) enum ApiError {
    Chat(ChatError),
    /// A refusal of the edge itself.
    Edge(ErrorCode, &'static str),
}

impl From<ChatError> for ApiError {
    fn from(error: ChatError) -> Self {
        Self::Chat(error)
    }
}

/// The answer of every handler.
pub(super) type Answer<T> = Result<T, ApiError>;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = match self {
            Self::Edge(code, detail) => return respond(&problem(code, detail.to_owned()), None),
            Self::Chat(error) => error,
        };
        let mut problem = problem(error.code(), error.to_string());
        if let Some(cause) = error.cause() {
            let mut response = respond(&problem, None);
            let cause = cause.to_owned();
            response.extensions_mut().insert(Fault { problem, cause });
            return response;
        }
        let field = match &error {
            ChatError::Invalid { field, .. } => Some(*field),
            ChatError::Conflict { field, .. } => *field,
            _ => None,
        };
        if let Some(field) = field {
            problem
                .errors
                .insert(field.to_owned(), problem.detail.clone());
        }
        problem.retry_after_ms = error.retry_after_ms();
        respond(&problem, error.retry_after_ms())
    }
}

/// A fault of ours, on its way to where the request's name is known.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    problem: Problem,
    /// For the log, not for the client.
    pub(super) cause: String,
}

impl Fault {
    /// The answer, with the name by which the log tells of it.
    pub(super) fn respond(mut self, request_id: String) -> Response {
        self.problem.request_id = Some(request_id);
        respond(&self.problem, None)
    }
}

fn problem(code: ErrorCode, detail: String) -> Problem {
    Problem {
        kind: "about:blank",
        title: code.title(),
        status: code.status(),
        detail,
        code,
        errors: BTreeMap::new(),
        retry_after_ms: None,
        request_id: None,
    }
}

fn respond(problem: &Problem, retry_after_ms: Option<u64>) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let Some(ms) = retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// What an unsafe request from another site's page is answered. `server` says it for the socket.
pub fn foreign() -> Response {
    let detail = "this request comes from a page of another site; if that page is this server's own, \
                  its address belongs into the setting public_url";
    ApiError::Edge(ErrorCode::Forbidden, detail).into_response()
}

pub(super) async fn no_such_route() -> ApiError {
    ApiError::Edge(ErrorCode::NotFound, "there is no such address")
}

pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::Edge(
        ErrorCode::MethodNotAllowed,
        "this address does not take that method",
    )
}
