//! The names the engine knows our things by, and what is said outside the logs.
//!
//! The engine has topics, tags and keys of 128 bits; a room's, a user's or a session's id is one.

use crate::bus::{Subject, Word};
use crate::models::{Membership, Presence, RoomId, SessionId, UserId};
use crate::protocol::events::{
    LogEntry, LogEvent, Missed, OfRoom, ReadMarked, RoomAdded, ServerDraining,
};
use crate::protocol::presence::{Here, Typing};
use crate::protocol::stats::StatsTold;
use realtime::{Frame, Packet, Tag, TopicId};
use serde_json::value::RawValue;
use std::time::Duration;

/// The one namespace we speak in.
pub const NAMESPACE: &str = "/";

/// The topic that is a room's log.
pub fn topic_of(room: RoomId) -> TopicId {
    TopicId(room.0.as_u128())
}

/// The room whose log a topic is.
pub fn room_of(topic: TopicId) -> RoomId {
    RoomId(uuid::Uuid::from_u128(topic.0))
}

/// How the nodes do: the latest. No id is this, being none of any version.
pub const STATS_KEY: u128 = 5 << 76;

/// All connections of a user carry this.
pub fn user_tag(user: UserId) -> Tag {
    Tag(user.0.as_u128())
}

/// All connections of a login carry this.
pub fn session_tag(session: SessionId) -> Tag {
    Tag(session.0.as_u128())
}

/// Of hints with one key only the latest counts. The kinds of hints about one id are told apart by
/// flipping bits that ids of version 7 never differ in: the version's.
fn key(id: uuid::Uuid, kind: u128) -> u128 {
    id.as_u128() ^ (kind << 76)
}

/// Who is here: the latest coming or going of a user in a room.
pub fn here_key(user: UserId) -> u128 {
    key(user.0, 1)
}

/// Typing: the latest start or stop of a user in a room.
pub fn typing_key(user: UserId) -> u128 {
    key(user.0, 2)
}

/// Presence: the latest of a user.
pub fn presence_key(user: UserId) -> u128 {
    key(user.0, 3)
}

/// Read markers: the latest of a room.
pub fn read_key(room: RoomId) -> u128 {
    key(room.0, 4)
}

/// A log entry, encoded once for everybody.
pub fn frame(entry: &LogEntry) -> Frame {
    let packet = match &entry.event {
        LogEvent::MessageReceived(message) => event("message_received", message),
        LogEvent::MessageUpdated(changed) => event("message_updated", changed),
        LogEvent::MessageDeleted(changed) => event("message_deleted", changed),
        LogEvent::ReactionAdded(changed) => event("reaction_added", changed),
        LogEvent::ReactionRemoved(changed) => event("reaction_removed", changed),
        LogEvent::MemberAdded(changed) => event("member_added", changed),
        LogEvent::MemberChanged(changed) => event("member_changed", changed),
        LogEvent::MemberRemoved(removed) => event("member_removed", removed),
        LogEvent::RoomUpdated(changed) => event("room_updated", changed),
        LogEvent::RoomArchived(changed) => event("room_archived", changed),
    };
    Frame {
        seq: entry.seq,
        packet,
    }
}

/// The message that a frame tells of, as JSON; nothing when it tells of another entry, which may be
/// about a message that was told before it.
pub fn told(frame: &Frame) -> Option<&str> {
    let text = str::from_utf8(frame.packet.text()).ok()?;
    text.strip_prefix("42[\"message_received\",")?
        .strip_suffix(']')
}

/// What a message that was told is in `changes`; nothing of any other entry.
pub fn missed(frame: &Frame) -> Option<Missed> {
    Some(Missed::Told {
        seq: frame.seq,
        event: "message_received",
        data: RawValue::from_string(told(frame)?.to_owned()).ok()?,
    })
}

pub fn room_added(added: &RoomAdded) -> Packet {
    event("room_added", added)
}

pub fn room_removed(room: RoomId) -> Packet {
    event("room_removed", &OfRoom { room_id: room })
}

pub fn room_reset(room: RoomId) -> Packet {
    event("room_reset", &OfRoom { room_id: room })
}

pub fn session_revoked() -> Packet {
    event("session_revoked", &crate::protocol::error::Nothing {})
}

pub fn server_draining(after: Duration) -> Packet {
    let reconnect_after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
    event("server_draining", &ServerDraining { reconnect_after_ms })
}

pub fn read_marked(room: RoomId, membership: &Membership) -> Packet {
    let marked = ReadMarked {
        room_id: room,
        last_read_seq: membership.last_read_seq,
        last_read_id: membership.last_read_id,
        unread: membership.unread,
        mentions: membership.mentions,
    };
    event("read_marked", &marked)
}

pub fn user_joined(here: &Here) -> Packet {
    event("user_joined", here)
}

pub fn user_left(here: &Here) -> Packet {
    event("user_left", here)
}

pub fn presence_changed(presence: &Presence) -> Packet {
    event("presence_changed", presence)
}

pub fn user_typing(typing: &Typing) -> Packet {
    event("user_typing", typing)
}

pub fn user_stopped_typing(typing: &Typing) -> Packet {
    event("user_stopped_typing", typing)
}

pub fn stats(told: &StatsTold) -> Packet {
    event("admin:stats", told)
}

/// A hint on its way to the other nodes.
pub fn hint(to: Subject, key: u128, packet: &Packet, except: Option<UserId>) -> Word {
    Word::Hint {
        to,
        key,
        packet: encoded(packet),
        except,
    }
}

/// A packet as it travels between nodes: the text a client is sent.
pub fn encoded(packet: &Packet) -> String {
    String::from_utf8_lossy(packet.text()).into_owned()
}

/// The packet again; nothing when it is not an event of ours.
pub fn decoded(text: &str) -> Option<Packet> {
    let message = text
        .strip_prefix('4')
        .filter(|rest| rest.starts_with("2["))?;
    Some(Packet::text_message(message))
}

fn event<T: serde::Serialize + ?Sized>(name: &str, data: &T) -> Packet {
    Packet::event(NAMESPACE, name, data)
}
