//! A server of plain Engine.IO that says everything back.

use std::net::SocketAddr;
use std::sync::Arc;

use realtime::{BoxFuture, Config, Connection, Engine, Message, Messages, Packet, Server};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

struct Back;

impl Messages for Back {
    fn message<'a>(&'a self, from: &'a Connection, message: Message) -> BoxFuture<'a, ()> {
        from.send(match message {
            Message::Text(text) => Packet::text_message(&text),
            Message::Binary(data) => Packet::binary_message(&data),
        });
        Box::pin(async {})
    }
}

/// A running server.
pub(crate) struct Echo {
    pub(crate) engine: Engine,
    pub(crate) address: SocketAddr,
    _stop: DropGuard,
}

impl Echo {
    pub(crate) async fn start(config: Config) -> Echo {
        let engine = Engine::of_messages(config, Arc::new(Back));
        let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = server.local_addr().unwrap();
        let stop = CancellationToken::new();
        let (serving, until) = (engine.clone(), stop.clone());
        TaskTracker::new().spawn(async move { serving.serve(server, until).await });
        Echo {
            engine,
            address,
            _stop: stop.drop_guard(),
        }
    }
}
