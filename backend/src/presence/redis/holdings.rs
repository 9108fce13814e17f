//! What this node holds, and what of it Redis has not been told.
//!
//! Connections hold their users, and one that breaks is given its grace: what is decided about them
//! then is what this node holds.

use super::super::Transition;
use super::super::people::{Event, People};
use super::message::{Member, Said, Subject};
use crate::models::{NodeId, Presence, RoomId, Status, Timestamp, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Holdings {
    people: People,
    users: HashMap<UserId, Status>,
    /// By room, who is here.
    rooms: HashMap<RoomId, BTreeSet<UserId>>,
    /// What Redis has not been told yet, and since when it is so.
    unsaid: BTreeMap<Subject, Timestamp>,
    /// How much of it Redis is being told right now.
    saying: usize,
    /// Redis has everything to be told anew, and has not been yet.
    starting_over: bool,
}

/// What Redis is to be told of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    pub(super) subject: Subject,
    /// A letter while this node holds it.
    pub(super) state: Option<char>,
    pub(super) at: Timestamp,
    /// Whether it ends because nobody is connected here any more, who may have gone elsewhere.
    pub(super) parts: bool,
}

/// What is said at once of subjects that share a key: since when all of them are held in this state,
/// or not any more.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) state: Option<char>,
    pub(super) at: Timestamp,
    pub(super) subjects: Vec<Subject>,
}

impl Holdings {
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            people: People::new(grace),
            users: HashMap::new(),
            rooms: HashMap::new(),
            unsaid: BTreeMap::new(),
            saying: 0,
            starting_over: false,
        }
    }

    /// A connection did something. Answers what changed by it.
    pub(super) fn apply(&mut self, event: Event, now: Timestamp) -> Vec<Transition> {
        self.people.apply(event, now);
        let changes = self.people.take_news(now);
        for change in &changes {
            match change {
                Transition::Status(presence) => {
                    let user = presence.user_id;
                    let at = presence.last_seen_at.unwrap_or(now);
                    self.unsaid.insert(Subject::User(user), at);
                    if presence.status == Status::Offline {
                        self.users.remove(&user);
                    } else {
                        self.users.insert(user, presence.status);
                    }
                }
                Transition::Joined { room, user, at } => {
                    self.rooms.entry(*room).or_default().insert(*user);
                    self.unsaid.insert(Subject::Stay(*room, *user), *at);
                }
                Transition::Left { room, user, at } => {
                    self.unsaid.insert(Subject::Stay(*room, *user), *at);
                    if let Some(here) = self.rooms.get_mut(room) {
                        here.remove(user);
                        if here.is_empty() {
                            self.rooms.remove(room);
                        }
                    }
                }
                Transition::CutOff => unreachable!("connections know nothing of nodes"),
            }
        }
        changes
    }

    // ── What is so ─────────────────────────────────────────────────────────────

    pub(super) fn has(&self, user: UserId) -> bool {
        self.users.contains_key(&user)
    }

    /// Whether anybody follows the room here.
    pub(super) fn follows(&self, room: RoomId) -> bool {
        self.rooms.contains_key(&room)
    }

    pub(super) fn presence(&self, user: UserId, now: Timestamp) -> Presence {
        self.people.status(user, now)
    }

    /// The letter a subject is held by, if it is.
    pub(super) fn state_of(&self, subject: Subject) -> Option<char> {
        match subject {
            Subject::User(user) => match self.users.get(&user)? {
                Status::Away => Some(Member::AWAY),
                _ => Some(Member::ONLINE),
            },
            Subject::Stay(room, user) => {
                let here = self.rooms.get(&room)?.contains(&user);
                here.then_some(Member::HERE)
            }
        }
    }

    // ── What is to be told ─────────────────────────────────────────────────────

    /// What Redis is to be told, at most `limit`, and without those who part unless they `may_part`.
    /// It counts as told, and what was taken before as heard: when there is nothing more, Redis has
    /// been told all there is to hold.
    pub(super) fn take_unsaid(&mut self, limit: usize, may_part: bool) -> Vec<Holding> {
        let mut taken = Vec::new();
        for (subject, at) in &self.unsaid {
            let holding = Holding {
                subject: *subject,
                state: self.state_of(*subject),
                at: *at,
                parts: !self.has(subject.user()),
            };
            if may_part || !holding.parts {
                taken.push(holding);
            }
            if taken.len() == limit {
                break;
            }
        }
        for holding in &taken {
            self.unsaid.remove(&holding.subject);
        }
        self.saying = taken.len();
        self.starting_over &= !taken.is_empty();
        taken
    }

    /// Redis could not be told.
    pub(super) fn unsay(&mut self, holdings: &[Holding]) {
        for holding in holdings {
            self.unsaid.entry(holding.subject).or_insert(holding.at);
        }
    }

    /// Tells Redis again what it was heard to have wrong: a node may have been buried by mistake, and
    /// words that were on their way when a line broke may arrive after later ones. Those that were read
    /// and lack something may just be older than what was told.
    pub(super) fn correct(&mut self, me: NodeId, said: &Said, heard: bool) {
        let member = said.members.iter().find(|member| member.node == me);
        let written = member.map(|member| member.state);
        if written != self.state_of(said.subject) && (heard || written.is_some()) {
            self.unsaid.entry(said.subject).or_insert(said.at);
        }
    }

    pub(super) fn has_unsaid(&self) -> bool {
        !self.unsaid.is_empty()
    }

    /// Everything that is held here is to be told again.
    pub(super) fn unsay_all(&mut self, now: Timestamp) {
        let users = self.users.keys().map(|user| Subject::User(*user));
        let stays = self
            .rooms
            .iter()
            .flat_map(|(room, here)| here.iter().map(|user| Subject::Stay(*room, *user)));
        for subject in users.chain(stays) {
            self.unsaid.entry(subject).or_insert(now);
        }
    }

    /// Everything that is held here is to be told to a Redis that knows nothing of it.
    pub(super) fn start_over(&mut self, now: Timestamp) {
        self.starting_over = true;
        self.unsay_all(now);
    }

    /// Whether Redis lacks what this node holds.
    pub(super) fn is_starting_over(&self) -> bool {
        self.starting_over
    }

    /// Whether this node holds nobody, and Redis knows.
    pub(super) fn holds_nobody(&self) -> bool {
        let told = self.unsaid.is_empty() && self.saying == 0;
        told && self.users.is_empty() && self.rooms.is_empty()
    }
}

/// Holdings by what is to be said of them and the key they are kept in, in turns, each of which ends
/// before the next begins: who can be reached from now on, then who comes to rooms and leaves them,
/// then who cannot be reached any more. So nobody is ever in a room who cannot be reached.
pub(super) fn in_turns(holdings: &[Holding]) -> [Vec<Words>; 3] {
    let mut turns: [BTreeMap<_, Vec<Subject>>; 3] = Default::default();
    for holding in holdings {
        let turn = match (holding.subject, holding.state) {
            (Subject::User(_), Some(_)) => 0,
            (Subject::Stay(..), _) => 1,
            (Subject::User(_), None) => 2,
        };
        let words = (holding.subject.key(), holding.state, holding.at);
        turns[turn].entry(words).or_default().push(holding.subject);
    }
    turns.map(|turn| {
        let words = turn.into_iter().map(|((_, state, at), subjects)| Words {
            state,
            at,
            subjects,
        });
        words.collect()
    })
}

#[cfg(test)]
impl Holdings {
    /// Whether nothing is kept of anybody, but when they were last seen.
    pub(super) fn is_vacant(&self) -> bool {
        self.people.is_vacant() && self.holds_nobody()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn whoever_is_told_to_be_in_a_room_can_be_reached() {
        let [ada, bob] = [1, 2].map(|n| UserId(Uuid::from_u128(n)));
        let kitchen = RoomId(Uuid::from_u128(3));
        let holding = |subject, state| Holding {
            subject,
            state,
            at: Timestamp(5),
            parts: false,
        };
        let all = [
            holding(Subject::User(ada), None),
            holding(Subject::Stay(kitchen, ada), None),
            holding(Subject::Stay(kitchen, bob), Some(Member::HERE)),
            holding(Subject::User(bob), Some(Member::ONLINE)),
        ];
        let subjects = in_turns(&all).map(|turn| {
            let words = turn.into_iter().flat_map(|words| words.subjects);
            words.collect::<Vec<_>>()
        });
        let [first, then, last] = subjects;
        assert_eq!(first, [Subject::User(bob)]);
        let stays = [ada, bob].map(|user| Subject::Stay(kitchen, user));
        assert_eq!(then, stays);
        assert_eq!(last, [Subject::User(ada)]);
    }
}
