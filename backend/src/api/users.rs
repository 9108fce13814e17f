//! People.

use super::Api;
use super::error::Answer;
use super::extract::{Json, Query, SignedIn, UserInPath};
use crate::models::{Me, User};
use crate::protocol::auth::{ListUsers, PatchMe, Users};
use axum::extract::State;

/// People who can log in, by username
#[utoipa::path(get, path = "/api/users", tag = "users", params(ListUsers), responses((status = 200, body = Users), (status = 422)))]
pub(super) async fn list(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Query(query): Query<ListUsers>,
) -> Answer<axum::Json<Users>> {
    Ok(axum::Json(api.chat.users(&caller, query).await?))
}

/// Somebody
#[utoipa::path(get, path = "/api/users/{userId}", tag = "users",
    params(("userId" = uuid::Uuid, Path)), responses((status = 200, body = User), (status = 404)))]
pub(super) async fn get(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    UserInPath(user): UserInPath,
) -> Answer<axum::Json<User>> {
    Ok(axum::Json(api.chat.user(&caller, user).await?))
}

/// Changes what the caller says about themselves
#[utoipa::path(patch, path = "/api/users/me", tag = "users", request_body = PatchMe,
    responses((status = 200, body = Me), (status = 409), (status = 422)))]
pub(super) async fn update_me(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Json(request): Json<PatchMe>,
) -> Answer<axum::Json<Me>> {
    Ok(axum::Json(api.chat.update_me(&caller, request).await?))
}
