//! Running the server: who may, what they see and do, and the record of it.

use crate::support::{
    expect::{is_a_time, list, ok, problem, refused, status, text},
    on_both_databases,
    people::{PASSWORD, Person},
    server::Server,
};
use loadtest::client::{Ended, PATIENCE, Response};
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

on_both_databases!(
    only_owners_and_admins_get_in,
    people_are_found_by_name_role_and_state_page_by_page,
    a_role_counts_from_the_next_request_on,
    who_loses_the_role_is_told_nothing_more,
    only_an_owner_makes_or_touches_owners_and_admins,
    nobody_changes_oneself_and_the_last_owner_stays_one,
    who_is_deactivated_is_cut_off_and_cannot_log_in,
    who_is_deactivated_is_offered_to_nobody_and_still_known,
    who_is_reactivated_is_back_with_all_that_was_theirs,
    an_operator_ends_the_sessions_of_others,
    rooms_are_seen_without_what_is_said_in_them,
    what_was_done_is_written_down_and_what_was_refused_is_not,
    a_value_that_there_is_none_of_is_refused,
);

async fn patch(operator: &Person, of: &Person, body: &Value) -> Response {
    let path = format!("/api/admin/users/{}", of.id);
    operator.rest.patch(&path, body).await.unwrap()
}

/// The owner, who signed up first, and somebody they made an admin.
async fn owner_and_admin(server: &Server) -> (Person, Person) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    status(&patch(&ada, &bob, &json!({ "role": "admin" })).await, 200);
    (ada, bob)
}

async fn names(operator: &Person, query: &str) -> Vec<String> {
    let page = operator.read(&format!("/api/admin/users?{query}")).await;
    let users = list(&page, "users").iter();
    users
        .map(|user| text(user, "username").to_owned())
        .collect()
}

async fn actions(operator: &Person) -> Vec<String> {
    let page = operator.read("/api/admin/audit").await;
    let entries = list(&page, "entries").iter();
    entries.map(|act| text(act, "action").to_owned()).collect()
}

async fn only_owners_and_admins_get_in(server: Server) {
    let (ada, bob) = owner_and_admin(&server).await;
    let cleo = server.person("cleo").await;
    let of_ada = format!("/api/admin/users/{}", ada.id);
    let sessions = format!("{of_ada}/sessions");
    let one = format!("{sessions}/{}", Uuid::now_v7());
    let stranger = server.stranger();
    for (who, code) in [(&cleo.rest, "forbidden"), (&stranger, "unauthorized")] {
        for path in [
            "/api/admin/users",
            "/api/admin/rooms",
            "/api/admin/audit",
            "/api/admin/stats",
            &sessions,
        ] {
            problem(&who.get(path).await.unwrap(), code);
        }
        let body = json!({ "role": "member" });
        problem(&who.patch(&of_ada, &body).await.unwrap(), code);
        problem(&who.delete(&sessions).await.unwrap(), code);
        problem(&who.delete(&one).await.unwrap(), code);
    }
    for who in [&ada, &bob] {
        for path in ["/api/admin/users", "/api/admin/rooms", "/api/admin/audit"] {
            who.read(path).await;
        }
    }
    assert_eq!(actions(&ada).await, ["user.role_changed"]);
}

async fn people_are_found_by_name_role_and_state_page_by_page(server: Server) {
    let (ada, _) = owner_and_admin(&server).await;
    let cleo = server.person("cleo").await;
    cleo.log_in_again(&server).await;
    let body = json!({ "email": "queen@example.org" });
    status(&cleo.rest.patch("/api/users/me", &body).await.unwrap(), 200);
    assert_eq!(names(&ada, "").await, ["ada", "bob", "cleo"]);
    assert_eq!(names(&ada, "q=CL").await, ["cleo"]);
    assert_eq!(names(&ada, "q=queen").await, ["cleo"]);
    assert_eq!(names(&ada, "role=admin").await, ["bob"]);
    let cut = patch(&ada, &cleo, &json!({ "deactivated": true })).await;
    is_a_time(&status(&cut, 200)["deactivatedAt"]);
    assert_eq!(names(&ada, "state=deactivated").await, ["cleo"]);
    assert_eq!(names(&ada, "state=active&limit=2").await, ["ada", "bob"]);

    let first = ada.read("/api/admin/users?limit=2").await;
    let bob = &list(&first, "users")[1];
    assert_eq!(
        (&bob["role"], &bob["sessions"]),
        (&json!("admin"), &json!(1))
    );
    let cursor = text(&first, "nextCursor");
    let rest = ada
        .read(&format!("/api/admin/users?limit=2&cursor={cursor}"))
        .await;
    let [cleo] = list(&rest, "users") else {
        panic!("one is left: {rest}");
    };
    assert_eq!(cleo["email"], "queen@example.org");
    assert_eq!(cleo["sessions"], 0);
    assert!(rest["nextCursor"].is_null());
    assert!(!rest.to_string().contains("password"), "{rest}");
}

async fn a_role_counts_from_the_next_request_on(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let socket = bob.socket().await;
    let watching = socket.call("watch_stats", Value::Null).await.unwrap();
    refused(&watching, "forbidden");
    let made = status(&patch(&ada, &bob, &json!({ "role": "admin" })).await, 200);
    assert_eq!(
        (&made["role"], &made["id"]),
        (&json!("admin"), &json!(bob.id))
    );
    bob.read("/api/admin/users").await;
    // The connection is the one that was refused before.
    ok(socket.call("watch_stats", Value::Null).await.unwrap());
    socket.expect_event("admin:stats").await.unwrap();
}

async fn who_loses_the_role_is_told_nothing_more(server: Server) {
    let (ada, bob) = owner_and_admin(&server).await;
    let [bobs, adas] = [bob.socket().await, ada.socket().await];
    for socket in [&bobs, &adas] {
        ok(socket.call("watch_stats", Value::Null).await.unwrap());
        socket.expect_event("admin:stats").await.unwrap();
    }
    status(&patch(&ada, &bob, &json!({ "role": "guest" })).await, 200);
    problem(
        &bob.rest.get("/api/admin/users").await.unwrap(),
        "forbidden",
    );
    let told = || {
        let events = bobs.seen_events().into_iter();
        events.filter(|event| event.name == "admin:stats").count()
    };
    let before = told();
    for _ in 0..2 {
        adas.expect_event("admin:stats").await.unwrap();
    }
    assert!(told() <= before + 1, "one may have been on its way");
    let last = told();
    for _ in 0..2 {
        adas.expect_event("admin:stats").await.unwrap();
    }
    assert_eq!(told(), last);
    assert!(bobs.has_ended().is_none());
}

async fn only_an_owner_makes_or_touches_owners_and_admins(server: Server) {
    let (ada, bob) = owner_and_admin(&server).await;
    let cleo = server.person("cleo").await;
    for (of, body) in [
        (&cleo, json!({ "role": "admin" })),
        (&cleo, json!({ "role": "owner" })),
        (&ada, json!({ "role": "member" })),
        (&ada, json!({ "deactivated": true })),
    ] {
        problem(&patch(&bob, of, &body).await, "forbidden");
    }
    let ended = format!("/api/admin/users/{}/sessions", ada.id);
    problem(&bob.rest.delete(&ended).await.unwrap(), "forbidden");
    status(&patch(&bob, &cleo, &json!({ "role": "guest" })).await, 200);
    let both = json!({ "role": "member", "deactivated": true });
    let both = status(&patch(&bob, &cleo, &both).await, 200);
    assert_eq!(both["role"], "member");
    is_a_time(&both["deactivatedAt"]);
    status(&patch(&ada, &cleo, &json!({ "role": "owner" })).await, 200);
    status(&patch(&ada, &bob, &json!({ "role": "member" })).await, 200);
}

async fn nobody_changes_oneself_and_the_last_owner_stays_one(server: Server) {
    let (ada, bob) = owner_and_admin(&server).await;
    problem(
        &patch(&bob, &bob, &json!({ "role": "owner" })).await,
        "forbidden",
    );
    problem(
        &patch(&bob, &bob, &json!({ "deactivated": true })).await,
        "forbidden",
    );
    problem(
        &patch(&ada, &ada, &json!({ "role": "member" })).await,
        "conflict",
    );
    problem(
        &patch(&ada, &ada, &json!({ "deactivated": true })).await,
        "conflict",
    );
    status(&patch(&ada, &bob, &json!({ "role": "owner" })).await, 200);
    problem(
        &patch(&ada, &ada, &json!({ "role": "member" })).await,
        "forbidden",
    );
    // With the other one away she is the last again.
    status(
        &patch(&ada, &bob, &json!({ "deactivated": true })).await,
        200,
    );
    problem(
        &patch(&ada, &ada, &json!({ "role": "member" })).await,
        "conflict",
    );
    assert_eq!(ada.read("/api/auth/me").await["role"], "owner");
}

async fn who_is_deactivated_is_cut_off_and_cannot_log_in(server: Server) {
    let (ada, _) = owner_and_admin(&server).await;
    let cleo = server.person("cleo").await;
    let sockets = [cleo.socket().await, cleo.polling_socket().await];
    status(
        &patch(&ada, &cleo, &json!({ "deactivated": true })).await,
        200,
    );
    for socket in sockets {
        socket.expect_event("session_revoked").await.unwrap();
        assert_eq!(socket.ended().await.unwrap(), Ended::Disconnected);
    }
    problem(
        &cleo.rest.get("/api/auth/me").await.unwrap(),
        "unauthorized",
    );
    let log_in = async |password: &str| {
        let body = json!({ "login": "cleo", "password": password });
        let answer = server.stranger().post("/api/auth/login", &body).await;
        answer.unwrap()
    };
    problem(&log_in("wrong, all of it").await, "unauthorized");
    let why = problem(&log_in(PASSWORD).await, "forbidden");
    assert!(text(&why, "detail").contains("deactivated"), "{why}");
    let page = ada.read("/api/admin/users?q=cleo").await;
    assert_eq!(list(&page, "users")[0]["sessions"], 0);
}

async fn who_is_deactivated_is_offered_to_nobody_and_still_known(server: Server) {
    let (ada, bob) = owner_and_admin(&server).await;
    let cleo = server.person("cleo").await;
    let room = cleo.room("public").await;
    bob.join(&room).await;
    cleo.say(&room, "before").await;
    status(&patch(&ada, &bob, &json!({ "role": "guest" })).await, 200);
    let offered = async |to: &Person, query: &str| -> Vec<String> {
        let page = to.read(&format!("/api/users?{query}")).await;
        let users = list(&page, "users").iter();
        users
            .map(|user| text(user, "username").to_owned())
            .collect()
    };
    assert_eq!(offered(&ada, "").await, ["ada", "bob", "cleo"]);
    assert_eq!(offered(&bob, "q=C").await, ["cleo"], "whom a guest knows");

    status(
        &patch(&ada, &cleo, &json!({ "deactivated": true })).await,
        200,
    );
    assert_eq!(offered(&ada, "").await, ["ada", "bob"]);
    assert!(offered(&ada, "q=cleo").await.is_empty());
    assert!(offered(&bob, "").await.is_empty());
    let members = ada.read(&format!("/api/rooms/{room}/members")).await;
    let members = list(&members, "members").iter();
    let deactivated: Vec<_> = members
        .map(|member| &member["user"]["deactivated"])
        .collect();
    assert_eq!(deactivated, [&Value::Null, &json!(true)], "bob and cleo");
    for who in [&ada, &bob] {
        let known = who.read(&format!("/api/users/{}", cleo.id)).await;
        assert_eq!(
            (&known["username"], &known["deactivated"]),
            (&json!("cleo"), &json!(true))
        );
        assert_eq!(who.history(&room).await[0]["author"]["username"], "cleo");
    }
}

async fn who_is_reactivated_is_back_with_all_that_was_theirs(server: Server) {
    let ada = server.person("ada").await;
    let cleo = server.person("cleo").await;
    let room = cleo.room("private").await;
    cleo.add(&room, &ada).await;
    cleo.say(&room, "before").await;
    status(
        &patch(&ada, &cleo, &json!({ "deactivated": true })).await,
        200,
    );
    assert_eq!(ada.history(&room).await[0]["content"], "before");
    let back = status(
        &patch(&ada, &cleo, &json!({ "deactivated": false })).await,
        200,
    );
    assert!(back["deactivatedAt"].is_null(), "{back}");
    let cleo = cleo.log_in_again(&server).await;
    assert_eq!(cleo.see(&room).await["membership"]["role"], "owner");
    cleo.say(&room, "after").await;
}

async fn an_operator_ends_the_sessions_of_others(server: Server) {
    let (ada, bob) = owner_and_admin(&server).await;
    let cleo = server.person("cleo").await;
    let phone = cleo.log_in_again(&server).await;
    let path = format!("/api/admin/users/{}/sessions", cleo.id);
    let seen = bob.read(&path).await;
    let sessions = list(&seen, "sessions");
    assert_eq!(sessions.len(), 2, "{seen}");
    assert!(sessions.iter().all(|session| session["current"] == false));
    let own = bob
        .read(&format!("/api/admin/users/{}/sessions", bob.id))
        .await;
    assert_eq!(list(&own, "sessions")[0]["current"], true);

    // Newest first: that is the phone's.
    let socket = phone.socket().await;
    let one = format!("{path}/{}", text(&sessions[0], "id"));
    status(&bob.rest.delete(&one).await.unwrap(), 204);
    socket.expect_event("session_revoked").await.unwrap();
    problem(&bob.rest.delete(&one).await.unwrap(), "not_found");
    let socket = cleo.socket().await;
    status(&bob.rest.delete(&path).await.unwrap(), 204);
    socket.expect_event("session_revoked").await.unwrap();
    status(&bob.rest.delete(&path).await.unwrap(), 204);
    problem(
        &cleo.rest.get("/api/auth/me").await.unwrap(),
        "unauthorized",
    );
    let nobody = format!("/api/admin/users/{}/sessions", Uuid::now_v7());
    problem(&bob.rest.get(&nobody).await.unwrap(), "not_found");
    problem(&bob.rest.delete(&nobody).await.unwrap(), "not_found");
    let done = ["sessions.revoked", "session.revoked", "user.role_changed"];
    assert_eq!(actions(&ada).await, done);
}

async fn rooms_are_seen_without_what_is_said_in_them(server: Server) {
    let ada = server.person("ada").await;
    let (bob, cleo) = (server.person("bob").await, server.person("cleo").await);
    let private = bob.room("private").await;
    bob.say(&private, "a secret").await;
    bob.say(&private, "another secret").await;
    let direct = bob.direct(&[&cleo]).await;
    let page = ada.read("/api/admin/rooms").await;
    let rooms = list(&page, "rooms");
    let ids: Vec<_> = rooms.iter().map(|room| text(room, "id")).collect();
    assert_eq!(ids, [&private, &direct], "{page}");
    assert_eq!(
        (&rooms[0]["name"], &rooms[0]["entries"]),
        (&json!("A room"), &json!(2))
    );
    let mut fields: Vec<_> = rooms[1].as_object().unwrap().keys().collect();
    fields.sort_unstable();
    let told = [
        "createdAt",
        "entries",
        "id",
        "kind",
        "lastActivityAt",
        "memberCount",
    ];
    assert_eq!(fields, told);
    assert!(!page.to_string().contains("secret"), "{page}");

    let first = ada.read("/api/admin/rooms?sort=members&limit=1").await;
    assert_eq!(list(&first, "rooms")[0]["id"], direct);
    let cursor = text(&first, "nextCursor");
    let next = format!("/api/admin/rooms?sort=members&limit=1&cursor={cursor}");
    let next = ada.read(&next).await;
    assert_eq!(list(&next, "rooms")[0]["id"], private);
    assert!(next["nextCursor"].is_null());
    let found = ada
        .read("/api/admin/rooms?sort=activity&kind=private&q=ROOM")
        .await;
    assert_eq!(list(&found, "rooms").len(), 1);
    // Seeing that it is there lets nobody in.
    let path = format!("/api/rooms/{private}/messages");
    problem(&ada.rest.get(&path).await.unwrap(), "not_found");
}

async fn what_was_done_is_written_down_and_what_was_refused_is_not(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let made = patch(&ada, &bob, &json!({ "role": "admin" })).await;
    status(&made, 200);
    status(&patch(&ada, &bob, &json!({ "role": "admin" })).await, 200);
    problem(
        &patch(&bob, &ada, &json!({ "role": "guest" })).await,
        "forbidden",
    );
    problem(
        &patch(&ada, &bob, &json!({ "role": "king" })).await,
        "invalid",
    );
    let page = bob.read("/api/admin/audit").await;
    let [act] = list(&page, "entries") else {
        panic!("one thing was done: {page}");
    };
    assert_eq!(act["actor"]["username"], "ada");
    assert_eq!(act["action"], "user.role_changed");
    let target = json!({ "kind": "user", "id": bob.id, "name": "bob" });
    assert_eq!(act["target"], target);
    assert_eq!(act["before"], json!({ "role": "member" }));
    assert_eq!(act["after"], json!({ "role": "admin" }));
    assert_eq!(act["requestId"], made.header("x-request-id"));
    assert_eq!(act["address"], "127.0.0.1");
    is_a_time(&act["at"]);

    status(
        &patch(
            &bob,
            &server.person("cleo").await,
            &json!({ "deactivated": true }),
        )
        .await,
        200,
    );
    let newest = ada.read("/api/admin/audit?limit=1").await;
    assert_eq!(list(&newest, "entries")[0]["action"], "user.deactivated");
    let before = text(&newest, "nextCursor");
    let rest = ada.read(&format!("/api/admin/audit?before={before}")).await;
    assert_eq!(list(&rest, "entries"), std::slice::from_ref(act));
    for query in [
        format!("actor={}", ada.id),
        "action=user.role_changed".to_owned(),
    ] {
        let some = ada.read(&format!("/api/admin/audit?{query}")).await;
        assert_eq!(list(&some, "entries"), std::slice::from_ref(act));
    }
    // No route changes or forgets it.
    let path = format!("/api/admin/audit/{}", text(act, "id"));
    problem(&ada.rest.delete(&path).await.unwrap(), "not_found");
    let restarted = async { server.stop().await.start_again().await };
    let server = timeout(PATIENCE * 2, restarted)
        .await
        .expect("it is soon back");
    assert_eq!(actions(&ada.at(&server)).await.len(), 2);
}

async fn a_value_that_there_is_none_of_is_refused(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    for (path, field) in [
        ("users?role=king", "role"),
        ("users?state=asleep", "state"),
        ("users?limit=0", "limit"),
        ("users?cursor=!", "cursor"),
        ("rooms?sort=name", "sort"),
        ("rooms?kind=secret", "kind"),
        ("rooms?limit=201", "limit"),
        ("rooms?cursor=AAAA", "cursor"),
        ("audit?actor=ada", "actor"),
        ("audit?action=user.praised", "action"),
        ("audit?before=1", "before"),
        ("audit?limit=-1", "limit"),
    ] {
        let answer = ada.rest.get(&format!("/api/admin/{path}")).await.unwrap();
        let why = problem(&answer, "invalid");
        assert!(!text(&why["errors"], field).is_empty(), "{why}");
    }
    problem(
        &patch(&ada, &bob, &json!({ "role": 1 })).await,
        "bad_request",
    );
    problem(&patch(&ada, &bob, &json!([])).await, "bad_request");
    let nobody = format!("/api/admin/users/{}", Uuid::now_v7());
    let body = json!({ "role": "guest" });
    problem(&ada.rest.patch(&nobody, &body).await.unwrap(), "not_found");
    let nobody = ada.rest.patch("/api/admin/users/bob", &body).await;
    problem(&nobody.unwrap(), "not_found");
}
