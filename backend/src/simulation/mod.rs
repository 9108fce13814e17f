//! Simulations: the real code of several nodes, in a world where everything that can happen between
//! them happens, in an order that a seed decides.
//!
//! All of one history runs on one thread and in a time of its own (tokio's paused clock), which
//! jumps from one event to the next; all chance comes from [`Dice`]. So a seed is one history, the same
//! whenever it is played, and hours pass in moments. What stands behind the ports (Redis, the
//! database, the bus) is modelled; what is in front of them is what ships.
//!
//! That of the whole chat is in `chat`; others stand beside what they examine. `CONTRIBUTING.md`
//! says how to play more of them, and how to play one again.

mod chat;
mod chronicle;
mod dice;
mod pulse;
mod seeds;
mod unrest;

pub(crate) use chronicle::Chronicle;
pub(crate) use dice::Dice;
pub(crate) use pulse::Pulse;
pub(crate) use seeds::{Played, play_all, play_twice};
pub(crate) use unrest::Unrest;

/// Runs on this thread alone, in a time that jumps from one event to the next.
pub(crate) fn in_a_time_of_its_own<T>(history: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(history)
}
