//! The log: lines on standard error, for people or for machines.
//!
//! A line says what happened, to which room, how long; it never holds what people wrote, nor
//! passwords, tokens or addresses of databases. Ours keep to that by themselves. Libraries, at
//! their finer levels, print what passes through them, so of those only `info` and above is kept.

use crate::config::{Log, LogFormat};
use std::io::{IsTerminal as _, stderr};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterFn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer as _, registry};

/// The crates whose every level may be shown.
const OURS: [&str; 2] = ["roost", "realtime"];

/// The log of this process, not started yet.
pub(super) fn on_stderr(
    log: &Log,
) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + use<> {
    lines(log, stderr, stderr().is_terminal())
}

/// Everything that makes lines of what happens, and writes them.
///
/// The filters stand before all layers and not around one: those of single layers lose the line that
/// follows when a library only asks whether it would be heard, as the driver of PostgreSQL does.
fn lines<W>(
    log: &Log,
    writer: W,
    colourful: bool,
) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer);
    let layer = match log.format {
        LogFormat::Text => layer.with_ansi(colourful).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    registry()
        .with(FilterFn::new(is_discreet))
        .with(EnvFilter::new(log.filter.as_str()))
        .with(layer)
}

fn is_discreet(metadata: &Metadata<'_>) -> bool {
    let source = metadata.target().split("::").next().unwrap_or_default();
    OURS.contains(&source) || *metadata.level() <= Level::INFO
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing::dispatcher::get_default;

    /// What was written.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that `work` leaves in a log of this level, without their times.
    fn logged(level: &str, work: impl FnOnce()) -> Vec<String> {
        let environment = vec![("ROOST_LOG".to_owned(), level.to_owned())];
        let sources = Sources {
            environment,
            ..Sources::default()
        };
        let written = Written::default();
        let copy = written.clone();
        let log = Config::load(&sources).unwrap().log;
        tracing::subscriber::with_default(lines(&log, move || copy.clone(), false), work);
        let bytes = written.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        let without_time = |line: &str| line.split_once(' ').unwrap().1.trim_start().to_owned();
        text.lines().map(without_time).collect()
    }

    #[test]
    fn the_finer_lines_of_libraries_are_never_shown() {
        let shown = logged("trace", || {
            tracing::debug!(target: "sqlx::query", "a statement with what somebody wrote");
            tracing::debug!(target: "roost::store", "a batch was stored");
            tracing::info!(target: "sqlx::pool", "connected");
            tracing::trace!(target: "roostlike", "looks like ours");
        });
        assert_eq!(
            shown,
            [
                "DEBUG roost::store: a batch was stored",
                "INFO sqlx::pool: connected"
            ]
        );
    }

    #[test]
    fn a_library_that_only_asks_takes_no_line_with_it() {
        let shown = logged("info", || {
            let statement = tracing::debug_span!(target: "sqlx::query", "statement");
            let metadata = statement.metadata().expect("it is known, if not shown");
            assert!(!get_default(|heard| heard.enabled(metadata)));
            tracing::error!(target: "roost::api", "a request failed");
        });
        assert_eq!(shown, ["ERROR roost::api: a request failed"]);
    }
}
