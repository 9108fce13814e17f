//! A server with a small application, and a client written from the protocol's text alone.

#![expect(dead_code, reason = "every test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

pub(crate) mod echo;
mod stuck;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use realtime::{
    Accepted, Ack, App, BoxFuture, Close, CloseReason, Config, ConnectRequest, Connection, Engine,
    Event, Frame, Handler, Packet, ReadFailed, Refusal, Server, Started, Tag, Topic, TopicId,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Long enough for the slowest machine; nothing waits for it to pass.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something, and says what if it does not come.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let result = tokio::time::timeout(PATIENCE, future).await;
    result.unwrap_or_else(|_| panic!("in vain: {what}"))
}

/// What the application saw.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Connected(u64),
    Event(u64, String),
    Closed(u64, CloseReason),
}

/// The application: logs in memory, and events that do what their names say.
pub(crate) struct House {
    pub(crate) logs: Mutex<HashMap<TopicId, Vec<Frame>>>,
    pub(crate) engine: OnceLock<Engine>,
    pub(crate) connections: Mutex<Vec<Connection>>,
    pub(crate) reads: AtomicUsize,
    pub(crate) reads_fail: AtomicBool,
    /// Acks of the event `hold`, nobody answers them but the test.
    pub(crate) held: tokio::sync::Mutex<mpsc::Receiver<Ack>>,
    hold: mpsc::Sender<Ack>,
    seen: mpsc::Sender<Seen>,
}

struct Guest {
    house: Arc<House>,
    connection: Connection,
    tag: Tag,
}

impl House {
    /// Writes the next entry of a log and tells the topic.
    pub(crate) fn say(&self, topic: TopicId, text: &str) -> u64 {
        let mut logs = self.logs.lock().unwrap();
        let log = logs.entry(topic).or_default();
        let seq = log.len() as u64 + 1;
        let frame = Frame {
            seq,
            packet: Packet::event("/", "said", &(seq, text)),
        };
        log.push(frame.clone());
        if let Some(topic) = self.engine.get().unwrap().topics().get(topic) {
            topic.append(frame);
        }
        seq
    }

    /// The end of a log, and its topic. Nobody says anything in between, or the topic would miss it.
    fn open(&self, id: TopicId) -> (u64, Topic) {
        let logs = self.logs.lock().unwrap();
        let head = logs.get(&id).map_or(0, |log| log.len() as u64);
        (head, self.engine.get().unwrap().topics().open(id, head))
    }

    pub(crate) fn head(&self, topic: TopicId) -> u64 {
        self.logs
            .lock()
            .unwrap()
            .get(&topic)
            .map_or(0, |log| log.len() as u64)
    }
}

impl Guest {
    async fn handle(&mut self, event: Event) {
        let house = Arc::clone(&self.house);
        let id = self.connection.id().0;
        let first = event.args.first().map_or("null", |arg| arg.get());
        let number: u64 = serde_json::from_str(first).unwrap_or(0);
        house
            .seen
            .send(Seen::Event(id, event.name.clone()))
            .await
            .unwrap();
        match event.name.as_str() {
            "echo" => {
                self.connection.send(Packet::event_with(
                    self.connection.namespace(),
                    "echo",
                    &event.args,
                    &event.attachments,
                ));
                event.ack.send_with(&event.args, &event.attachments);
            }
            // join(topic): follows it from its head; `since` as the second argument.
            "join" => {
                let (head, topic) = house.open(TopicId(number.into()));
                let since = event
                    .args
                    .get(1)
                    .map_or(head, |since| serde_json::from_str(since.get()).unwrap());
                let feed = topic.attach(&self.connection, self.tag).unwrap();
                assert_eq!(feed.start(since, event.ack, &since), Started::Live);
            }
            "leave" => {
                let topic = house
                    .engine
                    .get()
                    .unwrap()
                    .topics()
                    .get(TopicId(number.into()));
                let left = topic.is_some_and(|topic| topic.detach(self.connection.id()));
                event.ack.send(&left);
            }
            "say" => event.ack.send(&house.say(TopicId(number.into()), "hello")),
            "much" => event
                .ack
                .send(&"x".repeat(usize::try_from(number).unwrap())),
            "hold" => house.hold.send(event.ack).await.unwrap(),
            "forever" => std::future::pending().await,
            "panic" => panic!("as asked"),
            "bye" => self.connection.close(Close::Disconnect),
            other => event.ack.send(other),
        }
    }
}

impl Handler for Guest {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        Box::pin(self.handle(event))
    }

    fn closed(self: Box<Self>, reason: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            self.house
                .seen
                .send(Seen::Closed(self.connection.id().0, reason))
                .await
                .unwrap();
        })
    }
}

struct Door(Arc<House>);

impl App for Door {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        Box::pin(async move {
            let auth: serde_json::Value = serde_json::from_str(request.auth.get()).unwrap();
            if auth["close"] == true {
                request
                    .connection
                    .close(Close::Transport(CloseReason::Kicked));
            }
            if auth["refuse"] == true || auth["close"] == true {
                let message = "Not you".to_owned();
                return Err(Refusal {
                    message,
                    data: serde_json::json!({"code": "unwanted"}),
                });
            }
            let namespace = &*request.namespace;
            if namespace != "/" && !namespace.starts_with("/custom") {
                return Err(Refusal::unknown_namespace());
            }
            let tag = Tag(auth["tag"].as_u64().unwrap_or(0).into());
            let connection = request.connection;
            // Sent before the acceptance, heard after it.
            connection.send(Packet::event(&request.namespace, "auth", &request.auth));
            self.0.connections.lock().unwrap().push(connection.clone());
            self.0
                .seen
                .send(Seen::Connected(connection.id().0))
                .await
                .unwrap();
            let house = Arc::clone(&self.0);
            let handler = Box::new(Guest {
                house,
                connection,
                tag,
            });
            Ok(Accepted {
                handler,
                tags: vec![tag],
            })
        })
    }

    fn read(
        &self,
        topic: TopicId,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        if self.0.reads_fail.load(Ordering::SeqCst) {
            return Box::pin(async { Err(ReadFailed) });
        }
        let logs = self.0.logs.lock().unwrap();
        let log = logs.get(&topic).map(Vec::as_slice).unwrap_or_default();
        let page = log
            .iter()
            .filter(|frame| frame.seq > after)
            .take(limit)
            .cloned()
            .collect();
        Box::pin(async { Ok(page) })
    }

    fn reset(&self, topic: TopicId) -> Packet {
        Packet::event("/", "reset", &u64::try_from(topic.0).unwrap())
    }
}

/// A running server.
pub(crate) struct Running {
    pub(crate) engine: Engine,
    pub(crate) house: Arc<House>,
    pub(crate) address: SocketAddr,
    pub(crate) seen: mpsc::Receiver<Seen>,
    _stop: DropGuard,
}

impl Running {
    pub(crate) async fn start(config: Config) -> Running {
        let (sender, seen) = mpsc::channel(100_000);
        let (hold, waiting) = mpsc::channel(100);
        let house = Arc::new(House {
            logs: Mutex::default(),
            engine: OnceLock::new(),
            connections: Mutex::default(),
            reads: AtomicUsize::new(0),
            reads_fail: AtomicBool::new(false),
            held: tokio::sync::Mutex::new(waiting),
            hold,
            seen: sender,
        });
        let engine = Engine::new(config, Arc::new(Door(Arc::clone(&house))));
        house.engine.set(engine.clone()).unwrap();
        let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = server.local_addr().unwrap();
        let stop = CancellationToken::new();
        let (serving, until) = (engine.clone(), stop.clone());
        let tasks = tokio_util::task::TaskTracker::new();
        tasks.spawn(async move { serving.serve(server, until).await });
        Running {
            engine,
            house,
            address,
            seen,
            _stop: stop.drop_guard(),
        }
    }

    /// The next thing the application saw.
    pub(crate) async fn saw(&mut self) -> Seen {
        soon("something for the application to see", self.seen.recv())
            .await
            .unwrap()
    }

    /// Waits until the application saw a connection closed, and says why.
    pub(crate) async fn saw_closed(&mut self) -> CloseReason {
        loop {
            if let Seen::Closed(_, reason) = self.saw().await {
                return reason;
            }
        }
    }

    pub(crate) fn last_connection(&self) -> Connection {
        self.house
            .connections
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .clone()
    }

    /// A client on the main namespace.
    pub(crate) async fn client(&self) -> Client {
        self.client_with("40").await
    }

    /// A client on the main namespace, connected with this packet.
    pub(crate) async fn client_with(&self, connect: &str) -> Client {
        let mut client = Client::open(self.address).await;
        client.send(connect).await;
        let answer = client.text().await;
        assert!(answer.starts_with(r#"40{"sid":""#), "{answer}");
        let auth = client.text().await;
        assert!(auth.starts_with(r#"42["auth","#), "{auth}");
        client
    }
}

/// A message of the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16),
    /// The stream ended.
    End,
}

/// A WebSocket client.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    /// What its handshake was answered with.
    pub(crate) head: String,
    /// How many messages came compressed.
    pub(crate) compressed: usize,
    buffer: Vec<u8>,
    /// Whether pings of Engine.IO are answered.
    pub(crate) alive: bool,
}

impl Client {
    /// Opens a WebSocket and reads the `open` packet.
    pub(crate) async fn open(address: SocketAddr) -> Client {
        let mut client = Client::websocket(address, "EIO=4&transport=websocket")
            .await
            .unwrap();
        let open = client.text().await;
        assert!(open.starts_with("0{"), "{open}");
        client
    }

    /// Opens a WebSocket, or says with which status that was refused.
    pub(crate) async fn websocket(address: SocketAddr, query: &str) -> Result<Client, String> {
        Client::websocket_with(address, query, "").await
    }

    /// The same with more headers.
    pub(crate) async fn websocket_with(
        address: SocketAddr,
        query: &str,
        headers: &str,
    ) -> Result<Client, String> {
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that a client that does not read fills up soon.
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let request = format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n\
             Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut buffer = Vec::new();
        let head = loop {
            if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break buffer.drain(..end + 4).collect::<Vec<u8>>();
            }
            let read = soon("the answer to a handshake", stream.read_buf(&mut buffer)).await;
            assert_ne!(read.unwrap(), 0, "no answer to a handshake");
        };
        let head = String::from_utf8(head).unwrap();
        if !head.starts_with("HTTP/1.1 101") {
            return Err(head);
        }
        // The example of RFC 6455 section 1.3.
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        Ok(Client {
            stream,
            head,
            compressed: 0,
            buffer,
            alive: true,
        })
    }

    pub(crate) async fn send(&mut self, text: &str) {
        let frame = frame(true, 1, text.as_bytes());
        self.stream.write_all(&frame).await.unwrap();
    }

    pub(crate) async fn send_binary(&mut self, data: &[u8]) {
        self.stream.write_all(&frame(true, 2, data)).await.unwrap();
    }

    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> String {
        match self.said().await {
            Said::Text(text) => text,
            other => panic!("{other:?} instead of a text"),
        }
    }

    /// Emits and waits for the acknowledgement; what comes before it is given too.
    pub(crate) async fn ask(&mut self, id: u64, event: &str) -> (Vec<String>, String) {
        self.send(&format!("42{id}{event}")).await;
        let mut before = Vec::new();
        loop {
            let text = self.text().await;
            match text.strip_prefix(&format!("43{id}[")) {
                Some(answer) => return (before, answer.trim_end_matches(']').to_owned()),
                None => before.push(text),
            }
        }
    }

    /// The next entry of a log: its place.
    pub(crate) async fn entry(&mut self) -> u64 {
        let text = self.text().await;
        let rest = text
            .strip_prefix(r#"42["said",["#)
            .unwrap_or_else(|| panic!("{text}"));
        rest.split(',').next().unwrap().parse().unwrap()
    }

    /// The next message, pings answered.
    pub(crate) async fn said(&mut self) -> Said {
        let said = async {
            loop {
                let said = self.next().await;
                if said != Said::Text("2".to_owned()) || !self.alive {
                    return said;
                }
                self.send("3").await;
            }
        };
        soon("a message", said).await
    }

    /// The next message whatever it is.
    pub(crate) async fn next(&mut self) -> Said {
        loop {
            if let Some(said) = self.decode() {
                return said;
            }
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) | Err(_) => return Said::End,
                Ok(_) => {}
            }
        }
    }

    /// Reads to the end and says with which code the server closed, if it said so.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        let mut code = None;
        loop {
            match soon("the end", self.next()).await {
                Said::Close(said) => code = Some(said),
                Said::End => return code,
                _ => {}
            }
        }
    }

    fn decode(&mut self) -> Option<Said> {
        let (first, second) = (*self.buffer.first()?, *self.buffer.get(1)?);
        let compressed = first & 0x40 != 0;
        assert_eq!(first & 0xb0, 0x80, "whole frames");
        assert!(
            !compressed
                || self
                    .head
                    .contains("\r\nsec-websocket-extensions: permessage-deflate")
        );
        assert_eq!(second & 0x80, 0, "a server does not mask");
        let (len, start) = match second {
            126 => (
                u16::from_be_bytes(*self.buffer.get(2..)?.first_chunk()?).into(),
                4,
            ),
            127 => (
                u64::from_be_bytes(*self.buffer.get(2..)?.first_chunk()?),
                10,
            ),
            len => (u64::from(len), 2),
        };
        let end = start + usize::try_from(len).unwrap();
        let mut payload = self.buffer.get(start..end)?.to_vec();
        self.buffer.drain(..end);
        if compressed {
            self.compressed += 1;
            // What the sender left out, and a block that is the last.
            payload.extend([0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff]);
            payload = miniz_oxide::inflate::decompress_to_vec(&payload).unwrap();
        }
        Some(match first & 0x0f {
            1 => Said::Text(String::from_utf8(payload).unwrap()),
            2 => Said::Binary(payload),
            8 => Said::Close(
                payload
                    .first_chunk()
                    .map_or(1005, |code| u16::from_be_bytes(*code)),
            ),
            10 => Said::Pong(payload),
            other => panic!("opcode {other}"),
        })
    }
}

/// A frame as a client sends it.
pub(crate) fn frame(fin: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut bytes = vec![u8::from(fin) << 7 | opcode];
    match payload.len() {
        len @ 0..126 => bytes.push(0x80 | u8::try_from(len).unwrap()),
        len @ 126..65_536 => {
            bytes.push(0xfe);
            bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
        len => {
            bytes.push(0xff);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}

/// One HTTP request on a connection of its own: the status and the body.
pub(crate) async fn http(
    address: SocketAddr,
    method: &str,
    query: &str,
    body: &str,
) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} /socket.io/?{query} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    soon("an HTTP answer", stream.read_to_end(&mut answer))
        .await
        .unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
