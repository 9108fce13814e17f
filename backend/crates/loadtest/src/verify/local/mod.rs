//! A cluster of our own: nodes of the same program, PostgreSQL and Redis, and lines between them
//! that can break.
//!
//! Everything listens on loopback, lives in one temporary folder, and is ended and removed however
//! this process ends.

mod node;
mod postgres;
mod process;
mod redis;

pub(crate) use node::Node;

use std::{
    fs, io,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::future::{join_all, try_join_all};
use uuid::Uuid;

use node::Common;
use postgres::Postgres;
use process::Guardian;
use redis::Redis;

/// Rates are lifted. Leases are shorter than usual, so that more of them run out in a run.
const SETTINGS: [(&str, &str); 5] = [
    ("ROOST_LIMITS", "off"),
    ("ROOST_LOG", "info"),
    ("ROOST_PRESENCE_NODE_LEASE", "6s"),
    ("ROOST_PRESENCE_GRACE", "2s"),
    ("RUST_BACKTRACE", "1"),
];

/// Why there is no cluster, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error(
        "{0} is needed for a cluster of our own and was not found; install it, or give --postgres"
    )]
    NotInstalled(&'static str),
    #[error("PostgreSQL cannot be run by root, and there is no user `postgres` or `nobody`")]
    NobodyToOwnPostgres,
    #[error("{what} did not start; it said:\n{said}")]
    DidNotStart { what: &'static str, said: String },
    #[error("the cluster could not be kept running: {0}")]
    System(#[from] io::Error),
}

impl Broken {
    fn did_not_start(what: &'static str, log: &Path) -> Self {
        let said = last_lines(log);
        Self::DidNotStart { what, said }
    }
}

/// What a cluster is made of.
#[derive(Clone, Debug)]
pub struct Blueprint {
    pub nodes: usize,
    /// The program whose `serve` is a node.
    pub program: PathBuf,
    /// The folder of `initdb` and `postgres`, if they are not where they usually are.
    pub postgres: Option<PathBuf>,
    /// Settings besides, as environment variables.
    pub settings: Vec<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    postgres: Postgres,
    redis: Redis,
    guardian: Arc<Guardian>,
    folder: PathBuf,
}

impl Cluster {
    pub(crate) async fn start(blueprint: &Blueprint) -> Result<Self, Broken> {
        let folder = std::env::temp_dir().join(format!("roost-verify-{}", Uuid::new_v4().simple()));
        fs::create_dir(&folder)?;
        // PostgreSQL may belong to somebody else, who has to get through.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))?;
        let guardian = Guardian::over(&folder)?;
        let (postgres, redis) = tokio::try_join!(
            Postgres::start(
                folder.join("postgres"),
                blueprint.postgres.as_deref(),
                &guardian
            ),
            Redis::start(folder.join("redis"), &guardian),
        )?;
        let own = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let common = Common {
            program: blueprint.program.clone(),
            settings: own
                .into_iter()
                .chain(blueprint.settings.iter().cloned())
                .collect(),
            guardian: Arc::clone(&guardian),
        };
        let nodes = (0..blueprint.nodes)
            .map(|number| {
                let url = |port| postgres.url(port);
                Node::new(number, &folder, &common, redis.port(), postgres.port(), url)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let cluster = Self {
            nodes,
            postgres,
            redis,
            guardian,
            folder,
        };
        try_join_all(cluster.nodes.iter().map(Node::start)).await?;
        Ok(cluster)
    }

    pub(crate) async fn kill_redis(&self) {
        self.redis.kill().await;
    }

    pub(crate) async fn start_redis(&self) -> Result<(), Broken> {
        self.redis.start_again().await
    }

    pub(crate) async fn pause_redis(&self) {
        self.redis.pause().await;
    }

    pub(crate) async fn let_redis_go_on(&self) {
        self.redis.go_on().await;
    }

    pub(crate) async fn crash_postgres(&self) {
        self.postgres.crash().await;
    }

    pub(crate) async fn start_postgres(&self) -> Result<(), Broken> {
        self.postgres.start_again().await
    }

    /// Mends whatever is broken, and has everything running in the end.
    pub(crate) async fn mend(&self) -> Result<(), Broken> {
        for node in &self.nodes {
            for line in [&node.door, &node.to_redis, &node.to_postgres] {
                line.mend();
            }
            node.go_on().await;
        }
        self.redis.go_on().await;
        tokio::try_join!(self.start_postgres(), self.start_redis())?;
        try_join_all(self.nodes.iter().map(Node::start)).await?;
        Ok(())
    }

    /// How often a node ended without being told to, or did not when it was.
    pub(crate) fn fallen(&self) -> u32 {
        self.nodes.iter().map(Node::fallen).sum()
    }

    /// Copies the logs of all nodes, of PostgreSQL and of Redis into a folder.
    pub(crate) fn keep_logs(&self, into: &Path) -> io::Result<()> {
        fs::create_dir_all(into)?;
        for node in &self.nodes {
            let name = format!("{}.log", node.name().replace(' ', "-"));
            fs::copy(node.log(), into.join(name))?;
        }
        for name in ["postgres", "redis"] {
            let log = self.folder.join(name).join("log");
            fs::copy(log, into.join(format!("{name}.log")))?;
        }
        Ok(())
    }

    /// Takes everything down and removes the folder.
    pub(crate) async fn stop(self) {
        join_all(self.nodes.iter().map(Node::kill)).await;
        self.redis.kill().await;
        self.postgres.crash().await;
        let guardian = Arc::clone(&self.guardian);
        drop(self);
        // A thread of its own may wait; the shell has nothing left to wait for.
        let _ = tokio::task::spawn_blocking(move || guardian.dismiss()).await;
    }
}

/// A port that is free now.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn last_lines(log: &Path) -> String {
    const LINES: usize = 10;
    let log = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
