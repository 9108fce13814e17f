//! What is said on the bus.

use crate::models::{NodeFact, RoomId, Sample, UserId};
use serde::{Deserialize, Serialize};

/// What a word is about, and whom it is for: the nodes that watch it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// For nodes where somebody follows the room.
    Room(RoomId),
    /// For nodes where somebody is connected as this user.
    User(UserId),
    /// For every node. One of a version that knows no such words does not watch it.
    Nodes,
}

/// Something another node may want to know at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Word {
    /// The room's log has this entry: committed, and never another one at this place in this
    /// history.
    Entry {
        epoch: String,
        room: RoomId,
        seq: u64,
        /// What readers are sent, encoded; left out when it is large, and to be read from the
        /// store then.
        packet: Option<String>,
        /// Whose membership ends with it.
        removed: Option<UserId>,
    },
    /// Something to pass on that is in no log; of those with one key only the latest counts.
    Hint {
        to: Subject,
        #[serde(with = "hex")]
        key: u128,
        packet: String,
        /// Whose connections are not told.
        except: Option<UserId>,
    },
    /// A membership or a login of this user came or went: the counter in the store has moved.
    Moved { user: UserId },
    /// What this node did in the second that has passed.
    Sampled { node: NodeFact, sample: Box<Sample> },
}

impl Word {
    pub fn subject(&self) -> Subject {
        match self {
            Self::Entry { room, .. } => Subject::Room(*room),
            Self::Hint { to, .. } => *to,
            Self::Moved { user } => Subject::User(*user),
            Self::Sampled { .. } => Subject::Nodes,
        }
    }
}

/// 128 bits as a text: JSON numbers carry fewer.
mod hex {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(key: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{key:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        let text = String::deserialize(from)?;
        u128::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}
