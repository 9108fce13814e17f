//! Running the server: people, rooms, and what operators did.

use super::Api;
use super::error::Answer;
use super::extract::{Json, Operating, Query, SessionInPath, UserInPath, Why};
use crate::models::{AdminUser, Ending};
use crate::protocol::auth::Sessions;
use crate::protocol::operators::{
    Acts, AdminRooms, AdminUsers, ListActs, ListAdminRooms, ListAdminUsers, PatchAdminUser,
};
use axum::extract::State;
use http::StatusCode;

/// People, by username
#[utoipa::path(get, path = "/api/admin/users", tag = "admin", params(ListAdminUsers),
    responses((status = 200, body = AdminUsers), (status = 403), (status = 422)))]
pub(super) async fn users(
    State(api): State<Api>,
    Operating(operator): Operating,
    Query(query): Query<ListAdminUsers>,
) -> Answer<axum::Json<AdminUsers>> {
    Ok(axum::Json(api.chat.people(&operator, query).await?))
}

/// Changes somebody's role, or whether they can log in
///
/// Owners do it to everybody else, admins to members and guests.
#[utoipa::path(patch, path = "/api/admin/users/{userId}", tag = "admin", request_body = PatchAdminUser,
    params(("userId" = uuid::Uuid, Path)),
    responses((status = 200, body = AdminUser), (status = 403), (status = 404),
        (status = 409, description = "The last owner stays one"), (status = 422)))]
pub(super) async fn change_user(
    State(api): State<Api>,
    Operating(operator): Operating,
    Why(asked): Why,
    UserInPath(user): UserInPath,
    Json(request): Json<PatchAdminUser>,
) -> Answer<axum::Json<AdminUser>> {
    let changed = api
        .chat
        .change_account(&operator, asked, user, request)
        .await?;
    Ok(axum::Json(changed))
}

/// Somebody's logins
#[utoipa::path(get, path = "/api/admin/users/{userId}/sessions", tag = "admin",
    params(("userId" = uuid::Uuid, Path)),
    responses((status = 200, body = Sessions), (status = 403), (status = 404)))]
pub(super) async fn sessions(
    State(api): State<Api>,
    Operating(operator): Operating,
    UserInPath(user): UserInPath,
) -> Answer<axum::Json<Sessions>> {
    Ok(axum::Json(api.chat.sessions_of(&operator, user).await?))
}

/// Ends all of somebody's logins, and their connections
#[utoipa::path(delete, path = "/api/admin/users/{userId}/sessions", tag = "admin",
    params(("userId" = uuid::Uuid, Path)), responses((status = 204), (status = 403), (status = 404)))]
pub(super) async fn revoke_sessions(
    State(api): State<Api>,
    Operating(operator): Operating,
    Why(asked): Why,
    UserInPath(user): UserInPath,
) -> Answer<StatusCode> {
    let all = Ending::All;
    api.chat
        .end_sessions_of(&operator, asked, user, all)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of somebody's logins, and its connections
#[utoipa::path(delete, path = "/api/admin/users/{userId}/sessions/{sessionId}", tag = "admin",
    params(("userId" = uuid::Uuid, Path), ("sessionId" = uuid::Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
pub(super) async fn revoke_session(
    State(api): State<Api>,
    Operating(operator): Operating,
    Why(asked): Why,
    UserInPath(user): UserInPath,
    SessionInPath(session): SessionInPath,
) -> Answer<StatusCode> {
    let one = Ending::One(session);
    api.chat
        .end_sessions_of(&operator, asked, user, one)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All rooms, the largest or liveliest first
///
/// Of direct rooms nothing is told but how large and how old they are.
#[utoipa::path(get, path = "/api/admin/rooms", tag = "admin", params(ListAdminRooms),
    responses((status = 200, body = AdminRooms), (status = 403), (status = 422)))]
pub(super) async fn rooms(
    State(api): State<Api>,
    Operating(operator): Operating,
    Query(query): Query<ListAdminRooms>,
) -> Answer<axum::Json<AdminRooms>> {
    Ok(axum::Json(api.chat.all_rooms(&operator, query).await?))
}

/// What owners and admins of the server did, newest first
#[utoipa::path(get, path = "/api/admin/audit", tag = "admin", params(ListActs),
    responses((status = 200, body = Acts), (status = 403), (status = 422)))]
pub(super) async fn acts(
    State(api): State<Api>,
    Operating(operator): Operating,
    Query(query): Query<ListActs>,
) -> Answer<axum::Json<Acts>> {
    Ok(axum::Json(api.chat.acts(&operator, query).await?))
}
