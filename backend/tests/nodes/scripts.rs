//! What the scripts of presence do in a real Redis, where no story of several nodes comes by.

use crate::support::redis::Redis;
use redis::Script;
use redis::aio::MultiplexedConnection;

const HOLD: &str = include_str!("../../src/presence/redis/scripts/hold.lua");
const READ: &str = include_str!("../../src/presence/redis/scripts/read.lua");
const RENEW: &str = include_str!("../../src/presence/redis/scripts/renew.lua");

const KEY: &str = "roost:{p1}:online:ada";
const NODES: &str = "roost:{p0}:nodes";
const LEASE_MS: u64 = 60_000;

/// What `node` holds of Ada from now on; but not what it wrote after the moment `spared`.
async fn hold(redis: &mut MultiplexedConnection, node: &str, state: &str, spared: Option<u64>) {
    let spared = spared.map_or_else(String::new, |ms| ms.to_string());
    let script = Script::new(HOLD);
    let mut call = script.key(KEY);
    call.arg(&[node, state, &LEASE_MS.to_string(), "roost:{p1}:presence"]);
    call.arg(&["1800000000000", "user", &spared, "ada"]);
    call.invoke_async::<()>(redis).await.unwrap();
}

/// Who holds Ada, and how.
async fn holders(redis: &mut MultiplexedConnection) -> String {
    let script = Script::new(READ);
    let read: Vec<String> = script
        .key(KEY)
        .arg("ada")
        .invoke_async(redis)
        .await
        .unwrap();
    read.get(2).cloned().unwrap_or_default()
}

/// Redis's own clock, in milliseconds.
async fn now(redis: &mut MultiplexedConnection) -> u64 {
    let (seconds, micros): (u64, u64) = redis::cmd("TIME").query_async(redis).await.unwrap();
    seconds * 1000 + micros / 1000
}

#[tokio::test]
async fn a_burial_takes_what_a_node_held_and_spares_what_it_wrote_since() {
    let server = Redis::start().await;
    let redis = &mut server.connection().await;
    hold(redis, "one", "o", None).await;
    hold(redis, "other", "a", None).await;
    assert_eq!(holders(redis).await, "oone,aother");
    let before = now(redis).await - LEASE_MS / 2;
    hold(redis, "one", "-", Some(before)).await;
    assert_eq!(
        holders(redis).await,
        "oone,aother",
        "it came back meanwhile"
    );
    let after = now(redis).await + LEASE_MS / 2;
    hold(redis, "one", "-", Some(after)).await;
    assert_eq!(holders(redis).await, "aother");
}

#[tokio::test]
async fn a_node_that_says_it_lives_hears_who_does_and_since_when_others_do_not() {
    let server = Redis::start().await;
    let redis = &mut server.connection().await;
    let script = Script::new(RENEW);
    let mut renew = async |node: &str, lease_ms: u64| {
        let mut call = script.key(NODES);
        call.arg(node).arg(lease_ms);
        let answer: (bool, Vec<String>, Vec<(String, u64)>) =
            call.invoke_async(redis).await.unwrap();
        answer
    };
    let (known, live, expired) = renew("one", 0).await;
    assert!(!known && live.is_empty());
    let [(name, until)] = &expired[..] else {
        panic!("{expired:?}");
    };
    assert_eq!(name, "one");
    let (known, live, expired) = renew("other", LEASE_MS).await;
    assert!(!known);
    assert_eq!(live, ["other"]);
    assert_eq!(
        expired,
        [("one".to_owned(), *until)],
        "the end of its lease"
    );
    assert!(renew("other", LEASE_MS).await.0);
}
