//! What compression saves and costs: bytes on the wire, and time of the server's processor.
//!
//! `cargo run --release -p realtime --example compression` serves what a chat serves, to clients
//! that offer `permessage-deflate`, with compression off and from two sizes on. Rounds alternate,
//! and the time is what the kernel counted for the server's own thread, so a busy machine hurts
//! little. It prints the medians as a table.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rand::RngExt;
use realtime::{
    Accepted, App, BoxFuture, CloseReason, Config, ConnectRequest, Connection, Engine, Event,
    Frame, Handler, Packet, ReadFailed, Refusal, Server, Tag, Topic, TopicId,
};
use serde_json::{Value, json, value::RawValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

const ROUNDS: usize = 5;
const READERS: usize = 50;
const FRAMES: u64 = 300;
const SERVER: &str = "server";
/// What people write is made of this: as much of a language as a chat has.
const PROSE: &str = concat!(
    include_str!("../../../../ARCHITECTURE.md"),
    include_str!("../../../../CONTRIBUTING.md"),
);

/// Who writes it.
const AUTHORS: [(&str, &str); 4] = [
    ("0197b5c2-1111-7c11-9d2e-8f0d2a41c07b", "mira"),
    ("0197b5c2-6f3a-7d52-a1b7-5e41c07be913", "jonathan"),
    ("0197a0ff-0b2c-7e93-8c44-21d9be3f7a60", "ada"),
    ("01979e11-c8d7-7a04-b3f5-7be9135a41c0", "grace.h"),
];

/// Answers what is asked of it, and has one topic.
struct House {
    topic: OnceLock<Topic>,
    page: Box<RawValue>,
}

struct Door(Arc<House>);

struct Guest {
    house: Arc<House>,
    connection: Connection,
}

impl App for Door {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        let handler = Box::new(Guest {
            house: Arc::clone(&self.0),
            connection: request.connection,
        });
        let tags = vec![];
        Box::pin(async { Ok(Accepted { handler, tags }) })
    }

    fn read(&self, _: TopicId, _: u64, _: usize) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        Box::pin(async { Err(ReadFailed) })
    }

    fn reset(&self, _: TopicId) -> Packet {
        Packet::event("/", "reset", &())
    }
}

impl Handler for Guest {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match event.name.as_str() {
                "follow" => {
                    let topic = self.house.topic.get().expect("opened at the start");
                    if let Some(feed) = topic.attach(&self.connection, Tag(0)) {
                        feed.start(topic.head(), event.ack, &true);
                    }
                }
                "page" => event.ack.send(&self.house.page),
                _ => event.ack.send(&true),
            }
        })
    }

    fn closed(self: Box<Self>, _: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

/// A client that only counts.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    bytes: usize,
}

impl Client {
    async fn open(address: SocketAddr) -> Client {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: here\r\n\
            Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
            Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
        let sent = stream.write_all(request.as_bytes()).await;
        sent.expect("the server reads");
        let mut buffer = Vec::new();
        while !buffer.ends_with(b"}") {
            let read = stream.read_buf(&mut buffer).await;
            assert!(read.is_ok_and(|read| read > 0), "an answer and a packet");
        }
        buffer.clear();
        let mut client = Client {
            stream,
            buffer,
            bytes: 0,
        };
        client.send(1, b"40").await;
        client.hear().await;
        client
    }

    async fn send(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | first];
        if let Ok(len @ 0..126) = u8::try_from(payload.len()) {
            frame.push(0x80 | len);
        } else {
            let len = u16::try_from(payload.len()).expect("what is said here is short");
            frame.push(0xfe);
            frame.extend(len.to_be_bytes());
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        let sent = self.stream.write_all(&frame).await;
        sent.expect("the server reads");
    }

    /// Waits for one message.
    async fn hear(&mut self) {
        loop {
            if let Some(len) = frame_len(&self.buffer)
                && self.buffer.len() >= len
            {
                self.buffer.drain(..len);
                self.bytes += len;
                return;
            }
            let read = self.stream.read_buf(&mut self.buffer).await;
            assert!(read.is_ok_and(|read| read > 0), "the server is there");
        }
    }
}

fn frame_len(bytes: &[u8]) -> Option<usize> {
    Some(match *bytes.get(1)? {
        126 => 4 + usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
        127 => {
            let len = u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?);
            10 + usize::try_from(len).expect("messages fit into memory")
        }
        len => 2 + usize::from(len),
    })
}

/// A server of its own, and what it cost.
struct Bench {
    house: Arc<House>,
    address: SocketAddr,
    stop: CancellationToken,
    // The last field: what runs on it goes first.
    _runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn start(compress_from: Option<usize>) -> Bench {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(SERVER)
            .enable_all()
            .build()
            .expect("threads can be started");
        let entries: Vec<Value> = (1..=50).map(|seq| entry(seq, 200)).collect();
        let page = json!({"ok": true, "lastSeq": 50, "messages": entries}).to_string();
        let house = Arc::new(House {
            topic: OnceLock::new(),
            page: RawValue::from_string(page).expect("made as JSON"),
        });
        let config = Config {
            compress_from,
            ping_interval: Duration::from_hours(1),
            ..Config::default()
        };
        let entered = runtime.enter();
        let engine = Engine::new(config, Arc::new(Door(Arc::clone(&house))));
        drop(entered);
        house
            .topic
            .get_or_init(|| engine.topics().open(TopicId(1), 0));
        let address = ([127, 0, 0, 1], 0).into();
        let server = runtime.block_on(Server::bind(address));
        let server = server.expect("a free port");
        let address = server.local_addr().expect("it is bound");
        let stop = CancellationToken::new();
        let until = stop.clone();
        runtime.spawn(async move { engine.serve(server, until).await });
        Bench {
            house,
            address,
            stop,
            _runtime: runtime,
        }
    }

    /// One entry after the other to all readers: bytes and microseconds a delivery.
    async fn entries(&self, len: usize) -> (f64, f64) {
        let mut readers = Vec::new();
        for _ in 0..READERS {
            let mut reader = Client::open(self.address).await;
            reader.send(1, br#"421["follow"]"#).await;
            reader.hear().await;
            reader.bytes = 0;
            readers.push(reader);
        }
        let topic = self.house.topic.get().expect("opened at the start");
        let before = server_time();
        for seq in 1..=FRAMES {
            let packet = Packet::event("/", "message_received", &entry(seq, len));
            topic.append(Frame { seq, packet });
            for reader in &mut readers {
                reader.hear().await;
            }
        }
        let spent = server_time() - before;
        let bytes = readers.iter().map(|reader| reader.bytes).sum();
        each(bytes, spent, FRAMES * READERS as u64)
    }

    /// The answer to a join, made for whoever asks: bytes and microseconds an answer.
    async fn pages(&self) -> (f64, f64) {
        let mut client = Client::open(self.address).await;
        client.bytes = 0;
        let before = server_time();
        for _ in 0..FRAMES {
            client.send(1, br#"421["page"]"#).await;
            client.hear().await;
        }
        each(client.bytes, server_time() - before, FRAMES)
    }

    /// What a browser says, which compresses everything if it may: bytes and microseconds an event.
    async fn events(&self, compressed: bool) -> (f64, f64) {
        let mut client = Client::open(self.address).await;
        let said: Vec<_> = (0..FRAMES)
            .map(|_| {
                let said = json!(["send_message", {"roomId": uuid(), "content": words(200)}]);
                let said = format!("421{said}").into_bytes();
                if compressed {
                    let mut short = miniz_oxide::deflate::compress_to_vec(&said, 6);
                    short.push(0);
                    (0x41, short)
                } else {
                    (1, said)
                }
            })
            .collect();
        let before = server_time();
        for (first, said) in &said {
            client.send(*first, said).await;
            client.hear().await;
        }
        let bytes = said.iter().map(|(_, said)| said.len()).sum();
        each(bytes, server_time() - before, FRAMES)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An entry of a chat's log with a text of so many characters.
fn entry(seq: u64, len: usize) -> Value {
    let (author, name) = AUTHORS[rand::random_range(0..AUTHORS.len())];
    json!({
        "id": uuid(), "roomId": "0197b5c2-6f3a-7c11-9d2e-5a41c07be913", "seq": seq, "revSeq": seq,
        "author": {"id": author, "username": name, "displayName": name, "isBot": false},
        "clientId": uuid(), "kind": "text", "content": words(len), "reactions": [], "mentions": [],
        "createdAt": format!("2026-11-22T14:02:11.{:03}Z", seq % 1000), "metadata": {},
    })
}

fn uuid() -> String {
    let [high, low] = rand::random::<[u64; 2]>();
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
    format!(
        "{a:08x}-{b:04x}-7{c:03x}-{:04x}-{:012x}",
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// Some of the prose, from anywhere in it.
fn words(len: usize) -> String {
    let from = rand::rng().random_range(0..PROSE.chars().count() - len);
    PROSE.chars().skip(from).take(len).collect()
}

/// How long the server's thread has had a processor, in nanoseconds.
fn server_time() -> u64 {
    let tasks = fs::read_dir("/proc/self/task").expect("this is Linux");
    let times = tasks.flatten().filter_map(|task| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let times = fs::read_to_string(task.path().join("schedstat")).ok()?;
        let time: u64 = times.split(' ').next()?.parse().ok()?;
        (name.trim_end() == SERVER).then_some(time)
    });
    times.sum()
}

#[expect(clippy::cast_precision_loss, reason = "it is printed with one decimal")]
fn each(bytes: usize, nanoseconds: u64, count: u64) -> (f64, f64) {
    let count = count as f64;
    (bytes as f64 / count, nanoseconds as f64 / 1e3 / count)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[expect(clippy::print_stdout, reason = "its table is what it is for")]
fn main() {
    let clients = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime for the clients");
    let ways = [
        ("off", None),
        ("from 1 KiB", Some(1024)),
        ("from 256 B", Some(256)),
    ];
    let mut seen: BTreeMap<(usize, usize), Vec<(f64, f64)>> = BTreeMap::new();
    let cases = [
        "a message of 200 characters, each of 50 readers",
        "a message of 1,000 characters, each of 50 readers",
        "a message of 10,000 characters, each of 50 readers",
        "a join's answer with 50 messages of 200 characters",
        "200 characters said by a client that compresses if it may",
    ];
    for _ in 0..ROUNDS {
        for (case, _) in cases.iter().enumerate() {
            for (way, (_, from)) in ways.into_iter().enumerate() {
                let bench = Bench::start(from);
                let figures = clients.block_on(async {
                    match case {
                        0 => bench.entries(200).await,
                        1 => bench.entries(1000).await,
                        2 => bench.entries(10_000).await,
                        3 => bench.pages().await,
                        _ => bench.events(from.is_some()).await,
                    }
                });
                seen.entry((case, way)).or_default().push(figures);
            }
        }
    }
    println!("| | compression | bytes | us of the server |\n|---|---|---|---|");
    for ((case, way), figures) in seen {
        let (bytes, spent) = figures.into_iter().unzip();
        let (case, way) = (cases[case], ways[way].0);
        println!(
            "| {case} | {way} | {:.0} | {:.1} |",
            median(bytes),
            median(spent)
        );
    }
}
