//! People who talk, leave and come back.

use loadtest::client::Ended;
use serde_json::{Value, json};

use crate::support::{
    expect::{list, ok, seq, seqs, status, text},
    on_both_databases,
    people::Person,
    server::Server,
};

on_both_databases!(
    a_newcomer_sees_what_was_said_before,
    everybody_hears_a_message_at_once_and_in_the_same_order,
    the_first_event_right_after_connecting_is_not_lost,
    somebody_who_crashes_is_seen_to_leave,
    somebody_who_comes_back_in_time_is_never_seen_to_leave,
    a_half_open_connection_is_noticed,
    somebody_long_away_catches_up_without_a_gap,
    a_revoked_session_hears_nothing_more,
    somebody_removed_in_the_middle_of_a_burst_hears_only_what_came_before,
    people_on_both_transports_talk_to_each_other,
);

async fn a_newcomer_sees_what_was_said_before(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    for number in 0..60 {
        ada.say(&room, &format!("number {number}")).await;
    }
    let socket = bob.socket().await;
    let joined = ok(socket
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    let page = list(&joined, "messages");
    assert_eq!(page.last().unwrap()["content"], "number 59");
    assert_eq!(joined["hasBefore"], true);
    let oldest = text(&page[0], "id");
    let path = format!("/api/rooms/{room}/messages?limit=200&before={oldest}");
    let older = bob.read(&path).await;
    assert_eq!(
        list(&older, "messages").len() + page.len(),
        60,
        "the two pages meet"
    );
    assert_eq!(list(&older, "messages")[0]["content"], "number 0");
}

async fn everybody_hears_a_message_at_once_and_in_the_same_order(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let mut sockets = vec![ada.socket_in(&room).await];
    for name in ["bob", "cleo", "dan", "eve"] {
        sockets.push(server.person(name).await.socket_in(&room).await);
    }
    let mut pending = Vec::new();
    for number in 0..20 {
        for socket in &sockets {
            let sent = json!({ "roomId": room, "content": format!("number {number}") });
            pending.push(socket.send_call("send_message", sent).await.unwrap());
        }
    }
    for answer in pending {
        ok(answer.answer().await.unwrap());
    }
    let mut heard: Vec<Vec<Value>> = Vec::new();
    for socket in &sockets {
        let mut messages = Vec::new();
        for _message in 0..100 {
            messages.push(socket.expect_event("message_received").await.unwrap());
        }
        heard.push(messages);
    }
    assert!(seqs(&heard[0]).is_sorted());
    for others in &heard[1..] {
        assert_eq!(others, &heard[0]);
    }
}

async fn the_first_event_right_after_connecting_is_not_lost(server: Server) {
    use loadtest::client::{Connection, packet};
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    for round in 0..20 {
        let mut connection = Connection::open_transport(&ada.connect()).await.unwrap();
        let auth = json!({ "token": ada.token });
        connection
            .send(packet::write_connect(Some(&auth)))
            .await
            .unwrap();
        // Before the answer to CONNECT has come.
        let join = packet::write_event("join_room", &json!({ "roomId": room }), Some(round));
        connection.send(join).await.unwrap();
        let answered = async {
            loop {
                let message = connection.next_message().await.unwrap();
                if let Some(packet::Packet::Ack { id, arguments }) = message.packet() {
                    return (id, arguments.contains("\"ok\":true"));
                }
            }
        };
        let answer = tokio::time::timeout(loadtest::client::PATIENCE, answered).await;
        assert_eq!(answer.expect("it is answered"), (round, true));
    }
}

async fn somebody_who_crashes_is_seen_to_leave(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let crashing = bob.socket_in(&room).await;
    here.expect_where("user_joined", is_about(&bob))
        .await
        .unwrap();
    crashing.crash().await;
    here.expect_where("user_left", is_about(&bob))
        .await
        .unwrap();
    let members = ada.read(&format!("/api/rooms/{room}/members")).await;
    let there = list(&members, "members")
        .iter()
        .find(|member| member["user"]["id"] == bob.id);
    assert_eq!(there.expect("membership stays")["here"], false);
}

async fn somebody_who_comes_back_in_time_is_never_seen_to_leave(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let breaking = bob.socket_in(&room).await;
    // Cleo crashes first and does not come back: when she is seen to leave, bob's
    // grace has not begun later than hers by much, and bob is long back.
    let gone = cleo.socket_in(&room).await;
    here.expect_where("user_joined", is_about(&cleo))
        .await
        .unwrap();
    breaking.crash().await;
    let back = bob.socket_in(&room).await;
    gone.crash().await;
    here.expect_where("user_left", is_about(&cleo))
        .await
        .unwrap();
    let comings = here.seen_events().into_iter().filter(|event| {
        matches!(event.name.as_str(), "user_joined" | "user_left") && is_about(&bob)(&event.data)
    });
    let comings: Vec<_> = comings.map(|event| event.name).collect();
    assert_eq!(comings, ["user_joined"], "bob was only away for a moment");
    drop(back);
}

async fn a_half_open_connection_is_noticed(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let silent = bob.socket_in(&room).await;
    here.expect_where("user_joined", is_about(&bob))
        .await
        .unwrap();
    silent.stop_answering_pings().await.unwrap();
    // Nothing but the missing pong tells, so this takes as long as the server lets it.
    let ended = silent.ended().await.unwrap();
    assert_ne!(
        ended,
        Ended::Disconnected,
        "official clients would not come back"
    );
    here.expect_where("user_left", is_about(&bob))
        .await
        .unwrap();
}

async fn somebody_long_away_catches_up_without_a_gap(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let away = bob.socket_in(&room).await;
    let last = seq(&ada.say(&room, "the last that bob hears").await);
    away.expect_event("message_received").await.unwrap();
    away.crash().await;

    // As much as a busy room says in ten minutes, with every kind of change in it.
    let socket = ada.socket_in(&room).await;
    let mut pending = Vec::new();
    for number in 0..800 {
        let sent = json!({ "roomId": room, "content": format!("number {number}") });
        pending.push(socket.send_call("send_message", sent).await.unwrap());
    }
    let mut said = Vec::new();
    for answer in pending {
        said.push(ok(answer.answer().await.unwrap())["message"].clone());
    }
    for message in said.iter().step_by(100) {
        let of = |extra: Value| {
            let mut payload = json!({ "roomId": room, "messageId": message["id"] });
            payload
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            payload
        };
        ok(socket
            .call("edit_message", of(json!({ "content": "edited" })))
            .await
            .unwrap());
        ok(socket
            .call("add_reaction", of(json!({ "emoji": "👍" })))
            .await
            .unwrap());
    }
    assert_eq!(ada.see(&room).await["lastSeq"], last + 816);

    let back = bob.socket().await;
    let asked = json!({ "rooms": [{ "roomId": room, "since": last }] });
    let pending = back.send_call("resume", asked).await.unwrap();
    let next = ada.say(&room, "while bob is catching up").await;
    let resumed = ok(pending.answer().await.unwrap());
    let answer = &list(&resumed, "rooms")[0];
    assert_eq!(answer["reset"], false);
    let mut heard = seqs(list(answer, "changes"));
    if heard.last() != Some(&seq(&next)) {
        heard.push(seq(&back.expect_event("message_received").await.unwrap()));
    }
    let expected: Vec<u64> = (last + 1..=seq(&next)).collect();
    assert_eq!(heard, expected);
    assert_eq!(
        list(answer, "changes")[0]["data"]["content"],
        "edited",
        "as it now is"
    );
}

async fn a_revoked_session_hears_nothing_more(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let stolen = bob.log_in_again(&server).await;
    let socket = stolen.socket_in(&room).await;
    let sessions = bob.read("/api/auth/sessions").await;
    let other = list(&sessions, "sessions")
        .iter()
        .find(|session| session["current"] == false);
    let id = text(other.expect("there are two"), "id").to_owned();
    status(
        &bob.rest
            .delete(&format!("/api/auth/sessions/{id}"))
            .await
            .unwrap(),
        204,
    );
    let after = ada.say(&room, "after the revocation").await;
    assert_eq!(socket.ended().await.unwrap(), Ended::Disconnected);
    let heard = socket.seen_events();
    assert_eq!(
        heard.last().unwrap().name,
        "session_revoked",
        "it is the last word"
    );
    assert!(
        heard.iter().all(|event| event.data["seq"] != after["seq"]),
        "{heard:?}"
    );
}

async fn somebody_removed_in_the_middle_of_a_burst_hears_only_what_came_before(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    ada.add(&room, &bob).await;
    let talking = ada.socket_in(&room).await;
    let removed = bob.socket_in(&room).await;
    let mut pending = Vec::new();
    for number in 0..300 {
        let sent = json!({ "roomId": room, "content": format!("number {number}") });
        pending.push(talking.send_call("send_message", sent).await.unwrap());
        if number == 100 {
            let path = format!("/api/rooms/{room}/members/{}", bob.id);
            status(&ada.rest.delete(&path).await.unwrap(), 204);
        }
    }
    for answer in pending {
        ok(answer.answer().await.unwrap());
    }
    let cut = seq(&talking.expect_event("member_removed").await.unwrap());
    removed.expect_event("room_removed").await.unwrap();
    // A round trip: what was on its way has arrived.
    ok(removed
        .call("resume", json!({ "rooms": [] }))
        .await
        .unwrap());
    let heard: Vec<u64> = removed
        .seen_events()
        .iter()
        .filter(|event| event.data["roomId"] == room.as_str())
        .filter_map(|event| event.data["seq"].as_u64())
        .collect();
    assert!(
        heard.iter().all(|seq| *seq < cut),
        "heard {heard:?}, removed at {cut}"
    );
    assert!(
        heard.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{heard:?}"
    );
}

async fn people_on_both_transports_talk_to_each_other(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let websocket = ada.socket_in(&room).await;
    let polling = bob.polling_socket().await;
    ok(polling
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    for round in 0..20 {
        for socket in [&websocket, &polling] {
            let content = format!("round {round}");
            let sent = json!({ "roomId": room, "content": content });
            let answer = ok(socket.call("send_message", sent).await.unwrap());
            for listener in [&websocket, &polling] {
                let heard = listener.expect_event("message_received").await.unwrap();
                assert_eq!(heard, answer["message"]);
            }
        }
    }
}

fn is_about(person: &Person) -> impl Fn(&Value) -> bool {
    let id = person.id.clone();
    move |data| data["user"]["id"] == id
}
