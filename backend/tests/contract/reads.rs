//! Reading: pages of history, read markers, unread counts and notifications.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    expect::{is_a_time, list, ok, problem, refused, seqs, status, text},
    on_both_databases,
    people::Person,
    server::Server,
};

on_both_databases!(
    the_newest_page_comes_first_and_ascending,
    history_is_read_backwards_to_the_beginning,
    history_is_read_forwards_around_and_at_a_time,
    a_page_that_makes_no_sense_is_refused,
    unread_counts_what_others_said_since,
    the_marker_moves_forward_only_unless_forced,
    ones_own_send_moves_the_marker,
    a_read_marker_is_told_to_ones_own_other_connections,
    reading_what_is_not_there_is_refused,
    notifications_are_chosen_for_each_room,
);

fn page_of(room: &str, query: &str) -> String {
    format!("/api/rooms/{room}/messages?{query}")
}

/// Says `count` things and gives the messages.
async fn talk(person: &Person, room: &str, count: usize) -> Vec<Value> {
    let mut said = Vec::with_capacity(count);
    for number in 0..count {
        said.push(person.say(room, &format!("number {number}")).await);
    }
    said
}

async fn mark(person: &Person, room: &str, message: &Value, force: bool) -> Value {
    let body = json!({ "messageId": message["id"], "force": force });
    let answer = person
        .rest
        .put(&format!("/api/rooms/{room}/read"), &body)
        .await
        .unwrap();
    status(&answer, 200)
}

async fn the_newest_page_comes_first_and_ascending(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let empty = ada.read(&format!("/api/rooms/{room}/messages")).await;
    assert_eq!(empty["messages"], json!([]));
    assert_eq!(
        (&empty["hasBefore"], &empty["hasAfter"]),
        (&json!(false), &json!(false))
    );

    let said = talk(&ada, &room, 53).await;
    let page = ada.read(&format!("/api/rooms/{room}/messages")).await;
    assert_eq!(list(&page, "messages"), &said[3..], "50 are the default");
    assert_eq!(
        (&page["hasBefore"], &page["hasAfter"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(page["lastSeq"], said[52]["seq"]);
    let page = ada.read(&page_of(&room, "limit=1")).await;
    assert_eq!(list(&page, "messages"), &said[52..]);
    let page = ada.read(&page_of(&room, "limit=200")).await;
    assert_eq!(list(&page, "messages"), said);
    assert_eq!(page["hasBefore"], false);
}

async fn history_is_read_backwards_to_the_beginning(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let said = talk(&ada, &room, 10).await;
    let mut read: Vec<Value> = Vec::new();
    let mut query = "limit=4".to_owned();
    for _page in 0..4 {
        let page = ada.read(&page_of(&room, &query)).await;
        let older = list(&page, "messages").to_vec();
        let oldest = older
            .first()
            .expect("a page that was promised is not empty");
        query = format!("limit=4&before={}", text(oldest, "id"));
        read.splice(0..0, older);
        if page["hasBefore"] == false {
            break;
        }
    }
    assert_eq!(seqs(&read), seqs(&said));
    let page = ada.read(&page_of(&room, &query)).await;
    assert_eq!(
        page["messages"],
        json!([]),
        "before the beginning there is nothing"
    );
}

async fn history_is_read_forwards_around_and_at_a_time(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let said = talk(&ada, &room, 9).await;
    let id = |place: usize| text(&said[place], "id");

    let page = ada
        .read(&page_of(&room, &format!("after={}&limit=3", id(2))))
        .await;
    assert_eq!(list(&page, "messages"), &said[3..6]);
    assert_eq!(
        (&page["hasBefore"], &page["hasAfter"]),
        (&json!(true), &json!(true))
    );
    let page = ada.read(&page_of(&room, &format!("after={}", id(8)))).await;
    assert_eq!(page["messages"], json!([]));
    assert_eq!(page["hasAfter"], false);

    let page = ada
        .read(&page_of(&room, &format!("around={}&limit=5", id(4))))
        .await;
    assert_eq!(list(&page, "messages"), &said[2..7]);
    assert_eq!(
        (&page["hasBefore"], &page["hasAfter"]),
        (&json!(true), &json!(true))
    );

    let all = ada
        .read(&page_of(&room, "at=2001-01-01T00:00:00.000Z&limit=200"))
        .await;
    assert_eq!(list(&all, "messages"), said, "what was said since then");
    assert_eq!(all["hasBefore"], false);
}

async fn a_page_that_makes_no_sense_is_refused(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let message = ada.say(&room, "hello").await;
    let id = text(&message, "id");
    for query in [
        "limit=0",
        "limit=-1",
        "limit=201",
        "limit=99999999999999999999",
    ] {
        let answer = ada.rest.get(&page_of(&room, query)).await.unwrap();
        // A number that fits nowhere may count as no number at all.
        assert!(
            matches!(answer.code(), "invalid" | "bad_request"),
            "{query}: {}",
            answer.json
        );
        if query != "limit=99999999999999999999" {
            problem(&answer, "invalid");
        }
    }
    for query in [
        "limit=x",
        "limit=",
        "at=yesterday",
        &format!("before={id}&after={id}"),
    ] {
        let answer = ada.rest.get(&page_of(&room, query)).await.unwrap();
        assert!(
            matches!(answer.code(), "invalid" | "bad_request"),
            "{query}: {}",
            answer.json
        );
    }
    let unknown = format!("before={}", Uuid::now_v7());
    problem(
        &ada.rest.get(&page_of(&room, &unknown)).await.unwrap(),
        "not_found",
    );
    let other = ada.room("public").await;
    let elsewhere = format!("around={id}");
    problem(
        &ada.rest.get(&page_of(&other, &elsewhere)).await.unwrap(),
        "not_found",
    );
}

async fn unread_counts_what_others_said_since(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    talk(&ada, &room, 3).await;
    bob.join(&room).await;
    let unread = async || bob.see(&room).await["membership"]["unread"].clone();
    assert_eq!(unread().await, 0, "the marker starts at the head");
    let said = talk(&ada, &room, 3).await;
    assert_eq!(unread().await, 3);
    assert_eq!(
        ada.see(&room).await["membership"]["unread"],
        0,
        "one's own do not count"
    );
    let path = format!("/api/rooms/{room}/messages/{}", text(&said[1], "id"));
    status(&ada.rest.delete(&path).await.unwrap(), 204);
    assert_eq!(unread().await, 2, "deleted ones do not count");
    mark(&bob, &room, &said[2], false).await;
    assert_eq!(unread().await, 0);

    let socket = ada.socket_in(&room).await;
    let mut pending = Vec::new();
    for number in 0..101 {
        let sent = json!({ "roomId": room, "content": format!("number {number}") });
        pending.push(socket.send_call("send_message", sent).await.unwrap());
        if number == 98 {
            for answer in pending.drain(..) {
                ok(answer.answer().await.unwrap());
            }
            assert_eq!(unread().await, 99);
        }
    }
    for answer in pending {
        ok(answer.answer().await.unwrap());
    }
    assert_eq!(unread().await, 100, "100 means more than 99");
}

async fn the_marker_moves_forward_only_unless_forced(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    let said = talk(&ada, &room, 3).await;
    let marked = mark(&bob, &room, &said[1], false).await;
    assert_eq!(marked["lastReadSeq"], said[1]["seq"]);
    assert_eq!(marked["lastReadId"], said[1]["id"]);
    assert_eq!(marked["unread"], 1);
    let marked = mark(&bob, &room, &said[0], false).await;
    assert_eq!(marked["lastReadSeq"], said[1]["seq"]);
    let marked = mark(&bob, &room, &said[0], true).await;
    assert_eq!(marked["lastReadSeq"], said[0]["seq"]);
    assert_eq!(marked["unread"], 2);
    let socket = bob.socket().await;
    let read = json!({ "roomId": room, "messageId": said[2]["id"] });
    let answer = ok(socket.call("mark_read", read).await.unwrap());
    assert_eq!(answer["membership"]["unread"], 0);
}

async fn ones_own_send_moves_the_marker(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    talk(&ada, &room, 2).await;
    let mine = bob.say(&room, "I have read that").await;
    let membership = &bob.see(&room).await["membership"];
    assert_eq!(membership["unread"], 0);
    assert_eq!(membership["lastReadSeq"], mine["seq"]);
}

async fn a_read_marker_is_told_to_ones_own_other_connections(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let others = ada.socket_in(&room).await;
    let here = bob.socket_in(&room).await;
    let there = bob.log_in_again(&server).await.socket_in(&room).await;
    let said = talk(&ada, &room, 2).await;
    let read = json!({ "roomId": room, "messageId": said[0]["id"] });
    ok(here.call("mark_read", read).await.unwrap());
    let told = there.expect_event("read_marked").await.unwrap();
    assert_eq!(told["roomId"], room.as_str());
    assert_eq!(told["lastReadSeq"], said[0]["seq"]);
    assert_eq!(told["lastReadId"], said[0]["id"]);
    assert_eq!(told["unread"], 1);
    // Nobody else is told what bob has read.
    ada.say(&room, "after").await;
    others
        .expect_where("message_received", |message| message["content"] == "after")
        .await
        .unwrap();
    assert!(
        others
            .seen_events()
            .iter()
            .all(|event| event.name != "read_marked")
    );
}

async fn reading_what_is_not_there_is_refused(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let other = ada.room("public").await;
    let elsewhere = ada.say(&other, "elsewhere").await;
    let path = format!("/api/rooms/{room}/read");
    for id in [json!(Uuid::now_v7()), json!("x"), elsewhere["id"].clone()] {
        let answer = ada
            .rest
            .put(&path, &json!({ "messageId": id }))
            .await
            .unwrap();
        problem(&answer, "not_found");
        let socket = ada.socket().await;
        let read = json!({ "roomId": room, "messageId": id });
        refused(&socket.call("mark_read", read).await.unwrap(), "not_found");
    }
    problem(
        &ada.rest.put(&path, &json!({})).await.unwrap(),
        "bad_request",
    );
    let message = ada.say(&room, "hello").await;
    let body = json!({ "messageId": message["id"] });
    problem(&bob.rest.put(&path, &body).await.unwrap(), "forbidden");
}

async fn notifications_are_chosen_for_each_room(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let path = format!("/api/rooms/{room}/membership");
    assert_eq!(ada.see(&room).await["membership"]["notify"], "all");
    let body = json!({ "notify": "mentions", "mutedUntil": "2030-01-02T03:04:05.678Z" });
    let changed = status(&ada.rest.patch(&path, &body).await.unwrap(), 200);
    assert_eq!(changed["notify"], "mentions");
    is_a_time(&changed["mutedUntil"]);
    let changed = status(
        &ada.rest
            .patch(&path, &json!({ "mutedUntil": null }))
            .await
            .unwrap(),
        200,
    );
    assert!(changed.get("mutedUntil").is_none(), "{changed}");
    assert_eq!(changed["notify"], "mentions", "what was not named stays");
    for (body, code) in [
        (json!({ "notify": "sometimes" }), "invalid"),
        (json!({ "mutedUntil": "tomorrow" }), "invalid"),
        (json!({ "notify": 7 }), "bad_request"),
    ] {
        problem(&ada.rest.patch(&path, &body).await.unwrap(), code);
    }
    assert_eq!(ada.see(&room).await["membership"]["notify"], "mentions");
    problem(
        &bob.rest
            .patch(&path, &json!({ "notify": "all" }))
            .await
            .unwrap(),
        "forbidden",
    );
}
