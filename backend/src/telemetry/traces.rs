//! Traces, sent to an OpenTelemetry collector by OTLP over HTTP.
//!
//! Spans are those of the log, and what is told within them: the same filter, the same discretion.

use crate::config::Endpoint;
use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

/// How long a collector may take, and how long the last spans may take at the end.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read: it says little.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The way to a collector. Dropped at the end, it sends what was not sent yet.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends to this collector, on the current runtime.
    pub(super) fn to(endpoint: &Endpoint) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Post {
                runtime: Handle::current(),
                failed: AtomicBool::new(false),
            })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .build()?;
        let resource = Resource::builder()
            .with_service_name("roost")
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// What makes traces of spans.
    pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, Tracer>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("roost"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Posts, each time over a connection of its own: it is done once in a few seconds.
#[derive(Debug)]
struct Post {
    runtime: Handle,
    /// Whether the last time failed: told once, not every few seconds.
    failed: AtomicBool,
}

#[async_trait]
impl HttpClient for Post {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // The one who asks is a thread of the exporter's own, which is in no runtime.
        let posting = async { tokio::time::timeout(PATIENCE, post(request)).await };
        let posting = self.runtime.spawn(posting);
        let outcome: Result<_, HttpError> = match posting.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(elapsed)) => Err(elapsed.into()),
            Err(ended) => Err(ended.into()),
        };
        let failed = outcome.as_ref().err();
        let before = self.failed.swap(failed.is_some(), Ordering::Relaxed);
        if let Some(error) = failed.filter(|_| !before) {
            tracing::warn!(%error, "traces cannot be sent");
        }
        outcome
    }
}

async fn post(mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let to = request
        .uri()
        .authority()
        .ok_or("a collector without a host")?;
    let stream = match to.port() {
        Some(_) => TcpStream::connect(to.as_str()).await?,
        None => TcpStream::connect(format!("{to}:80")).await?,
    };
    let host = HeaderValue::from_str(to.as_str())?;
    request.headers_mut().insert(HOST, host);
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Uri::default, Uri::from);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async move {
        let answer = sender.send_request(request.map(Full::new)).await?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    // It ends with the exchange, which has what breaks it.
    let (answer, _) = tokio::join!(exchange, connection);
    answer
}
