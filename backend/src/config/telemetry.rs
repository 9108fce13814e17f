//! How programs watch the server.

use super::setting::section;
use std::net::SocketAddr;

section! {
    /// How programs watch the server. What it says to people is its log.
    telemetry: Telemetry, "Watching" {
        /// The address and port where Prometheus finds `/metrics`, such as `127.0.0.1:9464`. Whoever
        /// reaches it may read it, so give one that only your own machines reach; servers on one
        /// machine need a port each. When it is not set, nothing listens.
        "metrics_listen" => metrics_listen: Option<SocketAddr> = None;
    }
}
