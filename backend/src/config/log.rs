//! What the server says about itself.

use super::{setting::section, value::Filter};

section! {
    /// What the server says about itself on standard error. Messages, passwords and tokens are
    /// never part of it.
    log: Log, "Log" {
        /// What is logged: `error`, `warn`, `info`, `debug` or `trace`, or directives for parts,
        /// such as `info,roost::store=debug`.
        "log" => filter: Filter = Filter::default();

        /// `text` for people, `json` for machines.
        "log_format" => format: LogFormat = LogFormat::Text;
    }
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}
