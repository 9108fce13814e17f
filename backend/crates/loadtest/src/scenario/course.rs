//! The course of a run, whatever its scenario: connect everybody, let them send, and wait until
//! the last delivery is in.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::{sleep, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    LoadError, Options, Progress, Scenario,
    door::{Door, Entered},
    feed::{Feed, Room},
    member::{Member, Shared},
    people::{self, People, Person},
    plan::{Part, Plan, Reading, Seat},
    storms::Storms,
    tally::Tally,
};
use crate::{
    history::Findings,
    process::{self, Reading as ServerReading},
    report::{Latency, MemberFault, Report, ServerCost, count},
};

/// Handshakes under way at one time.
const CONNECTING: usize = 32;
/// How long the last deliveries may take to come in.
const SETTLING: Duration = Duration::from_secs(30);
/// How often it is looked whether they are in.
const LOOKING: Duration = Duration::from_millis(200);
/// Clients that are named in a report when they did not see all as promised.
const NAMED: usize = 20;

/// A client that has joined and waits for the start.
struct Ready {
    number: usize,
    door: Door,
    feeds: Vec<Feed>,
    part: Part,
    entered: Entered,
}

/// What was sent and delivered while there was something to send.
struct Sending {
    seconds: f64,
    sends: u64,
    deliveries: u64,
}

pub(super) async fn run(
    options: &Options,
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<Report, LoadError> {
    let plan = Plan::new(options)?;
    if options.urls.is_empty() {
        return Err(LoadError::NoAddress);
    }
    let people = people::make(&plan, &options.urls, observe).await?;
    let rooms: Vec<Arc<Room>> = people
        .rooms
        .iter()
        .map(|id| Arc::new(Room::new(id.clone(), plan.members)))
        .collect();

    let before_connecting = read_server(options)?;
    let ready = connect(&plan, &people, &rooms, options, observe).await?;
    let connected = read_server(options)?;

    let shared = Arc::new(Shared {
        start: Instant::now(),
        tally: Tally::new(),
        storms: Storms::new(plan.scenario == Scenario::ReconnectStorm),
        busy: TaskTracker::new(),
        over: CancellationToken::new(),
    });
    let members = start(ready, &shared).await;
    let sending = send(&plan, &rooms, &shared, &members, observe).await;
    settle(&rooms, &shared, &members, observe).await;
    let done = read_server(options)?;
    shared.over.cancel();
    members.wait().await;

    let mut report = add_up(&plan, &rooms, &shared, &sending);
    if !options.pids.is_empty() {
        // Below zero when memory from the preparation was given back meanwhile.
        let added = count(connected.resident_bytes) - count(before_connecting.resident_bytes);
        let cpu = done.cpu.saturating_sub(connected.cpu).as_secs_f64();
        report.server = Some(ServerCost {
            processes: options.pids.len(),
            cpu_seconds: cpu,
            cpu_micros_per_delivery: cpu * 1e6 / count(report.deliveries.received.max(1)),
            resident_bytes: done.resident_bytes,
            resident_bytes_per_connection: added / count(plan.clients() as u64),
        });
    }
    Ok(report)
}

async fn connect(
    plan: &Plan,
    people: &People,
    rooms: &[Arc<Room>],
    options: &Options,
    observe: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Ready>, LoadError> {
    let urls: Arc<[String]> = options.urls.clone().into();
    let of = plan.clients();
    let mut ready = Vec::with_capacity(of);
    let mut connecting = stream::iter(people.people.iter().enumerate())
        .map(|(number, person)| join(plan, number, person, Arc::clone(&urls), rooms))
        .buffer_unordered(CONNECTING);
    while let Some(client) = connecting.try_next().await? {
        ready.push(client);
        let done = ready.len();
        if done.is_multiple_of(100) || done == of {
            observe(Progress::of("connecting", done, of));
        }
    }
    Ok(ready)
}

async fn join(
    plan: &Plan,
    number: usize,
    person: &Person,
    urls: Arc<[String]>,
    rooms: &[Arc<Room>],
) -> Result<Ready, LoadError> {
    let part = plan.part(number);
    let door = Door {
        urls,
        at: person.at,
        token: person.token.clone(),
        window: match part.reading {
            Reading::AtOnce => None,
            Reading::Slowly { window, .. } => Some(window),
        },
    };
    let feed = |Seat { room, place }| Feed {
        room: Arc::clone(&rooms[room]),
        member: place,
        reached: None,
    };
    let mut feeds: Vec<Feed> = plan.seats(number).map(feed).collect();
    feeds.sort_unstable_by(|one, other| one.room.id.cmp(&other.room.id));
    let entered = door.enter(&feeds).await?;
    Ok(Ready {
        number,
        door,
        feeds,
        part,
        entered,
    })
}

async fn start(ready: Vec<Ready>, shared: &Arc<Shared>) -> TaskTracker {
    let members = TaskTracker::new();
    for Ready {
        number,
        door,
        feeds,
        part,
        entered,
    } in ready
    {
        let mut member = Member::new(Arc::clone(shared), number, door, feeds, part);
        for (at, answer) in entered.answers.into_iter().enumerate() {
            member.take_up(at, answer).await;
        }
        members.spawn(member.run(entered.connection, entered.early));
    }
    members.close();
    members
}

/// Lets the clients send, for as long as that is to last, or as there are any.
async fn send(
    plan: &Plan,
    rooms: &[Arc<Room>],
    shared: &Shared,
    members: &TaskTracker,
    observe: &(dyn Fn(Progress) + Sync),
) -> Sending {
    let end = shared.start + plan.duration;
    loop {
        let next = end.min(Instant::now() + Duration::from_secs(1));
        sleep_until(next.into()).await;
        let passed = shared.start.elapsed();
        let moved @ (sends, deliveries) = moved(rooms);
        observe(Progress {
            phase: "sending, seconds",
            done: passed.as_secs(),
            of: plan.duration.as_secs(),
            moved: Some(moved),
        });
        if next == end || members.is_empty() {
            return Sending {
                seconds: passed.as_secs_f64(),
                sends,
                deliveries,
            };
        }
    }
}

/// Sends and deliveries so far.
fn moved(rooms: &[Arc<Room>]) -> (u64, u64) {
    rooms.iter().fold((0, 0), |(sends, deliveries), room| {
        let record = room.record();
        (
            sends + record.sends,
            deliveries + record.history.received_by_all(),
        )
    })
}

/// Waits until everything due is sent, everybody is there and nothing more is expected, or for as
/// long as it may take.
async fn settle(
    rooms: &[Arc<Room>],
    shared: &Shared,
    members: &TaskTracker,
    observe: &(dyn Fn(Progress) + Sync),
) {
    let end = Instant::now() + SETTLING;
    let mut told = None;
    loop {
        // In this order: whoever is not busy any more sends nothing that could unsettle a room.
        let idle = shared.busy.is_empty();
        let settled = rooms
            .iter()
            .filter(|room| room.record().is_settled())
            .count();
        let done = idle && settled == rooms.len();
        if done || members.is_empty() || Instant::now() >= end {
            return;
        }
        if told.replace(settled) != Some(settled) {
            observe(Progress::of("rooms settled", settled, rooms.len()));
        }
        sleep(LOOKING).await;
    }
}

fn read_server(options: &Options) -> Result<ServerReading, LoadError> {
    let mut all = ServerReading::default();
    for pid in &options.pids {
        let read = process::read(*pid);
        all = all.and(read.map_err(|source| LoadError::Process { pid: *pid, source })?);
    }
    Ok(all)
}

fn add_up(plan: &Plan, rooms: &[Arc<Room>], shared: &Shared, sending: &Sending) -> Report {
    let mut deliveries = Findings::default();
    let mut faults = Vec::new();
    let mut sends = 0;
    for (number, room) in rooms.iter().enumerate() {
        let record = room.record();
        deliveries = deliveries.and(&record.history.findings());
        sends += record.sends;
        let named = record.history.faults().take(NAMED - faults.len());
        faults.extend(named.map(|fault| MemberFault {
            room: room.id.clone(),
            client: plan.client_at(Seat {
                room: number,
                place: fault.member,
            }),
            missing: fault.missing,
            duplicated: fault.duplicated,
            reordered: fault.reordered,
        }));
    }
    let counts = shared.tally.sum();
    Report {
        scenario: plan.scenario.name(),
        rooms: rooms.len(),
        clients: plan.clients(),
        pace: plan.pace,
        seconds: sending.seconds,
        sends,
        acknowledged: counts.acknowledged,
        refused: counts.refused,
        unanswered: counts.unanswered,
        unsent: counts.unsent,
        lost_connections: counts.lost_connections,
        seen_leaving: counts.seen_leaving,
        resets: counts.resets,
        sends_per_second: count(sending.sends) / sending.seconds,
        deliveries_per_second: count(sending.deliveries) / sending.seconds,
        deliveries,
        faults,
        send_to_receipt: Latency::of(&counts.receipt),
        send_to_slow_receipt: Latency::of(&counts.slow_receipt),
        send_to_catching_up: Latency::of(&counts.catching_up),
        send_to_acknowledgement: Latency::of(&counts.acknowledgement),
        without_connection: Latency::of(&counts.away),
        storms: shared.storms.all(),
        server: None,
    }
}
