//! Facts: what a user, a room, a message *is*. No I/O, no async, nothing else of ours.
//!
//! A value of these types has been checked: past the edge there are a `RoomId`, a `Body`,
//! a `RoomName`, never loose strings. Where the stored fact is what travels, the type is
//! serialised as it stands and `protocol` uses it unchanged.

pub mod change;
pub mod heard;
pub mod ids;
pub mod membership;
pub mod message;
pub mod operator;
pub mod presence;
pub mod release;
pub mod room;
pub mod sample;
pub mod session;
pub mod text;
pub mod timestamp;
pub mod user;

pub use change::{Change, Entry};
pub use heard::{HeardFrom, HeardOthers};
pub use ids::{ActId, MessageId, NodeId, RoomId, SessionId, UserId};
pub use membership::{Access, MemberFact, MemberRole, Membership, Notify};
pub use message::{Author, Body, ClientId, Draft, Emoji, Excerpt, Message, Metadata, Reaction};
pub use operator::{
    AccountChange, Act, ActChange, Action, Actor, AdminRoom, AdminUser, Ending, RoomOrder, Target,
    TargetKind,
};
pub use presence::{Presence, Status};
pub use release::{ReleaseSample, Releases};
pub use room::{NewRoom, Room, RoomKind, RoomName, RoomPatch, RoomTopic};
pub use sample::{Buckets, Connections, NodeFact, Sample, StoreSample, VitalsSample};
pub use session::{NewSession, Session, TokenHash};
pub use text::Refused;
pub use timestamp::Timestamp;
pub use user::{Account, DisplayName, Email, Me, NewUser, Role, User, UserPatch, Username};
