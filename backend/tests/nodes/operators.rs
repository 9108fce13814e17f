//! What operators do at one node, seen from another.

use crate::support::cluster::Cluster;
use crate::support::expect::{ok, refused, status};
use loadtest::client::Ended;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_deactivated_at_one_node_is_cut_off_from_all() {
    let cluster = Cluster::start(2).await;
    let ada = cluster.nodes[0].person("ada").await;
    let bob = cluster.nodes[0].person("bob").await;
    let path = format!("/api/admin/users/{}", bob.id);
    let change = async |body: Value| status(&ada.rest.patch(&path, &body).await.unwrap(), 200);
    change(json!({ "role": "admin" })).await;
    let socket = bob.at(&cluster.nodes[1]).socket().await;
    ok(socket.call("watch_stats", Value::Null).await.unwrap());
    socket.expect_event("admin:stats").await.unwrap();

    // The role goes first.
    change(json!({ "role": "member" })).await;
    let watching = socket.call("watch_stats", Value::Null).await.unwrap();
    refused(&watching, "forbidden");
    change(json!({ "deactivated": true })).await;
    socket.expect_event("session_revoked").await.unwrap();
    assert_eq!(socket.ended().await.unwrap(), Ended::Disconnected);
}
