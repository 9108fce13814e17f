//! How our values are written in SQLite: ids as 16 bytes, moments as milliseconds, words as text;
//! and what SQLite's failures mean to a caller.

use crate::models::message::MessageKind;
use crate::models::{
    ActId, Action, MemberRole, MessageId, NodeId, Notify, Role, RoomId, RoomKind, SessionId,
    TargetKind, Timestamp, UserId,
};
use crate::store::StoreError;
use rusqlite::ErrorCode;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::fmt::Write as _;
use uuid::Uuid;

macro_rules! stored_as_bytes {
    ($($id:ident),*) => {$(
        impl ToSql for $id {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
            }
        }

        impl FromSql for $id {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Uuid::from_slice(value.as_blob()?).map(Self).map_err(FromSqlError::other)
            }
        }
    )*};
}

stored_as_bytes!(UserId, RoomId, MessageId, SessionId, NodeId, ActId);

macro_rules! stored_as_word {
    ($($word:ident),*) => {$(
        impl ToSql for $word {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.word()))
            }
        }

        impl FromSql for $word {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::from_word(value.as_str()?).ok_or(FromSqlError::InvalidType)
            }
        }
    )*};
}

stored_as_word!(MemberRole, Notify, Role, RoomKind, Action, TargetKind);

impl FromSql for MessageKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "text" => Ok(Self::Text),
            "system" => Ok(Self::System),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

/// A place or a count as SQLite takes it. What is beyond its integers is beyond every log.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Many ids as one parameter: SQL reads them with `SELECT unhex(value) FROM json_each(?)`.
pub(super) fn id_list(ids: impl IntoIterator<Item = Uuid>) -> String {
    let mut list = String::from("[");
    for id in ids {
        if list.len() > 1 {
            list.push(',');
        }
        write!(list, "\"{}\"", id.simple()).expect("a string takes all that is written");
    }
    list.push(']');
    list
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match &error {
            E::SqliteFailure(failure, said) => match failure.code {
                ErrorCode::ConstraintViolation => {
                    let said = said.as_deref().unwrap_or_default();
                    if said.contains("users.username") {
                        Self::Taken("username")
                    } else if said.contains("users.email") {
                        Self::Taken("email")
                    } else {
                        Self::Corrupt(error.to_string())
                    }
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Corrupt(error.to_string())
                }
                _ => Self::Unavailable(error.to_string()),
            },
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..)
            | E::QueryReturnedNoRows => Self::Corrupt(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
