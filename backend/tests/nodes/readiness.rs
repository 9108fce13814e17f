//! What a node says to whoever asks whether people should be sent to it.

use std::time::Duration;

use loadtest::client::PATIENCE;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::support::{
    cluster::Cluster,
    expect::{ok, status},
    server::Server,
};

async fn readiness(node: &Server) -> (u16, Value) {
    let answer = node.stranger().get("/health/ready").await.unwrap();
    (answer.status, answer.json)
}

/// Asks again and again until this is the answer.
async fn until_ready_as(node: &Server, expected: (u16, Value)) {
    let asking = async {
        while readiness(node).await != expected {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| panic!("it never says {expected:?}"));
}

fn with_redis(condition: &str, redis: &str) -> Value {
    json!({ "status": condition, "dependencies": { "postgresql": "ready", "redis": redis } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_every_node_is_degraded_and_still_to_be_used() {
    let mut cluster = Cluster::start(2).await;
    for node in &cluster.nodes {
        until_ready_as(node, (200, with_redis("ready", "ready"))).await;
    }
    cluster.redis.kill().await;
    for node in &cluster.nodes {
        until_ready_as(node, (200, with_redis("degraded", "unavailable"))).await;
    }
    let ada = cluster.nodes[0].person("ada").await;
    let room = ada.room("public").await;
    ada.say(&room, "all the same").await;
    cluster.redis.start_again().await;
    for node in &cluster.nodes {
        until_ready_as(node, (200, with_redis("ready", "ready"))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_says_so_while_it_waits_for_its_people_to_come_back_elsewhere() {
    let mut cluster = Cluster::start(2).await;
    let ada = cluster.nodes[0].person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    cluster.nodes[0].ask_to_stop();
    socket.expect_event("server_draining").await.unwrap();
    socket.ended().await.unwrap();
    assert_eq!(
        readiness(&cluster.nodes[0]).await,
        (503, with_redis("draining", "ready"))
    );
    // It takes nobody in, and what is asked of it all the same is done.
    let refused = loadtest::client::Socket::open(&ada.connect()).await;
    assert!(refused.is_err(), "nobody is let in");
    let said = ada.say(&room, "on the way out").await;

    let back = ada.at(&cluster.nodes[1]).socket().await;
    let asked = json!({ "roomId": room, "since": 0 });
    let joined = ok(back.call("join_room", asked).await.unwrap());
    let changes = joined["changes"].as_array().unwrap();
    assert_eq!(changes.last().unwrap()["data"], said);
    let stopped = cluster.nodes.remove(0).stopped().await;
    let started = stopped.start_again().await;
    status(&started.stranger().get("/health/ready").await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_people_who_do_not_come_back_takes_not_all_of_the_time() {
    let settings = [
        ("ROOST_PRESENCE_GRACE", "10m"),
        ("ROOST_SHUTDOWN_GRACE", "10s"),
    ];
    let mut cluster = Cluster::start_with(1, &settings).await;
    let ada = cluster.nodes[0].person("ada").await;
    let socket = ada.socket().await;
    let stopped = cluster.nodes.remove(0);
    stopped.ask_to_stop();
    socket.ended().await.unwrap();
    let log = stopped.stopped().await.log();
    let cut_short: Vec<&str> = log.lines().filter(|l| l.contains("not finished")).collect();
    assert_eq!(cut_short.len(), 1, "{log}");
    assert!(cut_short[0].contains("waiting for people"), "{log}");
}
