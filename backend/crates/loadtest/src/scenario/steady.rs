//! Everybody in their rooms, sending at an even pace or as fast as they can.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use hdrhistogram::Histogram;
use tokio::{
    sync::mpsc,
    time::{sleep, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    LoadError, Options, Pace, Progress,
    door::{Door, Entered},
    member::{Member, Orders, Room},
    people::{self, Person},
};
use crate::{
    history::Findings,
    process::{self, Reading},
    report::{Latency, Report, ServerCost, count},
};

/// Handshakes under way at one time.
const CONNECTING: usize = 32;
/// Orders that may wait for one client; a full queue holds the pace back, and
/// the time lost counts as latency.
const ORDERS: usize = 16;
/// How long the last deliveries may take to come in.
const SETTLING: Duration = Duration::from_secs(30);
/// The timer's own lateness, which is not the server's.
const TIMER_SLACK: Duration = Duration::from_millis(2);

/// A client that has joined and waits for the start.
struct Ready {
    door: Door,
    entered: Entered,
    room: Arc<Room>,
    place: usize,
}

pub(super) async fn run(
    options: &Options,
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<Report, LoadError> {
    if options.urls.is_empty() {
        return Err(LoadError::NoAddress);
    }
    let people = people::make(options, observe).await?;
    let rooms: Vec<Arc<Room>> = people
        .rooms
        .into_iter()
        .map(|id| Arc::new(Room::new(id, options.members)))
        .collect();

    let before_connecting = read_server(options)?;
    let urls: Arc<[String]> = options.urls.clone().into();
    let ready = connect(&people.people, &urls, &rooms, observe).await?;
    let clients = ready.len();
    let connected = read_server(options)?;

    let epoch = Instant::now();
    let over = CancellationToken::new();
    let members = TaskTracker::new();
    let pacers = start(ready, options, epoch, &over, &members);
    let ordered = match options.pace {
        Pace::PerSecond(rate) => pace(&pacers, rate, options.duration, epoch, observe).await,
        Pace::Saturate => {
            wait(options.duration, epoch, observe).await;
            0
        }
    };
    let sending = epoch.elapsed();
    settle(&rooms, ordered, &members, observe).await;
    let done = read_server(options)?;
    over.cancel();
    members.close();
    members.wait().await;

    let mut report = add_up(&rooms, clients, sending);
    if let (Some(before), Some(connected), Some(done)) = (before_connecting, connected, done) {
        let deliveries = report.deliveries.received;
        report.server = Some(server_cost(before, connected, done, clients, deliveries));
    }
    Ok(report)
}

async fn connect(
    people: &[Person],
    urls: &Arc<[String]>,
    rooms: &[Arc<Room>],
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Ready>, LoadError> {
    let of = people.len() as u64;
    let mut ready = Vec::with_capacity(people.len());
    let mut connecting = stream::iter(people)
        .map(|person| join(person, Arc::clone(urls), Arc::clone(&rooms[person.room])))
        .buffer_unordered(CONNECTING);
    while let Some(client) = connecting.try_next().await? {
        ready.push(client);
        let done = ready.len() as u64;
        if done.is_multiple_of(100) || done == of {
            observe(Progress {
                phase: "connecting",
                done,
                of,
            });
        }
    }
    Ok(ready)
}

async fn join(person: &Person, urls: Arc<[String]>, room: Arc<Room>) -> Result<Ready, LoadError> {
    let door = Door {
        urls,
        at: person.at,
        token: person.token.clone(),
        room: room.id.clone(),
    };
    let entered = door.enter(None).await?;
    let last_seq = entered.answer.last_seq;
    room.record().history.joined(person.place, last_seq);
    Ok(Ready {
        door,
        entered,
        room,
        place: person.place,
    })
}

/// Starts every client; the answer is how to order a paced one to send.
fn start(
    ready: Vec<Ready>,
    options: &Options,
    epoch: Instant,
    over: &CancellationToken,
    members: &TaskTracker,
) -> Vec<mpsc::Sender<Instant>> {
    let mut pacers = Vec::new();
    for Ready {
        door,
        entered,
        room,
        place,
    } in ready
    {
        let orders = match options.pace {
            Pace::PerSecond(_) => {
                let (pacer, orders) = mpsc::channel(ORDERS);
                pacers.push(pacer);
                Orders::Paced(orders)
            }
            Pace::Saturate => Orders::Until(epoch + options.duration),
        };
        let over = over.clone();
        members.spawn(
            Member {
                connection: entered.connection,
                last: entered.answer.last_seq,
                history: entered.answer.epoch,
                door,
                reconnect: options.reconnect,
                farewell: None,
                room,
                place,
                orders,
                epoch,
                over,
            }
            .run(),
        );
    }
    pacers
}

/// Orders sends evenly, one client after the other. Answers how many were ordered.
async fn pace(
    pacers: &[mpsc::Sender<Instant>],
    rate: u32,
    duration: Duration,
    epoch: Instant,
    observe: &(dyn Fn(Progress) + Sync),
) -> u64 {
    let mut told = 0;
    let mut ordered = 0;
    for (number, pacer) in (0_u32..).zip(pacers.iter().cycle()) {
        let offset = Duration::from_secs_f64(f64::from(number) / f64::from(rate));
        if offset >= duration {
            break;
        }
        let due = epoch + offset;
        sleep_until(due.into()).await;
        let now = Instant::now();
        let due = if now.duration_since(due) < TIMER_SLACK {
            now
        } else {
            due
        };
        // A client whose connection ended takes no orders; the report says so.
        ordered += u64::from(pacer.send(due).await.is_ok());
        if offset.as_secs() > told {
            told = offset.as_secs();
            observe(Progress {
                phase: "sending, seconds",
                done: told,
                of: duration.as_secs(),
            });
        }
    }
    ordered
}

async fn wait(duration: Duration, epoch: Instant, observe: &(dyn Fn(Progress) + Sync)) {
    let end = epoch + duration;
    while Instant::now() < end {
        sleep_until(end.min(Instant::now() + Duration::from_secs(1)).into()).await;
        let done = epoch.elapsed().as_secs();
        observe(Progress {
            phase: "sending, seconds",
            done,
            of: duration.as_secs(),
        });
    }
}

/// Waits until everything ordered is sent and nothing more is expected, or for as long as it may
/// take.
async fn settle(
    rooms: &[Arc<Room>],
    ordered: u64,
    members: &TaskTracker,
    observe: &(dyn Fn(Progress) + Sync),
) {
    let end = Instant::now() + SETTLING;
    loop {
        let sent: u64 = rooms.iter().map(|room| room.record().sends).sum();
        let settled = rooms
            .iter()
            .filter(|room| room.record().is_settled())
            .count();
        let done = sent >= ordered && settled == rooms.len();
        if done || members.is_empty() || Instant::now() >= end {
            return;
        }
        observe(Progress {
            phase: "rooms settled",
            done: settled as u64,
            of: rooms.len() as u64,
        });
        sleep(Duration::from_millis(200)).await;
    }
}

fn read_server(options: &Options) -> Result<Option<Reading>, LoadError> {
    let read = |pid| process::read(pid).map_err(|source| LoadError::Process { pid, source });
    options.pid.map(read).transpose()
}

fn server_cost(
    before: Reading,
    connected: Reading,
    done: Reading,
    clients: usize,
    deliveries: u64,
) -> ServerCost {
    let cpu = done.cpu.saturating_sub(connected.cpu);
    // Below zero when memory from the preparation was given back meanwhile.
    let added = count(connected.resident_bytes) - count(before.resident_bytes);
    ServerCost {
        cpu_seconds: cpu.as_secs_f64(),
        cpu_micros_per_delivery: cpu.as_secs_f64() * 1e6 / count(deliveries.max(1)),
        resident_bytes: done.resident_bytes,
        resident_bytes_per_connection: added / count(clients.max(1) as u64),
    }
}

fn add_up(rooms: &[Arc<Room>], clients: usize, sending: Duration) -> Report {
    let mut deliveries = Findings::default();
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    let (mut sends, mut acknowledged, mut unanswered, mut lost_connections) = (0, 0, 0, 0);
    let mut seen_leaving = 0;
    let mut latencies: Option<[Histogram<u64>; 3]> = None;
    for room in rooms {
        let record = room.record();
        deliveries = deliveries.and(&record.history.findings());
        sends += record.sends;
        acknowledged += record.acknowledged;
        unanswered += record.unanswered;
        lost_connections += record.lost_connections;
        seen_leaving += record.seen_leaving;
        for (code, count) in &record.refused {
            *refused.entry(code.clone()).or_default() += count;
        }
        let of_room = [&record.receipt, &record.acknowledgement, &record.away];
        let all = latencies.get_or_insert_with(|| of_room.map(Histogram::new_from));
        for (all, of_room) in all.iter_mut().zip(of_room) {
            all.add(of_room)
                .expect("all rooms' histograms have the same bounds");
        }
    }
    let [receipt, acknowledgement, away] = latencies
        .map(|all| all.map(|micros| Latency::of(&micros)))
        .unwrap_or_default();
    let seconds = sending.as_secs_f64();
    Report {
        scenario: "steady",
        rooms: rooms.len(),
        clients,
        seconds,
        sends,
        acknowledged,
        refused,
        unanswered,
        lost_connections,
        seen_leaving,
        sends_per_second: count(sends) / seconds,
        deliveries_per_second: count(deliveries.received) / seconds,
        deliveries,
        send_to_receipt: receipt,
        send_to_acknowledgement: acknowledgement,
        without_connection: away,
        server: None,
    }
}
