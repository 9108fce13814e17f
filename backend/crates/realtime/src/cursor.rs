//! A reader's place in a log.

use std::collections::VecDeque;

use crate::connection::ConnectionId;
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::topic::Topic;

/// Finds a cursor in its connection's [`crate::outbox::Outbox`].
pub(crate) type Key = u32;

/// One connection's place in one topic. There is no queue behind it: what it has not read yet is
/// in the topic's tail, or in the source.
#[derive(Debug)]
pub(crate) struct Cursor {
    pub(crate) topic: Topic,
    pub(crate) connection: ConnectionId,
    /// Whose permission this is.
    pub(crate) tag: Tag,
    /// Which attach made it. A second one replaces the first, whose handle then finds itself
    /// outdated.
    pub(crate) attach: u64,
    /// Where the topic lists it, once it does.
    pub(crate) slot: Option<u32>,
    pub(crate) phase: Phase,
    /// The next place to deliver.
    pub(crate) next: u64,
    pub(crate) cut: Option<Box<Cut>>,
    /// Whether it stands in the outbox's list of those with something to read.
    pub(crate) ready: bool,
}

/// What a cursor is doing.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Attached, not started: nothing is delivered.
    Held,
    /// Reading from the tail.
    Live,
    /// Its next frame is older than the tail: the connection's own task reads from the source.
    Fallen,
    /// Delivering what was read from the source.
    Page(VecDeque<Frame>),
}

/// The end of a feed: nothing at or above `seq` is delivered.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    pub(crate) seq: u64,
    pub(crate) farewell: Option<Packet>,
}

impl Cursor {
    /// The first place that is not for this reader.
    pub(crate) fn limit(&self) -> u64 {
        self.cut.as_ref().map_or(u64::MAX, |cut| cut.seq)
    }

    /// What was read from the source for it and has not left.
    pub(crate) fn page(&self) -> impl Iterator<Item = &Packet> {
        let page = match &self.phase {
            Phase::Page(page) => Some(page),
            Phase::Held | Phase::Live | Phase::Fallen => None,
        };
        page.into_iter().flatten().map(|frame| &frame.packet)
    }

    /// Puts an end. Of two, the lower counts for a feed that runs; one that is held must begin
    /// after both, so the higher.
    pub(crate) fn cut_at(&mut self, cut: &Cut) {
        let held = matches!(self.phase, Phase::Held);
        match &mut self.cut {
            Some(mine) if held => mine.seq = mine.seq.max(cut.seq),
            Some(mine) => mine.seq = mine.seq.min(cut.seq),
            None => self.cut = Some(Box::new(cut.clone())),
        }
    }
}
