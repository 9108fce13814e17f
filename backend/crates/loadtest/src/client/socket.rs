//! A connection with events and acknowledgements, for tests.
//!
//! A task reads and writes; the caller takes events in any order it likes while
//! everything seen stays on record in the order it arrived.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::Value;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use super::{
    ClientError, Connect, Connection, Ended, PATIENCE,
    connection::{Message, Received},
    packet::{self, Packet},
};

/// What may wait to be written; a caller that is faster than the socket waits.
const COMMANDS: usize = 256;
/// Events nobody has taken yet; past this the client stops reading.
const UNTAKEN: usize = 100_000;
/// How much of the past stays on record; the oldest goes first.
const ON_RECORD: usize = 200_000;

/// An event of the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: Value,
}

/// Something that arrived.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Event(Event),
    Ack { id: u64, body: Value },
}

/// A connected client. Dropping it drops the connection without a word, as a
/// crash would.
#[derive(Debug)]
pub struct Socket {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    handshake: Value,
    tasks: TaskTracker,
}

/// An acknowledgement that has not come yet.
#[derive(Debug)]
pub struct PendingAck {
    id: u64,
    event: String,
    answer: oneshot::Receiver<Value>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
enum Command {
    Text(String),
    Binary(Vec<u8>),
    Read(bool),
    AnswerPings(bool),
    Close,
}

#[derive(Debug, Default)]
struct Shared {
    inbox: Mutex<Inbox>,
    /// Something came in, or the connection ended.
    arrived: Notify,
    /// Somebody took an event.
    taken: Notify,
    next_ack: AtomicU64,
}

#[derive(Debug, Default)]
struct Inbox {
    untaken: VecDeque<Event>,
    seen: VecDeque<Seen>,
    acks: HashMap<u64, oneshot::Sender<Value>>,
    ended: Option<Ended>,
}

impl Socket {
    /// Connects over WebSocket with a session token.
    pub async fn connect(url: &str, token: &str) -> Result<Self, ClientError> {
        Self::open(&Connect::to(url)?.token(token)).await
    }

    /// Connects in any way.
    pub async fn open(how: &Connect) -> Result<Self, ClientError> {
        Ok(Self::over(Connection::open(how).await?))
    }

    /// Takes over a connection; CONNECT is the caller's business.
    pub fn over(connection: Connection) -> Self {
        let shared = Arc::new(Shared::default());
        let (commands, orders) = mpsc::channel(COMMANDS);
        let handshake = connection.handshake().clone();
        let tasks = TaskTracker::new();
        tasks.spawn(drive(connection, orders, Arc::clone(&shared)));
        Self {
            commands,
            shared,
            handshake,
            tasks,
        }
    }

    /// The body of the open packet.
    pub fn handshake(&self) -> &Value {
        &self.handshake
    }

    /// Sends an event and asks for no answer.
    pub async fn emit(&self, event: &str, payload: Value) -> Result<(), ClientError> {
        self.send_raw(&packet::write_event(event, &payload, None))
            .await
    }

    /// Sends an event and waits for its acknowledgement.
    pub async fn call(&self, event: &str, payload: Value) -> Result<Value, ClientError> {
        self.send_call(event, payload).await?.answer().await
    }

    /// Sends an event now and leaves the waiting for later. Calls leave in the
    /// order in which this was awaited, so they can be pipelined.
    pub async fn send_call(&self, event: &str, payload: Value) -> Result<PendingAck, ClientError> {
        let pending = self.expect_ack(event);
        self.send_raw(&packet::write_event(event, &payload, Some(pending.id)))
            .await?;
        Ok(pending)
    }

    /// Sends an event with these arguments, however odd, and waits for the
    /// acknowledgement. `arguments` is the JSON array without the event's name.
    pub async fn call_with(&self, event: &str, arguments: &[Value]) -> Result<Value, ClientError> {
        let pending = self.expect_ack(event);
        let mut all = vec![Value::from(event)];
        all.extend_from_slice(arguments);
        self.send_raw(&format!("42{}{}", pending.id, Value::Array(all)))
            .await?;
        pending.answer().await
    }

    /// Sends a text frame exactly as written.
    pub async fn send_raw(&self, text: &str) -> Result<(), ClientError> {
        self.order(Command::Text(text.to_owned())).await
    }

    /// Sends a binary frame, which the protocol has no use for.
    pub async fn send_binary(&self, bytes: Vec<u8>) -> Result<(), ClientError> {
        self.order(Command::Binary(bytes)).await
    }

    /// Takes nothing more from the network, so that the server's writes fill up.
    pub async fn stop_reading(&self) -> Result<(), ClientError> {
        self.order(Command::Read(false)).await
    }

    pub async fn read_again(&self) -> Result<(), ClientError> {
        self.order(Command::Read(true)).await
    }

    /// Goes on reading and answers no ping: alive for TCP, dead for Engine.IO.
    pub async fn stop_answering_pings(&self) -> Result<(), ClientError> {
        self.order(Command::AnswerPings(false)).await
    }

    /// Leaves in good order: DISCONNECT, then the transport's close.
    pub async fn close(self) -> Result<(), ClientError> {
        self.order(Command::Close).await?;
        self.ended().await?;
        Ok(())
    }

    /// Breaks off without a word and waits until the connection is gone.
    pub async fn crash(self) {
        let Self {
            commands, tasks, ..
        } = self;
        drop(commands);
        tasks.close();
        tasks.wait().await;
    }

    /// Takes the oldest event that nobody took.
    pub async fn next_event(&self) -> Result<Event, ClientError> {
        self.take("any event", |_event| true).await
    }

    /// Takes the oldest untaken event of this name and leaves the others.
    pub async fn expect_event(&self, name: &str) -> Result<Value, ClientError> {
        self.expect_where(name, |_data| true).await
    }

    /// Takes the oldest untaken event of this name whose data is as wanted.
    pub async fn expect_where(
        &self,
        name: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, ClientError> {
        let event = self
            .take(name, |event| event.name == name && wanted(&event.data))
            .await?;
        Ok(event.data)
    }

    /// Everything that arrived, in order, taken or not.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.inbox().seen.iter().cloned().collect()
    }

    /// The events that arrived, in order, taken or not.
    pub fn seen_events(&self) -> Vec<Event> {
        let event = |seen: &Seen| match seen {
            Seen::Event(event) => Some(event.clone()),
            Seen::Ack { .. } => None,
        };
        self.shared.inbox().seen.iter().filter_map(event).collect()
    }

    /// The end of this connection, if it has come.
    pub fn has_ended(&self) -> Option<Ended> {
        self.shared.inbox().ended.clone()
    }

    /// Waits for the end of this connection.
    pub async fn ended(&self) -> Result<Ended, ClientError> {
        // Longer than any other wait: a server may let two pings go by.
        self.wait(PATIENCE * 4, "the end of the connection", |inbox| {
            inbox.ended.clone().map(Ok)
        })
        .await
    }

    async fn take(
        &self,
        what: &str,
        wanted: impl Fn(&Event) -> bool,
    ) -> Result<Event, ClientError> {
        let event = self
            .wait(PATIENCE, what, |inbox| {
                let place = inbox.untaken.iter().position(&wanted);
                match place.and_then(|place| inbox.untaken.remove(place)) {
                    Some(event) => Some(Ok(event)),
                    None => inbox.ended.clone().map(|ended| Err(ended.into())),
                }
            })
            .await?;
        self.shared.taken.notify_one();
        Ok(event)
    }

    async fn wait<T>(
        &self,
        patience: std::time::Duration,
        what: &str,
        mut look: impl FnMut(&mut Inbox) -> Option<Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let waiting = async {
            loop {
                let arrival = self.shared.arrived.notified();
                tokio::pin!(arrival);
                // Before looking, so that nothing can arrive unnoticed between.
                arrival.as_mut().enable();
                if let Some(found) = look(&mut self.shared.inbox()) {
                    return found;
                }
                arrival.await;
            }
        };
        match timeout(patience, waiting).await {
            Ok(found) => found,
            Err(_elapsed) => {
                let inbox = self.shared.inbox();
                let names: Vec<_> = inbox
                    .untaken
                    .iter()
                    .map(|event| event.name.as_str())
                    .collect();
                Err(ClientError::TimedOut(format!(
                    "{what} (untaken: {names:?})"
                )))
            }
        }
    }

    fn expect_ack(&self, event: &str) -> PendingAck {
        let id = self.shared.next_ack.fetch_add(1, Ordering::Relaxed);
        let (answered, answer) = oneshot::channel();
        self.shared.inbox().acks.insert(id, answered);
        PendingAck {
            id,
            event: event.to_owned(),
            answer,
            shared: Arc::clone(&self.shared),
        }
    }

    async fn order(&self, command: Command) -> Result<(), ClientError> {
        let over = |_closed| self.has_ended().unwrap_or(Ended::Local);
        Ok(self.commands.send(command).await.map_err(over)?)
    }
}

impl PendingAck {
    /// The number that [`Seen::Ack`] carries.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Waits for the acknowledgement's one argument.
    pub async fn answer(mut self) -> Result<Value, ClientError> {
        match timeout(PATIENCE, &mut self.answer).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(_dropped)) => Err(self
                .shared
                .inbox()
                .ended
                .clone()
                .unwrap_or(Ended::Local)
                .into()),
            Err(_elapsed) => Err(ClientError::TimedOut(format!(
                "the acknowledgement of {}",
                self.event
            ))),
        }
    }
}

impl Drop for PendingAck {
    fn drop(&mut self) {
        self.shared.inbox().acks.remove(&self.id);
    }
}

impl Shared {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        // Nothing here leaves the inbox half changed, so a panic elsewhere spoils nothing.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    fn record(&mut self, seen: Seen) {
        if self.seen.len() == ON_RECORD {
            self.seen.pop_front();
        }
        self.seen.push_back(seen);
    }
}

async fn drive(connection: Connection, mut orders: mpsc::Receiver<Command>, shared: Arc<Shared>) {
    let ended = serve(connection, &mut orders, &shared).await;
    {
        let mut inbox = shared.inbox();
        inbox.ended = Some(ended);
        inbox.acks.clear();
    }
    shared.arrived.notify_waiters();
}

async fn serve(
    mut connection: Connection,
    orders: &mut mpsc::Receiver<Command>,
    shared: &Shared,
) -> Ended {
    let mut reading = true;
    let mut answering = true;
    loop {
        let full = shared.inbox().untaken.len() >= UNTAKEN;
        let done = tokio::select! {
            order = orders.recv() => match order {
                Some(Command::Text(text)) => connection.send(text).await,
                Some(Command::Binary(bytes)) => connection.send_binary(bytes).await,
                Some(Command::Read(yes)) => { reading = yes; Ok(()) }
                Some(Command::AnswerPings(yes)) => { answering = yes; Ok(()) }
                Some(Command::Close) => {
                    return connection.close().await.err().unwrap_or(Ended::Local);
                }
                None => return Ended::Local,
            },
            received = connection.receive(), if reading && !full => match received {
                Ok(Received::Message(message)) => take_in(&message, shared),
                Ok(Received::Ping) if answering => connection.answer_ping().await,
                Ok(Received::Ping) => Ok(()),
                Err(ended) => Err(ended),
            },
            () = shared.taken.notified(), if full => Ok(()),
        };
        if let Err(ended) = done {
            return ended;
        }
    }
}

fn take_in(message: &Message, shared: &Shared) -> Result<(), Ended> {
    let impossible = || Ended::Lost(format!("an impossible packet came: {}", message.text()));
    match message.packet() {
        Some(Packet::Event { arguments, .. }) => {
            let (name, data): (String, Value) =
                serde_json::from_str(arguments).map_err(|_not_json| impossible())?;
            let event = Event { name, data };
            let mut inbox = shared.inbox();
            inbox.record(Seen::Event(event.clone()));
            inbox.untaken.push_back(event);
        }
        Some(Packet::Ack { id, arguments }) => {
            let (body,): (Value,) =
                serde_json::from_str(arguments).map_err(|_not_json| impossible())?;
            let mut inbox = shared.inbox();
            inbox.record(Seen::Ack {
                id,
                body: body.clone(),
            });
            if let Some(answered) = inbox.acks.remove(&id) {
                // Whoever asked may have stopped waiting.
                drop(answered.send(body));
            }
        }
        Some(Packet::Disconnect) => return Err(Ended::Disconnected),
        Some(Packet::Connect(_) | Packet::ConnectError(_)) | None => return Err(impossible()),
    }
    shared.arrived.notify_waiters();
    Ok(())
}
