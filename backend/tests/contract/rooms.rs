//! Rooms: making, finding, changing and archiving them.

use loadtest::client::Response;
use serde_json::{Value, json};

use crate::support::{
    expect::{is_a_time, list, ok, problem, refused, seq, status, text},
    on_both_databases,
    people::Person,
    server::Server,
};

on_both_databases!(
    a_new_room_belongs_to_its_maker,
    a_refused_room_is_not_made,
    a_direct_room_is_made_once_for_the_same_people,
    a_direct_room_of_impossible_people_is_refused,
    people_hear_of_a_direct_room_they_were_put_in,
    a_private_room_does_not_exist_for_those_outside,
    the_owner_of_the_server_gets_into_no_private_room,
    rooms_are_listed_by_kind_membership_and_name,
    a_list_of_rooms_is_read_page_by_page,
    a_room_is_renamed_by_its_owner_and_everybody_hears,
    a_member_does_not_rename_a_room,
    an_archived_room_can_be_read_and_not_written,
    archiving_is_for_the_owner_and_is_heard,
);

async fn make(person: &Person, body: Value) -> Response {
    person.rest.post("/api/rooms", &body).await.unwrap()
}

fn ids(answer: &Value) -> Vec<String> {
    let mut ids: Vec<String> = list(answer, "rooms")
        .iter()
        .map(|room| text(room, "id").to_owned())
        .collect();
    ids.sort_unstable();
    ids
}

async fn a_new_room_belongs_to_its_maker(server: Server) {
    let ada = server.person("ada").await;
    for kind in ["public", "private"] {
        let body = json!({ "name": "  Harbour  ", "kind": kind, "topic": "Boats" });
        let room = status(&make(&ada, body).await, 201);
        assert_eq!(room["name"], "Harbour", "a name is trimmed");
        assert_eq!(room["topic"], "Boats");
        assert_eq!(room["kind"], kind);
        assert_eq!(room["ownerId"], ada.id);
        assert_eq!(room["memberCount"], 1);
        assert_eq!(room["membership"]["role"], "owner");
        is_a_time(&room["createdAt"]);
        is_a_time(&room["lastActivityAt"]);
        let seen = ada.see(text(&room, "id")).await;
        assert_eq!(seen["id"], room["id"]);
        assert_eq!(seen["lastSeq"], room["lastSeq"]);
    }
}

async fn a_refused_room_is_not_made(server: Server) {
    let ada = server.person("ada").await;
    let named = |name: &str| json!({ "name": name, "kind": "public" });
    for (body, code) in [
        (named(""), "invalid"),
        (named("   "), "invalid"),
        (named(&"x".repeat(81)), "invalid"),
        (named("nul\0nul"), "invalid"),
        (json!({ "name": "Room", "kind": "secret" }), "invalid"),
        (
            json!({ "name": "Room", "kind": "public", "topic": "x".repeat(501) }),
            "invalid",
        ),
        (json!({ "name": "Room" }), "bad_request"),
        (json!({ "kind": "public" }), "bad_request"),
        (json!({ "kind": "direct" }), "bad_request"),
        (json!(["public", "Room"]), "bad_request"),
        (json!({ "name": 7, "kind": "public" }), "bad_request"),
        (json!({ "name": "Room", "kind": 7 }), "bad_request"),
    ] {
        problem(&make(&ada, body).await, code);
    }
    assert_eq!(ada.read("/api/rooms").await["rooms"], json!([]));
    // The edges are allowed, and a name need not be unique.
    for _twice in 0..2 {
        let body = json!({ "name": "ö".repeat(80), "kind": "public", "topic": "x".repeat(500) });
        status(&make(&ada, body).await, 201);
    }
}

async fn a_direct_room_is_made_once_for_the_same_people(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let direct = |people: &[&Person]| {
        let ids: Vec<_> = people.iter().map(|person| person.id.clone()).collect();
        json!({ "kind": "direct", "userIds": ids })
    };
    let room = status(&make(&ada, direct(&[&bob])).await, 201);
    assert_eq!(room["kind"], "direct");
    assert_eq!(room["memberCount"], 2);
    for (person, others) in [(&ada, &bob), (&bob, &ada)] {
        let again = status(&make(person, direct(&[others])).await, 200);
        assert_eq!(again["id"], room["id"]);
    }
    // Naming oneself as well, or somebody twice, changes nothing.
    let again = status(&make(&ada, direct(&[&bob, &ada, &bob])).await, 200);
    assert_eq!(again["id"], room["id"]);

    let three = status(&make(&cleo, direct(&[&ada, &bob])).await, 201);
    assert_ne!(three["id"], room["id"]);
    assert_eq!(three["memberCount"], 3);

    // Two people writing to each other at the same moment find one room.
    let (one, other) = tokio::join!(make(&bob, direct(&[&cleo])), make(&cleo, direct(&[&bob])));
    assert_eq!(one.json["id"], other.json["id"]);
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 201]);
}

async fn a_direct_room_of_impossible_people_is_refused(server: Server) {
    let ada = server.person("ada").await;
    let direct = |ids: Value| json!({ "kind": "direct", "userIds": ids });
    let unknown = uuid::Uuid::now_v7().to_string();
    problem(&make(&ada, direct(json!([unknown]))).await, "not_found");
    problem(&make(&ada, direct(json!([]))).await, "invalid");
    problem(&make(&ada, direct(json!([ada.id]))).await, "invalid");
    problem(&make(&ada, direct(json!("bob"))).await, "bad_request");
    let many: Vec<_> = (0..21).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    problem(&make(&ada, direct(json!(many))).await, "invalid");
    assert_eq!(ada.read("/api/rooms").await["rooms"], json!([]));
}

async fn people_hear_of_a_direct_room_they_were_put_in(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let socket = bob.socket().await;
    let room = ada.direct(&[&bob]).await;
    let added = socket.expect_event("room_added").await.unwrap();
    assert_eq!(added["room"]["id"], room.as_str());
    assert_eq!(added["room"]["kind"], "direct");
    bob.say(&room, "hello").await;
}

async fn a_private_room_does_not_exist_for_those_outside(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    let message = ada.say(&room, "secret").await;
    let message = text(&message, "id");
    let before = ada.log(&room).await;
    let rest = &bob.rest;
    let to = |rest: &str| format!("/api/rooms/{room}{rest}");
    for path in [
        to(""),
        to("/messages"),
        to("/changes?since=0"),
        to("/members"),
    ] {
        problem(&rest.get(&path).await.unwrap(), "not_found");
    }
    let content = json!({ "content": "hello" });
    let message_path = to(&format!("/messages/{message}"));
    let member_path = to(&format!("/members/{}", bob.id));
    problem(
        &rest.post(&to("/messages"), &content).await.unwrap(),
        "not_found",
    );
    problem(
        &rest.patch(&message_path, &content).await.unwrap(),
        "not_found",
    );
    problem(&rest.delete(&message_path).await.unwrap(), "not_found");
    problem(
        &rest.post(&to("/members"), &json!({})).await.unwrap(),
        "not_found",
    );
    problem(&rest.delete(&member_path).await.unwrap(), "not_found");
    problem(
        &rest
            .patch(&member_path, &json!({ "role": "owner" }))
            .await
            .unwrap(),
        "not_found",
    );
    problem(
        &rest
            .patch(&to(""), &json!({ "name": "Mine" }))
            .await
            .unwrap(),
        "not_found",
    );
    problem(
        &rest.post(&to("/archive"), &json!({})).await.unwrap(),
        "not_found",
    );
    problem(
        &rest
            .patch(&to("/membership"), &json!({ "notify": "all" }))
            .await
            .unwrap(),
        "not_found",
    );
    problem(
        &rest
            .put(&to("/read"), &json!({ "messageId": message }))
            .await
            .unwrap(),
        "not_found",
    );

    let socket = bob.socket().await;
    let in_room = json!({
        "roomId": room, "messageId": message, "content": "hello", "emoji": "👍",
    });
    for event in [
        "join_room",
        "send_message",
        "edit_message",
        "delete_message",
        "add_reaction",
        "remove_reaction",
        "mark_read",
        "start_typing",
    ] {
        let answer = socket.call(event, in_room.clone()).await.unwrap();
        refused(&answer, "not_found");
    }
    assert_eq!(bob.read("/api/rooms").await["rooms"], json!([]));
    assert_eq!(
        ada.log(&room).await,
        before,
        "somebody outside wrote to the log"
    );
}

async fn the_owner_of_the_server_gets_into_no_private_room(server: Server) {
    let owner = server.person("owner").await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    for room in [ada.room("private").await, ada.direct(&[&bob]).await] {
        problem(
            &owner.rest.get(&format!("/api/rooms/{room}")).await.unwrap(),
            "not_found",
        );
        let path = format!("/api/rooms/{room}/messages");
        problem(&owner.rest.get(&path).await.unwrap(), "not_found");
        let path = format!("/api/rooms/{room}/members");
        problem(
            &owner.rest.post(&path, &json!({})).await.unwrap(),
            "not_found",
        );
    }
}

async fn rooms_are_listed_by_kind_membership_and_name(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let named = async |name: &str, kind: &str| {
        let room = ada.rest.create_room(name, kind).await.unwrap();
        text(&room, "id").to_owned()
    };
    let harbour = named("Harbour", "public").await;
    let library = named("Library", "public").await;
    let secret = named("Secret harbour", "private").await;
    let direct = ada.direct(&[&bob]).await;
    bob.join(&harbour).await;

    let sorted = |ids: &[&String]| {
        let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
        ids.sort_unstable();
        ids
    };
    let seen = ids(&ada.read("/api/rooms").await);
    assert_eq!(seen, sorted(&[&harbour, &library, &secret, &direct]));
    let seen = ids(&bob.read("/api/rooms").await);
    assert_eq!(seen, sorted(&[&harbour, &library, &direct]));
    let seen = ids(&bob.read("/api/rooms?joined=true").await);
    assert_eq!(seen, sorted(&[&harbour, &direct]));
    assert_eq!(
        ids(&bob.read("/api/rooms?kind=direct").await),
        sorted(&[&direct])
    );
    assert_eq!(
        ids(&ada.read("/api/rooms?q=harb").await),
        sorted(&[&harbour, &secret])
    );
    assert_eq!(
        ids(&bob.read("/api/rooms?kind=public&q=HARB").await),
        sorted(&[&harbour])
    );
    problem(
        &ada.rest.get("/api/rooms?kind=secret").await.unwrap(),
        "invalid",
    );

    let rooms = bob.read("/api/rooms").await;
    for room in list(&rooms, "rooms") {
        let is_member = room["id"] != library.as_str();
        assert_eq!(room["membership"].is_object(), is_member, "{room}");
    }
}

async fn a_list_of_rooms_is_read_page_by_page(server: Server) {
    let ada = server.person("ada").await;
    let mut made = Vec::new();
    for _room in 0..5 {
        made.push(ada.room("public").await);
    }
    let mut seen = Vec::new();
    let mut path = "/api/rooms?limit=2".to_owned();
    for _page in 0..5 {
        let page = ada.read(&path).await;
        assert!(list(&page, "rooms").len() <= 2);
        seen.extend(ids(&page));
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        path = format!("/api/rooms?limit=2&cursor={cursor}");
    }
    made.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, made);
    for limit in ["0", "-1", "999999999999"] {
        let answer = ada
            .rest
            .get(&format!("/api/rooms?limit={limit}"))
            .await
            .unwrap();
        problem(&answer, "invalid");
    }
    problem(
        &ada.rest.get("/api/rooms?cursor=made-up").await.unwrap(),
        "invalid",
    );
}

async fn a_room_is_renamed_by_its_owner_and_everybody_hears(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = bob.socket_in(&room).await;
    let before = ada.see(&room).await;

    let body = json!({ "name": "Quay", "topic": "Ships" });
    let path = format!("/api/rooms/{room}");
    let changed = status(&ada.rest.patch(&path, &body).await.unwrap(), 200);
    assert_eq!(
        (&changed["name"], &changed["topic"]),
        (&json!("Quay"), &json!("Ships"))
    );
    let heard = socket.expect_event("room_updated").await.unwrap();
    assert_eq!(heard["roomId"], room.as_str());
    assert_eq!(seq(&heard), before["lastSeq"].as_u64().unwrap() + 1);
    assert_eq!(heard["room"]["name"], "Quay");
    assert!(heard["room"].get("membership").is_none(), "{heard}");

    for refused in [json!({ "name": "" }), json!({ "topic": "x".repeat(501) })] {
        problem(&ada.rest.patch(&path, &refused).await.unwrap(), "invalid");
    }
    assert_eq!(bob.see(&room).await["name"], "Quay");
}

async fn a_member_does_not_rename_a_room(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let path = format!("/api/rooms/{room}");
    let body = json!({ "name": "Mine" });
    problem(&bob.rest.patch(&path, &body).await.unwrap(), "forbidden");
    bob.join(&room).await;
    problem(&bob.rest.patch(&path, &body).await.unwrap(), "forbidden");
    assert_eq!(ada.see(&room).await["name"], "A room");
}

async fn an_archived_room_can_be_read_and_not_written(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = bob.socket_in(&room).await;
    let message = bob.say(&room, "before").await;
    let message = text(&message, "id");
    let archive = format!("/api/rooms/{room}/archive");
    let archived = status(&ada.rest.post(&archive, &json!({})).await.unwrap(), 200);
    is_a_time(&archived["archivedAt"]);
    let length = ada.log(&room).await.len();

    let to = |rest: &str| format!("/api/rooms/{room}{rest}");
    let content = json!({ "content": "after" });
    let one = to(&format!("/messages/{message}"));
    problem(
        &bob.rest.post(&to("/messages"), &content).await.unwrap(),
        "gone",
    );
    problem(&bob.rest.patch(&one, &content).await.unwrap(), "gone");
    problem(&bob.rest.delete(&one).await.unwrap(), "gone");
    problem(
        &ada.rest
            .patch(&to(""), &json!({ "name": "After" }))
            .await
            .unwrap(),
        "gone",
    );
    let in_room = json!({
        "roomId": room, "messageId": message, "content": "after", "emoji": "👍",
    });
    for event in [
        "send_message",
        "edit_message",
        "delete_message",
        "add_reaction",
    ] {
        refused(&socket.call(event, in_room.clone()).await.unwrap(), "gone");
    }
    assert_eq!(bob.history(&room).await.len(), 1);
    ok(socket
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    assert_eq!(
        ada.log(&room).await.len(),
        length,
        "an archived room was written to"
    );
}

async fn archiving_is_for_the_owner_and_is_heard(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = bob.socket_in(&room).await;
    let archive = format!("/api/rooms/{room}/archive");
    problem(
        &bob.rest.post(&archive, &json!({})).await.unwrap(),
        "forbidden",
    );
    status(&ada.rest.post(&archive, &json!({})).await.unwrap(), 200);
    let heard = socket.expect_event("room_archived").await.unwrap();
    assert_eq!(heard["roomId"], room.as_str());
    is_a_time(&heard["room"]["archivedAt"]);
    assert_eq!(
        seq(&heard),
        ada.see(&room).await["lastSeq"].as_u64().unwrap()
    );
}
