//! What the link to Redis promises whoever uses it.

use crate::support::redis::{Redis, RedisCluster};
use futures_util::future::{join, join_all};
use roost::redis_link::{self, Link, Pushed};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const PATIENCE: Duration = Duration::from_secs(30);

async fn open(url: &str) -> Arc<Link> {
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let link = Link::open(url, redis_link::PATIENCE, &tasks, stop).await;
    link.expect("the test's Redis lets everybody in")
}

/// Asks for so many different answers at once.
async fn hears_what_it_asked_for(link: &Link, times: usize) {
    let asked = (0..times).map(|number| async move {
        let key = format!("key {number}");
        let mut echo = redis::cmd("ECHO");
        echo.arg(&key);
        let answer: String = link.run(&echo, &key).await.expect("Redis answers");
        assert_eq!(answer, key);
    });
    join_all(asked).await;
}

async fn an_answer_is_to_what_was_asked_while_channels_come_and_go(url: &str) {
    let link = open(url).await;
    for round in 0..20 {
        let channels: Vec<String> = (0..50).map(|n| format!("{{p{n}}}:{round}")).collect();
        link.want(&channels);
        join(link.settle(), hears_what_it_asked_for(&link, 100)).await;
        link.forget(&channels);
        join(link.settle(), hears_what_it_asked_for(&link, 100)).await;
    }
    assert_eq!(link.losses(), 0);
}

#[tokio::test]
async fn an_answer_is_to_what_was_asked_of_a_redis() {
    let redis = Redis::start().await;
    an_answer_is_to_what_was_asked_while_channels_come_and_go(&redis.url()).await;
}

#[tokio::test]
async fn an_answer_is_to_what_was_asked_of_a_cluster() {
    let cluster = RedisCluster::start().await;
    an_answer_is_to_what_was_asked_while_channels_come_and_go(&cluster.url()).await;
}

/// Waits until the link has said so.
async fn until(link: &Link, wanted: &Pushed) {
    let said = async { while link.pushed().await != *wanted {} };
    timeout(PATIENCE, said).await.expect("the link says it");
}

#[tokio::test]
async fn a_channel_that_moves_to_another_server_is_heard_there() {
    let cluster = RedisCluster::start().await;
    let link = open(&cluster.url()).await;
    let channel = "{p0}:moves".to_owned();
    link.want(std::slice::from_ref(&channel));
    link.settle().await;
    until(&link, &Pushed::Restored).await;

    cluster.move_slot_of(&channel).await;
    until(&link, &Pushed::Lost).await;
    until(&link, &Pushed::Restored).await;
    let mut word = redis::cmd("SPUBLISH");
    word.arg(&channel).arg("here");
    let heard_by: u64 = link.run(&word, &channel).await.expect("Redis answers");
    assert_eq!(heard_by, 1);
    let payload = bytes::Bytes::from_static(b"here");
    until(&link, &Pushed::Message { channel, payload }).await;
}
