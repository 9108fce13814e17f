//! Everything that waits to be written to one transport, and in which order it leaves.
//!
//! Heartbeats first, then direct packets (answers, snapshots), then what the cursors have to read,
//! then hints. Only the direct packets are a queue, bounded in bytes; a cursor is a number. Pure
//! state: no I/O, no time.

use std::cell::Cell;
use std::collections::VecDeque;

use smallvec::SmallVec;

use crate::backfill::Fallen;
use crate::connection::ConnectionId;
use crate::cursor::{Cursor, Cut, Key, Phase};
use crate::delivery::{Batch, Offer};
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::space::Space;
use crate::tail::Reach;
use crate::topic::{Topic, TopicId};

/// What may wait, and how much of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) direct_bytes: usize,
    pub(crate) hints: usize,
}

/// Everything that waits for one transport.
#[derive(Debug)]
pub(crate) struct Outbox {
    bounds: Bounds,
    open: bool,
    ping: Option<Packet>,
    /// Only the newest: RFC 6455 section 5.5.3 allows that, and it bounds a flood of pings.
    pong: Option<Packet>,
    direct: VecDeque<Packet>,
    direct_bytes: usize,
    /// Packets for a connection whose CONNECT is not answered yet.
    early: Option<(ConnectionId, Vec<Packet>)>,
    /// Most clients follow one topic, and that cursor is looked at with every frame.
    cursors: SmallVec<[Option<Cursor>; 1]>,
    free: Vec<Key>,
    attaches: u64,
    ready: VecDeque<Key>,
    /// Cursors that wait for a page from the source.
    fallen: VecDeque<Key>,
    /// The one cursor whose page is being read or delivered: one page in memory per transport.
    paging: Option<Key>,
    hints: Vec<(HintKey, Packet)>,
}

/// What a hint replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HintKey {
    pub(crate) topic: Option<TopicId>,
    pub(crate) key: u128,
}

/// The outbox is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// What starting a feed came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// The feed runs: the next frame is the one after the place it was started at.
    Live,
    /// The permission was cut at a place after the one it was to start at. The farewell has been
    /// sent, the feed is gone.
    Cut,
    /// The connection or the feed has ended, or the attach was replaced by a later one.
    Ended,
}

impl Outbox {
    pub(crate) fn new(bounds: Bounds) -> Outbox {
        Outbox {
            bounds,
            open: true,
            ping: None,
            pong: None,
            direct: VecDeque::new(),
            direct_bytes: 0,
            early: None,
            cursors: SmallVec::new(),
            free: Vec::new(),
            attaches: 0,
            ready: VecDeque::new(),
            fallen: VecDeque::new(),
            paging: None,
            hints: Vec::new(),
        }
    }

    /// Asks the client whether it is there.
    pub(crate) fn ping(&mut self, packet: Packet) {
        self.ping = self.open.then_some(packet);
    }

    /// Answers a WebSocket ping.
    pub(crate) fn pong(&mut self, packet: Packet) {
        self.pong = self.open.then_some(packet);
    }

    /// Queues a packet of one connection.
    pub(crate) fn send(&mut self, from: ConnectionId, packet: Packet) -> Result<(), Full> {
        match &mut self.early {
            Some((connection, early)) if *connection == from => {
                let waiting: usize = early.iter().map(Packet::len).sum();
                if waiting + packet.len() > self.bounds.direct_bytes {
                    return Err(Full);
                }
                early.push(packet);
                Ok(())
            }
            _ => self.push(packet),
        }
    }

    /// Queues a packet. One is always taken, or nothing large could ever be sent.
    pub(crate) fn push(&mut self, packet: Packet) -> Result<(), Full> {
        if !self.open {
            return Ok(());
        }
        let bytes = self.direct_bytes + packet.len();
        if bytes > self.bounds.direct_bytes && !self.direct.is_empty() {
            return Err(Full);
        }
        self.direct_bytes = bytes;
        self.direct.push_back(packet);
        Ok(())
    }

    /// Holds back what is sent to `connection` until [`Outbox::accept`] or [`Outbox::refuse`].
    pub(crate) fn expect(&mut self, connection: ConnectionId) {
        self.early = Some((connection, Vec::new()));
    }

    /// Whether its CONNECT is not answered yet.
    pub(crate) fn is_expected(&self, connection: ConnectionId) -> bool {
        self.early
            .as_ref()
            .is_some_and(|(expected, _)| *expected == connection)
    }

    /// Queues the answer to a CONNECT, then what was sent before it.
    pub(crate) fn accept(&mut self, answer: Packet) -> Result<(), Full> {
        let (_, early) = self.early.take().unwrap_or((ConnectionId(0), Vec::new()));
        self.push(answer)?;
        early.into_iter().try_for_each(|packet| self.push(packet))
    }

    /// Queues the refusal of a CONNECT and forgets what was sent before it.
    pub(crate) fn refuse(&mut self, answer: Packet) -> Result<(), Full> {
        self.early = None;
        self.push(answer)
    }

    /// Puts a hint in place of an older one with its key. False when there is no space.
    pub(crate) fn hint(&mut self, key: HintKey, packet: Packet) -> bool {
        if !self.open {
            return true;
        }
        if let Some((_, waiting)) = self.hints.iter_mut().find(|(other, _)| *other == key) {
            *waiting = packet;
        } else if self.hints.len() < self.bounds.hints {
            self.hints.push((key, packet));
        } else {
            return false;
        }
        true
    }

    /// Opens a cursor, held. A cursor of this connection on this topic is taken over.
    /// Returns its key, the attach, and whether the topic lists it already.
    pub(crate) fn attach(
        &mut self,
        topic: &Topic,
        connection: ConnectionId,
        tag: Tag,
    ) -> Option<(Key, u64, bool)> {
        if !self.open {
            return None;
        }
        self.attaches += 1;
        let attach = self.attaches;
        let mut cursor = Cursor {
            topic: topic.clone(),
            connection,
            tag,
            attach,
            slot: None,
            phase: Phase::Held,
            next: 0,
            cut: None,
            ready: false,
        };
        if let Some(key) = self.find(topic, connection) {
            self.unlist(key);
            let old = self.cursors[key as usize].take().expect("found just now");
            let listed = old.slot.is_some();
            cursor.slot = old.slot;
            self.cursors[key as usize] = Some(cursor);
            return Some((key, attach, listed));
        }
        let key = if let Some(key) = self.free.pop() {
            self.cursors[key as usize] = Some(cursor);
            key
        } else {
            self.cursors.push(Some(cursor));
            Key::try_from(self.cursors.len() - 1).expect("fewer cursors than 2^32")
        };
        Some((key, attach, false))
    }

    /// Notes where the topic lists a cursor. False when it is gone already: unlist it there.
    pub(crate) fn listed(&mut self, key: Key, attach: u64, slot: u32) -> bool {
        match self.cursors.get_mut(key as usize) {
            Some(Some(cursor)) if cursor.attach == attach => {
                cursor.slot = Some(slot);
                true
            }
            _ => false,
        }
    }

    /// Whether the feed could start now, after `seq`.
    pub(crate) fn standing(&self, key: Key, attach: u64, seq: u64) -> Started {
        match self.cursors.get(key as usize) {
            Some(Some(cursor)) if cursor.attach == attach => {
                if seq < cursor.limit() && cursor.cut.is_some() {
                    Started::Cut
                } else {
                    Started::Live
                }
            }
            _ => Started::Ended,
        }
    }

    /// Starts a held cursor whose standing is live.
    pub(crate) fn start(&mut self, key: Key, seq: u64) {
        if let Some(Some(cursor)) = self.cursors.get_mut(key as usize) {
            cursor.phase = Phase::Live;
            cursor.next = seq + 1;
            // A cut before its beginning ended an older permission.
            cursor.cut = None;
            self.mark(key);
        }
    }

    /// Removes a cursor if it is still this attach and still held; if it was cut, with the word
    /// about it.
    pub(crate) fn abandon(&mut self, key: Key, attach: u64) -> Result<(), Full> {
        let held = match self.cursors.get(key as usize) {
            Some(Some(cursor)) => cursor.attach == attach && matches!(cursor.phase, Phase::Held),
            _ => false,
        };
        if held { self.finish(key) } else { Ok(()) }
    }

    /// The cursor of a connection on a topic.
    pub(crate) fn find(&self, topic: &Topic, connection: ConnectionId) -> Option<Key> {
        let at = self.cursors.iter().position(|cursor| {
            cursor
                .as_ref()
                .is_some_and(|c| c.connection == connection && c.topic.is(topic))
        })?;
        Key::try_from(at).ok()
    }

    /// The next place of a cursor that has been started.
    pub(crate) fn next(&self, key: Key, topic: &Topic) -> Option<u64> {
        let cursor = self.cursors.get(key as usize)?.as_ref()?;
        let started = cursor.topic.is(topic) && !matches!(cursor.phase, Phase::Held);
        started.then_some(cursor.next)
    }

    /// Ends a feed.
    pub(crate) fn detach(&mut self, topic: &Topic, connection: ConnectionId) -> bool {
        let Some(key) = self.find(topic, connection) else {
            return false;
        };
        self.remove(key);
        true
    }

    /// Ends a feed that was cut, with its farewell, wherever its reader is. Nothing when there is
    /// none.
    pub(crate) fn part(
        &mut self,
        topic: &Topic,
        connection: ConnectionId,
    ) -> Option<Result<(), Full>> {
        let key = self.find(topic, connection)?;
        let cursor = self.cursors[key as usize].as_ref()?;
        cursor.cut.is_some().then(|| self.finish(key))
    }

    /// Ends every feed of a connection.
    pub(crate) fn detach_all(&mut self, connection: ConnectionId) {
        for at in 0..self.cursors.len() {
            if self.cursors[at]
                .as_ref()
                .is_some_and(|cursor| cursor.connection == connection)
            {
                self.remove(Key::try_from(at).expect("keys are 32 bits"));
            }
        }
    }

    /// Ends a feed with a word to the reader: its farewell, if it was cut.
    pub(crate) fn end_feed(&mut self, key: Key, topic: &Topic, word: Packet) -> Result<(), Full> {
        match self.cursors.get(key as usize) {
            Some(Some(cursor)) if cursor.topic.is(topic) => self.end_with(key, word),
            _ => Ok(()),
        }
    }

    fn end_with(&mut self, key: Key, word: Packet) -> Result<(), Full> {
        let cut = self.remove(key).and_then(|cursor| cursor.cut);
        self.push(cut.and_then(|cut| cut.farewell).unwrap_or(word))
    }

    /// Puts an end to a feed whose place lies before it: at once if everything below has been
    /// read, else when it has. Answers whose feed that is.
    pub(crate) fn cut(
        &mut self,
        key: Key,
        topic: &Topic,
        cut: &Cut,
    ) -> (Option<ConnectionId>, Result<(), Full>) {
        let Some(Some(cursor)) = self.cursors.get_mut(key as usize) else {
            return (None, Ok(()));
        };
        let held = matches!(cursor.phase, Phase::Held);
        if !cursor.topic.is(topic) || (!held && cursor.next > cut.seq) {
            return (None, Ok(()));
        }
        cursor.cut_at(cut);
        let connection = Some(cursor.connection);
        if !held && cursor.next >= cursor.limit() {
            return (connection, self.finish(key));
        }
        self.mark(key);
        (connection, Ok(()))
    }

    /// Lists a cursor among those with something to read, once.
    pub(crate) fn mark(&mut self, key: Key) {
        if let Some(Some(cursor)) = self.cursors.get_mut(key as usize)
            && matches!(cursor.phase, Phase::Live | Phase::Page(_))
            && !cursor.ready
        {
            cursor.ready = true;
            self.ready.push_back(key);
        }
    }

    /// Takes what a topic's task brings. The fast path of everything: a cursor that is caught up
    /// and has nothing in front of it moves past the batch, whose frames are then written
    /// straight from the topic's hands. Hints are always queued, behind the frames.
    pub(crate) fn offer(&mut self, key: Key, topic: &Topic, batch: Batch<'_>, idle: bool) -> Offer {
        let clear = idle
            && self.ping.is_none()
            && self.pong.is_none()
            && self.direct.is_empty()
            && batch.hints.is_empty();
        let Some(Some(cursor)) = self.cursors.get_mut(key as usize) else {
            return Offer::Nothing;
        };
        if !cursor.topic.is(topic) || !matches!(cursor.phase, Phase::Live) {
            return Offer::Nothing;
        }
        let tag = cursor.tag;
        let mut offer = Offer::Nothing;
        if let (Some(first), Some(last)) = (batch.frames.first(), batch.frames.last())
            && cursor.next <= last.seq
        {
            if clear && cursor.cut.is_none() && cursor.next >= first.seq {
                let from = usize::try_from(cursor.next - first.seq).expect("batches are small");
                cursor.next = last.seq + 1;
                return Offer::From(from);
            }
            #[cfg(feature = "planted")]
            if crate::planted::is("drop-on-lag") {
                cursor.next = last.seq + 1;
                return Offer::Nothing;
            }
            self.mark(key);
            offer = Offer::Later;
        }
        for hint in batch.hints.iter().filter(|hint| hint.except != Some(tag)) {
            let (topic, key) = (Some(topic.id()), hint.key);
            self.hint(HintKey { topic, key }, hint.packet.clone());
            offer = Offer::Later;
        }
        offer
    }

    /// Gathers the next batch, in order, for one write. What is gathered counts as sent.
    pub(crate) fn gather(&mut self, into: &mut VecDeque<Packet>) -> Result<(), Full> {
        let mut space = Space::of_a_batch();
        for packet in [self.ping.take(), self.pong.take()].into_iter().flatten() {
            space.take(packet.len());
            into.push_back(packet);
        }
        while let Some(packet) = self.direct.pop_front_if(|packet| space.take(packet.len())) {
            self.direct_bytes = self.direct_bytes.saturating_sub(packet.len());
            into.push_back(packet);
        }
        if !self.direct.is_empty() {
            return Ok(());
        }
        while space.left()
            && let Some(key) = self.ready.pop_front()
        {
            self.advance(key, &mut space, into)?;
        }
        // A farewell may have come up, and stands before hints like every direct packet.
        if !self.ready.is_empty() || !self.direct.is_empty() {
            return Ok(());
        }
        let fit = self
            .hints
            .iter()
            .take_while(|(_, packet)| space.take(packet.len()))
            .count();
        into.extend(self.hints.drain(..fit).map(|(_, packet)| packet));
        if self.hints.is_empty() {
            // There were many when everybody came, and will be few.
            self.hints = Vec::new();
        }
        Ok(())
    }

    /// Whether the next page from the source is wanted now.
    pub(crate) fn wants_page(&self) -> bool {
        self.paging.is_none() && !self.fallen.is_empty()
    }

    /// The cursor to read the next page for.
    pub(crate) fn next_fallen(&mut self) -> Option<Fallen> {
        if !self.wants_page() {
            return None;
        }
        let key = self.fallen.pop_front()?;
        let cursor = self.cursors.get(key as usize)?.as_ref()?;
        self.paging = Some(key);
        Some(Fallen {
            key,
            attach: cursor.attach,
            topic: cursor.topic.clone(),
            next: cursor.next,
            limit: cursor.limit(),
        })
    }

    /// Gives a fallen cursor what was read for it.
    pub(crate) fn turn_page(&mut self, key: Key, attach: u64, page: VecDeque<Frame>) {
        if let Some(Some(cursor)) = self.cursors.get_mut(key as usize)
            && cursor.attach == attach
            && matches!(cursor.phase, Phase::Fallen)
        {
            cursor.phase = Phase::Page(page);
            self.mark(key);
        }
    }

    /// Ends the feed of a fallen cursor with a word to the reader: its farewell, if it was cut.
    pub(crate) fn end_fallen(&mut self, key: Key, attach: u64, word: Packet) -> Result<(), Full> {
        match self.cursors.get(key as usize) {
            Some(Some(cursor)) if cursor.attach == attach => self.end_with(key, word),
            _ => Ok(()),
        }
    }

    /// Takes nothing more: every feed ends, hints are forgotten. What is queued can still be
    /// gathered, `last` as the end of it.
    pub(crate) fn shut(&mut self, last: Option<Packet>) {
        for at in 0..self.cursors.len() {
            self.remove(Key::try_from(at).expect("keys are 32 bits"));
        }
        self.cursors = SmallVec::new();
        self.free = Vec::new();
        self.ready = VecDeque::new();
        self.fallen = VecDeque::new();
        self.hints = Vec::new();
        self.early = None;
        self.ping = None;
        self.open = false;
        self.direct.extend(last);
    }

    /// Forgets what nobody will take.
    pub(crate) fn clear(&mut self) {
        self.direct = VecDeque::new();
        self.direct_bytes = 0;
        self.pong = None;
    }

    /// Whether nothing could be gathered.
    pub(crate) fn is_idle(&self) -> bool {
        self.ping.is_none()
            && self.pong.is_none()
            && self.direct.is_empty()
            && self.ready.is_empty()
            && self.hints.is_empty()
    }

    /// Bytes of everything that waits here.
    pub(crate) fn bytes(&self) -> usize {
        let early = self.early.iter().flat_map(|(_, early)| early);
        let hints = self.hints.iter().map(|(_, packet)| packet);
        let pages = self.cursors.iter().flatten().flat_map(Cursor::page);
        let packets = [&self.ping, &self.pong]
            .into_iter()
            .flatten()
            .chain(&self.direct);
        let packets = packets.chain(early).chain(hints).chain(pages);
        packets.map(Packet::len).sum()
    }

    /// Moves one cursor on.
    fn advance(
        &mut self,
        key: Key,
        space: &mut Space,
        into: &mut VecDeque<Packet>,
    ) -> Result<(), Full> {
        let Some(Some(cursor)) = self.cursors.get_mut(key as usize) else {
            return Ok(());
        };
        cursor.ready = false;
        let limit = cursor.limit();
        let next = Cell::new(cursor.next);
        let mut take = |frame: &Frame| {
            let fits = frame.seq < limit && space.take(frame.packet.len());
            if fits {
                next.set(frame.seq + 1);
                into.push_back(frame.packet.clone());
            }
            fits
        };
        if let Phase::Page(page) = &mut cursor.phase {
            while page.pop_front_if(|frame| take(frame)).is_some() {}
            if page.is_empty() {
                cursor.phase = Phase::Live;
                self.paging = None;
            }
        }
        let reach = match &cursor.phase {
            Phase::Live => cursor.topic.read(next.get(), &mut take),
            Phase::Page(_) => Reach::More,
            Phase::Held | Phase::Fallen => return Ok(()),
        };
        cursor.next = next.get();
        if cursor.next >= limit {
            return self.finish(key);
        }
        match reach {
            Reach::End => {}
            Reach::More => self.mark(key),
            Reach::Fallen => {
                cursor.phase = Phase::Fallen;
                self.fallen.push_back(key);
            }
        }
        Ok(())
    }

    /// Ends a cut feed that has read everything below its end.
    fn finish(&mut self, key: Key) -> Result<(), Full> {
        let farewell = self.remove(key).and_then(|cursor| cursor.cut?.farewell);
        farewell.map_or(Ok(()), |packet| self.push(packet))
    }

    fn remove(&mut self, key: Key) -> Option<Cursor> {
        self.unlist(key);
        let cursor = self.cursors.get_mut(key as usize)?.take()?;
        self.free.push(key);
        if let Some(slot) = cursor.slot {
            cursor.topic.unlist(slot);
        }
        Some(cursor)
    }

    /// Takes a cursor out of the lists it stands in, before its key can mean another.
    fn unlist(&mut self, key: Key) {
        self.ready.retain(|other| *other != key);
        self.fallen.retain(|other| *other != key);
        self.paging.take_if(|other| *other == key);
    }
}
