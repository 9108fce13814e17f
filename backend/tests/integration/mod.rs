//! Whole stories: people who come and go, connections that break, servers that
//! are killed, and what everybody still has afterwards.

mod audits;
mod conversations;
mod crashes;
mod loads;
mod outages;
mod slow_readers;
