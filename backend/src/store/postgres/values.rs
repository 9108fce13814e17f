//! How values of `models` travel to PostgreSQL and back.

use crate::models::{
    ActId, Action, MemberRole, MessageId, NodeId, Notify, Role, RoomId, RoomKind, SessionId,
    TargetKind, Timestamp, UserId,
};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};
use time::OffsetDateTime;
use uuid::Uuid;

macro_rules! ids {
    ($($id:ident),+) => {$(
        impl Type<Postgres> for $id {
            fn type_info() -> PgTypeInfo {
                <Uuid as Type<Postgres>>::type_info()
            }
        }

        impl PgHasArrayType for $id {
            fn array_type_info() -> PgTypeInfo {
                Uuid::array_type_info()
            }
        }

        impl Encode<'_, Postgres> for $id {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                Encode::<Postgres>::encode_by_ref(&self.0, buffer)
            }
        }

        impl<'r> Decode<'r, Postgres> for $id {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                Uuid::decode(value).map(Self)
            }
        }
    )+};
}

ids!(UserId, RoomId, MessageId, SessionId, NodeId, ActId);

macro_rules! words {
    ($($word:ident),+) => {$(
        impl Type<Postgres> for $word {
            fn type_info() -> PgTypeInfo {
                <str as Type<Postgres>>::type_info()
            }
        }

        impl Encode<'_, Postgres> for $word {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                Encode::<Postgres>::encode_by_ref(&self.word(), buffer)
            }
        }

        impl<'r> Decode<'r, Postgres> for $word {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                let word = <&str>::decode(value)?;
                Self::from_word(word).ok_or_else(|| format!("{word:?} is no known word").into())
            }
        }
    )+};
}

words!(Role, RoomKind, MemberRole, Notify, Action, TargetKind);

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Timestamp {
    fn array_type_info() -> PgTypeInfo {
        OffsetDateTime::array_type_info()
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.to_datetime(), buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        OffsetDateTime::decode(value).map(Self::from_datetime)
    }
}

/// A place or a count for a database without unsigned integers. Those that exist fit.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The smallest id of an entry at this many milliseconds, as a bound of months.
pub(super) fn bound(ms: u64) -> Uuid {
    crate::models::ids::lower_bound(ms)
}
