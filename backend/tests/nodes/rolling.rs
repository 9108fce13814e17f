//! Nodes that go and come back while people talk.

use crate::support::{cluster::Cluster, expect::seq, server::Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_away_or_is_new_serves_what_the_others_stored() {
    let mut cluster = Cluster::start(2).await;
    let ada = cluster.nodes[0].person("ada").await;
    let room = ada.room("public").await;
    cluster.kill(0).await;
    let said = ada.at(&cluster.nodes[1]).say(&room, "still here").await;
    cluster.start_again(0).await;
    cluster.restart(1).await;
    let settings = [
        ("ROOST_DATABASE_URL", cluster.database.as_str()),
        ("ROOST_REDIS_URL", &cluster.redis.url()),
    ];
    let new = Server::start_with(&settings).await;
    for node in cluster.nodes.iter().chain([&new]) {
        let history = ada.at(node).history(&room).await;
        assert_eq!(history.last().map(seq), Some(seq(&said)));
    }
}
