//! What a client experiences that offers `permessage-deflate` (RFC 7692), over real sockets. It
//! compresses and inflates with another library than the server.

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

mod support;

use std::net::SocketAddr;

use realtime::{CloseReason, Config, Packet, TopicId};
use support::{Client, Running, Said, frame, http};

const OFFER: &str = "permessage-deflate; client_max_window_bits";
const AGREED: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Opens a WebSocket that offers this, and signs in.
async fn offering(address: SocketAddr, offer: &str) -> Client {
    let headers = format!("Sec-WebSocket-Extensions: {offer}\r\n");
    let query = "EIO=4&transport=websocket";
    let mut client = Client::websocket_with(address, query, &headers)
        .await
        .unwrap();
    assert!(client.text().await.starts_with("0{"));
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
    assert!(client.text().await.starts_with(r#"42["auth","#));
    client
}

/// The value of our `Sec-WebSocket-Extensions`.
fn answer(client: &Client) -> Option<&str> {
    let name = "sec-websocket-extensions: ";
    client.head.lines().find_map(|line| line.strip_prefix(name))
}

/// A message compressed by a block that says it is the last.
fn compress(message: &[u8]) -> Vec<u8> {
    let mut short = miniz_oxide::deflate::compress_to_vec(message, 6);
    short.push(0);
    short
}

/// Half of it is chance: compressed, it is still large.
fn chatter(len: usize) -> String {
    let mut text: String = std::iter::repeat_with(|| format!("{:02x}", rand::random::<u8>()))
        .take(len / 2)
        .collect();
    text.truncate(len);
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_packets_come_compressed_and_small_ones_as_they_are() {
    let server = Running::start(Config::default()).await;
    let mut client = offering(server.address, OFFER).await;
    assert_eq!(answer(&client), Some(AGREED));
    assert_eq!(client.ask(1, r#"["hello"]"#).await.1, r#""hello""#);
    assert_eq!(client.compressed, 0);
    let before = server.engine.metrics().bytes_out;
    let answer = client.ask(2, r#"["much",50000]"#).await.1;
    assert_eq!(answer.len(), 50_002);
    assert_eq!(client.compressed, 1);
    assert!(server.engine.metrics().bytes_out - before < 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_one_topic_get_the_same_each_in_its_form() {
    let server = Running::start(Config::default()).await;
    let mut plain = server.client().await;
    let mut compressing = offering(server.address, OFFER).await;
    let mut short_of_memory = offering(
        server.address,
        "permessage-deflate; server_max_window_bits=12",
    )
    .await;
    let agreed = format!("{AGREED}; server_max_window_bits=12");
    assert_eq!(answer(&short_of_memory), Some(&*agreed));
    for client in [&mut plain, &mut compressing, &mut short_of_memory] {
        client.ask(1, r#"["join",7]"#).await;
    }
    // For nobody; for both; for the one who remembers all of it.
    let texts = [chatter(500), chatter(3000), chatter(9000)];
    for text in &texts {
        server.house.say(TopicId(7), text);
    }
    for client in [&mut plain, &mut compressing, &mut short_of_memory] {
        for (seq, text) in (1..).zip(&texts) {
            let expected = Packet::event("/", "said", &(seq, text));
            assert_eq!(client.text().await.as_bytes(), expected.text());
        }
    }
    let counts = [&plain, &short_of_memory, &compressing].map(|client| client.compressed);
    assert_eq!(counts, [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_catches_up_on_compressed_frames_in_order() {
    let server = Running::start(Config::default()).await;
    let mut slow = offering(server.address, OFFER).await;
    slow.ask(1, r#"["join",7]"#).await;
    // Much more than the kernels of both sides hold, and than the tail does.
    for _ in 0..500 {
        server.house.say(TopicId(7), &chatter(8000));
    }
    for seq in 1..=500 {
        assert_eq!(slow.entry().await, seq);
    }
    assert_eq!(slow.compressed, 500);
    assert!(server.engine.metrics().blocked > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_may_compress_what_it_says() {
    let server = Running::start(Config::default()).await;
    let mut client = offering(server.address, OFFER).await;
    client
        .send_raw(&frame(true, 0x41, &compress(br#"421["hello"]"#)))
        .await;
    assert_eq!(client.text().await, r#"431["hello"]"#);
    // In fragments, with a ping between them.
    let short = compress(format!(r#"422["{}"]"#, "long ".repeat(5000)).as_bytes());
    let (first, rest) = short.split_at(short.len() / 2);
    client.send_raw(&frame(false, 0x41, first)).await;
    client.send_raw(&frame(true, 9, b"?")).await;
    client.send_raw(&frame(true, 0, rest)).await;
    assert_eq!(client.said().await, Said::Pong(b"?".to_vec()));
    assert!(client.text().await.starts_with(r#"432["long long "#));
    // Attachments are messages of their own.
    let args = r#"{"_placeholder":true,"num":0}"#;
    client.send(&format!(r#"451-3["echo",{args}]"#)).await;
    client
        .send_raw(&frame(true, 0x42, &compress(&[7; 9000])))
        .await;
    for head in [format!(r#"451-["echo",{args}]"#), format!("461-3[{args}]")] {
        assert_eq!(client.text().await, head);
        assert_eq!(client.said().await, Said::Binary(vec![7; 9000]));
    }
    assert_eq!(client.compressed, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_cannot_be_kept_is_declined_and_all_is_well() {
    let server = Running::start(Config::default()).await;
    for offer in [
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; unheard_of",
        "permessage-deflate; ;\"",
        "x-webkit-deflate-frame",
    ] {
        let mut client = offering(server.address, offer).await;
        assert_eq!(answer(&client), None, "{offer}");
        assert_eq!(client.ask(1, r#"["much",5000]"#).await.1.len(), 5002);
        assert_eq!(client.compressed, 0);
    }
    let config = Config {
        compress_from: None,
        ..Config::default()
    };
    let without = Running::start(config).await;
    let mut client = offering(without.address, OFFER).await;
    assert_eq!(answer(&client), None);
    assert_eq!(client.ask(1, r#"["much",5000]"#).await.1.len(), 5002);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_polled_may_agree_when_it_is_upgraded() {
    let server = Running::start(Config::default()).await;
    let (_, open) = http(server.address, "GET", "EIO=4&transport=polling", "").await;
    let open: serde_json::Value = serde_json::from_str(&open[1..]).unwrap();
    let sid = open["sid"].as_str().unwrap();
    let polling = format!("EIO=4&transport=polling&sid={sid}");
    http(server.address, "POST", &polling, "40").await;
    let query = format!("EIO=4&transport=websocket&sid={sid}");
    let headers = format!("Sec-WebSocket-Extensions: {OFFER}\r\n");
    let upgraded = Client::websocket_with(server.address, &query, &headers).await;
    let mut client = upgraded.unwrap();
    assert_eq!(answer(&client), Some(AGREED));
    // Browsers compress these as well.
    client
        .send_raw(&frame(true, 0x41, &compress(b"2probe")))
        .await;
    assert_eq!(client.text().await, "3probe");
    client.send_raw(&frame(true, 0x41, &compress(b"5"))).await;
    assert!(client.text().await.starts_with("40{"));
    assert!(client.text().await.starts_with(r#"42["auth","#));
    assert_eq!(client.ask(1, r#"["much",5000]"#).await.1.len(), 5002);
    assert_eq!(client.compressed, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_breaks_the_rules_of_compression_is_told_how() {
    let mut server = Running::start(Config::default()).await;
    let protocol = CloseReason::ProtocolError;
    let hello = compress(br#"42["hello"]"#);
    let bomb = compress(&vec![b'x'; 10_000_000]);
    assert!(bomb.len() < 10_000);
    let cases = [
        (frame(true, 0x41, &bomb), CloseReason::PayloadTooLarge),
        (frame(true, 0x41, &[0xff; 20]), protocol),
        (frame(true, 0x41, &hello[..4]), protocol),
        (
            frame(true, 0x41, &compress(&[0xff])),
            CloseReason::InvalidText,
        ),
        (frame(true, 0x49, b"ping"), protocol),
        (
            [frame(false, 0x41, &hello), frame(true, 0x40, b"")].concat(),
            protocol,
        ),
        (frame(true, 0x61, &hello), protocol),
    ];
    for (bytes, reason) in cases {
        let mut client = offering(server.address, OFFER).await;
        client.send_raw(&bytes).await;
        assert_eq!(client.close_code().await, Some(reason.code()));
        assert_eq!(server.saw_closed().await, reason);
    }
    let mut client = server.client().await;
    client.send_raw(&frame(true, 0x41, &hello)).await;
    assert_eq!(
        client.close_code().await,
        Some(protocol.code()),
        "it was not agreed to"
    );
}
