//! Accounts and logins.

use super::Api;
use super::error::Answer;
use super::extract::{From, Json, SessionInPath, SignedIn};
use crate::auth::Token;
use crate::models::Me;
use crate::protocol::auth::{
    AtTheDoor, ChangePassword, LogIn, Register, Sessions, SignedIn as Fresh,
};
use crate::web::{forget_cookie, keep_cookie};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

/// What a stranger may know
///
/// While there is no owner, the account that is made next is the owner's.
#[utoipa::path(get, path = "/api/auth/door", tag = "auth", security(()), responses((status = 200, body = AtTheDoor)))]
pub(super) async fn door(State(api): State<Api>) -> Answer<axum::Json<AtTheDoor>> {
    Ok(axum::Json(api.chat.at_the_door().await?))
}

/// Makes an account and logs it in
///
/// The first account of a server is its owner's. Limited to 10 an hour from one address.
#[utoipa::path(post, path = "/api/auth/register", tag = "auth", request_body = Register, security(()),
    responses((status = 201, body = Fresh), (status = 409), (status = 422), (status = 403)))]
pub(super) async fn register(
    State(api): State<Api>,
    from: From,
    headers: HeaderMap,
    Json(request): Json<Register>,
) -> Answer<Response> {
    let (token, user) = api.chat.register(request, from.origin(&headers)).await?;
    Ok(signed_in(&api, StatusCode::CREATED, &token, user))
}

/// Logs in
///
/// Also sets the session cookie. Limited to 10 a minute from one address.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = LogIn, security(()),
    responses((status = 200, body = Fresh), (status = 401), (status = 429)))]
pub(super) async fn log_in(
    State(api): State<Api>,
    from: From,
    headers: HeaderMap,
    Json(request): Json<LogIn>,
) -> Answer<Response> {
    let (token, user) = api.chat.log_in(request, from.origin(&headers)).await?;
    Ok(signed_in(&api, StatusCode::OK, &token, user))
}

fn signed_in(api: &Api, status: StatusCode, token: &Token, user: Me) -> Response {
    let cookie = keep_cookie(&token.expose(), api.session_lifetime, api.front.is_https());
    let body = Fresh {
        token: token.expose(),
        user,
    };
    (status, [(header::SET_COOKIE, cookie)], axum::Json(body)).into_response()
}

/// Ends the login that asks
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", responses((status = 204)))]
pub(super) async fn log_out(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Answer<Response> {
    api.chat.log_out(&caller).await?;
    let cookie = forget_cookie(api.front.is_https());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Who am I
#[utoipa::path(get, path = "/api/auth/me", tag = "auth", responses((status = 200, body = Me)))]
pub(super) async fn me(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Answer<axum::Json<Me>> {
    Ok(axum::Json(api.chat.me(&caller).await?))
}

/// Sets a new password and ends all other logins
#[utoipa::path(post, path = "/api/auth/password", tag = "auth", request_body = ChangePassword,
    responses((status = 204), (status = 422), (status = 429)))]
pub(super) async fn change_password(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    From(address): From,
    Json(request): Json<ChangePassword>,
) -> Answer<StatusCode> {
    api.chat.change_password(&caller, request, address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's logins
#[utoipa::path(get, path = "/api/auth/sessions", tag = "auth", responses((status = 200, body = Sessions)))]
pub(super) async fn sessions(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Answer<axum::Json<Sessions>> {
    Ok(axum::Json(api.chat.sessions(&caller).await?))
}

/// Ends one of the caller's logins, and its connections
#[utoipa::path(delete, path = "/api/auth/sessions/{sessionId}", tag = "auth",
    params(("sessionId" = uuid::Uuid, Path)), responses((status = 204), (status = 404)))]
pub(super) async fn revoke_session(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    SessionInPath(session): SessionInPath,
) -> Answer<StatusCode> {
    api.chat.revoke_session(&caller, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
