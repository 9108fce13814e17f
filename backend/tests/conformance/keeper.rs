//! Where the stores under examination are kept, and the few things done to them from outside.

use crate::postgres_cluster;
use roost::models::RoomId;
use roost::store::audit::Report;
use roost::store::postgres::{self, PostgresStore};
use roost::store::sqlite::{self, SqliteStore};
use roost::store::{Result, Store};
use rusqlite::Connection;
use sqlx::{AssertSqlSafe, Executor as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
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

    /// Looks for flaws, whether the store is open or not.
    pub(crate) async fn audit(&self) -> Result<Report> {
        match self {
            Self::Sqlite(folder) => {
                let file = file(folder);
                let audit = tokio::task::spawn_blocking(move || sqlite::audit(&file));
                audit.await.unwrap()
            }
            Self::Postgres(url) => postgres::audit(url).await,
        }
    }

    /// # Panics
    /// With what was found, when what is stored is not sound.
    pub(crate) async fn expect_sound(&self) {
        let report = self.audit().await.unwrap();
        assert!(report.is_sound(), "{:#?}", report.findings);
    }

    /// Another keeper of the same data, of a store that is closed.
    pub(crate) async fn copy(&self) -> Self {
        match self {
            Self::Sqlite(folder) => {
                let copy = tempfile::tempdir().unwrap();
                std::fs::copy(file(folder), file(&copy)).unwrap();
                Self::Sqlite(copy)
            }
            Self::Postgres(url) => {
                static COPIES: AtomicU32 = AtomicU32::new(0);
                let (server, name) = url.rsplit_once('/').unwrap();
                let copy = format!("{name}_copy_{}", COPIES.fetch_add(1, Ordering::Relaxed));
                let mut connection = postgres_cluster::connect(&format!("{server}/postgres")).await;
                for statement in [
                    format!("DROP DATABASE IF EXISTS {copy} WITH (FORCE)"),
                    format!("CREATE DATABASE {copy} TEMPLATE {name}"),
                ] {
                    connection.execute(AssertSqlSafe(statement)).await.unwrap();
                }
                Self::Postgres(format!("{server}/{copy}"))
            }
        }
    }

    /// Does what no store would do, with nothing to prevent it; whether there is something to do in
    /// this database.
    pub(crate) async fn spoil(&self, sqlite: Option<&str>, postgres: Option<&'static str>) -> bool {
        match (self, sqlite, postgres) {
            (Self::Sqlite(folder), Some(statements), _) => {
                let connection = Connection::open(file(folder)).unwrap();
                connection
                    .pragma_update(None, "foreign_keys", false)
                    .unwrap();
                connection.execute_batch(statements).unwrap();
            }
            (Self::Postgres(url), _, Some(statements)) => {
                let mut connection = postgres_cluster::connect(url).await;
                for statements in ["SET session_replication_role = replica", statements] {
                    connection.execute(sqlx::raw_sql(statements)).await.unwrap();
                }
            }
            _ => return false,
        }
        true
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
