//! How programs watch the server.

use super::{Origin, setting::section, value::Value};
use std::fmt;
use std::net::SocketAddr;

section! {
    /// How programs watch the server. What it says to people is its log.
    telemetry: Telemetry, "Watching" {
        /// The address and port where Prometheus finds `/metrics`, such as `127.0.0.1:9464`. Whoever
        /// reaches it may read it, so give one that only your own machines reach; servers on one
        /// machine need a port each. When it is not set, nothing listens.
        "metrics_listen" => metrics_listen: Option<SocketAddr> = None;

        /// An OpenTelemetry collector that takes traces by OTLP over HTTP, such as
        /// `http://127.0.0.1:4318`. What passes the log's filter is sent. Only in a program that was
        /// built with the feature `otel`.
        "otlp_endpoint" => otlp_endpoint: Option<Endpoint> = None;
    }
}

/// Where a collector is, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Origin);

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Value for Endpoint {
    fn read(text: &str) -> Result<Self, String> {
        if !cfg!(feature = "otel") {
            let refusal = "left out: this program was built without the feature `otel`";
            return Err(refusal.to_owned());
        }
        Origin::parse(text)
            .filter(|origin| !origin.is_https())
            .map(Self)
            .ok_or_else(|| "the address of a collector, such as `http://127.0.0.1:4318`".to_owned())
    }

    fn show(&self) -> Option<toml::Value> {
        Some(self.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(feature = "otel")]
    fn a_collector_is_reached_without_a_path_a_password_or_tls() {
        let read = |text| Endpoint::read(text).map(|endpoint| endpoint.to_string());
        let collector = "http://127.0.0.1:4318";
        assert_eq!(read(collector).as_deref(), Ok(collector));
        for wrong in [
            "127.0.0.1:4318",
            "https://127.0.0.1:4318",
            "http://127.0.0.1:4318/v1/traces",
            "http://roost:hunter2@127.0.0.1:4318",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    #[cfg(not(feature = "otel"))]
    fn a_program_without_traces_says_so() {
        let refusal = Endpoint::read("http://127.0.0.1:4318").unwrap_err();
        assert!(refusal.contains("built without the feature `otel`"));
    }
}
