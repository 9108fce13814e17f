//! Opening the database file: the lock that keeps it to one process, its settings, its schema.

use crate::store::{Result, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection waits for another one. Only a checkpoint or a program outside can make
/// it wait at all: there is one writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Prepared statements kept by each connection; there are fewer different ones than this.
const STATEMENTS: usize = 160;
/// What the writer keeps of the file in memory, in KiB: the pages that messages of many rooms and
/// many authors touch again and again. SQLite's own 2 MB are read again all the time.
const WRITER_CACHE: i64 = 32 * 1024;
/// The same for each of the others.
const READER_CACHE: i64 = 8 * 1024;
/// Pages in the log of SQLite before it is folded back into the file: 32 MB. Most of them are
/// versions of the same pages, of which only the last is then written.
const CHECKPOINT: i64 = 8 * 1024;

const MIGRATIONS: &[M<'_>] = &[
    M::up(include_str!("../../../migrations/sqlite/0001_accounts.sql")),
    M::up(include_str!("../../../migrations/sqlite/0002_rooms.sql")),
    M::up(include_str!("../../../migrations/sqlite/0003_messages.sql")),
    M::up(include_str!("../../../migrations/sqlite/0004_nodes.sql")),
    M::up(include_str!(
        "../../../migrations/sqlite/0005_store_messages.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0006_operators.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0007_last_seen_visible.sql"
    )),
    M::up(include_str!(
        "../../../migrations/sqlite/0008_post_messages.sql"
    )),
];

/// Takes the file for this process alone until the answer is dropped, or the process ends in
/// whatever way.
pub(super) fn lock(database: &Path) -> Result<File> {
    if let Some(folder) = database.parent() {
        fs::create_dir_all(folder).map_err(|error| cannot("make the folder", folder, &error))?;
    }
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| cannot("open", &path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
            "{} is in use by another running server",
            database.display()
        ))),
        Err(TryLockError::Error(error)) => Err(cannot("lock", &path, &error)),
    }
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("cannot {what} {}: {error}", path.display()))
}

/// The one connection that writes, its schema up to date.
pub(super) fn open_writer(database: &Path) -> Result<Connection> {
    let mut connection = Connection::open(database)?;
    set_up(&connection, WRITER_CACHE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
    // Acknowledged means on the disk, also when the power fails.
    connection.pragma_update(None, "synchronous", "full")?;
    Migrations::from_slice(MIGRATIONS)
        .to_latest(&mut connection)
        .map_err(|error| match error {
            rusqlite_migration::Error::MigrationDefinition(
                MigrationDefinitionError::DatabaseTooFarAhead,
            ) => StoreError::Unavailable(format!(
                "{} was written by a newer version of this program",
                database.display()
            )),
            other => {
                StoreError::Unavailable(format!("the schema cannot be brought up to date: {other}"))
            }
        })?;
    Ok(connection)
}

/// One of the connections that only read.
pub(super) fn open_reader(database: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(
        database,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    set_up(&connection, READER_CACHE)?;
    Ok(connection)
}

/// The file as it is, whoever is at work on it: nothing is made, locked or brought up to date.
///
/// # Errors
/// [`StoreError::Unavailable`] when there is none, or when its schema is not that of this program.
pub(super) fn open_as_it_is(database: &Path) -> Result<Connection> {
    if !database.exists() {
        return Err(StoreError::Unavailable(format!(
            "there is no {}",
            database.display()
        )));
    }
    let connection = open_reader(database)?;
    let schema: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if usize::try_from(schema) != Ok(MIGRATIONS.len()) {
        return Err(StoreError::Unavailable(format!(
            "{} is of another version of this program: its schema has the number {schema}, and {} is needed",
            database.display(),
            MIGRATIONS.len()
        )));
    }
    Ok(connection)
}

fn set_up(connection: &Connection, cache: i64) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Left to itself, SQLite looks at the values as it plans, and plans anew with every other value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // Negative: KiB, not pages.
    connection.pragma_update(None, "cache_size", -cache)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store as _;
    use crate::store::sqlite::SqliteStore;
    use rusqlite::StatementStatus;

    #[tokio::test]
    async fn a_second_server_is_told_that_the_file_is_in_use_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/roost.db");
        let first = SqliteStore::open(&path).unwrap();
        let refused = SqliteStore::open(&path).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "the database is unavailable: {} is in use by another running server",
                path.display()
            )
        );
        first.ping().await.unwrap();
        first.close().await;
        SqliteStore::open(&path).unwrap().close().await;
    }

    #[tokio::test]
    async fn a_file_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.db");
        SqliteStore::open(&path).unwrap().close().await;
        let outside = Connection::open(&path).unwrap();
        outside.pragma_update(None, "user_version", 1000).unwrap();
        drop(outside);
        let refused = SqliteStore::open(&path).unwrap_err();
        assert!(refused.to_string().contains("newer version"), "{refused}");
    }

    #[test]
    fn a_statement_is_planned_once_whatever_it_is_asked_with() {
        let folder = tempfile::tempdir().unwrap();
        let writer = open_writer(&folder.path().join("roost.db")).unwrap();
        let mut statement = writer
            .prepare("SELECT id FROM users WHERE username > ?1 ORDER BY username LIMIT ?2")
            .unwrap();
        for (after, most) in [("ana", 1), ("bo", 2)] {
            assert!(!statement.exists((after, most)).unwrap());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = SqliteStore::open(&file.join("roost.db")).unwrap_err();
        assert!(
            refused.to_string().contains("cannot make the folder"),
            "{refused}"
        );
    }

    #[test]
    fn a_file_that_is_no_database_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.db");
        fs::write(
            &path,
            "this is a text of more than a hundred bytes ".repeat(50),
        )
        .unwrap();
        let refused = SqliteStore::open(&path).unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt(_)), "{refused}");
    }
}
