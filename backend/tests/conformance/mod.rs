//! What every store promises, told as scenarios: one file a feature. A scenario sees a store
//! through the trait only and never knows which one it is.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod belongings;
pub(crate) mod edits;
pub(crate) mod keeper;
pub(crate) mod log;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod model;
pub(crate) mod operators;
mod plants;
pub(crate) mod reactions;
pub(crate) mod reads;
pub(crate) mod rooms;
pub(crate) mod sessions;
pub(crate) mod whole;

use keeper::Keeper;
use roost::models::{
    Body, ClientId, DisplayName, Draft, Email, Emoji, Entry, Membership, Message, MessageId,
    Metadata, NewRoom, NewSession, NewUser, RoomId, RoomKind, RoomName, Session, SessionId,
    Timestamp, TokenHash, User, UserId, Username,
};
use roost::store::{
    Belongings, Denied, Joining, Posted, Result, RoomFilter, Snapshot, Store, StoreError,
};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// When scenarios begin: 22 November 2026, noon.
pub(crate) const NOON: Timestamp = Timestamp(1_795_348_800_000);

/// An empty store, and a clock that moves a second whenever it is asked.
pub(crate) struct Bed {
    store: Arc<dyn Store>,
    keeper: Arc<Keeper>,
    clock: AtomicI64,
}

impl Deref for Bed {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl Bed {
    pub(crate) async fn make(keeper: Arc<Keeper>) -> Self {
        let bed = Self {
            store: keeper.open().await,
            keeper,
            clock: AtomicI64::new(NOON.0),
        };
        bed.maintain(NOON).await.unwrap();
        bed
    }

    /// The store, to be shared with tasks.
    pub(crate) fn share(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Closes the store and opens it again, as a restart of the program does.
    pub(crate) async fn reopen(&mut self) {
        self.store.close().await;
        self.store = self.keeper.open().await;
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.clock.fetch_add(1000, Ordering::Relaxed))
    }

    /// A user of this name, logged in.
    pub(crate) async fn user(&self, name: &str) -> UserId {
        self.register(new_user(name, self.now()), new_session(self.now()))
            .await
            .unwrap()
            .id
    }

    pub(crate) async fn users<const N: usize>(&self, names: [&str; N]) -> [UserId; N] {
        let mut users = [UserId(Uuid::nil()); N];
        for (user, name) in users.iter_mut().zip(names) {
            *user = self.user(name).await;
        }
        users
    }

    /// A public room of the first of these people, which the others have joined.
    pub(crate) async fn room(&self, people: &[UserId]) -> RoomId {
        self.room_called("lobby", RoomKind::Public, people).await
    }

    pub(crate) async fn room_called(
        &self,
        name: &str,
        kind: RoomKind,
        people: &[UserId],
    ) -> RoomId {
        let room = new_room(name, kind, self.now());
        let id = room.id;
        self.create_room(room, people[0]).await.unwrap();
        for other in &people[1..] {
            self.add_members(id, &[*other], self.now()).await.unwrap();
        }
        id
    }

    /// An archived room of these people.
    pub(crate) async fn archived_room(&self, people: &[UserId]) -> RoomId {
        let room = self.room(people).await;
        self.archive_room(room, people[0], self.now())
            .await
            .unwrap();
        room
    }

    pub(crate) fn draft(&self, room: RoomId, author: UserId, text: &str) -> Draft {
        Draft {
            room,
            author,
            body: body(text),
            client_id: None,
            reply_to: None,
            metadata: Metadata::default(),
            at: self.now(),
        }
    }

    /// Appends one draft.
    pub(crate) async fn post(&self, draft: Draft) -> std::result::Result<Posted, Denied> {
        let mut answers = self.append(&[draft]).await.unwrap();
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }

    pub(crate) async fn say(&self, room: RoomId, author: UserId, text: &str) -> Message {
        self.post(self.draft(room, author, text))
            .await
            .unwrap()
            .message
    }

    /// The message as it now is.
    pub(crate) async fn see(&self, room: RoomId, message: MessageId) -> Message {
        self.find_message(room, message).await.unwrap().unwrap()
    }

    pub(crate) async fn membership_of(&self, room: RoomId, user: UserId) -> Membership {
        self.find_membership(room, user).await.unwrap().unwrap()
    }

    pub(crate) async fn somebody(&self, user: UserId) -> User {
        self.find_user(user).await.unwrap().unwrap()
    }

    /// The login with this token.
    pub(crate) async fn find_session(
        &self,
        token: TokenHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<(Session, User)>> {
        let mut found = self.find_sessions(&[token], now, idle_since).await?;
        assert_eq!(found.len(), 1);
        Ok(found.remove(0).map(|login| (login.session, login.user)))
    }

    /// What belongs to this user.
    pub(crate) async fn belongings_of(&self, user: UserId, now: Timestamp) -> Option<Belongings> {
        let mut found = self.belongings(&[user], now).await.unwrap();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    /// What joining a room answers.
    pub(crate) async fn snapshot(
        &self,
        room: RoomId,
        viewer: UserId,
        since: Option<u64>,
        behind: u32,
        messages: u32,
    ) -> Result<Snapshot> {
        let joining = Joining {
            room,
            viewer,
            since,
            behind,
            messages,
            at_hand: false,
        };
        let mut found = self.snapshots(&[joining]).await?;
        assert_eq!(found.len(), 1);
        Ok(found.remove(0)?)
    }

    /// The whole log of a room.
    pub(crate) async fn log(&self, room: RoomId) -> Vec<Entry> {
        self.changes(room, 0, 1000).await.unwrap().entries
    }
}

pub(crate) fn new_user(name: &str, now: Timestamp) -> NewUser {
    NewUser {
        id: UserId(Uuid::new_v4()),
        username: Username::parse(name).unwrap(),
        display_name: DisplayName::parse(name).unwrap(),
        email: Some(Email::parse(&format!("{name}@example.org")).unwrap()),
        password_hash: format!("hash of {name}"),
        created_at: now,
    }
}

pub(crate) fn new_session(now: Timestamp) -> NewSession {
    let mut token = [0; 32];
    token[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    NewSession {
        id: SessionId(Uuid::new_v4()),
        token: TokenHash(token),
        user_agent: "a browser".to_owned(),
        created_at: now,
        expires_at: Timestamp(now.0 + 1_000_000),
    }
}

pub(crate) fn new_room(name: &str, kind: RoomKind, now: Timestamp) -> NewRoom {
    NewRoom {
        id: RoomId(Uuid::new_v4()),
        kind,
        name: RoomName::parse(name).unwrap(),
        topic: None,
        created_at: now,
    }
}

pub(crate) fn body(text: &str) -> Body {
    Body::parse(text).unwrap()
}

pub(crate) fn emoji(text: &str) -> Emoji {
    Emoji::parse(text).unwrap()
}

pub(crate) fn client_id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

pub(crate) fn unknown_room() -> RoomId {
    RoomId(Uuid::new_v4())
}

pub(crate) fn unknown_user() -> UserId {
    UserId(Uuid::new_v4())
}

pub(crate) fn unknown_message() -> MessageId {
    MessageId(Uuid::now_v7())
}

pub(crate) fn filter() -> RoomFilter {
    RoomFilter {
        limit: 50,
        ..RoomFilter::default()
    }
}

/// Why a step was denied.
///
/// # Panics
/// When it was not.
#[track_caller]
pub(crate) fn denial<T: std::fmt::Debug>(result: Result<T>) -> Denied {
    match result {
        Err(StoreError::Denied(denied)) => denied,
        other => panic!("this should have been denied: {other:?}"),
    }
}

/// Places of these entries.
pub(crate) fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

/// Numbers that look random and are the same every time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of `0..sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % sides
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}
