//! The write side of a transport: what is half written, and where it goes.
//!
//! Nothing here waits. A socket that takes no more leaves the rest of the batch here, and the
//! link's own task goes on when it can be written again.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::close::CloseReason;
use crate::cursor::Key;
use crate::delivery::{Batch, Offer, WALK_FRAMES};
use crate::engine_io::poll::Poll;
use crate::link::{Link, Outcome};
use crate::metrics::Tally;
use crate::packet::Packet;
use crate::topic::Topic;
use crate::websocket::extension::Compressed;

/// Slices of one vectored write.
const SLICES: usize = 64;
/// Packets in the answer to one poll. Some clients refuse more than 16.
const POLL_PACKETS: usize = 16;
/// Places for gathered packets that a transport keeps while it is quiet.
const KEPT: usize = 8;
/// What a slow peer must take within the write time-out.
const STALL_PROGRESS: usize = 16 * 1024;

/// Where packets go.
#[derive(Debug)]
pub(crate) enum Sink {
    /// Straight to a WebSocket, some of them compressed.
    Socket(Arc<TcpStream>, Compressed),
    /// To whoever polls.
    Polling(Poll),
    /// Nowhere any more.
    Closed,
}

/// The write side of a transport.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) sink: Sink,
    /// Gathered from the outbox and not yet written, in order.
    pub(crate) pending: VecDeque<Packet>,
    /// How much of the first pending packet is written.
    written: usize,
    stall: Option<Stall>,
}

/// The socket takes no more.
#[derive(Debug, Clone, Copy)]
struct Stall {
    /// Since when it has not taken enough.
    since: Instant,
    began: Instant,
    taken: usize,
    /// Whether the socket has not been seen writable since.
    full: bool,
}

impl Writer {
    pub(crate) fn new(sink: Sink) -> Writer {
        Writer {
            sink,
            pending: VecDeque::new(),
            written: 0,
            stall: None,
        }
    }

    /// Writes everything that waits, as far as it goes.
    pub(crate) fn flush(&mut self, link: &Arc<Link>, outcome: &mut Outcome) {
        let mut tally = Tally::default();
        match &self.sink {
            Sink::Socket(..) => self.flush_socket(link, &mut tally, outcome),
            Sink::Polling(_) => self.flush_poll(link, &mut tally, outcome),
            Sink::Closed => self.pending.clear(),
        }
        link.shared.metrics.count(&tally);
    }

    /// Gives a cursor new frames, see [`Link::deliver`].
    pub(crate) fn deliver(
        &mut self,
        link: &Arc<Link>,
        key: Key,
        topic: &Topic,
        batch: Batch<'_>,
        tally: &mut Tally,
        outcome: &mut Outcome,
    ) {
        let idle = self.pending.is_empty() && matches!(self.sink, Sink::Socket(..));
        let offer = link.outbox().offer(key, topic, batch, idle);
        match offer {
            Offer::From(first) => {
                self.write_frames(batch, first, link, tally, outcome);
                tally.reached += 1;
            }
            Offer::Later => {
                self.flush(link, outcome);
                tally.reached += u64::from(self.takes_more());
            }
            Offer::Nothing => {}
        }
    }

    /// Takes back what a poll's answer could not carry.
    pub(crate) fn put_back(&mut self, packets: VecDeque<Packet>) {
        // Never in front of a packet that is half written.
        let at = usize::from(self.written > 0);
        let after = self.pending.split_off(at.min(self.pending.len()));
        self.pending.extend(packets.into_iter().chain(after));
    }

    /// The socket can be written again.
    pub(crate) fn resume(&mut self) {
        if let Some(stall) = &mut self.stall {
            stall.full = false;
        }
    }

    /// Whether it is a socket that is not full.
    fn takes_more(&self) -> bool {
        matches!(self.sink, Sink::Socket(..)) && !self.stall.is_some_and(|stall| stall.full)
    }

    /// The socket to wait for, and since when it has not taken enough.
    pub(crate) fn stalled(&self) -> Option<(Arc<TcpStream>, Instant)> {
        match (&self.sink, &self.stall) {
            (Sink::Socket(stream, _), Some(stall)) => Some((Arc::clone(stream), stall.since)),
            _ => None,
        }
    }

    /// Nothing more is written; what was not is forgotten.
    pub(crate) fn close(&mut self) {
        self.pending = VecDeque::new();
        self.stall = None;
        self.sink = Sink::Closed;
    }

    fn flush_socket(&mut self, link: &Arc<Link>, tally: &mut Tally, outcome: &mut Outcome) {
        let Sink::Socket(stream, compressed) = &self.sink else {
            return;
        };
        let (stream, compressed) = (Arc::clone(stream), *compressed);
        while !self.stall.is_some_and(|stall| stall.full) {
            while self.pending.is_empty() {
                if !self.gather(link, outcome) {
                    self.pending.shrink_to(KEPT);
                    self.unstall(link);
                    return;
                }
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let mut count = 0;
            for (packet, slice) in self.pending.iter().zip(&mut slices) {
                let skip = if count == 0 { self.written } else { 0 };
                *slice = IoSlice::new(&packet.wire_for(compressed)[skip..]);
                count += 1;
            }
            match stream.try_write_vectored(&slices[..count]) {
                Ok(bytes) => self.took(bytes, compressed, tally),
                Err(error) => return self.failed(&error, link, outcome),
            }
        }
    }

    /// Writes frames straight from a topic's hands; what does not go is kept as pending.
    fn write_frames(
        &mut self,
        batch: Batch<'_>,
        first: usize,
        link: &Arc<Link>,
        tally: &mut Tally,
        outcome: &mut Outcome,
    ) {
        let Sink::Socket(stream, compressed) = &self.sink else {
            return;
        };
        let compressed = *compressed;
        let frames = &batch.frames[first..];
        let some_compressed = !compressed.begins_after(batch.longest)
            && frames.iter().any(|it| compressed.covers(it.packet.len()));
        let (wrote, all) = if some_compressed {
            let mut slices = [IoSlice::new(&[]); WALK_FRAMES];
            for (frame, slice) in frames.iter().zip(&mut slices) {
                *slice = IoSlice::new(frame.packet.wire_for(compressed));
            }
            (stream.try_write_vectored(&slices[..frames.len()]), None)
        } else {
            let wire = batch.wire_from(first);
            (stream.try_write(wire), Some(wire.len()))
        };
        let (mut bytes, error) = match wrote {
            Ok(bytes) => (bytes, None),
            Err(error) => (0, Some(error)),
        };
        tally.writes += 1;
        tally.bytes += bytes as u64;
        if error.is_none() && all == Some(bytes) {
            // Nearly always; then nothing of the frames need be looked at.
            tally.packets += frames.len() as u64;
            return;
        }
        for frame in frames {
            let len = frame.packet.wire_for(compressed).len();
            if bytes >= len {
                bytes -= len;
                tally.packets += 1;
            } else {
                if self.pending.is_empty() {
                    self.written = bytes;
                }
                bytes = 0;
                self.pending.push_back(frame.packet.clone());
            }
        }
        if let Some(error) = error {
            self.failed(&error, link, outcome);
        }
        if !self.pending.is_empty() {
            self.flush(link, outcome);
        }
    }

    fn flush_poll(&mut self, link: &Arc<Link>, tally: &mut Tally, outcome: &mut Outcome) {
        if !matches!(&self.sink, Sink::Polling(poll) if poll.is_waiting()) {
            return;
        }
        while self.pending.is_empty() {
            if !self.gather(link, outcome) {
                return;
            }
            // Frames only a WebSocket knows mean nothing here.
            self.pending.retain(|packet| packet.parts() > 0);
        }
        let most = link.shared.config.max_payload;
        let (mut parts, mut bytes) = (0, 0);
        let fit = self.pending.iter().take_while(|packet| {
            let first = parts == 0;
            parts += packet.parts();
            bytes += packet.payload_len();
            // The end of a session goes alone: socket.io-client sees to it before it hands on the
            // messages it came with.
            first || (parts <= POLL_PACKETS && bytes <= most && packet.text() != b"1")
        });
        let fit = fit.count();
        let packets: VecDeque<Packet> = self.pending.drain(..fit).collect();
        tally.packets += packets.len() as u64;
        tally.bytes += packets.iter().map(Packet::payload_len).sum::<usize>() as u64;
        tally.writes += 1;
        if let Sink::Polling(poll) = &mut self.sink {
            poll.answer(link, packets);
        }
        outcome.wake |= link.ending().is_some();
    }

    /// Takes the next batch from the outbox; false when there is none.
    fn gather(&mut self, link: &Arc<Link>, outcome: &mut Outcome) -> bool {
        let had = self.pending.len();
        let mut outbox = link.outbox();
        let gathered = outbox.gather(&mut self.pending);
        if gathered.is_err() {
            outcome.end = Some(CloseReason::Overflow);
        }
        outcome.wake |= outbox.wants_page();
        // A farewell that came up while gathering is found by looking again.
        self.pending.len() > had || (gathered.is_ok() && !outbox.is_idle())
    }

    fn took(&mut self, mut bytes: usize, compressed: Compressed, tally: &mut Tally) {
        tally.writes += 1;
        tally.bytes += bytes as u64;
        if let Some(stall) = &mut self.stall {
            stall.taken += bytes;
        }
        while let Some(packet) = self.pending.front() {
            let left = packet.wire_for(compressed).len() - self.written;
            if bytes < left {
                self.written += bytes;
                return;
            }
            bytes -= left;
            self.written = 0;
            self.pending.pop_front();
            tally.packets += 1;
        }
    }

    fn failed(&mut self, error: &io::Error, link: &Arc<Link>, outcome: &mut Outcome) {
        match error.kind() {
            io::ErrorKind::Interrupted => {}
            io::ErrorKind::WouldBlock => {
                let now = Instant::now();
                let stall = self.stall.get_or_insert_with(|| {
                    link.shared.metrics.blocked.add(1);
                    Stall {
                        since: now,
                        began: now,
                        taken: 0,
                        full: true,
                    }
                });
                stall.full = true;
                if stall.taken >= STALL_PROGRESS {
                    stall.since = now;
                    stall.taken = 0;
                }
                outcome.wake = true;
            }
            _ => {
                self.sink = Sink::Closed;
                self.pending.clear();
                outcome.end = Some(CloseReason::TransportClosed);
            }
        }
    }

    fn unstall(&mut self, link: &Arc<Link>) {
        if let Some(stall) = self.stall.take() {
            let waited = stall.began.elapsed().as_millis();
            link.shared
                .metrics
                .blocked_ms
                .add(u64::try_from(waited).unwrap_or(u64::MAX));
        }
    }
}
