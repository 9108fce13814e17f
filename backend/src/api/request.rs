//! The name of a request, in its answer and in the log.
//!
//! Every line that is logged on the way carries it, and so does the answer, as `x-request-id`; an answer
//! of 5xx also says it, to be quoted by whoever reports it. It is always our own: what a stranger may
//! choose has no place in the log. Neither have query strings, which hold what people look for.

use super::error::Fault;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The name, for those on the way who write it down.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestId(pub(super) String);

/// Names the request: the outermost layer of the API.
pub(super) async fn identify(mut request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request.extensions().get::<MatchedPath>();
    let span = tracing::info_span!(
        "request",
        request.id = id,
        http.method = %request.method(),
        http.route = route.map(MatchedPath::as_str),
    );
    answer(id, request, next).instrument(span).await
}

async fn answer(id: String, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let header = HeaderValue::from_str(&id).expect("an id is letters, digits and hyphens");
    let mut response = next.run(request).await;
    if let Some(fault) = response.extensions_mut().remove::<Fault>() {
        tracing::error!(cause = fault.cause, "a request failed");
        response = fault.respond(id);
    }
    tracing::debug!(
        http.status = response.status().as_u16(),
        took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        "a request was answered"
    );
    response.headers_mut().insert(X_REQUEST_ID, header);
    response
}
