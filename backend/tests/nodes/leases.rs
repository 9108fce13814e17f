//! Presence of several nodes while nodes die, lines break, and Redis stands still or forgets.
//!
//! The spans are short here, and time is real: what is examined is what happens when it has passed.

use crate::support::line::Line;
use crate::support::redis::{Redis, RedisCluster};
use roost::clock::{Clock, SystemClock};
use roost::models::{NodeId, RoomId, Status, UserId};
use roost::presence::{Presence, RedisPresence, Spans, Transition};
use roost::redis_link;
use roost::services::StoreWitness;
use roost::store::Store;
use roost::store::sqlite::SqliteStore;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_mins(1);
const GRACE: Duration = Duration::from_millis(200);
/// Long enough for a database on a busy machine to hear of every beat in time.
const NODE_LEASE: Duration = Duration::from_secs(8);
/// What a node holds lasts longer than the node, however late it was refreshed.
const LEASE: Duration = Duration::from_secs(12);
const REFRESH: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);

const ADA: UserId = UserId(Uuid::from_u128(1));
const BOB: UserId = UserId(Uuid::from_u128(2));
const STRANGER: UserId = UserId(Uuid::from_u128(3));
const KITCHEN: RoomId = RoomId(Uuid::from_u128(11));

/// A node of a test: its presence, and the task that listens to its news.
struct Node {
    presence: Arc<RedisPresence>,
    /// The last that was told of everybody, oldest first.
    told: Arc<std::sync::Mutex<Vec<Transition>>>,
    life: Option<DropGuard>,
}

/// The database that all nodes share.
struct Database {
    store: Arc<dyn Store>,
    _folder: TempDir,
}

impl Database {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("roost.db")).unwrap();
        Self {
            store,
            _folder: folder,
        }
    }
}

impl Node {
    async fn start(redis: &str, database: &Database, patience: Duration) -> Self {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let spans = Spans {
            lease: LEASE,
            refresh: REFRESH,
            patience,
            ..Spans::new(GRACE, NODE_LEASE)
        };
        let presence = RedisPresence::open(
            redis,
            NodeId(Uuid::new_v4()),
            spans,
            Arc::new(SystemClock),
            Arc::new(StoreWitness(Arc::clone(&database.store))),
            &tasks,
            stop.clone(),
        );
        let presence = Arc::new(presence.await.unwrap());
        let told = Arc::default();
        let listening = listen(Arc::clone(&presence), Arc::clone(&told));
        tasks.spawn(stop.clone().run_until_cancelled_owned(listening));
        let node = Self {
            presence,
            told,
            life: Some(stop.drop_guard()),
        };
        node.until(STRANGER, Status::Offline).await;
        node
    }

    /// The process ends without a word.
    fn die(&mut self) {
        self.life = None;
    }

    async fn status(&self, user: UserId) -> Status {
        self.presence.statuses(&[user]).await[0].status
    }

    async fn until(&self, user: UserId, status: Status) {
        let reached = async {
            while self.status(user).await != status {
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(PATIENCE, reached)
            .await
            .unwrap_or_else(|_| panic!("{user} never became {status:?}"));
    }

    /// Waits until this is the last that was told of somebody.
    async fn until_told(&self, user: UserId, status: Status) {
        let reached = async {
            while self.statuses_told(user).last() != Some(&status) {
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(PATIENCE, reached)
            .await
            .unwrap_or_else(|_| panic!("{status:?} was not told: {:?}", self.statuses_told(user)));
    }

    fn statuses_told(&self, user: UserId) -> Vec<Status> {
        let told = self.told.lock().unwrap();
        let of_user = told.iter().filter_map(|transition| match transition {
            Transition::Status(presence) if presence.user_id == user => Some(presence.status),
            _ => None,
        });
        of_user.collect()
    }
}

/// Takes the news as they come, and lets graces run out.
async fn listen(presence: Arc<RedisPresence>, told: Arc<std::sync::Mutex<Vec<Transition>>>) {
    loop {
        if let Ok(news) = timeout(LOOK_EVERY, presence.news()).await {
            told.lock().unwrap().extend(news);
        }
        presence.tick(SystemClock.now()).await;
    }
}

/// Waits until what a node holds of a user has been written to Redis so many times more.
async fn until_refreshed(redis: &Redis, user: UserId, times: u32) {
    let mut connection = redis.connection().await;
    let refreshed = async {
        let mut seen = HashSet::new();
        while seen.len() <= usize::try_from(times).unwrap() {
            seen.insert(held(&mut connection, user).await);
            sleep(LOOK_EVERY).await;
        }
    };
    timeout(PATIENCE, refreshed).await.expect("it is refreshed");
}

async fn until_forgotten(redis: &Redis, user: UserId) {
    let mut connection = redis.connection().await;
    let forgotten = async {
        while held(&mut connection, user).await.is_some() {
            sleep(LOOK_EVERY).await;
        }
    };
    timeout(PATIENCE, forgotten).await.expect("it runs out");
}

/// What Redis has of a user.
async fn held(redis: &mut redis::aio::MultiplexedConnection, user: UserId) -> Option<String> {
    let partition = user.0.as_u128() % 128;
    redis::cmd("HGET")
        .arg(format!("roost:{{p{partition}}}:online:{user}"))
        .arg(user.to_string())
        .query_async(redis)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_happens_on_one_node_is_seen_on_all() {
    let redis = Redis::start().await;
    seen_on_all(&redis.url()).await;
}

#[tokio::test]
async fn what_happens_on_one_node_is_seen_on_all_through_a_cluster() {
    let cluster = RedisCluster::start().await;
    seen_on_all(&cluster.url()).await;
}

async fn seen_on_all(redis: &str) {
    let database = Database::new();
    let one = Node::start(redis, &database, PATIENCE).await;
    let other = Node::start(redis, &database, PATIENCE).await;
    other.presence.connected(BOB, 1).await;
    other.presence.entered(KITCHEN, 1).await;

    one.presence.connected(ADA, 1).await;
    one.presence.entered(KITCHEN, 1).await;
    other.until_told(ADA, Status::Online).await;
    one.presence.set_status(1, Status::Away).await;
    other.until_told(ADA, Status::Away).await;
    let both = HashSet::from([ADA, BOB]);
    for node in [&one, &other] {
        let here = async {
            while node.presence.here(KITCHEN, &[ADA, BOB]).await != both {
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(PATIENCE, here).await.expect("both are seen there");
    }
    // Somebody who comes to another node within the grace has not left, and has when they leave it.
    one.presence.disconnected(1).await;
    other.presence.connected(ADA, 2).await;
    other.presence.disconnected(2).await;
    other.until_told(ADA, Status::Offline).await;
    one.until_told(ADA, Status::Offline).await;
    // A node that starts now sees all of it.
    let late = Node::start(redis, &database, PATIENCE).await;
    late.until(BOB, Status::Online).await;
    assert_eq!(late.presence.list_here(KITCHEN, 10).await, [BOB]);
}

#[tokio::test]
async fn the_people_of_a_node_that_dies_are_offline_when_its_lease_has_run_out() {
    let redis = Redis::start().await;
    buried(&redis.url()).await;
}

#[tokio::test]
async fn the_people_of_a_node_that_dies_are_offline_through_a_cluster_too() {
    let cluster = RedisCluster::start().await;
    buried(&cluster.url()).await;
}

async fn buried(redis: &str) {
    let database = Database::new();
    let mut dying = Node::start(redis, &database, PATIENCE).await;
    let witness = Node::start(redis, &database, PATIENCE).await;
    let other = Node::start(redis, &database, PATIENCE).await;
    dying.presence.connected(ADA, 1).await;
    dying.presence.connected(BOB, 2).await;
    other.presence.connected(BOB, 1).await;
    for node in [&witness, &other] {
        node.until_told(ADA, Status::Online).await;
        node.until_told(BOB, Status::Online).await;
    }
    dying.die();
    for node in [&witness, &other] {
        node.until_told(ADA, Status::Offline).await;
        assert_eq!(node.status(BOB).await, Status::Online, "held elsewhere");
    }
}

#[tokio::test]
async fn the_people_of_a_node_that_is_cut_off_are_not_shown_to_have_gone() {
    let redis = Redis::start().await;
    let database = Database::new();
    let line = Line::to(redis.port()).await;
    let url = format!("redis://127.0.0.1:{}", line.port());
    let cut = Node::start(&url, &database, PATIENCE).await;
    let other = Node::start(&redis.url(), &database, PATIENCE).await;
    cut.presence.connected(ADA, 1).await;
    other.presence.connected(BOB, 1).await;
    other.until_told(ADA, Status::Online).await;
    cut.until_told(BOB, Status::Online).await;

    line.cut();
    cut.until_told(BOB, Status::Unknown).await;
    until_forgotten(&redis, ADA).await;
    other.until(STRANGER, Status::Unknown).await;
    // Redis has been read again since it forgot.
    until_refreshed(&redis, BOB, 2).await;
    assert_eq!(other.statuses_told(ADA), [Status::Online]);
    assert_eq!(other.status(ADA).await, Status::Online);

    line.mend();
    cut.until_told(BOB, Status::Online).await;
    other.until_told(STRANGER, Status::Offline).await;
    assert_eq!(other.statuses_told(ADA), [Status::Online]);
    cut.presence.disconnected(1).await;
    other.until_told(ADA, Status::Offline).await;
}

#[tokio::test]
async fn somebody_who_moves_to_a_node_that_redis_does_not_reach_is_not_seen_to_go() {
    let redis = Redis::start().await;
    let database = Database::new();
    let line = Line::to(redis.port()).await;
    let url = format!("redis://127.0.0.1:{}", line.port());
    let mut dying = Node::start(&redis.url(), &database, PATIENCE).await;
    let watching = Node::start(&redis.url(), &database, PATIENCE).await;
    let other = Node::start(&url, &database, PATIENCE).await;
    dying.presence.connected(ADA, 1).await;
    dying.presence.connected(BOB, 2).await;
    for user in [ADA, BOB] {
        watching.until_told(user, Status::Online).await;
        other.until_told(user, Status::Online).await;
    }
    line.cut();
    dying.die();
    other.presence.connected(ADA, 1).await;
    other.until(STRANGER, Status::Unknown).await;
    // Its node is buried, and who was there and came nowhere else may be with the one that is cut off.
    watching.until_told(BOB, Status::Unknown).await;
    line.mend();
    watching.until_told(BOB, Status::Offline).await;
    for node in [&watching, &other] {
        node.until(ADA, Status::Online).await;
        let told = node.statuses_told(ADA);
        assert!(!told.contains(&Status::Offline), "{told:?}");
    }
}

#[tokio::test]
async fn a_redis_that_stands_still_for_longer_than_every_lease_buries_nobody() {
    let redis = Redis::start().await;
    let database = Database::new();
    let one = Node::start(&redis.url(), &database, redis_link::PATIENCE).await;
    let other = Node::start(&redis.url(), &database, redis_link::PATIENCE).await;
    one.presence.connected(ADA, 1).await;
    other.presence.connected(BOB, 1).await;
    other.until_told(ADA, Status::Online).await;

    redis.pause();
    other.until_told(ADA, Status::Unknown).await;
    // Leases have to run out, whoever looks.
    sleep(LEASE).await;
    redis.resume();
    other.until_told(ADA, Status::Online).await;
    one.until_told(BOB, Status::Online).await;
    until_refreshed(&redis, BOB, 2).await;
    let told = other.statuses_told(ADA);
    assert!(!told.contains(&Status::Offline), "{told:?}");
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_is_told_everything_again() {
    let mut redis = Redis::start().await;
    let database = Database::new();
    let one = Node::start(&redis.url(), &database, PATIENCE).await;
    let other = Node::start(&redis.url(), &database, PATIENCE).await;
    one.presence.connected(ADA, 1).await;
    one.presence.connected(BOB, 2).await;
    for user in [ADA, BOB] {
        other.until_told(user, Status::Online).await;
    }
    redis.kill().await;
    other.until_told(ADA, Status::Unknown).await;
    other.until_told(BOB, Status::Unknown).await;
    one.presence.disconnected(2).await;
    redis.start_again().await;
    other.until_told(ADA, Status::Online).await;
    other.until_told(BOB, Status::Offline).await;
    let told = other.statuses_told(ADA);
    assert!(!told.contains(&Status::Offline), "{told:?}");
}

#[tokio::test]
async fn a_node_that_nobody_hears_says_so_and_not_before() {
    let redis = Redis::start().await;
    let database = Database::new();
    let line = Line::to(redis.port()).await;
    let url = format!("redis://127.0.0.1:{}", line.port());
    let node = Node::start(&url, &database, PATIENCE).await;
    let other = Node::start(&redis.url(), &database, PATIENCE).await;
    node.presence.connected(ADA, 1).await;
    other.until_told(ADA, Status::Online).await;
    let is_cut_off = || node.told.lock().unwrap().contains(&Transition::CutOff);
    line.cut();
    other.until(STRANGER, Status::Unknown).await;
    assert!(!is_cut_off(), "the database still hears it");
    database.store.close().await;
    let noticed = async {
        while !is_cut_off() {
            sleep(LOOK_EVERY).await;
        }
    };
    timeout(PATIENCE, noticed).await.expect("it notices");
}
