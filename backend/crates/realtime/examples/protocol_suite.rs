//! What the official protocol test suites of Socket.IO and Engine.IO expect to talk to.
//!
//! `cargo run --release -p realtime --example protocol_suite -- PORT`, then run the suites of the
//! socket.io repository (`docs/engine.io-protocol/v4-test-suite` and
//! `docs/socket.io-protocol/v5-test-suite`) against that port.

use std::sync::Arc;
use std::time::Duration;

use realtime::{
    Accepted, App, BoxFuture, CloseReason, Config, ConnectRequest, Connection, Engine, Event,
    Frame, Handler, Message, Messages, Packet, ReadFailed, Refusal, Server, TopicId,
};
use tokio_util::sync::CancellationToken;

struct Suite;

struct Echo(Connection);

impl App for Suite {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        Box::pin(async move {
            if !["/", "/custom"].contains(&&*request.namespace) {
                return Err(Refusal::unknown_namespace());
            }
            let connection = request.connection;
            connection.send(Packet::event(&request.namespace, "auth", &request.auth));
            Ok(Accepted {
                handler: Box::new(Echo(connection)),
                tags: vec![],
            })
        })
    }

    fn read(&self, _: TopicId, _: u64, _: usize) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        Box::pin(async { Err(ReadFailed) })
    }

    fn reset(&self, _: TopicId) -> Packet {
        Packet::event("/", "reset", &())
    }
}

impl Handler for Echo {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Event {
                name,
                args,
                attachments,
                ack,
            } = event;
            match name.as_str() {
                "message" => {
                    let namespace = self.0.namespace();
                    let back = Packet::event_with(namespace, "message-back", &args, &attachments);
                    self.0.send(back);
                }
                "message-with-ack" => ack.send_with(&args, &attachments),
                _ => {}
            }
        })
    }

    fn closed(self: Box<Self>, _: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

impl Messages for Suite {
    fn message<'a>(&'a self, from: &'a Connection, message: Message) -> BoxFuture<'a, ()> {
        from.send(match message {
            Message::Text(text) => Packet::text_message(&text),
            Message::Binary(data) => Packet::binary_message(&data),
        });
        Box::pin(async {})
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args()
        .nth(1)
        .and_then(|port| port.parse().ok())
        .unwrap_or(3000);
    let config = Config {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_secs(1),
        max_payload: 1_000_000,
        ..Config::default()
    };
    let raw = Config {
        path: "/engine.io/".to_owned(),
        ..config.clone()
    };
    let sockets = Engine::new(config, Arc::new(Suite));
    let messages = Engine::of_messages(raw, Arc::new(Suite));
    let server = Server::bind(([127, 0, 0, 1], port).into()).await?;
    let service = move |request: http::Request<_>, peer| {
        let raw = request.uri().path().starts_with("/engine.io/");
        let engine = if raw {
            messages.clone()
        } else {
            sockets.clone()
        };
        async move { engine.handle(request, peer).await }
    };
    server.serve(service, CancellationToken::new()).await;
    Ok(())
}
