//! Where the stores under examination are kept, and the few things done to them from outside.

use roost::models::RoomId;
use roost::store::Store;
use roost::store::sqlite::SqliteStore;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// A database of a scenario's own, gone when it is dropped.
pub(crate) enum Keeper {
    Sqlite(TempDir),
}

impl Keeper {
    pub(crate) async fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// Opens the store, which must not be open.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(folder) => SqliteStore::open(&file(folder)).unwrap(),
        }
    }

    /// Says, as retention does, that what came before `seq` is no longer kept.
    pub(crate) async fn forget_before(&self, room: RoomId, seq: i64) {
        match self {
            Self::Sqlite(folder) => {
                let changed = Connection::open(file(folder))
                    .unwrap()
                    .execute(
                        "UPDATE room_heads SET min_seq = ?2 WHERE room_id = ?1",
                        (room.0.as_bytes(), seq),
                    )
                    .unwrap();
                assert_eq!(changed, 1);
            }
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("roost.db")
}
