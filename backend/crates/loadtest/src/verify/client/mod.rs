//! One client of one person: it connects to whichever node answers, takes up its rooms where it
//! left them, sends what is in its outbox until it is acknowledged, and writes down all it sees.
//!
//! It behaves as `docs/protocol` asks of clients, with one exception: it mends nothing silently.
//! What should not happen goes into the record.

mod hearing;
mod outbox;
mod place;
mod rounds;

pub(crate) use outbox::Outbox;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{
    dice::Dice,
    record::{AtTheEnd, ClientRecord, End, Happened, PersonNumber, RoomNumber, SenderNumber, Step},
    world::World,
};
use crate::client::{ClientError, Connect, Connection, Ended, Transport, packet};
use place::Place;

/// How long opening a connection may take before another node is tried.
const OPENING: Duration = Duration::from_secs(10);
/// How long an answer may take before the connection is taken for dead.
const ANSWER: Duration = Duration::from_secs(10);
/// How long one write may take.
const WRITING: Duration = Duration::from_secs(10);
/// Between tries to connect: at first, and at most.
const FIRST_PAUSE: u64 = 50;
const LONGEST_PAUSE: u64 = 2000;
/// The receive buffer of a client that is to feel narrow.
const SMALL_BUFFER: u32 = 8 * 1024;

/// What a client may be told to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// Read nothing for so long.
    StopReading(Duration),
    /// Break off without a word.
    Crash,
    /// Come back with an epoch that no cluster has.
    ForgetHistory,
    /// Send so many at once.
    Burst(usize),
    /// Leave for good, with a word or without.
    GoAway { politely: bool },
}

/// How a client is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Temper {
    pub(crate) transport: Transport,
    /// Sends that may be on their way at once.
    pub(crate) in_flight: usize,
    pub(crate) small_buffers: bool,
    /// Between two messages, on average.
    pub(crate) pause: Duration,
}

/// What the others may know of a client while it runs.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) record: ClientRecord,
    pub(crate) state: AtTheEnd,
    /// Which door it is connected through.
    pub(crate) door: Option<usize>,
    /// Messages that are not settled yet.
    pub(crate) unsettled: usize,
    /// How it sees others: by person, what it was last told.
    pub(crate) view: HashMap<PersonNumber, String>,
    pub(crate) gone: bool,
}

/// A handle on a client that runs.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(crate) shared: Arc<Mutex<Shared>>,
    pub(crate) orders: mpsc::Sender<Order>,
}

impl Handle {
    pub(crate) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells it to do something, unless it has too much to do already.
    pub(crate) fn order(&self, order: Order) {
        // A client that is busy with other orders is misbehaving enough.
        let _ = self.orders.try_send(order);
    }
}

pub(crate) struct Client {
    world: Arc<World>,
    number: SenderNumber,
    person: PersonNumber,
    temper: Temper,
    dice: Dice,
    shared: Arc<Mutex<Shared>>,
    orders: mpsc::Receiver<Order>,
    places: Vec<Place>,
    outbox: Outbox,
    /// Messages of its own that it may edit, delete and react to.
    own: Vec<(RoomNumber, Uuid)>,
    /// Attempts and answers so far.
    moments: u64,
    /// Connections so far.
    connection: u64,
    /// Calls whose answers have not come, oldest first.
    calls: BTreeMap<u64, Call>,
    next_call: u64,
    next_message: Instant,
    forgets_history: bool,
    /// Since when it wants to be connected, and since when it is not.
    present_since: Instant,
    unserved_since: Option<Instant>,
}

/// A call that waits for its answer.
#[derive(Debug)]
struct Call {
    what: Asked,
    until: Instant,
}

#[derive(Clone, Debug)]
enum Asked {
    Send(usize),
    Join(RoomNumber, Option<u64>),
    /// The rooms, in the order asked, with the places given.
    Resume(Vec<(RoomNumber, u64)>),
    Edit(RoomNumber),
    Delete(RoomNumber, Uuid),
    Leave(RoomNumber),
    Other,
}

/// Why a connection is given up.
enum Parting {
    Ended,
    /// Nothing came in time.
    Silent,
    Crashed,
    Over,
    Gone {
        politely: bool,
    },
}

impl From<Ended> for Parting {
    fn from(_ended: Ended) -> Self {
        Self::Ended
    }
}

impl Client {
    pub(crate) fn new(
        world: &Arc<World>,
        number: SenderNumber,
        person: PersonNumber,
        temper: Temper,
        seed: u64,
    ) -> (Self, Handle) {
        let mut dice = Dice::of(seed, number);
        let name = format!("{}'s client {}", world.people[person].name, number + 1);
        let shared = Arc::new(Mutex::new(Shared {
            record: ClientRecord {
                name,
                person,
                ..ClientRecord::default()
            },
            ..Shared::default()
        }));
        let (sender, orders) = mpsc::channel(8);
        let now = Instant::now();
        let client = Self {
            world: Arc::clone(world),
            number,
            person,
            temper,
            shared: Arc::clone(&shared),
            orders,
            places: world.rooms.iter().map(|_room| Place::out(now)).collect(),
            outbox: Outbox::default(),
            own: Vec::new(),
            moments: 0,
            connection: 0,
            calls: BTreeMap::new(),
            next_call: 0,
            next_message: now + dice.millis(0, 1000),
            dice,
            forgets_history: false,
            present_since: now,
            unserved_since: Some(now),
        };
        let orders = sender;
        (client, Handle { shared, orders })
    }

    /// Runs until the run is over or it is told to go.
    pub(crate) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let Some(opened) = self.open().await else {
                break;
            };
            if let Some((mut connection, door)) = opened {
                pause = FIRST_PAUSE;
                let parting = match self.serve(&mut connection, door).await {
                    Ok(()) => Parting::Over,
                    Err(parting) => parting,
                };
                self.part();
                match parting {
                    Parting::Over => break,
                    Parting::Gone { politely } => {
                        if politely {
                            // Gone is gone, whether or not the word arrives.
                            let _ = timeout(WRITING, connection.close()).await;
                        }
                        break;
                    }
                    Parting::Ended | Parting::Silent | Parting::Crashed => {}
                }
            }
            let wait = self.dice.millis(pause / 2, pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
            let over = self.world.over.clone();
            if over.run_until_cancelled(sleep(wait)).await.is_none() {
                break;
            }
        }
        self.count_time();
        let mut shared = self.shared();
        shared.gone = true;
        shared.unsettled = 0;
    }

    /// Tries one node. The outer nothing is the end of the run.
    async fn open(&mut self) -> Option<Option<(Connection, usize)>> {
        let world = Arc::clone(&self.world);
        let door = self.dice.place(world.doors.len());
        let mut how = Connect::to(&world.doors[door].url)
            .expect("the address was used before")
            .token(&world.people[self.person].token)
            .transport(self.temper.transport);
        if self.temper.small_buffers {
            how = how.receive_buffer(SMALL_BUFFER);
        }
        self.shared().record.counts.tried += 1;
        let opening = timeout(OPENING, Connection::open(&how));
        let opened = world.over.run_until_cancelled(opening).await?;
        Some(match opened {
            Ok(Ok(connection)) => Some((connection, door)),
            // Official clients do not come back after it, and nobody ended a session.
            Ok(Err(refused @ ClientError::ConnectRefused { .. })) => {
                self.shared().record.note_odd(|| refused.to_string());
                None
            }
            _ => None,
        })
    }

    /// What is left to say when a connection is gone.
    fn part(&mut self) {
        self.calls.clear();
        self.outbox.connection_lost();
        let now = Instant::now();
        for room in 0..self.places.len() {
            if self.places[room].is_running() {
                self.places[room].lose();
                self.step(room, Happened::Ended(End::Lost));
            } else {
                self.places[room].forget_call(now);
            }
        }
        self.unserved_since.get_or_insert(now);
        let mut shared = self.shared();
        shared.door = None;
        shared.state.connected = false;
        shared.state.places.fill(None);
    }

    /// The connection has taken up its rooms.
    fn served(&mut self) {
        if let Some(since) = self.unserved_since.take() {
            self.shared().record.counts.without_service += since.elapsed();
        }
        self.shared().state.connected = true;
    }

    fn count_time(&mut self) {
        let unserved = self
            .unserved_since
            .take()
            .map_or(Duration::ZERO, |since| since.elapsed());
        let present = self.present_since.elapsed();
        let counts = &mut self.shared().record.counts;
        counts.present += present;
        counts.without_service += unserved;
    }

    fn step(&self, room: RoomNumber, what: Happened) {
        let step = Step {
            at: self.world.now(),
            room,
            what,
        };
        self.world.note(step.weight());
        self.shared().record.steps.push(step);
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down where it stands, for those who wait.
    fn publish(&self) {
        let places = self.places.iter().map(Place::running).collect();
        let mut shared = self.shared();
        shared.state.places = places;
        shared.unsettled = self.outbox.unsettled();
    }

    /// Sends an event and remembers what it was for.
    async fn call(
        &mut self,
        connection: &mut Connection,
        event: &str,
        payload: &Value,
        what: Asked,
    ) -> Result<(), Parting> {
        let id = self.next_call;
        self.next_call += 1;
        let until = Instant::now() + ANSWER;
        self.calls.insert(id, Call { what, until });
        let text = packet::write_event(event, payload, Some(id));
        match timeout(WRITING, connection.send(text)).await {
            Ok(sent) => Ok(sent?),
            Err(_elapsed) => Err(Parting::Silent),
        }
    }

    fn room_id(&self, room: RoomNumber) -> Value {
        json!(self.world.rooms[room].id)
    }
}
