//! Rooms.

use super::Api;
use super::error::Answer;
use super::extract::{InRoom, Json, Query, Reading, SignedIn};
use crate::models::Room;
use crate::protocol::rooms::{CreateRoom, ListRooms, PatchRoom, Rooms};
use axum::extract::State;
use http::StatusCode;

/// Rooms the caller may know of, newest activity first
#[utoipa::path(get, path = "/api/rooms", tag = "rooms", params(ListRooms), responses((status = 200, body = Rooms), (status = 422)))]
pub(super) async fn list(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Query(query): Query<ListRooms>,
) -> Answer<axum::Json<Rooms>> {
    Ok(axum::Json(api.chat.rooms(&caller, query).await?))
}

/// Makes a room, or finds or makes a direct room
#[utoipa::path(post, path = "/api/rooms", tag = "rooms", request_body = CreateRoom,
    responses((status = 201, body = Room), (status = 200, description = "The direct room was there", body = Room), (status = 404), (status = 422)))]
pub(super) async fn create(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Json(request): Json<CreateRoom>,
) -> Answer<(StatusCode, axum::Json<Room>)> {
    let (room, made) = api.chat.create_room(&caller, request).await?;
    let status = if made {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, axum::Json(room)))
}

/// A room
#[utoipa::path(get, path = "/api/rooms/{roomId}", tag = "rooms",
    params(("roomId" = uuid::Uuid, Path)), responses((status = 200, body = Room), (status = 404)))]
pub(super) async fn get(
    State(api): State<Api>,
    Reading(reader): Reading,
) -> Answer<axum::Json<Room>> {
    Ok(axum::Json(api.chat.room(&reader).await?))
}

/// Changes name or topic, as owner or admin of the room
#[utoipa::path(patch, path = "/api/rooms/{roomId}", tag = "rooms", request_body = PatchRoom,
    params(("roomId" = uuid::Uuid, Path)), responses((status = 200, body = Room), (status = 403), (status = 404), (status = 410), (status = 422)))]
pub(super) async fn update(
    State(api): State<Api>,
    InRoom(member): InRoom,
    Json(request): Json<PatchRoom>,
) -> Answer<axum::Json<Room>> {
    Ok(axum::Json(api.chat.update_room(member, request).await?))
}

/// Archives a room: readable from then on, every write is gone
#[utoipa::path(post, path = "/api/rooms/{roomId}/archive", tag = "rooms",
    params(("roomId" = uuid::Uuid, Path)), responses((status = 200, body = Room), (status = 403), (status = 404)))]
pub(super) async fn archive(
    State(api): State<Api>,
    InRoom(member): InRoom,
) -> Answer<axum::Json<Room>> {
    Ok(axum::Json(api.chat.archive_room(member).await?))
}
