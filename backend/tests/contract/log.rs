//! The room's log and its six promises, from joining to resuming.

use loadtest::client::Seen;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    expect::{list, ok, problem, refused, seq, seqs, text},
    on_both_databases,
    people::Person,
    server::Server,
};

on_both_databases!(
    the_log_holds_every_kind_of_entry_without_a_gap,
    the_log_is_read_in_pieces,
    a_replay_shows_what_was_heard_live,
    joining_gives_a_snapshot_and_what_follows_continues_it,
    the_answer_to_a_join_comes_before_the_live_entries,
    joining_with_a_place_gives_what_came_after_it,
    a_place_beyond_the_log_or_in_another_epoch_is_reset,
    a_place_too_far_behind_is_reset,
    joining_again_starts_the_feed_anew,
    leaving_a_room_stops_its_feed_and_nothing_else,
    many_rooms_are_resumed_at_once,
    a_resume_has_its_bounds,
    a_room_resumed_twice_at_once_is_taken_up_once,
    pipelined_sends_are_stored_in_the_order_sent,
    what_a_log_is_asked_must_make_sense,
);

async fn join(socket: &loadtest::client::Socket, payload: Value) -> Value {
    ok(socket.call("join_room", payload).await.unwrap())
}

async fn last_seq(person: &Person, room: &str) -> u64 {
    person.see(room).await["lastSeq"]
        .as_u64()
        .expect("a room has a last seq")
}

/// Puts one entry of every kind into the log, as heard by `ada`.
async fn everything_happens(ada: &Person, bob: &Person, room: &str) {
    let rest = &ada.rest;
    let path = format!("/api/rooms/{room}");
    bob.join(room).await;
    let one = bob.say(room, "one").await;
    let two = bob.say(room, "two").await;
    let message = |message: &Value| format!("{path}/messages/{}", text(message, "id"));
    bob.rest
        .patch(&message(&one), &json!({ "content": "uno" }))
        .await
        .unwrap();
    let socket = ada.socket().await;
    let react = json!({ "roomId": room, "messageId": one["id"], "emoji": "👍" });
    ok(socket.call("add_reaction", react.clone()).await.unwrap());
    ok(socket.call("remove_reaction", react).await.unwrap());
    bob.rest.delete(&message(&two)).await.unwrap();
    let member = format!("{path}/members/{}", bob.id);
    rest.patch(&member, &json!({ "role": "admin" }))
        .await
        .unwrap();
    rest.patch(&path, &json!({ "name": "Renamed" }))
        .await
        .unwrap();
    rest.delete(&member).await.unwrap();
    rest.post(&format!("{path}/archive"), &json!({}))
        .await
        .unwrap();
}

const KINDS: [&str; 11] = [
    "member_added",
    "message_received",
    "message_received",
    "message_updated",
    "reaction_added",
    "reaction_removed",
    "message_deleted",
    "member_changed",
    "room_updated",
    "member_removed",
    "room_archived",
];

async fn the_log_holds_every_kind_of_entry_without_a_gap(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let before = last_seq(&ada, &room).await;
    everything_happens(&ada, &bob, &room).await;
    let log = ada.log(&room).await;
    let (_, news) = log.split_at(log.len() - KINDS.len());
    let kinds: Vec<_> = news.iter().map(|entry| text(entry, "event")).collect();
    assert_eq!(kinds, KINDS);
    let expected: Vec<u64> = (1..).take(log.len()).collect();
    assert_eq!(seqs(&log), expected, "the log counts 1, 2, 3 …");
    assert_eq!(seq(&news[0]), before + 1);
    for entry in news {
        assert_eq!(entry["data"]["seq"], entry["seq"], "{entry}");
        assert_eq!(entry["data"]["roomId"], room.as_str(), "{entry}");
    }
}

async fn the_log_is_read_in_pieces(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    for number in 0..7 {
        ada.say(&room, &format!("number {number}")).await;
    }
    let whole = ada.log(&room).await;
    let mut read = Vec::new();
    let mut since = 0;
    loop {
        let path = format!("/api/rooms/{room}/changes?since={since}&limit=3");
        let piece = ada.read(&path).await;
        assert_eq!(piece["lastSeq"], seq(whole.last().unwrap()));
        read.extend(list(&piece, "changes").iter().cloned());
        since = seq(read.last().expect("a piece that was promised is not empty"));
        if piece["more"] == false {
            break;
        }
    }
    assert_eq!(read, whole);
    let end = ada
        .read(&format!("/api/rooms/{room}/changes?since={since}"))
        .await;
    assert_eq!((&end["changes"], &end["more"]), (&json!([]), &json!(false)));
}

async fn a_replay_shows_what_was_heard_live(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let before = last_seq(&ada, &room).await;
    everything_happens(&ada, &bob, &room).await;
    let last = socket.expect_event("room_archived").await.unwrap();
    let live: Vec<_> = socket
        .seen_events()
        .into_iter()
        .filter(|event| event.data["seq"].as_u64().is_some_and(|seq| seq > before))
        .collect();
    let names: Vec<_> = live.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, KINDS);
    let live: Vec<_> = live.into_iter().map(|event| event.data).collect();
    let expected: Vec<u64> = (before + 1..=seq(&last)).collect();
    assert_eq!(seqs(&live), expected);

    let replay = join(&socket, json!({ "roomId": room, "since": before })).await;
    let replayed = list(&replay, "changes");
    assert_eq!(seqs(replayed), expected);
    for (entry, live) in replayed.iter().zip(&live) {
        // Messages, members and rooms show as they now are; a reaction has no now.
        if text(entry, "event").starts_with("reaction_") {
            assert_eq!(&entry["data"], live);
        }
        assert!(
            !entry.to_string().contains("\"two\""),
            "deleted text was replayed: {entry}"
        );
    }
    assert_eq!(
        replayed[1]["data"]["content"], "uno",
        "a message shows as it now is"
    );
}

async fn joining_gives_a_snapshot_and_what_follows_continues_it(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    for number in 0..5 {
        ada.say(&room, &format!("number {number}")).await;
    }
    let socket = bob.socket().await;
    let joined = join(&socket, json!({ "roomId": room, "limit": 3 })).await;
    assert_eq!(joined["room"]["id"], room.as_str());
    assert_eq!(joined["room"]["membership"]["role"], "member");
    assert_eq!(joined["room"]["membership"]["unread"], 0);
    assert!(joined["epoch"].is_string(), "{joined}");
    assert_eq!(joined["hasBefore"], true);
    assert_eq!(list(&joined, "members").len(), 2);
    assert_eq!(list(&joined, "messages").len(), 3);
    assert_eq!(list(&joined, "messages")[2]["content"], "number 4");
    let last = joined["lastSeq"].as_u64().unwrap();
    assert_eq!(last, last_seq(&ada, &room).await);
    let next = ada.say(&room, "next").await;
    assert_eq!(seq(&next), last + 1);
    let heard = socket.expect_event("message_received").await.unwrap();
    assert_eq!(heard, next);
}

/// Joins in the middle of a stream of sends, many times.
async fn the_answer_to_a_join_comes_before_the_live_entries(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    let talking = ada.socket_in(&room).await;
    let before = last_seq(&ada, &room).await;
    for round in 0..20 {
        let socket = bob.socket().await;
        let mut sends = Vec::new();
        for number in 0..5 {
            let sent = json!({ "roomId": room, "content": format!("{round} {number}") });
            sends.push(talking.send_call("send_message", sent).await.unwrap());
        }
        let joining = socket
            .send_call("join_room", json!({ "roomId": room }))
            .await
            .unwrap();
        for number in 5..10 {
            let sent = json!({ "roomId": room, "content": format!("{round} {number}") });
            sends.push(talking.send_call("send_message", sent).await.unwrap());
        }
        let asked = joining.id();
        let joined = ok(joining.answer().await.unwrap());
        let last = joined["lastSeq"].as_u64().unwrap();
        let mut head = last;
        for send in sends {
            head = head.max(seq(&ok(send.answer().await.unwrap())["message"]));
        }
        if head > last {
            socket
                .expect_where("message_received", |message| message["seq"] == head)
                .await
                .unwrap();
        }
        let snapshot = list(&joined, "messages").last().map_or(before, seq);
        assert_eq!(snapshot, last, "the snapshot ends where it says");
        let mut answered = false;
        let mut live = Vec::new();
        for seen in socket.seen() {
            match seen {
                Seen::Ack { id, .. } => answered |= id == asked,
                Seen::Event(event) if event.data["seq"].is_u64() => {
                    assert!(answered, "{} came before the answer", event.data);
                    live.push(seq(&event.data));
                }
                Seen::Event(_) => {}
            }
        }
        let expected: Vec<u64> = (last + 1..=head).collect();
        assert_eq!(live, expected, "the handover has a hole");
    }
}

async fn joining_with_a_place_gives_what_came_after_it(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let first = ada.say(&room, "first").await;
    ada.say(&room, "second").await;
    let third = ada.say(&room, "third").await;
    let socket = ada.socket().await;
    let since = seq(&first);
    let joined = join(&socket, json!({ "roomId": room, "since": since })).await;
    assert_eq!(joined["reset"], false);
    assert_eq!(seqs(list(&joined, "changes")), [since + 1, since + 2]);
    assert_eq!(list(&joined, "changes")[1]["event"], "message_received");
    assert_eq!(list(&joined, "changes")[1]["data"], third);
    assert!(joined.get("messages").is_none(), "{joined}");

    let with_epoch = json!({ "roomId": room, "since": since + 2, "epoch": joined["epoch"] });
    let joined = join(&socket, with_epoch).await;
    assert_eq!(
        (&joined["reset"], &joined["changes"]),
        (&json!(false), &json!([]))
    );
    let fourth = ada.say(&room, "fourth").await;
    assert_eq!(
        socket.expect_event("message_received").await.unwrap(),
        fourth
    );
}

async fn a_place_beyond_the_log_or_in_another_epoch_is_reset(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let said = ada.say(&room, "hello").await;
    let socket = ada.socket().await;
    for payload in [
        json!({ "roomId": room, "since": seq(&said) + 1 }),
        json!({ "roomId": room, "since": 9_000_000_000_000_u64 }),
        json!({ "roomId": room, "since": 0, "epoch": "another history" }),
    ] {
        let joined = join(&socket, payload).await;
        assert_eq!(joined["reset"], true, "{joined}");
        assert_eq!(list(&joined, "messages").last(), Some(&said));
        assert_eq!(joined["hasBefore"], false);
        assert_eq!(joined["lastSeq"], said["seq"]);
        assert!(joined.get("changes").is_none(), "{joined}");
    }
    let next = ada.say(&room, "next").await;
    assert_eq!(socket.expect_event("message_received").await.unwrap(), next);
}

async fn a_place_too_far_behind_is_reset(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let before = last_seq(&ada, &room).await;
    let socket = ada.socket().await;
    send_many(&socket, &room, 1001).await;
    let within = join(&socket, json!({ "roomId": room, "since": before + 1 })).await;
    assert_eq!(within["reset"], false);
    let expected: Vec<u64> = (before + 2..=before + 1001).collect();
    assert_eq!(
        seqs(list(&within, "changes")),
        expected,
        "1,000 entries are not too many"
    );
    let beyond = join(&socket, json!({ "roomId": room, "since": before })).await;
    assert_eq!(beyond["reset"], true, "never silently partial");
    assert_eq!(
        list(&beyond, "messages").last().map(seq),
        Some(before + 1001)
    );
    assert_eq!(beyond["hasBefore"], true);
}

/// Sends without waiting for each answer.
async fn send_many(socket: &loadtest::client::Socket, room: &str, count: usize) {
    let mut pending = Vec::with_capacity(count);
    for number in 0..count {
        let sent = json!({ "roomId": room, "content": format!("number {number}") });
        pending.push(socket.send_call("send_message", sent).await.unwrap());
    }
    for answer in pending {
        ok(answer.answer().await.unwrap());
    }
}

async fn joining_again_starts_the_feed_anew(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let said = ada.say(&room, "one").await;
    socket.expect_event("message_received").await.unwrap();
    let again = join(&socket, json!({ "roomId": room })).await;
    assert_eq!(again["lastSeq"], said["seq"]);
    let next = ada.say(&room, "two").await;
    assert_eq!(socket.expect_event("message_received").await.unwrap(), next);
    ada.say(&room, "three").await;
    socket.expect_event("message_received").await.unwrap();
    let heard = socket
        .seen_events()
        .into_iter()
        .filter(|event| event.name == "message_received");
    assert_eq!(heard.count(), 3, "joining twice made it hear twice");
}

async fn leaving_a_room_stops_its_feed_and_nothing_else(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let other = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    join(&socket, json!({ "roomId": other })).await;
    for _twice in 0..2 {
        ok(socket
            .call("leave_room", json!({ "roomId": room }))
            .await
            .unwrap());
    }
    ada.say(&room, "unheard").await;
    ada.say(&other, "heard").await;
    let heard = socket.expect_event("message_received").await.unwrap();
    assert_eq!(heard["content"], "heard");
    // Membership stays: one still writes there, and hears it again after joining.
    let sent = json!({ "roomId": room, "content": "from outside the feed" });
    ok(socket.call("send_message", sent).await.unwrap());
    let contents: Vec<_> = socket
        .seen_events()
        .into_iter()
        .filter(|event| event.name == "message_received")
        .map(|event| text(&event.data, "content").to_owned())
        .collect();
    assert_eq!(contents, ["heard"]);
    assert_eq!(ada.see(&room).await["membership"]["role"], "owner");
}

async fn many_rooms_are_resumed_at_once(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let mut rooms = Vec::new();
    for number in 0..3 {
        let room = ada.room("public").await;
        let first = ada.say(&room, "first").await;
        let second = ada.say(&room, &format!("second {number}")).await;
        rooms.push((room, seq(&first), second));
    }
    let secret = bob.room("private").await;
    let unknown = Uuid::now_v7().to_string();
    let mut asked: Vec<Value> = rooms
        .iter()
        .map(|(room, since, _)| json!({ "roomId": room, "since": since }))
        .collect();
    asked.push(json!({ "roomId": secret, "since": 0 }));
    asked.push(json!({ "roomId": unknown, "since": 0 }));
    asked.push(json!({ "roomId": "x", "since": 0 }));
    let socket = ada.socket().await;
    let resumed = ok(socket
        .call("resume", json!({ "rooms": asked }))
        .await
        .unwrap());
    let answers = list(&resumed, "rooms");
    assert_eq!(answers.len(), 6);
    for (answer, (room, _, second)) in answers.iter().zip(&rooms) {
        assert_eq!(answer["roomId"], room.as_str());
        assert_eq!(answer["reset"], false);
        assert_eq!(list(answer, "changes")[0]["data"], *second);
    }
    for answer in &answers[3..] {
        assert_eq!(answer["error"]["code"], "not_found", "{answer}");
    }
    for (room, ..) in &rooms {
        let next = ada.say(room, "next").await;
        assert_eq!(socket.expect_event("message_received").await.unwrap(), next);
    }
}

async fn a_resume_has_its_bounds(server: Server) {
    let ada = server.person("ada").await;
    let socket = ada.socket().await;
    let too_many: Vec<_> = (0..201)
        .map(|_| json!({ "roomId": Uuid::now_v7(), "since": 0 }))
        .collect();
    let answer = socket
        .call("resume", json!({ "rooms": too_many }))
        .await
        .unwrap();
    refused(&answer, "invalid");

    // 2,000 entries in all; the rest is told so, and is not partial.
    let mut asked = Vec::new();
    for count in [1000, 1000, 1] {
        let room = ada.room("public").await;
        let since = last_seq(&ada, &room).await;
        send_many(&socket, &room, count).await;
        asked.push(json!({ "roomId": room, "since": since }));
    }
    let fresh = ada.socket().await;
    let payload = json!({ "rooms": asked });
    let resumed = ok(fresh.call("resume", payload).await.unwrap());
    let answers = list(&resumed, "rooms");
    for answer in &answers[..2] {
        assert_eq!(answer["reset"], false);
        assert_eq!(list(answer, "changes").len(), 1000);
    }
    assert_eq!(answers[2]["reset"], true);
    assert!(
        answers[2]["messages"].as_array().is_none_or(Vec::is_empty),
        "{resumed}"
    );
}

async fn a_room_resumed_twice_at_once_is_taken_up_once(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let said = ada.say(&room, "hello").await;
    let socket = ada.socket().await;
    let asked = json!({ "roomId": room, "since": 0 });
    let resumed = ok(socket
        .call("resume", json!({ "rooms": [asked, asked] }))
        .await
        .unwrap());
    let answers = list(&resumed, "rooms");
    assert_eq!(list(&answers[0], "changes")[0]["data"], said);
    assert_eq!(answers[1]["error"]["code"], "invalid", "{resumed}");
    let next = ada.say(&room, "next").await;
    assert_eq!(socket.expect_event("message_received").await.unwrap(), next);
}

async fn pipelined_sends_are_stored_in_the_order_sent(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let listening = bob.socket_in(&room).await;
    let one = ada.socket_in(&room).await;
    let two = bob.socket_in(&room).await;
    let mut pending = Vec::new();
    for number in 0..500 {
        for (name, socket) in [("one", &one), ("two", &two)] {
            let sent = json!({ "roomId": room, "content": format!("{name} {number}") });
            pending.push((name, socket.send_call("send_message", sent).await.unwrap()));
        }
    }
    let (mut ones, mut twos) = (Vec::new(), Vec::new());
    for (name, answer) in pending {
        let answer = ok(answer.answer().await.unwrap());
        let stored = if name == "one" { &mut ones } else { &mut twos };
        stored.push(seq(&answer["message"]));
    }
    for stored in [&ones, &twos] {
        assert!(
            stored.is_sorted_by(|earlier, later| earlier < later),
            "{stored:?}"
        );
    }
    let mut heard = Vec::new();
    for _message in 0..1000 {
        heard.push(seq(&listening
            .expect_event("message_received")
            .await
            .unwrap()));
    }
    let first = heard[0];
    let expected: Vec<u64> = (first..first + 1000).collect();
    assert_eq!(heard, expected, "everything once, in order, without a gap");
}

async fn what_a_log_is_asked_must_make_sense(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    for query in [
        "since=-1",
        "since=0&limit=0",
        "since=0&limit=1001",
        "since=0&limit=-5",
    ] {
        let path = format!("/api/rooms/{room}/changes?{query}");
        problem(&ada.rest.get(&path).await.unwrap(), "invalid");
    }
    for query in ["", "since=", "since=x"] {
        let answer = ada
            .rest
            .get(&format!("/api/rooms/{room}/changes?{query}"))
            .await
            .unwrap();
        assert!(
            matches!(answer.code(), "bad_request" | "invalid"),
            "{query}: {}",
            answer.json
        );
    }
    let socket = ada.socket().await;
    for (field, value, code) in [
        ("since", json!(-1), "invalid"),
        ("limit", json!(0), "invalid"),
        ("limit", json!(-1), "invalid"),
        ("limit", json!(201), "invalid"),
        ("since", json!("1"), "bad_request"),
        ("limit", json!("1"), "bad_request"),
    ] {
        let payload = json!({ "roomId": room, field: value });
        let answer = socket.call("join_room", payload).await.unwrap();
        refused(&answer, code);
    }
}
