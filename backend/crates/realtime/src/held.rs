//! What the engine holds for readers that have not taken it yet.
//!
//! For one transport that takes nothing, at most: a batch gathered for one write (256 packets of
//! together 64 KiB, or one larger packet), [`crate::Config::outbox_bytes`] of direct packets (or
//! one larger packet) and as much again while a CONNECT is being decided, the newest of
//! [`crate::Config::hints`] hints, a ping, a pong, and one page of
//! [`crate::Config::backfill_page`] frames. For one topic: [`crate::Config::tail_frames`] frames
//! of together [`crate::Config::tail_bytes`], or one larger frame. Frames other than those of a
//! page wait as handles on shared bytes: a thousand readers that stopped at the same place hold
//! them once. Sizes are those of packets not compressed; a compressed form is there once besides,
//! and counts in the tail.
//!
//! Beside that the kernel keeps its send buffer, 256 KiB with [`crate::Server`], and the engine
//! what a client has begun to say: at most [`crate::Config::max_payload`] of a message and as
//! much of the attachments of its packet.

/// What waits for readers, see [`crate::Engine::held`]. A frame that several wait for counts for each.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Transports that something waits for.
    pub transports: u64,
    /// Bytes that wait for all of them.
    pub bytes: usize,
    /// Bytes that wait for the one with most.
    pub most: usize,
    /// Bytes that topics keep in their tails.
    pub tails: usize,
}

impl Held {
    /// Adds what waits for a transport.
    pub(crate) fn add(&mut self, bytes: usize) {
        self.transports += u64::from(bytes > 0);
        self.bytes += bytes;
        self.most = self.most.max(bytes);
    }
}
