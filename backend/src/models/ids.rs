//! Names of things: UUIDs, one type for each kind, so that a room is never passed for a user.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id written as any UUID may be, or `None`.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

id!(
    /// A person or a program with an account.
    UserId
);
id!(
    /// A room, which is a log.
    RoomId
);
id!(
    /// A message. Minted by the store under the room's head lock; within a room, ids ascend with `seq`.
    MessageId
);
id!(
    /// A login.
    SessionId
);
id!(
    /// Something an operator did. Of version 7: they ascend with time.
    ActId
);
id!(
    /// One run of the program: random, new at every start.
    NodeId
);

/// Mints the id of a log entry: 48 bits of milliseconds, then version and variant, then 40 bits of
/// `seq` and 34 random bits. Ids of one room ascend strictly with `seq`, whatever clocks do, as
/// long as `ms` never falls, which the room's head sees to.
pub fn mint(ms: u64, seq: u64, random: u64) -> Uuid {
    let seq = seq & ((1 << 40) - 1);
    let random = random & ((1 << 34) - 1);
    let high = (ms << 16) | 0x7000 | (seq >> 28);
    let low = (0b10 << 62) | ((seq & ((1 << 28) - 1)) << 34) | random;
    Uuid::from_u64_pair(high, low)
}

/// The smallest id any entry made at or after `ms` can have.
pub fn lower_bound(ms: u64) -> Uuid {
    Uuid::from_u64_pair((ms << 16) | 0x7000, 0b10 << 62)
}

/// The milliseconds an entry's id begins with.
pub fn moment(id: Uuid) -> u64 {
    id.as_u64_pair().0 >> 16
}

/// The place in its room that an entry's id carries.
pub fn place(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    ((high & 0xfff) << 28) | ((low >> 34) & ((1 << 28) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_ascend_with_their_place_and_are_version_seven(
            ms in 0_u64..(1 << 47), seq in 1_u64..(1 << 39), a in any::<u64>(), b in any::<u64>(), step in 0_u64..1000,
        ) {
            let first = mint(ms, seq, a);
            let next = mint(ms + step, seq + 1, b);
            prop_assert!(first < next);
            prop_assert_eq!(first.get_version_num(), 7);
            prop_assert_eq!(first.get_variant(), uuid::Variant::RFC4122);
            prop_assert!(lower_bound(ms) <= first);
            prop_assert_eq!((moment(first), place(first)), (ms, seq));
        }
    }
}
