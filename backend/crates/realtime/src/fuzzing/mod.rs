//! What fuzzers run: one target for each decoder that reads what a peer sent.
//!
//! A target takes any bytes and panics when a promise is broken, which is more than that nothing
//! panics: pieces and the whole come to the same, bounds are kept, and what was read and is
//! written again reads the same. A further decoder gets a file here, a line in [`TARGETS`], three
//! lines in `fuzz/fuzz_targets` and some seeds in `fuzz/corpus`.
//!
//! Only in tests, which run every target over its corpus and over what they make of it (`corpus`),
//! and in builds with the feature `fuzzing`, which nobody else should use.

mod compressed;
mod conversation;
#[cfg(test)]
mod corpus;
mod payload;
mod request;
mod socket_io;
mod websocket;

use tokio::runtime::{Builder, Runtime};

thread_local! {
    /// Where the engine's tasks run.
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O can always be had");
}

/// A decoder to be fuzzed.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name of its file in `fuzz/fuzz_targets` and of its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Panics when these bytes break a promise.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "compressed",
        run: compressed::run,
    },
    Target {
        name: "conversation",
        run: conversation::run,
    },
    Target {
        name: "payload",
        run: payload::run,
    },
    Target {
        name: "request",
        run: request::run,
    },
    Target {
        name: "socket_io",
        run: socket_io::run,
    },
    Target {
        name: "websocket",
        run: websocket::run,
    },
];

/// Runs the target of this name.
///
/// # Panics
///
/// When there is none, and when the bytes break a promise.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").run)(data);
}
