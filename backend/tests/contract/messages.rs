//! Messages: sending, repeating, editing, deleting, reacting and reading back.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    expect::{is_a_time, list, ok, problem, refused, seq, seqs, status, text},
    on_both_databases,
    people::Person,
    server::Server,
};

on_both_databases!(
    a_sent_message_arrives_whole_at_everybody,
    the_same_rules_hold_for_sending_over_rest,
    a_repeated_client_id_stores_nothing_and_shows_the_original,
    a_client_id_belongs_to_one_author_in_one_room,
    many_copies_of_one_send_at_once_are_stored_once,
    content_has_its_limits,
    the_other_fields_of_a_message_have_theirs,
    a_reply_quotes_what_it_answers,
    a_reply_to_nothing_is_refused,
    an_edit_is_heard_and_shown_ever_after,
    an_edit_is_for_the_author_and_obeys_the_rules,
    an_edit_that_crosses_another_is_a_conflict_and_changes_nothing,
    a_deleted_message_keeps_its_place_and_loses_its_text,
    deleting_is_for_the_author_and_the_rooms_owner,
    reactions_are_counted_heard_and_idempotent,
    a_refused_reaction_is_not_counted,
    people_are_mentioned_by_name,
);

fn messages(room: &str) -> String {
    format!("/api/rooms/{room}/messages")
}

async fn find(person: &Person, room: &str, message: &str) -> Value {
    let history = person.history(room).await;
    let found = history.into_iter().find(|other| other["id"] == message);
    found.expect("the message is in the history")
}

async fn a_sent_message_arrives_whole_at_everybody(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let listening = bob.socket_in(&room).await;
    let polling = bob.polling_socket().await;
    ok(polling
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    let sending = ada.socket_in(&room).await;
    let elsewhere = ada.socket_in(&room).await;
    let before = ada.see(&room).await["lastSeq"].as_u64().unwrap();

    let content = "Grüße 👋🏽 \"quoted\" \\ <b>\n\u{2028}tab\t";
    let sent = json!({
        "roomId": room, "content": content, "clientId": "c-1", "metadata": { "a": [1, null] },
    });
    let answer = ok(sending.call("send_message", sent).await.unwrap());
    assert_eq!(answer["duplicate"], false);
    let message = &answer["message"];
    assert_eq!(message["content"], content);
    assert_eq!(message["roomId"], room.as_str());
    assert_eq!(message["kind"], "text");
    assert_eq!(message["clientId"], "c-1");
    assert_eq!(message["metadata"], json!({ "a": [1, null] }));
    assert_eq!(message["author"]["id"], ada.id);
    assert_eq!(message["author"]["username"], "ada");
    assert_eq!(message["reactions"], json!([]));
    assert_eq!(message["mentions"], json!([]));
    assert_eq!(seq(message), before + 1);
    assert_eq!(message["revSeq"], message["seq"]);
    is_a_time(&message["createdAt"]);
    Uuid::parse_str(text(message, "id")).expect("an id is a UUID");

    for socket in [&listening, &polling, &sending, &elsewhere] {
        let heard = socket.expect_event("message_received").await.unwrap();
        assert_eq!(&heard, message);
    }
    assert_eq!(&find(&bob, &room, text(message, "id")).await, message);
    assert_eq!(bob.see(&room).await["lastMessage"]["id"], message["id"]);
}

async fn the_same_rules_hold_for_sending_over_rest(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let body = json!({ "content": "hello", "clientId": "c-1" });
    let made = status(&ada.rest.post(&messages(&room), &body).await.unwrap(), 201);
    assert_eq!(socket.expect_event("message_received").await.unwrap(), made);
    let again = status(&ada.rest.post(&messages(&room), &body).await.unwrap(), 200);
    assert_eq!(again, made);
    // The two doors lead to the same room.
    let sent = json!({ "roomId": room, "content": "other", "clientId": "c-1" });
    let answer = ok(socket.call("send_message", sent).await.unwrap());
    assert_eq!(answer["duplicate"], true);
    assert_eq!(answer["message"], made);
    assert_eq!(ada.history(&room).await.len(), 1);
}

async fn a_repeated_client_id_stores_nothing_and_shows_the_original(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let sent = |content: &str| json!({ "roomId": room, "content": content, "clientId": "c-1" });
    let first = ok(socket.call("send_message", sent("first")).await.unwrap());
    let id = text(&first["message"], "id").to_owned();
    let again = ok(socket.call("send_message", sent("second")).await.unwrap());
    assert_eq!(again["duplicate"], true);
    assert_eq!(again["message"], first["message"]);

    // The original as it now is: edited, and in the end deleted.
    let edit = json!({ "roomId": room, "messageId": id, "content": "edited" });
    ok(socket.call("edit_message", edit).await.unwrap());
    let again = ok(socket.call("send_message", sent("first")).await.unwrap());
    assert_eq!(again["message"]["content"], "edited");
    let delete = json!({ "roomId": room, "messageId": id });
    ok(socket.call("delete_message", delete).await.unwrap());
    let again = ok(socket.call("send_message", sent("first")).await.unwrap());
    assert_eq!(again["duplicate"], true);
    assert_eq!(again["message"]["content"], "");
    assert_eq!(ada.history(&room).await.len(), 1);
    let heard = socket.seen_events();
    assert_eq!(
        heard
            .iter()
            .filter(|event| event.name == "message_received")
            .count(),
        1
    );
}

async fn a_client_id_belongs_to_one_author_in_one_room(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let other = ada.room("public").await;
    bob.join(&room).await;
    let body = json!({ "content": "hello", "clientId": "same" });
    for (person, room) in [(&ada, &room), (&bob, &room), (&ada, &other)] {
        status(
            &person.rest.post(&messages(room), &body).await.unwrap(),
            201,
        );
    }
    assert_eq!(ada.history(&room).await.len(), 2);
    assert_eq!(ada.history(&other).await.len(), 1);
}

async fn many_copies_of_one_send_at_once_are_stored_once(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let mut sockets = Vec::new();
    for _connection in 0..4 {
        sockets.push(ada.socket_in(&room).await);
    }
    let sent = json!({ "roomId": room, "content": "once", "clientId": "c-1" });
    let mut pending = Vec::new();
    for _copy in 0..5 {
        for socket in &sockets {
            pending.push(
                socket
                    .send_call("send_message", sent.clone())
                    .await
                    .unwrap(),
            );
        }
    }
    let mut originals = 0;
    let mut ids = Vec::new();
    for answer in pending {
        let answer = ok(answer.answer().await.unwrap());
        originals += u32::from(answer["duplicate"] == false);
        ids.push(text(&answer["message"], "id").to_owned());
    }
    assert_eq!(originals, 1);
    ids.dedup();
    assert_eq!(ids.len(), 1, "one message has one id");
    assert_eq!(ada.history(&room).await.len(), 1);
}

async fn content_has_its_limits(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let send = async |content: String| {
        let sent = json!({ "roomId": room, "content": content });
        socket.call("send_message", sent).await.unwrap()
    };
    let rest = async |content: &str| {
        ada.rest
            .post(&messages(&room), &json!({ "content": content }))
            .await
            .unwrap()
    };
    for content in [
        "",
        " ",
        "\n\t \u{a0}",
        "nul\0nul",
        &"x".repeat(10_001),
        &"é".repeat(10_001),
    ] {
        refused(&send(content.to_owned()).await, "invalid");
        let refusal = problem(&rest(content).await, "invalid");
        assert!(refusal["errors"]["content"].is_string(), "{refusal}");
    }
    assert!(
        ada.history(&room).await.is_empty(),
        "a refused message was stored"
    );
    for content in ["x", " x ", &"é".repeat(10_000), "👍"] {
        let answer = ok(send(content.to_owned()).await);
        assert_eq!(answer["message"]["content"], content);
    }
}

async fn the_other_fields_of_a_message_have_theirs(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let send = async |field: &str, value: Value| {
        let sent = json!({ "roomId": room, "content": "hello", field: value });
        socket.call("send_message", sent).await.unwrap()
    };
    for (field, value, code) in [
        ("clientId", json!(""), "invalid"),
        ("clientId", json!("x".repeat(65)), "invalid"),
        ("clientId", json!("nul\0nul"), "invalid"),
        ("clientId", json!(7), "bad_request"),
        ("metadata", json!({ "much": "x".repeat(4096) }), "invalid"),
        ("replyTo", json!(7), "bad_request"),
    ] {
        refused(&send(field, value).await, code);
    }
    let list = send("metadata", json!([1])).await;
    assert_eq!(list["ok"], false, "metadata is an object: {list}");
    assert!(
        ada.history(&room).await.is_empty(),
        "a refused message was stored"
    );
    ok(send("clientId", json!("ü".repeat(64))).await);
    ok(send("metadata", json!({ "much": "x".repeat(4000) })).await);
}

async fn a_reply_quotes_what_it_answers(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = bob.socket_in(&room).await;
    let question = ada.say(&room, "Where is the harbour?").await;
    let sent = json!({ "roomId": room, "content": "Down there", "replyTo": question["id"] });
    let answer = ok(socket.call("send_message", sent).await.unwrap());
    let quoted = &answer["message"]["replyTo"];
    assert_eq!(quoted["id"], question["id"]);
    assert_eq!(quoted["seq"], question["seq"]);
    assert_eq!(quoted["excerpt"], "Where is the harbour?");
    assert!(quoted["author"].to_string().contains("ada"), "{quoted}");

    // What is deleted is not quoted any more.
    let path = format!("{}/{}", messages(&room), text(&question, "id"));
    status(&ada.rest.delete(&path).await.unwrap(), 204);
    let reply = find(&bob, &room, text(&answer["message"], "id")).await;
    assert!(!reply.to_string().contains("harbour"), "{reply}");
    let log = bob.log(&room).await;
    assert!(
        !Value::from(log).to_string().contains("harbour"),
        "a deleted text was replayed"
    );
}

async fn a_reply_to_nothing_is_refused(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let other = ada.room("public").await;
    let elsewhere = ada.say(&other, "in another room").await;
    for target in [json!(Uuid::now_v7()), json!("x"), elsewhere["id"].clone()] {
        let body = json!({ "content": "hello", "replyTo": target });
        let answer = ada.rest.post(&messages(&room), &body).await.unwrap();
        assert!(
            matches!(answer.code(), "not_found" | "invalid"),
            "{}",
            answer.json
        );
    }
    assert!(ada.history(&room).await.is_empty());
}

async fn an_edit_is_heard_and_shown_ever_after(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let listening = bob.socket_in(&room).await;
    let editing = ada.socket_in(&room).await;
    let message = ada.say(&room, "frist").await;
    let id = text(&message, "id");
    let edit = json!({ "roomId": room, "messageId": id, "content": "first" });
    let answer = ok(editing.call("edit_message", edit).await.unwrap());
    let edited = &answer["message"];
    assert_eq!(edited["content"], "first");
    assert_eq!(edited["seq"], message["seq"]);
    assert!(
        edited["revSeq"].as_u64() > message["revSeq"].as_u64(),
        "{edited}"
    );
    is_a_time(&edited["editedAt"]);

    let heard = listening.expect_event("message_updated").await.unwrap();
    assert_eq!(heard["roomId"], room.as_str());
    assert_eq!(heard["seq"], edited["revSeq"]);
    assert_eq!(&heard["message"], edited);
    assert_eq!(&find(&bob, &room, id).await, edited);

    let path = format!("{}/{id}", messages(&room));
    let again = json!({ "content": "over REST" });
    let edited = status(&ada.rest.patch(&path, &again).await.unwrap(), 200);
    assert_eq!(edited["content"], "over REST");
    let heard = listening.expect_event("message_updated").await.unwrap();
    assert_eq!(heard["message"], edited);
}

async fn an_edit_is_for_the_author_and_obeys_the_rules(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = bob.room("public").await;
    ada.join(&room).await;
    let message = ada.say(&room, "mine").await;
    let id = text(&message, "id");
    let path = format!("{}/{id}", messages(&room));
    let content = |content: &str| json!({ "content": content });
    // Not even the owner of the room puts words into somebody's mouth.
    problem(
        &bob.rest.patch(&path, &content("yours")).await.unwrap(),
        "forbidden",
    );
    for bad in ["", "  ", "nul\0nul", &"x".repeat(10_001)] {
        problem(
            &ada.rest.patch(&path, &content(bad)).await.unwrap(),
            "invalid",
        );
    }
    problem(
        &ada.rest.patch(&path, &json!({})).await.unwrap(),
        "bad_request",
    );
    let unknown = format!("{}/{}", messages(&room), Uuid::now_v7());
    problem(
        &ada.rest.patch(&unknown, &content("x")).await.unwrap(),
        "not_found",
    );
    let other = ada.room("public").await;
    let elsewhere = format!("{}/{id}", messages(&other));
    problem(
        &ada.rest.patch(&elsewhere, &content("x")).await.unwrap(),
        "not_found",
    );
    assert_eq!(find(&bob, &room, id).await, message);
}

async fn an_edit_that_crosses_another_is_a_conflict_and_changes_nothing(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = bob.room("public").await;
    ada.join(&room).await;
    let socket = ada.socket_in(&room).await;
    let message = ada.say(&room, "at noon").await;
    let id = text(&message, "id");
    let path = format!("{}/{id}", messages(&room));
    let edit = |content: &str, expected: &Value| json!({ "content": content, "expectedEditedAt": expected });
    let over_socket = |content: &str, expected: &Value| {
        let mut payload = edit(content, expected);
        payload["roomId"] = json!(room);
        payload["messageId"] = json!(id);
        socket.call("edit_message", payload)
    };

    // Both saw it as it was made.
    let unedited = Value::Null;
    let one = ok(over_socket("at one", &unedited).await.unwrap())["message"].clone();
    refused(&over_socket("at two", &unedited).await.unwrap(), "conflict");
    let two = edit("at two", &unedited);
    let answer = ada.rest.patch(&path, &two).await.unwrap();
    assert_eq!(problem(&answer, "conflict")["status"], 409);
    assert_eq!(find(&ada, &room, id).await, one);

    // A reaction moves the revision, and is no other text.
    let react = json!({ "roomId": room, "messageId": id, "emoji": "👍" });
    ok(bob
        .socket_in(&room)
        .await
        .call("add_reaction", react)
        .await
        .unwrap());
    let seen = one["editedAt"].clone();
    status(
        &ada.rest.patch(&path, &edit("at two", &seen)).await.unwrap(),
        200,
    );
    // Whoever did not hear that this worked says it again, and is in no conflict with themselves.
    let again = ok(over_socket("at two", &seen).await.unwrap());
    assert_eq!(again["message"]["content"], "at two");
    refused(&over_socket("at three", &seen).await.unwrap(), "conflict");
    // Nobody has to say what they saw.
    let blindly = json!({ "content": "at four" });
    status(&ada.rest.patch(&path, &blindly).await.unwrap(), 200);
    assert_eq!(find(&bob, &room, id).await["content"], "at four");

    for bad in [json!("yesterday"), json!("")] {
        let answer = ada.rest.patch(&path, &edit("x", &bad)).await.unwrap();
        problem(&answer, "invalid");
    }
    let answer = ada.rest.patch(&path, &edit("x", &json!(5))).await.unwrap();
    problem(&answer, "bad_request");
}

async fn a_deleted_message_keeps_its_place_and_loses_its_text(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let listening = bob.socket_in(&room).await;
    let socket = ada.socket_in(&room).await;
    let message = ada.say(&room, "a regrettable remark").await;
    let id = text(&message, "id");
    let in_room = json!({ "roomId": room, "messageId": id, "emoji": "👍" });
    ok(socket.call("add_reaction", in_room.clone()).await.unwrap());
    ok(socket
        .call("delete_message", in_room.clone())
        .await
        .unwrap());

    let heard = listening.expect_event("message_deleted").await.unwrap();
    let gone = find(&bob, &room, id).await;
    assert_eq!(heard["message"], gone);
    assert_eq!(gone["content"], "");
    assert_eq!(gone["reactions"], json!([]));
    assert_eq!(gone["seq"], message["seq"]);
    assert_eq!(gone["author"], message["author"]);
    assert_eq!(gone["createdAt"], message["createdAt"]);
    is_a_time(&gone["deletedAt"]);

    let edit = json!({ "roomId": room, "messageId": id, "content": "changed my mind" });
    let answer = socket.call("edit_message", edit).await.unwrap();
    assert_eq!(
        answer["ok"], false,
        "a deleted message was edited: {answer}"
    );
    let answer = socket.call("add_reaction", in_room).await.unwrap();
    assert_eq!(
        answer["ok"], false,
        "a deleted message was reacted to: {answer}"
    );

    // Whoever comes later never sees the text, in no way there is.
    let joined = json!({ "roomId": room, "since": 0 });
    let joined = ok(bob.socket().await.call("join_room", joined).await.unwrap());
    let log = bob
        .read(&format!("/api/rooms/{room}/changes?since=0"))
        .await;
    let page = bob.read(&messages(&room)).await;
    for seen in [joined, log, page] {
        assert!(!seen.to_string().contains("regrettable"), "{seen}");
    }
}

async fn deleting_is_for_the_author_and_the_rooms_owner(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    cleo.join(&room).await;
    let path = async |said_by: &Person| {
        let message = said_by.say(&room, "hello").await;
        format!("{}/{}", messages(&room), text(&message, "id"))
    };
    let by_bob = path(&bob).await;
    problem(&cleo.rest.delete(&by_bob).await.unwrap(), "forbidden");
    status(&bob.rest.delete(&by_bob).await.unwrap(), 204);
    let by_cleo = path(&cleo).await;
    status(&ada.rest.delete(&by_cleo).await.unwrap(), 204);
    let by_ada = path(&ada).await;
    problem(&bob.rest.delete(&by_ada).await.unwrap(), "forbidden");
    let history = ada.history(&room).await;
    let left = history
        .iter()
        .filter(|message| message["content"] == "hello");
    assert_eq!(left.count(), 1);
}

async fn reactions_are_counted_heard_and_idempotent(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let ada_socket = ada.socket_in(&room).await;
    let bob_socket = bob.socket_in(&room).await;
    let message = ada.say(&room, "shall we?").await;
    let id = text(&message, "id");
    let react = |emoji: &str| json!({ "roomId": room, "messageId": id, "emoji": emoji });
    for (socket, emoji) in [
        (&ada_socket, "👍"),
        (&bob_socket, "👍"),
        (&bob_socket, "👍"),
        (&bob_socket, "👩‍👩‍👧‍👦"),
    ] {
        ok(socket.call("add_reaction", react(emoji)).await.unwrap());
    }
    let seen = find(&ada, &room, id).await;
    let thumbs = list(&seen, "reactions")
        .iter()
        .find(|reaction| reaction["emoji"] == "👍");
    let thumbs = thumbs.expect("the reaction is shown");
    assert_eq!(thumbs["count"], 2);
    assert_eq!(list(thumbs, "userIds").len(), 2);
    assert_eq!(list(&seen, "reactions").len(), 2);

    for _twice in 0..2 {
        ok(bob_socket
            .call("remove_reaction", react("👍"))
            .await
            .unwrap());
    }
    let seen = find(&ada, &room, id).await;
    let thumbs = list(&seen, "reactions")
        .iter()
        .find(|reaction| reaction["emoji"] == "👍");
    assert_eq!(thumbs.expect("one is left")["userIds"], json!([ada.id]));

    // Each change once, in order, with its place in the log.
    let mut heard = Vec::new();
    for _change in 0..3 {
        let added = ada_socket.expect_event("reaction_added").await.unwrap();
        assert_eq!(added["messageId"], id);
        heard.push(added);
    }
    let removed = ada_socket.expect_event("reaction_removed").await.unwrap();
    assert_eq!(
        (&removed["userId"], &removed["emoji"]),
        (&json!(bob.id), &json!("👍"))
    );
    heard.push(removed);
    let first = seq(&message) + 1;
    assert_eq!(seqs(&heard), [first, first + 1, first + 2, first + 3]);
    assert_eq!(seen["revSeq"], first + 3);
    assert_eq!(
        ada.see(&room).await["lastSeq"],
        first + 3,
        "a repeat took a place in the log"
    );
}

async fn a_refused_reaction_is_not_counted(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let message = ada.say(&room, "hello").await;
    let react =
        |id: &Value, emoji: Value| json!({ "roomId": room, "messageId": id, "emoji": emoji });
    for (emoji, code) in [
        (json!(""), "invalid"),
        (json!("\0"), "invalid"),
        (json!("x".repeat(500)), "invalid"),
        (json!(7), "bad_request"),
    ] {
        let answer = socket
            .call("add_reaction", react(&message["id"], emoji))
            .await
            .unwrap();
        refused(&answer, code);
    }
    for unknown in [json!(Uuid::now_v7()), json!("x")] {
        let answer = socket
            .call("add_reaction", react(&unknown, json!("👍")))
            .await
            .unwrap();
        refused(&answer, "not_found");
    }
    let seen = find(&ada, &room, text(&message, "id")).await;
    assert_eq!(seen["reactions"], json!([]));
}

async fn people_are_mentioned_by_name(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    cleo.join(&room).await;
    let message = ada
        .say(&room, "@bob look, and @nobody too; mail me at x@cleo")
        .await;
    assert_eq!(message["mentions"], json!([bob.id]));
    assert_eq!(bob.see(&room).await["membership"]["mentions"], 1);
    assert_eq!(cleo.see(&room).await["membership"]["mentions"], 0);
    assert_eq!(cleo.see(&room).await["membership"]["unread"], 1);
    ada.say(&room, "@all supper").await;
    assert_eq!(bob.see(&room).await["membership"]["mentions"], 2);
    assert_eq!(cleo.see(&room).await["membership"]["mentions"], 1);
}
