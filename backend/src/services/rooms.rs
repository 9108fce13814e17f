//! Making, finding, changing and archiving rooms.

use super::access::Reader;
use super::error::InField;
use super::limits::{LimitKey, Rule};
use super::{Caller, Chat, ChatError, Member, check};
use crate::models::{NewRoom, Room, RoomId, RoomKind, RoomName, RoomPatch, RoomTopic, text};
use crate::protocol::rooms::{CreateRoom, ListRooms, PatchRoom, Rooms};
use crate::store::RoomFilter;
use std::sync::Arc;
use uuid::Uuid;

/// People of a direct room besides the caller.
const DIRECT_OTHERS: usize = 19;

impl Chat {
    /// Makes a room, or finds or makes the direct room of the caller and some others. Tells
    /// whether it is new.
    ///
    /// # Errors
    /// `BadRequest` for a missing field, `Invalid`, `NotFound` for people who do not exist,
    /// `RateLimited`.
    pub async fn create_room(
        self: &Arc<Self>,
        caller: &Caller,
        request: CreateRoom,
    ) -> Result<(Room, bool), ChatError> {
        let kind = RoomKind::from_word(&request.kind)
            .ok_or_else(|| ChatError::invalid("kind", "kind must be public, private or direct"))?;
        self.limits.check(Rule::Join, LimitKey::User(caller.id()))?;
        if kind == RoomKind::Direct {
            let others = request.user_ids.ok_or_else(|| missing("userIds"))?;
            return self.open_direct(caller, &others).await;
        }
        let name = request.name.ok_or_else(|| missing("name"))?;
        let name = RoomName::parse(&name).in_field("name")?;
        let topic = request
            .topic
            .as_deref()
            .map(RoomTopic::parse)
            .transpose()
            .in_field("topic")?
            .flatten();
        let room = NewRoom {
            id: RoomId(Uuid::now_v7()),
            kind,
            name,
            topic,
            created_at: self.clock.now(),
        };
        let (chat, creator) = (Arc::clone(self), caller.id());
        self.to_the_end(async move {
            let room = chat.store.create_room(room, creator).await?;
            chat.moved(&[creator]).await;
            Ok((room, true))
        })
        .await
    }

    async fn open_direct(
        self: &Arc<Self>,
        caller: &Caller,
        others: &[String],
    ) -> Result<(Room, bool), ChatError> {
        let mut people = check::people(others, DIRECT_OTHERS + 1)?;
        people.retain(|user| *user != caller.id());
        if people.is_empty() || people.len() > DIRECT_OTHERS {
            return Err(ChatError::invalid(
                "userIds",
                format!("userIds must name 1 to {DIRECT_OTHERS} other people"),
            ));
        }
        people.push(caller.id());
        let (chat, caller) = (Arc::clone(self), caller.clone());
        self.to_the_end(async move {
            let id = RoomId(Uuid::now_v7());
            let opened = chat
                .store
                .open_direct(id, caller.id(), &people, chat.clock.now())
                .await?;
            let (room, made) = opened.ok_or(ChatError::NotFound("user"))?;
            if made {
                chat.moved(&people).await;
            }
            Ok((room, made))
        })
        .await
    }

    /// Rooms the caller may know of, newest activity first.
    ///
    /// # Errors
    /// `Invalid` for a filter, limit or cursor.
    pub async fn rooms(&self, caller: &Caller, request: ListRooms) -> Result<Rooms, ChatError> {
        let kind = match request.kind.as_deref() {
            None => None,
            Some(word) => Some(RoomKind::from_word(word).ok_or_else(|| {
                ChatError::invalid("kind", "kind must be public, private or direct")
            })?),
        };
        let joined = match request.joined.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(ChatError::invalid("joined", "joined must be true or false")),
        };
        let query = request.q.unwrap_or_default();
        text::bounded("q", &query, 0, 100).in_field("q")?;
        let filter = RoomFilter {
            kind,
            joined,
            query,
            after: request
                .cursor
                .as_deref()
                .map(check::parse_room_cursor)
                .transpose()?,
            limit: check::limit(request.limit, 50, 200)?,
        };
        let page = self.store.list_rooms(caller.id(), filter).await?;
        Ok(Rooms {
            rooms: page.rooms,
            next_cursor: page.next.map(check::room_cursor),
        })
    }

    /// The room as its reader sees it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn room(&self, reader: &Reader) -> Result<Room, ChatError> {
        self.store
            .find_room(reader.room, reader.user)
            .await?
            .ok_or(ChatError::NotFound("room"))
    }

    /// Changes name or topic.
    ///
    /// # Errors
    /// `Forbidden` unless owner or admin, `Invalid`, `Gone`.
    pub async fn update_room(
        self: &Arc<Self>,
        member: Member,
        request: PatchRoom,
    ) -> Result<Room, ChatError> {
        member.not_direct()?;
        member.governing()?;
        let patch = RoomPatch {
            name: request
                .name
                .as_deref()
                .map(RoomName::parse)
                .transpose()
                .in_field("name")?,
            topic: match request.topic {
                None => None,
                Some(None) => Some(None),
                Some(Some(text)) => Some(RoomTopic::parse(&text).in_field("topic")?),
            },
        };
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            let now = chat.clock.now();
            let changed = chat
                .store
                .update_room(member.room, member.user, patch, now)
                .await;
            if let Some(entry) = changed.map_err(|error| Self::refusal(&member, error))? {
                chat.feed.announce(entry).await;
            }
            chat.room(&Reader::of(&member)).await
        })
        .await
    }

    /// Archives the room: readable from now on, every write `gone`.
    ///
    /// # Errors
    /// `Forbidden` unless owner or admin.
    pub async fn archive_room(self: &Arc<Self>, member: Member) -> Result<Room, ChatError> {
        member.not_direct()?;
        member.governing()?;
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            let archived = chat
                .store
                .archive_room(member.room, member.user, chat.clock.now())
                .await;
            if let Some(entry) = archived.map_err(|error| Self::refusal(&member, error))? {
                chat.feed.announce(entry).await;
            }
            chat.room(&Reader::of(&member)).await
        })
        .await
    }
}

/// What a room of one kind needs and one of another does not.
fn missing(field: &str) -> ChatError {
    ChatError::BadRequest(format!("missing field `{field}`"))
}
