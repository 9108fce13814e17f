//! The promise as a program: people talk on a cluster while it breaks, everything they see is
//! written down, and the record is held against what was promised.
//!
//! With a cluster of its own it breaks nodes, PostgreSQL, Redis and all lines between them, by a
//! schedule that a seed makes. On somebody else's cluster only its own clients misbehave.

mod busy;
mod check;
mod client;
pub mod command;
mod dice;
mod injector;
mod local;
mod people;
mod plan;
mod poster;
mod proxy;
mod reading;
mod record;
mod report;
mod settle;
mod truth;
mod warden;
mod world;

pub use check::{Findings, Property, Tally, Violation};
pub use local::{Blueprint, Broken};
pub use plan::{Kind, Plan, Scene, Step};
pub use report::{Ending, VerifyReport};

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::client::{ClientError, Transport};
use busy::Busy;
use client::{Client, Handle, Temper};
use injector::Injector;
use local::Cluster;
use poster::Poster;
use record::{Cast, ClientRecord, Record};
use report::Frame;
use world::World;

/// Clients of each person, in turn.
const CLIENTS: [usize; 6] = [2, 1, 3, 1, 2, 1];
/// Programs that only send, over REST.
const POSTERS: usize = 2;
/// How long those who finish what they began may take when all is mended.
const FINISHING: Duration = Duration::from_mins(2);
/// How often a run looks whether it has to end early.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What to verify.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    pub cluster: Where,
    pub seed: u64,
    pub duration: Duration,
    pub people: usize,
    /// Messages a second, all clients together.
    pub rate: u32,
    /// Where to leave the logs of a cluster of our own.
    pub keep: Option<PathBuf>,
}

/// The cluster to verify.
#[derive(Clone, Debug)]
pub enum Where {
    /// One of our own, which is broken on purpose.
    Local(Blueprint),
    /// One that runs, by the addresses of its nodes.
    Running {
        urls: Vec<String>,
        /// Names and passwords; without them, people sign up.
        accounts: Option<Vec<(String, String)>>,
    },
}

/// Why a run could not be made. What a run found is in its report.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Cluster(#[from] Broken),
    #[error("no address was given")]
    NoAddress,
    #[error("the accounts cannot be used: {0}")]
    Accounts(String),
    #[error("the run could not be prepared: {0}")]
    Client(#[from] ClientError),
    #[error("stopped before the end; nothing was verified")]
    Stopped,
}

/// How to end a run before its time.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Breaks nothing more, and judges what was seen until now.
    pub early: CancellationToken,
    /// Judges nothing, and takes down what there is.
    pub at_once: CancellationToken,
}

/// What is told while a run goes on.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

impl VerifyOptions {
    /// What there is to break.
    pub fn scene(&self) -> Scene {
        let nodes = match &self.cluster {
            Where::Local(blueprint) => blueprint.nodes,
            Where::Running { .. } => 0,
        };
        Scene {
            nodes,
            clients: owners(self.people).count(),
        }
    }

    /// What will be broken, and when.
    pub fn plan(&self) -> Plan {
        Plan::of(self.seed, self.scene(), self.duration)
    }
}

/// Whose the clients are, one after the other.
fn owners(people: usize) -> impl Iterator<Item = usize> {
    (0..people).flat_map(|person| (0..CLIENTS[person % CLIENTS.len()]).map(move |_| person))
}

/// Makes a run and judges it. Ends by itself, some minutes after `duration` at the latest, and takes
/// down what it started, however it ends.
pub async fn verify(
    options: &VerifyOptions,
    tell: Tell,
    stop: Stop,
) -> Result<VerifyReport, VerifyError> {
    match &options.cluster {
        Where::Running { urls, .. } => {
            let run = Run::new(options, tell, None, urls.clone(), stop);
            run.make().await
        }
        Where::Local(blueprint) => {
            tell("starting PostgreSQL, Redis and the nodes");
            let starting = stop.early.run_until_cancelled(Cluster::start(blueprint));
            let cluster = starting.await.ok_or(VerifyError::Stopped)??;
            let cluster = Arc::new(cluster);
            let doors = cluster
                .nodes
                .iter()
                .map(|node| format!("http://127.0.0.1:{}", node.door.port()));
            let own = Some(Arc::clone(&cluster));
            let run = Run::new(options, tell, own, doors.collect(), stop);
            let outcome = run.make().await;
            if let Some(folder) = &options.keep {
                cluster.keep_logs(folder).map_err(Broken::from)?;
            }
            drop(run);
            // Tasks that were cut off let go of it within a moment.
            if let Some(cluster) = sole_owner(cluster).await {
                cluster.stop().await;
            }
            outcome
        }
    }
}

async fn sole_owner(mut cluster: Arc<Cluster>) -> Option<Cluster> {
    for _ in 0..100 {
        match Arc::try_unwrap(cluster) {
            Ok(cluster) => return Some(cluster),
            Err(shared) => cluster = shared,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

struct Run<'a> {
    options: &'a VerifyOptions,
    tell: Tell,
    cluster: Option<Arc<Cluster>>,
    doors: Vec<String>,
    stop: Stop,
    /// Ends all tasks, however this ends.
    over: CancellationToken,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.over.cancel();
    }
}

impl<'a> Run<'a> {
    fn new(
        options: &'a VerifyOptions,
        tell: Tell,
        cluster: Option<Arc<Cluster>>,
        doors: Vec<String>,
        stop: Stop,
    ) -> Self {
        Self {
            options,
            tell,
            cluster,
            doors,
            stop,
            over: CancellationToken::new(),
        }
    }

    async fn make(&self) -> Result<VerifyReport, VerifyError> {
        let Stop { early, at_once } = &self.stop;
        let preparing = at_once.run_until_cancelled(self.prepare());
        let world = Arc::new(preparing.await.ok_or(VerifyError::Stopped)??);
        let outcome = if early.is_cancelled() {
            None
        } else {
            at_once.run_until_cancelled(self.judge(&world)).await
        };
        self.over.cancel();
        if self.cluster.is_none() {
            people::archive(&self.doors[0], &world.people[0], &world.rooms).await;
        }
        outcome.unwrap_or(Err(VerifyError::Stopped))
    }

    async fn judge(&self, world: &Arc<World>) -> Result<VerifyReport, VerifyError> {
        let options = self.options;
        let plan = options.plan();
        let tasks = TaskTracker::new();
        let clients = self.start_clients(world, &tasks);
        let posters = self.start_posters(world, &tasks, clients.len());
        tasks.spawn(warden::keep_watch(Arc::clone(world), options.seed));

        (self.tell)(&format!("seed {}: {} faults", plan.seed, plan.steps.len()));
        let injector = Arc::new(Injector {
            world: Arc::clone(world),
            cluster: self.cluster.clone(),
            clients: clients.clone(),
            busy: Busy::default(),
            tell: Arc::clone(&self.tell),
            done: Mutex::default(),
            trouble: Mutex::default(),
            stop: self.over.child_token(),
        });
        let ending = self.talk(world, &injector, &plan).await;
        let lasted = world.now();

        (self.tell)("mending everything");
        world.quiet.cancel();
        if let Some(trouble) = injector.trouble.lock().await.take() {
            return Err(trouble.into());
        }
        if let Some(cluster) = &self.cluster {
            cluster.mend().await?;
        }
        tasks.close();
        (self.tell)("waiting until all is quiet");
        let mut record = Record {
            cast: Cast {
                rooms: names(&world.rooms, |room| room.name),
                people: names(&world.people, |person| person.name),
            },
            ..Record::default()
        };
        wait_for_posters(&posters).await;
        settle::come_to_rest(world, &clients, &mut record, &self.tell).await;
        let ends: Vec<_> = clients
            .iter()
            .map(|client| client.shared().state.clone())
            .collect();
        (self.tell)("watching who is shown as what");
        settle::watch_presence(world, &clients, &mut record, &self.tell).await;
        world.over.cancel();
        tasks.wait().await;
        for (client, end) in clients.iter().zip(ends) {
            let mut own = std::mem::take(&mut client.shared().record);
            own.at_the_end = Some(end);
            record.clients.push(own);
        }
        for (poster, _finished) in &posters {
            let own = poster.lock().unwrap_or_else(PoisonError::into_inner);
            record.clients.push(own.clone());
        }
        let frame = Frame {
            seed: options.seed,
            nodes: options.scene().nodes,
            lasted,
            faults: injector.done.lock().await.clone(),
            fallen: self.cluster.as_ref().map_or(0, |cluster| cluster.fallen()),
            ending,
        };
        let findings = check::check(&record);
        Ok(VerifyReport::new(frame, &record, findings))
    }

    async fn prepare(&self) -> Result<World, VerifyError> {
        (self.tell)("making people and rooms");
        let run = Uuid::new_v4().simple().to_string();
        let run = format!("v{}", &run[..8]);
        let url = self.doors.first().ok_or(VerifyError::NoAddress)?;
        let accounts = match &self.options.cluster {
            Where::Local(_) => None,
            Where::Running { accounts, .. } => accounts.as_deref(),
        };
        let people = people::gather(url, &run, self.options.people, accounts).await?;
        // On somebody else's cluster nobody else is to find these rooms.
        let public = self.cluster.is_some();
        let rooms = people::make_rooms(url, &run, &people, public).await?;
        let mut world = World::new(self.doors.clone(), people, rooms, run);
        world.over = self.over.child_token();
        Ok(world)
    }

    fn start_clients(&self, world: &Arc<World>, tasks: &TaskTracker) -> Vec<Handle> {
        let owners: Vec<usize> = owners(world.people.len()).collect();
        let senders = u32::try_from(owners.len() + POSTERS).expect("few");
        let pause = Duration::from_secs(1) * senders / self.options.rate.max(1);
        let mut handles = Vec::new();
        for (number, person) in owners.into_iter().enumerate() {
            let temper = Temper {
                transport: if number % 5 == 4 {
                    Transport::Polling
                } else {
                    Transport::WebSocket
                },
                // Every other one waits for each answer.
                in_flight: if number % 2 == 0 { 16 } else { 1 },
                small_buffers: number % 3 == 0,
                pause,
            };
            let (client, handle) = Client::new(world, number, person, temper, self.options.seed);
            tasks.spawn(client.run());
            handles.push(handle);
        }
        handles
    }

    fn start_posters(
        &self,
        world: &Arc<World>,
        tasks: &TaskTracker,
        first: usize,
    ) -> Vec<(Arc<std::sync::Mutex<ClientRecord>>, CancellationToken)> {
        let senders = u32::try_from(first + POSTERS).expect("few");
        let pause = Duration::from_secs(1) * senders / self.options.rate.max(1);
        let mut posters = Vec::new();
        for at in 0..POSTERS {
            let person = (1 + at) % world.people.len();
            let (poster, record) = Poster::new(world, first + at, person, pause, self.options.seed);
            let finished = CancellationToken::new();
            let done = finished.clone();
            tasks.spawn(async move {
                poster.run().await;
                done.cancel();
            });
            posters.push((record, finished));
        }
        posters
    }

    /// Lets everybody talk while the plan is carried out. Why it ended.
    async fn talk(&self, world: &World, injector: &Arc<Injector>, plan: &Plan) -> Ending {
        let breaking = injector.carry_out(plan);
        let waiting = async {
            loop {
                let left = self.options.duration.saturating_sub(world.now());
                let ending = if world.is_full() {
                    Ending::Full
                } else if self.stop.early.is_cancelled() {
                    Ending::Asked
                } else {
                    Ending::InTime
                };
                if ending == Ending::Asked {
                    (self.tell)("ending early; ask again to end at once, without a verdict");
                }
                if left.is_zero() || ending != Ending::InTime || injector.stop.is_cancelled() {
                    injector.stop.cancel();
                    return ending;
                }
                tokio::time::sleep(left.min(LOOK_EVERY)).await;
            }
        };
        let ((), ending) = tokio::join!(breaking, waiting);
        ending
    }
}

async fn wait_for_posters(posters: &[(Arc<std::sync::Mutex<ClientRecord>>, CancellationToken)]) {
    let all = async {
        for (_record, finished) in posters {
            finished.cancelled().await;
        }
    };
    // What they could not finish has an unknown outcome.
    let _ = timeout(FINISHING, all).await;
}

fn names<T>(all: &[T], name: impl Fn(&T) -> &'static str) -> Vec<String> {
    all.iter().map(|one| name(one).to_owned()).collect()
}
