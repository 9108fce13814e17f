//! Where the stores under examination are kept, and the few things done to them from outside.

use crate::support::postgres;
use roost::models::RoomId;
use roost::store::Store;
use roost::store::postgres::PostgresStore;
use roost::store::sqlite::SqliteStore;
use rusqlite::Connection;
use sqlx::Executor as _;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Of each PostgreSQL store, so that all scenarios at once stay below what the server allows.
const CONNECTIONS: u32 = 4;

/// A database of a scenario's own, gone when it is dropped.
pub(crate) enum Keeper {
    Sqlite(TempDir),
    Postgres(String),
}

impl Keeper {
    #[expect(clippy::unused_async, reason = "made like any other")]
    pub(crate) async fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(postgres::fresh_database().await)
    }

    /// Opens the store, which must not be open.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(folder) => SqliteStore::open(&file(folder)).unwrap(),
            Self::Postgres(url) => PostgresStore::connect(url, CONNECTIONS).await.unwrap(),
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
            Self::Postgres(url) => {
                let changed = postgres::connect(url)
                    .await
                    .execute(
                        sqlx::query("UPDATE room_heads SET min_seq = $2 WHERE room_id = $1")
                            .bind(room.0)
                            .bind(seq),
                    )
                    .await
                    .unwrap();
                assert_eq!(changed.rows_affected(), 1);
            }
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("roost.db")
}
