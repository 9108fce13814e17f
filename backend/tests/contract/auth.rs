//! Signing up, logging in and passwords.

use bytes::Bytes;
use hyper::Method;
use loadtest::client::Call;
use serde_json::{Value, json};

use crate::support::{
    expect::{is_a_time, problem, status, text},
    on_both_databases,
    people::PASSWORD,
    server::Server,
};

on_both_databases!(
    a_new_person_is_signed_in_at_once,
    the_first_account_is_the_owner_and_later_ones_are_members,
    of_many_first_accounts_one_is_the_owner,
    a_username_is_folded_to_lower_case_and_belongs_to_one_person,
    an_email_belongs_to_one_person,
    a_refused_registration_says_which_field_is_wrong,
    a_registration_that_is_not_an_object_of_text_is_a_bad_request,
    a_closed_server_registers_nobody,
    a_stranger_learns_whether_there_is_an_owner_and_whether_they_may_come_in,
    where_the_owner_is_made_there_is_nothing_once_there_is_one,
    a_person_logs_in_with_username_or_email_under_any_of_the_names,
    a_wrong_password_and_an_unknown_name_cannot_be_told_apart,
    logging_out_ends_this_session_and_no_other,
    who_am_i_shows_the_private_fields_to_their_owner,
    a_changed_password_ends_all_other_sessions,
    a_new_password_obeys_the_rules_and_needs_the_old_one,
    nobody_reads_anything_without_a_session,
);

async fn register(server: &Server, body: &Value) -> loadtest::client::Response {
    server
        .stranger()
        .post("/api/auth/register", body)
        .await
        .unwrap()
}

async fn log_in(server: &Server, body: &Value) -> loadtest::client::Response {
    server
        .stranger()
        .post("/api/auth/login", body)
        .await
        .unwrap()
}

async fn a_new_person_is_signed_in_at_once(server: Server) {
    let body = json!({ "username": "ada", "password": PASSWORD, "displayName": "Ada L." });
    let answer = register(&server, &body).await;
    let made = status(&answer, 201);
    let user = &made["user"];
    assert_eq!(user["username"], "ada");
    assert_eq!(user["displayName"], "Ada L.");
    assert_eq!(user["isBot"], false);
    is_a_time(&user["createdAt"]);
    assert!(user.get("password").is_none(), "{user}");

    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(
        !cookie.contains("Secure"),
        "there is no https here: {cookie}"
    );

    let ada = server.stranger().with_token(text(&made, "token"));
    let me = status(&ada.get("/api/auth/me").await.unwrap(), 200);
    assert_eq!(me["id"], user["id"]);
}

async fn the_first_account_is_the_owner_and_later_ones_are_members(server: Server) {
    for (name, role) in [("ada", "owner"), ("bob", "member"), ("cleo", "member")] {
        let body = json!({ "username": name, "password": PASSWORD });
        let made = status(&register(&server, &body).await, 201);
        assert_eq!(made["user"]["role"], role, "{made}");
    }
}

async fn of_many_first_accounts_one_is_the_owner(server: Server) {
    let everybody = (0..6).map(|number| {
        let body = json!({ "username": format!("person{number}"), "password": PASSWORD });
        let stranger = server.stranger();
        async move { stranger.post("/api/auth/register", &body).await.unwrap() }
    });
    let answers = futures_util::future::join_all(everybody).await;
    let owners = answers.iter().map(|answer| status(answer, 201));
    assert_eq!(
        owners
            .filter(|made| made["user"]["role"] == "owner")
            .count(),
        1
    );
}

async fn a_username_is_folded_to_lower_case_and_belongs_to_one_person(server: Server) {
    let body = json!({ "username": "Ada.L-1_x", "password": PASSWORD });
    let made = status(&register(&server, &body).await, 201);
    assert_eq!(made["user"]["username"], "ada.l-1_x");
    status(
        &log_in(
            &server,
            &json!({ "login": "ADA.L-1_X", "password": PASSWORD }),
        )
        .await,
        200,
    );

    let again = json!({ "username": "aDa.l-1_X", "password": PASSWORD });
    problem(&register(&server, &again).await, "conflict");
}

async fn an_email_belongs_to_one_person(server: Server) {
    let body =
        |name: &str, email: &str| json!({ "username": name, "password": PASSWORD, "email": email });
    status(
        &register(&server, &body("ada", "ada@example.org")).await,
        201,
    );
    problem(
        &register(&server, &body("bob", "ada@example.org")).await,
        "conflict",
    );
    // The refused name is still free.
    status(
        &register(&server, &body("bob", "bob@example.org")).await,
        201,
    );
}

async fn a_refused_registration_says_which_field_is_wrong(server: Server) {
    let long = "x".repeat(257);
    for (field, username, password) in [
        ("username", "a", PASSWORD),
        ("username", "a".repeat(33).as_str(), PASSWORD),
        ("username", "with space", PASSWORD),
        ("username", "ünïcode", PASSWORD),
        ("username", "nul\0nul", PASSWORD),
        ("username", "", PASSWORD),
        ("password", "ada", "seven77"),
        ("password", "ada", long.as_str()),
    ] {
        let body = json!({ "username": username, "password": password });
        let answer = register(&server, &body).await;
        let refusal = problem(&answer, "invalid");
        assert!(
            refusal["errors"][field].is_string(),
            "{username:?}: {refusal}"
        );
        let quoted = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!quoted.contains(&long), "the password came back");
    }
    for edge in ["ab", "a".repeat(32).as_str()] {
        let body = json!({ "username": edge, "password": "eight888" });
        status(&register(&server, &body).await, 201);
    }
}

async fn a_registration_that_is_not_an_object_of_text_is_a_bad_request(server: Server) {
    for body in [
        json!({}),
        json!({ "username": "ada" }),
        json!({ "password": PASSWORD }),
        json!({ "username": 7, "password": PASSWORD }),
        json!({ "username": "ada", "password": null }),
        json!([]),
        json!(["ada", PASSWORD]),
        json!("ada"),
    ] {
        problem(&register(&server, &body).await, "bad_request");
    }
}

async fn a_closed_server_registers_nobody(server: Server) {
    server.person("ada").await;
    let server = server.restart_with("ROOST_REGISTRATION", "closed").await;
    let body = json!({ "username": "bob", "password": PASSWORD });
    problem(&register(&server, &body).await, "forbidden");
    status(
        &log_in(&server, &json!({ "login": "ada", "password": PASSWORD })).await,
        200,
    );
    problem(
        &log_in(&server, &json!({ "login": "bob", "password": PASSWORD })).await,
        "unauthorized",
    );
}

async fn a_stranger_learns_whether_there_is_an_owner_and_whether_they_may_come_in(server: Server) {
    async fn says(server: &Server, has_owner: bool, registration: &str) {
        let answer = server.stranger().get("/api/auth/door").await.unwrap();
        let expected = json!({ "hasOwner": has_owner, "registration": registration });
        assert_eq!(status(&answer, 200), expected);
    }
    says(&server, false, "open").await;
    // Somebody has to be the owner of a closed server too.
    let server = server.restart_with("ROOST_REGISTRATION", "closed").await;
    says(&server, false, "open").await;
    server.person("ada").await;
    says(&server, true, "closed").await;
    let server = server.restart_with("ROOST_REGISTRATION", "open").await;
    says(&server, true, "open").await;
}

async fn where_the_owner_is_made_there_is_nothing_once_there_is_one(server: Server) {
    async fn looks(server: &Server, accept: &str, status: u16) -> Bytes {
        let call = Call::new(Method::GET, "/setup").header("accept", accept);
        let answer = server.stranger().send(call).await.unwrap();
        assert_eq!(answer.status, status);
        answer.body
    }
    let page = looks(&server, "text/html", 200).await;
    server.person("ada").await;
    // The page all the same, which says so itself.
    assert_eq!(looks(&server, "text/html", 404).await, page);
    looks(&server, "application/json", 404).await;
    let server = server.restart_with("ROOST_REGISTRATION", "closed").await;
    assert_eq!(looks(&server, "text/html", 404).await, page);
}

async fn a_person_logs_in_with_username_or_email_under_any_of_the_names(server: Server) {
    let body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    let made = status(&register(&server, &body).await, 201);
    for (name, value) in [
        ("login", "ada"),
        ("login", "ada@example.org"),
        ("username", "ada"),
        ("email", "ada@example.org"),
    ] {
        let answer = log_in(&server, &json!({ name: value, "password": PASSWORD })).await;
        let seen = status(&answer, 200);
        assert_eq!(seen["user"]["id"], made["user"]["id"]);
        assert_ne!(
            seen["token"], made["token"],
            "every login has a token of its own"
        );
        assert!(answer.cookie().is_some(), "a login sets the session cookie");
    }
}

async fn a_wrong_password_and_an_unknown_name_cannot_be_told_apart(server: Server) {
    server.person("ada").await;
    let wrong = log_in(
        &server,
        &json!({ "login": "ada", "password": "not her password" }),
    )
    .await;
    let unknown = log_in(
        &server,
        &json!({ "login": "bob", "password": "not her password" }),
    )
    .await;
    let wrong = problem(&wrong, "unauthorized");
    let unknown = problem(&unknown, "unauthorized");
    assert_eq!(wrong["detail"], unknown["detail"]);
    for body in [
        json!({ "login": "ada" }),
        json!({ "password": PASSWORD }),
        json!(1),
    ] {
        problem(&log_in(&server, &body).await, "bad_request");
    }
}

async fn logging_out_ends_this_session_and_no_other(server: Server) {
    let ada = server.person("ada").await;
    let elsewhere = ada.log_in_again(&server).await;
    status(
        &ada.rest.post("/api/auth/logout", &json!({})).await.unwrap(),
        204,
    );
    problem(&ada.rest.get("/api/auth/me").await.unwrap(), "unauthorized");
    elsewhere.read("/api/auth/me").await;
}

async fn who_am_i_shows_the_private_fields_to_their_owner(server: Server) {
    let body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    let made = status(&register(&server, &body).await, 201);
    let ada = server.stranger().with_token(text(&made, "token"));
    let me = status(&ada.get("/api/auth/me").await.unwrap(), 200);
    assert_eq!(me["email"], "ada@example.org");
    assert!(me["settings"].is_object(), "{me}");

    let bob = server.person("bob").await;
    let seen = bob.read(&format!("/api/users/{}", text(&me, "id"))).await;
    assert!(seen.get("email").is_none(), "{seen}");
    assert!(seen.get("settings").is_none(), "{seen}");
}

async fn a_changed_password_ends_all_other_sessions(server: Server) {
    let ada = server.person("ada").await;
    let elsewhere = ada.log_in_again(&server).await;
    let socket = elsewhere.socket().await;

    let change = json!({ "current": PASSWORD, "new": "another good one" });
    status(
        &ada.rest.post("/api/auth/password", &change).await.unwrap(),
        204,
    );

    ada.read("/api/auth/me").await;
    problem(
        &elsewhere.rest.get("/api/auth/me").await.unwrap(),
        "unauthorized",
    );
    socket.expect_event("session_revoked").await.unwrap();
    let with = |password: &str| json!({ "login": "ada", "password": password });
    problem(&log_in(&server, &with(PASSWORD)).await, "unauthorized");
    status(&log_in(&server, &with("another good one")).await, 200);
}

async fn a_new_password_obeys_the_rules_and_needs_the_old_one(server: Server) {
    let ada = server.person("ada").await;
    let change = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        ada.rest.post("/api/auth/password", &body).await.unwrap()
    };
    problem(&change(PASSWORD, "short").await, "invalid");
    let guessed = change("not her password", "another good one").await;
    assert!((400..500).contains(&guessed.status), "{}", guessed.json);
    problem(
        &ada.rest
            .post("/api/auth/password", &json!({ "new": "x" }))
            .await
            .unwrap(),
        "bad_request",
    );
    status(
        &log_in(&server, &json!({ "login": "ada", "password": PASSWORD })).await,
        200,
    );
}

async fn nobody_reads_anything_without_a_session(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let message = ada.say(&room, "hello").await;
    let message = text(&message, "id");
    let in_room = |rest: &str| format!("/api/rooms/{room}{rest}");
    let routes = [
        (Method::POST, "/api/auth/logout".to_owned()),
        (Method::GET, "/api/auth/me".to_owned()),
        (Method::POST, "/api/auth/password".to_owned()),
        (Method::GET, "/api/auth/sessions".to_owned()),
        (Method::DELETE, format!("/api/auth/sessions/{}", ada.id)),
        (Method::GET, "/api/rooms".to_owned()),
        (Method::POST, "/api/rooms".to_owned()),
        (Method::GET, in_room("")),
        (Method::PATCH, in_room("")),
        (Method::POST, in_room("/archive")),
        (Method::GET, in_room("/messages")),
        (Method::POST, in_room("/messages")),
        (Method::PATCH, in_room(&format!("/messages/{message}"))),
        (Method::DELETE, in_room(&format!("/messages/{message}"))),
        (Method::GET, in_room("/changes?since=0")),
        (Method::GET, in_room("/members")),
        (Method::POST, in_room("/members")),
        (Method::PATCH, in_room(&format!("/members/{}", ada.id))),
        (Method::DELETE, in_room(&format!("/members/{}", ada.id))),
        (Method::PATCH, in_room("/membership")),
        (Method::PUT, in_room("/read")),
        (Method::GET, "/api/users".to_owned()),
        (Method::GET, format!("/api/users/{}", ada.id)),
        (Method::PATCH, "/api/users/me".to_owned()),
    ];
    let made_up = server.stranger().with_token("made-up-token");
    let in_query = format!("token={}", ada.token);
    for (method, path) in routes {
        let call = Call::new(method.clone(), &path).json(&json!({}));
        problem(
            &server.stranger().send(call.clone()).await.unwrap(),
            "unauthorized",
        );
        problem(&made_up.send(call).await.unwrap(), "unauthorized");
        let joint = if path.contains('?') { '&' } else { '?' };
        let call = Call::new(method, format!("{path}{joint}{in_query}")).json(&json!({}));
        problem(&server.stranger().send(call).await.unwrap(), "unauthorized");
    }
}
