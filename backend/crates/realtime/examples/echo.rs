//! A chat in one room, without a store: what anybody says, everybody hears, latecomers too.
//!
//! `cargo run -p realtime --example echo -- 3000`, then with any Socket.IO client connect to
//! `http://127.0.0.1:3000` and emit `say`.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use realtime::{
    Accepted, App, BoxFuture, CloseReason, Config, ConnectRequest, Connection, Engine, Event,
    Frame, Handler, Packet, ReadFailed, Refusal, Server, Tag, Topic, TopicId,
};
use tokio_util::sync::CancellationToken;

const ROOM: TopicId = TopicId(1);

#[derive(Default)]
struct Room {
    log: Mutex<Vec<Frame>>,
    topic: OnceLock<Topic>,
}

struct Guest {
    room: Arc<Room>,
    connection: Connection,
}

impl Room {
    fn say(&self, text: &str) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = log.len() as u64 + 1;
        let frame = Frame {
            seq,
            packet: Packet::event("/", "said", text),
        };
        log.push(frame.clone());
        self.topic
            .get()
            .expect("opened before anybody connects")
            .append(frame);
    }
}

impl Handler for Guest {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match (event.name.as_str(), event.args.first()) {
                ("join", _) => {
                    let topic = self
                        .room
                        .topic
                        .get()
                        .expect("opened before anybody connects");
                    if let Some(feed) = topic.attach(&self.connection, Tag(0)) {
                        feed.start(0, event.ack, "welcome");
                    }
                }
                ("say", Some(text)) => {
                    self.room.say(text.get());
                    event.ack.send("ok");
                }
                _ => event.ack.send("join, or say something"),
            }
        })
    }

    fn closed(self: Box<Self>, _: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

struct Chat(Arc<Room>);

impl App for Chat {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        let guest = Guest {
            room: Arc::clone(&self.0),
            connection: request.connection,
        };
        Box::pin(async {
            Ok(Accepted {
                handler: Box::new(guest),
                tags: vec![],
            })
        })
    }

    fn read(
        &self,
        _: TopicId,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        let log = self.0.log.lock().unwrap_or_else(PoisonError::into_inner);
        let page = log
            .iter()
            .filter(|frame| frame.seq > after)
            .take(limit)
            .cloned()
            .collect();
        Box::pin(async { Ok(page) })
    }

    fn reset(&self, _: TopicId) -> Packet {
        Packet::event("/", "start_again", &())
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let room = Arc::<Room>::default();
    let engine = Engine::new(Config::default(), Arc::new(Chat(Arc::clone(&room))));
    room.topic.get_or_init(|| engine.topics().open(ROOM, 0));
    let port = std::env::args()
        .nth(1)
        .and_then(|port| port.parse().ok())
        .unwrap_or(3000);
    let server = Server::bind(([127, 0, 0, 1], port).into()).await?;
    let service = move |request, peer| {
        let engine = engine.clone();
        async move { engine.handle(request, peer).await }
    };
    server.serve(service, CancellationToken::new()).await;
    Ok(())
}
