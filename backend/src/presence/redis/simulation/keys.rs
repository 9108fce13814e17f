//! What the scripts do to the keys of Redis, written down once more in Rust.

use super::super::holdings::Words;
use super::super::message::{Member, Said, Subject};
use super::super::register::{Moment, Roll};
use crate::models::{NodeId, RoomId, Timestamp, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use uuid::Uuid;

/// What is kept in Redis, at moments in microseconds of its own clock.
#[derive(Debug, Default)]
pub(super) struct Keys {
    holders: BTreeMap<Key, Holders>,
    nodes: BTreeMap<NodeId, u64>,
    lists: BTreeMap<NodeId, List>,
    version: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    User(UserId),
    Room(RoomId),
}

#[derive(Debug, Default)]
struct Holders {
    ends: u64,
    fields: BTreeMap<UserId, Vec<(Member, u64)>>,
}

#[derive(Debug, Default)]
struct List {
    ends: u64,
    subjects: BTreeSet<Subject>,
}

impl Keys {
    /// As `hold.lua`. Answers what it says to everybody.
    pub(super) fn hold(
        &mut self,
        now: u64,
        node: NodeId,
        words: &Words,
        lease: Duration,
        spared: Option<Moment>,
    ) -> Vec<Said> {
        let Words {
            state,
            at,
            subjects,
        } = words;
        let version = self.next_version(now);
        let ends = now + micros(lease);
        let mut all = Vec::new();
        for subject in subjects {
            let key = self.holders.entry(Key::of(*subject)).or_default();
            if key.ends <= now {
                key.fields.clear();
            }
            key.ends = key.ends.max(ends);
            let field = key.fields.entry(subject.user()).or_default();
            let before = field.len();
            field.retain(|(_, ends)| *ends > now);
            let mut changed = field.len() != before;
            let stays = |ends: u64| spared.is_some_and(|at| ends - micros(lease) > at.0 * 1000);
            let (own, kept): (Vec<_>, Vec<_>) = std::mem::take(field)
                .into_iter()
                .partition(|(member, ends)| member.node == node && !stays(*ends));
            changed |= own.first().map(|(member, _)| member.state) != *state;
            *field = kept;
            field.extend(state.map(|state| (Member { node, state }, ends)));
            let members = field.iter().map(|(member, _)| *member).collect();
            if field.is_empty() {
                key.fields.remove(&subject.user());
            }
            if changed {
                all.push(Said {
                    version,
                    by: node,
                    at: *at,
                    subject: *subject,
                    members,
                });
            }
        }
        all
    }

    /// As `read.lua`.
    pub(super) fn read(
        &mut self,
        now: u64,
        like: Subject,
        users: &[UserId],
        at: Timestamp,
    ) -> (u64, Vec<Said>) {
        let version = self.next_version(now);
        let subject = |user| match like {
            Subject::User(_) => Subject::User(user),
            Subject::Stay(room, _) => Subject::Stay(room, user),
        };
        let key = self.holders.get(&Key::of(like));
        let fields = key.into_iter().flat_map(|key| &key.fields);
        let all = fields
            .filter(|(user, _)| users.is_empty() || users.contains(user))
            .map(|(user, field)| {
                let held = field.iter().filter(|(_, ends)| *ends > now);
                Said {
                    version,
                    by: NodeId(Uuid::nil()),
                    at,
                    subject: subject(*user),
                    members: held.map(|(member, _)| *member).collect(),
                }
            });
        let all = all.filter(|said| !said.members.is_empty());
        (version, all.collect())
    }

    /// As `renew.lua`.
    pub(super) fn renew(&mut self, now: u64, node: NodeId, lease: Duration) -> Roll {
        let known = self.nodes.insert(node, now + micros(lease)).is_some();
        let nodes = self.nodes.iter();
        let (live, expired): (Vec<_>, Vec<_>) = nodes.partition(|(_, ends)| **ends > now);
        let expired = expired.into_iter();
        Roll {
            known,
            live: live.into_iter().map(|(node, _)| *node).collect(),
            expired: expired
                .map(|(node, ends)| (*node, Moment(ends / 1000)))
                .collect(),
        }
    }

    pub(super) fn leave(&mut self, node: NodeId) -> bool {
        self.nodes.remove(&node).is_some()
    }

    pub(super) fn list(&mut self, now: u64, node: NodeId, subjects: &[Subject], lease: Duration) {
        let list = self.lists.entry(node).or_default();
        if list.ends <= now {
            list.subjects.clear();
        }
        list.ends = now + micros(lease);
        list.subjects.extend(subjects);
    }

    pub(super) fn unlist(&mut self, node: NodeId, subjects: &[Subject]) {
        if let Some(list) = self.lists.get_mut(&node) {
            for subject in subjects {
                list.subjects.remove(subject);
            }
        }
    }

    pub(super) fn listed(&self, now: u64, node: NodeId) -> Vec<Subject> {
        let list = self.lists.get(&node).filter(|list| list.ends > now);
        let subjects = list.into_iter().flat_map(|list| &list.subjects);
        subjects.copied().collect()
    }

    /// Everything that is held, by whom.
    pub(super) fn held(&self, now: u64) -> Vec<(UserId, NodeId)> {
        let fields = self.holders.values().flat_map(|key| &key.fields);
        let held = fields.flat_map(|(user, field)| {
            let live = field.iter().filter(|(_, ends)| *ends > now);
            live.map(|(member, _)| (*user, member.node))
        });
        held.collect()
    }

    /// Microseconds; two scripts never run in the same one.
    fn next_version(&mut self, now: u64) -> u64 {
        self.version = now.max(self.version + 1);
        self.version
    }
}

impl Key {
    fn of(subject: Subject) -> Self {
        match subject {
            Subject::User(user) => Self::User(user),
            Subject::Stay(room, _) => Self::Room(room),
        }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap()
}
