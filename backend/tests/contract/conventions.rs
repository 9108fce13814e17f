//! What holds for every request and every event: bad input, unknown things,
//! sizes and the connection's survival.

use hyper::Method;
use loadtest::client::{Call, Ended, Socket};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    expect::{list, ok, problem, refused, status, text},
    on_both_databases,
    server::Server,
};

on_both_databases!(
    a_body_that_is_not_json_is_a_bad_request,
    a_body_of_another_type_is_unsupported,
    a_body_over_the_limit_is_too_large,
    an_unknown_route_is_not_found_and_a_wrong_method_is_said,
    unknown_fields_are_ignored,
    an_id_that_does_not_parse_is_not_found,
    an_unknown_event_closes_nothing,
    a_malformed_payload_is_answered_and_stores_nothing,
    an_event_without_a_callback_does_its_work,
    a_message_over_the_limit_breaks_the_transport_and_nothing_else,
    a_broken_packet_ends_that_connection_and_no_other,
    health_says_what_it_depends_on,
    the_contract_is_public_and_lists_every_route,
    answers_carry_the_headers_that_keep_a_browser_safe,
);

async fn a_body_that_is_not_json_is_a_bad_request(server: Server) {
    let ada = server.person("ada").await;
    for body in ["", "{", "name=room", "{\"name\":\"a\",}", "\u{0}"] {
        let call = Call::new(Method::POST, "/api/rooms")
            .header("content-type", "application/json")
            .raw(body);
        problem(&ada.rest.send(call).await.unwrap(), "bad_request");
    }
    let not_utf8 = Call::new(Method::POST, "/api/rooms")
        .header("content-type", "application/json")
        .raw(&b"{\"name\":\"\xff\",\"kind\":\"public\"}"[..]);
    problem(&ada.rest.send(not_utf8).await.unwrap(), "bad_request");
    assert_eq!(ada.read("/api/rooms").await["rooms"], json!([]));
}

async fn a_body_of_another_type_is_unsupported(server: Server) {
    let ada = server.person("ada").await;
    let body = json!({ "name": "A room", "kind": "public" }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let call = Call::new(Method::POST, "/api/rooms").header("content-type", kind);
        problem(
            &ada.rest.send(call.raw(body.clone())).await.unwrap(),
            "unsupported_media",
        );
    }
    let with_charset = Call::new(Method::POST, "/api/rooms")
        .header("content-type", "application/json; charset=utf-8");
    status(&ada.rest.send(with_charset.raw(body)).await.unwrap(), 201);
}

async fn a_body_over_the_limit_is_too_large(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let path = format!("/api/rooms/{room}/messages");
    let body = json!({ "content": "hello", "padding": "x".repeat(128 * 1024) });
    problem(&ada.rest.post(&path, &body).await.unwrap(), "too_large");
    // Before authentication, too.
    problem(
        &server
            .stranger()
            .post("/api/auth/login", &body)
            .await
            .unwrap(),
        "too_large",
    );
    let body = json!({ "content": "hello", "padding": "x".repeat(120 * 1024) });
    status(&ada.rest.post(&path, &body).await.unwrap(), 201);
}

async fn an_unknown_route_is_not_found_and_a_wrong_method_is_said(server: Server) {
    let ada = server.person("ada").await;
    for path in ["/api", "/api/nothing", "/api/rooms/x/y/z"] {
        problem(&ada.rest.get(path).await.unwrap(), "not_found");
    }
    let answer = ada.rest.delete("/api/auth/me").await.unwrap();
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

async fn unknown_fields_are_ignored(server: Server) {
    let ada = server.person("ada").await;
    let body = json!({ "name": "A room", "kind": "public", "colour": "red", "id": "mine" });
    let room = status(&ada.rest.post("/api/rooms", &body).await.unwrap(), 201);
    let room = text(&room, "id");
    let socket = ada.socket().await;
    ok(socket
        .call("join_room", json!({ "roomId": room, "colour": "red" }))
        .await
        .unwrap());
    let sent = json!({ "roomId": room, "content": "hello", "seq": 900, "author": "bob" });
    let answer = ok(socket.call("send_message", sent).await.unwrap());
    assert_eq!(answer["message"]["author"]["username"], "ada");
    assert_ne!(answer["message"]["seq"], 900);
}

async fn an_id_that_does_not_parse_is_not_found(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let unknown = Uuid::now_v7();
    for id in ["1", "x", "%00", &"9".repeat(300), &unknown.to_string()] {
        for path in [
            format!("/api/rooms/{id}"),
            format!("/api/rooms/{id}/messages"),
            format!("/api/rooms/{id}/members"),
            format!("/api/rooms/{id}/changes?since=0"),
            format!("/api/rooms/{room}/messages?before={id}"),
            format!("/api/rooms/{room}/messages?after={id}"),
            format!("/api/rooms/{room}/messages?around={id}"),
            format!("/api/users/{id}"),
        ] {
            let answer = ada.rest.get(&path).await.unwrap();
            // An id in a query is a value; it may be refused as one.
            if path.contains('?') && !path.contains("since") && id != unknown.to_string() {
                assert!(
                    matches!(answer.status, 404 | 422),
                    "{path}: {}",
                    answer.json
                );
            } else {
                problem(&answer, "not_found");
            }
        }
        let members = format!("/api/rooms/{room}/members/{id}");
        problem(&ada.rest.delete(&members).await.unwrap(), "not_found");
        let message = format!("/api/rooms/{room}/messages/{id}");
        problem(&ada.rest.delete(&message).await.unwrap(), "not_found");
    }
    let socket = ada.socket().await;
    for room in ["", "x", "\0", unknown.to_string().as_str()] {
        let answer = socket
            .call("join_room", json!({ "roomId": room }))
            .await
            .unwrap();
        refused(&answer, "not_found");
    }
}

async fn an_unknown_event_closes_nothing(server: Server) {
    let ada = server.person("ada").await;
    let socket = ada.socket().await;
    for event in ["no_such_event", "", "message_received", "a b"] {
        refused(&socket.call(event, json!({})).await.unwrap(), "bad_request");
    }
    // Without a callback there is nobody to tell.
    socket.emit("no_such_event", json!({})).await.unwrap();
    still_works(&socket).await;
}

async fn a_malformed_payload_is_answered_and_stores_nothing(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    for event in [
        "join_room",
        "leave_room",
        "resume",
        "send_message",
        "edit_message",
        "delete_message",
        "add_reaction",
        "remove_reaction",
        "mark_read",
        "start_typing",
        "stop_typing",
        "update_presence",
    ] {
        for arguments in [
            vec![],
            vec![json!(null)],
            vec![json!("text")],
            vec![json!(7)],
            vec![json!([])],
            vec![json!([room, room, "online"])],
            vec![json!([[]])],
            vec![json!({})],
            vec![json!({ "roomId": 7, "rooms": 7, "status": 7 })],
            vec![json!({ "roomId": null, "rooms": null, "status": null })],
            vec![json!({ "roomId": { "$ne": 1 }, "rooms": [7], "status": [] })],
        ] {
            let answer = socket.call_with(event, &arguments).await.unwrap();
            assert_eq!(
                answer["error"]["code"], "bad_request",
                "{event} {arguments:?}: {answer}"
            );
        }
    }
    let sent = |content: Value| json!({ "roomId": room, "content": content });
    for content in [json!(7), json!(null), json!(["a"]), json!({ "a": 1 })] {
        refused(
            &socket.call("send_message", sent(content)).await.unwrap(),
            "bad_request",
        );
    }
    let nameless = json!({ "roomId": room, "limit": "many" });
    let answer = socket.call("join_room", nameless).await.unwrap();
    let message = text(&answer["error"], "message");
    assert!(message.starts_with("limit: "), "which field? {message}");
    still_works(&socket).await;
    assert!(
        ada.history(&room).await.is_empty(),
        "a refused send was stored"
    );
}

async fn an_event_without_a_callback_does_its_work(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let sent = json!({ "roomId": room, "content": "no answer, please" });
    socket.emit("send_message", sent).await.unwrap();
    let received = socket.expect_event("message_received").await.unwrap();
    assert_eq!(received["content"], "no answer, please");
    // A payload without a callback that makes no sense is passed over.
    socket.emit("send_message", json!(7)).await.unwrap();
    still_works(&socket).await;
}

async fn a_message_over_the_limit_breaks_the_transport_and_nothing_else(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let witness = ada.socket_in(&room).await;
    let socket = ada.socket().await;
    let sent = json!({ "roomId": room, "content": "x".repeat(200 * 1024) });
    let pending = socket.send_call("send_message", sent).await.unwrap();
    assert!(
        pending.answer().await.is_err(),
        "a message over the limit was answered"
    );
    let ended = socket.ended().await.unwrap();
    assert_ne!(
        ended,
        Ended::Disconnected,
        "official clients would not come back"
    );
    still_works(&witness).await;
    assert!(ada.history(&room).await.is_empty());
}

async fn a_broken_packet_ends_that_connection_and_no_other(server: Server) {
    let ada = server.person("ada").await;
    let witness = ada.socket().await;
    for broken in [
        "",
        "x",
        "9",
        "4",
        "4x",
        "42",
        "42{",
        "42[",
        "42[7",
        "42[\"a\"",
        "4299999999999999999999[\"a\"]",
    ] {
        let socket = ada.socket().await;
        socket.send_raw(broken).await.unwrap();
        let ended = socket.ended().await.unwrap();
        assert_ne!(
            ended,
            Ended::Disconnected,
            "{broken:?}: official clients would not come back"
        );
    }
    still_works(&witness).await;
}

async fn health_says_what_it_depends_on(server: Server) {
    let stranger = server.stranger();
    status(&stranger.get("/health/live").await.unwrap(), 200);
    let ready = status(&stranger.get("/health/ready").await.unwrap(), 200);
    let expected = ["sqlite", "postgresql"]
        .map(|database| json!({ "status": "ready", "dependencies": { database: "ready" } }));
    assert!(expected.contains(&ready), "{ready}");
}

async fn the_contract_is_public_and_lists_every_route(server: Server) {
    let document = status(
        &server.stranger().get("/api/openapi.json").await.unwrap(),
        200,
    );
    assert!(text(&document, "openapi").starts_with("3.1"));
    for (path, methods) in [
        ("/api/auth/register", &["post"][..]),
        ("/api/auth/login", &["post"]),
        ("/api/auth/logout", &["post"]),
        ("/api/auth/me", &["get"]),
        ("/api/auth/password", &["post"]),
        ("/api/auth/sessions", &["get"]),
        ("/api/rooms", &["get", "post"]),
        ("/api/rooms/{roomId}", &["get", "patch"]),
        ("/api/rooms/{roomId}/archive", &["post"]),
        ("/api/rooms/{roomId}/messages", &["get", "post"]),
        (
            "/api/rooms/{roomId}/messages/{messageId}",
            &["patch", "delete"],
        ),
        ("/api/rooms/{roomId}/changes", &["get"]),
        ("/api/rooms/{roomId}/members", &["get", "post"]),
        ("/api/rooms/{roomId}/members/{userId}", &["patch", "delete"]),
        ("/api/rooms/{roomId}/membership", &["patch"]),
        ("/api/rooms/{roomId}/read", &["put"]),
        ("/api/users", &["get"]),
        ("/api/users/{userId}", &["get"]),
        ("/api/users/me", &["patch"]),
        ("/health/live", &["get"]),
        ("/health/ready", &["get"]),
    ] {
        for method in methods {
            assert!(
                document["paths"][path][method].is_object(),
                "{method} {path} is not described"
            );
        }
    }
}

async fn answers_carry_the_headers_that_keep_a_browser_safe(server: Server) {
    let ada = server.person("ada").await;
    let polling = "/socket.io/?EIO=4&transport=polling";
    for path in ["/api/auth/me", "/api/nothing", "/", polling] {
        let answer = ada.rest.get(path).await.unwrap();
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    let answer = ada.rest.get("/api/auth/me").await.unwrap();
    assert!(
        answer.header("cache-control").contains("no-store"),
        "private data may be cached"
    );
}

/// The connection is alive and answers.
async fn still_works(socket: &Socket) {
    let answer = socket.call("resume", json!({ "rooms": [] })).await.unwrap();
    assert!(list(&ok(answer), "rooms").is_empty());
}
