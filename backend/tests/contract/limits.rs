//! Rates: how often one may ask, and what is said when it is too often.

use serde_json::json;

use crate::support::{
    expect::{ok, problem, status},
    on_both_databases,
    people::PASSWORD,
    server::Server,
};

on_both_databases!(
    sending_too_fast_is_refused_with_the_time_to_wait,
    guessing_passwords_too_fast_is_refused,
    registering_too_fast_is_refused,
    joining_too_fast_is_refused,
    typing_too_fast_is_refused_and_harms_nothing,
    rates_can_be_lifted,
);

/// With its limits on, and small enough to be reached on a slow machine.
async fn limited(server: Server, name: &str, rate: &str) -> Server {
    server
        .restart_with("ROOST_LIMITS", "on")
        .await
        .restart_with(name, rate)
        .await
}

async fn sending_too_fast_is_refused_with_the_time_to_wait(server: Server) {
    let server = limited(server, "ROOST_LIMIT_SEND", "1/h burst 3").await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let sent = json!({ "roomId": room, "content": "hello" });
    for _send in 0..3 {
        ok(socket.call("send_message", sent.clone()).await.unwrap());
    }
    let answer = socket.call("send_message", sent).await.unwrap();
    assert_eq!(answer["error"]["code"], "rate_limited", "{answer}");
    let wait = answer["error"]["retryAfterMs"]
        .as_u64()
        .expect("it says how long to wait");
    assert!(wait > 0 && wait <= 3_600_000, "{wait}");

    let path = format!("/api/rooms/{room}/messages");
    let answer = ada
        .rest
        .post(&path, &json!({ "content": "hello" }))
        .await
        .unwrap();
    problem(&answer, "rate_limited");
    let seconds: u64 = answer
        .header("retry-after")
        .parse()
        .expect("it says how long to wait");
    assert!(seconds > 0 && seconds <= 3600, "{seconds}");
    assert_eq!(
        ada.history(&room).await.len(),
        3,
        "a refused send was stored"
    );

    // The rate is a person's own.
    bob.join(&room).await;
    bob.say(&room, "hello").await;
}

async fn guessing_passwords_too_fast_is_refused(server: Server) {
    let server = limited(server, "ROOST_LIMIT_LOGIN", "3/h").await;
    let ada = server.person("ada").await;
    let stranger = server.stranger();
    let guess = json!({ "login": "ada", "password": "not her password" });
    for _guess in 0..3 {
        problem(
            &stranger.post("/api/auth/login", &guess).await.unwrap(),
            "unauthorized",
        );
    }
    let right = json!({ "login": "ada", "password": PASSWORD });
    let answer = stranger.post("/api/auth/login", &right).await.unwrap();
    problem(&answer, "rate_limited");
    assert!(!answer.header("retry-after").is_empty());
    // Who is signed in already is not kept out.
    ada.read("/api/auth/me").await;
}

async fn registering_too_fast_is_refused(server: Server) {
    let server = limited(server, "ROOST_LIMIT_REGISTRATION", "2/h").await;
    server.person("ada").await;
    server.person("bob").await;
    let body = json!({ "username": "cleo", "password": PASSWORD });
    let answer = server
        .stranger()
        .post("/api/auth/register", &body)
        .await
        .unwrap();
    problem(&answer, "rate_limited");
    let login = json!({ "login": "cleo", "password": PASSWORD });
    let answer = server
        .stranger()
        .post("/api/auth/login", &login)
        .await
        .unwrap();
    problem(&answer, "unauthorized");
}

async fn joining_too_fast_is_refused(server: Server) {
    let server = limited(server, "ROOST_LIMIT_JOIN", "1/h burst 3").await;
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket().await;
    let mut refusals = 0;
    for _join in 0..5 {
        let answer = socket
            .call("join_room", json!({ "roomId": room }))
            .await
            .unwrap();
        if answer["ok"] == false {
            assert_eq!(answer["error"]["code"], "rate_limited", "{answer}");
            assert!(answer["error"]["retryAfterMs"].is_u64(), "{answer}");
            refusals += 1;
        }
    }
    assert!(refusals > 0, "five joins went through a limit of three");
    assert!(refusals < 5, "no join went through a limit of three");
}

async fn typing_too_fast_is_refused_and_harms_nothing(server: Server) {
    let server = limited(server, "ROOST_LIMIT_TYPING", "1/h burst 2").await;
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let typing = json!({ "roomId": room });
    for _notice in 0..2 {
        ok(socket.call("start_typing", typing.clone()).await.unwrap());
    }
    let answer = socket.call("start_typing", typing).await.unwrap();
    assert_eq!(answer["error"]["code"], "rate_limited", "{answer}");
    let sent = json!({ "roomId": room, "content": "hello" });
    ok(socket.call("send_message", sent).await.unwrap());
}

async fn rates_can_be_lifted(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let mut pending = Vec::new();
    for number in 0..120 {
        let sent = json!({ "roomId": room, "content": format!("number {number}") });
        pending.push(socket.send_call("send_message", sent).await.unwrap());
    }
    for answer in pending {
        ok(answer.answer().await.unwrap());
    }
    let guess = json!({ "login": "ada", "password": "not her password" });
    for _guess in 0..15 {
        let answer = server
            .stranger()
            .post("/api/auth/login", &guess)
            .await
            .unwrap();
        status(&answer, 401);
    }
}
