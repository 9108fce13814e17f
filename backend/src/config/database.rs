//! Where things are kept.

use super::{DatabaseUrl, setting::section};
use std::num::NonZeroU32;
use std::path::PathBuf;

section! {
    /// Where things are kept: in SQLite under the data directory, or in PostgreSQL.
    database: Database, "Storage" {
        /// The directory of the server's own files. It is made when it does not exist.
        "data_dir" => data_dir: PathBuf = PathBuf::from("./data");

        /// A PostgreSQL 15 or newer database, such as `postgres://roost:secret@db.example.org/roost`.
        /// When it is not set, everything is kept in SQLite in the data directory.
        "database_url" => url: Option<DatabaseUrl> = None;

        /// The most connections to PostgreSQL this server opens.
        "database_max_connections" => max_connections: NonZeroU32 = NonZeroU32::new(16).expect("16 is not 0");
    }
}
