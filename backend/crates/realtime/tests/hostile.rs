//! Clients that mean harm or know no better: each is answered as its protocol says, and what it
//! can make the server hold is bounded.
//!
//! Those that stop reading are in `endings` and `crowds`, single broken frames in `websocket` and `autobahn`.

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

mod support;

use std::time::Duration;

use realtime::{CloseReason, Config};
use support::{Client, Running, Said, Seen, frame, http, soon};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Asks soon, and soon gives up.
fn impatient() -> Config {
    Config {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_millis(50),
        ..Config::default()
    }
}

/// Sends these bytes on a connection of their own, and reads what comes until the end.
async fn raw(server: &Running, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end too.
    let _ = soon("the end", stream.read_to_end(&mut answer)).await;
    String::from_utf8(answer).unwrap()
}

/// Opens a session that polls and has joined the main namespace: the query of its requests.
async fn polling(server: &Running) -> String {
    let (_, open) = http(server.address, "GET", "EIO=4&transport=polling", "").await;
    let open: serde_json::Value = serde_json::from_str(&open[1..]).unwrap();
    let sid = open["sid"].as_str().unwrap();
    let query = format!("EIO=4&transport=polling&sid={sid}");
    assert_eq!(http(server.address, "POST", &query, "40").await.0, 200);
    query
}

/// The head of a post with these headers.
fn post(query: &str, headers: &str) -> String {
    format!("POST /socket.io/?{query} HTTP/1.1\r\nHost: here\r\n{headers}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_joined_nothing_yet_has_no_say() {
    let server = Running::start(Config::default()).await;
    let protocol = CloseReason::ProtocolError;
    // Its length is all that is ever sent of it.
    let huge = [&[0x82, 0xff][..], &(1_u64 << 40).to_be_bytes(), &[0; 4]].concat();
    let long_name = format!("40/{},", "x".repeat(200));
    for (bytes, reason) in [
        (frame(true, 1, b"4abc"), protocol),
        (frame(true, 1, br#"42["x"]"#), protocol),
        (frame(true, 1, br#"421["x"]"#), protocol),
        (frame(true, 1, b"431[]"), protocol),
        (frame(true, 1, br#"4517-["x"]"#), protocol),
        (frame(true, 1, br#"4218446744073709551616["x"]"#), protocol),
        (frame(true, 1, long_name.as_bytes()), protocol),
        (huge, CloseReason::PayloadTooLarge),
    ] {
        let mut client = Client::open(server.address).await;
        client.send_raw(&bytes).await;
        assert_eq!(client.close_code().await, Some(reason.code()), "{bytes:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_number_of_an_event_is_answered_and_answers_to_nothing_are_ignored() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.send(r#"4318446744073709551615["to nothing"]"#).await;
    let (before, answer) = client.ask(u64::MAX, r#"["echo",1]"#).await;
    assert_eq!(before, [r#"42["echo",1]"#]);
    assert_eq!(answer, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_transport_joins_so_many_namespaces() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    for number in 1..16 {
        client.send(&format!("40/custom{number},")).await;
        assert!(client.text().await.starts_with("40/custom"));
        assert!(client.text().await.starts_with("42/custom"));
    }
    client.send("40/custom16,").await;
    let refusal = r#"44/custom16,{"message":"Too many namespaces"}"#;
    assert_eq!(client.text().await, refusal);
    // Whoever leaves one may join another.
    client.send("41/custom3,").await;
    client.send("40/custom16,").await;
    assert!(client.text().await.starts_with("40/custom16,"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_connects_is_refused_one_by_one() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    let flood = frame(true, 1, b"40/nowhere,").repeat(1000);
    client.send_raw(&flood).await;
    for _ in 0..1000 {
        assert!(client.text().await.starts_with("44/nowhere,"));
    }
    assert_eq!(server.engine.connections(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_connects_by_somebody_who_does_not_read_ends() {
    let mut server = Running::start(Config {
        outbox_bytes: 10_000,
        ..Config::default()
    })
    .await;
    let mut client = server.stuck().await;
    let flood = frame(true, 1, b"40/nowhere,").repeat(1000);
    let flooded = async { while client.stream.write_all(&flood).await.is_ok() {} };
    soon("the end of it", flooded).await;
    assert_eq!(server.saw_closed().await, CloseReason::Overflow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_flood_of_pings_only_the_newest_waits_to_be_answered() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.stuck().await;
    let pings = (0..10_000).flat_map(|number: u32| frame(true, 9, &number.to_be_bytes()));
    client.send_raw(&pings.collect::<Vec<_>>()).await;
    client.send(r#"423["behind them"]"#).await;
    while !matches!(server.saw().await, Seen::Event(_, name) if name == "behind them") {}
    assert!(client.text().await.starts_with("432["));
    let newest = 9_999_u32.to_be_bytes().to_vec();
    assert_eq!(client.said().await, Said::Pong(newest));
    assert_eq!(client.text().await, r#"433["behind them"]"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn noise_is_no_answer_to_a_heartbeat() {
    let mut server = Running::start(impatient()).await;
    for noise in [frame(false, 0, b""), frame(true, 9, b"noise")] {
        let mut client = server.client().await;
        // A message that never ends: nothing else can be said while it lasts.
        client.send_raw(&frame(false, 1, b"4")).await;
        let noise = noise.repeat(100);
        let made = async { while client.stream.write_all(&noise).await.is_ok() {} };
        soon("the end of it", made).await;
        assert_eq!(server.saw_closed().await, CloseReason::PingTimeout);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_that_do_not_come_hold_up_only_who_announced_them() {
    let mut server = Running::start(Config::default()).await;
    let mut other = server.client().await;
    let mut client = server.client().await;
    client.send(r#"4516-["x"]"#).await;
    for _ in 0..15 {
        client.send_binary(b"one").await;
    }
    assert_eq!(other.ask(1, r#"["here"]"#).await.1, r#""here""#);
    client.send_binary(b"the last").await;
    while !matches!(server.saw().await, Seen::Event(_, name) if name == "x") {}
    // Not one more than were announced.
    client.send_binary(b"one too many").await;
    assert_eq!(server.saw_closed().await, CloseReason::ProtocolError);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_closed_one_half_is_gone() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.said().await, Said::End);
    assert_eq!(server.saw_closed().await, CloseReason::TransportClosed);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_takes_for_ever_is_broken_off() {
    let server = Running::start(Config::default()).await;
    for begun in [
        "",
        "GET /socket.io/?EIO=4 HT",
        "GET / HTTP/1.1\r\nHost: here\r\nX: y",
    ] {
        assert_eq!(raw(&server, begun.as_bytes()).await, "", "{begun:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_headers_is_refused() {
    let server = Running::start(Config::default()).await;
    let many = "X-Many: x\r\n".repeat(100);
    let long = format!("X-Long: {}\r\n", "x".repeat(200_000));
    for headers in [many, long] {
        let request = format!("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n{headers}\r\n");
        let answer = raw(&server, request.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 431") || answer.is_empty(),
            "{answer}"
        );
    }
    assert_eq!(server.engine.metrics().polling, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_without_end_ends_the_session() {
    let mut server = Running::start(Config {
        max_payload: 1000,
        ..Config::default()
    })
    .await;
    let query = polling(&server).await;
    let head = post(&query, "Transfer-Encoding: chunked");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let posted = async { while stream.write_all(b"5\r\n4xxxx\r\n").await.is_ok() {} };
    soon("the end of it", posted).await;
    assert_eq!(server.saw_closed().await, CloseReason::PayloadTooLarge);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_only_announced_is_refused_by_its_length_or_does_not_outlive_the_session() {
    let mut server = Running::start(impatient()).await;
    for (length, status, reason) in [
        ("1000000000000", "413", CloseReason::PayloadTooLarge),
        ("1000", "400", CloseReason::PingTimeout),
    ] {
        let query = polling(&server).await;
        let head = post(
            &query,
            &format!("Connection: close\r\nContent-Length: {length}"),
        );
        let answer = raw(&server, head.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert_eq!(server.saw_closed().await, reason);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_not_text_ends_the_session() {
    let mut server = Running::start(Config::default()).await;
    let query = polling(&server).await;
    let mut request = post(&query, "Connection: close\r\nContent-Length: 3").into_bytes();
    request.extend(b"42\xff");
    let answer = raw(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(server.saw_closed().await, CloseReason::ProtocolError);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_post_ends_the_session() {
    let mut server = Running::start(Config::default()).await;
    let query = polling(&server).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    let head = post(&query, "Content-Length: 100");
    first.write_all(head.as_bytes()).await.unwrap();
    // Until the first one has begun.
    while http(server.address, "POST", &query, "3").await.0 == 200 {}
    assert_eq!(server.saw_closed().await, CloseReason::PollOverlap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_that_does_not_go_through_with_taking_over_is_let_go() {
    let server = Running::start(Config {
        upgrade_timeout: Duration::from_millis(50),
        ..Config::default()
    })
    .await;
    let query = polling(&server).await;
    let websocket = query.replace("polling", "websocket");
    for said in [&[][..], &["2probe"]] {
        let mut client = Client::websocket(server.address, &websocket).await.unwrap();
        for packet in said {
            client.send(packet).await;
        }
        while client.said().await != Said::End {}
    }
    assert_eq!(
        http(server.address, "POST", &query, "421[\"here\"]")
            .await
            .0,
        200
    );
    let (_, heard) = http(server.address, "GET", &query, "").await;
    assert!(heard.ends_with(r#"431["here"]"#), "{heard}");
}
