//! What a client that polls experiences, and one that goes over to a WebSocket.

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use realtime::{CloseReason, Config, Packet, TopicId, TransportKind};
use support::{Client, Running, Said, http, soon};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const TOPIC: TopicId = TopicId(5);

/// A polling session.
struct Session {
    address: SocketAddr,
    query: String,
    open: serde_json::Value,
}

impl Session {
    async fn open(address: SocketAddr) -> Session {
        let (status, open) = http(address, "GET", "EIO=4&transport=polling", "").await;
        assert_eq!(status, 200);
        let open: serde_json::Value =
            serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let query = format!(
            "EIO=4&transport=polling&sid={}",
            open["sid"].as_str().unwrap()
        );
        Session {
            address,
            query,
            open,
        }
    }

    /// Opened and joined to the main namespace.
    async fn joined(address: SocketAddr) -> Session {
        let session = Session::open(address).await;
        session.post("40").await;
        let packets = session.poll().await;
        assert!(packets[0].starts_with("40{"), "{packets:?}");
        assert_eq!(packets[1], r#"42["auth",{}]"#);
        session
    }

    async fn get(&self) -> (u16, String) {
        http(self.address, "GET", &self.query, "").await
    }

    async fn poll(&self) -> Vec<String> {
        let (status, payload) = self.get().await;
        assert_eq!(status, 200, "{payload}");
        payload.split('\x1e').map(str::to_owned).collect()
    }

    async fn post(&self, body: &str) {
        let answer = http(self.address, "POST", &self.query, body).await;
        assert_eq!(answer, (200, "ok".to_owned()));
    }

    /// A WebSocket that has been probed.
    async fn probed(&self) -> Client {
        let query = self.query.replace("polling", "websocket");
        let mut client = Client::websocket(self.address, &query).await.unwrap();
        client.send("2probe").await;
        assert_eq!(client.text().await, "3probe");
        client
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_says_how_it_will_be() {
    let server = Running::start(Config::default()).await;
    let session = Session::open(server.address).await;
    assert_eq!(session.open["sid"].as_str().unwrap().len(), 20);
    assert_eq!(session.open["upgrades"], serde_json::json!(["websocket"]));
    assert_eq!(session.open["pingInterval"], 20_000);
    assert_eq!(session.open["pingTimeout"], 15_000);
    assert_eq!(session.open["maxPayload"], 128 * 1024);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_session_is_refused_with_the_protocols_codes() {
    let server = Running::start(Config::default()).await;
    let nobody = "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA";
    for (method, query, body) in [
        (
            "GET",
            "EIO=4",
            r#"{"code":0,"message":"Transport unknown"}"#,
        ),
        (
            "GET",
            nobody,
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "POST",
            nobody,
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "POST",
            "EIO=4&transport=polling",
            r#"{"code":2,"message":"Bad handshake method"}"#,
        ),
        (
            "PUT",
            "EIO=4&transport=polling",
            r#"{"code":2,"message":"Bad handshake method"}"#,
        ),
        (
            "GET",
            "EIO=4&transport=websocket",
            r#"{"code":3,"message":"Bad request"}"#,
        ),
        (
            "GET",
            "EIO=3&transport=polling",
            r#"{"code":5,"message":"Unsupported protocol version"}"#,
        ),
    ] {
        let answer = http(server.address, method, query, "").await;
        assert_eq!(answer, (400, body.to_owned()), "{method} {query}");
    }
    let session = Session::open(server.address).await;
    assert_eq!(http(server.address, "PUT", &session.query, "").await.0, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_packets_travel_in_one_request() {
    let mut server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    assert_eq!(server.last_connection().transport(), TransportKind::Polling);
    assert_eq!(server.engine.metrics().polling, 1);
    session.post("421[\"one\"]\x1e422[\"two\"]").await;
    assert_eq!(session.poll().await, [r#"431["one"]"#, r#"432["two"]"#]);
    let args = r#"{"_placeholder":true,"num":0}"#;
    session
        .post(&format!("451-3[\"echo\",{args}]\x1ebAQIDBA=="))
        .await;
    let echo = format!("451-[\"echo\",{args}]");
    let expected = [&echo, "bAQIDBA==", &format!("461-3[{args}]"), "bAQIDBA=="];
    assert_eq!(session.poll().await, expected);
    session.post("1").await;
    assert_eq!(server.saw_closed().await, CloseReason::TransportClosed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_waits_until_there_is_something() {
    let server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let connection = server.last_connection();
    let (packets, ()) = tokio::join!(session.poll(), async {
        connection.send(Packet::event("/", "now", &1));
    });
    assert_eq!(packets, [r#"42["now",1]"#]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_poll_hear_a_topic_without_a_hole() {
    let server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    session.post(r#"421["join",5]"#).await;
    let house = server.house.clone();
    let talk = tokio::task::spawn_blocking(move || {
        for _ in 0..500 {
            house.say(TOPIC, "hello");
        }
    });
    let mut next = 0;
    while next <= 500 {
        for packet in session.poll().await {
            let expected = match next {
                0 => "431[0]".to_owned(),
                seq => format!(r#"42["said",[{seq},"hello"]]"#),
            };
            assert_eq!(packet, expected);
            next += 1;
        }
    }
    talk.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_polls_is_asked_and_stays_if_it_answers() {
    let config = Config {
        ping_interval: Duration::from_millis(50),
        ..Config::default()
    };
    let server = Running::start(config).await;
    let session = Session::open(server.address).await;
    for _ in 0..3 {
        assert_eq!(session.poll().await, ["2"]);
        session.post("3").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_polls_and_never_answers_is_gone() {
    let config = Config {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let server = Running::start(config).await;
    let session = Session::open(server.address).await;
    let gone = async { while session.get().await.0 == 200 {} };
    soon("its end", gone).await;
    assert_eq!(
        session.get().await.1,
        r#"{"code":1,"message":"Session ID unknown"}"#
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_poll_ends_the_session() {
    let mut server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let (first, second) = tokio::join!(session.get(), session.get());
    // Whichever came first hears of the end, the other is refused.
    let mut both = [first, second];
    both.sort();
    assert_eq!(both[0], (200, "1".to_owned()));
    assert_eq!(both[1].0, 400);
    assert_eq!(server.saw_closed().await, CloseReason::PollOverlap);
    assert_eq!(session.get().await.0, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_that_is_broken_off_ends_the_session_however_soon_it_was() {
    let mut server = Running::start(Config::default()).await;
    for _ in 0..100 {
        let session = Session::joined(server.address).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let poll = format!(
            "GET /socket.io/?{} HTTP/1.1\r\nHost: x\r\n\r\n",
            session.query
        );
        stream.write_all(poll.as_bytes()).await.unwrap();
        drop(stream);
        assert_eq!(server.saw_closed().await, CloseReason::TransportClosed);
        assert_eq!(session.get().await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_that_is_none_ends_the_session() {
    for body in ["abc", "", "4\x1e", "b!!!"] {
        let mut server = Running::start(Config::default()).await;
        let session = Session::joined(server.address).await;
        assert_eq!(
            http(server.address, "POST", &session.query, body).await.0,
            400,
            "{body:?}"
        );
        assert_eq!(server.saw_closed().await, CloseReason::ProtocolError);
        assert_eq!(session.get().await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_larger_than_allowed_is_refused() {
    let mut server = Running::start(Config {
        max_payload: 1000,
        ..Config::default()
    })
    .await;
    let session = Session::joined(server.address).await;
    let body = format!("4{}", "x".repeat(1000));
    assert_eq!(
        http(server.address, "POST", &session.query, &body).await.0,
        413
    );
    assert_eq!(server.saw_closed().await, CloseReason::PayloadTooLarge);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_leave_has_its_poll_let_go() {
    let mut server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let (poll, ()) = tokio::join!(session.get(), session.post("1"));
    assert_eq!(poll, (200, "6".to_owned()));
    assert_eq!(server.saw_closed().await, CloseReason::TransportClosed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_shown_out_hears_it_with_the_next_poll() {
    let mut server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let connection = server.last_connection();
    connection.send(Packet::event("/", "goodbye", &()));
    connection.close(realtime::Close::Disconnect);
    let mut heard = Vec::new();
    while heard.last() != Some(&"1".to_owned()) {
        heard.extend(session.poll().await);
    }
    assert_eq!(heard, [r#"42["goodbye",null]"#, "41", "1"]);
    assert_eq!(server.saw_closed().await, CloseReason::ServerDisconnect);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_over_to_a_websocket_lets_the_poll_go() {
    let server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let (packets, mut client) = tokio::join!(session.poll(), session.probed());
    assert_eq!(packets, ["6"]);
    // What comes up in between waits for the WebSocket.
    let connection = server.last_connection();
    connection.send(Packet::event("/", "in between", &()));
    client.send("5").await;
    assert_eq!(client.text().await, r#"42["in between",null]"#);
    assert_eq!(client.ask(1, r#"["over"]"#).await.1, r#""over""#);
    assert_eq!(connection.transport(), TransportKind::WebSocket);
    let metrics = server.engine.metrics();
    assert_eq!((metrics.polling, metrics.websocket), (0, 1));
    assert_eq!(session.get().await.0, 400, "it polls no more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_taken_over_once() {
    let server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let mut client = session.probed().await;
    let query = session.query.replace("polling", "websocket");
    let mut second = Client::websocket(server.address, &query).await.unwrap();
    assert_eq!(
        second.close_code().await,
        Some(CloseReason::ProtocolError.code())
    );
    client.send("5").await;
    let mut third = Client::websocket(server.address, &query).await.unwrap();
    assert_eq!(
        third.close_code().await,
        Some(CloseReason::ProtocolError.code())
    );
    assert_eq!(client.ask(1, r#"["here"]"#).await.1, r#""here""#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_that_fails_leaves_the_session_polling() {
    let server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let query = session.query.replace("polling", "websocket");
    let mut client = Client::websocket(server.address, &query).await.unwrap();
    client.send("4nonsense").await;
    assert_eq!(client.said().await, Said::End);
    session.post(r#"421["still here"]"#).await;
    assert_eq!(session.poll().await, [r#"431["still here"]"#]);
    // And another may try.
    session.probed().await.send("5").await;
}

/// Goes over to a WebSocket after some polls, polling and posting until it is probed, and says
/// `after` more events there. Answers what was heard and how many events were said.
async fn go_over(session: &Session, polls: usize, after: usize) -> (Client, Vec<String>, usize) {
    let mut heard = Vec::new();
    for _ in 0..polls {
        heard.extend(session.poll().await);
    }
    let probed = AtomicBool::new(false);
    let polling = async {
        while !probed.load(Ordering::SeqCst) {
            heard.extend(session.poll().await);
        }
    };
    let mut said = 0;
    let posting = async {
        while !probed.load(Ordering::SeqCst) {
            session.post(&format!(r#"42{said}["e{said}"]"#)).await;
            said += 1;
        }
    };
    let probing = async {
        let client = session.probed().await;
        probed.store(true, Ordering::SeqCst);
        client
    };
    let (mut client, (), ()) = tokio::join!(probing, polling, posting);
    client.send("5").await;
    for _ in 0..after {
        client.send(&format!(r#"42{said}["e{said}"]"#)).await;
        said += 1;
    }
    heard.retain(|packet| packet != "6");
    (client, heard, said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_over_amid_traffic_loses_and_reorders_nothing() {
    let server = Running::start(Config {
        max_behind: 100_000,
        ..Config::default()
    })
    .await;
    for round in 0..30 {
        let session = Session::joined(server.address).await;
        session.post(r#"42999["join",5]"#).await;
        let since = server.house.head(TOPIC);
        let over = Arc::new(AtomicBool::new(false));
        let (house, enough) = (server.house.clone(), over.clone());
        let talk = tokio::task::spawn_blocking(move || {
            let mut last = 0;
            while !enough.load(Ordering::SeqCst) || last < since + 500 {
                last = house.say(TOPIC, "hello");
                std::thread::yield_now();
            }
            last
        });
        let (mut client, mut heard, said) = go_over(&session, round % 10, 10).await;
        over.store(true, Ordering::SeqCst);
        let entries = talk.await.unwrap() - since;
        let all = usize::try_from(entries).unwrap() + said + 1;
        while heard.len() < all {
            heard.push(client.text().await);
        }
        assert!(heard[0].starts_with("43999["), "{}", heard[0]);
        let mut answers = (0..said).map(|number| format!(r#"43{number}["e{number}"]"#));
        let mut told = (1..).map(|at| format!(r#"42["said",[{},"hello"]]"#, since + at));
        for packet in &heard[1..] {
            let expected = if packet.starts_with("43") {
                answers.next()
            } else {
                told.next()
            };
            assert_eq!(Some(packet), expected.as_ref(), "in round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_posted_before_going_over_is_handled_first() {
    let server = Running::start(Config::default()).await;
    let session = Session::joined(server.address).await;
    let posted: Vec<String> = (0..100).map(|at| format!(r#"42{at}["e{at}"]"#)).collect();
    session.post(&posted.join("\x1e")).await;
    let mut client = session.probed().await;
    client.send("5").await;
    client.send(r#"42100["e100"]"#).await;
    for at in 0..=100 {
        assert_eq!(client.text().await, format!(r#"43{at}["e{at}"]"#));
    }
}
