//! What a client on a WebSocket experiences, over real sockets.

mod support;

use std::time::Duration;

use realtime::{CloseReason, Config, Packet, Tag};
use support::{Client, Running, Said, Seen, frame, http, soon};

fn quick() -> Config {
    Config {
        ping_interval: Duration::from_millis(50),
        ..Config::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_connects_and_is_answered() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    assert_eq!(client.ask(7, r#"["hello"]"#).await.1, r#""hello""#);
    assert_eq!(server.engine.connections(), 1);
    assert_eq!(server.engine.metrics().websocket, 1);
    client.send("41").await;
    assert_eq!(server.saw_closed().await, CloseReason::ClientDisconnect);
    assert_eq!(server.engine.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_event_right_behind_connect_is_not_lost() {
    let mut server = Running::start(Config::default()).await;
    for _ in 0..50 {
        let mut client = Client::open(server.address).await;
        let mut both = frame(true, 1, b"40");
        both.extend(frame(true, 1, br#"421["first"]"#));
        client.send_raw(&both).await;
        assert!(client.text().await.starts_with("40{"));
        assert_eq!(client.text().await, r#"42["auth",{}]"#);
        assert_eq!(client.text().await, r#"431["first"]"#);
    }
    assert!(matches!(server.saw().await, Seen::Connected(_)));
    assert!(matches!(server.saw().await, Seen::Event(_, name) if name == "first"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_pipelined_events_are_handled_in_order() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    let mut all = Vec::new();
    for number in 0..1000 {
        all.extend(frame(
            true,
            1,
            format!(r#"42{number}["e{number}"]"#).as_bytes(),
        ));
    }
    client.send_raw(&all).await;
    for number in 0..1000 {
        assert_eq!(client.text().await, format!(r#"43{number}["e{number}"]"#));
    }
    assert!(matches!(server.saw().await, Seen::Connected(_)));
    for number in 0..1000 {
        assert!(matches!(server.saw().await, Seen::Event(_, name) if name == format!("e{number}")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_client_hears_why() {
    let server = Running::start(Config::default()).await;
    let mut client = Client::open(server.address).await;
    client.send(r#"40{"refuse":true}"#).await;
    let refusal = r#"44{"data":{"code":"unwanted"},"message":"Not you"}"#;
    assert_eq!(client.text().await, refusal);
    client.send("40/nowhere,").await;
    assert_eq!(
        client.text().await,
        r#"44/nowhere,{"message":"Invalid namespace"}"#
    );
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_to_come_back_hears_no_refusal() {
    let server = Running::start(Config::default()).await;
    let mut client = Client::open(server.address).await;
    client.send(r#"40{"close":true}"#).await;
    assert_eq!(client.close_code().await, Some(CloseReason::Kicked.code()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn namespaces_of_one_transport_are_apart() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.send("40/custom,").await;
    assert!(client.text().await.starts_with(r#"40/custom,{"sid""#));
    assert_eq!(client.text().await, r#"42/custom,["auth",{}]"#);
    client.send(r#"42/custom,5["there"]"#).await;
    assert_eq!(client.text().await, r#"43/custom,5["there"]"#);
    client.send("41/custom").await;
    assert_eq!(server.saw_closed().await, CloseReason::ClientDisconnect);
    assert_eq!(client.ask(6, r#"["here"]"#).await.1, r#""here""#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn binary_arguments_come_back_as_they_went() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    let args = r#"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#;
    client.send(&format!(r#"452-9["echo",{args}]"#)).await;
    client.send_binary(&[1, 2, 3]).await;
    client.send_binary(&[4]).await;
    for head in [format!(r#"452-["echo",{args}]"#), format!("462-9[{args}]")] {
        assert_eq!(client.text().await, head);
        assert_eq!(client.said().await, Said::Binary(vec![1, 2, 3]));
        assert_eq!(client.said().await, Said::Binary(vec![4]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_client_is_asked_and_stays_if_it_answers() {
    let server = Running::start(quick()).await;
    let mut client = server.client().await;
    for _ in 0..3 {
        assert_eq!(
            soon("a ping", client.next()).await,
            Said::Text("2".to_owned())
        );
        client.send("3").await;
    }
    assert_eq!(client.ask(1, r#"["here"]"#).await.1, r#""here""#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_answer_pings_is_gone() {
    let config = Config {
        ping_timeout: Duration::from_millis(50),
        ..quick()
    };
    let mut server = Running::start(config).await;
    let mut client = server.client().await;
    client.alive = false;
    assert_eq!(server.saw_closed().await, CloseReason::PingTimeout);
    assert_eq!(
        client.close_code().await,
        Some(CloseReason::PingTimeout.code())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_in_which_nobody_reads_is_not_held_against_a_client() {
    let config = Config {
        ping_timeout: Duration::from_millis(500),
        inbox: 1,
        ..quick()
    };
    let mut server = Running::start(config).await;
    let mut client = server.client().await;
    // Its answer is held: nothing more is read of this client.
    client.send(r#"421["hold"]"#).await;
    client.send(r#"422["behind"]"#).await;
    // The pings of another server tell the time: long enough to have given this one up.
    let config = Config {
        ping_interval: Duration::from_millis(300),
        ..Config::default()
    };
    let other = Running::start(config).await;
    let mut clock = other.client().await;
    for _ in 0..4 {
        assert_eq!(
            soon("a ping", clock.next()).await,
            Said::Text("2".to_owned())
        );
        clock.send("3").await;
    }
    assert_eq!(server.engine.connections(), 1);
    assert_eq!(server.engine.metrics().inbox_full, 1);
    while !matches!(server.saw().await, Seen::Event(_, name) if name == "hold") {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_joins_a_namespace_is_shown_out() {
    let config = Config {
        connect_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let server = Running::start(config).await;
    let mut client = Client::open(server.address).await;
    assert_eq!(
        client.close_code().await,
        Some(CloseReason::ConnectTimeout.code())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_breaks_the_protocol_is_told_how() {
    let mut server = Running::start(Config::default()).await;
    let protocol = CloseReason::ProtocolError;
    let too_large = vec![b'x'; Config::default().max_payload + 1];
    let half = vec![b'x'; Config::default().max_payload / 2 + 1];
    let cases: Vec<(Vec<u8>, CloseReason)> = vec![
        (frame(true, 1, b"abc"), protocol),
        (frame(true, 1, b"4abc"), protocol),
        (frame(true, 1, b"42{}"), protocol),
        (frame(true, 1, br#"42abc["x"]"#), protocol),
        (frame(true, 1, br#"42/else,["x"]"#), protocol),
        (frame(true, 1, b"2"), protocol),
        (frame(true, 1, b"40"), protocol),
        (frame(true, 2, b"stray attachment"), protocol),
        (
            [
                frame(true, 1, br#"451-["x"]"#),
                frame(true, 1, br#"42["x"]"#),
            ]
            .concat(),
            protocol,
        ),
        (vec![0x81, 1, b'3'], protocol),
        (vec![0xc1, 0x80, 0, 0, 0, 0], protocol),
        (frame(true, 1, &[0xff]), CloseReason::InvalidText),
        (frame(true, 1, &too_large), CloseReason::PayloadTooLarge),
        (
            [frame(false, 1, &half), frame(true, 0, &half)].concat(),
            CloseReason::PayloadTooLarge,
        ),
        (
            [
                frame(true, 1, br#"452-["x"]"#),
                frame(true, 2, &half),
                frame(true, 2, &half),
            ]
            .concat(),
            CloseReason::PayloadTooLarge,
        ),
    ];
    for (bytes, reason) in cases {
        let mut client = server.client().await;
        // The server may close before it has taken everything.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut client.stream, &bytes).await;
        assert_eq!(server.saw_closed().await, reason);
        assert!([Some(reason.code()), None].contains(&client.close_code().await));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn websocket_pings_and_closes_are_answered() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.send_raw(&frame(true, 9, b"there?")).await;
    assert_eq!(client.said().await, Said::Pong(b"there?".to_vec()));
    client
        .send_raw(&frame(true, 8, &4321_u16.to_be_bytes()))
        .await;
    assert_eq!(client.said().await, Said::Close(4321));
    assert_eq!(client.said().await, Said::End);
    assert_eq!(server.saw_closed().await, CloseReason::TransportClosed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_can_be_asked_too() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    let connection = server.last_connection();
    let answer = connection.emit_with_ack("what?", &1);
    assert_eq!(client.text().await, r#"421["what?",1]"#);
    client.send(r#"431["this",2]"#).await;
    assert_eq!(soon("an answer", answer).await.unwrap().get(), r#""this""#);
    let lost = connection.emit_with_ack("and?", &1);
    drop(client);
    assert!(soon("the loss of an answer", lost).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_with_a_tag_is_found_and_ended() {
    let mut server = Running::start(Config::default()).await;
    let mut one = server.client_with(r#"40{"tag":7}"#).await;
    let mut other = server.client_with(r#"40{"tag":7}"#).await;
    let mut else_tagged = server.client_with(r#"40{"tag":8}"#).await;
    let tagged = server.engine.tagged(Tag(7));
    assert_eq!(tagged.len(), 2);
    for connection in tagged {
        connection.send(Packet::event("/", "goodbye", &()));
        connection.close(realtime::Close::Disconnect);
        assert!(!connection.is_open());
        soon("its end", connection.ended()).await;
    }
    for client in [&mut one, &mut other] {
        assert_eq!(client.text().await, r#"42["goodbye",null]"#);
        assert_eq!(client.text().await, "41");
        assert_eq!(
            client.close_code().await,
            Some(CloseReason::ServerDisconnect.code())
        );
        assert_eq!(server.saw_closed().await, CloseReason::ServerDisconnect);
    }
    assert_eq!(server.engine.tagged(Tag(7)).len(), 0);
    assert_eq!(else_tagged.ask(1, r#"["here"]"#).await.1, r#""here""#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_can_be_ended_in_the_middle_of_an_event() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    client.send(r#"42["forever"]"#).await;
    while !matches!(server.saw().await, Seen::Event(..)) {}
    server
        .last_connection()
        .close(realtime::Close::Transport(CloseReason::Kicked));
    assert_eq!(server.saw_closed().await, CloseReason::Kicked);
    assert_eq!(client.close_code().await, Some(CloseReason::Kicked.code()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_panics_ends_its_connection_only() {
    let mut server = Running::start(Config::default()).await;
    let mut other = server.client().await;
    let mut client = server.client().await;
    client.send(r#"42["panic"]"#).await;
    assert_eq!(server.saw_closed().await, CloseReason::Internal);
    assert_eq!(
        client.close_code().await,
        Some(CloseReason::Internal.code())
    );
    assert_eq!(other.ask(1, r#"["here"]"#).await.1, r#""here""#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_has_only_so_many_transports() {
    let config = Config {
        connections_per_address: Some(2),
        ..Config::default()
    };
    let mut server = Running::start(config).await;
    let one = server.client().await;
    let _two = server.client().await;
    let query = "EIO=4&transport=websocket";
    let refused = Client::websocket(server.address, query)
        .await
        .err()
        .unwrap();
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    assert_eq!(
        http(server.address, "GET", "EIO=4&transport=polling", "")
            .await
            .0,
        429
    );
    drop(one);
    assert_eq!(server.saw_closed().await, CloseReason::TransportClosed);
    // The place is given back when everything about it has ended.
    soon("a free place", async {
        while Client::websocket(server.address, query).await.is_err() {}
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_websocket_request_is_refused() {
    let server = Running::start(Config::default()).await;
    for query in [
        "EIO=4",
        "EIO=3&transport=websocket",
        "transport=websocket",
        "EIO=4&transport=x",
    ] {
        let refused = Client::websocket(server.address, query)
            .await
            .err()
            .unwrap();
        assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    }
    let unknown = "EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA";
    assert!(Client::websocket(server.address, unknown).await.is_err());
    let (status, body) = http(server.address, "GET", "EIO=4&transport=websocket", "").await;
    assert_eq!(
        (status, body.as_str()),
        (400, r#"{"code":3,"message":"Bad request"}"#)
    );
}
