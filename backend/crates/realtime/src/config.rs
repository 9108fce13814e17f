//! Every bound of the engine, in one place, each with the reason for its default.

use std::time::Duration;

use crate::websocket::extension::Compressed;

/// How the engine behaves and how big anything in it may get.
///
/// The defaults suit a chat over the open internet. All sizes are in bytes.
#[derive(Debug, Clone)]
pub struct Config {
    /// The path the engine answers under, with both slashes. Default `/socket.io/`.
    pub path: String,
    /// How often a quiet client is asked whether it is still there. Default 20 s.
    pub ping_interval: Duration,
    /// How long it may take to answer, counting only time in which we were reading. Default 15 s.
    pub ping_timeout: Duration,
    /// From an open transport to the first accepted CONNECT. Default 10 s.
    pub connect_timeout: Duration,
    /// From an upgrade request to the packet that completes it. Default 10 s.
    pub upgrade_timeout: Duration,
    /// The largest WebSocket frame, the largest message over all its fragments with all its
    /// binary attachments, and the largest polling body. Default 128 KiB.
    pub max_payload: usize,
    /// Packets of at least this many bytes are sent compressed (`permessage-deflate`) to the
    /// `WebSocket`s that agreed to it; they may compress whatever they send. Nothing is agreed to
    /// without it. Default 1 KiB: smaller ones fit into one segment of TCP anyway.
    pub compress_from: Option<usize>,
    /// A write that has been waiting for the peer for longer ends the connection. Default 15 s.
    pub write_timeout: Duration,
    /// When the engine drains: what a client has asked may be answered within this. Default 2 s.
    pub answer_timeout: Duration,
    /// Direct packets waiting per transport; one more ends it. Default 1 MiB.
    pub outbox_bytes: usize,
    /// Hint keys waiting per transport; one more is dropped. Default 256.
    pub hints: usize,
    /// Events handled but not yet acknowledged per transport; reading stops there. Default 64.
    pub inbox: usize,
    /// Frames a topic keeps for its readers. Default 512.
    pub tail_frames: usize,
    /// Bytes of frames a topic keeps for its readers, those that may be compressed counted with the
    /// most their second form can take. Default 4 MiB.
    pub tail_bytes: usize,
    /// A reader further behind than this many frames, and no longer covered by the tail, is told
    /// to start again instead of being backfilled. Default 1,000.
    pub max_behind: u64,
    /// Frames read from the source at a time for one reader. Default 200.
    pub backfill_page: usize,
    /// Reads of the source under way at a time, over all readers. Default 16.
    pub backfills: usize,
    /// Open transports from one address, or as many as fit. Default none.
    pub connections_per_address: Option<usize>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            path: "/socket.io/".to_owned(),
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(10),
            upgrade_timeout: Duration::from_secs(10),
            max_payload: 128 * 1024,
            compress_from: Some(1024),
            write_timeout: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(2),
            outbox_bytes: 1024 * 1024,
            hints: 256,
            inbox: 64,
            tail_frames: 512,
            tail_bytes: 4 * 1024 * 1024,
            max_behind: 1000,
            backfill_page: 200,
            backfills: 16,
            connections_per_address: None,
        }
    }
}

impl Config {
    /// What is compressed for whoever agreed to it.
    pub(crate) fn compressed(&self) -> Compressed {
        self.compress_from
            .map_or(Compressed::NOTHING, Compressed::at_least)
    }
}
