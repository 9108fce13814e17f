//! The structures that threads share, in every order in which threads can meet.
//!
//! `cargo test -p realtime --features models --lib models` runs the code that ships on threads,
//! locks and atomics of loom, which plays one order after the other and, of what an atomic may
//! read, every value that its memory ordering allows. A wake-up that nobody gets shows as a
//! deadlock. Sockets are played by polls; counters and the insides of tokio are not looked into.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use loom::future::block_on;
use loom::sync::atomic::AtomicU64;
use loom::thread;
use tokio::sync::{mpsc, oneshot};

use crate::ack::Ack;
use crate::close::CloseReason;
use crate::combiner::Combiner;
use crate::config::Config;
use crate::connection::{Connection, ConnectionId};
use crate::engine_io::messages::Nobody;
use crate::engine_io::poll::{Poll, Reply};
use crate::link::Link;
use crate::outbox::Started;
use crate::packet::{Frame, Packet};
use crate::registry::Tag;
use crate::shared::Shared;
use crate::sync::AtomicBool;
use crate::tail::Appended;
use crate::topic::{Attached, Topic, TopicId};
use crate::topics::Topics;
use crate::writer::Sink;

const INBOX: usize = 2;
const TAG: Tag = Tag(7);
const NAME: TopicId = TopicId(1);

/// Plays a model in every order with at most so many switches away from a thread that could go on.
/// Nearly every fault shows with two.
fn in_every_order(switches: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(switches);
    // Tokio's clocks and channels want to know of a runtime; none of their tasks runs on it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    builder.check(model);
}

/// A client that polls, and an engine around it.
struct World {
    shared: Arc<Shared>,
    link: Arc<Link>,
    connection: Connection,
}

impl World {
    fn new() -> World {
        let config = Config {
            inbox: INBOX,
            ..Config::default()
        };
        let shared = Arc::new(Shared::new(config, Arc::new(Nobody), None));
        let (inbound, _) = mpsc::channel(1);
        let link = Link::new(Arc::clone(&shared), Sink::Polling(Poll::new(inbound)));
        let connection = Connection::new(ConnectionId(1), Arc::from("/"), Arc::clone(&link));
        World {
            shared,
            link,
            connection,
        }
    }

    fn topic(&self) -> Topic {
        Topics::new(Arc::clone(&self.shared)).open(NAME, 0)
    }

    /// A poll that waits.
    fn poll(&self) -> oneshot::Receiver<Reply> {
        let (sender, receiver) = oneshot::channel();
        self.link.with_writer(|writer| match &mut writer.sink {
            Sink::Polling(poll) => poll.admit(sender, false),
            _ => panic!("it polls"),
        });
        receiver
    }

    fn follow(&self, topic: &Topic, after: u64) {
        let feed = topic.attach(&self.connection, TAG).unwrap();
        assert_eq!(self.start(feed, after), Started::Live);
    }

    fn start(&self, feed: Attached, after: u64) -> Started {
        feed.start(after, Ack::new(self.connection.clone(), None), &())
    }

    /// Whatever an attach came to whose topic or connection ended meanwhile, it has left nothing.
    fn follows_nothing(&self, topic: &Topic, feed: Option<Attached>) {
        let started = feed.map(|feed| self.start(feed, 0));
        assert!(
            matches!(started, None | Some(Started::Ended)),
            "{started:?}"
        );
        assert_eq!(topic.watchers(), 0);
    }

    /// The answer to the poll, which must be there once every task has ended, and what waits for
    /// the next.
    fn heard(&self, mut poll: oneshot::Receiver<Reply>) -> Vec<String> {
        block_on(self.shared.finished());
        let reply = poll.try_recv().expect("there is something for it");
        let answer = String::from_utf8(reply.payload().to_vec()).unwrap();
        reply.written();
        let mut heard: Vec<_> = answer.split('\x1e').map(str::to_owned).collect();
        heard.extend(self.waiting());
        heard
    }

    /// Everything that waits, once every task has ended.
    fn waiting(&self) -> Vec<String> {
        block_on(self.shared.finished());
        let mut packets = VecDeque::new();
        while !self.link.outbox().is_idle() {
            self.link.outbox().gather(&mut packets).unwrap();
        }
        let texts = packets.iter().map(|packet| packet.text().to_vec());
        texts.map(|text| String::from_utf8(text).unwrap()).collect()
    }
}

fn frame(seq: u64) -> Frame {
    let packet = Packet::engine(&format!("4{seq}"));
    Frame { seq, packet }
}

#[test]
fn work_marked_while_somebody_holds_the_state_is_never_forgotten() {
    in_every_order(3, || {
        let asked = Arc::new(AtomicU64::new(0));
        let combiner = Arc::new(Combiner::new(0_u64));
        let ask = {
            let (asked, combiner) = (Arc::clone(&asked), Arc::clone(&combiner));
            move || {
                asked.fetch_add(1, Ordering::Relaxed);
                combiner.kick(|seen| *seen = asked.load(Ordering::Relaxed));
            }
        };
        let other = thread::spawn(ask.clone());
        ask();
        other.join().unwrap();
        assert_eq!(combiner.with(|seen| *seen, |_| ()), 2);
    });
}

#[test]
fn whoever_takes_the_state_does_what_was_marked_meanwhile() {
    for patient in [false, true] {
        in_every_order(3, move || {
            let combiner = Arc::new(Combiner::new(false));
            let over = Arc::new(AtomicBool::new(false));
            let (kicking, saying) = (Arc::clone(&combiner), Arc::clone(&over));
            let other = thread::spawn(move || {
                kicking.kick(|done| *done = true);
                saying.store(true, Ordering::Relaxed);
            });
            // Whether the kick is over already is what makes orders differ.
            let hold = |_: &mut bool| over.load(Ordering::Relaxed);
            if patient {
                combiner.with(hold, |done| *done = true);
            } else {
                combiner.try_with(hold, |done| *done = true);
            }
            other.join().unwrap();
            assert!(combiner.with(|done| *done, |_| ()));
        });
    }
}

#[test]
fn whoever_answers_last_wakes_the_task_that_leaves() {
    in_every_order(3, || {
        let world = World::new();
        let ack = Ack::new(world.connection.clone(), None);
        let answering = thread::spawn(move || drop(ack));
        let link = Arc::clone(&world.link);
        let leaving = thread::spawn(move || link.leave());
        block_on(async {
            while !(world.link.is_leaving() && world.link.all_answered()) {
                world.link.woken().await;
            }
        });
        answering.join().unwrap();
        leaving.join().unwrap();
    });
}

#[test]
fn reading_goes_on_when_one_of_too_many_events_is_answered() {
    in_every_order(3, || {
        let world = World::new();
        let acks = [(); INBOX].map(|()| Ack::new(world.connection.clone(), None));
        assert!(world.link.inbox_full());
        let threads = acks.map(|ack| thread::spawn(move || drop(ack)));
        block_on(async {
            while world.link.inbox_full() {
                world.link.woken().await;
            }
        });
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn an_end_is_noticed_by_everybody_who_waits_for_it() {
    in_every_order(3, || {
        let world = World::new();
        let link = Arc::clone(&world.link);
        let waiting = thread::spawn(move || block_on(link.ended()));
        let link = Arc::clone(&world.link);
        let ending = thread::spawn(move || link.end(CloseReason::Kicked));
        block_on(async {
            while world.link.ending().is_none() {
                world.link.woken().await;
            }
        });
        waiting.join().unwrap();
        ending.join().unwrap();
        assert_eq!(world.link.ending(), Some(CloseReason::Kicked));
    });
}

#[test]
fn nothing_that_is_appended_is_left_undelivered() {
    in_every_order(2, || {
        let world = World::new();
        let topic = world.topic();
        world.follow(&topic, 0);
        // Takes what is delivered first, so that what comes later has to be delivered as well.
        let poll = world.poll();
        assert_eq!(topic.append(frame(1)), Appended::New);
        assert_eq!(topic.append(frame(2)), Appended::New);
        assert_eq!(world.heard(poll), ["41", "42"]);
    });
}

#[test]
fn a_feed_that_starts_while_frames_are_carried_around_misses_and_repeats_none() {
    in_every_order(2, || {
        let world = World::new();
        let topic = world.topic();
        let appending = topic.clone();
        let appender = thread::spawn(move || {
            appending.append(frame(1));
        });
        let feed = topic.attach(&world.connection, TAG).unwrap();
        let head = topic.head();
        let ack = Ack::new(world.connection.clone(), Some(5));
        assert_eq!(feed.start(head, ack, &head), Started::Live);
        appender.join().unwrap();
        let expected = match head {
            0 => vec!["435[0]", "41"],
            _ => vec!["435[1]"],
        };
        assert_eq!(world.waiting(), expected);
    });
}

#[test]
fn up_to_a_cut_everything_is_heard_and_nothing_after_it() {
    in_every_order(2, || {
        let world = World::new();
        let topic = world.topic();
        world.follow(&topic, 0);
        let poll = world.poll();
        topic.append(frame(1));
        // In the middle of the walk with the first, before it, or after it.
        topic.cut(TAG, 2, Some(Packet::engine("4farewell")));
        topic.append(frame(2));
        assert_eq!(world.heard(poll), ["41", "4farewell"]);
        assert_eq!(topic.watchers(), 0);
    });
}

#[test]
fn a_poll_does_not_wait_while_something_is_there_for_it() {
    in_every_order(2, || {
        let world = World::new();
        let topic = world.topic();
        world.follow(&topic, 0);
        let poll = world.poll();
        let connection = world.connection.clone();
        let direct = thread::spawn(move || connection.send(Packet::engine("4direct")));
        topic.append(frame(1));
        direct.join().unwrap();
        let mut heard = world.heard(poll);
        heard.sort();
        assert_eq!(heard, ["41", "4direct"]);
    });
}

#[test]
fn what_is_delivered_while_somebody_else_has_the_writer_is_written_by_them() {
    in_every_order(2, || {
        let world = World::new();
        let topic = world.topic();
        world.follow(&topic, 0);
        let poll = world.poll();
        let link = Arc::clone(&world.link);
        let holding = thread::spawn(move || link.with_writer(|_| link.outbox().is_idle()));
        topic.append(frame(1));
        holding.join().unwrap();
        assert_eq!(world.heard(poll), ["41"]);
    });
}

#[test]
fn a_connection_that_ends_as_it_attaches_follows_nothing() {
    in_every_order(2, || {
        let world = World::new();
        let topic = world.topic();
        let connection = world.connection.clone();
        let ending = thread::spawn(move || connection.forget(CloseReason::ServerDisconnect));
        let feed = topic.attach(&world.connection, TAG);
        ending.join().unwrap();
        world.follows_nothing(&topic, feed);
    });
}

#[test]
fn a_topic_dropped_as_somebody_attaches_is_followed_by_nobody() {
    in_every_order(2, || {
        let world = World::new();
        let topic = world.topic();
        let topics = Topics::new(Arc::clone(&world.shared));
        let dropping = thread::spawn(move || topics.reset_all());
        let feed = topic.attach(&world.connection, TAG);
        dropping.join().unwrap();
        world.follows_nothing(&topic, feed);
    });
}

#[test]
fn whoever_tags_first_and_then_looks_is_found_by_the_tag_or_sees_why_not() {
    in_every_order(3, || {
        let world = World::new();
        let allowed = Arc::new(AtomicBool::new(true));
        let (forbidding, shared) = (Arc::clone(&allowed), Arc::clone(&world.shared));
        let revoking = thread::spawn(move || {
            forbidding.store(false, Ordering::Release);
            for connection in shared.registry.tagged(TAG) {
                connection.mark_ended(CloseReason::Kicked);
            }
        });
        world.connection.tag(TAG);
        let looked_allowed = allowed.load(Ordering::Acquire);
        revoking.join().unwrap();
        assert!(!looked_allowed || !world.connection.is_open());
    });
}

#[test]
fn a_connection_tagged_as_it_ends_is_found_no_more() {
    in_every_order(3, || {
        let world = World::new();
        let connection = world.connection.clone();
        let ending = thread::spawn(move || connection.forget(CloseReason::ClientDisconnect));
        world.connection.tag(TAG);
        ending.join().unwrap();
        assert!(world.shared.registry.tagged(TAG).is_empty());
    });
}

#[test]
fn a_topic_that_somebody_holds_is_the_one_everybody_finds() {
    in_every_order(3, || {
        let world = World::new();
        let topics = Topics::new(Arc::clone(&world.shared));
        drop(topics.open(NAME, 0));
        let others = topics.clone();
        let other = thread::spawn(move || drop(others.open(NAME, 0)));
        let mine = topics.open(NAME, 0);
        let found = topics.get(NAME).expect("it is there while it is held");
        assert!(found.is(&mine));
        other.join().unwrap();
        drop((mine, found));
        assert!(topics.ids().is_empty());
    });
}
