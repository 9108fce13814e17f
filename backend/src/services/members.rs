//! Coming into rooms, leaving them, and what members may do.

use super::access::Reader;
use super::limits::{LimitKey, Rule};
use super::{Caller, Chat, ChatError, Member, check};
use crate::models::{
    Change, MemberFact, MemberRole, Membership, Notify, Presence, RoomId, RoomKind, Status, UserId,
};
use crate::protocol::rooms::{self as protocol, ListMembers, Members, PatchMembership};
use std::sync::Arc;

/// People added in one request.
const ADDED_AT_ONCE: usize = 200;
/// Members read from the store at a time when all are wanted.
const READ_AT_ONCE: u32 = 1000;

/// What becoming a member counts as, beside what the caller has paid already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charge {
    Nothing,
    Join,
}

/// People who are members now, and whether any of them was not before.
#[derive(Debug)]
pub struct Added {
    pub members: Vec<protocol::Member>,
    pub any_new: bool,
}

impl Chat {
    /// Makes the caller a member of a public room, unless they are one.
    ///
    /// # Errors
    /// `NotFound` for a private room they are not a member of, `Gone`, `RateLimited`.
    pub async fn join(
        self: &Arc<Self>,
        caller: &Caller,
        room: RoomId,
    ) -> Result<Member, ChatError> {
        self.limits.check(Rule::Join, LimitKey::User(caller.id()))?;
        self.become_member(caller, room, Charge::Nothing).await
    }

    /// [`Chat::join`], limited as said: resuming takes up many rooms at once, and pays only for
    /// those it really joins.
    pub(super) async fn become_member(
        self: &Arc<Self>,
        caller: &Caller,
        room: RoomId,
        charge: Charge,
    ) -> Result<Member, ChatError> {
        let user = caller.id();
        let access = self
            .store
            .find_access(room, user)
            .await?
            .ok_or(ChatError::NotFound("room"))?;
        let role = match (access.role, access.kind) {
            (Some(role), _) => role,
            (None, RoomKind::Public) => {
                if charge == Charge::Join {
                    self.limits.check(Rule::Join, LimitKey::User(user))?;
                }
                let chat = Arc::clone(self);
                self.to_the_end(async move { chat.add(room, &[user]).await })
                    .await?;
                MemberRole::Member
            }
            (None, RoomKind::Private | RoomKind::Direct) => {
                return Err(ChatError::NotFound("room"));
            }
        };
        Ok(Member {
            room,
            user,
            kind: access.kind,
            role,
        })
    }

    /// Makes the caller a member of a public room and answers how they stand in it.
    ///
    /// # Errors
    /// As [`Chat::join`].
    pub async fn join_as_member(
        self: &Arc<Self>,
        caller: &Caller,
        room: RoomId,
    ) -> Result<Added, ChatError> {
        let before = self.store.find_access(room, caller.id()).await?;
        let was_member = before.is_some_and(|access| access.role.is_some());
        let member = self.join(caller, room).await?;
        let members = self.find_shown(room, &[member.user]).await?;
        Ok(Added {
            members,
            any_new: !was_member,
        })
    }

    /// Adds people to a room. Answers those of them who are members now.
    ///
    /// # Errors
    /// `Forbidden` in a direct room, `Invalid`, `NotFound` for people who do not exist, `Gone`.
    pub async fn add_members(
        self: &Arc<Self>,
        member: Member,
        people: &[String],
    ) -> Result<Added, ChatError> {
        member.not_direct()?;
        let people = check::people(people, ADDED_AT_ONCE)?;
        self.limits.check(Rule::Join, LimitKey::User(member.user))?;
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            let any_new = chat.add(member.room, &people).await?;
            let members = chat.find_shown(member.room, &people).await?;
            Ok(Added { members, any_new })
        })
        .await
    }

    /// Answers whether anybody was not a member before.
    async fn add(&self, room: RoomId, people: &[UserId]) -> Result<bool, ChatError> {
        let entries = self
            .store
            .add_members(room, people, self.clock.now())
            .await?;
        let mut new = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Change::MemberAdded(fact) = &entry.change {
                new.push(fact.user.id);
            }
            self.feed.announce(entry).await;
        }
        self.moved(&new).await;
        Ok(!new.is_empty())
    }

    async fn find_shown(
        &self,
        room: RoomId,
        people: &[UserId],
    ) -> Result<Vec<protocol::Member>, ChatError> {
        let facts = self.store.find_members(room, people).await?;
        let mut members = self.feed.show_members(room, facts).await;
        members.sort_by_cached_key(sort_key);
        Ok(members)
    }

    /// Leaves the room, or removes somebody from it. Their feed ends at once.
    ///
    /// # Errors
    /// `Forbidden` in a direct room, for removing others unless owner or admin, and for an admin
    /// removing an owner; `NotFound` when they are no member.
    pub async fn remove_member(
        self: &Arc<Self>,
        member: Member,
        user: UserId,
    ) -> Result<(), ChatError> {
        member.not_direct()?;
        if user != member.user {
            member.governing()?;
            if self.role_of(member.room, user).await? == MemberRole::Owner
                && member.role != MemberRole::Owner
            {
                return Err(ChatError::Forbidden("only owners may remove an owner"));
            }
        }
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            let entries = chat
                .store
                .remove_member(member.room, user, member.user, chat.clock.now())
                .await?;
            if entries.is_empty() {
                return Err(ChatError::NotFound("member"));
            }
            for entry in entries {
                chat.feed.announce(entry).await;
            }
            chat.moved(&[user]).await;
            Ok(())
        })
        .await
    }

    /// Gives a member another role. Only owners make and unmake owners.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `Conflict` for the last owner, `Invalid`, `Gone`.
    pub async fn set_member_role(
        self: &Arc<Self>,
        member: Member,
        user: UserId,
        role: &str,
    ) -> Result<protocol::Member, ChatError> {
        let role = MemberRole::from_word(role)
            .ok_or_else(|| ChatError::invalid("role", "role must be owner, admin or member"))?;
        member.not_direct()?;
        member.governing()?;
        let touches_owner = role == MemberRole::Owner
            || self.role_of(member.room, user).await? == MemberRole::Owner;
        if touches_owner && member.role != MemberRole::Owner {
            return Err(ChatError::Forbidden(
                "only owners may make or unmake an owner",
            ));
        }
        let chat = Arc::clone(self);
        self.to_the_end(async move {
            if let Some(entry) = chat
                .store
                .set_member_role(member.room, user, role, chat.clock.now())
                .await?
            {
                chat.feed.announce(entry).await;
            }
            chat.find_shown(member.room, &[user])
                .await?
                .pop()
                .ok_or(ChatError::NotFound("member"))
        })
        .await
    }

    async fn role_of(&self, room: RoomId, user: UserId) -> Result<MemberRole, ChatError> {
        let access = self.store.find_access(room, user).await?;
        access
            .and_then(|access| access.role)
            .ok_or(ChatError::NotFound("member"))
    }

    /// One page of members, those online first, then by username.
    ///
    /// # Errors
    /// `Invalid` for a limit or cursor.
    pub async fn members(
        &self,
        reader: &Reader,
        request: ListMembers,
    ) -> Result<Members, ChatError> {
        let limit = check::limit(request.limit, 100, 200)? as usize;
        let after = request
            .cursor
            .as_deref()
            .map(check::parse_name_cursor)
            .transpose()?;
        let mut members = self.all_members(reader.room).await?;
        if let Some(after) = after {
            // The cursor carries the whole sort key, so that somebody who comes or goes between
            // two pages moves nobody else.
            members.retain(|member| sort_key(member) > after);
        }
        let more = members.len() > limit;
        members.truncate(limit);
        let next_cursor = members
            .last()
            .filter(|_| more)
            .map(|last| check::name_cursor(&sort_key(last)));
        Ok(Members {
            members,
            next_cursor,
        })
    }

    async fn all_members(&self, room: RoomId) -> Result<Vec<protocol::Member>, ChatError> {
        let mut facts = Vec::new();
        loop {
            let after = facts
                .last()
                .map(|fact: &MemberFact| fact.user.username.clone());
            let page = self
                .store
                .list_members(room, after.as_deref(), READ_AT_ONCE)
                .await?;
            let full = page.len() == READ_AT_ONCE as usize;
            facts.extend(page);
            if !full {
                break;
            }
        }
        let mut members = self.feed.show_members(room, facts).await;
        members.sort_by_cached_key(sort_key);
        Ok(members)
    }

    /// Sets what the member wants to be told about the room.
    ///
    /// # Errors
    /// `Invalid`.
    pub async fn set_notify(
        &self,
        member: Member,
        request: PatchMembership,
    ) -> Result<Membership, ChatError> {
        let notify = match request.notify.as_deref() {
            None => None,
            Some(word) => Some(Notify::from_word(word).ok_or_else(|| {
                ChatError::invalid("notify", "notify must be all, mentions or none")
            })?),
        };
        let muted_until = request
            .muted_until
            .map(|until| check::maybe_moment("mutedUntil", until.as_deref()))
            .transpose()?;
        let membership = self
            .store
            .set_notify(member.room, member.user, notify, muted_until)
            .await?;
        membership.ok_or(ChatError::NotFound("room"))
    }
}

/// Online people first, then by username.
pub(super) fn sort_key(member: &protocol::Member) -> String {
    let online = matches!(
        member.presence,
        Presence {
            status: Status::Online | Status::Away,
            ..
        }
    );
    format!("{}{}", if online { '0' } else { '1' }, member.user.username)
}
