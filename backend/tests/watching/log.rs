//! What is in the log, and what never is.

use crate::support::{
    expect::{ok, problem, refused},
    line::Line,
    people::{PASSWORD, Person},
    postgres,
    server::Server,
};
use serde_json::{Value, json};

/// A server that says everything it can, for machines, and its line to PostgreSQL.
async fn talkative() -> (Server, Line, String) {
    let database = postgres::fresh_database().await;
    let (before, after) = database.rsplit_once(':').expect("a URL with a port");
    let (port, name) = after.split_once('/').expect("a URL with a database");
    let line = Line::to(port.parse().expect("a port is a number")).await;
    let password = before
        .rsplit_once('@')
        .and_then(|(user, _)| user.rsplit_once(':'))
        .expect("a URL with a password")
        .1
        .to_owned();
    let database = format!("{before}:{}/{name}", line.port());
    let settings = [
        ("ROOST_LOG", "trace"),
        ("ROOST_LOG_FORMAT", "json"),
        ("ROOST_DATABASE_URL", database.as_str()),
    ];
    (Server::start_with(&settings).await, line, password)
}

/// The lines of the log, each of them JSON.
fn lines(server: &Server) -> Vec<Value> {
    let read =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    server.log().lines().map(read).collect()
}

/// The line with this message for which something holds.
fn find(server: &Server, message: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let lines = lines(server);
    let found = lines
        .iter()
        .find(|line| line["message"] == message && holds(line));
    found
        .unwrap_or_else(|| panic!("no such line: {message}"))
        .clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_a_name_by_which_the_log_tells_of_it() {
    let (server, _line, _) = talkative().await;
    let ada = server.person("ada").await;
    let first = ada.rest.get("/api/rooms?q=walrus").await.unwrap();
    let second = ada.rest.get("/api/rooms").await.unwrap();
    let name = first.header("x-request-id");
    assert!(!name.is_empty());
    assert_ne!(name, second.header("x-request-id"));
    let line = find(&server, "a request was answered", |line| {
        line["span"]["request.id"] == name
    });
    assert_eq!(line["span"]["http.method"], "GET");
    assert_eq!(line["span"]["http.route"], "/api/rooms");
    assert_eq!(line["http.status"], 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_is_found_by_the_name_its_client_was_given() {
    let (server, line, _) = talkative().await;
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    line.cut();
    let failed = ada.rest.get("/api/rooms").await.unwrap();
    let told = problem(&failed, "unavailable");
    let name = told["requestId"].as_str().expect("it can be quoted");
    assert_eq!(failed.header("x-request-id"), name);
    let line = find(&server, "a request failed", |line| {
        line["span"]["request.id"] == name
    });
    assert_eq!(line["level"], "ERROR");
    assert!(!line["cause"].as_str().unwrap_or_default().is_empty());

    let message = json!({ "roomId": room, "content": "hello" });
    refused(
        &socket.call("send_message", message).await.unwrap(),
        "unavailable",
    );
    let failed = find(&server, "an event failed", |_| true);
    let began = find(&server, "a connection began", |line| {
        line["user.id"] == ada.id.as_str()
    });
    assert_eq!(failed["connection.id"], began["connection.id"]);
    assert_eq!(failed["span"]["event.name"], "send_message");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_anybody_wrote_or_keeps_to_themselves_is_in_it_at_any_level() {
    let (server, line, database_password) = talkative().await;
    let ada = server.person("ada").await;
    let mut secrets = vec![database_password, PASSWORD.to_owned(), ada.token.clone()];
    say_everything(&server, &ada, &mut secrets).await;
    // Once more while nothing works.
    line.cut();
    let failed = ada.rest.get("/api/rooms?q=walrus-search").await.unwrap();
    problem(&failed, "unavailable");
    let login = json!({ "login": "ada", "password": "walrus-password-4" });
    let failed = server.stranger().post("/api/auth/login", &login).await;
    problem(&failed.unwrap(), "unavailable");
    let server = server.stop().await;

    let log = server.log();
    for level in ["INFO", "DEBUG", "ERROR"] {
        assert!(log.contains(&format!("\"level\":\"{level}\"")), "{level}");
    }
    for message in ["a connection began", "a request failed", "stopping"] {
        find(&server, message, |_| true);
    }
    for line in log.lines() {
        for secret in secrets.iter().map(String::as_str).chain(["walrus"]) {
            assert!(!line.contains(secret), "{secret} is in the log: {line}");
        }
    }
}

/// Writes and asks for things that all have a walrus in them, in every way there is, the wrong ones
/// too; adds what else must not be seen.
async fn say_everything(server: &Server, ada: &Person, secrets: &mut Vec<String>) {
    let stranger = server.stranger();
    let wrong = json!({ "login": "ada", "password": "walrus-password-1" });
    problem(
        &stranger.post("/api/auth/login", &wrong).await.unwrap(),
        "unauthorized",
    );
    let forged = stranger.with_token("walrus-token");
    problem(&forged.get("/api/auth/me").await.unwrap(), "unauthorized");
    let change = json!({ "current": PASSWORD, "new": "walrus-password-2" });
    let changed = ada.rest.post("/api/auth/password", &change).await.unwrap();
    assert_eq!(changed.status, 204);
    let elsewhere = json!({ "login": "ada", "password": "walrus-password-2" });
    let logged_in = stranger.post("/api/auth/login", &elsewhere).await.unwrap();
    secrets.push(logged_in.json["token"].as_str().unwrap().to_owned());
    let me = json!({ "displayName": "A walrus", "settings": { "theme": "walrus" } });
    ada.rest.patch("/api/users/me", &me).await.unwrap();

    let new = json!({ "name": "walrus room", "kind": "public", "topic": "walrus topic" });
    let room = ada.rest.post("/api/rooms", &new).await.unwrap().json;
    let room = room["id"].as_str().expect("it was made");
    let messages = format!("/api/rooms/{room}/messages");
    ada.say(room, "walrus over REST").await;
    for body in [
        json!({ "content": { "walrus": 1 } }),
        json!({ "content": "" , "clientId": "walrus" }),
    ] {
        assert!(ada.rest.post(&messages, &body).await.unwrap().status >= 400);
    }
    ada.read("/api/rooms?q=walrus").await;
    ada.rest.get("/api/rooms?limit=walrus").await.unwrap();
    ada.rest.get("/api/walrus/walrus").await.unwrap();
    ada.rest
        .get(&format!("{messages}?after=walrus"))
        .await
        .unwrap();

    for socket in [ada.socket_in(room).await, ada.polling_socket().await] {
        ok(socket
            .call("join_room", json!({ "roomId": room }))
            .await
            .unwrap());
        let said = json!({
            "roomId": room, "content": "walrus", "clientId": "walrus-1",
            "metadata": { "walrus": "walrus" },
        });
        let said = ok(socket.call("send_message", said).await.unwrap());
        let id = &said["message"]["id"];
        let edit = json!({ "roomId": room, "messageId": id, "content": "walrus, edited" });
        ok(socket.call("edit_message", edit).await.unwrap());
        let reaction = json!({ "roomId": room, "messageId": id, "emoji": "walrus" });
        socket.call("add_reaction", reaction).await.unwrap();
        for (event, payload) in [
            ("walrus", json!({ "walrus": "walrus" })),
            ("send_message", json!("walrus")),
            (
                "send_message",
                json!({ "roomId": "walrus", "content": "walrus" }),
            ),
            (
                "send_message",
                json!({ "roomId": room, "content": ["walrus"] }),
            ),
        ] {
            refused_somehow(&socket.call(event, payload).await.unwrap());
        }
        // Breaks the protocol, and so the connection.
        socket.send_raw("42[\"walrus").await.unwrap();
        socket.ended().await.unwrap();
    }
    let unknown = ada.connect().token("walrus-token");
    assert!(loadtest::client::Socket::open(&unknown).await.is_err());
}

#[track_caller]
fn refused_somehow(answer: &Value) {
    assert_eq!(answer["ok"], false, "{answer}");
}
