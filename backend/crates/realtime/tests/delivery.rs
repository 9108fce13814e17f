//! What those who follow a topic experience: everything, once, in order, or a word that it ended.

mod support;

use std::sync::atomic::Ordering;

use realtime::{Appended, Close, CloseReason, Config, Frame, Packet, Started, Tag, TopicId};
use support::{Client, Running, soon};

const TOPIC: TopicId = TopicId(5);

/// A small tail, so that a reader falls off it soon.
fn short_tail() -> Config {
    Config {
        tail_frames: 8,
        max_behind: 100_000,
        backfill_page: 50,
        ..Config::default()
    }
}

async fn join(client: &mut Client) {
    let (before, _) = client.ask(1, r#"["join",5]"#).await;
    assert_eq!(before, [""; 0]);
}

/// Text that fills sockets soon.
fn long() -> String {
    "x".repeat(2000)
}

/// The length of what [`much`] asks for.
const MUCH: usize = 900_000 + 7;

/// Has the client ask for more than sockets hold, and waits until its socket is full.
async fn much(server: &Running, client: &mut Client) {
    client.send(r#"422["much",900000]"#).await;
    soon("a full socket", async {
        while server.engine.metrics().blocked == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Waits until the topic that nobody follows any more is gone.
async fn forgotten(server: &Running) {
    soon("a topic to be forgotten", async {
        while server.engine.topics().get(TOPIC).is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Waits until the server has noticed that a socket is full.
async fn blocked(server: &Running) {
    soon("a full socket", async {
        while server.engine.metrics().blocked == 0 {
            server.house.say(TOPIC, &long());
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_hears_what_one_says() {
    let server = Running::start(Config::default()).await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut client = server.client().await;
        join(&mut client).await;
        clients.push(client);
    }
    assert_eq!(server.engine.topics().get(TOPIC).unwrap().watchers(), 10);
    for seq in 1..=100 {
        assert_eq!(server.house.say(TOPIC, "hello"), seq);
    }
    for client in &mut clients {
        for seq in 1..=100 {
            assert_eq!(client.entry().await, seq);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_latecomer_gets_the_answer_and_then_everything_after_it() {
    let server = Running::start(Config::default()).await;
    let mut speaker = server.client().await;
    join(&mut speaker).await;
    for _ in 0..20 {
        server.house.say(TOPIC, "before");
    }
    let mut client = server.client().await;
    let (before, since) = client.ask(1, r#"["join",5,12]"#).await;
    assert_eq!((before.len(), since.as_str()), (0, "12"));
    server.house.say(TOPIC, "after");
    for seq in 13..=21 {
        assert_eq!(client.entry().await, seq);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_amid_traffic_has_no_hole_and_no_repeat() {
    // Whoever talks here does not wait for the readers.
    let server = Running::start(Config {
        max_behind: 100_000,
        ..Config::default()
    })
    .await;
    let house = server.house.clone();
    let talk = tokio::task::spawn_blocking(move || {
        for _ in 0..5000 {
            house.say(TOPIC, "hello");
        }
    });
    for _ in 0..20 {
        let mut client = server.client().await;
        let (before, since) = client.ask(1, r#"["join",5]"#).await;
        assert_eq!(before.len(), 0);
        let mut last: u64 = since.parse().unwrap();
        for _ in 0..50.min(5000 - last) {
            let seq = client.entry().await;
            assert_eq!(seq, last + 1);
            last = seq;
        }
    }
    talk.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_paused_has_no_hole() {
    let server = Running::start(short_tail()).await;
    let mut client = server.client().await;
    join(&mut client).await;
    blocked(&server).await;
    for _ in 0..500 {
        server.house.say(TOPIC, &long());
    }
    let head = server.house.head(TOPIC);
    for seq in 1..=head {
        assert_eq!(client.entry().await, seq);
    }
    // It is live again.
    server.house.say(TOPIC, "more");
    assert_eq!(client.entry().await, head + 1);
    assert!(
        server.house.reads.load(Ordering::SeqCst) > 0,
        "the tail was not enough"
    );
    assert!(server.engine.metrics().backfills > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_holds_nobody_up() {
    let server = Running::start(short_tail()).await;
    let mut slow = server.client().await;
    join(&mut slow).await;
    let mut fast = server.client().await;
    join(&mut fast).await;
    let mut last = 0;
    while server.engine.metrics().blocked == 0 || last < 1000 {
        let seq = server.house.say(TOPIC, &long());
        assert_eq!(fast.entry().await, seq);
        last = seq;
    }
    for seq in 1..=last {
        assert_eq!(slow.entry().await, seq);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_too_far_behind_is_told_to_start_again() {
    let config = Config {
        max_behind: 20,
        ..short_tail()
    };
    let server = Running::start(config).await;
    let mut client = server.client().await;
    join(&mut client).await;
    much(&server, &mut client).await;
    for _ in 0..30 {
        server.house.say(TOPIC, "hello");
    }
    assert_eq!(client.text().await.len(), MUCH);
    assert_eq!(client.text().await, r#"42["reset",5]"#);
    assert_eq!(server.engine.metrics().resets, 1);
    let topic = server.engine.topics().get(TOPIC);
    assert!(topic.is_none_or(|topic| topic.watchers() == 0));
    join(&mut client).await;
    let seq = server.house.say(TOPIC, "again");
    assert_eq!(client.entry().await, seq);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_fails_is_asked_again_and_then_given_up() {
    let server = Running::start(short_tail()).await;
    let mut other = server.client().await;
    join(&mut other).await;
    for _ in 0..50 {
        server.house.say(TOPIC, "before");
    }
    server.house.reads_fail.store(true, Ordering::SeqCst);
    let mut client = server.client().await;
    client.ask(1, r#"["join",5,0]"#).await;
    assert_eq!(client.text().await, r#"42["reset",5]"#);
    assert!(server.house.reads.load(Ordering::SeqCst) > 1);
    server.house.reads_fail.store(false, Ordering::SeqCst);
    client.ask(2, r#"["join",5,0]"#).await;
    for seq in 1..=50 {
        assert_eq!(client.entry().await, seq);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_again_moves_the_place() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    join(&mut client).await;
    for seq in 1..=5 {
        server.house.say(TOPIC, "hello");
        assert_eq!(client.entry().await, seq);
    }
    client.ask(2, r#"["join",5,3]"#).await;
    assert_eq!((client.entry().await, client.entry().await), (4, 5));
    server.house.say(TOPIC, "hello");
    assert_eq!(client.entry().await, 6);
    assert_eq!(server.engine.topics().get(TOPIC).unwrap().watchers(), 1);
    assert_eq!(client.ask(3, r#"["leave",5]"#).await.1, "true");
    assert_eq!(client.ask(4, r#"["leave",5]"#).await.1, "false");
    assert_eq!(
        client.ask(5, r#"["say",5]"#).await,
        (vec![], "7".to_owned())
    );
    forgotten(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_cut_hears_all_below_and_nothing_above() {
    let server = Running::start(Config::default()).await;
    let mut cut = server.client_with(r#"40{"tag":1}"#).await;
    let mut other = server.client_with(r#"40{"tag":2}"#).await;
    join(&mut cut).await;
    join(&mut other).await;
    let topic = server.engine.topics().get(TOPIC).unwrap();
    server.house.say(TOPIC, "one");
    topic.cut(Tag(1), 3, Some(Packet::event("/", "cut off", &())));
    for _ in 2..=4 {
        server.house.say(TOPIC, "more");
    }
    assert_eq!((cut.entry().await, cut.entry().await), (1, 2));
    assert_eq!(cut.text().await, r#"42["cut off",null]"#);
    assert_eq!(
        cut.ask(9, r#"["still here"]"#).await,
        (vec![], r#""still here""#.to_owned())
    );
    for seq in 1..=4 {
        assert_eq!(other.entry().await, seq);
    }
    assert_eq!(topic.watchers(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_cut_while_reading_from_the_source_hears_all_below() {
    let server = Running::start(short_tail()).await;
    let mut client = server.client_with(r#"40{"tag":1}"#).await;
    join(&mut client).await;
    blocked(&server).await;
    for _ in 0..300 {
        server.house.say(TOPIC, &long());
    }
    let head = server.house.head(TOPIC);
    let topic = server.engine.topics().get(TOPIC).unwrap();
    topic.cut(Tag(1), head - 5, Some(Packet::event("/", "cut off", &())));
    for seq in 1..head - 5 {
        assert_eq!(client.entry().await, seq);
    }
    assert_eq!(client.text().await, r#"42["cut off",null]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_cut_and_parted_hears_the_farewell_before_what_is_sent_next() {
    let server = Running::start(short_tail()).await;
    let mut client = server.client_with(r#"40{"tag":1}"#).await;
    let connection = server.last_connection();
    join(&mut client).await;
    blocked(&server).await;
    let topic = server.engine.topics().get(TOPIC).unwrap();
    assert!(!topic.part(connection.id()), "it was not cut");
    for _ in 0..300 {
        server.house.say(TOPIC, &long());
    }
    let end = server.house.head(TOPIC) + 1;
    topic.cut(Tag(1), end, Some(Packet::event("/", "cut off", &())));
    assert!(topic.part(connection.id()));
    assert!(!topic.part(connection.id()), "once");
    connection.send(Packet::event("/", "again", &()));
    let mut seq = 1;
    let farewell = loop {
        let text = client.text().await;
        if !text.starts_with(&format!(r#"42["said",[{seq},"#)) {
            break text;
        }
        seq += 1;
    };
    assert!(seq < end, "the rest is for whoever asks for it");
    assert_eq!(farewell, r#"42["cut off",null]"#);
    assert_eq!(client.text().await, r#"42["again",null]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_cut_before_it_started_does_not_start() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client_with(r#"40{"tag":1}"#).await;
    let connection = server.last_connection();
    let topic = server.engine.topics().open(TOPIC, 0);
    let held = topic.attach(&connection, Tag(1)).unwrap();
    let fine = server.engine.topics().open(TopicId(6), 0);
    let also = fine.attach(&connection, Tag(2)).unwrap();
    assert!(topic.is_followed_by(connection.id()));
    let cut = topic.cut(Tag(1), 1, Some(Packet::event("/", "cut off", &())));
    assert_eq!(cut, [connection.id()]);
    // An event whose answer the test gives itself.
    client.send(r#"421["hold"]"#).await;
    let ack = soon("an ack", server.house.held.lock().await.recv())
        .await
        .unwrap();
    let answer = |standing: &[Started]| format!("{standing:?}");
    let feeds = vec![(held, 0), (also, 0)];
    let started = realtime::Attached::start_with(feeds, ack, answer);
    assert_eq!(started, [Started::Cut, Started::Live]);
    assert_eq!(client.text().await, r#"431["[Cut, Live]"]"#);
    assert_eq!(client.text().await, r#"42["cut off",null]"#);
    assert_eq!(topic.watchers(), 0);
    let packet = Packet::event("/", "said", &(1, "hello"));
    assert_eq!(fine.append(Frame { seq: 1, packet }), Appended::New);
    assert_eq!(client.entry().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_begins_after_a_cut_is_another_permission() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client_with(r#"40{"tag":1}"#).await;
    let connection = server.last_connection();
    let topic = server.engine.topics().open(TOPIC, 0);
    let held = topic.attach(&connection, Tag(1)).unwrap();
    topic.cut(Tag(1), 1, Some(Packet::event("/", "cut off", &())));
    client.send(r#"421["hold"]"#).await;
    let ack = soon("an ack", server.house.held.lock().await.recv())
        .await
        .unwrap();
    assert_eq!(held.start(1, ack, "joined"), Started::Live);
    assert_eq!(client.text().await, r#"431["joined"]"#);
    // Told late, of the same removal: the feed lies after it.
    assert!(
        topic
            .cut(Tag(1), 1, Some(Packet::event("/", "cut off", &())))
            .is_empty()
    );
    for seq in 1..=2 {
        let packet = Packet::event("/", "said", &(seq, "hello"));
        assert_eq!(topic.append(Frame { seq, packet }), Appended::New);
    }
    assert_eq!(client.entry().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_history_ends_every_feed() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    join(&mut client).await;
    let old = server.engine.topics().get(TOPIC).unwrap();
    server.engine.topics().reset_all();
    assert_eq!(client.text().await, r#"42["reset",5]"#);
    let frame = Frame {
        seq: 1,
        packet: Packet::event("/", "said", &(1, "lost")),
    };
    assert_eq!(old.append(frame), Appended::Known);
    assert!(old.attach(&server.last_connection(), Tag(0)).is_none());
    assert!(server.engine.topics().get(TOPIC).is_none());
    join(&mut client).await;
    server.house.say(TOPIC, "new");
    assert_eq!(client.entry().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_takes_only_what_comes_next() {
    let server = Running::start(Config::default()).await;
    let topic = server.engine.topics().open(TOPIC, 10);
    let frame = |seq| Frame {
        seq,
        packet: Packet::event("/", "said", &(seq, "")),
    };
    assert_eq!(topic.append(frame(10)), Appended::Known);
    assert_eq!(topic.append(frame(12)), Appended::Gap { head: 10 });
    assert_eq!(topic.append(frame(11)), Appended::New);
    assert_eq!(
        (topic.head(), server.engine.topics().open(TOPIC, 0).head()),
        (11, 11)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hints_reach_everybody_but_the_one_they_are_about() {
    let server = Running::start(Config::default()).await;
    let mut about = server.client_with(r#"40{"tag":1}"#).await;
    let mut other = server.client_with(r#"40{"tag":2}"#).await;
    join(&mut about).await;
    join(&mut other).await;
    let topic = server.engine.topics().get(TOPIC).unwrap();
    topic.hint(1, Packet::event("/", "typing", &1), Some(Tag(1)));
    assert_eq!(other.text().await, r#"42["typing",1]"#);
    server.house.say(TOPIC, "said");
    assert_eq!(about.entry().await, 1, "no hint about oneself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_hints_that_wait_only_the_newest_arrives_and_after_everything_else() {
    let server = Running::start(Config {
        hints: 2,
        ..Config::default()
    })
    .await;
    let mut client = server.client().await;
    let connection = server.last_connection();
    much(&server, &mut client).await;
    for number in 0..10 {
        connection.hint(1, Packet::event("/", "hint", &number));
    }
    connection.hint(2, Packet::event("/", "other hint", &()));
    connection.hint(3, Packet::event("/", "one too many", &()));
    connection.send(Packet::event("/", "direct", &()));
    assert_eq!(client.text().await.len(), MUCH);
    assert_eq!(client.text().await, r#"42["direct",null]"#);
    assert_eq!(client.text().await, r#"42["hint",9]"#);
    assert_eq!(client.text().await, r#"42["other hint",null]"#);
    assert_eq!(client.ask(2, r#"["nothing more"]"#).await.0, [""; 0]);
    assert_eq!(server.engine.metrics().hints_dropped, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_arrives_after_the_connection_was_ended() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    join(&mut client).await;
    server.last_connection().close(Close::Disconnect);
    server.house.say(TOPIC, "too late");
    assert_eq!(client.text().await, "41");
    assert_eq!(
        client.close_code().await,
        Some(CloseReason::ServerDisconnect.code())
    );
    assert_eq!(server.saw_closed().await, CloseReason::ServerDisconnect);
    forgotten(&server).await;
}
