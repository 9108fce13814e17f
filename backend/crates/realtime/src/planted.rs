//! Faults planted on purpose, so that those who look for faults can be seen to find them.
//!
//! Only in builds with the feature `planted`, which no other build has; the variable
//! `ROOST_PLANTED` then chooses one.

use std::sync::OnceLock;

/// Whether this fault is to be there.
pub fn is(fault: &str) -> bool {
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "this is no setting of the server"
    )]
    let chosen = CHOSEN.get_or_init(|| std::env::var("ROOST_PLANTED").ok());
    chosen.as_deref() == Some(fault)
}
