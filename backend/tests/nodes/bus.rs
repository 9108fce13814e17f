//! What every bus promises, examined once and held against each of them: within a process, in
//! Redis, and in a Redis Cluster of three masters.

use crate::support::redis::{Redis, RedisCluster};
use roost::bus::{Bus, Heard, Hub, RedisBus, Subject, Word};
use roost::models::{NodeFact, NodeId, RoomId, Sample, Timestamp, UserId};
use roost::redis_link::{self, LinkError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);

/// A place where buses meet.
enum Stage {
    Process(Hub),
    Redis(Box<Redis>),
    Cluster(Box<RedisCluster>),
}

/// Plays a story in every place.
macro_rules! everywhere {
    ($($story:ident)*) => {
        mod in_a_process { $(#[tokio::test] async fn $story() {
            super::$story(super::Stage::Process(super::Hub::default())).await;
        })* }
        mod in_redis { $(#[tokio::test] async fn $story() {
            super::$story(super::Stage::Redis(Box::new(super::Redis::start().await))).await;
        })* }
        mod in_a_redis_cluster { $(#[tokio::test] async fn $story() {
            super::$story(super::Stage::Cluster(Box::new(super::RedisCluster::start().await))).await;
        })* }
    };
}

everywhere! {
    a_word_reaches_those_who_watch_its_subject_and_nobody_else
    what_a_node_tells_all_others_reaches_those_that_listen
    one_does_not_hear_ones_own_words
    words_about_one_thing_come_in_the_order_told
    what_is_no_longer_watched_is_no_longer_heard
    watching_twice_is_watching_once
    many_things_are_watched_at_once
    a_listener_that_gives_up_waiting_loses_nothing
}

impl Stage {
    async fn join(&self) -> Arc<dyn Bus> {
        let url = match self {
            Self::Process(hub) => return Arc::new(hub.join()),
            Self::Redis(redis) => redis.url(),
            Self::Cluster(cluster) => cluster.url(),
        };
        join(&url).await
    }
}

/// A new node on the bus of a Redis, which has heard that it is there.
pub(super) async fn join(url: &str) -> Arc<dyn Bus> {
    let bus = open(url, PATIENCE).await.unwrap();
    assert_eq!(heard(&*bus).await, Heard::Missed, "a new bus says so");
    assert!(bus.is_up());
    bus
}

async fn open(url: &str, patience: Duration) -> Result<Arc<RedisBus>, LinkError> {
    let node = NodeId(Uuid::new_v4());
    let stop = CancellationToken::new();
    RedisBus::open(url, node, patience, &TaskTracker::new(), stop).await
}

async fn heard(bus: &dyn Bus) -> Heard {
    timeout(PATIENCE, bus.heard())
        .await
        .expect("something is heard")
}

fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(number))
}

fn of_room(number: u128) -> Subject {
    Subject::Room(room(number))
}

fn entry(number: u128, seq: u64) -> Word {
    Word::Entry {
        epoch: "one".to_owned(),
        room: room(number),
        seq,
        packet: Some(format!("42[\"message_received\",{{\"seq\":{seq}}}]")),
        removed: None,
    }
}

async fn a_word_reaches_those_who_watch_its_subject_and_nobody_else(stage: Stage) {
    let [teller, one, other] = [stage.join().await, stage.join().await, stage.join().await];
    let ana = UserId(Uuid::from_u128(1));
    one.watch(of_room(1)).await;
    one.watch(Subject::User(ana)).await;
    other.watch(of_room(2)).await;

    teller.tell(entry(1, 1));
    assert_eq!(heard(&*one).await, Heard::Word(entry(1, 1)));
    teller.tell(entry(2, 1));
    assert_eq!(heard(&*other).await, Heard::Word(entry(2, 1)));
    let hint = Word::Hint {
        to: Subject::User(ana),
        key: u128::MAX,
        packet: "42[\"read_marked\",{}]".to_owned(),
        except: Some(ana),
    };
    teller.tell(hint.clone());
    assert_eq!(heard(&*one).await, Heard::Word(hint));
    teller.tell(Word::Moved { user: ana });
    assert_eq!(heard(&*one).await, Heard::Word(Word::Moved { user: ana }));
}

async fn what_a_node_tells_all_others_reaches_those_that_listen(stage: Stage) {
    let [teller, one, other] = [stage.join().await, stage.join().await, stage.join().await];
    one.watch(Subject::Nodes).await;
    // As a node of a version does that knows no such words.
    other.watch(of_room(1)).await;
    let told = Word::Sampled {
        node: NodeFact {
            node_id: NodeId(Uuid::from_u128(9)),
            version: "1".to_owned(),
            started_at: Timestamp(7),
        },
        sample: Box::new(Sample {
            at: 3,
            messages: 5,
            ..Sample::default()
        }),
    };
    teller.tell(told.clone());
    teller.tell(entry(1, 1));
    assert_eq!(heard(&*one).await, Heard::Word(told));
    assert_eq!(heard(&*other).await, Heard::Word(entry(1, 1)));
}

async fn one_does_not_hear_ones_own_words(stage: Stage) {
    let [one, other] = [stage.join().await, stage.join().await];
    one.watch(of_room(1)).await;
    one.tell(entry(1, 1));
    other.tell(entry(1, 2));
    assert_eq!(heard(&*one).await, Heard::Word(entry(1, 2)));
}

async fn words_about_one_thing_come_in_the_order_told(stage: Stage) {
    let [one, other] = [stage.join().await, stage.join().await];
    for number in 1..=5 {
        one.watch(of_room(number)).await;
    }
    for seq in 1..=300 {
        for number in 1..=5 {
            other.tell(entry(number, seq));
        }
    }
    let mut next = [1; 6];
    for _ in 0..1500 {
        let Heard::Word(Word::Entry { room, seq, .. }) = heard(&*one).await else {
            panic!("only entries were told");
        };
        let next = &mut next[usize::try_from(room.0.as_u128()).unwrap()];
        assert_eq!(seq, *next);
        *next += 1;
    }
}

async fn what_is_no_longer_watched_is_no_longer_heard(stage: Stage) {
    let [one, other] = [stage.join().await, stage.join().await];
    one.watch(of_room(1)).await;
    one.watch(of_room(2)).await;
    one.unwatch(of_room(1));
    other.tell(entry(1, 1));
    other.tell(entry(2, 1));
    assert_eq!(heard(&*one).await, Heard::Word(entry(2, 1)));
    one.watch(of_room(1)).await;
    other.tell(entry(1, 2));
    assert_eq!(heard(&*one).await, Heard::Word(entry(1, 2)));
}

async fn watching_twice_is_watching_once(stage: Stage) {
    let [one, other] = [stage.join().await, stage.join().await];
    one.watch(of_room(1)).await;
    one.watch(of_room(1)).await;
    other.tell(entry(1, 1));
    other.tell(entry(1, 2));
    assert_eq!(heard(&*one).await, Heard::Word(entry(1, 1)));
    assert_eq!(heard(&*one).await, Heard::Word(entry(1, 2)));
    one.unwatch(of_room(1));
    one.watch(of_room(2)).await;
    other.tell(entry(1, 3));
    other.tell(entry(2, 1));
    assert_eq!(heard(&*one).await, Heard::Word(entry(2, 1)));
}

async fn many_things_are_watched_at_once(stage: Stage) {
    let [one, other] = [stage.join().await, stage.join().await];
    let watching = (0..1000).map(|number| one.watch(of_room(number)));
    futures_util::future::join_all(watching).await;
    for number in 0..1000 {
        other.tell(entry(number, 1));
    }
    let mut rooms = std::collections::BTreeSet::new();
    while rooms.len() < 1000 {
        let Heard::Word(word) = heard(&*one).await else {
            panic!("nothing was missed");
        };
        assert!(rooms.insert(word.subject()), "each is heard once");
    }
}

async fn a_listener_that_gives_up_waiting_loses_nothing(stage: Stage) {
    let [one, other] = [stage.join().await, stage.join().await];
    one.watch(of_room(1)).await;
    for seq in 1..=50 {
        let waiting = timeout(Duration::from_micros(10), one.heard()).await;
        assert!(waiting.is_err(), "nothing was told yet");
        other.tell(entry(1, seq));
        assert_eq!(heard(&*one).await, Heard::Word(entry(1, seq)));
    }
}

/// Waits until what one tells is heard by the other. Words are lost while a Redis is away, so it
/// tells again and again.
async fn until_heard(teller: &dyn Bus, listener: &dyn Bus, word: &Word) {
    let told_again = async {
        loop {
            teller.tell(word.clone());
            let heard = timeout(Duration::from_millis(100), listener.heard()).await;
            if heard.is_ok_and(|heard| heard == Heard::Word(word.clone())) {
                return;
            }
        }
    };
    timeout(PATIENCE, told_again)
        .await
        .expect("it is heard again");
}

async fn until_missed(bus: &dyn Bus) {
    while heard(bus).await != Heard::Missed {}
}

async fn until_down(bus: &dyn Bus) {
    let down = async {
        while bus.is_up() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, down).await.expect("it notices");
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_is_used_again() {
    let mut redis = Redis::start().await;
    let [one, other] = [join(&redis.url()).await, join(&redis.url()).await];
    one.watch(of_room(1)).await;
    redis.kill().await;
    until_down(&*one).await;
    one.watch(of_room(2)).await;
    one.tell(entry(9, 9));
    redis.start_again().await;
    until_missed(&*one).await;
    assert!(one.is_up(), "it is up when it says so");
    until_missed(&*other).await;
    for number in 1..=2 {
        other.tell(entry(number, 1));
        assert_eq!(heard(&*one).await, Heard::Word(entry(number, 1)));
    }
}

#[tokio::test]
async fn a_redis_that_stands_still_is_noticed_and_waited_for() {
    let redis = Redis::start().await;
    let other = join(&redis.url()).await;
    let one = open(&redis.url(), redis_link::PATIENCE).await.unwrap();
    one.watch(of_room(1)).await;
    redis.pause();
    until_down(&*one).await;
    redis.resume();
    until_missed(&*one).await;
    until_heard(&*other, &*one, &entry(1, 1)).await;
}

#[tokio::test]
async fn a_node_that_starts_before_redis_finds_it_later() {
    let mut redis = Redis::start().await;
    redis.kill().await;
    let bus = open(&redis.url(), PATIENCE).await.unwrap();
    assert!(!bus.is_up());
    bus.watch(of_room(1)).await;
    redis.start_again().await;
    until_missed(&*bus).await;
    let other = join(&redis.url()).await;
    other.tell(entry(1, 1));
    assert_eq!(heard(&*bus).await, Heard::Word(entry(1, 1)));
}

#[tokio::test]
async fn a_cluster_whose_server_comes_back_is_used_again() {
    let mut cluster = RedisCluster::start().await;
    let [one, other] = [join(&cluster.url()).await, join(&cluster.url()).await];
    for number in 0..128 {
        one.watch(of_room(number)).await;
    }
    cluster.nodes[2].kill().await;
    until_down(&*one).await;
    cluster.nodes[2].start_again().await;
    until_missed(&*one).await;
    for number in 0..128 {
        until_heard(&*other, &*one, &entry(number, 1)).await;
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_one_is_refused() {
    let refused = open("redis://127.0.0.1:port", PATIENCE).await;
    let why = refused.unwrap_err().to_string();
    assert!(why.starts_with("the Redis address cannot be used"), "{why}");
}

#[tokio::test]
async fn a_node_that_goes_after_a_flush_has_told_everything() {
    let redis = Redis::start().await;
    let listener = join(&redis.url()).await;
    listener.watch(of_room(1)).await;
    let (node, stop) = (NodeId(Uuid::new_v4()), CancellationToken::new());
    let tasks = TaskTracker::new();
    let opened = RedisBus::open(&redis.url(), node, PATIENCE, &tasks, stop.clone()).await;
    let teller = opened.unwrap();
    assert_eq!(heard(&*teller).await, Heard::Missed);
    for seq in 1..=1000 {
        teller.tell(entry(1, seq));
    }
    teller.flush().await;
    stop.cancel();
    for seq in 1..=1000 {
        assert_eq!(heard(&*listener).await, Heard::Word(entry(1, seq)));
    }
}
