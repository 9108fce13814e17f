//! What a client on a WebSocket experiences, over real sockets.

mod support;

use realtime::{CloseReason, Config};
use support::{Client, Running, Said, Seen, frame};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_connects_and_is_answered() {
    let mut server = Running::start(Config::default()).await;
    let mut client = server.client().await;
    assert_eq!(client.ask(7, r#"["hello"]"#).await.1, r#""hello""#);
    assert_eq!(server.engine.connections(), 1);
    client.send("41").await;
    assert_eq!(server.saw_closed().await, CloseReason::ClientDisconnect);
}
