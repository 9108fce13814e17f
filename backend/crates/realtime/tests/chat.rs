//! The example of the README: rooms are logs, also for those who come late or were away.

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

#[expect(dead_code, reason = "it is served at another port here")]
#[path = "../examples/chat.rs"]
mod chat;
mod support;

use std::net::SocketAddr;

use realtime::{Config, Engine, Server};
use support::Client;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

async fn start(config: Config) -> (SocketAddr, DropGuard) {
    let engine = Engine::in_memory(config, chat::handle);
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = server.local_addr().unwrap();
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let tasks = TaskTracker::new();
    tasks.spawn(async move { engine.serve(server, stopping).await });
    (address, stop.drop_guard())
}

async fn client(address: SocketAddr) -> Client {
    let mut client = Client::open(address).await;
    client.send("40").await;
    assert!(client.text().await.starts_with(r#"40{"sid":""#));
    client
}

fn said(seq: u64, text: &str) -> String {
    format!(r#"42["said",{{"log":"hall","seq":{seq},"data":"{text}"}}]"#)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_in_a_room_hears_what_is_said_latecomers_too() {
    let (address, _server) = start(Config::default()).await;
    let (mut ann, mut ben) = (client(address).await, client(address).await);
    let joined = ann.ask(1, r#"["join","hall"]"#).await.1;
    assert_eq!(joined, r#"{"after":0,"head":0}"#);
    assert_eq!(ben.ask(1, r#"["say","hall","hello"]"#).await.1, "1");
    assert_eq!(ann.text().await, said(1, "hello"));
    let joined = ben.ask(2, r#"["join","hall",0]"#).await.1;
    assert_eq!(joined, r#"{"after":0,"head":1}"#);
    assert_eq!(ben.text().await, said(1, "hello"));
    assert_eq!(ann.ask(2, r#"["say","hall","and you"]"#).await.1, "2");
    assert_eq!(ben.text().await, said(2, "and you"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_away_reads_on_from_where_they_were() {
    let (address, _server) = start(Config::default()).await;
    let mut ann = client(address).await;
    for seq in 1..=5_u64 {
        let answer = ann.ask(seq, &format!(r#"["say","hall","{seq}"]"#)).await.1;
        assert_eq!(answer, seq.to_string());
    }
    let mut ben = client(address).await;
    let joined = ben.ask(1, r#"["join","hall",3]"#).await.1;
    assert_eq!(joined, r#"{"after":3,"head":5}"#);
    assert_eq!(ben.text().await, said(4, "4"));
    assert_eq!(ben.text().await, said(5, "5"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_knows_more_than_there_is_or_less_than_is_kept_is_told_where_it_begins() {
    let config = Config {
        max_behind: 3,
        tail_frames: 1,
        ..Config::default()
    };
    let (address, _server) = start(config).await;
    let mut ann = client(address).await;
    for seq in 1..=5 {
        ann.ask(seq, r#"["say","hall","hm"]"#).await;
    }
    for known in [0, 9] {
        let mut ben = client(address).await;
        let joined = ben.ask(1, &format!(r#"["join","hall",{known}]"#)).await.1;
        assert_eq!(joined, r#"{"after":2,"head":5}"#);
        for seq in 3..=5 {
            assert_eq!(ben.text().await, said(seq, "hm"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_nothing_sensible_is_told_so() {
    let (address, _server) = start(Config::default()).await;
    let mut ann = client(address).await;
    for (id, (asked, told)) in (1..).zip([
        (r#"["join"]"#, r#""which room?""#),
        (
            r#"["dance","hall"]"#,
            r#""join a room, or say something in it""#,
        ),
    ]) {
        assert_eq!(ann.ask(id, asked).await.1, told);
    }
}
