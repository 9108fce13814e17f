//! What those who run the server see and do.
//!
//! Who may do what to whom is decided where it can be: in the transaction that does it, by the roles as
//! they are then. What is done is written down there too, or not done. Nothing here reads what people
//! wrote.

use super::access::Operator;
use super::error::InField;
use super::{Chat, ChatError, check};
use crate::models::{
    AccountChange, ActId, Action, Actor, AdminUser, Ending, Role, RoomKind, RoomOrder, UserId, text,
};
use crate::protocol::auth::Sessions;
use crate::protocol::operators::{
    Acts, AdminRooms, AdminUsers, ListActs, ListAdminRooms, ListAdminUsers, PatchAdminUser,
    UserState,
};
use crate::store::{ActFilter, AllRoomsFilter, PeopleFilter};
use std::net::IpAddr;
use std::sync::Arc;

/// How a request can be found again.
#[derive(Clone, Debug)]
pub struct Asked {
    /// By which the log tells of it.
    pub request_id: String,
    /// Where it came from.
    pub address: IpAddr,
}

impl Chat {
    /// People by username.
    ///
    /// # Errors
    /// `Invalid`.
    pub async fn people(
        &self,
        _: &Operator,
        request: ListAdminUsers,
    ) -> Result<AdminUsers, ChatError> {
        let limit = check::limit(request.limit, 50, 200)?;
        let query = request.q.unwrap_or_default();
        text::bounded("q", &query, 0, 254).in_field("q")?;
        let state = word("state", request.state.as_deref(), UserState::from_word)?;
        let cursor = request.cursor.as_deref();
        let filter = PeopleFilter {
            query,
            role: word("role", request.role.as_deref(), Role::from_word)?,
            deactivated: state.map(|state| state == UserState::Deactivated),
            after: cursor.map(check::parse_name_cursor).transpose()?,
            // One more than asked for tells whether there is a next page.
            limit: limit + 1,
        };
        let mut users = self.store.list_people(filter, self.clock.now()).await?;
        let last = check::cut(&mut users, limit);
        let next_cursor = last.map(|last| check::name_cursor(&last.user.username));
        Ok(AdminUsers { users, next_cursor })
    }

    /// Changes somebody's role, or whether they can log in. A role counts from the next request on; who
    /// is deactivated has no connections any more.
    ///
    /// # Errors
    /// `Invalid`, `NotFound`, `Forbidden`, and `Conflict` for the last owner.
    pub async fn change_account(
        self: &Arc<Self>,
        operator: &Operator,
        asked: Asked,
        user: UserId,
        request: PatchAdminUser,
    ) -> Result<AdminUser, ChatError> {
        let change = AccountChange {
            role: word("role", request.role.as_deref(), Role::from_word)?,
            deactivated: request.deactivated,
        };
        let (chat, by) = (Arc::clone(self), self.actor(operator, asked));
        self.to_the_end(async move {
            let changed = chat.store.change_account(user, change, by).await?;
            chat.logins_ended(user, changed.ended).await;
            Ok(changed.user)
        })
        .await
    }

    /// Somebody's logins.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn sessions_of(
        &self,
        operator: &Operator,
        user: UserId,
    ) -> Result<Sessions, ChatError> {
        let known = self.store.find_user(user).await?;
        known.ok_or(ChatError::NotFound("user"))?;
        self.logins_of(user, operator.session).await
    }

    /// Ends one of somebody's logins, or all, and closes their connections.
    ///
    /// # Errors
    /// `NotFound` when there is no such user or login, `Forbidden`.
    pub async fn end_sessions_of(
        self: &Arc<Self>,
        operator: &Operator,
        asked: Asked,
        user: UserId,
        which: Ending,
    ) -> Result<(), ChatError> {
        let (chat, by) = (Arc::clone(self), self.actor(operator, asked));
        self.to_the_end(async move {
            let ended = chat.store.end_logins(user, which, by).await?;
            if ended.is_empty() && which != Ending::All {
                return Err(ChatError::NotFound("session"));
            }
            chat.logins_ended(user, ended).await;
            Ok(())
        })
        .await
    }

    /// All rooms, by how large or how lively they are.
    ///
    /// # Errors
    /// `Invalid`.
    pub async fn all_rooms(
        &self,
        _: &Operator,
        request: ListAdminRooms,
    ) -> Result<AdminRooms, ChatError> {
        let query = request.q.unwrap_or_default();
        text::bounded("q", &query, 0, 100).in_field("q")?;
        let cursor = request.cursor.as_deref();
        let order = word("sort", request.sort.as_deref(), RoomOrder::from_word)?;
        let filter = AllRoomsFilter {
            query,
            kind: word("kind", request.kind.as_deref(), RoomKind::from_word)?,
            order: order.unwrap_or_default(),
            after: cursor.map(check::parse_rank_cursor).transpose()?,
            limit: check::limit(request.limit, 50, 200)?,
        };
        let page = self.store.list_all_rooms(filter).await?;
        Ok(AdminRooms {
            rooms: page.rooms,
            next_cursor: page.next.map(check::rank_cursor),
        })
    }

    /// What operators did.
    ///
    /// # Errors
    /// `Invalid`.
    pub async fn acts(&self, _: &Operator, request: ListActs) -> Result<Acts, ChatError> {
        let limit = check::limit(request.limit, 50, 200)?;
        let filter = ActFilter {
            actor: word("actor", request.actor.as_deref(), UserId::parse)?,
            action: word("action", request.action.as_deref(), Action::from_word)?,
            before: word("before", request.before.as_deref(), ActId::parse)?,
            limit: limit + 1,
        };
        let mut entries = self.store.list_acts(filter).await?;
        let last = check::cut(&mut entries, limit);
        let next_cursor = last.map(|last| last.id.to_string());
        Ok(Acts {
            entries,
            next_cursor,
        })
    }

    fn actor(&self, operator: &Operator, asked: Asked) -> Actor {
        Actor {
            user: operator.user,
            at: self.clock.now(),
            request_id: Some(asked.request_id),
            address: Some(asked.address.to_string()),
        }
    }
}

/// A word that may be absent.
fn word<T>(
    field: &'static str,
    given: Option<&str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ChatError> {
    let unknown = || ChatError::invalid(field, format!("there is no such {field}"));
    given.map(|word| read(word).ok_or_else(unknown)).transpose()
}
