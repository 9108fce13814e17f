//! Somebody, a room and something said there, for tests of a store by itself.

use roost::models::{
    Body, ClientId, DisplayName, Draft, Metadata, NewRoom, NewSession, NewUser, RoomId, RoomKind,
    RoomName, SessionId, Timestamp, TokenHash, UserId, Username,
};
use roost::store::Store;
use std::time::Duration;
use uuid::Uuid;

/// 22 November 2026, noon.
pub(crate) const NOON: Timestamp = Timestamp(1_795_348_800_000);

pub(crate) async fn ana(store: &dyn Store) -> UserId {
    let user = NewUser {
        id: UserId(Uuid::new_v4()),
        username: Username::parse("ana").unwrap(),
        display_name: DisplayName::parse("Ana").unwrap(),
        email: None,
        password_hash: String::new(),
        created_at: NOON,
    };
    let session = NewSession {
        id: SessionId(Uuid::new_v4()),
        token: TokenHash([7; 32]),
        user_agent: String::new(),
        created_at: NOON,
        expires_at: NOON.plus(Duration::from_mins(1)),
    };
    store.register(user, session).await.unwrap().id
}

pub(crate) async fn room(store: &dyn Store, owner: UserId, created_at: Timestamp) -> RoomId {
    let new = NewRoom {
        id: RoomId(Uuid::new_v4()),
        kind: RoomKind::Public,
        name: RoomName::parse("tea").unwrap(),
        topic: None,
        created_at,
    };
    store.create_room(new, owner).await.unwrap().id
}

pub(crate) fn draft(room: RoomId, author: UserId, text: &str, at: Timestamp) -> Draft {
    Draft {
        room,
        author,
        body: Body::parse(text).unwrap(),
        client_id: Some(ClientId::parse(text).unwrap()),
        reply_to: None,
        metadata: Metadata::default(),
        at,
    }
}
