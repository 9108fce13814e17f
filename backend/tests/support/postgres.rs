//! A PostgreSQL for tests, which is gone when they are.
//!
//! Under `scripts/with-postgres.sh` all tests share the cluster of `ROOST_TEST_POSTGRES_URL`;
//! otherwise the first test of a process that asks starts one of its own through the same script.
//! Either way every test works in a database of its own, copied from a migrated template.
//!
//! Stopping and starting a cluster is in `postgres_faults.rs`.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, migrate::Migrator};
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// The URL of a new, migrated, empty database, that of a superuser.
///
/// # Panics
/// With one sentence when PostgreSQL is not installed or does not start.
pub(crate) async fn fresh_database() -> String {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED
        .get_or_init(|| {
            #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
            let given = std::env::var("ROOST_TEST_POSTGRES_URL");
            given.map_or_else(|_| Cluster::start(false), Cluster::running)
        })
        .fresh_database()
        .await
}

/// A running server with databases under it.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// A superuser's, of the database `postgres`.
    pub(crate) url: String,
    template: OnceCell<String>,
    /// The script that stops the server and removes its folder once our end of its pipe closes,
    /// however this process ends. `None` when somebody else started the server.
    script: Option<Child>,
}

impl Cluster {
    /// One that others started and will stop.
    fn running(url: String) -> Self {
        Self {
            url,
            template: OnceCell::new(),
            script: None,
        }
    }

    /// A cluster of one's own. With `durable` it flushes as in production, which only tests that
    /// crash it need.
    ///
    /// # Panics
    /// With what the script says when it cannot be started.
    pub(crate) fn start(durable: bool) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/with-postgres.sh");
        let mut process = Command::new(script)
            .args(["sh", "-c", "echo $ROOST_TEST_POSTGRES_URL; exec cat >/dev/null"])
            .env(
                "ROOST_TEST_POSTGRES_FSYNC",
                if durable { "on" } else { "off" },
            )
            // Whatever ends the tests by signalling their whole group must not end the script
            // before it has cleaned up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("scripts/with-postgres.sh is part of the repository");
        let mut url = String::new();
        BufReader::new(process.stdout.take().expect("piped above"))
            .read_line(&mut url)
            .expect("the script writes UTF-8");
        if url.is_empty() {
            let mut why = String::new();
            let mut stderr = process.stderr.take().expect("piped above");
            stderr.read_to_string(&mut why).expect("it writes UTF-8");
            panic!("{}", why.trim_end());
        }
        Self {
            url: url.trim_end().to_owned(),
            template: OnceCell::new(),
            script: Some(process),
        }
    }

    /// The URL of a new, migrated, empty database in this cluster, that of a superuser.
    pub(crate) async fn fresh_database(&self) -> String {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let template = self.template.get_or_init(|| self.template()).await;
        let name = format!(
            "test_{}_{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::Relaxed)
        );
        let mut connection = connect(&self.url).await;
        // Another process with the same number may have run in this cluster before.
        for statement in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        ] {
            connection
                .execute(AssertSqlSafe(statement))
                .await
                .expect("a superuser may make databases");
        }
        self.database(&name)
    }

    fn database(&self, name: &str) -> String {
        let (server, _) = self.url.rsplit_once('/').expect("a URL with a database");
        format!("{server}/{name}")
    }

    /// Makes the migrated template unless another process has; its name.
    async fn template(&self) -> String {
        let mut schema = DefaultHasher::new();
        for migration in MIGRATIONS.iter() {
            schema.write(&migration.checksum);
        }
        let name = format!("template_{:x}", schema.finish());
        let mut connection = connect(&self.url).await;
        // Held until the connection closes: one process migrates, the others wait for it.
        connection
            .execute("SELECT pg_advisory_lock(7295001)")
            .await
            .expect("an advisory lock can be waited for");
        let made: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
                .bind(&name)
                .fetch_one(&mut connection)
                .await
                .expect("the catalogue can be read");
        if !made {
            let draft = format!("{name}_draft");
            for statement in [
                format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
                format!("CREATE DATABASE {draft}"),
            ] {
                connection
                    .execute(AssertSqlSafe(statement))
                    .await
                    .expect("a superuser may make databases");
            }
            let mut inside = connect(&self.database(&draft)).await;
            MIGRATIONS
                .run(&mut inside)
                .await
                .expect("an empty database can be migrated");
            inside.close().await.expect("nothing is under way");
            // Renamed last, so that a template is either whole or not there.
            connection
                .execute(AssertSqlSafe(format!(
                    "ALTER DATABASE {draft} RENAME TO {name}"
                )))
                .await
                .expect("nobody is connected to it");
        }
        connection.close().await.expect("nothing is under way");
        name
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut script) = self.script.take() {
            drop(script.stdin.take());
            // It ends by itself; its status says nothing about the test.
            let _ = script.wait();
        }
    }
}

/// A plain connection, beside any pool.
pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url)
        .await
        .expect("the test's PostgreSQL is reachable")
}
