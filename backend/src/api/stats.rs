//! How the nodes do, and what browsers tell of themselves.

use super::Api;
use super::error::Answer;
use super::extract::{Json, Operating, Query, SignedIn};
use crate::protocol::stats::{ReadStats, Stats, TellVitals};
use axum::extract::State;
use http::StatusCode;

/// What the nodes did, as an owner or admin of the server
#[utoipa::path(get, path = "/api/admin/stats", tag = "admin", params(ReadStats),
    responses((status = 200, body = Stats), (status = 403), (status = 422)))]
pub(super) async fn stats(
    State(api): State<Api>,
    Operating(operator): Operating,
    Query(query): Query<ReadStats>,
) -> Answer<axum::Json<Stats>> {
    Ok(axum::Json(api.chat.stats(&operator, &query)?))
}

/// Tells how the web client does in the caller's browser
///
/// Limited to 20 a minute for each user. What one tells is added to what all tell who run the same
/// release, and not kept by itself.
#[utoipa::path(post, path = "/api/vitals", tag = "users", request_body = TellVitals,
    responses((status = 204), (status = 422), (status = 429)))]
pub(super) async fn tell_vitals(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Json(report): Json<TellVitals>,
) -> Answer<StatusCode> {
    api.chat.tell_vitals(&caller, &report)?;
    Ok(StatusCode::NO_CONTENT)
}
