//! Several servers that are one chat: on one PostgreSQL database and one Redis.

use super::{postgres, redis::Redis, server::Server};

/// Running servers, which are called nodes when there are many.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// A node keeps its place here whatever becomes of it. One that is started again is at another
    /// address.
    pub(crate) nodes: Vec<Server>,
    pub(crate) redis: Redis,
    /// The URL of the database they share.
    pub(crate) database: String,
}

impl Cluster {
    /// So many nodes on an empty database and an empty Redis, with their rate limits off.
    pub(crate) async fn start(count: usize) -> Self {
        Self::start_with(count, &[]).await
    }

    /// The same, with these settings too.
    pub(crate) async fn start_with(count: usize, settings: &[(&str, &str)]) -> Self {
        let (redis, database) = tokio::join!(Redis::start(), postgres::fresh_database());
        let url = redis.url();
        let shared = [
            ("ROOST_DATABASE_URL", database.as_str()),
            ("ROOST_REDIS_URL", url.as_str()),
        ];
        let settings = [&shared, settings].concat();
        let starting = (0..count).map(|_| Server::start_with(&settings));
        let nodes = futures_util::future::join_all(starting).await;
        Self {
            nodes,
            redis,
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
