//! Rooms for anybody, kept in memory: the engine and nothing else, as `make bench` measures it.
//!
//! `cargo run --release -p realtime --example fanout`, which says where it listens. Clients emit
//! `join_room` with `{ roomId }` and `send_message` with `{ roomId, clientId, content }`, and hear
//! `message_received`. With `--frame-bytes N` every message is padded to so many bytes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use realtime::{
    Accepted, App, BoxFuture, CloseReason, Config, ConnectRequest, Connection, Engine, Event,
    Frame, Handler, Packet, ReadFailed, Refusal, Server, Tag, Topic, TopicId, Topics,
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// How big a message is on the wire unless told otherwise, in bytes.
const FRAME_BYTES: usize = 440;
/// Before the text of a frame of that size.
const FRAME_HEADER: usize = 4;
/// What a room remembers for readers that fell off the topic's tail. Whoever is further behind is
/// told to start again anyway.
const REMEMBERED: usize = 2048;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InRoom {
    room_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    room_id: &'a str,
    client_id: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received<'a> {
    room_id: &'a str,
    seq: u64,
    client_id: &'a str,
    content: &'a str,
    padding: &'a str,
}

#[derive(Serialize)]
struct Done {
    ok: bool,
    seq: u64,
}

struct Room {
    topic: Topic,
    log: Mutex<VecDeque<Frame>>,
}

impl Room {
    fn say(&self, said: &Said<'_>, padding: &Padding) -> u64 {
        // Places are given under the lock, so that frames reach the topic in their order.
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = log.back().map_or(0, |frame| frame.seq) + 1;
        let frame = Frame {
            seq,
            packet: padding.packet(said, seq),
        };
        if log.len() == REMEMBERED {
            log.pop_front();
        }
        log.push_back(frame.clone());
        self.topic.append(frame);
        seq
    }

    fn after(&self, seq: u64, limit: usize) -> Vec<Frame> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter()
            .filter(|frame| frame.seq > seq)
            .take(limit)
            .cloned()
            .collect()
    }
}

/// Makes all messages equally big.
struct Padding {
    spaces: String,
}

impl Padding {
    fn to(frame_bytes: usize) -> Padding {
        let mut padding = Padding {
            spaces: String::new(),
        };
        let nothing = Said {
            room_id: "",
            client_id: "",
            content: "",
        };
        // What is said takes its part of this; one digit of the place is there already.
        let text = padding.packet(&nothing, 0).text().len();
        let missing = (frame_bytes + 1).saturating_sub(text + FRAME_HEADER);
        padding.spaces = " ".repeat(missing);
        padding
    }

    fn packet(&self, said: &Said<'_>, seq: u64) -> Packet {
        let digits = seq.checked_ilog10().unwrap_or_default() as usize + 1;
        let taken = said.room_id.len() + said.client_id.len() + said.content.len() + digits;
        let received = Received {
            room_id: said.room_id,
            seq,
            client_id: said.client_id,
            content: said.content,
            padding: self.spaces.get(taken..).unwrap_or_default(),
        };
        Packet::event("/", "message_received", &received)
    }
}

struct Rooms {
    padding: Padding,
    by_id: Mutex<HashMap<TopicId, Arc<Room>>>,
    topics: OnceLock<Topics>,
}

impl Rooms {
    /// A room is named by a UUID, and there as soon as somebody names it.
    fn room(&self, name: &str) -> Option<Arc<Room>> {
        let id = TopicId(u128::from_str_radix(&name.replace('-', ""), 16).ok()?);
        let topics = self.topics.get().expect("set before anybody connects");
        let mut rooms = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let room = rooms.entry(id).or_insert_with(|| {
            Arc::new(Room {
                topic: topics.open(id, 0),
                log: Mutex::default(),
            })
        });
        Some(Arc::clone(room))
    }
}

struct Fanout(Arc<Rooms>);

impl App for Fanout {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        let guest = Guest {
            rooms: Arc::clone(&self.0),
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
        topic: TopicId,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        let rooms = self.0.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let room = rooms.get(&topic).cloned();
        drop(rooms);
        let page = room.map(|room| room.after(after, limit));
        Box::pin(async { page.ok_or(ReadFailed) })
    }

    fn reset(&self, _: TopicId) -> Packet {
        Packet::event("/", "room_reset", &())
    }
}

struct Guest {
    rooms: Arc<Rooms>,
    connection: Connection,
}

impl Guest {
    fn join(&self, event: Event) -> Option<()> {
        let InRoom { room_id } = serde_json::from_str(event.args.first()?.get()).ok()?;
        let room = self.rooms.room(&room_id)?;
        let feed = room.topic.attach(&self.connection, Tag(0))?;
        let seq = room.topic.head();
        feed.start(seq, event.ack, &Done { ok: true, seq });
        Some(())
    }

    fn send(&self, event: Event) -> Option<()> {
        let said: Said<'_> = serde_json::from_str(event.args.first()?.get()).ok()?;
        let seq = self
            .rooms
            .room(said.room_id)?
            .say(&said, &self.rooms.padding);
        event.ack.send(&Done { ok: true, seq });
        Some(())
    }
}

impl Handler for Guest {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        // What makes no sense is left unanswered.
        let _ = match event.name.as_str() {
            "join_room" => self.join(event),
            "send_message" => self.send(event),
            _ => None,
        };
        Box::pin(async {})
    }

    fn closed(self: Box<Self>, _: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "whoever started it reads where it is")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let frame_bytes = match arguments.next().as_deref() {
        None => FRAME_BYTES,
        Some("--frame-bytes") => arguments.next().unwrap_or_default().parse()?,
        Some(other) => return Err(format!("{other} is no option of this example").into()),
    };
    let rooms = Arc::new(Rooms {
        padding: Padding::to(frame_bytes),
        by_id: Mutex::default(),
        topics: OnceLock::new(),
    });
    let engine = Engine::new(Config::default(), Arc::new(Fanout(Arc::clone(&rooms))));
    rooms.topics.get_or_init(|| engine.topics().clone());
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await?;
    println!("The engine is at http://{}", server.local_addr()?);
    engine.serve(server, CancellationToken::new()).await;
    Ok(())
}
