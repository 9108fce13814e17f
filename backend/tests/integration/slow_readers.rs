//! Somebody whose network takes nothing, in a room where the others talk.

use loadtest::client::{Ended, Socket};
use serde_json::{Value, json};

use crate::support::{
    expect::{list, ok, seq, seqs, status},
    on_both_databases,
    server::Server,
};

on_both_databases!(
    a_slow_reader_does_not_slow_the_room,
    a_slow_reader_who_reads_again_has_missed_nothing,
    a_slow_reader_who_lost_the_room_and_has_it_again_knows_that_it_is_theirs,
    a_client_that_breaks_the_protocol_harms_nobody_else,
);

/// Fills any buffer between here and there: 300 messages of 9 kB.
async fn talk_a_lot(talking: &Socket, room: &str) -> u64 {
    let mut last = 0;
    for round in 0..30 {
        let mut pending = Vec::new();
        for number in 0..10 {
            let content = format!("{round} {number} {}", "x".repeat(9_000));
            let sent = json!({ "roomId": room, "content": content });
            pending.push(talking.send_call("send_message", sent).await.unwrap());
        }
        for answer in pending {
            last = seq(&ok(answer.answer().await.unwrap())["message"]);
        }
    }
    last
}

async fn a_slow_reader_does_not_slow_the_room(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let talking = ada.socket_in(&room).await;
    let slow = Socket::open(&bob.connect().receive_buffer(4096))
        .await
        .unwrap();
    let joined = ok(slow
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    slow.stop_reading().await.unwrap();
    let first = joined["lastSeq"].as_u64().unwrap() + 1;
    let last = talk_a_lot(&talking, &room).await;
    let mut heard = Vec::new();
    for _message in first..=last {
        heard.push(talking.expect_event("message_received").await.unwrap());
    }
    let expected: Vec<u64> = (first..=last).collect();
    assert_eq!(seqs(&heard), expected);
}

async fn a_slow_reader_who_reads_again_has_missed_nothing(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let talking = ada.socket_in(&room).await;
    let slow = Socket::open(&bob.connect().receive_buffer(4096))
        .await
        .unwrap();
    let joined = ok(slow
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    slow.stop_reading().await.unwrap();
    let last = talk_a_lot(&talking, &room).await;
    slow.read_again().await.unwrap();

    // Either the feed goes on to the end, or it says that it has stopped, or the
    // connection is closed; never is there a hole.
    let is_the_end = |data: &Value| data["seq"] == last;
    let finished = slow.expect_where("message_received", is_the_end).await;
    let mut heard: Vec<u64> = slow
        .seen_events()
        .iter()
        .filter_map(|event| event.data["seq"].as_u64())
        .collect();
    if finished.is_err() {
        let told = slow
            .seen_events()
            .iter()
            .any(|event| event.name == "room_reset");
        let ended = slow.has_ended();
        assert!(told || ended.is_some(), "the feed stopped without a word");
        assert_ne!(
            ended,
            Some(Ended::Disconnected),
            "official clients would not come back"
        );
        let since = heard
            .last()
            .copied()
            .unwrap_or_else(|| joined["lastSeq"].as_u64().unwrap());
        let asked = json!({ "rooms": [{ "roomId": room, "since": since }] });
        let resumed = ok(bob.socket().await.call("resume", asked).await.unwrap());
        heard.extend(seqs(list(&list(&resumed, "rooms")[0], "changes")));
    }
    let first = joined["lastSeq"].as_u64().unwrap() + 1;
    let expected: Vec<u64> = (first..=last).collect();
    assert_eq!(heard, expected);
}

async fn a_slow_reader_who_lost_the_room_and_has_it_again_knows_that_it_is_theirs(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    ada.add(&room, &bob).await;
    let talking = ada.socket_in(&room).await;
    let slow = Socket::open(&bob.connect().receive_buffer(4096))
        .await
        .unwrap();
    ok(slow
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    slow.stop_reading().await.unwrap();
    talk_a_lot(&talking, &room).await;
    let path = format!("/api/rooms/{room}/members/{}", bob.id);
    status(&ada.rest.delete(&path).await.unwrap(), 204);
    ada.add(&room, &bob).await;
    slow.read_again().await.unwrap();

    slow.expect_event("room_added").await.unwrap();
    // A round trip: what was on its way has arrived.
    ok(slow.call("resume", json!({ "rooms": [] })).await.unwrap());
    let told: Vec<String> = slow
        .seen_events()
        .into_iter()
        .map(|event| event.name)
        .filter(|name| name.starts_with("room_"))
        .collect();
    assert_eq!(told, ["room_removed", "room_added"]);
}

async fn a_client_that_breaks_the_protocol_harms_nobody_else(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let listening = ada.socket_in(&room).await;
    for broken in [
        "",
        "x",
        "4",
        "42",
        "42{}",
        "42[",
        "451-[\"a\",{\"_placeholder\":true,\"num\":0}]",
    ] {
        let rude = bob.socket_in(&room).await;
        rude.send_raw(broken).await.unwrap();
        drop(rude);
    }
    let binary = bob.socket_in(&room).await;
    binary.send_binary(vec![0, 159, 146, 150]).await.unwrap();
    let said = bob.say(&room, "excuse me").await;
    assert_eq!(
        listening.expect_event("message_received").await.unwrap(),
        said
    );
    let history = ada.history(&room).await;
    assert_eq!(history.last(), Some(&said));
}
