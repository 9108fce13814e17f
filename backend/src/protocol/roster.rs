//! The members in the answer to a join, each encoded once for all who join together.

use super::rooms::Member;
use crate::models::UserId;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;

/// Members of a room, in the order in which they are shown. Travels as a list of [`Member`]s.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    members: Arc<[Shown]>,
    /// What stands in the place of one of them.
    own: Option<(usize, Box<RawValue>)>,
}

#[derive(Debug)]
struct Shown {
    member: Member,
    json: Box<RawValue>,
}

impl Roster {
    pub fn new(members: Vec<Member>) -> Self {
        let shown = members.into_iter().map(|member| Shown {
            json: encode(&member),
            member,
        });
        Self {
            members: shown.collect(),
            own: None,
        }
    }

    /// The same for one of them who joins now: by the time they read it they are here themselves.
    #[must_use]
    pub fn seen_by(&self, viewer: UserId) -> Self {
        let mut shown = self.members.iter();
        let place = shown.position(|shown| shown.member.user.id == viewer);
        let absent = place.filter(|place| !self.members[*place].member.here);
        let own = absent.map(|place| {
            let mut own = self.members[place].member.clone();
            own.here = true;
            (place, encode(&own))
        });
        Self {
            members: Arc::clone(&self.members),
            own,
        }
    }
}

fn encode(member: &Member) -> Box<RawValue> {
    to_raw_value(member).expect("a member has nothing that JSON has no words for")
}

impl Serialize for Roster {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = self.members.iter().enumerate();
        serializer.collect_seq(members.map(|(place, shown)| match &self.own {
            Some((own, json)) if *own == place => json,
            _ => &shown.json,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{MemberRole, Presence, Role, Status, Timestamp, User};
    use uuid::Uuid;

    fn member(number: u128) -> Member {
        let id = UserId(Uuid::from_u128(number));
        Member {
            user: User {
                id,
                username: format!("user{number}"),
                display_name: format!("\"{number}\""),
                avatar_url: None,
                is_bot: false,
                role: Role::Member,
                created_at: Timestamp(0),
                last_seen_at: None,
                last_seen_visible: true,
                deactivated: false,
            },
            role: MemberRole::Member,
            joined_at: Timestamp(0),
            presence: Presence {
                user_id: id,
                status: Status::Online,
                last_seen_at: None,
            },
            here: number == 1,
        }
    }

    #[test]
    fn everybody_sees_the_same_members_and_themselves_here() {
        let members: Vec<Member> = (1..=3).map(member).collect();
        let roster = Roster::new(members.clone());
        let json = |roster: &Roster| serde_json::to_string(roster).unwrap();
        assert_eq!(json(&roster), serde_json::to_string(&members).unwrap());
        // One who is here already, one who is not, and somebody who is not shown.
        for viewer in [1, 2, 4] {
            let viewer = UserId(Uuid::from_u128(viewer));
            let mut seen = members.clone();
            for own in &mut seen {
                own.here |= own.user.id == viewer;
            }
            let seen = serde_json::to_string(&seen).unwrap();
            assert_eq!(json(&roster.seen_by(viewer)), seen);
        }
    }
}
