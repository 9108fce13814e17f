//! Load, measurement and verification over the public protocol, from the outside.
//!
//! Nothing here shares code with the server or reads its database: what this
//! crate says about a server is what any client could have seen.

pub mod cli;
pub mod client;
mod history;
mod process;
mod report;
mod scenario;
pub mod verify;

pub use history::{Fault, Findings, Origin, RoomHistory};
pub use report::{Latency, MemberFault, Report, ServerCost, Storm};
pub use scenario::{LoadError, Options, Pace, Progress, Scenario, run};
