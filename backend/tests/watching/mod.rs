//! What those who watch a server see of it: its numbers and its log.

mod log;
mod metrics;
mod pages;
