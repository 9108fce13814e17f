//! The OpenAPI document, from the routes and the types that travel.

use super::{auth, health, members, messages, operators, rooms, stats, users};
use crate::models;
use crate::protocol::error::ErrorCode;
use crate::protocol::{
    auth as accounts, error, events, messages as history, presence, rooms as places,
    stats as numbers,
};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Roost",
        description = "Rooms, history and login over REST. Live events travel over Socket.IO at `/socket.io/`; \
                       their payloads are among the schemas.",
        license(name = "MIT", identifier = "MIT")
    ),
    paths(
        auth::door, auth::register, auth::log_in, auth::log_out, auth::me, auth::change_password, auth::sessions,
        auth::revoke_session, users::list, users::get, users::update_me, rooms::list, rooms::create,
        rooms::get, rooms::update, rooms::archive, messages::list, messages::create, messages::edit,
        messages::remove, messages::changes, members::list, members::add, members::set_role,
        members::remove, members::set_notify, members::mark_read, stats::stats, stats::tell_vitals,
        operators::users, operators::change_user, operators::sessions, operators::revoke_sessions,
        operators::revoke_session, operators::rooms, operators::acts,
        health::live, health::ready,
    ),
    components(schemas(
        accounts::OwnSession, models::Presence, places::Member, error::Problem, error::NotOk,
        error::Nothing, events::InRoom, events::JoinRoom, events::JoinedRoom, events::Resume,
        events::Resumed, events::SendMessage, events::SentMessage, events::EditMessageIn,
        events::Edited, events::DeleteMessage, events::React, events::MarkReadIn, places::Marked,
        presence::UpdatePresence, history::Changes, events::LogEntry, events::MessageChanged,
        events::ReactionChanged, events::MemberChanged, events::MemberRemoved, events::RoomChanged,
        events::OfRoom, events::RoomAdded, events::ReadMarked, events::ServerDraining,
        events::ConnectRefused, presence::Here, presence::Typing, numbers::StatsTold,
    )),
    modifiers(&Finish),
    security(("bearer" = []), ("cookie" = [])),
    tags(
        (name = "auth", description = "Accounts and logins"),
        (name = "users", description = "People"),
        (name = "rooms", description = "Rooms"),
        (name = "messages", description = "Messages, history and the log"),
        (name = "members", description = "Members and one's own membership"),
        (name = "admin", description = "Running the server, for its owners and admins"),
        (name = "health", description = "For operators"),
    )
)]
struct Document;

/// What is the same everywhere: credentials, and refusals as problems.
struct Finish;

impl Modify for Finish {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("roost_session")));
        components.add_security_scheme("bearer", bearer);
        components.add_security_scheme("cookie", cookie);

        for item in document.paths.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.patch,
                &mut item.delete,
            ];
            for operation in operations.into_iter().flatten() {
                let tag = operation.tags.as_deref().unwrap_or_default().first();
                // Handlers of different resources share their names; ids must differ.
                if let (Some(tag), Some(id)) = (tag, &mut operation.operation_id) {
                    *id = format!("{tag}_{id}");
                }
                for (status, response) in &mut operation.responses.responses {
                    let RefOr::T(response) = response else {
                        continue;
                    };
                    if status.starts_with('4') {
                        as_problem(response);
                    }
                    // The standard wants a word for every answer.
                    if response.description.is_empty() {
                        in_words(status).clone_into(&mut response.description);
                    }
                }
                let mut other = Response::new("Any other refusal, by its `code`");
                as_problem(&mut other);
                operation
                    .responses
                    .responses
                    .insert("default".to_owned(), other.into());
            }
        }
    }
}

/// What an answer of this status says, where its handler does not say it better.
fn in_words(status: &str) -> &'static str {
    let refusals = [
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::Conflict,
        ErrorCode::Gone,
        ErrorCode::Invalid,
        ErrorCode::RateLimited,
        ErrorCode::Unavailable,
    ];
    refusals
        .into_iter()
        .find(|code| status == code.status().to_string())
        .map_or("Done", ErrorCode::title)
}

fn as_problem(response: &mut Response) {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    response
        .content
        .insert("application/problem+json".to_owned(), content.into());
}

/// The document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
