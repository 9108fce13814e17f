//! Members of rooms, and one's own membership.

use super::Api;
use super::error::Answer;
use super::extract::{InRoom, Json, MaybeJson, Query, Reading, RoomInPath, SignedIn, UserInPath};
use crate::models::{Membership, MessageId};
use crate::protocol::rooms::{
    AddMembers, ListMembers, MarkRead, Member, Members, PatchMember, PatchMembership,
};
use crate::services::ChatError;
use axum::extract::State;
use http::StatusCode;

/// Members, those online first
#[utoipa::path(get, path = "/api/rooms/{roomId}/members", tag = "members",
    params(("roomId" = uuid::Uuid, Path), ListMembers), responses((status = 200, body = Members), (status = 404), (status = 422)))]
pub(super) async fn list(
    State(api): State<Api>,
    Reading(reader): Reading,
    Query(query): Query<ListMembers>,
) -> Answer<axum::Json<Members>> {
    Ok(axum::Json(api.chat.members(&reader, query).await?))
}

/// Joins a public room, or adds people to a room
#[utoipa::path(post, path = "/api/rooms/{roomId}/members", tag = "members", request_body = Option<AddMembers>,
    params(("roomId" = uuid::Uuid, Path)),
    responses((status = 201, body = Members), (status = 200, description = "All were members before", body = Members), (status = 403), (status = 404), (status = 410)))]
pub(super) async fn add(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    RoomInPath(room): RoomInPath,
    MaybeJson(request): MaybeJson<AddMembers>,
) -> Answer<(StatusCode, axum::Json<Members>)> {
    let added = match request.user_ids {
        None => api.chat.join_as_member(&caller, room).await?,
        Some(people) => {
            let member = api.chat.member(&caller, room).await?;
            api.chat.add_members(member, &people).await?
        }
    };
    let status = if added.any_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let body = Members {
        members: added.members,
        next_cursor: None,
    };
    Ok((status, axum::Json(body)))
}

/// Gives a member another role
#[utoipa::path(patch, path = "/api/rooms/{roomId}/members/{userId}", tag = "members", request_body = PatchMember,
    params(("roomId" = uuid::Uuid, Path), ("userId" = uuid::Uuid, Path)),
    responses((status = 200, body = Member), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn set_role(
    State(api): State<Api>,
    InRoom(member): InRoom,
    UserInPath(user): UserInPath,
    Json(request): Json<PatchMember>,
) -> Answer<axum::Json<Member>> {
    Ok(axum::Json(
        api.chat
            .set_member_role(member, user, &request.role)
            .await?,
    ))
}

/// Leaves a room, or removes somebody from it
#[utoipa::path(delete, path = "/api/rooms/{roomId}/members/{userId}", tag = "members",
    params(("roomId" = uuid::Uuid, Path), ("userId" = uuid::Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 410)))]
pub(super) async fn remove(
    State(api): State<Api>,
    InRoom(member): InRoom,
    UserInPath(user): UserInPath,
) -> Answer<StatusCode> {
    api.chat.remove_member(member, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the caller wants to be told about the room
#[utoipa::path(patch, path = "/api/rooms/{roomId}/membership", tag = "members", request_body = PatchMembership,
    params(("roomId" = uuid::Uuid, Path)), responses((status = 200, body = Membership), (status = 404), (status = 422)))]
pub(super) async fn set_notify(
    State(api): State<Api>,
    InRoom(member): InRoom,
    Json(request): Json<PatchMembership>,
) -> Answer<axum::Json<Membership>> {
    Ok(axum::Json(api.chat.set_notify(member, request).await?))
}

/// Moves the caller's read marker
#[utoipa::path(put, path = "/api/rooms/{roomId}/read", tag = "members", request_body = MarkRead,
    params(("roomId" = uuid::Uuid, Path)), responses((status = 200, body = Membership), (status = 404)))]
pub(super) async fn mark_read(
    State(api): State<Api>,
    InRoom(member): InRoom,
    Json(request): Json<MarkRead>,
) -> Answer<axum::Json<Membership>> {
    let message = MessageId::parse(&request.message_id).ok_or(ChatError::NotFound("message"))?;
    Ok(axum::Json(
        api.chat
            .mark_read(member, message, request.force, None)
            .await?,
    ))
}
