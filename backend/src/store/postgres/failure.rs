//! What went wrong in PostgreSQL, as what a caller can do about it.

use crate::store::StoreError;
use sqlx::postgres::PgDatabaseError;
use uuid::Uuid;

/// Codes and classes that pass by themselves: connections, resources, limits and time-outs, an
/// operator at work, a read-only standby, a lost race.
const PASSING: [&str; 7] = ["08", "25", "40", "53", "55", "57", "58"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.constraint() {
                Some("users_username") => Self::Taken("username"),
                Some("users_email") => Self::Taken("email"),
                _ if is_passing(&error) => Self::Unavailable(database.message().to_owned()),
                _ => Self::Corrupt(database.message().to_owned()),
            },
            _ if is_passing(&error) => Self::Unavailable(error.to_string()),
            _ => Self::Corrupt(error.to_string()),
        }
    }
}

/// Whether the same step may succeed later, as far as this error tells.
pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => database
            .code()
            .is_some_and(|code| PASSING.iter().any(|class| code.starts_with(class))),
        sqlx::Error::RowNotFound
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Encode(_)
        | sqlx::Error::Decode(_) => false,
        _ => true,
    }
}

/// The id that no partition takes, if that is what went wrong.
pub(super) fn homeless_id(error: &sqlx::Error) -> Option<Uuid> {
    let sqlx::Error::Database(database) = error else {
        return None;
    };
    let database = database.try_downcast_ref::<PgDatabaseError>()?;
    if database.code() != "23514" || database.constraint().is_some() {
        return None;
    }
    // "Partition key of the failing row contains (id) = (018f…)." in whatever language.
    let (_, id) = database.detail()?.rsplit_once('(')?;
    Uuid::try_parse(id.split_once(')')?.0).ok()
}
