//! The listener: whom it lets in, and how it stops.

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use realtime::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const PATIENCE: Duration = Duration::from_secs(30);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";

/// A server whose answers wait for the test.
struct Slow {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
    asked: mpsc::Receiver<()>,
    answer: CancellationToken,
}

async fn start(most: Option<usize>) -> Slow {
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = server.local_addr().unwrap();
    let (sender, asked) = mpsc::channel(10);
    let (stop, answer) = (CancellationToken::new(), CancellationToken::new());
    let waiting = answer.clone();
    let service = move |_: Request<Incoming>, _| {
        let (sender, waiting) = (sender.clone(), waiting.clone());
        async move {
            sender.send(()).await.unwrap();
            waiting.cancelled().await;
            Response::new(Full::new(Bytes::from_static(b"done")))
        }
    };
    let tasks = TaskTracker::new();
    tasks.spawn(
        server
            .connections_per_address(most)
            .serve(service, stop.clone()),
    );
    tasks.close();
    Slow {
        address,
        stop,
        tasks,
        asked,
        answer,
    }
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await;
    // A reset is an end too.
    let _ = read.expect("an end");
    text
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_stops() {
    let mut server = start(None).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let mut busy = TcpStream::connect(server.address).await.unwrap();
    busy.write_all(REQUEST).await.unwrap();
    server.asked.recv().await.unwrap();
    server.stop.cancel();
    // Whoever has asked for nothing is not waited for.
    assert_eq!(read_all(&mut idle).await, "");
    let deaf = async { while TcpStream::connect(server.address).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, deaf)
        .await
        .expect("nobody listens any more");
    server.answer.cancel();
    assert!(read_all(&mut busy).await.ends_with("done"));
    tokio::time::timeout(PATIENCE, server.tasks.wait())
        .await
        .unwrap();
}

#[tokio::test]
async fn one_address_has_only_so_many_connections() {
    let mut server = start(Some(1)).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    first.write_all(REQUEST).await.unwrap();
    server.asked.recv().await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(read_all(&mut second).await, "");
    server.answer.cancel();
    drop(first);
    // The place is free again once the first is gone.
    let another = async {
        loop {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let _ = stream.write_all(REQUEST).await;
            let mut byte = [0];
            if matches!(stream.read(&mut byte).await, Ok(1)) {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, another).await.unwrap();
}
