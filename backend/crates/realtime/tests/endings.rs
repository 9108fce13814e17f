//! Clients that stop reading, vanish or are shown out: always noticed, never waited for.

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

mod support;

use std::time::Duration;

use realtime::{Close, CloseReason, Config, Packet, Tag, TopicId};
use support::{Client, PATIENCE, Running, Said, Seen, http, soon};

const TOPIC: TopicId = TopicId(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_is_ended() {
    let config = Config {
        write_timeout: Duration::from_millis(100),
        ..Config::default()
    };
    let mut server = Running::start(config).await;
    let mut client = server.stuck().await;
    for _ in 0..2000 {
        server.house.say(TOPIC, "into the void");
    }
    assert_eq!(server.saw_closed().await, CloseReason::WriteTimeout);
    assert_eq!(server.engine.connections(), 0);
    // What it finds when it looks up: an end.
    let _ = client.close_code().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_a_byte_now_and_then_is_ended() {
    let config = Config {
        write_timeout: Duration::from_millis(100),
        ..Config::default()
    };
    let mut server = Running::start(config).await;
    let mut client = server.stuck().await;
    let trickle = async {
        let mut byte = [0];
        while tokio::io::AsyncReadExt::read(&mut client.stream, &mut byte)
            .await
            .is_ok()
        {
            tokio::task::yield_now().await;
        }
    };
    let ended = server.saw_closed();
    tokio::select! {
        reason = ended => assert_eq!(reason, CloseReason::WriteTimeout),
        () = trickle => panic!("it was not ended but broke"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_vanishes_from_a_busy_topic_is_ended() {
    let config = Config {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_secs(2),
        ..Config::default()
    };
    let mut server = Running::start(config).await;
    let mut other = server.client().await;
    other.ask(1, r#"["join",5]"#).await;
    // Its kernel takes what it can, but nobody answers.
    let client = server.stuck().await;
    let mut last = 0;
    let reason = loop {
        if let Ok(Seen::Closed(_, reason)) = server.seen.try_recv() {
            break reason;
        }
        last = server.house.say(TOPIC, "busy");
        assert_eq!(other.entry().await, last);
    };
    assert_eq!(reason, CloseReason::PingTimeout);
    drop(client);
    // The other one never noticed.
    assert_eq!(server.house.say(TOPIC, "still here"), last + 1);
    assert_eq!(other.entry().await, last + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_can_be_ended_at_once() {
    for how in [Close::Disconnect, Close::Transport(CloseReason::Kicked)] {
        let mut server = Running::start(Config::default()).await;
        let _client = server.stuck().await;
        let connection = server.last_connection();
        connection.send(Packet::event("/", "more", &"x".repeat(10_000)));
        connection.close(how);
        let reason = match how {
            Close::Disconnect => CloseReason::ServerDisconnect,
            Close::Transport(reason) => reason,
        };
        assert_eq!(server.saw_closed().await, reason);
        assert!(server.engine.tagged(realtime::Tag(0)).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_can_be_shown_out_when_its_outbox_has_no_room_for_the_word() {
    let mut server = Running::start(Config {
        outbox_bytes: 10_000,
        ..Config::default()
    })
    .await;
    let _client = server.stuck().await;
    let connection = server.last_connection();
    let room = 10_000 - Packet::event("/", "more", "").len();
    // Two bytes of its frame's header more, for its length.
    connection.send(Packet::event("/", "more", &"x".repeat(room - 2)));
    assert!(connection.is_open());
    connection.close(Close::Disconnect);
    assert_eq!(server.saw_closed().await, CloseReason::ServerDisconnect);
    assert_eq!(server.engine.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_the_outbox_holds_ends_the_client() {
    let mut server = Running::start(Config::default()).await;
    let _client = server.stuck().await;
    let connection = server.last_connection();
    let packet = Packet::event("/", "more", &"x".repeat(100_000));
    let mut sent = 0;
    while connection.is_open() {
        connection.send(packet.clone());
        sent += 1;
        assert!(sent < 100, "nothing bounds it");
    }
    assert_eq!(server.saw_closed().await, CloseReason::Overflow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_for_a_client_that_does_not_read_are_not_queued() {
    let server = Running::start(Config {
        tail_frames: 16,
        ..Config::default()
    })
    .await;
    let _client = server.stuck().await;
    let probe = bytes::Bytes::from(vec![b'x'; 1000]);
    for _ in 0..5000 {
        server
            .house
            .say(TOPIC, std::str::from_utf8(&probe).unwrap());
    }
    let mut other = server.client().await;
    assert_eq!(other.ask(1, r#"["here"]"#).await.1, r#""here""#);
    // A packet sent to it now is the only thing that waits besides the tail: had the frames been
    // queued, the outbox would have been full many times over.
    let connections = server.house.connections.lock().unwrap().clone();
    connections[0].send(Packet::event("/", "direct", &"x".repeat(50_000)));
    assert!(connections[0].is_open());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_tells_everybody_and_waits_for_no_reader() {
    let mut server = Running::start(Config::default()).await;
    let _stuck = server.stuck().await;
    let mut client = server.client().await;
    let poll = open_poll(&server).await;
    let engine = server.engine.clone();
    let farewell = |delay: Duration| Packet::event("/", "drain", &delay.as_millis());
    let drain = engine.drain(Duration::from_secs(20), farewell);
    let ((), (status, polled)) = soon("the drain", async { tokio::join!(drain, poll) }).await;
    assert!(
        status == 200 && polled.starts_with(r#"42["drain","#),
        "{polled}"
    );
    let text = client.text().await;
    assert!(text.starts_with(r#"42["drain","#), "{text}");
    assert_eq!(client.close_code().await, Some(CloseReason::Drain.code()));
    for _ in 0..3 {
        assert_eq!(server.saw_closed().await, CloseReason::Drain);
    }
    assert_eq!(engine.connections(), 0);
    assert_eq!(
        http(server.address, "GET", "EIO=4&transport=polling", "")
            .await
            .0,
        503
    );
    assert!(
        Client::websocket(server.address, "EIO=4&transport=websocket")
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_before_a_drain_is_answered_before_the_end() {
    let mut server = Running::start(Config {
        answer_timeout: PATIENCE,
        ..Config::default()
    })
    .await;
    let mut client = server.client().await;
    client.send(r#"421["hold"]"#).await;
    let ack = soon("the question", server.house.held.lock().await.recv()).await;
    let farewell = |_| Packet::event("/", "drain", &());
    let drain = server.engine.drain(PATIENCE, farewell);
    let answer = async {
        assert!(client.text().await.starts_with(r#"42["drain""#));
        ack.unwrap().send("in time");
        assert_eq!(client.text().await, r#"431["in time"]"#);
        assert_eq!(client.close_code().await, Some(CloseReason::Drain.code()));
    };
    soon("the drain", async { tokio::join!(drain, answer) }).await;
    assert_eq!(server.saw_closed().await, CloseReason::Drain);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_does_not_wait_for_an_answer_that_does_not_come() {
    let server = Running::start(Config {
        answer_timeout: Duration::from_millis(50),
        ..Config::default()
    })
    .await;
    let mut client = server.client().await;
    client.send(r#"42["forever"]"#).await;
    client.send(r#"421["hold"]"#).await;
    let mut other = server.client().await;
    other.send(r#"421["hold"]"#).await;
    let ack = soon("the question", server.house.held.lock().await.recv()).await;
    let farewell = |_| Packet::event("/", "drain", &());
    soon("the drain", server.engine.drain(PATIENCE * 2, farewell)).await;
    for client in [&mut client, &mut other] {
        assert_eq!(client.close_code().await, Some(CloseReason::Drain.code()));
    }
    drop(ack);
}

/// The next poll of a client that polls.
async fn open_poll(server: &Running) -> impl Future<Output = (u16, String)> {
    let address = server.address;
    let (_, open) = http(address, "GET", "EIO=4&transport=polling", "").await;
    let open: serde_json::Value = serde_json::from_str(&open[1..]).unwrap();
    let query = format!(
        "EIO=4&transport=polling&sid={}",
        open["sid"].as_str().unwrap()
    );
    assert_eq!(
        http(address, "POST", &query, "40").await,
        (200, "ok".to_owned())
    );
    let (_, joined) = http(address, "GET", &query, "").await;
    assert!(joined.starts_with("40{"), "{joined}");
    async move { http(address, "GET", &query, "").await }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_before_an_end_still_arrives() {
    let server = Running::start(Config::default()).await;
    for _ in 0..20 {
        let mut client = server.client().await;
        let connection = server.last_connection();
        // The peer has something unread on its way too, which must not cost it our last words.
        client.send(r#"42["unheard"]"#).await;
        connection.send(Packet::event("/", "last", &"x".repeat(100_000)));
        connection.close(Close::Transport(CloseReason::Kicked));
        let text = loop {
            match client.said().await {
                Said::Text(text) if text.starts_with(r#"42["last""#) => break text,
                Said::Text(_) => {}
                other => panic!("{other:?}"),
            }
        };
        assert!(text.len() > 100_000);
        assert_eq!(client.close_code().await, Some(CloseReason::Kicked.code()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_ended_follows_nothing_on_the_transport_of_another() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.send("40/custom,").await;
    assert!(client.text().await.starts_with("40/custom,"));
    let ended = server.last_connection();
    ended.close(Close::Disconnect);
    assert_eq!(server.saw_closed().await, CloseReason::ServerDisconnect);
    let topic = server.engine.topics().open(TOPIC, 0);
    assert!(topic.attach(&ended, Tag(0)).is_none());
    assert_eq!(topic.watchers(), 0);
}
