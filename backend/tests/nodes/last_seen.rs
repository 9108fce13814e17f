//! What somebody hides at one node is told by none.

use crate::support::cluster::Cluster;
use crate::support::expect::{list, status};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hides_at_one_node_when_they_were_last_here_hides_it_at_all() {
    let cluster = Cluster::start(2).await;
    let ada = cluster.nodes[0].person("ada").await;
    let bob = cluster.nodes[0].person("bob").await.at(&cluster.nodes[1]);
    let room = ada.room("public").await;
    bob.join(&room).await;
    let watching = ada.socket_in(&room).await;
    let is_of_bob = |status: &'static str| {
        let id = bob.id.clone();
        move |data: &Value| data["userId"] == id && data["status"] == status
    };
    let is_about_bob = |data: &Value| data["user"]["id"] == bob.id;

    for visible in [false, true] {
        let body = json!({ "lastSeenVisible": visible });
        status(&bob.rest.patch("/api/users/me", &body).await.unwrap(), 200);
        let socket = bob.socket_in(&room).await;
        let came = watching.expect_where("presence_changed", is_of_bob("online"));
        assert_eq!(came.await.unwrap()["lastSeenAt"].is_string(), visible);
        socket.close().await.unwrap();
        let went = watching.expect_where("presence_changed", is_of_bob("offline"));
        assert_eq!(went.await.unwrap()["lastSeenAt"].is_string(), visible);
        let left = watching
            .expect_where("user_left", is_about_bob)
            .await
            .unwrap();
        assert_eq!(left["user"]["lastSeenAt"].is_string(), visible);

        let members = ada.read(&format!("/api/rooms/{room}/members")).await;
        let mut members = list(&members, "members").iter();
        let shown = members.find(|member| is_about_bob(member)).unwrap();
        assert_eq!(shown["presence"]["lastSeenAt"].is_string(), visible);
        assert_eq!(shown["user"]["lastSeenAt"].is_string(), visible);
    }
}
