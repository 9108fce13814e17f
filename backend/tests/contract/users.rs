//! Finding people and changing oneself.

use serde_json::json;
use uuid::Uuid;

use crate::support::{
    expect::{list, problem, status, text},
    on_both_databases,
    server::Server,
};

on_both_databases!(
    people_are_found_by_the_beginning_of_their_name,
    a_list_of_people_is_read_page_by_page,
    a_person_is_seen_by_id_and_an_unknown_one_is_not_found,
    a_person_changes_their_name_and_everybody_sees_it,
    settings_are_kept_for_the_client_up_to_their_limit,
    a_refused_change_changes_nothing,
);

async fn people_are_found_by_the_beginning_of_their_name(server: Server) {
    let ada = server.person("ada-lovelace").await;
    server.person("bob").await;
    let found = ada.read("/api/users?q=ADA-l").await;
    let names: Vec<_> = list(&found, "users")
        .iter()
        .map(|user| text(user, "username"))
        .collect();
    assert_eq!(names, ["ada-lovelace"]);
    let everybody = ada.read("/api/users").await;
    assert_eq!(list(&everybody, "users").len(), 2);
    let nobody = ada.read("/api/users?q=zzz").await;
    assert!(list(&nobody, "users").is_empty());
    // What has a meaning in a pattern is only a letter here.
    let nobody = ada.read("/api/users?q=%25").await;
    assert!(list(&nobody, "users").is_empty(), "{nobody}");
}

async fn a_list_of_people_is_read_page_by_page(server: Server) {
    let ada = server.person("ada").await;
    for name in ["bob", "cleo", "dan"] {
        server.person(name).await;
    }
    let mut names = Vec::new();
    let mut path = "/api/users?limit=2".to_owned();
    for _page in 0..4 {
        let page = ada.read(&path).await;
        names.extend(
            list(&page, "users")
                .iter()
                .map(|user| text(user, "username").to_owned()),
        );
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        path = format!("/api/users?limit=2&cursor={cursor}");
    }
    names.sort_unstable();
    assert_eq!(names, ["ada", "bob", "cleo", "dan"]);
    for limit in ["0", "-1", "100000000"] {
        let answer = ada
            .rest
            .get(&format!("/api/users?limit={limit}"))
            .await
            .unwrap();
        problem(&answer, "invalid");
    }
}

async fn a_person_is_seen_by_id_and_an_unknown_one_is_not_found(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let seen = ada.read(&format!("/api/users/{}", bob.id)).await;
    assert_eq!(seen["username"], "bob");
    for id in [
        Uuid::now_v7().to_string(),
        Uuid::new_v4().to_string(),
        "bob".to_owned(),
    ] {
        problem(
            &ada.rest.get(&format!("/api/users/{id}")).await.unwrap(),
            "not_found",
        );
    }
}

async fn a_person_changes_their_name_and_everybody_sees_it(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    ada.say(&room, "before").await;
    let body = json!({ "displayName": "Countess Ada", "unknown": 1 });
    let me = status(&ada.rest.patch("/api/users/me", &body).await.unwrap(), 200);
    assert_eq!(me["displayName"], "Countess Ada");
    let seen = bob.read(&format!("/api/users/{}", ada.id)).await;
    assert_eq!(seen["displayName"], "Countess Ada");
    // A message shows its author as they are now.
    let history = bob.history(&room).await;
    let said = history
        .iter()
        .find(|message| message["content"] == "before");
    assert_eq!(
        said.expect("it was said")["author"]["displayName"],
        "Countess Ada"
    );
}

async fn settings_are_kept_for_the_client_up_to_their_limit(server: Server) {
    let ada = server.person("ada").await;
    let settings = json!({ "theme": "dark", "nested": { "list": [1, 2, 3] } });
    let body = json!({ "settings": settings });
    status(&ada.rest.patch("/api/users/me", &body).await.unwrap(), 200);
    assert_eq!(ada.read("/api/auth/me").await["settings"], settings);

    let body = json!({ "settings": { "much": "x".repeat(16 * 1024) } });
    problem(
        &ada.rest.patch("/api/users/me", &body).await.unwrap(),
        "invalid",
    );
    assert_eq!(ada.read("/api/auth/me").await["settings"], settings);
}

async fn a_refused_change_changes_nothing(server: Server) {
    let ada = server.person("ada").await;
    let before = ada.read("/api/auth/me").await;
    for (body, code) in [
        (json!({ "displayName": "" }), "invalid"),
        (json!({ "displayName": "nul\0nul" }), "invalid"),
        (json!({ "displayName": "x".repeat(1000) }), "invalid"),
        (json!({ "displayName": 7 }), "bad_request"),
        (json!({ "lastSeenVisible": "no" }), "bad_request"),
        (json!({ "settings": [] }), "invalid"),
        (json!([]), "bad_request"),
    ] {
        let answer = ada.rest.patch("/api/users/me", &body).await.unwrap();
        // Whether a list is a wrong type or a refused value, it is refused.
        if body["settings"].is_array() {
            assert!(matches!(answer.status, 400 | 422), "{}", answer.json);
        } else {
            problem(&answer, code);
        }
    }
    let after = ada.read("/api/auth/me").await;
    assert_eq!(after["displayName"], before["displayName"]);
    assert_eq!(after["settings"], before["settings"]);
}
