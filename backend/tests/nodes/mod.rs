//! What nodes share: a bus and presence, each examined wherever it is kept, and the stories of
//! several nodes at once.

mod bus;
mod last_seen;
mod leases;
mod link;
mod operators;
mod outages;
mod presence;
mod readiness;
mod rolling;
mod scripts;
mod stats;
mod together;
