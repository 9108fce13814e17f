//! What every keeper of presence promises, examined once and held against each of them.
//!
//! A keeper joins by a line in [`keepers`]. The examination moves the clock by hand and never waits
//! for time to pass.

use crate::support::redis::{Redis, RedisCluster};
use async_trait::async_trait;
use roost::clock::{Clock, ManualClock};
use roost::models::{self, NodeId, RoomId, Status, Timestamp, UserId};
use roost::presence::{LocalPresence, Presence, RedisPresence, Spans, Transition, Witness};
use std::any::Any;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const GRACE: Duration = Duration::from_secs(5);
const SHORT_OF_GRACE: Duration = Duration::from_millis(4_999);
const A_MINUTE: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_secs(30);

/// One keeper under examination, and the clock it reads.
struct Stage {
    keeper: Arc<dyn Presence>,
    clock: Arc<ManualClock>,
}

/// What stands behind a keeper, for as long as it is examined.
type Server = Box<dyn Any + Send>;

/// No other node lives here.
#[derive(Debug)]
struct NoWitness;

#[async_trait]
impl Witness for NoWitness {
    async fn beat(&self, _: NodeId, _: Duration) -> Option<HashSet<NodeId>> {
        Some(HashSet::new())
    }
}

/// Everything that keeps presence, each fresh and with nobody connected.
async fn keepers() -> Vec<(&'static str, Stage, Server)> {
    let clock = manual_clock();
    let alone = Stage {
        keeper: Arc::new(LocalPresence::new(clock.clone(), GRACE)),
        clock,
    };
    let redis = Redis::start().await;
    let on_redis = in_redis(&redis.url()).await;
    let cluster = RedisCluster::start().await;
    let on_cluster = in_redis(&cluster.url()).await;
    vec![
        ("in this process", alone, Box::new(())),
        ("in Redis", on_redis, Box::new(redis)),
        ("in a Redis Cluster", on_cluster, Box::new(cluster)),
    ]
}

fn manual_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)))
}

async fn in_redis(url: &str) -> Stage {
    let clock = manual_clock();
    let tasks = TaskTracker::new();
    let opened = RedisPresence::open(
        url,
        NodeId(Uuid::new_v4()),
        Spans {
            patience: PATIENCE,
            ..Spans::new(GRACE, A_MINUTE)
        },
        clock.clone(),
        Arc::new(NoWitness),
        &tasks,
        CancellationToken::new(),
    );
    let keeper = opened.await.expect("Redis is there");
    // On a busy machine Redis may have been too slow for the first attempt.
    let nobody = [UserId(Uuid::from_u128(998))];
    let ready = async {
        let mut early = false;
        while keeper.statuses(&nobody).await[0].status == Status::Unknown {
            early = true;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if early {
            // Whoever was said to be unknown is told about as soon as more is known.
            keeper.news().await;
        }
    };
    tokio::time::timeout(PATIENCE, ready)
        .await
        .expect("Redis can be asked");
    Stage {
        keeper: Arc::new(keeper),
        clock,
    }
}

/// Plays a story on every keeper.
async fn with_each<F: Future<Output = ()>>(story: impl Fn(Stage) -> F) {
    for (name, stage, _server) in keepers().await {
        eprintln!("presence kept {name}");
        story(stage).await;
    }
}

impl Stage {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.keeper.tick(self.now()).await;
    }

    async fn news(&self) -> Vec<Transition> {
        tokio::time::timeout(PATIENCE, self.keeper.news())
            .await
            .expect("there should be news")
    }

    /// Changes nothing but what a bystander does, and looks at whether that is all there is to tell.
    async fn assert_quiet(&self) {
        let bystander = UserId(Uuid::from_u128(999));
        self.keeper.connected(bystander, 999).await;
        let news = self.news().await;
        assert_eq!(news, [self.online(bystander)], "only the bystander came");
        self.keeper.disconnected(999).await;
        self.clock.advance(GRACE);
        self.keeper.tick(self.now()).await;
        assert_eq!(self.news().await.len(), 1, "only the bystander went");
    }

    async fn status(&self, user: UserId) -> Status {
        let found = self.keeper.statuses(&[user]).await;
        assert_eq!(found.len(), 1);
        found[0].status
    }

    /// Waits until somebody is shown like this: a node must be sure before it shows them to have gone.
    async fn until(&self, user: UserId, status: Status) {
        let reached = async {
            while self.status(user).await != status {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, reached)
            .await
            .expect("they are shown like this");
    }

    fn online(&self, user: UserId) -> Transition {
        Transition::Status(presence(user, Status::Online, self.now()))
    }
}

fn presence(user: UserId, status: Status, seen: Timestamp) -> models::Presence {
    models::Presence {
        user_id: user,
        status,
        last_seen_at: Some(seen),
    }
}

fn ada() -> UserId {
    UserId(Uuid::from_u128(1))
}

fn bob() -> UserId {
    UserId(Uuid::from_u128(2))
}

fn kitchen() -> RoomId {
    RoomId(Uuid::from_u128(11))
}

fn garden() -> RoomId {
    RoomId(Uuid::from_u128(12))
}

#[tokio::test]
async fn someone_who_was_never_here_is_offline_and_was_never_seen() {
    with_each(|stage| async move {
        let found = stage.keeper.statuses(&[ada(), bob()]).await;
        for (found, user) in found.iter().zip([ada(), bob()]) {
            assert_eq!(found.user_id, user);
            assert_eq!(found.status, Status::Offline);
            assert_eq!(found.last_seen_at, None);
        }
        assert_eq!(stage.keeper.list_here(kitchen(), 10).await, []);
    })
    .await;
}

#[tokio::test]
async fn someone_who_connects_is_online_at_once_and_seen_now() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        assert_eq!(stage.news().await, [stage.online(ada())]);
        stage.pass(Duration::from_mins(1)).await;
        let found = stage.keeper.statuses(&[ada()]).await;
        assert_eq!(found, [presence(ada(), Status::Online, stage.now())]);
        stage.assert_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn someone_is_away_only_when_all_their_devices_are() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.connected(ada(), 2).await;
        stage.news().await;

        stage.keeper.set_status(1, Status::Away).await;
        assert_eq!(stage.status(ada()).await, Status::Online);
        stage.assert_quiet().await;

        stage.keeper.set_status(2, Status::Away).await;
        let away = presence(ada(), Status::Away, stage.now());
        assert_eq!(stage.news().await, [Transition::Status(away)]);

        stage.keeper.set_status(1, Status::Online).await;
        assert_eq!(stage.news().await, [stage.online(ada())]);
    })
    .await;
}

#[tokio::test]
async fn closing_the_device_in_use_leaves_someone_away_on_the_other() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.connected(ada(), 2).await;
        stage.keeper.set_status(2, Status::Away).await;
        stage.news().await;
        stage.keeper.disconnected(1).await;
        assert_eq!(stage.status(ada()).await, Status::Away);
        let away = presence(ada(), Status::Away, stage.now());
        assert_eq!(stage.news().await, [Transition::Status(away)]);
    })
    .await;
}

#[tokio::test]
async fn someone_who_vanishes_is_offline_after_the_grace_and_not_before() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.news().await;
        stage.pass(Duration::from_mins(10)).await;
        let left_at = stage.now();
        stage.keeper.disconnected(1).await;

        stage.pass(SHORT_OF_GRACE).await;
        let found = stage.keeper.statuses(&[ada()]).await;
        assert_eq!(found, [presence(ada(), Status::Online, left_at)]);

        stage.pass(Duration::from_millis(1)).await;
        let offline = presence(ada(), Status::Offline, left_at);
        assert_eq!(stage.news().await, [Transition::Status(offline.clone())]);
        stage.pass(Duration::from_hours(1)).await;
        assert_eq!(stage.keeper.statuses(&[ada()]).await, [offline]);
    })
    .await;
}

#[tokio::test]
async fn someone_who_comes_back_within_the_grace_was_never_gone() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.entered(kitchen(), 1).await;
        stage.news().await;

        for connection in 2..5 {
            stage.keeper.disconnected(connection - 1).await;
            stage.pass(SHORT_OF_GRACE).await;
            stage.keeper.connected(ada(), connection).await;
            stage.keeper.entered(kitchen(), connection).await;
            stage.pass(GRACE).await;
            assert_eq!(stage.status(ada()).await, Status::Online);
            assert_eq!(stage.keeper.list_here(kitchen(), 10).await, [ada()]);
        }
        stage.assert_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn a_grace_starts_anew_with_every_break() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.news().await;
        stage.keeper.disconnected(1).await;
        stage.pass(SHORT_OF_GRACE).await;
        stage.keeper.connected(ada(), 2).await;
        stage.keeper.disconnected(2).await;
        let broke_at = stage.now();
        stage.pass(SHORT_OF_GRACE).await;
        assert_eq!(stage.status(ada()).await, Status::Online);
        stage.pass(Duration::from_millis(1)).await;
        let offline = presence(ada(), Status::Offline, broke_at);
        assert_eq!(stage.news().await, [Transition::Status(offline)]);
    })
    .await;
}

#[tokio::test]
async fn someone_is_here_with_their_first_device_and_until_their_last() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.connected(ada(), 2).await;
        stage.news().await;

        stage.keeper.entered(kitchen(), 1).await;
        let joined = Transition::Joined {
            room: kitchen(),
            user: ada(),
            at: stage.now(),
        };
        assert_eq!(stage.news().await, [joined]);
        stage.keeper.entered(kitchen(), 2).await;
        stage.keeper.entered(kitchen(), 2).await;
        stage.keeper.left(kitchen(), 1).await;
        stage.assert_quiet().await;
        assert_eq!(stage.keeper.list_here(kitchen(), 10).await, [ada()]);

        stage.keeper.left(kitchen(), 2).await;
        let left = Transition::Left {
            room: kitchen(),
            user: ada(),
            at: stage.now(),
        };
        assert_eq!(stage.news().await, [left]);
        assert_eq!(stage.keeper.list_here(kitchen(), 10).await, []);
        assert_eq!(stage.status(ada()).await, Status::Online);
    })
    .await;
}

#[tokio::test]
async fn someone_whose_line_breaks_is_here_until_the_grace_has_passed() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.entered(kitchen(), 1).await;
        stage.keeper.entered(garden(), 1).await;
        stage.news().await;
        let cut_at = stage.now();
        stage.keeper.disconnected(1).await;

        stage.pass(SHORT_OF_GRACE).await;
        let here = stage.keeper.here(kitchen(), &[ada(), bob()]).await;
        assert_eq!(here, HashSet::from([ada()]));

        // Back, but only to one of the two rooms.
        stage.keeper.connected(ada(), 2).await;
        stage.keeper.entered(garden(), 2).await;
        stage.pass(Duration::from_millis(1)).await;
        let left = Transition::Left {
            room: kitchen(),
            user: ada(),
            at: cut_at,
        };
        assert_eq!(stage.news().await, [left]);
        assert!(stage.keeper.here(kitchen(), &[ada()]).await.is_empty());
        assert_eq!(stage.keeper.list_here(garden(), 10).await, [ada()]);
        stage.assert_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn someone_who_comes_back_only_to_leave_has_left_at_once() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.entered(kitchen(), 1).await;
        stage.news().await;
        let cut_at = stage.now();
        stage.keeper.disconnected(1).await;
        stage.pass(Duration::from_secs(1)).await;
        stage.keeper.connected(ada(), 2).await;
        stage.keeper.left(kitchen(), 2).await;
        let left = Transition::Left {
            room: kitchen(),
            user: ada(),
            at: cut_at,
        };
        assert_eq!(stage.news().await, [left]);
    })
    .await;
}

#[tokio::test]
async fn what_changed_and_changed_back_is_not_news() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.entered(kitchen(), 1).await;
        stage.news().await;

        stage.keeper.set_status(1, Status::Away).await;
        stage.keeper.left(kitchen(), 1).await;
        stage.keeper.set_status(1, Status::Online).await;
        stage.keeper.entered(kitchen(), 1).await;

        stage.keeper.connected(bob(), 2).await;
        stage.keeper.entered(kitchen(), 2).await;
        stage.keeper.left(kitchen(), 2).await;
        assert_eq!(stage.news().await, [stage.online(bob())]);
        assert_eq!(stage.keeper.list_here(kitchen(), 10).await, [ada()]);
    })
    .await;
}

#[tokio::test]
async fn news_nobody_took_is_told_once_and_as_it_is_now() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.connected(bob(), 2).await;
        stage.keeper.entered(kitchen(), 2).await;
        for _ in 0..100 {
            stage.keeper.set_status(1, Status::Away).await;
            stage.keeper.set_status(1, Status::Online).await;
        }
        stage.keeper.set_status(1, Status::Away).await;
        let now = stage.now();
        let expected = [
            Transition::Status(presence(ada(), Status::Away, now)),
            stage.online(bob()),
            Transition::Joined {
                room: kitchen(),
                user: bob(),
                at: now,
            },
        ];
        assert_eq!(stage.news().await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_listener_that_waits_is_woken_and_one_that_gave_up_takes_nothing_along() {
    with_each(|stage| async move {
        let keeper = stage.keeper.clone();
        let mut waiting = Box::pin(async move { keeper.news().await });
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(waiting);

        let keeper = stage.keeper.clone();
        let waiting = async move { keeper.news().await };
        let coming = stage.keeper.connected(ada(), 1);
        let both = async { tokio::join!(waiting, coming).0 };
        let news = tokio::time::timeout(PATIENCE, both).await;
        assert_eq!(news.expect("it is woken"), [stage.online(ada())]);
    })
    .await;
}

#[tokio::test]
async fn a_word_about_a_connection_that_is_gone_changes_nothing() {
    with_each(|stage| async move {
        stage.keeper.connected(ada(), 1).await;
        stage.keeper.disconnected(1).await;
        stage.pass(GRACE).await;
        stage.until(ada(), Status::Offline).await;
        stage.keeper.entered(kitchen(), 1).await;
        stage.keeper.set_status(1, Status::Online).await;
        stage.keeper.left(kitchen(), 1).await;
        stage.keeper.disconnected(1).await;
        stage.keeper.entered(kitchen(), 77).await;
        assert_eq!(stage.status(ada()).await, Status::Offline);
        assert_eq!(stage.keeper.list_here(kitchen(), 10).await, []);
        stage.assert_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn a_long_list_of_who_is_here_is_cut_to_its_limit() {
    with_each(|stage| async move {
        for n in 1..=20_u64 {
            let user = UserId(Uuid::from_u128(u128::from(n)));
            stage.keeper.connected(user, n).await;
            stage.keeper.entered(kitchen(), n).await;
        }
        let first = stage.keeper.list_here(kitchen(), 3).await;
        let ids: Vec<u128> = first.iter().map(|user| user.0.as_u128()).collect();
        assert_eq!(ids, [1, 2, 3]);
        assert_eq!(stage.keeper.list_here(kitchen(), 100).await.len(), 20);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_leaves_waits_for_the_graces_of_its_people() {
    let redis = Redis::start().await;
    let [leaving, staying] = [in_redis(&redis.url()).await, in_redis(&redis.url()).await];
    leaving.keeper.connected(ada(), 1).await;
    leaving.keeper.connected(bob(), 2).await;
    let mut online = HashSet::new();
    while online.len() < 2 {
        for transition in staying.news().await {
            let Transition::Status(presence) = transition else {
                panic!("nobody entered a room");
            };
            assert_eq!(presence.status, Status::Online);
            online.insert(presence.user_id);
        }
    }
    for connection in [1, 2] {
        leaving.keeper.disconnected(connection).await;
    }
    let mut left = leaving.keeper.leave();
    leaving.pass(SHORT_OF_GRACE).await;
    assert!(futures_util::poll!(&mut left).is_pending());
    // Ada is back in time, bob is not.
    staying.keeper.connected(ada(), 3).await;
    leaving.pass(GRACE).await;
    tokio::time::timeout(PATIENCE, left)
        .await
        .expect("nobody is waited for any more");
    let seen = leaving.now().minus(GRACE).minus(SHORT_OF_GRACE);
    let gone = presence(bob(), Status::Offline, seen);
    assert_eq!(staying.news().await, [Transition::Status(gone)]);
    assert_eq!(staying.status(ada()).await, Status::Online);
}
