//! What operators may do to whom, as their transaction finds it, and what is written down of it. The
//! same in both databases, which lend the rows and keep the record.

use super::Denied;
use crate::models::{
    AccountChange, ActChange, ActId, Action, AdminRoom, AdminUser, Ending, Role, RoomId, RoomKind,
    RoomOrder, Session, SessionId, Target, TargetKind, Timestamp, User, UserId,
};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Which people to list.
#[derive(Clone, Debug, Default)]
pub struct PeopleFilter {
    /// The beginning of a username, a display name or an e-mail address, any case.
    pub query: String,
    pub role: Option<Role>,
    pub deactivated: Option<bool>,
    /// The username with which the page before ended.
    pub after: Option<String>,
    pub limit: u32,
}

/// Which rooms to list.
#[derive(Clone, Debug)]
pub struct AllRoomsFilter {
    /// Part of the name, any case.
    pub query: String,
    pub kind: Option<RoomKind>,
    pub order: RoomOrder,
    /// Where the page before ended.
    pub after: Option<(i64, RoomId)>,
    pub limit: u32,
}

/// Rooms, and where the next page begins if there is one: how much the last has of what they are
/// ordered by, and its id.
#[derive(Clone, Debug, PartialEq)]
pub struct AllRoomsPage {
    pub rooms: Vec<AdminRoom>,
    pub next: Option<(i64, RoomId)>,
}

/// Which acts to list.
#[derive(Clone, Debug, Default)]
pub struct ActFilter {
    pub actor: Option<UserId>,
    pub action: Option<Action>,
    pub before: Option<ActId>,
    pub limit: u32,
}

/// What became of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    pub user: AdminUser,
    /// The logins that ended with it.
    pub ended: Vec<SessionId>,
}

impl AllRoomsPage {
    /// A page of what was found, which is one more than asked for when there is a next one.
    pub(super) fn cut(mut found: Vec<(AdminRoom, i64)>, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more);
        Self {
            next: next.map(|(room, rank)| (*rank, room.id)),
            rooms: found.into_iter().map(|(room, _)| room).collect(),
        }
    }
}

/// Somebody as the transaction finds them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing<'a> {
    user: &'a User,
    deactivated_at: Option<Timestamp>,
}

/// How an account is to be, and what is written down of that.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) role: Role,
    pub(super) deactivated_at: Option<Timestamp>,
    /// Whether all logins end.
    pub(super) ends_logins: bool,
    pub(super) records: Vec<Record>,
}

/// An act, as it is stored.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: ActId,
    pub(super) action: Action,
    pub(super) target: Target,
    pub(super) change: ActChange,
}

impl<'a> Standing<'a> {
    pub(super) fn of(user: &'a AdminUser) -> Self {
        Self {
            user: &user.user,
            deactivated_at: user.deactivated_at,
        }
    }

    fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }

    fn owns(&self) -> bool {
        self.is_active() && self.user.role == Role::Owner
    }

    /// Whether this one may do something to somebody of this role, or give it.
    fn governs(&self, role: Role) -> bool {
        self.is_active() && self.user.role.governs(role)
    }
}

/// What a change comes to. `owners` is how many active ones there are.
pub(super) fn settle(
    actor: Standing<'_>,
    target: Standing<'_>,
    owners: u64,
    change: AccountChange,
    at: Timestamp,
) -> Result<Settled, Denied> {
    let role = change.role.unwrap_or(target.user.role);
    let deactivated_at = match change.deactivated {
        Some(true) => target.deactivated_at.or(Some(at)),
        Some(false) => None,
        None => target.deactivated_at,
    };
    let remains_owner = role == Role::Owner && deactivated_at.is_none();
    if target.owns() && !remains_owner && owners <= 1 {
        // To others it would be refused in any case.
        return Err(if actor.user.id == target.user.id {
            Denied::LastServerOwner
        } else {
            Denied::NotGoverning
        });
    }
    if actor.user.id == target.user.id {
        return Err(Denied::Oneself);
    }
    if !actor.governs(target.user.role) || !actor.governs(role) {
        return Err(Denied::NotGoverning);
    }
    let mut records = Vec::new();
    if role != target.user.role {
        let word = |role: Role| Some(object("role", role.word()));
        let change = ActChange {
            before: word(target.user.role),
            after: word(role),
        };
        records.push(Record::of_user(target.user, Action::RoleChanged, change));
    }
    let goes = target.is_active() && deactivated_at.is_some();
    if goes {
        let change = ActChange::default();
        records.push(Record::of_user(target.user, Action::Deactivated, change));
    }
    if !target.is_active() && deactivated_at.is_none() {
        let change = ActChange::default();
        records.push(Record::of_user(target.user, Action::Reactivated, change));
    }
    Ok(Settled {
        role,
        deactivated_at,
        ends_logins: goes,
        records,
    })
}

/// Whether the actor may end logins of the target: one's own, and those of whom one governs.
pub(super) fn may_end(actor: Standing<'_>, target: Standing<'_>) -> Result<(), Denied> {
    let own = actor.user.id == target.user.id && actor.governs(Role::Guest);
    if own || actor.governs(target.user.role) {
        Ok(())
    } else {
        Err(Denied::NotGoverning)
    }
}

/// What is written down of logins that ended; nothing of none.
pub(super) fn record_of_end(target: &User, which: Ending, ended: &[Session]) -> Option<Record> {
    let first = ended.first()?;
    Some(match which {
        Ending::All => Record::of_user(
            target,
            Action::SessionsRevoked,
            ActChange {
                before: Some(object("sessions", ended.len())),
                after: Some(object("sessions", 0)),
            },
        ),
        Ending::One(_) => Record {
            id: ActId(Uuid::now_v7()),
            action: Action::SessionRevoked,
            target: Target {
                kind: TargetKind::Session,
                id: first.id.0,
                name: target.username.clone(),
            },
            change: ActChange {
                before: Some(object("userAgent", first.user_agent.as_str())),
                after: None,
            },
        },
    })
}

impl Record {
    fn of_user(user: &User, action: Action, change: ActChange) -> Self {
        Self {
            id: ActId(Uuid::now_v7()),
            action,
            target: Target {
                kind: TargetKind::User,
                id: user.id.0,
                name: user.username.clone(),
            },
            change,
        }
    }
}

fn object(key: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Admin, Guest, Member, Owner};

    const NOW: Timestamp = Timestamp(9);

    fn user(number: u128, role: Role) -> User {
        User {
            id: UserId(Uuid::from_u128(number)),
            username: "somebody".to_owned(),
            display_name: "Somebody".to_owned(),
            avatar_url: None,
            is_bot: false,
            role,
            created_at: Timestamp(1),
            last_seen_at: None,
            last_seen_visible: true,
            deactivated: false,
        }
    }

    fn active(user: &User) -> Standing<'_> {
        Standing {
            user,
            deactivated_at: None,
        }
    }

    fn role(role: Role) -> AccountChange {
        AccountChange {
            role: Some(role),
            deactivated: None,
        }
    }

    const AWAY: AccountChange = AccountChange {
        role: None,
        deactivated: Some(true),
    };

    /// What becomes of it when somebody of the one role does this to somebody of the other.
    fn done(by: Role, to: Role, change: AccountChange) -> Result<Vec<Action>, Denied> {
        let (actor, target) = (user(1, by), user(2, to));
        let settled = settle(active(&actor), active(&target), 2, change, NOW)?;
        Ok(settled.records.iter().map(|record| record.action).collect())
    }

    #[test]
    fn only_an_owner_touches_owners_and_admins() {
        let changed = Ok(vec![Action::RoleChanged]);
        assert_eq!(done(Owner, Member, role(Owner)), changed);
        assert_eq!(done(Owner, Owner, role(Guest)), changed);
        assert_eq!(done(Owner, Admin, AWAY), Ok(vec![Action::Deactivated]));
        assert_eq!(done(Admin, Member, role(Guest)), changed);
        assert_eq!(done(Admin, Guest, AWAY), Ok(vec![Action::Deactivated]));
        for (by, to, change) in [
            (Admin, Member, role(Admin)),
            (Admin, Guest, role(Owner)),
            (Admin, Admin, role(Member)),
            (Admin, Owner, AWAY),
            (Member, Guest, AWAY),
            (Guest, Guest, role(Member)),
        ] {
            let refused = done(by, to, change);
            assert_eq!(refused, Err(Denied::NotGoverning), "{by:?} {to:?}");
        }
    }

    #[test]
    fn what_changes_nothing_is_not_written_down() {
        assert_eq!(done(Owner, Member, role(Member)), Ok(vec![]));
        assert_eq!(done(Owner, Member, AccountChange::default()), Ok(vec![]));
        let back = AccountChange {
            deactivated: Some(false),
            ..AWAY
        };
        assert_eq!(done(Owner, Member, back), Ok(vec![]));
    }

    #[test]
    fn nobody_changes_oneself_and_the_last_owner_stays_one() {
        let ana = user(1, Owner);
        let to_oneself = |owners, change| {
            let settled = settle(active(&ana), active(&ana), owners, change, NOW);
            settled.map(|settled| settled.records.len())
        };
        assert_eq!(to_oneself(1, AWAY), Err(Denied::LastServerOwner));
        assert_eq!(to_oneself(1, role(Guest)), Err(Denied::LastServerOwner));
        assert_eq!(to_oneself(1, role(Owner)), Err(Denied::Oneself));
        assert_eq!(to_oneself(2, AWAY), Err(Denied::Oneself));
    }

    #[test]
    fn who_was_deactivated_meanwhile_does_nothing_more() {
        let (ana, bo) = (user(1, Owner), user(2, Member));
        let gone = Standing {
            deactivated_at: Some(NOW),
            ..active(&ana)
        };
        let settled = settle(gone, active(&bo), 1, AWAY, NOW);
        assert_eq!(settled.map(|_| ()), Err(Denied::NotGoverning));
        assert_eq!(may_end(gone, active(&bo)), Err(Denied::NotGoverning));
        assert_eq!(may_end(gone, gone), Err(Denied::NotGoverning));
    }

    #[test]
    fn ones_own_logins_and_those_of_whom_one_governs_may_be_ended() {
        let (ana, bo, cy) = (user(1, Admin), user(2, Admin), user(3, Member));
        assert_eq!(may_end(active(&ana), active(&ana)), Ok(()));
        assert_eq!(may_end(active(&ana), active(&cy)), Ok(()));
        let refused = Err(Denied::NotGoverning);
        assert_eq!(may_end(active(&ana), active(&bo)), refused);
        assert_eq!(may_end(active(&cy), active(&cy)), refused, "no operator");
    }
}
