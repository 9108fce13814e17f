//! What everybody in a run shares: the doors to the cluster, the rooms, and how far the run is.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::reading::Names;
use crate::client::{Call, Response, Rest};

/// What a record may hold; a run ends early when it is full.
const MOST_RECORDED: usize = 2_000_000;
/// How long one request may take before it is tried elsewhere.
pub(crate) const REQUEST: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) begun: Instant,
    pub(crate) doors: Vec<Door>,
    pub(crate) rooms: Vec<Room>,
    pub(crate) people: Vec<Person>,
    pub(crate) names: Names,
    /// When nobody makes anything new any more.
    pub(crate) quiet: CancellationToken,
    /// When everybody stops.
    pub(crate) over: CancellationToken,
    recorded: AtomicUsize,
}

/// Where a node is reached.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) url: String,
    /// Sends acknowledged through it.
    pub(crate) acknowledged: watch::Sender<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    /// Anybody may join by themselves.
    pub(crate) public: bool,
    /// Memberships come and go.
    pub(crate) revolving: bool,
    /// Out of so many messages of the whole run, so many are meant for it.
    pub(crate) share: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    pub(crate) token: String,
}

impl World {
    pub(crate) fn new(
        doors: Vec<String>,
        people: Vec<Person>,
        rooms: Vec<Room>,
        run: String,
    ) -> Self {
        let names = Names {
            run,
            rooms: (0..).zip(&rooms).map(|(at, room)| (room.id, at)).collect(),
            people: (0..)
                .zip(&people)
                .map(|(at, person)| (person.id, at))
                .collect(),
        };
        let doors = doors
            .into_iter()
            .map(|url| Door {
                url,
                acknowledged: watch::Sender::new(0),
            })
            .collect();
        Self {
            begun: Instant::now(),
            doors,
            rooms,
            people,
            names,
            quiet: CancellationToken::new(),
            over: CancellationToken::new(),
            recorded: AtomicUsize::new(0),
        }
    }

    /// The moment, counted from the beginning of the run.
    pub(crate) fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Counts what is recorded.
    pub(crate) fn note(&self, weight: usize) {
        self.recorded.fetch_add(weight, Ordering::Relaxed);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.recorded.load(Ordering::Relaxed) >= MOST_RECORDED
    }
}

impl Door {
    pub(crate) fn count_acknowledged(&self) {
        self.acknowledged.send_modify(|count| *count += 1);
    }
}

/// Asks each door in turn until one gives an answer that means something: whatever is not a fault
/// of the server. Gives up when the run is over, with nothing.
pub(crate) async fn insist(world: &World, person: usize, call: Call) -> Option<Response> {
    let token = &world.people[person].token;
    let mut wait = Duration::from_millis(50);
    for door in world.doors.iter().cycle() {
        let asked = ask(&door.url, token, call.clone());
        let answer = world.over.run_until_cancelled(asked).await?;
        if let Some(answer) = answer
            && answer.status < 500
            && answer.status != 429
        {
            return Some(answer);
        }
        world
            .over
            .run_until_cancelled(tokio::time::sleep(wait))
            .await?;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
    None
}

/// One request to one door, or nothing.
pub(crate) async fn ask(url: &str, token: &str, call: Call) -> Option<Response> {
    let rest = Rest::new(url).ok()?.with_token(token);
    tokio::time::timeout(REQUEST, rest.send(call))
        .await
        .ok()?
        .ok()
}
