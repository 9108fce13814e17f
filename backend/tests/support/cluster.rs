//! Several servers that are one chat: on one PostgreSQL database and one Redis.

use super::{line::Line, postgres, redis::Redis, server::Server};

/// Running servers, which are called nodes when there are many.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// A node keeps its place here whatever becomes of it. One that is started again is at another
    /// address.
    pub(crate) nodes: Vec<Server>,
    pub(crate) redis: Redis,
    /// Each node's own line to Redis.
    pub(crate) lines: Vec<Line>,
    /// The URL of the database they share.
    pub(crate) database: String,
}

impl Cluster {
    /// So many nodes on an empty database and an empty Redis, with their rate limits off.
    pub(crate) async fn start(count: usize) -> Self {
        Self::start_with(count, &[]).await
    }

    /// The same with these settings besides.
    pub(crate) async fn start_with(count: usize, settings: &[(&str, &str)]) -> Self {
        Self::on(postgres::fresh_database().await, count, settings).await
    }

    /// The same on a database of one's own.
    pub(crate) async fn on(database: String, count: usize, settings: &[(&str, &str)]) -> Self {
        let redis = Redis::start().await;
        let lines = (0..count).map(|_| Line::to(redis.port()));
        let lines = futures_util::future::join_all(lines).await;
        let starting = lines.iter().map(|line| async {
            let url = format!("redis://127.0.0.1:{}", line.port());
            let mut settings = settings.to_vec();
            settings.push(("ROOST_DATABASE_URL", &database));
            settings.push(("ROOST_REDIS_URL", &url));
            Server::start_with(&settings).await
        });
        let nodes = futures_util::future::join_all(starting).await;
        Self {
            nodes,
            redis,
            lines,
            database,
        }
    }

    /// Kills a node without a warning; it stays down until it is started again.
    pub(crate) async fn kill(&mut self, at: usize) {
        let node = self.nodes.remove(at).kill().await;
        self.nodes.insert(at, node);
    }

    /// Starts a node that was killed.
    pub(crate) async fn start_again(&mut self, at: usize) {
        let node = self.nodes.remove(at).start_again().await;
        self.nodes.insert(at, node);
    }

    /// Asks a node to stop, waits until it has, and starts it again.
    pub(crate) async fn restart(&mut self, at: usize) {
        let node = self.nodes.remove(at).stop().await.start_again().await;
        self.nodes.insert(at, node);
    }
}
