//! Showing stored facts to people: entries as events, members with their presence.

use super::feed::Feed;
use crate::models::{Change, Entry, MemberFact, Presence, RoomId, Status, User, UserId};
use crate::protocol::events::{
    LogEntry, LogEvent, MemberChanged, MemberRemoved, MessageChanged, ReactionChanged, RoomChanged,
};
use crate::protocol::rooms::Member;
use std::collections::HashMap;

impl Feed {
    /// Entries as they travel, in the same order.
    pub(super) async fn render_all(&self, entries: Vec<Entry>) -> Vec<LogEntry> {
        let mut rendered = Vec::with_capacity(entries.len());
        for entry in entries {
            rendered.push(self.render(entry).await);
        }
        rendered
    }

    /// An entry as it travels.
    pub(super) async fn render(&self, entry: Entry) -> LogEntry {
        let Entry {
            room: room_id,
            seq,
            change,
        } = entry;
        let event = match change {
            Change::MessageReceived(message) => LogEvent::MessageReceived(message),
            Change::MessageUpdated(message) => LogEvent::MessageUpdated(Box::new(MessageChanged {
                room_id,
                seq,
                message: *message,
            })),
            Change::MessageDeleted(message) => LogEvent::MessageDeleted(Box::new(MessageChanged {
                room_id,
                seq,
                message: *message,
            })),
            Change::ReactionAdded {
                message,
                emoji,
                user,
            } => LogEvent::ReactionAdded(ReactionChanged {
                room_id,
                seq,
                message_id: message,
                emoji,
                user_id: user,
            }),
            Change::ReactionRemoved {
                message,
                emoji,
                user,
            } => LogEvent::ReactionRemoved(ReactionChanged {
                room_id,
                seq,
                message_id: message,
                emoji,
                user_id: user,
            }),
            Change::MemberAdded(fact) => {
                let member = self.show_member(room_id, *fact).await;
                LogEvent::MemberAdded(Box::new(MemberChanged {
                    room_id,
                    seq,
                    member,
                }))
            }
            Change::MemberChanged(fact) => {
                let member = self.show_member(room_id, *fact).await;
                LogEvent::MemberChanged(Box::new(MemberChanged {
                    room_id,
                    seq,
                    member,
                }))
            }
            Change::MemberRemoved { user, by } => LogEvent::MemberRemoved(MemberRemoved {
                room_id,
                seq,
                user_id: user,
                by,
            }),
            Change::RoomUpdated(room) => LogEvent::RoomUpdated(Box::new(RoomChanged {
                room_id,
                seq,
                room: *room,
            })),
            Change::RoomArchived(room) => LogEvent::RoomArchived(Box::new(RoomChanged {
                room_id,
                seq,
                room: *room,
            })),
        };
        LogEntry { seq, event }
    }

    /// Members with their presence, in the same order.
    pub(super) async fn show_members(&self, room: RoomId, facts: Vec<MemberFact>) -> Vec<Member> {
        let users: Vec<UserId> = facts.iter().map(|fact| fact.user.id).collect();
        let here = self.presence.here(room, &users).await;
        let statuses = self.presence.statuses(&users).await;
        let mut statuses: HashMap<UserId, Presence> = statuses
            .into_iter()
            .map(|presence| (presence.user_id, presence))
            .collect();
        facts
            .into_iter()
            .map(|fact| {
                let user_id = fact.user.id;
                let unknown = || Presence {
                    user_id,
                    status: Status::Unknown,
                    last_seen_at: None,
                };
                let presence = statuses.remove(&user_id).unwrap_or_else(unknown);
                Member {
                    here: here.contains(&user_id),
                    presence: show_presence(presence, &fact.user),
                    role: fact.role,
                    joined_at: fact.joined_at,
                    user: fact.user,
                }
            })
            .collect()
    }

    async fn show_member(&self, room: RoomId, fact: MemberFact) -> Member {
        self.show_members(room, vec![fact])
            .await
            .pop()
            .expect("one fact in, one member out")
    }
}

/// Somebody's presence, as others may know it. What presence has forgotten, the store may remember.
pub(super) fn show_presence(mut presence: Presence, user: &User) -> Presence {
    let last_seen_at = presence.last_seen_at.max(user.last_seen_at);
    presence.last_seen_at = last_seen_at.filter(|_| user.last_seen_visible);
    presence
}
