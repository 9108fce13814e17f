//! Whether the server lives, and whether people should be sent to it.

use super::Api;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Whether people should be sent to this server, and each thing it depends on by name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    status: Condition,
    /// `sqlite` or `postgresql`, and `redis` on one of many servers.
    dependencies: BTreeMap<&'static str, Dependency>,
}

/// `degraded` is still 200: without Redis every server works, slower, and taking all of them out
/// would be worse. `unavailable` and `draining`, which is what a server is from the moment it was
/// asked to stop, are 503.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Condition {
    Ready,
    Degraded,
    Unavailable,
    Draining,
}

/// Whether it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Dependency {
    Ready,
    Unavailable,
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
    let store = api.chat.ready().await;
    if let Err(error) = &store {
        tracing::warn!(cause = error.cause(), "the store does not answer");
    }
    let bus = api.chat.bus_is_up();
    let mut dependencies = BTreeMap::from([(api.chat.database(), Dependency::of(store.is_ok()))]);
    dependencies.extend(bus.map(|up| ("redis", Dependency::of(up))));
    let status = match (api.stopping.is_cancelled(), store.is_ok(), bus) {
        (true, _, _) => Condition::Draining,
        (false, false, _) => Condition::Unavailable,
        (false, true, Some(false)) => Condition::Degraded,
        (false, true, _) => Condition::Ready,
    };
    let readiness = Readiness {
        status,
        dependencies,
    };
    (status.code(), Json(readiness))
}

impl Condition {
    fn code(self) -> StatusCode {
        match self {
            Self::Ready | Self::Degraded => StatusCode::OK,
            Self::Unavailable | Self::Draining => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Dependency {
    fn of(answers: bool) -> Self {
        if answers {
            Self::Ready
        } else {
            Self::Unavailable
        }
    }
}
