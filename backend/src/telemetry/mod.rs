//! What the server says about itself to those who run it.

mod exposition;
mod logging;
pub mod metrics;
#[cfg(feature = "otel")]
mod traces;

use crate::config::{Log, Telemetry};
#[cfg(feature = "otel")]
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// Why the server cannot say anything.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the log cannot be started: {0}")]
    Log(#[from] TryInitError),
    #[cfg(feature = "otel")]
    #[error("traces cannot be sent: {0}")]
    Traces(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Kept while there is something to tell. Dropped, it sends what was not sent yet.
#[derive(Debug, Default)]
pub struct Telling {
    #[cfg(feature = "otel")]
    _traces: Option<traces::Traces>,
}

/// Starts the log for the whole process, and traces where they are wanted. Within the runtime.
///
/// # Errors
/// When the process logs already.
pub fn start(log: &Log, telemetry: &Telemetry) -> Result<Telling, Error> {
    let lines = logging::on_stderr(log);
    #[cfg(feature = "otel")]
    if let Some(endpoint) = &telemetry.otlp_endpoint {
        let traces = traces::Traces::to(endpoint)?;
        lines.with(traces.layer()).try_init()?;
        return Ok(Telling {
            _traces: Some(traces),
        });
    }
    debug_assert!(
        telemetry.otlp_endpoint.is_none(),
        "it is refused where nothing can be sent"
    );
    lines.try_init()?;
    Ok(Telling::default())
}
