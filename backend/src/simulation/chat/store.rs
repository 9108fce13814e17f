//! One node's way to the database. Answers come late; now and then the database cannot be asked, or
//! what it did is not heard of. What no history plays is refused.

use super::database::{Database, find_user, people, rooms};
use super::world::{Mood, World};
use crate::models::{
    Access, Account, AccountChange, Act, Actor, AdminUser, Body, Draft, Emoji, Ending, Entry, Me,
    MemberFact, MemberRole, Membership, Message, MessageId, NewRoom, NewSession, NewUser, NodeId,
    Notify, Room, RoomId, RoomKind, RoomPatch, Session, SessionId, Timestamp, TokenHash, User,
    UserId, UserPatch,
};
use crate::simulation::{Dice, Pulse};
use crate::store::{
    ActFilter, AllRoomsFilter, AllRoomsPage, Anchor, Belongings, Changed, Denied, Joining, Load,
    LogPage, Login, MessagePage, PeopleFilter, Posted, Result, RoomFilter, RoomPage, Size,
    Snapshot, Store, StoreError, UserFilter,
};
use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

/// How long a question or an answer travels at most.
const TRAVELS: Duration = Duration::from_millis(40);
/// The same on a busy day.
const DRAGS: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct DatabaseEnd {
    world: Arc<World>,
    pulse: Arc<Pulse>,
    dice: Mutex<Dice>,
}

impl DatabaseEnd {
    pub(super) fn new(world: &Arc<World>, pulse: &Arc<Pulse>) -> Self {
        Self {
            world: Arc::clone(world),
            pulse: Arc::clone(pulse),
            dice: Mutex::new(Dice::of(world.seed, 1_000 + pulse.number)),
        }
    }

    async fn ask<T>(&self, question: impl FnOnce(&mut Database) -> T) -> Result<T> {
        self.world.note_question();
        self.reach(question).await
    }

    async fn reach<T>(&self, question: impl FnOnce(&mut Database) -> T) -> Result<T> {
        let unavailable = || StoreError::Unavailable("it does not answer".to_owned());
        let (there, back, unheard) = {
            let mut dice = self.dice.lock().unwrap();
            let lively = self.world.mood() == Mood::Lively;
            let drags = lively && dice.one_in(20);
            let most = if drags { DRAGS } else { TRAVELS };
            let [there, back] = [0; 2].map(|_| dice.span(Duration::from_millis(1), most));
            (there, back, lively && dice.one_in(60))
        };
        self.pulse.awake().await;
        sleep(there).await;
        self.pulse.awake().await;
        if !self.world.is_database_up() {
            return Err(unavailable());
        }
        let (answer, epoch) = {
            let mut database = self.world.database();
            (question(&mut database), database.epoch())
        };
        sleep(back).await;
        self.pulse.awake().await;
        // What is on its way from a copy that is replaced is lost with it.
        let lost = unheard || self.world.database().epoch() != epoch;
        if lost || !self.world.is_database_up() {
            return Err(unavailable());
        }
        Ok(answer)
    }
}

fn unplayed<T>() -> Result<T> {
    Err(StoreError::Unavailable("no history plays this".to_owned()))
}

#[async_trait]
impl Store for DatabaseEnd {
    async fn epoch(&self) -> Result<String> {
        // A database tells it to each new connection; it is not asked for it.
        self.reach(|database| database.epoch()).await
    }

    fn name(&self) -> &'static str {
        "a play"
    }

    async fn ping(&self) -> Result<()> {
        self.ask(|_| ()).await
    }

    async fn maintain(&self, _: Timestamp) -> Result<()> {
        Ok(())
    }

    async fn beat(&self, _: NodeId, _: Duration) -> Result<Vec<NodeId>> {
        unplayed()
    }

    async fn size(&self) -> Result<Size> {
        unplayed()
    }

    fn load(&self) -> Load {
        Load {
            busy: 0,
            idle: 0,
            most: 0,
            prepared_until: None,
        }
    }

    async fn close(&self) {}

    async fn register(&self, _: NewUser, _: NewSession) -> Result<User> {
        unplayed()
    }

    async fn has_users(&self) -> Result<bool> {
        Ok(true)
    }

    async fn find_account(&self, _: &str) -> Result<Option<Account>> {
        unplayed()
    }

    async fn find_account_of(&self, _: UserId) -> Result<Option<Account>> {
        unplayed()
    }

    async fn find_user(&self, user: UserId) -> Result<Option<User>> {
        Ok(Some(find_user(user)))
    }

    async fn find_users(&self, users: &[UserId]) -> Result<Vec<User>> {
        Ok(users.iter().map(|user| find_user(*user)).collect())
    }

    async fn list_users(&self, _: UserFilter) -> Result<Vec<User>> {
        unplayed()
    }

    async fn find_me(&self, _: UserId) -> Result<Option<Me>> {
        unplayed()
    }

    async fn update_user(&self, _: UserId, _: UserPatch) -> Result<Option<Me>> {
        unplayed()
    }

    async fn saw_users(&self, _: &[(UserId, Timestamp)]) -> Result<()> {
        Ok(())
    }

    async fn create_session(&self, _: UserId, _: NewSession) -> Result<()> {
        unplayed()
    }

    async fn find_sessions(
        &self,
        tokens: &[TokenHash],
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<Option<Login>>> {
        self.ask(|database| {
            let logins = tokens.iter().map(|token| database.find_session(*token));
            logins.collect()
        })
        .await
    }

    async fn used_sessions(&self, _: &[(SessionId, Timestamp)]) -> Result<()> {
        Ok(())
    }

    async fn list_sessions(&self, _: UserId, _: Timestamp) -> Result<Vec<Session>> {
        unplayed()
    }

    async fn end_session(&self, _: UserId, _: SessionId) -> Result<bool> {
        unplayed()
    }

    async fn moves(&self, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
        self.ask(|database| {
            let moves = users.iter().map(|user| (*user, database.moves(*user)));
            moves.collect()
        })
        .await
    }

    async fn belongings(&self, users: &[UserId], _: Timestamp) -> Result<Vec<Option<Belongings>>> {
        self.ask(|database| {
            let users = users.iter().map(|user| Some(database.belongings(*user)));
            users.collect()
        })
        .await
    }

    async fn set_password(
        &self,
        _: UserId,
        _: &str,
        _: Option<SessionId>,
    ) -> Result<Vec<SessionId>> {
        unplayed()
    }

    async fn list_people(&self, _: PeopleFilter, _: Timestamp) -> Result<Vec<AdminUser>> {
        unplayed()
    }

    async fn change_account(&self, _: UserId, _: AccountChange, _: Actor) -> Result<Changed> {
        unplayed()
    }

    async fn end_logins(&self, _: UserId, _: Ending, _: Actor) -> Result<Vec<SessionId>> {
        unplayed()
    }

    async fn list_all_rooms(&self, _: AllRoomsFilter) -> Result<AllRoomsPage> {
        unplayed()
    }

    async fn list_acts(&self, _: ActFilter) -> Result<Vec<Act>> {
        unplayed()
    }

    async fn create_room(&self, _: NewRoom, _: UserId) -> Result<Room> {
        unplayed()
    }

    async fn open_direct(
        &self,
        _: RoomId,
        _: UserId,
        _: &[UserId],
        _: Timestamp,
    ) -> Result<Option<(Room, bool)>> {
        unplayed()
    }

    async fn find_access(&self, room: RoomId, user: UserId) -> Result<Option<Access>> {
        self.ask(|database| {
            Some(Access {
                kind: RoomKind::Private,
                archived: false,
                member_count: database.members(room).len() as u64,
                role: database.role(room, user),
            })
        })
        .await
    }

    async fn member_counts(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        self.ask(|database| {
            let count = |room| (room, database.members(room).len() as u64);
            rooms.iter().copied().map(count).collect()
        })
        .await
    }

    async fn find_room(&self, room: RoomId, viewer: UserId) -> Result<Option<Room>> {
        self.ask(|database| {
            let found = database.find_room(room, viewer);
            found.membership.is_some().then_some(found)
        })
        .await
    }

    async fn list_rooms(&self, _: UserId, _: RoomFilter) -> Result<RoomPage> {
        unplayed()
    }

    async fn update_room(
        &self,
        _: RoomId,
        _: UserId,
        _: RoomPatch,
        _: Timestamp,
    ) -> Result<Option<Entry>> {
        unplayed()
    }

    async fn archive_room(&self, _: RoomId, _: UserId, _: Timestamp) -> Result<Option<Entry>> {
        unplayed()
    }

    async fn add_members(
        &self,
        room: RoomId,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Entry>> {
        self.ask(|database| database.add_members(room, users, now))
            .await
    }

    async fn remove_member(
        &self,
        room: RoomId,
        user: UserId,
        by: UserId,
        _: Timestamp,
    ) -> Result<Vec<Entry>> {
        self.ask(|database| database.remove_member(room, user, by))
            .await
    }

    async fn set_member_role(
        &self,
        _: RoomId,
        _: UserId,
        _: MemberRole,
        _: Timestamp,
    ) -> Result<Option<Entry>> {
        unplayed()
    }

    async fn list_members(
        &self,
        room: RoomId,
        after: Option<&str>,
        _: u32,
    ) -> Result<Vec<MemberFact>> {
        // All of them fit on the first page.
        let first = after.is_none();
        self.ask(|database| {
            let members = first.then(|| database.members(room));
            members.unwrap_or_default()
        })
        .await
    }

    async fn find_members(&self, room: RoomId, users: &[UserId]) -> Result<Vec<MemberFact>> {
        self.ask(|database| {
            let mut members = database.members(room);
            members.retain(|fact| users.contains(&fact.user.id));
            members
        })
        .await
    }

    async fn find_membership(&self, _: RoomId, _: UserId) -> Result<Option<Membership>> {
        unplayed()
    }

    async fn set_notify(
        &self,
        _: RoomId,
        _: UserId,
        _: Option<Notify>,
        _: Option<Option<Timestamp>>,
    ) -> Result<Option<Membership>> {
        unplayed()
    }

    async fn mark_read(
        &self,
        _: RoomId,
        _: UserId,
        _: MessageId,
        _: bool,
    ) -> Result<(Membership, bool)> {
        unplayed()
    }

    /// Everybody knows everybody.
    async fn list_acquaintances(&self, _: &[UserId], _: u64) -> Result<Vec<(RoomId, UserId)>> {
        let first = rooms().take(1);
        Ok(first
            .flat_map(|room| people().map(move |user| (room, user)))
            .collect())
    }

    async fn append(&self, batch: &[Draft]) -> Result<Vec<std::result::Result<Posted, Denied>>> {
        self.ask(|database| batch.iter().map(|draft| database.append(draft)).collect())
            .await
    }

    async fn edit_message(
        &self,
        _: RoomId,
        _: MessageId,
        _: UserId,
        _: &Body,
        _: Option<Option<Timestamp>>,
        _: Timestamp,
    ) -> Result<Entry> {
        unplayed()
    }

    async fn delete_message(
        &self,
        _: RoomId,
        _: MessageId,
        _: UserId,
        _: bool,
        _: Timestamp,
    ) -> Result<Option<Entry>> {
        unplayed()
    }

    async fn add_reaction(
        &self,
        _: RoomId,
        _: MessageId,
        _: UserId,
        _: &Emoji,
        _: Timestamp,
    ) -> Result<Option<Entry>> {
        unplayed()
    }

    async fn remove_reaction(
        &self,
        _: RoomId,
        _: MessageId,
        _: UserId,
        _: &Emoji,
        _: Timestamp,
    ) -> Result<Option<Entry>> {
        unplayed()
    }

    async fn find_message(&self, _: RoomId, _: MessageId) -> Result<Option<Message>> {
        unplayed()
    }

    async fn page(&self, _: RoomId, _: Anchor, _: u32) -> Result<MessagePage> {
        unplayed()
    }

    async fn changes(&self, room: RoomId, since: u64, limit: u32) -> Result<LogPage> {
        self.ask(|database| database.changes(room, since, limit))
            .await
    }

    async fn snapshots(
        &self,
        joining: &[Joining],
    ) -> Result<Vec<std::result::Result<Snapshot, Denied>>> {
        self.ask(|database| joining.iter().map(|one| database.snapshot(one)).collect())
            .await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        self.ask(|database| {
            let heads = rooms.iter().map(|room| (*room, database.head(*room)));
            heads.collect()
        })
        .await
    }
}
