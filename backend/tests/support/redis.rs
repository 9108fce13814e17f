//! A Redis for tests, and a Redis Cluster, which are gone when they are.
//!
//! Every server listens on a port of 127.0.0.1 that the system gave, keeps nothing on disk, and can be
//! killed, started again empty at the same address, paused and resumed.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How long a server is given to do what it was asked.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often one that is starting is asked whether it has.
const ASK_EVERY: Duration = Duration::from_millis(20);
const SLOTS: u16 = 16384;

/// A running Redis.
#[derive(Debug)]
pub(crate) struct Redis {
    process: Child,
    port: u16,
    clustered: bool,
    folder: TempDir,
}

impl Redis {
    /// An empty server of its own.
    ///
    /// # Panics
    /// With one sentence when Redis is not installed or does not start.
    pub(crate) async fn start() -> Self {
        Self::start_as(false).await
    }

    async fn start_as(clustered: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        // Somebody else may take a port between choosing and binding it.
        for _ in 0..10 {
            let port = free_port();
            // What a node of a cluster knows of the others; it outlives its process.
            let _ = std::fs::remove_file(folder.path().join("nodes.conf"));
            let mut process = spawn(&folder, port, clustered);
            if answers(port, &mut process).await {
                return Self {
                    process,
                    port,
                    clustered,
                    folder,
                };
            }
        }
        let log = std::fs::read_to_string(folder.path().join("redis.log"));
        panic!("Redis did not start:\n{}", log.unwrap_or_default());
    }

    pub(crate) fn url(&self) -> String {
        url(self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Kills it, if it runs.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.expect("it can be killed");
    }

    /// Starts it at the same address, with nothing in it.
    pub(crate) async fn start_again(&mut self) {
        self.process = spawn(&self.folder, self.port, self.clustered);
        assert!(
            answers(self.port, &mut self.process).await,
            "Redis did not start again"
        );
    }

    /// Lets it stand still, connections and all.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().expect("it is running").to_string();
        let sent = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(
            sent.expect("kill is part of every system").success(),
            "Redis is gone"
        );
    }

    /// A connection to look behind the scenes.
    pub(crate) async fn connection(&self) -> redis::aio::MultiplexedConnection {
        connect(self.port)
            .await
            .expect("the test's Redis is reachable")
    }
}

/// A Redis Cluster of three masters without replicas.
#[derive(Debug)]
pub(crate) struct RedisCluster {
    pub(crate) nodes: Vec<Redis>,
}

impl RedisCluster {
    pub(crate) async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(Redis::start_as(true).await);
        }
        let share = SLOTS / 3;
        for (at, node) in nodes.iter().enumerate() {
            let first = share * u16::try_from(at).expect("three nodes");
            let last = if at == 2 {
                SLOTS - 1
            } else {
                first + share - 1
            };
            let mut connection = node.connection().await;
            let () = redis::cmd("CLUSTER")
                .arg("ADDSLOTSRANGE")
                .arg(first)
                .arg(last)
                .query_async(&mut connection)
                .await
                .expect("an empty node takes slots");
            if at > 0 {
                let () = redis::cmd("CLUSTER")
                    .arg("MEET")
                    .arg("127.0.0.1")
                    .arg(nodes[0].port)
                    .query_async(&mut connection)
                    .await
                    .expect("an empty node joins another");
            }
        }
        for node in &nodes {
            timeout(PATIENCE, agrees(node))
                .await
                .expect("the nodes of a cluster find each other");
        }
        Self { nodes }
    }

    /// Gives the slot of a key, which has nothing in it, to another node than the one that has it.
    pub(crate) async fn move_slot_of(&self, key: &str) {
        let mut first = self.nodes[0].connection().await;
        let ask = |about: &str| {
            let mut cluster = redis::cmd("CLUSTER");
            cluster.arg(about);
            cluster
        };
        let slot: u16 = ask("KEYSLOT")
            .arg(key)
            .query_async(&mut first)
            .await
            .expect("a node knows the slot of a key");
        // It is the last third's owner that is given it, unless that one has it.
        let taker = if slot < SLOTS / 3 * 2 { 2 } else { 0 };
        let mut there = self.nodes[taker].connection().await;
        let id: String = ask("MYID")
            .query_async(&mut there)
            .await
            .expect("a node knows its name");
        for node in [&self.nodes[taker], &self.nodes[1], &self.nodes[2 - taker]] {
            let mut connection = node.connection().await;
            let () = ask("SETSLOT")
                .arg(slot)
                .arg("NODE")
                .arg(&id)
                .query_async(&mut connection)
                .await
                .expect("a slot without keys is given away");
        }
    }

    /// The address of one node; the others are found from there.
    pub(crate) fn url(&self) -> String {
        self.nodes[0].url()
    }
}

/// Waits until a node knows of a whole cluster.
async fn agrees(node: &Redis) {
    let mut connection = node.connection().await;
    loop {
        let info: String = redis::cmd("CLUSTER")
            .arg("INFO")
            .query_async(&mut connection)
            .await
            .expect("a node knows its cluster");
        if info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3") {
            return;
        }
        sleep(ASK_EVERY).await;
    }
}

fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}")
}

async fn connect(port: u16) -> redis::RedisResult<redis::aio::MultiplexedConnection> {
    redis::Client::open(url(port))?
        .get_multiplexed_async_connection()
        .await
}

/// A port that is free now, and whose cluster port (10,000 above) exists.
fn free_port() -> u16 {
    loop {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("ports are not used up");
        let port = listener.local_addr().expect("it is bound").port();
        if port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

fn spawn(folder: &TempDir, port: u16, clustered: bool) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--port", &port.to_string()])
        .args(["--logfile", "redis.log", "--dir"])
        .arg(folder.path())
        .args(["--cluster-enabled", if clustered { "yes" } else { "no" }])
        .args(["--cluster-node-timeout", "30000"])
        .args(["--cluster-require-full-coverage", "no"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server is installed (the package `redis-server`)")
}

/// Waits until the server answers; false when it has ended instead.
async fn answers(port: u16, process: &mut Child) -> bool {
    timeout(PATIENCE, async {
        loop {
            if process.try_wait().expect("it can be asked").is_some() {
                return false;
            }
            if let Ok(mut connection) = connect(port).await {
                let pong: redis::RedisResult<String> =
                    redis::cmd("PING").query_async(&mut connection).await;
                if pong.is_ok() {
                    return true;
                }
            }
            sleep(ASK_EVERY).await;
        }
    })
    .await
    .expect("Redis starts in time")
}
