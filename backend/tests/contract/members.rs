//! Who belongs to a room: joining, adding, roles, leaving and being removed.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    expect::{list, ok, problem, refused, seq, status, text},
    on_both_databases,
    people::Person,
    server::Server,
};

on_both_databases!(
    anybody_joins_a_public_room_and_those_there_hear_it,
    joining_twice_is_one_entry,
    people_are_added_to_a_private_room_and_told,
    a_new_member_of_a_private_room_sees_its_past,
    adding_people_who_cannot_be_added_is_refused,
    members_are_listed_with_those_online_first,
    a_list_of_members_is_read_page_by_page,
    the_owner_gives_a_role_and_it_is_heard,
    roles_are_not_given_by_those_who_have_none,
    whoever_is_removed_hears_nothing_more,
    a_member_removes_nobody_but_themselves,
    leaving_keeps_the_room_for_the_others,
    the_oldest_admin_takes_over_from_the_last_owner,
    the_people_of_a_direct_room_are_fixed,
    nobody_outside_writes_to_a_public_room,
);

fn members(room: &str) -> String {
    format!("/api/rooms/{room}/members")
}

async fn set_role(by: &Person, room: &str, of: &Person, role: &str) -> loadtest::client::Response {
    let path = format!("{}/{}", members(room), of.id);
    by.rest
        .patch(&path, &json!({ "role": role }))
        .await
        .unwrap()
}

async fn remove(by: &Person, room: &str, of: &Person) -> loadtest::client::Response {
    by.rest
        .delete(&format!("{}/{}", members(room), of.id))
        .await
        .unwrap()
}

fn names(answer: &Value) -> Vec<String> {
    let name = |member: &Value| text(&member["user"], "username").to_owned();
    list(answer, "members").iter().map(name).collect()
}

async fn anybody_joins_a_public_room_and_those_there_hear_it(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let before = ada.see(&room).await["lastSeq"].as_u64().unwrap();

    bob.join(&room).await;
    let heard = socket.expect_event("member_added").await.unwrap();
    assert_eq!(heard["roomId"], room.as_str());
    assert_eq!(seq(&heard), before + 1);
    assert_eq!(heard["member"]["user"]["id"], bob.id);
    assert_eq!(heard["member"]["role"], "member");

    // Over the socket it is the same entry, and the answer includes it.
    let there = cleo.socket().await;
    let joined = ok(there
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    assert_eq!(joined["lastSeq"], before + 2);
    assert_eq!(joined["room"]["memberCount"], 3);
    let heard = socket.expect_event("member_added").await.unwrap();
    assert_eq!(heard["member"]["user"]["id"], cleo.id);
    assert_eq!(seq(&heard), before + 2);
}

async fn joining_twice_is_one_entry(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    for _twice in 0..2 {
        bob.join(&room).await;
        bob.socket_in(&room).await;
    }
    let added = ada.log(&room).await;
    let added = added
        .iter()
        .filter(|entry| entry["data"]["member"]["user"]["id"] == bob.id);
    assert_eq!(added.count(), 1);
    assert_eq!(ada.see(&room).await["memberCount"], 2);
}

async fn people_are_added_to_a_private_room_and_told(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    let socket = bob.socket().await;
    ada.add(&room, &bob).await;
    let added = socket.expect_event("room_added").await.unwrap();
    assert_eq!(added["room"]["id"], room.as_str());
    assert_eq!(added["room"]["membership"]["role"], "member", "{added}");
    ok(socket
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    bob.say(&room, "thank you").await;
}

async fn a_new_member_of_a_private_room_sees_its_past(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    ada.say(&room, "before bob").await;
    ada.add(&room, &bob).await;
    let history = bob.history(&room).await;
    assert_eq!(history[0]["content"], "before bob");
    // The past is not news.
    assert_eq!(bob.see(&room).await["membership"]["unread"], 0);
}

async fn adding_people_who_cannot_be_added_is_refused(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    let length = ada.log(&room).await.len();
    let add = async |ids: Value| {
        ada.rest
            .post(&members(&room), &json!({ "userIds": ids }))
            .await
            .unwrap()
    };
    problem(&add(json!([bob.id, Uuid::now_v7()])).await, "not_found");
    problem(&add(json!(["bob"])).await, "not_found");
    problem(&add(json!("bob")).await, "bad_request");
    problem(&add(json!([7])).await, "bad_request");
    assert_eq!(
        ada.log(&room).await.len(),
        length,
        "half of a refused request was done"
    );
}

async fn members_are_listed_with_those_online_first(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let zoe = server.person("zoe").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    let socket = zoe.socket_in(&room).await;
    let answer = ada.read(&members(&room)).await;
    assert_eq!(names(&answer)[0], "zoe", "{answer}");
    let first = &list(&answer, "members")[0];
    assert_eq!(first["presence"]["status"], "online");
    assert_eq!(first["here"], true);
    for member in &list(&answer, "members")[1..] {
        assert_eq!(member["presence"]["status"], "offline", "{member}");
        assert_eq!(member["here"], false, "{member}");
    }
    let joined = ok(socket
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    assert_eq!(names(&joined)[0], "zoe");
    assert_eq!(list(&joined, "members").len(), 3);
}

async fn a_list_of_members_is_read_page_by_page(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    for name in ["bob", "cleo", "dan", "eve"] {
        server.person(name).await.join(&room).await;
    }
    let mut seen = Vec::new();
    let mut path = format!("{}?limit=2", members(&room));
    for _page in 0..5 {
        let page = ada.read(&path).await;
        seen.extend(names(&page));
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        path = format!("{}?limit=2&cursor={cursor}", members(&room));
    }
    seen.sort_unstable();
    assert_eq!(seen, ["ada", "bob", "cleo", "dan", "eve"]);
    for limit in ["0", "-1", "99999999"] {
        let path = format!("{}?limit={limit}", members(&room));
        problem(&ada.rest.get(&path).await.unwrap(), "invalid");
    }
}

async fn the_owner_gives_a_role_and_it_is_heard(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = bob.socket_in(&room).await;
    status(&set_role(&ada, &room, &bob, "admin").await, 200);
    let heard = socket.expect_event("member_changed").await.unwrap();
    assert_eq!(heard["member"]["user"]["id"], bob.id);
    assert_eq!(heard["member"]["role"], "admin");
    assert_eq!(
        seq(&heard),
        ada.see(&room).await["lastSeq"].as_u64().unwrap()
    );
    assert_eq!(bob.see(&room).await["membership"]["role"], "admin");
    // An admin may do what a member may not.
    let path = format!("/api/rooms/{room}");
    status(
        &bob.rest
            .patch(&path, &json!({ "name": "Quay" }))
            .await
            .unwrap(),
        200,
    );
}

async fn roles_are_not_given_by_those_who_have_none(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    problem(&set_role(&bob, &room, &bob, "owner").await, "forbidden");
    problem(&set_role(&bob, &room, &ada, "member").await, "forbidden");
    problem(&set_role(&ada, &room, &bob, "king").await, "invalid");
    problem(&set_role(&ada, &room, &cleo, "admin").await, "not_found");
    let answer = ada
        .rest
        .patch(&format!("{}/{}", members(&room), bob.id), &json!({}))
        .await;
    problem(&answer.unwrap(), "bad_request");
    assert_eq!(ada.see(&room).await["membership"]["role"], "owner");
    assert_eq!(bob.see(&room).await["membership"]["role"], "member");
}

async fn whoever_is_removed_hears_nothing_more(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("private").await;
    ada.add(&room, &bob).await;
    let here = ada.socket_in(&room).await;
    let gone = bob.socket_in(&room).await;
    status(&remove(&ada, &room, &bob).await, 204);
    let cut = here.expect_event("member_removed").await.unwrap();
    assert_eq!(
        (&cut["userId"], &cut["by"]),
        (&json!(bob.id), &json!(ada.id))
    );
    let told = gone.expect_event("room_removed").await.unwrap();
    assert_eq!(told["roomId"], room.as_str());

    for number in 0..5 {
        ada.say(&room, &format!("about bob {number}")).await;
    }
    refused(
        &gone
            .call("join_room", json!({ "roomId": room }))
            .await
            .unwrap(),
        "not_found",
    );
    let since = json!({ "rooms": [{ "roomId": room, "since": 0 }] });
    let resumed = ok(gone.call("resume", since).await.unwrap());
    assert_eq!(
        list(&resumed, "rooms")[0]["error"]["code"],
        "not_found",
        "{resumed}"
    );
    let in_room = json!({ "roomId": room, "content": "still here?" });
    refused(
        &gone.call("send_message", in_room).await.unwrap(),
        "not_found",
    );
    for event in gone.seen_events() {
        let heard = event.data["seq"].as_u64().unwrap_or(0);
        assert!(
            heard < seq(&cut),
            "heard {} after the removal: {}",
            event.name,
            event.data
        );
    }
    let path = format!("/api/rooms/{room}/messages");
    problem(&bob.rest.get(&path).await.unwrap(), "not_found");
}

async fn a_member_removes_nobody_but_themselves(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    cleo.join(&room).await;
    problem(&remove(&bob, &room, &cleo).await, "forbidden");
    problem(&remove(&bob, &room, &ada).await, "forbidden");
    status(&remove(&bob, &room, &bob).await, 204);
    assert_eq!(ada.see(&room).await["memberCount"], 2);
    problem(&remove(&ada, &room, &bob).await, "not_found");
}

async fn leaving_keeps_the_room_for_the_others(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let stays = ada.socket_in(&room).await;
    let leaves = bob.socket_in(&room).await;
    status(&remove(&bob, &room, &bob).await, 204);
    let heard = stays.expect_event("member_removed").await.unwrap();
    assert_eq!(
        (&heard["userId"], &heard["by"]),
        (&json!(bob.id), &json!(bob.id))
    );
    leaves.expect_event("room_removed").await.unwrap();
    ada.say(&room, "still open").await;
    stays.expect_event("message_received").await.unwrap();
    // A public room can be read, and joined again.
    assert_eq!(bob.history(&room).await.len(), 1);
    bob.join(&room).await;
}

async fn the_oldest_admin_takes_over_from_the_last_owner(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    cleo.join(&room).await;
    status(&set_role(&ada, &room, &cleo, "admin").await, 200);
    status(&remove(&ada, &room, &ada).await, 204);
    assert_eq!(cleo.see(&room).await["membership"]["role"], "owner");
    assert_eq!(bob.see(&room).await["membership"]["role"], "member");
    // Without an admin it is the oldest member.
    status(&remove(&cleo, &room, &cleo).await, 204);
    assert_eq!(bob.see(&room).await["membership"]["role"], "owner");
}

async fn the_people_of_a_direct_room_are_fixed(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.direct(&[&bob]).await;
    problem(&remove(&ada, &room, &ada).await, "forbidden");
    problem(&remove(&ada, &room, &bob).await, "forbidden");
    let body = json!({ "userIds": [cleo.id] });
    problem(
        &ada.rest.post(&members(&room), &body).await.unwrap(),
        "forbidden",
    );
    assert_eq!(ada.see(&room).await["memberCount"], 2);
}

async fn nobody_outside_writes_to_a_public_room(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let message = ada.say(&room, "hello").await;
    let before = ada.log(&room).await;
    assert_eq!(
        bob.history(&room).await.len(),
        1,
        "a public room can be read"
    );
    let path = format!("/api/rooms/{room}/messages");
    let answer = bob
        .rest
        .post(&path, &json!({ "content": "hi" }))
        .await
        .unwrap();
    problem(&answer, "forbidden");
    let socket = bob.socket().await;
    let in_room = json!({
        "roomId": room, "messageId": message["id"], "content": "hi", "emoji": "👍",
    });
    for event in ["send_message", "add_reaction"] {
        refused(
            &socket.call(event, in_room.clone()).await.unwrap(),
            "forbidden",
        );
    }
    assert_eq!(ada.log(&room).await, before);
}
