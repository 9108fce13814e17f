//! What is remembered: accounts, rooms, and each room's log.
//!
//! [`Store`] is a promise kept twice, by SQLite and by PostgreSQL, and examined once, by
//! `tests/stores.rs`. A method is one step: it happens whole, in one transaction, or not at all.
//! When it returns `Ok`, what it stored survives the crash of everything but the disk.
//!
//! Stores remember; they do not decide. They hold the rules that only a transaction can hold:
//! numbers without gaps, one message for one client id, membership at the moment of writing, one
//! owner at least. Time comes in as an argument; randomness is their own.
//!
//! # The log of a room
//!
//! Every durable thing that happens in a room takes the next `seq` in the same transaction, under
//! the lock of the room's head. Whoever needs several heads takes them in the order of room ids.
//! A reader therefore sees a prefix of each log, never a hole. The ids of entries ascend with
//! `seq` ([`crate::models::ids::mint`]).

pub mod audit;
mod entry;
pub mod error;
mod joining;
mod operators;
pub mod postgres;
mod repeats;
pub mod sqlite;

use crate::models::{
    Access, Account, AccountChange, Act, Actor, AdminUser, Body, Draft, Emoji, Ending, Entry, Me,
    MemberFact, MemberRole, Membership, Message, MessageId, NewRoom, NewSession, NewUser, NodeId,
    Notify, Role, Room, RoomId, RoomKind, RoomPatch, Session, SessionId, Timestamp, TokenHash,
    User, UserId, UserPatch,
};
use async_trait::async_trait;
pub use error::{Denied, StoreError};
pub use joining::{Feed, Joining, Snapshot};
pub use operators::{ActFilter, AllRoomsFilter, AllRoomsPage, Changed, PeopleFilter};
use std::time::Duration;

/// Shorthand for what every method answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Everything that is remembered.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug + 'static {
    // ── The whole ──────────────────────────────────────────────────────────────

    /// Which history this is: another word after a restore or a failover to another history.
    async fn epoch(&self) -> Result<String>;

    /// What operators call it.
    fn name(&self) -> &'static str;

    /// Whether a transaction can be made now.
    async fn ping(&self) -> Result<()>;

    /// Regular upkeep, idempotent, at start and then hourly: partitions for the months ahead
    /// (where there are partitions), expired sessions and nodes long gone forgotten.
    async fn maintain(&self, now: Timestamp) -> Result<()>;

    /// This node lives, and is believed to for `lease` from now, by the database's own clock. Answers
    /// which others live, in no particular order.
    async fn beat(&self, node: NodeId, lease: Duration) -> Result<Vec<NodeId>>;

    /// What it takes on the disk, and what is left there.
    async fn size(&self) -> Result<Size>;

    /// How busy it is. Asks nobody and waits for nothing.
    fn load(&self) -> Load;

    /// Ends gracefully: what was begun is finished, connections are closed.
    async fn close(&self);

    // ── Accounts ───────────────────────────────────────────────────────────────

    /// Makes an account and its first session. The first account of all becomes `Owner`, every
    /// other `Member`, decided in the transaction.
    ///
    /// # Errors
    /// [`StoreError::Taken`] with `"username"` or `"email"`.
    async fn register(&self, user: NewUser, session: NewSession) -> Result<User>;

    /// Whether there is any account yet.
    async fn has_users(&self) -> Result<bool>;

    /// The account with this username or e-mail address, both already folded. A username wins.
    async fn find_account(&self, login: &str) -> Result<Option<Account>>;

    /// The account of this user.
    async fn find_account_of(&self, user: UserId) -> Result<Option<Account>>;

    async fn find_user(&self, user: UserId) -> Result<Option<User>>;

    /// Those of `users` that exist, in no particular order.
    async fn find_users(&self, users: &[UserId]) -> Result<Vec<User>>;

    /// People who can log in, by username. Whoever cannot is found by id alone.
    async fn list_users(&self, filter: UserFilter) -> Result<Vec<User>>;

    async fn find_me(&self, user: UserId) -> Result<Option<Me>>;

    /// Changes what somebody says about themselves and answers how they are now; `None` when
    /// there is no such user.
    ///
    /// # Errors
    /// [`StoreError::Taken`] with `"email"`.
    async fn update_user(&self, user: UserId, patch: UserPatch) -> Result<Option<Me>>;

    /// Remembers that these people were connected at these moments. Never moves back.
    async fn saw_users(&self, seen: &[(UserId, Timestamp)]) -> Result<()>;

    // ── Sessions ───────────────────────────────────────────────────────────────

    async fn create_session(&self, user: UserId, session: NewSession) -> Result<()>;

    /// The logins with these tokens, in the same order, all from one snapshot. `None` for one that
    /// there is none of, that is past its end, that was last used before `idle_since`, or whose user is
    /// deactivated.
    async fn find_sessions(
        &self,
        tokens: &[TokenHash],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Option<Login>>>;

    /// Remembers that these logins were used at these moments. Never moves back.
    async fn used_sessions(&self, used: &[(SessionId, Timestamp)]) -> Result<()>;

    /// The user's logins that are not past their end, newest first.
    async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>>;

    /// Ends one login of this user. `false` when there was none.
    async fn end_session(&self, user: UserId, session: SessionId) -> Result<bool>;

    /// How often a membership or a login of each of these users came or went, or their role changed,
    /// for those that exist. Moved by the transaction that makes or ends a membership, ends a login
    /// before its time or changes the role, so that whoever remembers a number can tell whether to look again.
    async fn moves(&self, users: &[UserId]) -> Result<Vec<(UserId, u64)>>;

    /// What belongs to these users, in the same order, all from one snapshot; `None` where there is
    /// no such user.
    async fn belongings(&self, users: &[UserId], now: Timestamp)
    -> Result<Vec<Option<Belongings>>>;

    /// Sets a new password and ends all logins of the user but `keep`, which it names.
    async fn set_password(
        &self,
        user: UserId,
        password_hash: &str,
        keep: Option<SessionId>,
    ) -> Result<Vec<SessionId>>;

    // ── Operators ──────────────────────────────────────────────────────────────

    /// People as operators see them, by username.
    async fn list_people(&self, filter: PeopleFilter, now: Timestamp) -> Result<Vec<AdminUser>>;

    /// Changes role or state of an account, if whoever asks may: an owner that of others, an admin
    /// that of members and guests. Deactivating ends all logins. Each thing that changed is written
    /// down as an [`Act`]; where nothing does, nothing is.
    ///
    /// # Errors
    /// [`Denied`]: `NoUser`, `Oneself`, `NotGoverning`, `LastServerOwner`.
    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        by: Actor,
    ) -> Result<Changed>;

    /// Ends logins of somebody, if whoever asks may: one's own, and those of whom one governs. Answers
    /// which ended; if any did, it is written down.
    ///
    /// # Errors
    /// [`Denied`]: `NoUser`, `NotGoverning`.
    async fn end_logins(&self, user: UserId, which: Ending, by: Actor) -> Result<Vec<SessionId>>;

    /// All rooms, as operators see them.
    async fn list_all_rooms(&self, filter: AllRoomsFilter) -> Result<AllRoomsPage>;

    /// What operators did, newest first.
    async fn list_acts(&self, filter: ActFilter) -> Result<Vec<Act>>;

    // ── Rooms ──────────────────────────────────────────────────────────────────

    /// Makes a room with `creator` as its owner and only member. Its log is empty.
    async fn create_room(&self, room: NewRoom, creator: UserId) -> Result<Room>;

    /// The one direct room of exactly `people` (2 to 20, the caller among them, any order), made
    /// with this id if there is none; whether it was made. `None` when one of them does not
    /// exist. All are plain members. Two callers at once get the same room.
    async fn open_direct(
        &self,
        id: RoomId,
        caller: UserId,
        people: &[UserId],
        now: Timestamp,
    ) -> Result<Option<(Room, bool)>>;

    /// What `user` may do with `room`; `None` when there is no such room.
    async fn find_access(&self, room: RoomId, user: UserId) -> Result<Option<Access>>;

    /// How many members each of these rooms has, for those that exist.
    async fn member_counts(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>>;

    /// The room as `viewer` sees it, with their membership and the last message, deleted or not.
    async fn find_room(&self, room: RoomId, viewer: UserId) -> Result<Option<Room>>;

    /// Rooms the viewer may know of: all public ones and those they are a member of; newest
    /// activity first, with membership and last message.
    async fn list_rooms(&self, viewer: UserId, filter: RoomFilter) -> Result<RoomPage>;

    /// Changes name or topic: a `RoomUpdated` entry. `None` when it changed nothing.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`, `Archived`.
    async fn update_room(
        &self,
        room: RoomId,
        by: UserId,
        patch: RoomPatch,
        now: Timestamp,
    ) -> Result<Option<Entry>>;

    /// Archives the room: a `RoomArchived` entry. `None` when it already was.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`.
    async fn archive_room(&self, room: RoomId, by: UserId, now: Timestamp)
    -> Result<Option<Entry>>;

    // ── Members ────────────────────────────────────────────────────────────────

    /// Makes these people plain members: a `MemberAdded` entry for each who was not one yet, in
    /// the order given. Their read markers start at the head, that is, at their own entry.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `Archived`, `NoUser` (then nobody is added).
    async fn add_members(
        &self,
        room: RoomId,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Entry>>;

    /// Takes a membership away: a `MemberRemoved` entry, and when the last owner went while others
    /// remain, a `MemberChanged` entry for the successor: the oldest admin, else the oldest
    /// member. Empty when they were none.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `Archived`.
    async fn remove_member(
        &self,
        room: RoomId,
        user: UserId,
        by: UserId,
        now: Timestamp,
    ) -> Result<Vec<Entry>>;

    /// Gives a member another role: a `MemberChanged` entry; `None` when it is theirs already.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NoUser` (not a member), `Archived`, `LastOwner`.
    async fn set_member_role(
        &self,
        room: RoomId,
        user: UserId,
        role: MemberRole,
        now: Timestamp,
    ) -> Result<Option<Entry>>;

    /// Members by `(username)` after the username `after`.
    async fn list_members(
        &self,
        room: RoomId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<MemberFact>>;

    /// Those of `users` who are members, in no particular order.
    async fn find_members(&self, room: RoomId, users: &[UserId]) -> Result<Vec<MemberFact>>;

    async fn find_membership(&self, room: RoomId, user: UserId) -> Result<Option<Membership>>;

    /// Sets what the member wants to be told; outer `None` leaves a setting, inner `None` of
    /// `muted_until` ends the muting. Answers the membership as it now is; `None` for a stranger.
    async fn set_notify(
        &self,
        room: RoomId,
        user: UserId,
        notify: Option<Notify>,
        muted_until: Option<Option<Timestamp>>,
    ) -> Result<Option<Membership>>;

    /// Moves the read marker to this message: forward only, or anywhere with `force`, which marks
    /// what comes after the message as unread. Answers the membership as it now is and whether
    /// the marker moved.
    ///
    /// # Errors
    /// [`Denied`]: `NotMember`, `NoMessage`.
    async fn mark_read(
        &self,
        room: RoomId,
        user: UserId,
        message: MessageId,
        force: bool,
    ) -> Result<(Membership, bool)>;

    /// The members of each room of at most `largest` members that any of `users` is a member of:
    /// they themselves and those who know them, each membership once, in no particular order.
    async fn list_acquaintances(
        &self,
        users: &[UserId],
        largest: u64,
    ) -> Result<Vec<(RoomId, UserId)>>;

    // ── Messages ───────────────────────────────────────────────────────────────

    /// Gives each draft the next place in its room, all in one transaction with one flush, in the
    /// order given. Answers one result a draft, in the same order; one refused item never spoils
    /// the others. The author's read marker moves to the new message. Mentions are the members
    /// called by name, looked up here.
    ///
    /// A draft with a client id that its author has used in that room within the last seven days
    /// (at least) stores nothing and answers the first message as it now is; also when the room
    /// has been archived since, but never to somebody who is no longer a member.
    ///
    /// # Errors
    /// Of one item, [`Denied`]: `NoRoom`, `NotMember`, `Archived`, `NoMessage` (what it replies
    /// to), `Unknown`. Of all: the database cannot be reached; then the outcome is unknown and the same
    /// batch may be given again.
    async fn append(&self, batch: &[Draft]) -> Result<Vec<std::result::Result<Posted, Denied>>>;

    /// Changes the text of one's own message: a `MessageUpdated` entry. `edited_at` is `now`, or a
    /// moment after that of the edit before, so that it tells the texts of a message apart.
    ///
    /// With `expected`, only if that is still its `edited_at`, or it says the same as `body` already: an
    /// edit whose answer was lost is no conflict when it comes again.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`, `Archived`, `NoMessage` (none, or deleted), `NotAuthor`,
    /// `Overtaken` (not what was expected).
    async fn edit_message(
        &self,
        room: RoomId,
        message: MessageId,
        editor: UserId,
        body: &Body,
        expected: Option<Option<Timestamp>>,
        now: Timestamp,
    ) -> Result<Entry>;

    /// Deletes a message, one's own, or anybody's when `any`: text, metadata, mentions and
    /// reactions are gone for good; a `MessageDeleted` entry. `None` when it already was.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`, `Archived`, `NoMessage`, `NotAuthor`.
    async fn delete_message(
        &self,
        room: RoomId,
        message: MessageId,
        by: UserId,
        any: bool,
        now: Timestamp,
    ) -> Result<Option<Entry>>;

    /// Puts an emoji on a message: a `ReactionAdded` entry, `None` when it is there already.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`, `Archived`, `NoMessage` (none, or deleted), `TooMany`
    /// ([`crate::models::Reaction::KINDS`] different ones).
    async fn add_reaction(
        &self,
        room: RoomId,
        message: MessageId,
        user: UserId,
        emoji: &Emoji,
        now: Timestamp,
    ) -> Result<Option<Entry>>;

    /// Takes it off again: a `ReactionRemoved` entry, `None` when it was not there.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NotMember`, `Archived`, `NoMessage`.
    async fn remove_reaction(
        &self,
        room: RoomId,
        message: MessageId,
        user: UserId,
        emoji: &Emoji,
        now: Timestamp,
    ) -> Result<Option<Entry>>;

    async fn find_message(&self, room: RoomId, message: MessageId) -> Result<Option<Message>>;

    // ── Reading the log ────────────────────────────────────────────────────────

    /// One page of messages, ascending, with the room's head, all from one snapshot.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `NoMessage` (the anchor is not in this room).
    async fn page(&self, room: RoomId, anchor: Anchor, limit: u32) -> Result<MessagePage>;

    /// The log after `since`: at most `limit` entries, ascending without a gap, with the head, all
    /// from one snapshot.
    ///
    /// # Errors
    /// [`Denied`]: `NoRoom`, `Forgotten` (retention has dropped entries after `since`).
    async fn changes(&self, room: RoomId, since: u64, limit: u32) -> Result<LogPage>;

    /// All that joining rooms needs, in the order given, all from one snapshot: the room as the viewer
    /// sees it, its first members, and either the log after `since` or the newest page. `since` above
    /// the head, more than `behind` entries back, or forgotten gives the newest page. What is at hand
    /// is not read.
    ///
    /// # Errors
    /// Of one, [`Denied`]: `NoRoom`, `NotMember`.
    async fn snapshots(
        &self,
        joining: &[Joining],
    ) -> Result<Vec<std::result::Result<Snapshot, Denied>>>;

    /// The heads of those of `rooms` that exist.
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>>;
}

/// A login, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    pub session: Session,
    pub user: User,
    /// See [`Store::moves`]: as long as the count is this one, the login has not been ended.
    pub moves: u64,
}

/// What belongs to a user, from one snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongings {
    /// See [`Store::moves`].
    pub moves: u64,
    /// What they may do on this server; nothing when there is no such user.
    pub role: Option<Role>,
    /// The rooms they are a member of.
    pub rooms: Vec<RoomId>,
    /// Their logins that are not past their end.
    pub sessions: Vec<SessionId>,
}

/// What `append` did with a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    pub message: Message,
    /// The client id was known: nothing was stored.
    pub duplicate: bool,
}

/// Which people to list.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// The beginning of a username or a display name, any case.
    pub query: String,
    /// Only these.
    pub among: Option<Vec<UserId>>,
    /// The username with which the page before ended.
    pub after: Option<String>,
    pub limit: u32,
}

/// Which rooms to list.
#[derive(Clone, Debug, Default)]
pub struct RoomFilter {
    pub kind: Option<RoomKind>,
    /// Only rooms the viewer is a member of.
    pub joined: bool,
    /// Part of the name, any case.
    pub query: String,
    /// Where the page before ended.
    pub after: Option<(Timestamp, RoomId)>,
    pub limit: u32,
}

/// Rooms, and where the next page begins if there is one.
#[derive(Clone, Debug)]
pub struct RoomPage {
    pub rooms: Vec<Room>,
    pub next: Option<(Timestamp, RoomId)>,
}

/// How busy a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Connections in use. Of SQLite, those that read: there is one more that writes.
    pub busy: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// The most that are opened.
    pub most: u32,
    /// Until when [`Store::maintain`] has made the partitions of the log, where there are any.
    pub prepared_until: Option<Timestamp>,
}

/// How large a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub bytes: u64,
    /// What is free for it on its disk, where that can be seen from here.
    pub free_bytes: Option<u64>,
}

/// Where a page of messages lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Newest,
    /// The messages just before this one.
    Before(MessageId),
    /// The messages just after this one.
    After(MessageId),
    /// Half of the page before this message, this message, and the rest after it.
    Around(MessageId),
    /// Like `Around` the first message at or after this moment; the newest page if there is none.
    At(Timestamp),
}

/// One page of messages, ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    pub last_seq: u64,
    pub has_before: bool,
    pub has_after: bool,
}

/// One page of a log, ascending, without a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct LogPage {
    pub entries: Vec<Entry>,
    pub last_seq: u64,
}
