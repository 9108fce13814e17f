//! The store in SQLite: one file, one thread that writes, a few connections that read.
//!
//! Nothing here decides how steps are batched ([`writer`]) or what they do (one file a feature):
//! this is where the promise and its keepers meet.

mod accounts;
mod append;
mod audit;
mod belongings;
mod connection;
mod head;
mod joining;
mod log;
mod members;
mod messages;
mod nodes;
mod operators;
mod reactions;
mod readers;
mod reads;
mod rooms;
mod rows;
mod sessions;
mod upkeep;
mod values;
mod writer;

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
use readers::Readers;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use writer::Writer;

/// Everything in one file. What is acknowledged has been flushed to the disk.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    /// Nobody can put another history in the place of a file that is in use.
    epoch: String,
}

impl SqliteStore {
    /// Opens the database file, making it and its folder if they are not there, and brings its
    /// schema up to date. A file `<path>.lock` beside it keeps it to this process until
    /// [`close`](Store::close), or until the process ends in whatever way.
    ///
    /// Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// [`super::StoreError::Unavailable`] with a sentence for the operator: another process has
    /// it, it cannot be opened, or a newer version of the program wrote it.
    pub fn open(path: &Path) -> Result<Arc<Self>> {
        let lock = connection::lock(path)?;
        let connection = connection::open_writer(path)?;
        let epoch = upkeep::epoch(&connection)?;
        let readers = Readers::open(path)?;
        let writer = Writer::start(connection, lock)?;
        Ok(Arc::new(Self {
            writer,
            readers,
            epoch,
        }))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn epoch(&self) -> Result<String> {
        Ok(self.epoch.clone())
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }

    async fn ping(&self) -> Result<()> {
        self.writer.run(|_| Ok(())).await
    }

    async fn maintain(&self, now: Timestamp) -> Result<()> {
        self.writer.run(move |db| upkeep::maintain(db, now)).await
    }

    async fn beat(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>> {
        self.writer
            .run(move |db| nodes::beat(db, node, lease))
            .await
    }

    async fn size(&self) -> Result<Size> {
        self.readers.run(upkeep::size).await
    }

    fn load(&self) -> Load {
        self.readers.load()
    }

    async fn close(&self) {
        // The writer last: closing the last connection folds the log of SQLite back into the file.
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn register(&self, user: NewUser, session: NewSession) -> Result<User> {
        self.writer
            .run(move |db| accounts::register(db, &user, &session))
            .await
    }

    async fn has_users(&self) -> Result<bool> {
        self.readers.run(accounts::has_users).await
    }

    async fn find_account(&self, login: &str) -> Result<Option<Account>> {
        let login = login.to_owned();
        self.readers
            .run(move |db| accounts::find_account(db, &login))
            .await
    }

    async fn find_account_of(&self, user: UserId) -> Result<Option<Account>> {
        self.readers
            .run(move |db| accounts::find_account_of(db, user))
            .await
    }

    async fn find_user(&self, user: UserId) -> Result<Option<User>> {
        self.readers
            .run(move |db| accounts::find_user(db, user))
            .await
    }

    async fn find_users(&self, users: &[UserId]) -> Result<Vec<User>> {
        let users = users.to_vec();
        self.readers
            .run(move |db| accounts::find_users(db, &users))
            .await
    }

    async fn list_users(&self, filter: UserFilter) -> Result<Vec<User>> {
        self.readers
            .run(move |db| accounts::list_users(db, &filter))
            .await
    }

    async fn find_me(&self, user: UserId) -> Result<Option<Me>> {
        self.readers
            .run(move |db| accounts::find_me(db, user))
            .await
    }

    async fn update_user(&self, user: UserId, patch: UserPatch) -> Result<Option<Me>> {
        self.writer
            .run(move |db| accounts::update_user(db, user, patch))
            .await
    }

    async fn saw_users(&self, seen: &[(UserId, Timestamp)]) -> Result<()> {
        let seen = seen.to_vec();
        self.writer
            .run(move |db| accounts::saw_users(db, &seen))
            .await
    }

    async fn create_session(&self, user: UserId, session: NewSession) -> Result<()> {
        self.writer
            .run(move |db| sessions::create(db, user, &session))
            .await
    }

    async fn find_sessions(
        &self,
        tokens: &[TokenHash],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Option<Login>>> {
        let tokens = tokens.to_vec();
        self.readers
            .run(move |db| sessions::find(db, &tokens, now, idle_since))
            .await
    }

    async fn used_sessions(&self, used: &[(SessionId, Timestamp)]) -> Result<()> {
        let used = used.to_vec();
        self.writer.run(move |db| sessions::used(db, &used)).await
    }

    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        self.readers
            .run(move |db| sessions::list(db, user, now))
            .await
    }

    async fn end_session(&self, user: UserId, session: SessionId) -> Result<bool> {
        self.writer
            .run(move |db| sessions::end(db, user, session))
            .await
    }

    async fn moves(&self, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
        let users = users.to_vec();
        self.readers
            .run(move |db| belongings::moves(db, &users))
            .await
    }

    async fn belongings(
        &self,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Option<Belongings>>> {
        let users = users.to_vec();
        self.readers
            .run(move |db| belongings::find(db, &users, now))
            .await
    }

    async fn set_password(
        &self,
        user: UserId,
        password_hash: &str,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>> {
        let password_hash = password_hash.to_owned();
        self.writer
            .run(move |db| sessions::set_password(db, user, &password_hash, keep))
            .await
    }

    async fn list_people(&self, filter: PeopleFilter, now: Timestamp) -> Result<Vec<AdminUser>> {
        self.readers
            .run(move |db| operators::list_people(db, &filter, now))
            .await
    }

    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        by: Actor,
    ) -> Result<Changed> {
        self.writer
            .run(move |db| operators::change_account(db, user, change, &by))
            .await
    }

    async fn end_logins(&self, user: UserId, which: Ending, by: Actor) -> Result<Vec<SessionId>> {
        self.writer
            .run(move |db| operators::end_logins(db, user, which, &by))
            .await
    }

    async fn list_all_rooms(&self, filter: AllRoomsFilter) -> Result<AllRoomsPage> {
        self.readers
            .run(move |db| operators::list_all_rooms(db, &filter))
            .await
    }

    async fn list_acts(&self, filter: ActFilter) -> Result<Vec<Act>> {
        self.readers
            .run(move |db| operators::list_acts(db, &filter))
            .await
    }

    async fn create_room(&self, room: NewRoom, creator: UserId) -> Result<Room> {
        self.writer
            .run(move |db| rooms::create(db, &room, creator))
            .await
    }

    async fn open_direct(
        &self,
        id: RoomId,
        caller: UserId,
        people: &[UserId],
        now: Timestamp,
    ) -> Result<Option<(Room, bool)>> {
        let people = people.to_vec();
        self.writer
            .run(move |db| rooms::open_direct(db, id, caller, &people, now))
            .await
    }

    async fn find_access(&self, room: RoomId, user: UserId) -> Result<Option<Access>> {
        self.readers
            .run(move |db| rooms::find_access(db, room, user))
            .await
    }

    async fn member_counts(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        let rooms = rooms.to_vec();
        self.readers
            .run(move |db| rooms::member_counts(db, &rooms))
            .await
    }

    async fn find_room(&self, room: RoomId, viewer: UserId) -> Result<Option<Room>> {
        self.readers
            .run(move |db| rooms::find(db, room, viewer))
            .await
    }

    async fn list_rooms(&self, viewer: UserId, filter: RoomFilter) -> Result<RoomPage> {
        self.readers
            .run(move |db| rooms::list(db, viewer, &filter))
            .await
    }

    async fn update_room(
        &self,
        room: RoomId,
        by: UserId,
        patch: RoomPatch,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        self.writer
            .run(move |db| rooms::update(db, room, by, &patch, now))
            .await
    }

    async fn archive_room(
        &self,
        room: RoomId,
        by: UserId,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        self.writer
            .run(move |db| rooms::archive(db, room, by, now))
            .await
    }

    async fn add_members(
        &self,
        room: RoomId,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Entry>> {
        let users = users.to_vec();
        self.writer
            .run(move |db| members::add(db, room, &users, now))
            .await
    }

    async fn remove_member(
        &self,
        room: RoomId,
        user: UserId,
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<Entry>> {
        self.writer
            .run(move |db| members::remove(db, room, user, by, now))
            .await
    }

    async fn set_member_role(
        &self,
        room: RoomId,
        user: UserId,
        role: MemberRole,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        self.writer
            .run(move |db| members::set_role(db, room, user, role, now))
            .await
    }

    async fn list_members(
        &self,
        room: RoomId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<MemberFact>> {
        let after = after.map(str::to_owned);
        self.readers
            .run(move |db| members::list(db, room, after.as_deref(), limit))
            .await
    }

    async fn find_members(&self, room: RoomId, users: &[UserId]) -> Result<Vec<MemberFact>> {
        let users = users.to_vec();
        self.readers
            .run(move |db| members::find(db, room, &users))
            .await
    }

    async fn find_membership(&self, room: RoomId, user: UserId) -> Result<Option<Membership>> {
        self.readers
            .run(move |db| reads::find_membership(db, room, user))
            .await
    }

    async fn set_notify(
        &self,
        room: RoomId,
        user: UserId,
        notify: Option<Notify>,
        muted_until: Option<Option<Timestamp>>,
    ) -> Result<Option<Membership>> {
        self.writer
            .run(move |db| members::set_notify(db, room, user, notify, muted_until))
            .await
    }

    async fn mark_read(
        &self,
        room: RoomId,
        user: UserId,
        message: MessageId,
        force: bool,
    ) -> Result<(Membership, bool)> {
        self.writer
            .run(move |db| reads::mark(db, room, user, message, force))
            .await
    }

    async fn list_acquaintances(
        &self,
        users: &[UserId],
        largest: u64,
    ) -> Result<Vec<(RoomId, UserId)>> {
        let users = users.to_vec();
        self.readers
            .run(move |db| members::list_acquaintances(db, &users, largest))
            .await
    }

    async fn append(&self, batch: &[Draft]) -> Result<Vec<std::result::Result<Posted, Denied>>> {
        let batch = batch.to_vec();
        self.writer.run(move |db| append::append(db, &batch)).await
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
        let body = body.clone();
        self.writer
            .run(move |db| messages::edit(db, room, message, editor, &body, expected, now))
            .await
    }

    async fn delete_message(
        &self,
        room: RoomId,
        message: MessageId,
        by: UserId,
        any: bool,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        self.writer
            .run(move |db| messages::delete(db, room, message, by, any, now))
            .await
    }

    async fn add_reaction(
        &self,
        room: RoomId,
        message: MessageId,
        user: UserId,
        emoji: &Emoji,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        let emoji = emoji.clone();
        self.writer
            .run(move |db| reactions::add(db, room, message, user, &emoji, now))
            .await
    }

    async fn remove_reaction(
        &self,
        room: RoomId,
        message: MessageId,
        user: UserId,
        emoji: &Emoji,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        let emoji = emoji.clone();
        self.writer
            .run(move |db| reactions::remove(db, room, message, user, &emoji, now))
            .await
    }

    async fn find_message(&self, room: RoomId, message: MessageId) -> Result<Option<Message>> {
        self.readers
            .run(move |db| messages::find(db, room, message))
            .await
    }

    async fn page(&self, room: RoomId, anchor: Anchor, limit: u32) -> Result<MessagePage> {
        self.readers
            .run(move |db| log::page(db, room, anchor, limit))
            .await
    }

    async fn changes(&self, room: RoomId, since: u64, limit: u32) -> Result<LogPage> {
        self.readers
            .run(move |db| log::changes(db, room, since, limit))
            .await
    }

    async fn snapshots(
        &self,
        joining: &[Joining],
    ) -> Result<Vec<std::result::Result<Snapshot, Denied>>> {
        let joining = joining.to_vec();
        self.readers
            .run(move |db| joining::snapshots(db, &joining))
            .await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        let rooms = rooms.to_vec();
        self.readers.run(move |db| log::heads(db, &rooms)).await
    }
}
