//! Messages, history and the log.

use super::Api;
use super::error::Answer;
use super::extract::{InRoom, Json, MessageInPath, Query, Reading};
use crate::models::Message;
use crate::protocol::messages::{
    Changes, EditMessage, ListChanges, ListMessages, MessagePage, PostMessage,
};
use axum::extract::State;
use http::StatusCode;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// One page of history, ascending
#[utoipa::path(get, path = "/api/rooms/{roomId}/messages", tag = "messages",
    params(("roomId" = uuid::Uuid, Path), ListMessages), responses((status = 200, body = MessagePage), (status = 404), (status = 422)))]
pub(super) async fn list(
    State(api): State<Api>,
    Reading(reader): Reading,
    Query(query): Query<ListMessages>,
) -> Answer<axum::Json<MessagePage>> {
    Ok(axum::Json(api.chat.messages(&reader, query).await?))
}

/// Sends a message
///
/// Answered only once the message is durable. A `clientId` that the caller has used in this room
/// within the last seven days stores nothing and answers 200 with the first message as it now is.
#[utoipa::path(post, path = "/api/rooms/{roomId}/messages", tag = "messages", request_body = PostMessage,
    params(("roomId" = uuid::Uuid, Path)),
    responses((status = 201, body = Message), (status = 200, description = "The clientId was known", body = Message), (status = 403), (status = 404), (status = 410), (status = 422), (status = 429)))]
pub(super) async fn create(
    State(api): State<Api>,
    InRoom(member): InRoom,
    Json(request): Json<PostMessage>,
) -> Answer<(StatusCode, axum::Json<Message>)> {
    let drafted = api.chat.draft(member, request)?;
    let (told, outcome) = oneshot::channel();
    let told = |outcome| {
        // Nobody may be waiting any more: the message is stored all the same.
        let _ = told.send(outcome);
        None
    };
    api.chat.post_message(drafted, Instant::now(), told).await;
    let sent = outcome.await.expect("it is told in any case")?;
    let status = if sent.duplicate {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, axum::Json(sent.message)))
}

/// Changes the text of one's own message
///
/// With `expectedEditedAt`, only as long as it has not been edited since to say something else.
#[utoipa::path(patch, path = "/api/rooms/{roomId}/messages/{messageId}", tag = "messages", request_body = EditMessage,
    params(("roomId" = uuid::Uuid, Path), ("messageId" = uuid::Uuid, Path)),
    responses((status = 200, body = Message), (status = 403), (status = 404), (status = 409), (status = 410), (status = 422)))]
pub(super) async fn edit(
    State(api): State<Api>,
    InRoom(member): InRoom,
    MessageInPath(message): MessageInPath,
    Json(request): Json<EditMessage>,
) -> Answer<axum::Json<Message>> {
    Ok(axum::Json(
        api.chat.edit_message(member, message, request).await?,
    ))
}

/// Deletes one's own message, or anybody's as owner or admin of the room
#[utoipa::path(delete, path = "/api/rooms/{roomId}/messages/{messageId}", tag = "messages",
    params(("roomId" = uuid::Uuid, Path), ("messageId" = uuid::Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 410)))]
pub(super) async fn remove(
    State(api): State<Api>,
    InRoom(member): InRoom,
    MessageInPath(message): MessageInPath,
) -> Answer<StatusCode> {
    api.chat.delete_message(member, message).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The room's log after a place
#[utoipa::path(get, path = "/api/rooms/{roomId}/changes", tag = "messages",
    params(("roomId" = uuid::Uuid, Path), ListChanges),
    responses((status = 200, body = Changes), (status = 404), (status = 410), (status = 422)))]
pub(super) async fn changes(
    State(api): State<Api>,
    Reading(reader): Reading,
    Query(query): Query<ListChanges>,
) -> Answer<axum::Json<Changes>> {
    Ok(axum::Json(api.chat.changes(&reader, query).await?))
}
