//! What the server says about itself to those who run it.

pub mod logging;
