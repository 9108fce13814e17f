//! A database that cannot be reached for a while.

use loadtest::client::PATIENCE;
use serde_json::json;

use crate::support::{
    expect::{ok, problem, refused, status},
    line::Line,
    postgres,
    server::Server,
};

/// A line to the database of this URL, and the URL at its near end.
async fn line_to(database: &str) -> (Line, String) {
    let (front, rest) = database.rsplit_once(':').expect("a URL with a port");
    let (port, name) = rest.split_once('/').expect("a URL with a database");
    let line = Line::to(port.parse().expect("a port is a number")).await;
    let near = format!("{front}:{}/{name}", line.port());
    (line, near)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_nothing_is_promised_and_afterwards_nothing_is_lost() {
    let (line, database) = line_to(&postgres::fresh_database().await).await;
    let server = Server::start_with(&[("ROOST_DATABASE_URL", &database)]).await;
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let before = ada.say(&room, "before").await;

    line.cut();
    let path = format!("/api/rooms/{room}/messages");
    let answer = ada.rest.get(&path).await.unwrap();
    let refusal = problem(&answer, "unavailable");
    assert!(refusal["requestId"].is_string(), "{refusal}");
    let said = refusal.to_string().to_lowercase();
    for inside in ["postgres", "sql", "127.0.0.1", "connection"] {
        assert!(!said.contains(inside), "the cause is for the log: {said}");
    }
    let sent = json!({ "roomId": room, "content": "meanwhile", "clientId": "c-1" });
    let answer = socket.call("send_message", sent.clone()).await.unwrap();
    refused(&answer, "unavailable");
    let join = json!({ "roomId": room });
    refused(
        &socket.call("join_room", join).await.unwrap(),
        "unavailable",
    );
    let ready = server.stranger().get("/health/ready").await.unwrap();
    assert_eq!(ready.status, 503, "{}", ready.json);
    assert!(ready.json["dependencies"].is_object(), "{}", ready.json);
    status(&server.stranger().get("/health/live").await.unwrap(), 200);

    // Whoever repeats themselves with the same `clientId` gets through, once.
    line.mend();
    let stored = async {
        loop {
            let answer = socket.call("send_message", sent.clone()).await.unwrap();
            if answer["ok"] == true {
                return answer["message"].clone();
            }
            refused(&answer, "unavailable");
        }
    };
    let stored = tokio::time::timeout(PATIENCE, stored).await;
    let stored = stored.expect("the server comes back by itself");
    assert_eq!(ada.history(&room).await, [before, stored.clone()]);
    assert!(socket.has_ended().is_none(), "the connection outlived it");

    let join = json!({ "roomId": room });
    ok(socket.call("join_room", join).await.unwrap());
    let next = ada.say(&room, "after").await;
    let is_next = |message: &serde_json::Value| message["seq"] == next["seq"];
    socket
        .expect_where("message_received", is_next)
        .await
        .unwrap();
}
