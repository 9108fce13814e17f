//! The log: lines on standard error, for people or for machines.
//!
//! A line says what happened, to which room, how long; it never holds what people wrote, nor
//! passwords, tokens or addresses of databases. Ours keep to that by themselves. Libraries, at
//! their finer levels, print what passes through them, so of those only `info` and above is kept.

use crate::config::{Log, LogFormat};
use std::io::{IsTerminal as _, stderr};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterFn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{Layer as _, fmt};

/// The crates whose every level may be shown.
const OURS: [&str; 2] = ["roost", "realtime"];

/// Starts logging for the whole process.
///
/// # Errors
/// When the process logs already.
pub fn start(log: &Log) -> Result<(), TryInitError> {
    let filter = EnvFilter::new(log.filter.as_str());
    let lines = match log.format {
        LogFormat::Text => fmt::layer()
            .with_writer(stderr)
            .with_ansi(stderr().is_terminal())
            .boxed(),
        LogFormat::Json => fmt::layer()
            .with_writer(stderr)
            .json()
            .flatten_event(true)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(
            lines
                .with_filter(filter)
                .with_filter(FilterFn::new(is_discreet)),
        )
        .try_init()
}

fn is_discreet(metadata: &Metadata<'_>) -> bool {
    let source = metadata.target().split("::").next().unwrap_or_default();
    OURS.contains(&source) || *metadata.level() <= Level::INFO
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn the_finer_lines_of_libraries_are_never_shown() {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&shown);
        let filter = FilterFn::new(move |metadata| {
            if is_discreet(metadata) {
                seen.lock()
                    .unwrap()
                    .push(format!("{} {}", metadata.target(), metadata.level()));
            }
            true
        });
        let subscriber = tracing_subscriber::registry()
            .with(fmt::layer().with_writer(std::io::sink).with_filter(filter));
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!(target: "sqlx::query", "a statement with what somebody wrote");
            tracing::debug!(target: "roost::store", "a batch was stored");
            tracing::info!(target: "sqlx::pool", "connected");
            tracing::trace!(target: "roostlike", "looks like ours");
        });
        let mut shown = shown.lock().unwrap().clone();
        shown.dedup();
        assert_eq!(shown, ["roost::store DEBUG", "sqlx::pool INFO"]);
    }
}
