//! How much more fits into one write.

/// Packets gathered for one write.
const BATCH_PACKETS: usize = 64;
/// Bytes gathered for one write; a single packet may be larger.
const BATCH_BYTES: usize = 64 * 1024;

/// What is left of a batch while it is gathered.
#[derive(Debug)]
pub(crate) struct Space {
    packets: usize,
    bytes: usize,
    any: bool,
}

impl Space {
    /// All of it.
    pub(crate) fn of_a_batch() -> Space {
        Space {
            packets: BATCH_PACKETS,
            bytes: BATCH_BYTES,
            any: false,
        }
    }

    pub(crate) fn left(&self) -> bool {
        self.packets > 0 && self.bytes > 0
    }

    /// The first packet always fits, or a large one would never leave.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        if self.any && (self.packets == 0 || self.bytes < bytes) {
            // What comes after must not overtake what did not fit.
            self.packets = 0;
            return false;
        }
        self.any = true;
        self.packets = self.packets.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        true
    }
}
