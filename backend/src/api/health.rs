//! Whether the server lives, and whether it can work.

use super::Api;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Every dependency by name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready` or `unavailable`.
    status: &'static str,
    dependencies: Dependencies,
}

/// What this server cannot work without.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Dependencies {
    /// `ready` or `unavailable`.
    store: &'static str,
}

/// The process answers
#[utoipa::path(get, path = "/health/live", tag = "health", security(()), responses((status = 200)))]
pub(super) async fn live() -> &'static str {
    "live\n"
}

/// The server can work
#[utoipa::path(get, path = "/health/ready", tag = "health", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub(super) async fn ready(State(api): State<Api>) -> (StatusCode, Json<Readiness>) {
    let (code, status) = match api.chat.ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(cause = error.cause(), "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
    };
    (
        code,
        Json(Readiness {
            status,
            dependencies: Dependencies { store: status },
        }),
    )
}
