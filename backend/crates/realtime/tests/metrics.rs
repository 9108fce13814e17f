//! What the engine counts, beside what clients experienced meanwhile.

mod support;

use std::time::Duration;

use realtime::{CloseReason, Config, Frame, Lag, Metrics, Packet, TopicId};
use support::{Client, Running};
use tokio::time::Instant;

const TOPIC: TopicId = TopicId(5);

fn ends(metrics: &Metrics, reason: CloseReason) -> u64 {
    let found = metrics.ends.iter().find(|(other, _)| *other == reason);
    found.expect("every reason is counted").1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_timed_once_however_many_read_it() {
    let server = Running::start(Config::default()).await;
    let mut clients = [server.client().await, server.client().await];
    for client in &mut clients {
        client.ask(1, r#"["join",5]"#).await;
    }
    for walk in 1..=3 {
        let seq = server.house.say(TOPIC, "hello");
        for client in &mut clients {
            assert_eq!(client.entry().await, seq);
        }
        let metrics = server
            .counted("a timed walk", |metrics| metrics.delivery.total() >= walk)
            .await;
        assert_eq!(metrics.delivery.total(), walk);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_timed_from_when_its_frame_was_known() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.ask(1, r#"["join",5]"#).await;
    let frame = Frame {
        seq: 1,
        packet: Packet::event("/", "said", &(1, "late")),
    };
    let topic = server.engine.topics().get(TOPIC).unwrap();
    let known = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
    topic.append_since(frame, known);
    assert_eq!(client.entry().await, 1);
    let metrics = server
        .counted("a timed walk", |metrics| metrics.delivery.total() == 1)
        .await;
    assert!(metrics.delivery.sum >= 1_000_000, "{metrics:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_could_take_is_not_a_delivery() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.ask(1, r#"["join",5]"#).await;
    client.send(r#"422["much",900000]"#).await;
    server
        .counted("a full socket", |metrics| metrics.blocked > 0)
        .await;
    server.house.say(TOPIC, "hello");
    // It reads on by itself, from its own place.
    client.text().await;
    assert_eq!(client.entry().await, 1);
    assert_eq!(server.engine.metrics().delivery.total(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_paused_is_seen_behind_until_it_has_caught_up() {
    let server = Running::start(Config::default()).await;
    let mut fast = server.client().await;
    fast.ask(1, r#"["join",5]"#).await;
    let mut slow = server.client().await;
    slow.ask(1, r#"["join",5]"#).await;
    slow.send(r#"422["much",900000]"#).await;
    server
        .counted("a full socket", |metrics| metrics.blocked > 0)
        .await;
    for seq in 1..=30 {
        assert_eq!(server.house.say(TOPIC, "hello"), seq);
        assert_eq!(fast.entry().await, seq);
    }
    let behind = Lag {
        topics: 1,
        cursors: 2,
        behind: 1,
        frames: 30,
        furthest: 30,
    };
    assert_eq!(server.engine.lag().await, behind);
    slow.text().await;
    for seq in 1..=30 {
        assert_eq!(slow.entry().await, seq);
    }
    let caught_up = Lag {
        topics: 1,
        cursors: 2,
        ..Lag::default()
    };
    assert_eq!(server.engine.lag().await, caught_up);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_end_is_counted_once_with_its_reason() {
    let config = Config {
        connect_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let server = Running::start(config).await;
    let mut bored = Client::open(server.address).await;
    bored.close_code().await;
    let mut shown_out = server.client().await;
    shown_out.send(r#"42["bye"]"#).await;
    assert_eq!(shown_out.text().await, "41");
    drop(server.client().await);
    let all = |metrics: &Metrics| metrics.ends.iter().map(|(_, count)| count).sum::<u64>();
    let metrics = server
        .counted("three ends", |metrics| all(metrics) >= 3)
        .await;
    for reason in [
        CloseReason::ConnectTimeout,
        CloseReason::ServerDisconnect,
        CloseReason::TransportClosed,
    ] {
        assert_eq!(ends(&metrics, reason), 1, "{reason:?}");
    }
    assert_eq!(all(&metrics), 3);
}
