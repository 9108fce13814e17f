//! What the server says about itself to those who run it.

mod exposition;
pub mod logging;
pub mod metrics;
