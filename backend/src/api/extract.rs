//! From a request to values: who calls, what they say.

use super::Api;
use super::error::{ApiError, foreign};
use super::request::RequestId;
use crate::models::{MessageId, RoomId, SessionId, UserId};
use crate::protocol::error::ErrorCode;
use crate::protocol::object;
use crate::services::access::Reader;
use crate::services::accounts::Origin;
use crate::services::operators::Asked;
use crate::services::{Caller, ChatError, Member, Operator};
use crate::web::{Verdict, session_cookie};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{Extensions, HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Unsafe requests of other sites' pages are refused before anything else.
pub(super) async fn refuse_foreign(
    State(api): State<Api>,
    request: Request,
    next: Next,
) -> Response {
    let verdict = api
        .front
        .verdict(peer(request.extensions()), request.headers());
    if verdict == Verdict::Foreign && !request.method().is_safe() {
        return foreign();
    }
    next.run(request).await
}

/// The caller, by bearer token or session cookie.
pub(super) struct SignedIn(pub(super) Caller);

impl FromRequestParts<Api> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let token = credential(parts, api)?.ok_or(ChatError::Unauthorized("sign in first"))?;
        Ok(Self(api.chat.authenticate(&token).await?))
    }
}

/// The caller's permission to run the server.
pub(super) struct Operating(pub(super) Operator);

impl FromRequestParts<Api> for Operating {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, api).await?;
        Ok(Self(caller.operator()?))
    }
}

/// How the request can be found again.
pub(super) struct Why(pub(super) Asked);

impl FromRequestParts<Api> for Why {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let From(address) = From::from_request_parts(parts, api).await?;
        let RequestId(request_id) = parts.extensions.get().cloned().unwrap_or_default();
        Ok(Self(Asked {
            request_id,
            address,
        }))
    }
}

/// The token of a request. A bearer wins, even a bad one; the cookie counts for what changes
/// something only when a browser says that the page is ours.
fn credential(parts: &Parts, api: &Api) -> Result<Option<String>, ApiError> {
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let bearer = value.to_str().ok().and_then(|value| value.split_once(' '));
        let token = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or(ChatError::Unauthorized(
            "the Authorization header must be a bearer token",
        ))?;
        return Ok(Some(token.trim().to_owned()));
    }
    let Some(token) = session_cookie(&parts.headers, api.front.is_https()) else {
        return Ok(None);
    };
    let ours = parts.method.is_safe()
        || api.front.verdict(peer(&parts.extensions), &parts.headers) == Verdict::SameSite;
    Ok(ours.then_some(token))
}

/// The address of the other end, which the server notes on each request.
fn peer(extensions: &Extensions) -> SocketAddr {
    let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(nobody, |info| info.0)
}

/// From where the request comes.
pub(super) struct From(pub(super) IpAddr);

impl FromRequestParts<Api> for From {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        Ok(Self(
            api.front
                .client_address(peer(&parts.extensions), &parts.headers),
        ))
    }
}

impl From {
    /// What is kept of a login.
    pub(super) fn origin(&self, headers: &HeaderMap) -> Origin {
        let user_agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Origin {
            address: self.0,
            user_agent: user_agent.to_owned(),
        }
    }
}

/// The ids in a path, by their names. One that does not parse is nobody's.
async fn path(parts: &mut Parts, api: &Api) -> HashMap<String, String> {
    Path::from_request_parts(parts, api)
        .await
        .map_or_else(|_| HashMap::new(), |Path(path)| path)
}

macro_rules! id_in_path {
    ($name:ident, $id:ident, $param:literal, $what:literal) => {
        pub(super) struct $name(pub(super) $id);

        impl FromRequestParts<Api> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
                let id = path(parts, api)
                    .await
                    .get($param)
                    .and_then(|text| $id::parse(text));
                Ok(Self(id.ok_or(ChatError::NotFound($what))?))
            }
        }
    };
}

id_in_path!(RoomInPath, RoomId, "roomId", "room");
id_in_path!(MessageInPath, MessageId, "messageId", "message");
id_in_path!(UserInPath, UserId, "userId", "user");
id_in_path!(SessionInPath, SessionId, "sessionId", "session");

/// The caller's permission to act in the room of the path.
pub(super) struct InRoom(pub(super) Member);

impl FromRequestParts<Api> for InRoom {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, api).await?;
        let RoomInPath(room) = RoomInPath::from_request_parts(parts, api).await?;
        Ok(Self(api.chat.member(&caller, room).await?))
    }
}

/// The caller's permission to read the room of the path.
pub(super) struct Reading(pub(super) Reader);

impl FromRequestParts<Api> for Reading {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, api).await?;
        let RoomInPath(room) = RoomInPath::from_request_parts(parts, api).await?;
        Ok(Self(api.chat.reader(&caller, room).await?))
    }
}

/// A body of JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let (bytes, json) = body(request, api).await?;
        if !json {
            return Err(ApiError::Edge(
                ErrorCode::UnsupportedMedia,
                "the body must be application/json",
            ));
        }
        Ok(Self(parse(&bytes)?))
    }
}

/// A body of JSON, or none at all.
pub(super) struct MaybeJson<T>(pub(super) T);

impl<T: DeserializeOwned + Default> FromRequest<Api> for MaybeJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let (bytes, json) = body(request, api).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !json {
            return Err(ApiError::Edge(
                ErrorCode::UnsupportedMedia,
                "the body must be application/json",
            ));
        }
        Ok(Self(parse(&bytes)?))
    }
}

/// The body, and whether it says that it is JSON.
async fn body(request: Request, api: &Api) -> Result<(bytes::Bytes, bool), ApiError> {
    let media = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let json = media
        .split(';')
        .next()
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"));
    match Limited::new(request.into_body(), api.body_bytes)
        .collect()
        .await
    {
        Ok(body) => Ok((body.to_bytes(), json)),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(ApiError::Edge(ErrorCode::TooLarge, "the body is too large"))
        }
        Err(_) => Err(ApiError::Edge(
            ErrorCode::BadRequest,
            "the body could not be read",
        )),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    object::read(bytes).map_err(|error| ChatError::BadRequest(error).into())
}

/// The query string.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Api> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection| ChatError::BadRequest(rejection.body_text()).into())
    }
}
