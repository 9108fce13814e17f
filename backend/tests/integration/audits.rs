//! Somebody looks whether what a server keeps is sound.

use serde_json::{Value, json};

use crate::support::{expect::ok, on_both_databases, server::Server};

on_both_databases!(
    an_audit_beside_a_server_at_work_finds_nothing,
    an_audit_names_what_is_wrong_and_where,
);

async fn an_audit_beside_a_server_at_work_finds_nothing(server: Server) {
    let nothing = server.audit(&[]).await;
    assert!(nothing.status.success());
    let said = String::from_utf8(nothing.stdout).unwrap();
    assert_eq!(
        said,
        "Looked at 0 rooms: 0 messages and 0 other entries, 0 memberships; and at 0 accounts.\n\
         All is sound.\n"
    );

    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let room = ada.room("public").await;
    let socket = bob.socket_in(&room).await;
    let message = ada.say(&room, "@bob look").await;
    let react = json!({ "roomId": room, "messageId": message["id"], "emoji": "👀" });
    ok(socket.call("add_reaction", react).await.unwrap());
    ada.direct(&[&bob]).await;

    server.expect_sound().await;
    let told: Value = serde_json::from_slice(&server.audit(&["--json"]).await.stdout).unwrap();
    let expected = json!({
        "sound": true,
        "checked": { "rooms": 2, "messages": 1, "changes": 2, "memberships": 4, "users": 2 },
        "totals": {},
        "findings": [],
    });
    assert_eq!(told, expected);
    // It was in nobody's way.
    ada.say(&room, "and on it goes").await;
    let server = server.stop().await;
    server.expect_sound().await;
    server.start_again().await.expect_sound().await;
}

async fn an_audit_names_what_is_wrong_and_where(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    for number in 1..=30 {
        ada.say(&room, &format!("number {number}")).await;
    }
    server
        .spoil("UPDATE messages SET rev_seq = rev_seq + 1 WHERE seq < 28; DELETE FROM meta")
        .await;
    let found = server.audit(&[]).await;
    assert_eq!(found.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(found.stderr).unwrap(),
        "roost: what is stored is not sound: 28 flaws found\n"
    );
    let said = String::from_utf8(found.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "Looked at 1 room: 30 messages and 0 other entries, 1 membership; and at 1 account.",
            "",
            "The database does not say which history it is. (no_epoch: 1)",
        ]
    );
    assert_eq!(
        lines[4],
        "A message was last touched by another entry than it says. (revision: 27)"
    );
    assert!(
        lines[5].starts_with(&format!("  room {room}, seq ")),
        "{said}"
    );
    assert_eq!(lines.last(), Some(&"  and 7 more"));

    let found = server.audit(&["--json"]).await;
    assert_eq!(found.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(told["sound"], false);
    assert_eq!(told["totals"], json!({ "no_epoch": 1, "revision": 27 }));
    assert_eq!(told["findings"][0]["flaw"], "revision");
    assert_eq!(told["findings"][0]["room"], room.as_str());
    assert_eq!(told["findings"].as_array().unwrap().len(), 21);
}
