//! A server that stops, is killed, and starts again.

use std::collections::HashMap;

use loadtest::client::{ClientError, Ended};
use serde_json::{Value, json};

use crate::support::{
    expect::{list, ok, seq, seqs, status},
    on_both_databases,
    people::PASSWORD,
    server::Server,
};

on_both_databases!(
    everything_is_there_after_a_restart,
    a_burst_survives_a_kill_with_every_acknowledged_message_once,
    a_client_resumes_after_a_kill_without_a_gap,
    a_stopping_server_tells_its_clients_to_come_back,
    a_stop_does_not_wait_for_a_reader_that_reads_nothing,
);

async fn everything_is_there_after_a_restart(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    ada.add(&room, &bob).await;
    let message = ada.say(&room, "still here tomorrow").await;
    let socket = bob.socket_in(&room).await;
    let react = json!({ "roomId": room, "messageId": message["id"], "emoji": "👍" });
    ok(socket.call("add_reaction", react).await.unwrap());
    let body = json!({ "displayName": "Countess Ada", "settings": { "theme": "dark" } });
    status(&ada.rest.patch("/api/users/me", &body).await.unwrap(), 200);
    drop(socket);
    let paths = [
        format!("/api/rooms/{room}"),
        format!("/api/rooms/{room}/messages"),
        format!("/api/rooms/{room}/changes?since=0"),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(ada.read(path).await);
    }

    let server = server.stop().await.start_again().await;
    let (ada, bob) = (ada.at(&server), bob.at(&server));
    let me = ada.read("/api/auth/me").await;
    assert_eq!(me["displayName"], "Countess Ada");
    assert_eq!(me["settings"], json!({ "theme": "dark" }));
    for (path, before) in paths.iter().zip(before) {
        let mut after = ada.read(path).await;
        let mut before = before;
        // Presence is of the moment, and so is when somebody was last seen.
        for value in [&mut after, &mut before] {
            forget_presence(value);
        }
        assert_eq!(after, before, "{path}");
    }
    let login = json!({ "login": "bob", "password": PASSWORD });
    status(
        &server
            .stranger()
            .post("/api/auth/login", &login)
            .await
            .unwrap(),
        200,
    );
    let next = bob.say(&room, "and the day after").await;
    assert_eq!(
        seq(&next),
        ada.see(&room).await["lastSeq"].as_u64().unwrap()
    );
    assert!(seq(&next) > seq(&message));
    server.expect_sound().await;
}

async fn a_burst_survives_a_kill_with_every_acknowledged_message_once(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let sockets = [ada.socket_in(&room).await, bob.socket_in(&room).await];
    let mut pending = Vec::new();
    for number in 0..400 {
        for (sender, socket) in sockets.iter().enumerate() {
            let id = format!("{sender}-{number}");
            let sent = json!({ "roomId": room, "content": id, "clientId": id });
            pending.push((id, socket.send_call("send_message", sent).await.unwrap()));
        }
    }
    // In the middle: some are acknowledged, some are on their way.
    let mut acknowledged: HashMap<String, Value> = HashMap::new();
    let (id, first) = pending.remove(0);
    acknowledged.insert(id, ok(first.answer().await.unwrap())["message"].clone());
    let server = server.kill().await;

    let mut unknown = Vec::new();
    for (id, answer) in pending {
        match answer.answer().await {
            Ok(answer) => {
                acknowledged.insert(id, ok(answer)["message"].clone());
            }
            Err(ClientError::Ended(_)) => unknown.push(id),
            Err(other) => panic!("an answer failed with {other}"),
        }
    }

    let server = server.start_again().await;
    let (ada, bob) = (ada.at(&server), bob.at(&server));
    let log = ada.log(&room).await;
    let expected: Vec<u64> = (1..).take(log.len()).collect();
    assert_eq!(seqs(&log), expected, "the log has no hole");
    let stored = |id: &str| {
        let entries = log.iter().filter(|entry| entry["data"]["clientId"] == id);
        entries
            .map(|entry| entry["data"].clone())
            .collect::<Vec<_>>()
    };
    for (id, message) in &acknowledged {
        assert_eq!(
            stored(id),
            std::slice::from_ref(message),
            "{id} was acknowledged"
        );
    }

    // Repeating what is unknown gives one copy of each, whatever had become of it.
    let again = [ada.socket_in(&room).await, bob.socket_in(&room).await];
    for id in &unknown {
        let before = stored(id);
        assert!(before.len() <= 1, "{id} was stored twice");
        let socket = &again[usize::from(id.starts_with('1'))];
        let sent = json!({ "roomId": room, "content": id, "clientId": id });
        let answer = ok(socket.call("send_message", sent).await.unwrap());
        assert_eq!(answer["duplicate"], before.len() == 1, "{id}");
    }
    let log = ada.log(&room).await;
    let mut ids: Vec<_> = log
        .iter()
        .filter_map(|entry| entry["data"]["clientId"].as_str())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), all), (800, 800), "everything once");
    server.expect_sound().await;
}

async fn a_client_resumes_after_a_kill_without_a_gap(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let listening = bob.socket().await;
    let joined = ok(listening
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    let talking = ada.socket_in(&room).await;
    let mut pending = Vec::new();
    for number in 0..200 {
        let sent = json!({ "roomId": room, "content": format!("number {number}") });
        pending.push(talking.send_call("send_message", sent).await.unwrap());
    }
    listening.expect_event("message_received").await.unwrap();
    let server = server.kill().await;
    let ended = listening.ended().await.unwrap();
    assert_ne!(
        ended,
        Ended::Disconnected,
        "official clients would not come back"
    );
    drop(pending);

    let heard: Vec<u64> = listening
        .seen_events()
        .iter()
        .filter_map(|event| event.data["seq"].as_u64())
        .collect();
    let server = server.start_again().await;
    let bob = bob.at(&server);
    let back = bob.socket().await;
    let last = *heard.last().expect("bob heard something");
    let asked = json!({
        "rooms": [{ "roomId": room, "since": last, "epoch": joined["epoch"] }],
    });
    let resumed = ok(back.call("resume", asked).await.unwrap());
    let answer = &list(&resumed, "rooms")[0];
    assert_eq!(answer["reset"], false, "a restart is the same history");
    let mut all = heard;
    all.extend(seqs(list(answer, "changes")));
    let first = joined["lastSeq"].as_u64().unwrap() + 1;
    let expected: Vec<u64> = (first..=answer["lastSeq"].as_u64().unwrap()).collect();
    assert_eq!(all, expected);
    server.expect_sound().await;
}

async fn a_stopping_server_tells_its_clients_to_come_back(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let sent = json!({ "roomId": room, "content": "the last word" });
    let pending = socket.send_call("send_message", sent).await.unwrap();
    let answer = ok(pending.answer().await.unwrap());
    let polling = ada.polling_socket().await;
    server.ask_to_stop();
    for socket in [&socket, &polling] {
        let draining = socket.expect_event("server_draining").await.unwrap();
        assert!(draining["reconnectAfterMs"].is_u64(), "{draining}");
        let ended = socket.ended().await.unwrap();
        assert_ne!(
            ended,
            Ended::Disconnected,
            "official clients would not come back"
        );
    }
    let server = server.stopped().await.start_again().await;
    let history = ada.at(&server).history(&room).await;
    assert_eq!(history.last(), Some(&answer["message"]));
}

async fn a_stop_does_not_wait_for_a_reader_that_reads_nothing(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let how = ada.connect().receive_buffer(4096);
    let stuck = loadtest::client::Socket::open(&how).await.unwrap();
    ok(stuck
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    stuck.stop_reading().await.unwrap();
    for _message in 0..100 {
        ada.say(&room, &"x".repeat(9_000)).await;
    }
    let server = server.stop().await.start_again().await;
    assert_eq!(ada.at(&server).history(&room).await.len(), 100);
}

/// Takes out what depends on the moment of asking.
fn forget_presence(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for moment in ["presence", "here", "lastSeenAt"] {
                fields.remove(moment);
            }
            fields.values_mut().for_each(forget_presence);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_presence),
        _ => {}
    }
}
