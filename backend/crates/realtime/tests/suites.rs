//! What the official protocol suites (Engine.IO 4, Socket.IO 5) ask and no other test here tells.
//!
//! | Their rules on | Are told in |
//! |---|---|
//! | handshakes and their refusals | here, `polling`, `websocket` |
//! | messages of Engine.IO | here, `autobahn` |
//! | payloads that are none, two polls, polls broken off | `polling` |
//! | heartbeats and their time-outs | `polling`, `websocket` |
//! | closing a session | here, `polling` |
//! | going over to a WebSocket | here, `polling` |
//! | joining and leaving namespaces | here, `websocket` |
//! | events, acknowledgements, attachments | here, `websocket` |
//! | packets that are none | `websocket`, `hostile` |

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use realtime::Config;
use support::echo::Echo;
use support::{Client, Running, Said, http, soon};

const POLLING: &str = "EIO=4&transport=polling";

/// As the suites configure what they examine.
fn of_the_suites() -> Config {
    Config {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_secs(1),
        max_payload: 1_000_000,
        ..Config::default()
    }
}

/// What a server says about a session as it opens it.
fn opened(packet: &str) -> serde_json::Value {
    serde_json::from_str(packet.strip_prefix('0').unwrap()).unwrap()
}

/// Opens a session that polls: the query of its requests.
async fn session(address: SocketAddr) -> String {
    let (_, open) = http(address, "GET", POLLING, "").await;
    format!("{POLLING}&sid={}", opened(&open)["sid"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_transports_say_the_same_five_things_and_only_polling_can_be_upgraded() {
    let server = Echo::start(of_the_suites()).await;
    let (_, polling) = http(server.address, "GET", POLLING, "").await;
    let query = "EIO=4&transport=websocket";
    let mut client = Client::websocket(server.address, query).await.unwrap();
    let websocket = client.text().await;
    for (open, upgrades) in [(polling, vec!["websocket"]), (websocket, vec![])] {
        let mut open = opened(&open);
        assert!(open["sid"].take().is_string());
        let expected = serde_json::json!({
            "sid": null,
            "upgrades": upgrades,
            "pingInterval": 300,
            "pingTimeout": 200,
            "maxPayload": 1_000_000,
        });
        assert_eq!(open, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_for_another_protocol_or_transport_is_refused() {
    let server = Echo::start(of_the_suites()).await;
    for query in ["", "EIO=abc&", "EIO=4&"] {
        for transport in ["polling", "websocket", "abc"] {
            let query = format!("{query}transport={transport}");
            let proper = query.starts_with("EIO=4&") && transport != "abc";
            let (status, _) = http(server.address, "GET", &query, "").await;
            // A WebSocket is asked for as one, or it is a bad request.
            let expected = if proper && transport == "polling" {
                200
            } else {
                400
            };
            assert_eq!(status, expected, "{query}");
            let websocket = Client::websocket(server.address, &query).await;
            assert_eq!(
                websocket.is_ok(),
                proper && transport == "websocket",
                "{query}"
            );
        }
    }
    for method in ["POST", "PUT"] {
        assert_eq!(http(server.address, method, POLLING, "").await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_posted_comes_back_with_the_next_poll() {
    let server = Echo::start(of_the_suites()).await;
    let query = session(server.address).await;
    for payload in [
        "4hello",
        "4test1\x1e4test2\x1e4test3",
        "4hello\x1ebAQIDBA==",
    ] {
        let posted = http(server.address, "POST", &query, payload).await;
        assert_eq!(posted, (200, "ok".to_owned()));
        let polled = http(server.address, "GET", &query, "").await;
        assert_eq!(polled, (200, payload.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_on_a_websocket_may_close_the_session() {
    let server = Echo::start(Config::default()).await;
    let mut client = Client::open(server.address).await;
    client.send("1").await;
    while client.said().await != Said::End {}
    soon("no connection", async {
        while server.engine.connections() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_after_the_probe_is_let_go_at_once() {
    let server = Echo::start(Config::default()).await;
    let query = session(server.address).await;
    let websocket = query.replace("polling", "websocket");
    let mut client = Client::websocket(server.address, &websocket).await.unwrap();
    client.send("2probe").await;
    assert_eq!(client.text().await, "3probe");
    let polled = http(server.address, "GET", &query, "").await;
    assert_eq!(polled, (200, "6".to_owned()));
    client.send("5").await;
    client.send("4hello").await;
    assert_eq!(client.text().await, "4hello");
    assert_eq!(http(server.address, "POST", &query, "4hello").await.0, 400);
    client.send("4still here").await;
    assert_eq!(client.text().await, "4still here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_connects_with_reaches_the_application() {
    let server = Running::start(of_the_suites()).await;
    for (connect, prefix, auth) in [
        ("40", "40{", r#"42["auth",{}]"#),
        (
            r#"40{"token":"123"}"#,
            "40{",
            r#"42["auth",{"token":"123"}]"#,
        ),
        ("40/custom,", "40/custom,{", r#"42/custom,["auth",{}]"#),
        (
            r#"40/custom,{"token":"abc"}"#,
            "40/custom,{",
            r#"42/custom,["auth",{"token":"abc"}]"#,
        ),
    ] {
        let mut client = Client::open(server.address).await;
        client.send(connect).await;
        let answer = client.text().await;
        let sid = answer.strip_prefix(&prefix[..prefix.len() - 1]).unwrap();
        let sid: serde_json::Value = serde_json::from_str(sid).unwrap();
        assert!(sid["sid"].is_string() && sid.as_object().unwrap().len() == 1);
        assert_eq!(client.text().await, auth);
    }
    let mut client = Client::open(server.address).await;
    client.send("40/random").await;
    let refusal = r#"44/random,{"message":"Invalid namespace"}"#;
    assert_eq!(client.text().await, refusal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_left_the_main_namespace_is_still_asked_whether_they_are_there() {
    let server = Running::start(Config {
        connect_timeout: Duration::from_mins(1),
        ..of_the_suites()
    })
    .await;
    let mut client = server.client().await;
    client.alive = false;
    client.send("41").await;
    assert_eq!(client.text().await, "2");
    client.send("3").await;
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arguments_of_every_kind_come_back_as_they_went() {
    let server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    let args = r#"1,"2",{"3":[true]}"#;
    client.send(&format!(r#"42456["echo",{args}]"#)).await;
    assert_eq!(client.text().await, format!(r#"42["echo",{args}]"#));
    assert_eq!(client.text().await, format!("43456[{args}]"));
}
