//! What is written to Redis and said through it: keys, subjects, and the words of the scripts.

use crate::models::{NodeId, RoomId, Timestamp, UserId};
use crate::redis_link::tag_of;
use uuid::Uuid;

/// What is held: somebody's being reachable, or somebody's being here in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject {
    User(UserId),
    Stay(RoomId, UserId),
}

/// One holder of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) node: NodeId,
    pub(super) state: char,
}

/// A change, or what was read: all holders of a subject, as of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Microseconds of Redis's clock: of two, the later is right.
    pub(super) version: u64,
    /// The node whose holding changed.
    pub(super) by: NodeId,
    pub(super) at: Timestamp,
    pub(super) subject: Subject,
    pub(super) members: Vec<Member>,
}

impl Member {
    pub(super) const ONLINE: char = 'o';
    pub(super) const AWAY: char = 'a';
    pub(super) const HERE: char = 'h';

    /// `<state><node>,…`
    pub(super) fn list(text: &str) -> Option<Vec<Self>> {
        let all = text.split(',').filter(|member| !member.is_empty());
        all.map(|member| {
            let state = member.chars().next()?;
            let node = NodeId::parse(member.get(state.len_utf8()..)?)?;
            Some(Self { node, state })
        })
        .collect()
    }
}

impl Subject {
    pub(super) fn user(self) -> UserId {
        match self {
            Self::User(user) | Self::Stay(_, user) => user,
        }
    }

    /// The hash it is kept in, an expiring key for each user and each room; also what a change says
    /// it is about.
    pub(super) fn key(self) -> String {
        match self {
            Self::User(user) => format!("roost:{}:online:{user}", self.tag()),
            Self::Stay(room, _) => format!("roost:{}:here:{room}", self.tag()),
        }
    }

    pub(super) fn channel(self) -> String {
        channel(&self.tag())
    }

    fn tag(self) -> String {
        match self {
            Self::User(user) => tag_of(user.0.as_u128()),
            Self::Stay(room, _) => tag_of(room.0.as_u128()),
        }
    }

    /// As it stands in a node's own list.
    pub(super) fn written(self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Stay(room, user) => format!("{room}/{user}"),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            Some((room, user)) => Some(Self::Stay(RoomId::parse(room)?, UserId::parse(user)?)),
            None => Some(Self::User(UserId::parse(text)?)),
        }
    }
}

/// Where changes of the keys with this tag are said.
pub(super) fn channel(tag: &str) -> String {
    format!("roost:{tag}:presence")
}

/// The nodes by the end of their leases.
pub(super) fn nodes_key() -> String {
    format!("roost:{}:nodes", tag_of(0))
}

/// What a node holds, for whoever has to bury it.
pub(super) fn list_key(node: NodeId) -> String {
    format!("roost:{}:held:{node}", tag_of(node.0.as_u128()))
}

impl Said {
    /// Reads what hold.lua says; nothing when it is of another version.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let mut words = str::from_utf8(payload).ok()?.split(' ');
        if words.next()? != "1" {
            return None;
        }
        let version = words.next()?.parse().ok()?;
        let by = NodeId::parse(words.next()?)?;
        let at = Timestamp(words.next()?.parse().ok()?);
        let about = words.next()?;
        let user = UserId::parse(words.next()?)?;
        let subject = match about {
            "user" => Subject::User(user),
            room => Subject::Stay(RoomId::parse(room)?, user),
        };
        let members = Member::list(words.next().unwrap_or_default())?;
        Some(Self {
            version,
            by,
            at,
            subject,
            members,
        })
    }

    /// Reads what read.lua answers about the subjects of a key: the version, and those that are held.
    pub(super) fn read(
        answer: &[String],
        subject: impl Fn(UserId) -> Subject,
        at: Timestamp,
    ) -> Option<(u64, Vec<Self>)> {
        let (version, fields) = answer.split_first()?;
        let version = version.parse().ok()?;
        let all = fields.chunks_exact(2).map(|pair| {
            Some(Self {
                version,
                by: NodeId(Uuid::nil()),
                at,
                subject: subject(UserId::parse(&pair[0])?),
                members: Member::list(&pair[1])?,
            })
        });
        Some((version, all.collect::<Option<_>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: UserId = UserId(Uuid::from_u128(7));
    const ROOM: RoomId = RoomId(Uuid::from_u128(9));
    const NODE: NodeId = NodeId(Uuid::from_u128(3));

    #[test]
    fn what_the_script_says_is_understood() {
        let line = format!("1 1700000000000001 {NODE} 1700000000123 user {USER} a{NODE}");
        let said = Said::parse(line.as_bytes()).unwrap();
        assert_eq!(said.version, 1_700_000_000_000_001);
        assert_eq!(said.subject, Subject::User(USER));
        let away = Member {
            node: NODE,
            state: Member::AWAY,
        };
        assert_eq!(said.members, [away]);
        let line = format!("1 5 {NODE} 6 {ROOM} {USER} ");
        let said = Said::parse(line.as_bytes()).unwrap();
        assert_eq!(said.subject, Subject::Stay(ROOM, USER));
        assert!(said.members.is_empty());
        for other in ["", "2 5", "1 x y", "1 5 nobody 6 user 7 "] {
            assert_eq!(Said::parse(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn a_subject_is_read_as_it_was_written() {
        for subject in [Subject::User(USER), Subject::Stay(ROOM, USER)] {
            assert_eq!(Subject::parse(&subject.written()), Some(subject));
        }
        assert_eq!(Subject::parse("nobody"), None);
    }

    #[test]
    fn a_key_and_its_channel_lie_together() {
        let subject = Subject::Stay(ROOM, USER);
        assert!(subject.key().starts_with("roost:{p9}:here:"));
        assert_eq!(subject.channel(), "roost:{p9}:presence");
    }
}
