//! A second PostgreSQL that follows a test's own, and takes over when that is gone.

use super::postgres::connect;
use super::postgres_faults::{Fragile, as_owner, control};
use sqlx::{AssertSqlSafe, Executor as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::timeout;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A streaming standby. Its server ends when dropped; its folder is beside that of the first server
/// and goes with it.
#[derive(Debug)]
pub(crate) struct Standby {
    pub(crate) port: u16,
    /// The superuser's URL of the server it follows, and of this one.
    primary: String,
    url: String,
    data: PathBuf,
    pg_ctl: String,
}

impl Standby {
    /// A copy of what is there now, which runs and follows.
    pub(crate) async fn of(primary: &Fragile) -> Self {
        let data = Path::new(&primary.data).with_file_name("standby");
        let pg_basebackup = primary.pg_ctl.replace("pg_ctl", "pg_basebackup");
        let copied = as_owner(&pg_basebackup, Path::new(&primary.data))
            .args(["--checkpoint=fast", "--write-recovery-conf"])
            .args(["--dbname", &primary.cluster.url, "--pgdata"])
            .arg(&data)
            .status()
            .expect("pg_basebackup is beside pg_ctl");
        assert!(copied.success(), "the cluster could not be copied");
        let listener = TcpListener::bind("127.0.0.1:0").expect("ports are not used up");
        let port = listener.local_addr().expect("it is bound").port();
        drop(listener);
        let (server, database) = primary.cluster.url.rsplit_once('/').expect("it has one");
        let (server, _) = server.rsplit_once(':').expect("it has a port");
        let standby = Self {
            port,
            primary: primary.cluster.url.clone(),
            url: format!("{server}:{port}/{database}"),
            data,
            pg_ctl: primary.pg_ctl.clone(),
        };
        standby.control(&["start", "-l", "/dev/null", "-o", &format!("-p {port}")]);
        standby
            .is_seen("SELECT count(*) = 1 FROM pg_stat_replication")
            .await;
        standby
    }

    /// From now on the first server acknowledges nothing that is not here as well.
    pub(crate) async fn keep_up(&self) {
        set(&self.primary, "synchronous_standby_names = '*'").await;
        let kept = "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'";
        self.is_seen(kept).await;
    }

    /// Waits until everything is here that the first server has now.
    pub(crate) async fn catch_up(&self) {
        let mut primary = connect(&self.primary).await;
        let end: String = sqlx::query_scalar("SELECT pg_current_wal_lsn()::text")
            .fetch_one(&mut primary)
            .await
            .expect("a superuser may ask");
        let here = format!("SELECT bool_and(flush_lsn >= '{end}') FROM pg_stat_replication");
        self.is_seen(&here).await;
    }

    /// Takes nothing more from the first server.
    pub(crate) async fn fall_behind(&self) {
        set(&self.url, "primary_conninfo = ''").await;
        self.is_seen("SELECT count(*) = 0 FROM pg_stat_replication")
            .await;
    }

    /// Becomes the server that is written to, with what it has.
    pub(crate) fn take_over(&self) {
        self.control(&["promote"]);
    }

    /// Waits until the first server says so.
    async fn is_seen(&self, question: &str) {
        let mut primary = connect(&self.primary).await;
        let seen = async {
            loop {
                let question = AssertSqlSafe(question);
                let answer = sqlx::query_scalar(question).fetch_one(&mut primary);
                if answer.await.expect("a superuser may ask") {
                    break;
                }
            }
        };
        timeout(PATIENCE, seen).await.expect(question);
    }

    fn control(&self, action: &[&str]) {
        control(&self.pg_ctl, &self.data, action);
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        // It may have ended by itself; the test has said what it has to say.
        let _ = as_owner(&self.pg_ctl, &self.data)
            .args(["stop", "-s", "-w", "-m", "immediate", "-D"])
            .arg(&self.data)
            .status();
    }
}

/// Changes a setting of the server with this URL.
async fn set(url: &str, setting: &str) {
    let mut server = connect(url).await;
    for statement in [
        format!("ALTER SYSTEM SET {setting}"),
        "SELECT pg_reload_conf()".to_owned(),
    ] {
        let done = server.execute(AssertSqlSafe(statement)).await;
        done.expect("a superuser may change settings");
    }
}
