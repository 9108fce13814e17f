//! Reading from the source for a reader that fell off the tail.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::cursor::Key;
use crate::packet::Frame;
use crate::shared::Shared;
use crate::topic::Topic;

/// Reads tried before a feed is given up.
const ATTEMPTS: u32 = 5;
/// The wait after the first failed read; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// A cursor whose next frame is no longer in the tail.
#[derive(Debug, Clone)]
pub(crate) struct Fallen {
    pub(crate) key: Key,
    pub(crate) attach: u64,
    pub(crate) topic: Topic,
    pub(crate) next: u64,
    /// The first place that is not for this reader.
    pub(crate) limit: u64,
}

impl Fallen {
    /// Whether what it has to read is more than is worth reading for it.
    pub(crate) fn is_hopeless(&self, max_behind: u64) -> bool {
        let end = self.limit.min(self.topic.head() + 1);
        end.saturating_sub(self.next) > max_behind
    }

    /// The next page from the source, or nothing when it could not be had.
    pub(crate) async fn read(self, shared: Arc<Shared>) -> (Fallen, Option<VecDeque<Frame>>) {
        let mut wait = FIRST_WAIT;
        for attempt in 1..=ATTEMPTS {
            if let Some(page) = self.try_read(&shared).await {
                shared.metrics.backfills.add(1);
                return (self, Some(page));
            }
            tracing::debug!(
                topic.id = self.topic.id().0,
                attempt,
                "a page could not be read"
            );
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        (self, None)
    }

    async fn try_read(&self, shared: &Shared) -> Option<VecDeque<Frame>> {
        let _permit = shared.backfills.acquire().await.ok()?;
        let limit = shared.config.backfill_page;
        let read = shared.app.read(self.topic.id(), self.next - 1, limit).await;
        // The source may know of more than the topic does by now. What the topic has not taken yet
        // could still be cut, and comes by it.
        let known = self.topic.head();
        let page = usable(read.ok()?, self.next..=known, limit);
        (!page.is_empty()).then_some(page)
    }
}

/// What of a page continues a feed without a gap, within the places wanted.
fn usable(frames: Vec<Frame>, wanted: RangeInclusive<u64>, limit: usize) -> VecDeque<Frame> {
    let next = *wanted.start();
    let frames = frames.into_iter().skip_while(|frame| frame.seq < next);
    let contiguous = frames
        .zip(wanted)
        .take_while(|(frame, seq)| frame.seq == *seq);
    contiguous.map(|(frame, _)| frame).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Packet;

    #[test]
    fn only_what_continues_the_feed_is_used() {
        let frames = |seqs: &[u64]| {
            seqs.iter()
                .map(|&seq| Frame {
                    seq,
                    packet: Packet::event("/", "e", &seq),
                })
                .collect()
        };
        let used = |seqs: &[u64]| -> Vec<u64> {
            usable(frames(seqs), 5..=8, 3)
                .iter()
                .map(|frame| frame.seq)
                .collect()
        };
        assert_eq!(used(&[5, 6, 7, 8]), [5, 6, 7]);
        assert_eq!(used(&[3, 4, 5, 6]), [5, 6]);
        assert_eq!(used(&[5, 7]), [5]);
        assert_eq!(used(&[6, 7]), [0; 0]);
        assert_eq!(used(&[]), [0; 0]);
        let beyond: Vec<u64> = usable(frames(&[5, 6, 7]), 5..=6, 3)
            .iter()
            .map(|frame| frame.seq)
            .collect();
        assert_eq!(
            beyond,
            [5, 6],
            "what the topic does not know yet is not for this page"
        );
    }
}
