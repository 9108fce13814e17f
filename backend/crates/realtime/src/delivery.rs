//! Handing a topic's new frames to everybody who follows it.
//!
//! One task a topic, there only while there is something new. It carries the new frames from
//! member to member and writes them straight to every socket that is caught up; the others read
//! on by themselves. What is appended during a walk goes with the next one: batching by itself,
//! without a timer.

use std::sync::Arc;

use tokio::time::Instant;

use crate::lock;
use crate::metrics::Tally;
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::sync::MutexGuard;
use crate::topic::{Inner, Log, Member, Topic};

/// Hints of a topic that wait for its delivery; one more is dropped.
pub(crate) const MAX_TOPIC_HINTS: usize = 256;
/// Frames carried in one walk. Also what fits in one vectored write.
pub(crate) const WALK_FRAMES: usize = 256;
/// Bytes carried in one walk, so that one write stays small against a socket's buffer.
const WALK_BYTES: usize = 64 * 1024;
/// Members visited between looks at the list, and between yields to other tasks.
const PIECE: usize = 256;

/// What a topic's task carries around.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// Contiguous, newest last.
    pub(crate) frames: &'a [Frame],
    /// The same frames back to back, as they are for a WebSocket that is sent none of them
    /// compressed: whoever wants all of them is given them in one plain write.
    pub(crate) wire: &'a [u8],
    /// The size of the longest of them.
    pub(crate) longest: usize,
    pub(crate) hints: &'a [TopicHint],
}

/// A hint for everybody who follows a topic.
#[derive(Debug, Clone)]
pub(crate) struct TopicHint {
    pub(crate) key: u128,
    pub(crate) packet: Packet,
    pub(crate) except: Option<Tag>,
}

impl<'a> Batch<'a> {
    /// Of these frames and hints; `space` is used if the frames do not stand back to back already.
    pub(crate) fn new(
        frames: &'a [Frame],
        hints: &'a [TopicHint],
        space: &'a mut Vec<u8>,
    ) -> Batch<'a> {
        let longest = frames.iter().map(|frame| frame.packet.len()).max();
        Batch {
            frames,
            wire: joined(frames, space),
            longest: longest.unwrap_or(0),
            hints,
        }
    }

    /// Its bytes from this frame on.
    pub(crate) fn wire_from(&self, first: usize) -> &[u8] {
        let before: usize = self.frames[..first].iter().map(|it| it.packet.len()).sum();
        &self.wire[before..]
    }
}

/// The bytes of frames back to back; `space` is used if they do not stand so already.
fn joined<'a>(frames: &'a [Frame], space: &'a mut Vec<u8>) -> &'a [u8] {
    if let [frame] = frames {
        return frame.packet.wire();
    }
    space.clear();
    for frame in frames {
        space.extend_from_slice(frame.packet.wire());
    }
    space
}

/// What a walk carries besides its frames.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) hints: Vec<TopicHint>,
    /// Since when its oldest frame has been known.
    since: Option<Instant>,
}

/// What a cursor makes of a batch it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Write the frames from this one on now; the cursor has moved past them.
    From(usize),
    /// Something else comes first: flush.
    Later,
    /// It has them, or is not reading.
    Nothing,
}

/// Makes sure that what is in the log reaches its members.
pub(crate) fn run(inner: &Arc<Inner>, mut log: MutexGuard<'_, Log>) {
    if std::mem::replace(&mut log.delivering, true) {
        return;
    }
    drop(log);
    let topic = Topic::from_inner(Arc::clone(inner));
    inner.shared.spawn(deliver(topic));
}

async fn deliver(topic: Topic) {
    let mut frames = Vec::new();
    let mut space = Vec::new();
    let mut piece_of = Vec::new();
    loop {
        // Whoever else has something to say is heard first: it goes with this walk. This also gives
        // way to the other tasks between two walks.
        tokio::task::yield_now().await;
        let Some(walk) = next(&topic, &mut frames) else {
            return;
        };
        let batch = Batch::new(&frames, &walk.hints, &mut space);
        let mut tally = Tally::default();
        let mut at = 0;
        while piece(topic.inner(), &mut at, &mut piece_of) {
            if at > PIECE {
                tokio::task::yield_now().await;
            }
            for member in &piece_of {
                member.link.deliver(member.key, &topic, batch, &mut tally);
            }
        }
        let metrics = &topic.inner().shared.metrics;
        metrics.count(&tally);
        // Nobody was caught up: nothing was delivered by this walk.
        if tally.reached > 0
            && let Some(since) = walk.since
        {
            metrics.delivery.took(since.elapsed());
        }
        if lock(&topic.inner().log).rest() {
            return;
        }
    }
}

/// What is new since the last walk, or the end of the task.
pub(crate) fn next(topic: &Topic, frames: &mut Vec<Frame>) -> Option<Walk> {
    frames.clear();
    let mut log = lock(&topic.inner().log);
    if log.rest() {
        return None;
    }
    let hints = std::mem::take(&mut log.hints);
    let mut bytes = 0;
    let from = log.delivered + 1;
    log.tail.read(from.max(log.tail.oldest()), |frame| {
        let fits = frames.is_empty()
            || (frames.len() < WALK_FRAMES && bytes + frame.packet.len() <= WALK_BYTES);
        if fits {
            bytes += frame.packet.len();
            frames.push(frame.clone());
        }
        fits
    });
    if let Some(last) = frames.last() {
        log.delivered = last.seq;
    }
    let delivered = log.delivered;
    let timed = log.timed.take_if(|(seq, _)| *seq <= delivered);
    let since = timed.map(|(_, since)| since);
    Some(Walk { hints, since })
}

/// The next members of a walk. Who comes in meanwhile reads the tail when started, so the walk
/// need not meet them.
pub(crate) fn piece(inner: &Inner, at: &mut usize, into: &mut Vec<Member>) -> bool {
    into.clear();
    let members = lock(&inner.members);
    let end = members.slots.len().min(at.saturating_add(PIECE));
    if *at >= end {
        return false;
    }
    into.extend(members.slots[*at..end].iter().flatten().cloned());
    *at = end;
    true
}
