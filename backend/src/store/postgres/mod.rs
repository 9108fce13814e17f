//! The store in PostgreSQL: a pool of connections, the log in monthly partitions.
//!
//! Nothing here says what steps do (one file a feature): this is where the promise and its
//! keepers meet, and where transactions begin and end.

mod accounts;
mod append;
mod audit;
mod belongings;
mod connection;
mod failure;
mod head;
mod joining;
mod log;
mod members;
mod messages;
mod nodes;
mod operators;
#[cfg(feature = "planted")]
mod planted;
mod pool;
mod post;
mod reactions;
mod reads;
mod rooms;
mod rows;
mod scene;
mod sessions;
#[doc(hidden)]
pub mod statements;
mod upkeep;
mod values;

use super::{
    ActFilter, AllRoomsFilter, AllRoomsPage, Anchor, Belongings, Changed, Denied, Joining, Load,
    LogPage, Login, MessagePage, PeopleFilter, Posted, Result, RoomFilter, RoomPage, Size,
    Snapshot, Store, UserFilter,
};
use crate::models::{
    Access, Account, AccountChange, Act, Actor, AdminUser, Body, Draft, Emoji, Ending, Entry, Me,
    MemberFact, MemberRole, Membership, Message, MessageId, NewRoom, NewSession, NewUser, NodeId,
    Notify, Room, RoomId, RoomPatch, Session, SessionId, Timestamp, TokenHash, User, UserId,
    UserPatch,
};
use async_trait::async_trait;
pub use audit::audit;
use connection::Identity;
use pool::{Pool, one, whole};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Everything in one database, which other nodes may use at the same time. What is acknowledged
/// is committed.
#[derive(Debug)]
pub struct PostgresStore {
    pool: Pool,
    identity: Identity,
    /// In milliseconds, see [`Load`]; 0 while nothing was made yet.
    prepared_until: AtomicI64,
}

impl PostgresStore {
    /// Connects with at most `max_connections`, after bringing the schema up to date. A schema
    /// that is newer than this program is left as it is: the nodes of a rolling upgrade share it.
    ///
    /// # Errors
    /// [`super::StoreError::Unavailable`] with a sentence for the operator, without the password.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Arc<Self>> {
        let (pool, identity) = connection::open(url, max_connections).await?;
        #[cfg(feature = "planted")]
        planted::on_open(&pool).await?;
        Ok(Arc::new(Self {
            pool,
            identity,
            prepared_until: AtomicI64::new(0),
        }))
    }
}

/// A step that reads more than once, all from one snapshot.
macro_rules! read {
    ($self:ident, $db:ident => $step:expr) => {
        whole!($self.pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", $db => $step)
    };
}

/// A step that writes, whole or not at all.
macro_rules! write {
    ($self:ident, $db:ident => $step:expr) => {
        whole!($self.pool, "BEGIN", $db => $step)
    };
}

#[async_trait]
impl Store for PostgresStore {
    async fn epoch(&self) -> Result<String> {
        Ok(self.identity.current())
    }

    fn name(&self) -> &'static str {
        "postgresql"
    }

    async fn ping(&self) -> Result<()> {
        one!(self.pool, db => upkeep::ping(db))
    }

    async fn maintain(&self, now: Timestamp) -> Result<()> {
        let prepared: Result<Timestamp> = write!(self, db => upkeep::maintain(db, now));
        self.prepared_until.store(prepared?.0, Ordering::Relaxed);
        Ok(())
    }

    async fn beat(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>> {
        one!(self.pool, db => nodes::beat(db, node, lease))
    }

    async fn size(&self) -> Result<Size> {
        one!(self.pool, db => upkeep::size(db))
    }

    fn load(&self) -> Load {
        let (busy, idle, most) = self.pool.load();
        let prepared = self.prepared_until.load(Ordering::Relaxed);
        Load {
            busy,
            idle,
            most,
            prepared_until: (prepared > 0).then_some(Timestamp(prepared)),
        }
    }

    async fn close(&self) {
        self.pool.close().await;
    }

    async fn register(&self, user: NewUser, session: NewSession) -> Result<User> {
        write!(self, db => accounts::register(db, &user, &session))
    }

    async fn has_users(&self) -> Result<bool> {
        one!(self.pool, db => accounts::has_users(db))
    }

    async fn find_account(&self, login: &str) -> Result<Option<Account>> {
        one!(self.pool, db => accounts::find_account(db, login))
    }

    async fn find_account_of(&self, user: UserId) -> Result<Option<Account>> {
        one!(self.pool, db => accounts::find_account_of(db, user))
    }

    async fn find_user(&self, user: UserId) -> Result<Option<User>> {
        one!(self.pool, db => accounts::find_user(db, user))
    }

    async fn find_users(&self, users: &[UserId]) -> Result<Vec<User>> {
        one!(self.pool, db => accounts::find_users(db, users))
    }

    async fn list_users(&self, filter: UserFilter) -> Result<Vec<User>> {
        one!(self.pool, db => accounts::list_users(db, &filter))
    }

    async fn find_me(&self, user: UserId) -> Result<Option<Me>> {
        one!(self.pool, db => accounts::find_me(db, user))
    }

    async fn update_user(&self, user: UserId, patch: UserPatch) -> Result<Option<Me>> {
        write!(self, db => accounts::update_user(db, user, &patch))
    }

    async fn saw_users(&self, seen: &[(UserId, Timestamp)]) -> Result<()> {
        one!(self.pool, db => accounts::saw_users(db, seen))
    }

    async fn create_session(&self, user: UserId, session: NewSession) -> Result<()> {
        one!(self.pool, db => sessions::create(db, user, &session))
    }

    async fn find_sessions(
        &self,
        tokens: &[TokenHash],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Option<Login>>> {
        one!(self.pool, db => sessions::find(db, tokens, now, idle_since))
    }

    async fn used_sessions(&self, used: &[(SessionId, Timestamp)]) -> Result<()> {
        one!(self.pool, db => sessions::used(db, used))
    }

    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        one!(self.pool, db => sessions::list(db, user, now))
    }

    async fn end_session(&self, user: UserId, session: SessionId) -> Result<bool> {
        write!(self, db => sessions::end(db, user, session))
    }

    async fn moves(&self, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
        one!(self.pool, db => belongings::moves(db, users))
    }

    async fn belongings(
        &self,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Option<Belongings>>> {
        one!(self.pool, db => belongings::find(db, users, now))
    }

    async fn set_password(
        &self,
        user: UserId,
        password_hash: &str,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>> {
        write!(self, db => sessions::set_password(db, user, password_hash, keep))
    }

    async fn list_people(&self, filter: PeopleFilter, now: Timestamp) -> Result<Vec<AdminUser>> {
        one!(self.pool, db => operators::list_people(db, &filter, now))
    }

    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        by: Actor,
    ) -> Result<Changed> {
        write!(self, db => operators::change_account(db, user, change, &by))
    }

    async fn end_logins(&self, user: UserId, which: Ending, by: Actor) -> Result<Vec<SessionId>> {
        write!(self, db => operators::end_logins(db, user, which, &by))
    }

    async fn list_all_rooms(&self, filter: AllRoomsFilter) -> Result<AllRoomsPage> {
        one!(self.pool, db => operators::list_all_rooms(db, &filter))
    }

    async fn list_acts(&self, filter: ActFilter) -> Result<Vec<Act>> {
        one!(self.pool, db => operators::list_acts(db, &filter))
    }

    async fn create_room(&self, room: NewRoom, creator: UserId) -> Result<Room> {
        write!(self, db => rooms::create(db, &room, creator))
    }

    async fn open_direct(
        &self,
        id: RoomId,
        caller: UserId,
        people: &[UserId],
        now: Timestamp,
    ) -> Result<Option<(Room, bool)>> {
        write!(self, db => rooms::open_direct(db, id, caller, people, now))
    }

    async fn find_access(&self, room: RoomId, user: UserId) -> Result<Option<Access>> {
        one!(self.pool, db => rooms::find_access(db, room, user))
    }

    async fn member_counts(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        one!(self.pool, db => rooms::member_counts(db, rooms))
    }

    async fn find_room(&self, room: RoomId, viewer: UserId) -> Result<Option<Room>> {
        read!(self, db => rooms::find(db, room, viewer))
    }

    async fn list_rooms(&self, viewer: UserId, filter: RoomFilter) -> Result<RoomPage> {
        read!(self, db => rooms::list(db, viewer, &filter))
    }

    async fn update_room(
        &self,
        room: RoomId,
        by: UserId,
        patch: RoomPatch,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        write!(self, db => rooms::update(db, room, by, &patch, now))
    }

    async fn archive_room(
        &self,
        room: RoomId,
        by: UserId,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        write!(self, db => rooms::archive(db, room, by, now))
    }

    async fn add_members(
        &self,
        room: RoomId,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Entry>> {
        write!(self, db => members::add(db, room, users, now))
    }

    async fn remove_member(
        &self,
        room: RoomId,
        user: UserId,
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<Entry>> {
        write!(self, db => members::remove(db, room, user, by, now))
    }

    async fn set_member_role(
        &self,
        room: RoomId,
        user: UserId,
        role: MemberRole,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        write!(self, db => members::set_role(db, room, user, role, now))
    }

    async fn list_members(
        &self,
        room: RoomId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<MemberFact>> {
        one!(self.pool, db => members::list(db, room, after, limit))
    }

    async fn find_members(&self, room: RoomId, users: &[UserId]) -> Result<Vec<MemberFact>> {
        one!(self.pool, db => members::find(db, room, users))
    }

    async fn find_membership(&self, room: RoomId, user: UserId) -> Result<Option<Membership>> {
        read!(self, db => reads::find_membership(db, room, user))
    }

    async fn set_notify(
        &self,
        room: RoomId,
        user: UserId,
        notify: Option<Notify>,
        muted_until: Option<Option<Timestamp>>,
    ) -> Result<Option<Membership>> {
        write!(self, db => members::set_notify(db, room, user, notify, muted_until))
    }

    async fn mark_read(
        &self,
        room: RoomId,
        user: UserId,
        message: MessageId,
        force: bool,
    ) -> Result<(Membership, bool)> {
        write!(self, db => reads::mark(db, room, user, message, force))
    }

    async fn list_acquaintances(
        &self,
        users: &[UserId],
        largest: u64,
    ) -> Result<Vec<(RoomId, UserId)>> {
        one!(self.pool, db => members::list_acquaintances(db, users, largest))
    }

    async fn append(&self, batch: &[Draft]) -> Result<Vec<std::result::Result<Posted, Denied>>> {
        append::append(&self.pool, batch).await
    }

    async fn edit_message(
        &self,
        room: RoomId,
        message: MessageId,
        editor: UserId,
        body: &Body,
        expected: Option<Option<Timestamp>>,
        now: Timestamp,
    ) -> Result<Entry> {
        write!(self, db => messages::edit(db, room, message, editor, body, expected, now))
    }

    async fn delete_message(
        &self,
        room: RoomId,
        message: MessageId,
        by: UserId,
        any: bool,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        write!(self, db => messages::delete(db, room, message, by, any, now))
    }

    async fn add_reaction(
        &self,
        room: RoomId,
        message: MessageId,
        user: UserId,
        emoji: &Emoji,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        write!(self, db => reactions::add(db, room, message, user, emoji, now))
    }

    async fn remove_reaction(
        &self,
        room: RoomId,
        message: MessageId,
        user: UserId,
        emoji: &Emoji,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        write!(self, db => reactions::remove(db, room, message, user, emoji, now))
    }

    async fn find_message(&self, room: RoomId, message: MessageId) -> Result<Option<Message>> {
        read!(self, db => messages::find(db, room, message))
    }

    async fn page(&self, room: RoomId, anchor: Anchor, limit: u32) -> Result<MessagePage> {
        read!(self, db => log::page(db, room, anchor, limit))
    }

    async fn changes(&self, room: RoomId, since: u64, limit: u32) -> Result<LogPage> {
        read!(self, db => log::changes(db, room, since, limit))
    }

    async fn snapshots(
        &self,
        joining: &[Joining],
    ) -> Result<Vec<std::result::Result<Snapshot, Denied>>> {
        read!(self, db => joining::snapshots(db, joining))
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        one!(self.pool, db => log::heads(db, rooms))
    }
}
