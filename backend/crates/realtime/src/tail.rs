//! The newest part of a log, as frames encoded once.

use std::collections::VecDeque;

use crate::packet::Frame;
use crate::websocket::extension::Compressed;

/// The newest frames of a topic: contiguous, bounded in number and bytes.
#[derive(Debug)]
pub(crate) struct Tail {
    frames: VecDeque<Frame>,
    bytes: usize,
    head: u64,
    max_frames: usize,
    max_bytes: usize,
    compressed: Compressed,
}

/// What became of a frame given to a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It was the next one: appended, and on its way to the readers.
    New,
    /// It, or one after it, was there already. (Also of a topic that was dropped by
    /// [`crate::Topics::reset_all`], which takes nothing more.)
    Known,
    /// Something between it and the head is missing, and nothing happened: read what is missing
    /// and append that first.
    Gap {
        /// The last place the topic knows.
        head: u64,
    },
}

/// What reading a tail came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// There is nothing at or after the place asked for, yet.
    End,
    /// The taker had enough; there is more.
    More,
    /// What comes next is older than the tail.
    Fallen,
}

impl Tail {
    /// An empty tail of a log whose last entry is `head`.
    pub(crate) fn new(
        head: u64,
        max_frames: usize,
        max_bytes: usize,
        compressed: Compressed,
    ) -> Tail {
        Tail {
            frames: VecDeque::new(),
            bytes: 0,
            head,
            max_frames,
            max_bytes,
            compressed,
        }
    }

    /// The last place there is.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// How much is kept.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The first place that can be read from here; one past the head when nothing is kept.
    pub(crate) fn oldest(&self) -> u64 {
        self.frames.front().map_or(self.head + 1, |frame| frame.seq)
    }

    /// Takes the next frame, and lets go of the oldest that no longer fit.
    pub(crate) fn append(&mut self, frame: Frame) -> Appended {
        if frame.seq <= self.head {
            return Appended::Known;
        }
        if frame.seq != self.head + 1 {
            return Appended::Gap { head: self.head };
        }
        self.head = frame.seq;
        self.bytes += frame.packet.weight(self.compressed);
        self.frames.push_back(frame);
        // The newest frame stays whatever its size, or nobody could read it from here.
        while self.frames.len() > 1
            && (self.frames.len() > self.max_frames || self.bytes > self.max_bytes)
        {
            if let Some(old) = self.frames.pop_front() {
                self.bytes -= old.packet.weight(self.compressed);
            }
        }
        Appended::New
    }

    /// The frames after one place up to another, if all of them are here.
    pub(crate) fn between(&self, after: u64, until: u64) -> Option<Vec<Frame>> {
        let count = usize::try_from(until.checked_sub(after)?).ok()?;
        if until > self.head || after + 1 < self.oldest() {
            return None;
        }
        let skip = usize::try_from(after + 1 - self.oldest()).ok()?;
        Some(self.frames.iter().skip(skip).take(count).cloned().collect())
    }

    /// Gives `take` the frames from `next` on, until it wants no more.
    pub(crate) fn read(&self, next: u64, mut take: impl FnMut(&Frame) -> bool) -> Reach {
        if next > self.head {
            return Reach::End;
        }
        let oldest = self.oldest();
        #[cfg(feature = "planted")]
        let next = if crate::planted::is("forget-a-backfill") {
            next.max(oldest)
        } else {
            next
        };
        if next < oldest {
            return Reach::Fallen;
        }
        let skip = usize::try_from(next - oldest).unwrap_or(usize::MAX);
        for frame in self.frames.iter().skip(skip) {
            if !take(frame) {
                return Reach::More;
            }
        }
        Reach::End
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Packet;

    fn frame(seq: u64) -> Frame {
        Frame {
            seq,
            packet: Packet::event("/", "e", &seq),
        }
    }

    fn read(tail: &Tail, next: u64) -> (Reach, Vec<u64>) {
        let mut seen = Vec::new();
        let reach = tail.read(next, |frame| {
            seen.push(frame.seq);
            true
        });
        (reach, seen)
    }

    #[test]
    fn only_the_next_frame_is_taken() {
        let mut tail = Tail::new(5, 10, 10_000, Compressed::NOTHING);
        assert_eq!(tail.append(frame(5)), Appended::Known);
        assert_eq!(tail.append(frame(7)), Appended::Gap { head: 5 });
        assert_eq!(tail.append(frame(6)), Appended::New);
        assert_eq!(tail.append(frame(6)), Appended::Known);
        assert_eq!(tail.head(), 6);
    }

    #[test]
    fn a_tail_forgets_its_oldest_frames_and_says_so() {
        let mut tail = Tail::new(0, 3, 10_000, Compressed::NOTHING);
        assert_eq!(read(&tail, 1), (Reach::End, vec![]));
        for seq in 1..=5 {
            tail.append(frame(seq));
        }
        assert_eq!(read(&tail, 2), (Reach::Fallen, vec![]));
        assert_eq!(read(&tail, 3), (Reach::End, vec![3, 4, 5]));
        assert_eq!(read(&tail, 6), (Reach::End, vec![]));
        assert_eq!(read(&tail, 9), (Reach::End, vec![]));
    }

    #[test]
    fn a_tail_is_bounded_in_bytes_but_keeps_the_newest() {
        let mut tail = Tail::new(0, 100, 1, Compressed::NOTHING);
        tail.append(frame(1));
        tail.append(frame(2));
        assert_eq!(read(&tail, 2), (Reach::End, vec![2]));
        assert_eq!(tail.oldest(), 2);
    }

    #[test]
    fn a_tail_counts_the_compressed_form_of_its_frames_too() {
        let len = frame(1).packet.len();
        let mut tail = Tail::new(0, 100, 3 * len, Compressed::at_least(len));
        tail.append(frame(1));
        tail.append(frame(2));
        assert_eq!(tail.oldest(), 2);
        let mut tail = Tail::new(0, 100, 3 * len, Compressed::at_least(len + 1));
        tail.append(frame(1));
        tail.append(frame(2));
        assert_eq!(tail.oldest(), 1);
    }

    #[test]
    fn what_lies_between_two_places_is_given_whole_or_not_at_all() {
        let mut tail = Tail::new(4, 3, 10_000, Compressed::NOTHING);
        let between = |tail: &Tail, after, until| -> Option<Vec<u64>> {
            let frames = tail.between(after, until)?;
            Some(frames.iter().map(|frame| frame.seq).collect())
        };
        assert_eq!(between(&tail, 4, 4), Some(vec![]), "nothing was missed");
        assert_eq!(between(&tail, 3, 4), None, "from before it was watched");
        for seq in 5..=9 {
            tail.append(frame(seq));
        }
        assert_eq!(between(&tail, 6, 9), Some(vec![7, 8, 9]));
        assert_eq!(between(&tail, 7, 8), Some(vec![8]));
        assert_eq!(between(&tail, 9, 9), Some(vec![]));
        assert_eq!(between(&tail, 5, 9), None, "no longer kept");
        assert_eq!(between(&tail, 8, 10), None, "not there yet");
        assert_eq!(between(&tail, 10, 9), None, "beyond the end");
    }

    #[test]
    fn a_reader_takes_as_much_as_it_likes() {
        let mut tail = Tail::new(0, 10, 10_000, Compressed::NOTHING);
        for seq in 1..=4 {
            tail.append(frame(seq));
        }
        let mut left = 2;
        let reach = tail.read(2, |_| {
            left -= 1;
            left >= 0
        });
        assert_eq!(reach, Reach::More);
    }
}
