//! REST: every route in one list, and the OpenAPI document made from it.
//!
//! Handlers translate: a request becomes values, a method of [`Chat`] decides, its answer becomes
//! JSON. They never decide and never query.

mod auth;
mod docs;
mod error;
mod extract;
mod health;
mod members;
mod messages;
mod openapi;
mod operators;
mod request;
mod rooms;
mod stats;
mod users;

use crate::services::Chat;
use crate::web::Front;
use axum::Router;
use axum::routing::{delete, get, patch, post, put};
pub use error::foreign;
pub use openapi::openapi;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct Api {
    pub chat: Arc<Chat>,
    pub front: Arc<Front>,
    /// Ends when the server has been asked to stop.
    pub stopping: CancellationToken,
    /// How long the browser keeps the session's cookie.
    pub session_lifetime: Duration,
    /// The largest body, in bytes.
    pub body_bytes: usize,
}

/// Everything under `/api` and `/health`.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/api/auth/door", get(auth::door))
        .route("/api/auth/register", post(auth::register))
        .route("/api/auth/login", post(auth::log_in))
        .route("/api/auth/logout", post(auth::log_out))
        .route("/api/auth/me", get(auth::me))
        .route("/api/auth/password", post(auth::change_password))
        .route("/api/auth/sessions", get(auth::sessions))
        .route(
            "/api/auth/sessions/{sessionId}",
            delete(auth::revoke_session),
        )
        .route("/api/users", get(users::list))
        .route("/api/users/me", patch(users::update_me))
        .route("/api/users/{userId}", get(users::get))
        .route("/api/rooms", get(rooms::list).post(rooms::create))
        .route("/api/rooms/{roomId}", get(rooms::get).patch(rooms::update))
        .route("/api/rooms/{roomId}/archive", post(rooms::archive))
        .route(
            "/api/rooms/{roomId}/messages",
            get(messages::list).post(messages::create),
        )
        .route(
            "/api/rooms/{roomId}/messages/{messageId}",
            patch(messages::edit).delete(messages::remove),
        )
        .route("/api/rooms/{roomId}/changes", get(messages::changes))
        .route(
            "/api/rooms/{roomId}/members",
            get(members::list).post(members::add),
        )
        .route(
            "/api/rooms/{roomId}/members/{userId}",
            patch(members::set_role).delete(members::remove),
        )
        .route("/api/rooms/{roomId}/membership", patch(members::set_notify))
        .route("/api/rooms/{roomId}/read", put(members::mark_read))
        .route("/api/admin/stats", get(stats::stats))
        .route("/api/admin/users", get(operators::users))
        .route("/api/admin/users/{userId}", patch(operators::change_user))
        .route(
            "/api/admin/users/{userId}/sessions",
            get(operators::sessions).delete(operators::revoke_sessions),
        )
        .route(
            "/api/admin/users/{userId}/sessions/{sessionId}",
            delete(operators::revoke_session),
        )
        .route("/api/admin/rooms", get(operators::rooms))
        .route("/api/admin/audit", get(operators::acts))
        .route("/api/vitals", post(stats::tell_vitals))
        .route("/api/openapi.json", get(docs::document))
        .route("/api/docs", get(docs::page))
        .route("/api/docs.css", get(docs::style))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/api", axum::routing::any(error::no_such_route))
        .route("/api/{*rest}", axum::routing::any(error::no_such_route))
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(axum::middleware::from_fn_with_state(
            api.clone(),
            extract::refuse_foreign,
        ))
        .layer(axum::middleware::from_fn(request::identify))
        .with_state(api)
}
