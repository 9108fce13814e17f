//! Who is here, who is online, and who is typing.

use serde_json::{Value, json};

use crate::support::{
    expect::{is_a_time, list, ok, refused, status, text},
    on_both_databases,
    people::Person,
    server::Server,
};

on_both_databases!(
    whoever_joins_is_seen_at_once,
    whoever_leaves_is_gone_at_once,
    a_second_connection_makes_nobody_arrive_or_leave,
    people_who_share_a_room_see_each_other_come_online_and_go,
    who_hides_when_they_were_last_here_is_seen_to_go_and_not_since_when,
    a_person_is_away_when_all_their_connections_are,
    strangers_hear_nothing_of_each_other,
    typing_is_seen_until_it_stops,
    typing_ends_by_itself,
    typing_is_for_members,
    a_presence_that_does_not_exist_is_refused,
);

async fn whoever_joins_is_seen_at_once(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let arriving = bob.socket_in(&room).await;
    let seen = here
        .expect_where("user_joined", is_about(&bob))
        .await
        .unwrap();
    assert_eq!(seen["roomId"], room.as_str());
    assert_eq!(seen["user"]["username"], "bob");
    is_a_time(&seen["at"]);
    let joined = ok(arriving
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    let everybody_is_here = list(&joined, "members")
        .iter()
        .all(|member| member["here"] == true);
    assert!(everybody_is_here, "{joined}");
}

async fn whoever_leaves_is_gone_at_once(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let leaving = bob.socket_in(&room).await;
    here.expect_where("user_joined", is_about(&bob))
        .await
        .unwrap();
    ok(leaving
        .call("leave_room", json!({ "roomId": room }))
        .await
        .unwrap());
    let seen = here
        .expect_where("user_left", is_about(&bob))
        .await
        .unwrap();
    assert_eq!(seen["roomId"], room.as_str());
    let joined = ok(here
        .call("join_room", json!({ "roomId": room }))
        .await
        .unwrap());
    let bob_there = list(&joined, "members")
        .iter()
        .find(|member| member["user"]["id"] == bob.id);
    let bob_there = bob_there.expect("membership stays");
    assert_eq!(bob_there["here"], false);
    assert_eq!(bob_there["presence"]["status"], "online");
}

async fn a_second_connection_makes_nobody_arrive_or_leave(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let first = bob.socket_in(&room).await;
    here.expect_where("user_joined", is_about(&bob))
        .await
        .unwrap();
    let second = bob.socket_in(&room).await;
    ok(second
        .call("leave_room", json!({ "roomId": room }))
        .await
        .unwrap());
    ok(first
        .call("leave_room", json!({ "roomId": room }))
        .await
        .unwrap());
    here.expect_where("user_left", is_about(&bob))
        .await
        .unwrap();
    let comings = here.seen_events().into_iter().filter(|event| {
        matches!(event.name.as_str(), "user_joined" | "user_left") && is_about(&bob)(&event.data)
    });
    let comings: Vec<_> = comings.map(|event| event.name).collect();
    assert_eq!(comings, ["user_joined", "user_left"]);
}

async fn people_who_share_a_room_see_each_other_come_online_and_go(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    let watching = ada.socket().await;
    let socket = bob.socket().await;
    let seen = watching
        .expect_where("presence_changed", is_of(&bob, "online"))
        .await
        .unwrap();
    is_a_time(&seen["lastSeenAt"]);
    socket.close().await.unwrap();
    watching
        .expect_where("presence_changed", is_of(&bob, "offline"))
        .await
        .unwrap();
}

async fn who_hides_when_they_were_last_here_is_seen_to_go_and_not_since_when(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    let direct = ada.direct(&[&bob]).await;
    let watching = ada.socket_in(&room).await;
    let leaving = bob.socket_in(&room).await;
    watching
        .expect_where("presence_changed", is_of(&bob, "online"))
        .await
        .unwrap();
    let visible = async |visible: bool| {
        let body = json!({ "lastSeenVisible": visible });
        let me = status(&bob.rest.patch("/api/users/me", &body).await.unwrap(), 200);
        assert_eq!(me["lastSeenVisible"], visible);
    };
    // All that ada can ask for and that speaks of bob.
    let asked = async || {
        let mut answers = Vec::new();
        for path in [
            "/api/users".to_owned(),
            format!("/api/users/{}", bob.id),
            format!("/api/rooms/{room}/members"),
            format!("/api/rooms/{room}/changes?since=0"),
            format!("/api/rooms/{direct}/members"),
        ] {
            answers.push(ada.read(&path).await);
        }
        for (event, payload) in [
            ("join_room", json!({ "roomId": direct })),
            ("join_room", json!({ "roomId": room, "since": 0 })),
            (
                "resume",
                json!({ "rooms": [{ "roomId": direct, "since": 0 }] }),
            ),
        ] {
            answers.push(ok(watching.call(event, payload).await.unwrap()));
        }
        answers
    };
    let times = |told: &[Value]| -> Vec<usize> {
        told.iter().map(|one| times_of(&bob, one).len()).collect()
    };
    assert_eq!(bob.read("/api/auth/me").await["lastSeenVisible"], true);
    let before = asked().await;
    assert!(
        times(&before[2..]).iter().all(|count| *count > 0),
        "{before:?}"
    );

    visible(false).await;
    let told = watching.seen_events().len();
    assert_eq!(times(&asked().await), [0; 8]);
    leaving.close().await.unwrap();
    let left = watching
        .expect_where("user_left", is_about(&bob))
        .await
        .unwrap();
    watching
        .expect_where("presence_changed", is_of(&bob, "offline"))
        .await
        .unwrap();
    let told = watching.seen_events().split_off(told);
    let told: Vec<Value> = told.into_iter().map(|event| event.data).collect();
    assert!(times(&told).iter().all(|count| *count == 0), "{told:?}");
    let answers = asked().await;
    assert_eq!(times(&answers), [0; 8]);
    let members = list(&answers[2], "members").iter();
    let statuses: Vec<_> = members
        .map(|member| &member["presence"]["status"])
        .collect();
    assert_eq!(statuses, ["online", "offline"]);

    // Whoever runs the server may know, and so may bob.
    let me = bob.read("/api/auth/me").await;
    is_a_time(&me["lastSeenAt"]);
    assert!(text(&left, "at") > text(&me, "lastSeenAt"), "told later");
    let people = ada.read("/api/admin/users?q=bob").await;
    is_a_time(&list(&people, "users")[0]["lastSeenAt"]);
    visible(true).await;
    let answers = asked().await;
    assert!(
        times(&answers).iter().all(|count| *count > 0),
        "{answers:?}"
    );
}

/// The times at which somebody is said to have been here last, wherever they stand.
fn times_of(person: &Person, told: &Value) -> Vec<Value> {
    let mut times = Vec::new();
    match told {
        Value::Object(fields) => {
            let is_theirs = told["id"] == person.id || told["userId"] == person.id;
            if is_theirs && told["lastSeenAt"].is_string() {
                times.push(told["lastSeenAt"].clone());
            }
            times.extend(fields.values().flat_map(|value| times_of(person, value)));
        }
        Value::Array(values) => {
            times.extend(values.iter().flat_map(|value| times_of(person, value)));
        }
        _ => {}
    }
    times
}

async fn a_person_is_away_when_all_their_connections_are(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    bob.join(&room).await;
    let watching = ada.socket().await;
    let desk = bob.socket().await;
    let phone = bob.socket().await;
    watching
        .expect_where("presence_changed", is_of(&bob, "online"))
        .await
        .unwrap();
    let away = json!({ "status": "away" });
    ok(desk.call("update_presence", away.clone()).await.unwrap());
    ok(phone.call("update_presence", away).await.unwrap());
    watching
        .expect_where("presence_changed", is_of(&bob, "away"))
        .await
        .unwrap();
    ok(desk
        .call("update_presence", json!({ "status": "online" }))
        .await
        .unwrap());
    watching
        .expect_where("presence_changed", is_of(&bob, "online"))
        .await
        .unwrap();
    let about_bob = watching
        .seen_events()
        .into_iter()
        .filter(|event| event.name == "presence_changed" && event.data["userId"] == bob.id);
    let statuses: Vec<_> = about_bob
        .map(|event| event.data["status"].clone())
        .collect();
    assert_eq!(statuses, ["online", "away", "online"]);
}

async fn strangers_hear_nothing_of_each_other(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cleo = server.person("cleo").await;
    let room = ada.room("public").await;
    cleo.join(&room).await;
    let watching = ada.socket().await;
    let stranger = bob.socket().await;
    let friend = cleo.socket().await;
    // What cleo causes comes after what bob would have caused.
    watching
        .expect_where("presence_changed", is_of(&cleo, "online"))
        .await
        .unwrap();
    let heard = watching.seen_events();
    assert!(
        heard.iter().all(|event| event.data["userId"] != bob.id),
        "{heard:?}"
    );
    drop((stranger, friend));
}

async fn typing_is_seen_until_it_stops(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let typing = bob.socket_in(&room).await;
    ok(typing
        .call("start_typing", json!({ "roomId": room }))
        .await
        .unwrap());
    let seen = here.expect_event("user_typing").await.unwrap();
    assert_eq!(seen, json!({ "roomId": room, "userId": bob.id }));
    ok(typing
        .call("stop_typing", json!({ "roomId": room }))
        .await
        .unwrap());
    let seen = here.expect_event("user_stopped_typing").await.unwrap();
    assert_eq!(seen, json!({ "roomId": room, "userId": bob.id }));
    // It is no entry of the log.
    let last = ada.see(&room).await["lastSeq"].as_u64();
    assert_eq!(ada.log(&room).await.len() as u64, last.unwrap());
}

async fn typing_ends_by_itself(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let typing = bob.socket_in(&room).await;
    ok(typing
        .call("start_typing", json!({ "roomId": room }))
        .await
        .unwrap());
    here.expect_event("user_typing").await.unwrap();
    here.expect_event("user_stopped_typing").await.unwrap();
}

async fn typing_is_for_members(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let here = ada.socket_in(&room).await;
    let outside = bob.socket().await;
    let answer = outside
        .call("start_typing", json!({ "roomId": room }))
        .await
        .unwrap();
    refused(&answer, "forbidden");
    ada.say(&room, "quiet here").await;
    here.expect_event("message_received").await.unwrap();
    assert!(
        here.seen_events()
            .iter()
            .all(|event| event.name != "user_typing")
    );
}

async fn a_presence_that_does_not_exist_is_refused(server: Server) {
    let ada = server.person("ada").await;
    let socket = ada.socket().await;
    for (status, code) in [
        (json!("offline"), "invalid"),
        (json!("unknown"), "invalid"),
        (json!("asleep"), "invalid"),
        (json!(""), "invalid"),
        (json!(7), "bad_request"),
    ] {
        let answer = socket
            .call("update_presence", json!({ "status": status }))
            .await
            .unwrap();
        refused(&answer, code);
    }
}

fn is_about(person: &Person) -> impl Fn(&Value) -> bool {
    let id = person.id.clone();
    move |data| data["user"]["id"] == id
}

fn is_of(person: &Person, status: &'static str) -> impl Fn(&Value) -> bool {
    let id = person.id.clone();
    move |data| data["userId"] == id && data["status"] == status
}
