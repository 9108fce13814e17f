//! From what travels to what is recorded: entries and messages, with their texts as numbers.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::record::{Entry, PersonNumber, RoomNumber, SendId, Shown, What};

/// Whose ids are whose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// At the beginning of every client id of this run.
    pub(crate) run: String,
    pub(crate) rooms: HashMap<Uuid, RoomNumber>,
    pub(crate) people: HashMap<Uuid, PersonNumber>,
}

/// A message as it travels, as far as it is looked at. What may change without a new revision (the
/// author's name, what is quoted) is not.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    id: Uuid,
    pub(crate) room_id: Uuid,
    seq: u64,
    rev_seq: u64,
    author: Named,
    #[serde(borrow)]
    client_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    content: Cow<'a, str>,
    reply_to: Option<Named>,
    reactions: Vec<Reaction>,
    mentions: Vec<Uuid>,
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    #[serde(borrow)]
    edited_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    deleted_at: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: Uuid,
}

#[derive(Debug, Deserialize, Hash)]
#[serde(rename_all = "camelCase")]
struct Reaction {
    emoji: String,
    count: u64,
    user_ids: Vec<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    room_id: Uuid,
    seq: u64,
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Other {
    room_id: Uuid,
    seq: u64,
    message_id: Option<Uuid>,
    emoji: Option<String>,
    user_id: Option<Uuid>,
    by: Option<Uuid>,
    member: Option<Member>,
}

#[derive(Deserialize)]
struct Member {
    user: Named,
}

/// An entry of `changes`.
#[derive(Debug, Deserialize)]
pub(crate) struct Logged<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Names {
    /// The name of one of our sends.
    pub(crate) fn client_id(&self, send: SendId) -> String {
        format!("{}.{}.{}", self.run, send.sender, send.number)
    }

    fn send(&self, client_id: &str) -> Option<SendId> {
        let numbers = client_id
            .strip_prefix(self.run.as_str())?
            .strip_prefix('.')?;
        let (sender, number) = numbers.split_once('.')?;
        Some(SendId {
            sender: sender.parse().ok()?,
            number: number.parse().ok()?,
        })
    }

    /// Reads an event that may be a log entry of a room of ours. `None` for everything else;
    /// `Err` for what calls itself one and is none.
    pub(crate) fn event(
        &self,
        name: &str,
        data: &str,
    ) -> serde_json::Result<Option<(RoomNumber, Entry)>> {
        let (room, seq, what, identity) = match name {
            "message_received" => {
                let message: Message<'_> = serde_json::from_str(data)?;
                let identity = number(&(
                    name,
                    message.id,
                    message.author.id,
                    &message.client_id,
                    &message.kind,
                    &message.created_at,
                ));
                let what = What::Message(self.shown(&message));
                (message.room_id, message.seq, what, identity)
            }
            "message_updated" | "message_deleted" => {
                let changed: Changed<'_> = serde_json::from_str(data)?;
                let identity = number(&(name, changed.message.id));
                let what = What::Changed(self.shown(&changed.message));
                (changed.room_id, changed.seq, what, identity)
            }
            "reaction_added" | "reaction_removed" | "member_added" | "member_changed"
            | "member_removed" | "room_updated" | "room_archived" => {
                let other: Other = serde_json::from_str(data)?;
                let user = other.user_id.or(other.member.map(|member| member.user.id));
                let identity = number(&(name, other.message_id, &other.emoji, user, other.by));
                let person = user.and_then(|user| self.people.get(&user).copied());
                let what = match name {
                    "reaction_added" | "reaction_removed" => What::Reaction,
                    "member_added" => What::Added(person),
                    "member_removed" => What::Removed(person),
                    _ => What::Other,
                };
                (other.room_id, other.seq, what, identity)
            }
            _ => return Ok(None),
        };
        let entry = Entry {
            seq,
            identity,
            what,
        };
        Ok(self.rooms.get(&room).map(|room| (*room, entry)))
    }

    /// Reads entries of one room's `changes`.
    pub(crate) fn entries(&self, changes: &[Logged<'_>]) -> serde_json::Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(changes.len());
        for logged in changes {
            let read = self.event(&logged.event, logged.data.get())?;
            entries.extend(read.map(|(_room, entry)| entry));
        }
        Ok(entries)
    }

    pub(crate) fn shown(&self, message: &Message<'_>) -> Shown {
        let reply_to = message.reply_to.as_ref().map(|reply| reply.id);
        let whole = number(&(
            &message.content,
            &message.reactions,
            reply_to,
            &message.mentions,
            &message.edited_at,
            &message.deleted_at,
        ));
        Shown {
            id: message.id,
            seq: message.seq,
            rev: message.rev_seq,
            author: self.people.get(&message.author.id).copied(),
            send: message.client_id.as_deref().and_then(|id| self.send(id)),
            content: number(&*message.content),
            whole,
            deleted: message.deleted_at.is_some(),
        }
    }
}

/// A text, or whatever else, as a number.
pub(crate) fn number<T: Hash + ?Sized>(what: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "018f0000-0000-7000-8000-000000000001";
    const BEN: &str = "018f0000-0000-7000-8000-000000000002";
    const ID: &str = "018f0000-0000-7000-8000-000000000003";

    fn names() -> Names {
        Names {
            run: "v-1".to_owned(),
            rooms: [(ROOM.parse().unwrap(), 4)].into(),
            people: [(BEN.parse().unwrap(), 2)].into(),
        }
    }

    fn message(content: &str, name: &str) -> String {
        format!(
            r#"{{"id":"{ID}","roomId":"{ROOM}","seq":7,"revSeq":9,"clientId":"v-1.3.12",
                "author":{{"id":"{BEN}","username":"{name}"}},"kind":"text","content":"{content}",
                "reactions":[],"mentions":[],"createdAt":"2026-01-01T00:00:00.000Z"}}"#
        )
    }

    #[test]
    fn a_message_is_told_by_its_client_id_and_its_text() {
        let read = |text: &str, name| {
            let event = names().event("message_received", &message(text, name));
            event.unwrap().unwrap()
        };
        let (room, entry) = read("hello \\\"you\\\"", "ben");
        assert_eq!((room, entry.seq), (4, 7));
        let What::Message(shown) = entry.what else {
            panic!("{entry:?} is a message")
        };
        let send = SendId {
            sender: 3,
            number: 12,
        };
        assert_eq!(
            (shown.send, shown.author, shown.rev),
            (Some(send), Some(2), 9)
        );
        assert_eq!(shown.content, number("hello \"you\""));
        assert_eq!(names().client_id(send), "v-1.3.12");
        assert_eq!(read("hello \\\"you\\\"", "a new name").1, entry);
        let (_, other) = read("goodbye", "ben");
        assert_eq!(other.identity, entry.identity);
        assert_ne!(other.what, entry.what);
    }

    #[test]
    fn who_came_and_who_went_is_known() {
        let added = format!(
            r#"{{"roomId":"{ROOM}","seq":3,"member":{{"user":{{"id":"{BEN}"}},"role":"member"}}}}"#
        );
        let (_, entry) = names().event("member_added", &added).unwrap().unwrap();
        assert_eq!(entry.what, What::Added(Some(2)));
        let removed = format!(r#"{{"roomId":"{ROOM}","seq":3,"userId":"{BEN}","by":"{ID}"}}"#);
        let (_, entry) = names().event("member_removed", &removed).unwrap().unwrap();
        assert_eq!(entry.what, What::Removed(Some(2)));
    }

    #[test]
    fn hints_and_other_rooms_are_none_of_it() {
        let names = names();
        assert_eq!(names.event("user_typing", "{}").unwrap(), None);
        let elsewhere = message("x", "ben").replace(ROOM, ID);
        assert_eq!(names.event("message_received", &elsewhere).unwrap(), None);
        assert!(names.event("message_received", "{}").is_err());
    }
}
