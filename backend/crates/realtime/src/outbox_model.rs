//! Topics and cursors against a model: whatever the order of appends, deliveries, joins, blocked
//! sockets, pages from the source and cuts, a reader gets its answer first, then every frame from
//! the next one on, once, in order, up to the end of its feed.

use std::collections::VecDeque;
use std::sync::Arc;

use proptest::prelude::*;

use crate::backfill::Fallen;
use crate::config::Config;
use crate::connection::ConnectionId;
use crate::cursor::{Cut, Key};
use crate::delivery::{self, Batch, Offer};
use crate::engine_io::messages::Nobody;
use crate::outbox::{Bounds, Outbox, Started};
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::shared::Shared;
use crate::topic::{Topic, TopicId};

const TOPICS: usize = 3;
const READER: ConnectionId = ConnectionId(1);
const PAGE: usize = 3;
const MAX_BEHIND: u64 = 12;

#[derive(Debug, Clone)]
enum Step {
    Append(usize),
    /// The topic's task takes its next batch.
    Carry(usize),
    /// It offers what it carries to the reader.
    Offer(usize),
    Attach(usize),
    /// Starts the newest attach this far behind the head of the log.
    Start(usize, u64),
    Abandon(usize),
    Detach(usize),
    /// Cuts this far above the head.
    Cut(usize, u64),
    Direct,
    Hint(u64),
    /// The socket takes so many packets, and no more until the next time.
    Write(usize),
    /// The reader's task begins or ends reading a page.
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    let topic = 0..TOPICS;
    prop_oneof![
        8 => topic.clone().prop_map(Step::Append),
        5 => topic.clone().prop_map(Step::Carry),
        8 => topic.clone().prop_map(Step::Offer),
        3 => topic.clone().prop_map(Step::Attach),
        4 => (topic.clone(), 0..20_u64).prop_map(|(topic, behind)| Step::Start(topic, behind)),
        1 => topic.clone().prop_map(Step::Abandon),
        1 => topic.clone().prop_map(Step::Detach),
        1 => (topic, 0..3_u64).prop_map(|(topic, above)| Step::Cut(topic, above)),
        2 => Just(Step::Direct),
        1 => (0..4_u64).prop_map(Step::Hint),
        6 => (0..12_usize).prop_map(Step::Write),
        5 => Just(Step::Read),
    ]
}

/// What the reader must be getting.
#[derive(Debug, Default, Clone)]
struct Feed {
    key: Key,
    attach: u64,
    /// The number of the answer that starts it, once it was started.
    answer: Option<u64>,
    /// Whether the answer has arrived.
    answered: bool,
    next: u64,
    limit: Option<u64>,
    over: bool,
}

struct World {
    topics: Vec<Topic>,
    logs: Vec<Vec<Frame>>,
    carried: Vec<Vec<Frame>>,
    outbox: Outbox,
    pending: VecDeque<Packet>,
    /// Packets the socket still takes.
    takes: usize,
    reading: Option<Fallen>,
    /// By topic, the newest feed.
    feeds: Vec<Option<Feed>>,
    answers: u64,
    received: usize,
}

impl World {
    fn with_a_short_tail() -> World {
        let config = Config {
            tail_frames: 4,
            ..Config::default()
        };
        let shared = Arc::new(Shared::new(config, Arc::new(Nobody), None));
        let ids = 0..TOPICS;
        World {
            topics: ids
                .map(|id| Topic::new(TopicId(id as u128), 0, &shared))
                .collect(),
            logs: vec![Vec::new(); TOPICS],
            carried: vec![Vec::new(); TOPICS],
            outbox: Outbox::new(Bounds {
                direct_bytes: 1 << 20,
                hints: 2,
            }),
            pending: VecDeque::new(),
            takes: 0,
            reading: None,
            feeds: vec![None; TOPICS],
            answers: 0,
            received: 0,
        }
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Append(at) => {
                let seq = self.logs[at].len() as u64 + 1;
                // Some are large, so that batches end for their bytes too.
                let content = " ".repeat(if seq.is_multiple_of(3) { 30_000 } else { 0 });
                let packet = Packet::event("/", "frame", &(at, seq, content));
                let frame = Frame { seq, packet };
                self.logs[at].push(frame.clone());
                self.topics[at].append(frame);
            }
            Step::Carry(at) => {
                // It takes the next batch when everybody was offered the last.
                self.offer(at);
                delivery::next(&self.topics[at], &mut self.carried[at]);
            }
            Step::Offer(at) => self.offer(at),
            Step::Attach(at) => {
                // What was gathered for an earlier feed is on its way still.
                self.write_pending();
                let topic = self.topics[at].clone();
                let tag = Tag(1);
                let (key, attach, _) = self.outbox.attach(&topic, READER, tag).unwrap();
                self.feeds[at] = Some(Feed {
                    key,
                    attach,
                    ..Feed::default()
                });
            }
            Step::Start(at, behind) => self.start(at, behind),
            Step::Abandon(at) => {
                if let Some(feed) = self.feeds[at].clone() {
                    self.outbox.abandon(feed.key, feed.attach).unwrap();
                    if feed.answer.is_none() {
                        self.feeds[at] = None;
                    }
                }
            }
            Step::Detach(at) => {
                self.outbox.detach(&self.topics[at], READER);
                self.write_pending();
                self.feeds[at] = None;
            }
            Step::Cut(at, above) => {
                self.write_pending();
                let seq = self.logs[at].len() as u64 + above;
                let key = self.outbox.find(&self.topics[at], READER);
                let (Some(key), Some(feed)) = (key, self.feeds[at].as_mut()) else {
                    return;
                };
                let held = feed.answer.is_none();
                let before = held || feed.next <= seq;
                if before {
                    // A feed that runs ends at the lower of two cuts; one that is held must begin
                    // after both.
                    let limit = feed.limit.unwrap_or(seq);
                    let limit = if held { limit.max(seq) } else { limit.min(seq) };
                    feed.limit = Some(limit);
                }
                let farewell = Packet::event("/", "farewell", &(at, feed.attach));
                let cut = Cut {
                    seq,
                    farewell: Some(farewell),
                };
                let (whose, put) = self.outbox.cut(key, &self.topics[at], &cut);
                put.unwrap();
                assert_eq!(
                    whose,
                    before.then_some(READER),
                    "only what lies before a cut ends"
                );
            }
            Step::Direct => {
                let packet = Packet::event("/", "direct", &());
                self.outbox.send(READER, packet).unwrap();
            }
            Step::Hint(key) => {
                let key = crate::outbox::HintKey {
                    topic: None,
                    key: key.into(),
                };
                self.outbox.hint(key, Packet::event("/", "hint", &()));
            }
            Step::Write(packets) => {
                self.takes = packets;
                self.write();
            }
            Step::Read => self.read(),
        }
    }

    fn offer(&mut self, at: usize) {
        let Some(key) = self.outbox.find(&self.topics[at], READER) else {
            return;
        };
        let frames = self.carried[at].clone();
        let mut space = Vec::new();
        let batch = Batch::new(&frames, &[], &mut space);
        let idle = self.pending.is_empty();
        if let Offer::From(first) = self.outbox.offer(key, &self.topics[at], batch, idle) {
            // The socket may take some of it only.
            self.pending
                .extend(frames[first..].iter().map(|frame| frame.packet.clone()));
            self.write_some();
        }
    }

    fn start(&mut self, at: usize, behind: u64) {
        let Some(feed) = self.feeds[at].clone() else {
            return;
        };
        let log = self.logs[at].len() as u64;
        let seq = log.saturating_sub(behind);
        let standing = self.outbox.standing(feed.key, feed.attach, seq);
        match (standing, feed.answer) {
            (Started::Live, None) => {
                self.answers += 1;
                let answer = self.answers;
                self.outbox
                    .push(Packet::event("/", "answer", &answer))
                    .unwrap();
                self.outbox.start(feed.key, seq);
                let feed = self.feeds[at].as_mut().unwrap();
                assert!(
                    feed.limit.is_none_or(|limit| limit <= seq),
                    "nobody begins before a cut"
                );
                feed.limit = None;
                feed.answer = Some(answer);
                feed.next = seq + 1;
            }
            (Started::Cut, None) => {
                assert!(
                    feed.limit.is_some_and(|limit| seq < limit),
                    "only who was cut is refused"
                );
                self.outbox.abandon(feed.key, feed.attach).unwrap();
            }
            _ => {}
        }
    }

    fn read(&mut self) {
        match self.reading.take() {
            None => self.reading = self.outbox.next_fallen(),
            Some(fallen) => {
                let at = usize::try_from(fallen.topic.id().0).unwrap();
                if fallen.is_hopeless(MAX_BEHIND) {
                    let word = Packet::event("/", "reset", &at);
                    // It is over before the word about it: a farewell, if it was cut meanwhile.
                    if let Some(feed) = &mut self.feeds[at] {
                        feed.over |= feed.attach == fallen.attach;
                    }
                    self.outbox
                        .end_fallen(fallen.key, fallen.attach, word)
                        .unwrap();
                } else {
                    let from = usize::try_from(fallen.next - 1).unwrap();
                    let page = self.logs[at][from..].iter().take(PAGE).cloned().collect();
                    self.outbox.turn_page(fallen.key, fallen.attach, page);
                }
            }
        }
    }

    fn write(&mut self) {
        loop {
            self.write_some();
            if self.takes == 0 {
                return;
            }
            let had = self.pending.len();
            self.outbox.gather(&mut self.pending).unwrap();
            if self.pending.len() == had && self.outbox.is_idle() {
                return;
            }
        }
    }

    fn write_some(&mut self) {
        while self.takes > 0
            && let Some(packet) = self.pending.pop_front()
        {
            self.takes -= 1;
            self.receive(&packet);
        }
    }

    fn write_pending(&mut self) {
        let takes = std::mem::replace(&mut self.takes, usize::MAX);
        self.write_some();
        self.takes = takes;
    }

    /// The reader gets a packet, and knows what it must be.
    fn receive(&mut self, packet: &Packet) {
        self.received += 1;
        let text: (String, serde_json::Value) =
            serde_json::from_slice(&packet.text()[2..]).unwrap();
        let number = |value: &serde_json::Value| value.as_u64().unwrap();
        match text.0.as_str() {
            "frame" => {
                let at = usize::try_from(number(&text.1[0])).unwrap();
                let seq = number(&text.1[1]);
                let feed = self.feeds[at].as_mut().expect("a frame is for somebody");
                assert!(
                    feed.answered && !feed.over,
                    "a frame of {at} outside of its feed"
                );
                assert_eq!(feed.next, seq, "frames of {at} come in order");
                assert!(
                    feed.limit.is_none_or(|limit| seq < limit),
                    "nothing above a cut"
                );
                feed.next += 1;
            }
            "farewell" => {
                let at = usize::try_from(number(&text.1[0])).unwrap();
                // It may be that of an earlier feed.
                let feed = self.feeds[at].as_ref();
                if let Some(feed) = feed.filter(|feed| feed.attach == number(&text.1[1])) {
                    let limit = feed.limit.expect("a farewell comes after a cut");
                    let started = feed.answer.is_some();
                    assert!(
                        !started || feed.over || feed.next >= limit,
                        "what is below a cut comes before"
                    );
                }
            }
            "answer" => {
                let answer = number(&text.1);
                for feed in self.feeds.iter_mut().flatten() {
                    feed.answered |= feed.answer == Some(answer);
                }
            }
            _ => {}
        }
    }

    /// Lets everything run to its end, and looks whether anything is missing.
    fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 1000, "it never settles");
            let before = self.received;
            for at in 0..TOPICS {
                self.run(&Step::Carry(at));
                self.run(&Step::Offer(at));
            }
            self.run(&Step::Write(1000));
            self.run(&Step::Read);
            let waiting = self.outbox.wants_page() || self.reading.is_some();
            let carried = self.carried.iter().all(Vec::is_empty);
            if self.received == before && !waiting && carried && self.outbox.is_idle() {
                break;
            }
        }
        for (at, feed) in self.feeds.iter().enumerate() {
            let started = feed
                .as_ref()
                .filter(|feed| feed.answer.is_some() && !feed.over);
            let Some(feed) = started else { continue };
            assert!(feed.answered, "an answer is missing");
            let end = self.logs[at].len() as u64 + 1;
            let end = feed
                .limit
                .map_or(end, |limit| limit.min(end).max(feed.next));
            assert_eq!(feed.next, end, "something is missing in {at}: {feed:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_reader_gets_every_frame_once_and_in_order(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        // Nothing runs on it: the topics' own tasks are played by the steps.
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _entered = runtime.enter();
        let mut world = World::with_a_short_tail();
        for step in &steps {
            world.run(step);
        }
        world.settle();
    }
}

#[test]
fn what_lies_above_its_end_does_not_make_a_reader_too_slow() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let mut world = World::with_a_short_tail();
    let appends = |count| std::iter::repeat_n(Step::Append(1), count);
    let steps = appends(5)
        .chain([Step::Attach(1), Step::Start(1, 5), Step::Cut(1, 0)])
        .chain(appends(8));
    for step in steps {
        world.run(&step);
    }
    world.settle();
    let feed = world.feeds[1].as_ref().unwrap();
    assert!(!feed.over, "it was not told to start over");
    assert_eq!(feed.next, 5, "all below the cut was delivered");
}
