//! The one poll that may wait for packets.

use std::collections::VecDeque;

use crate::packet::Packet;

/// The write side of a polling session.
#[derive(Debug, Default)]
pub(crate) struct Poll {}

impl Poll {
    pub(crate) fn is_waiting(&self) -> bool {
        false
    }

    pub(crate) fn answer(&mut self, packets: VecDeque<Packet>) -> VecDeque<Packet> {
        packets
    }
}
