//! `roost verify`: the promise, put to the test on a cluster of its own or on one that runs.

use super::Failure;
use loadtest::verify::Stop;
use loadtest::verify::command::{VerifyArgs, execute};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

pub(super) fn run(args: VerifyArgs) -> Result<(), Failure> {
    // A node is what this is.
    let program = std::env::current_exe()?;
    let held = Runtime::new()?.block_on(async {
        let stop = Stop::default();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let verifying = execute(args, program, settings_of_nodes(), stop.clone());
        let stopping = async {
            for way in [&stop.early, &stop.at_once] {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                way.cancel();
            }
            // What was started is taken down first, however often somebody asks.
            std::future::pending().await
        };
        tokio::select! {
            held = verifying => held.map_err(Failure::from),
            never = stopping => never,
        }
    })?;
    if held {
        Ok(())
    } else {
        Err(Failure(
            "a promise did not hold; the report says which".to_owned(),
        ))
    }
}

/// What nodes are given besides: nothing, or the fault that is to be found in them.
fn settings_of_nodes() -> Vec<(String, String)> {
    #[cfg(feature = "planted")]
    #[expect(clippy::disallowed_methods, reason = "it is handed on, not read")]
    if let Ok(fault) = std::env::var("ROOST_PLANTED") {
        return vec![("ROOST_PLANTED".to_owned(), fault)];
    }
    Vec::new()
}
