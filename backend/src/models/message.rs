//! Messages, and what makes them.

use super::{MessageId, Refused, RoomId, Timestamp, UserId, text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A message as it now is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: MessageId,
    pub room_id: RoomId,
    /// The entry that made it. Never changes.
    pub seq: u64,
    /// The last entry that touched it.
    pub rev_seq: u64,
    pub author: Author,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    pub kind: MessageKind,
    /// Empty once deleted.
    pub content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Excerpt>,
    pub reactions: Vec<Reaction>,
    /// Those of the room's members, as of writing, who are meant by `@username`; everybody's ids
    /// are not listed for `@all`.
    pub mentions: Vec<UserId>,
    pub created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// Written by somebody, or by the server itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    Text,
    System,
}

/// Who wrote a message, as of now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Author {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    pub is_bot: bool,
}

/// The message answered: its first 140 characters, as of now; empty once deleted.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    pub id: MessageId,
    pub seq: u64,
    pub author: Author,
    pub excerpt: String,
}

impl Excerpt {
    /// Characters of the answered message that are shown.
    pub const LENGTH: usize = 140;

    /// The beginning of `content`.
    pub fn cut(content: &str) -> String {
        content.chars().take(Self::LENGTH).collect()
    }
}

/// One emoji on a message and who put it there, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    pub emoji: String,
    pub count: u64,
    /// At most 50.
    pub user_ids: Vec<UserId>,
}

impl Reaction {
    /// People named on one reaction; `count` tells the rest.
    pub const NAMED: usize = 50;
    /// Different emoji on one message.
    pub const KINDS: usize = 50;
}

/// The text of a message: 1 to 10,000 characters, at least one of them not white space, no NUL.
/// Kept exactly as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    pub const MAX_CHARACTERS: usize = 10_000;

    /// # Errors
    /// When it is blank, too long or has NUL.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        text::bounded("the message", text, 1, Self::MAX_CHARACTERS)?;
        if text.trim().is_empty() {
            return Err(Refused::new("the message must not be empty"));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The usernames after `@`, folded, each once, and whether `@all` is among them. A name
    /// begins at the start or after a character that cannot be part of one.
    pub fn mentioned(&self) -> Mentioned {
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let mut found = Mentioned::default();
        let mut before = ' ';
        for (at, c) in self.0.char_indices() {
            if c == '@' && !in_name(before) {
                let rest = &self.0[at + 1..];
                let end = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
                // A full stop or dash at the end of a sentence is not part of the name.
                let name = rest[..end]
                    .trim_end_matches(['.', '-'])
                    .to_ascii_lowercase();
                if name == "all" {
                    found.everyone = true;
                } else if (2..=32).contains(&name.len())
                    && found.names.len() < Mentioned::MAX
                    && !found.names.contains(&name)
                {
                    found.names.push(name);
                }
            }
            before = c;
        }
        found
    }
}

/// Whom a text calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentioned {
    pub names: Vec<String>,
    pub everyone: bool,
}

impl Mentioned {
    /// Names looked up for one message; more are plain text.
    pub const MAX: usize = 50;
}

/// A name a client gives to what it sends, so that sending it again stores nothing: 1 to 64
/// characters, unique to the author in the room for at least seven days.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// # Errors
    /// When it is empty, too long or has NUL.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        text::bounded("clientId", text, 1, 64)?;
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a program attaches to a message: an object of at most 4 KiB of JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata(Map<String, Value>);

impl Metadata {
    pub const MAX_BYTES: usize = 4096;

    /// # Errors
    /// When it is no object, too big, or has NUL anywhere.
    pub fn parse(value: Value) -> Result<Self, Refused> {
        let Value::Object(map) = value else {
            return Err(Refused::new("metadata must be an object"));
        };
        let text = serde_json::to_string(&map).unwrap_or_default();
        if text.len() > Self::MAX_BYTES {
            return Err(Refused::new("metadata must have at most 4096 bytes"));
        }
        if text.contains("\\u0000") {
            return Err(Refused::new("metadata must not contain NUL"));
        }
        Ok(Self(map))
    }

    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// One emoji, or a word like `:shipit:`: 1 to 32 characters, no white space.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Emoji(String);

impl Emoji {
    /// # Errors
    /// When it is empty, too long or has white space or control characters.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        text::bounded("the emoji", text, 1, 32)?;
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Refused::new("the emoji must not contain white space"));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message about to be given its place.
#[derive(Clone, Debug)]
pub struct Draft {
    pub room: RoomId,
    pub author: UserId,
    pub body: Body,
    /// Made up by the server when the client gave none; then it does not travel.
    pub client_id: Option<ClientId>,
    pub reply_to: Option<MessageId>,
    pub metadata: Metadata,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_as_written_and_blank_is_refused() {
        assert_eq!(Body::parse("  hello\n").unwrap().as_str(), "  hello\n");
        assert!(Body::parse(&"é".repeat(10_000)).is_ok());
        for refused in ["", " \n\t", "a\0b", &"é".repeat(10_001)] {
            assert!(Body::parse(refused).is_err());
        }
    }

    #[test]
    fn mentions_are_whole_names_and_not_addresses() {
        let found = Body::parse("@Ana, ask bo@example.org or @cleo. @all @ana @x")
            .unwrap()
            .mentioned();
        assert_eq!(found.names, ["ana", "cleo"]);
        assert!(found.everyone);
    }

    #[test]
    fn metadata_has_a_bound() {
        assert!(Metadata::parse(serde_json::json!({"a": 1})).is_ok());
        assert!(Metadata::parse(serde_json::json!([1])).is_err());
        assert!(Metadata::parse(serde_json::json!({"a": "x".repeat(4096)})).is_err());
        assert!(Metadata::parse(serde_json::json!({"a": "\0"})).is_err());
    }
}
