//! Logins: listing and revoking them, and how they end.

use std::time::Duration;

use loadtest::client::{Connect, Ended};
use serde_json::json;

use crate::support::{
    expect::{connect_refused, list, ok, problem, status, text},
    on_both_databases,
    server::Server,
};

on_both_databases!(
    a_person_sees_their_own_sessions_and_which_is_this_one,
    a_revoked_session_is_told_and_cut_off,
    revoking_one_session_leaves_the_others_alone,
    nobody_revokes_the_session_of_somebody_else,
    an_expired_session_is_nobodys,
    connecting_needs_a_session,
);

async fn a_person_sees_their_own_sessions_and_which_is_this_one(server: Server) {
    let ada = server.person("ada").await;
    ada.log_in_again(&server).await;
    server.person("bob").await;
    let answer = ada.read("/api/auth/sessions").await;
    let sessions = list(&answer, "sessions");
    assert_eq!(sessions.len(), 2, "{answer}");
    let current = sessions.iter().filter(|session| session["current"] == true);
    assert_eq!(current.count(), 1, "{answer}");
    assert!(
        !answer.to_string().contains(&ada.token),
        "a token is shown once, when it is made"
    );
}

async fn a_revoked_session_is_told_and_cut_off(server: Server) {
    let ada = server.person("ada").await;
    let phone = ada.log_in_again(&server).await;
    let socket = phone.socket().await;
    let polling = phone.polling_socket().await;
    let id = other_session(&ada).await;
    let revoked = ada
        .rest
        .delete(&format!("/api/auth/sessions/{id}"))
        .await
        .unwrap();
    status(&revoked, 204);

    for socket in [socket, polling] {
        socket.expect_event("session_revoked").await.unwrap();
        assert_eq!(socket.ended().await.unwrap(), Ended::Disconnected);
    }
    problem(
        &phone.rest.get("/api/auth/me").await.unwrap(),
        "unauthorized",
    );
    connect_refused(
        loadtest::client::Socket::open(&phone.connect()).await,
        "unauthorized",
    );
}

async fn revoking_one_session_leaves_the_others_alone(server: Server) {
    let ada = server.person("ada").await;
    let phone = ada.log_in_again(&server).await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let there = phone.socket_in(&room).await;
    let id = other_session(&ada).await;
    ada.rest
        .delete(&format!("/api/auth/sessions/{id}"))
        .await
        .unwrap();
    there.expect_event("session_revoked").await.unwrap();

    let sent = json!({ "roomId": room, "content": "still here" });
    ok(here.call("send_message", sent).await.unwrap());
    here.expect_event("message_received").await.unwrap();
    let answer = ada.read("/api/auth/sessions").await;
    assert_eq!(list(&answer, "sessions").len(), 1, "{answer}");
}

async fn nobody_revokes_the_session_of_somebody_else(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let sessions = ada.read("/api/auth/sessions").await;
    let id = text(&list(&sessions, "sessions")[0], "id");
    for path in [id, &ada.id, "not-an-id"] {
        let answer = bob
            .rest
            .delete(&format!("/api/auth/sessions/{path}"))
            .await
            .unwrap();
        problem(&answer, "not_found");
    }
    ada.read("/api/auth/me").await;
}

async fn an_expired_session_is_nobodys(server: Server) {
    let server = server.restart_with("ROOST_SESSION_LIFETIME", "1s").await;
    let ada = server.person("ada").await;
    let expired = async {
        while ada.rest.get("/api/auth/me").await.unwrap().status == 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), expired)
        .await
        .expect("it expires in time");
    problem(&ada.rest.get("/api/auth/me").await.unwrap(), "unauthorized");
    connect_refused(
        loadtest::client::Socket::open(&ada.connect()).await,
        "unauthorized",
    );
}

async fn connecting_needs_a_session(server: Server) {
    let to = || Connect::to(&server.url).unwrap();
    for how in [
        to(),
        to().token("made-up-token"),
        to().auth(json!({ "token": 7 })),
        to().auth(json!({})),
        to().header("authorization", "Bearer made-up-token"),
    ] {
        for transport in [
            loadtest::client::Transport::WebSocket,
            loadtest::client::Transport::Polling,
        ] {
            let outcome = loadtest::client::Socket::open(&how.clone().transport(transport)).await;
            connect_refused(outcome, "unauthorized");
        }
    }
}

async fn other_session(person: &crate::support::people::Person) -> String {
    let answer = person.read("/api/auth/sessions").await;
    let other = list(&answer, "sessions")
        .iter()
        .find(|session| session["current"] == false);
    text(other.expect("there is another session"), "id").to_owned()
}
