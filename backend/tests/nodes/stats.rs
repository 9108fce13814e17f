//! How the nodes do, seen from any of them.

use crate::support::cluster::Cluster;
use crate::support::expect::{list, ok};
use loadtest::client::PATIENCE;
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_node_shows_what_all_of_them_did() {
    let cluster = Cluster::start(2).await;
    let ada = cluster.nodes[0].person("ada").await;
    let room = ada.room("public").await;
    let elsewhere = ada.at(&cluster.nodes[1]);
    let socket = elsewhere.socket().await;
    ok(socket.call("watch_stats", Value::Null).await.unwrap());
    // Said at the first node, watched at the second.
    ada.say(&room, "hello").await;
    let mut nodes = BTreeSet::new();
    let mut heard = BTreeSet::new();
    let mut said = 0;
    let watching = async {
        while nodes.len() < 2 || heard.len() < 2 || said < 1 {
            let told = socket.expect_event("admin:stats").await.unwrap();
            for node in list(&told, "nodes") {
                nodes.insert(node["nodeId"].to_string());
                said += node["sample"]["messages"].as_u64().unwrap();
                for other in node["sample"]["heard"].as_array().into_iter().flatten() {
                    assert_ne!(other["nodeId"], node["nodeId"], "nobody hears oneself");
                    assert!(other["bytes"].as_u64() > other["words"].as_u64());
                    heard.insert(other["nodeId"].to_string());
                }
            }
        }
    };
    timeout(PATIENCE, watching).await.expect("both are seen");
    assert_eq!((nodes.len(), said), (2, 1));
    assert_eq!(heard, nodes, "each hears the other");

    let read = elsewhere.read("/api/admin/stats").await;
    let kept = list(&read, "nodes").iter();
    let kept: BTreeSet<_> = kept.map(|node| node["nodeId"].to_string()).collect();
    assert_eq!(kept, nodes);
}
