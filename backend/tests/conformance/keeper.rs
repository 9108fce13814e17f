//! Where the stores under examination are kept, and the few things done to them from outside.

use crate::postgres_cluster;
use roost::models::RoomId;
use roost::store::Store;
use roost::store::postgres::PostgresStore;
use roost::store::sqlite::SqliteStore;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Connections of one PostgreSQL store: enough to have steps run beside each other.
const CONNECTIONS: u32 = 8;

/// A database of a scenario's own.
pub(crate) enum Keeper {
    Sqlite(TempDir),
    Postgres(String),
}

impl Keeper {
    pub(crate) fn sqlite() -> impl Future<Output = Self> {
        std::future::ready(Self::Sqlite(tempfile::tempdir().unwrap()))
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(postgres_cluster::fresh_database().await)
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
        let changed = match self {
            Self::Sqlite(folder) => {
                let rows = Connection::open(file(folder)).unwrap().execute(
                    "UPDATE room_heads SET min_seq = ?2 WHERE room_id = ?1",
                    (room.0.as_bytes(), seq),
                );
                u64::try_from(rows.unwrap()).unwrap()
            }
            Self::Postgres(url) => {
                let mut connection = postgres_cluster::connect(url).await;
                sqlx::query("UPDATE room_heads SET min_seq = $2 WHERE room_id = $1")
                    .bind(room.0)
                    .bind(seq)
                    .execute(&mut connection)
                    .await
                    .unwrap()
                    .rows_affected()
            }
        };
        assert_eq!(changed, 1);
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("roost.db")
}
