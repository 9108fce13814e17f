//! Planted violations: a rule that catches nothing holds nothing.

use super::File;
use super::rules::{LONGEST, RULES};

/// A rule's name, a path, a text that breaks the rule there, and one that does not.
const PLANTS: &[(&str, &str, &str, &str)] = &[
    (
        "layers",
        "backend/src/models/room.rs",
        "use crate::store::Page;",
        "use crate::models::RoomId;",
    ),
    (
        "layers",
        "backend/src/api/rooms.rs",
        "use crate::store::Store;",
        "use crate::services::Chat; // crate::store",
    ),
    (
        "layers",
        "backend/src/api/rooms.rs",
        "use crate::{services::{Chat, Member}, socket::Session};",
        "use crate::{services::{Chat, socket}, web};",
    ),
    (
        "layers",
        "backend/src/socket/rooms.rs",
        "fn a() { crate::api::problem() }",
        "fn a() { \"crate::api\" }\n#[cfg(test)]\nmod tests { use crate::api; }",
    ),
    (
        "layers",
        "backend/src/protocol/rooms.rs",
        "use crate::services::Chat;",
        "use crate::models::Room;",
    ),
    (
        "models are facts",
        "backend/src/models/room.rs",
        "async fn load() {}",
        "/// Not async.\nfn name() {}",
    ),
    (
        "models are facts",
        "backend/src/models/room.rs",
        "#[derive(sqlx::FromRow)]",
        "#[derive(Debug)]",
    ),
    (
        "services know no keeper and no wire",
        "backend/src/services/rooms.rs",
        "use axum::Json;",
        "use std::fmt;",
    ),
    (
        "services know no keeper and no wire",
        "backend/src/services/rooms.rs",
        "use crate::store::sqlite::SqliteStore;",
        "use crate::store::Store;",
    ),
    (
        "the engine knows no chat",
        "backend/crates/realtime/src/topic.rs",
        "struct RoomTopic;",
        "/// Makes room.\nstruct Topic;",
    ),
    (
        "the engine knows no chat",
        "backend/crates/realtime/src/topic.rs",
        "fn send_messages() {}",
        "fn send_frames() {}",
    ),
    (
        "the engine knows no chat",
        "backend/crates/realtime/src/link.rs",
        "let user_id = 1;",
        "let agent = USER_AGENT;",
    ),
    (
        "the load test shares nothing",
        "backend/crates/loadtest/src/client.rs",
        "use realtime::packet;",
        "let name = \"roost\";",
    ),
    (
        "the load test shares nothing",
        "backend/crates/loadtest/Cargo.toml",
        "realtime = { path = \"../realtime\" }",
        "tokio = \"1\"",
    ),
    (
        "the load test shares nothing",
        "backend/crates/bench/Cargo.toml",
        "realtime = { path = \"../realtime\" }",
        "mio = \"1\"",
    ),
    (
        "configuration is read once",
        "backend/src/store/mod.rs",
        "std::env::var_os(\"HOME\")",
        "env!(\"CARGO_PKG_VERSION\")",
    ),
    (
        "files are short",
        "backend/src/store/mod.rs",
        LONG,
        "fn main() {}",
    ),
    (
        "lints are expected with a reason",
        "backend/src/store/mod.rs",
        "#[allow(dead_code)]",
        "#[expect(dead_code, reason = \"…\")]",
    ),
    (
        "lints are expected with a reason",
        "backend/src/store/mod.rs",
        "#[expect(dead_code)]",
        "// #[allow(dead_code)]",
    ),
    (
        "nothing is left for later",
        "frontend/src/chat/chat.ts",
        concat!("// TO", "DO: later"),
        "// later",
    ),
    (
        "a module says what it is for",
        "backend/src/store/mod.rs",
        "use std::fmt;",
        "//! What is remembered.",
    ),
    (
        "a file is named after a thing",
        "backend/src/string_utils.rs",
        "",
        "",
    ),
    (
        "the chat core is without a framework",
        "frontend/src/chat/chat.ts",
        "import { useState } from 'react';",
        "import { io } from 'socket.io-client';",
    ),
    (
        "the chat core is without a framework",
        "frontend/src/chat/chat.ts",
        "import { Row } from '../components/messages/Row';",
        "import { Outbox } from './outbox';",
    ),
];

/// One line more than a file may have.
const LONG: &str = {
    const LINES: [u8; LONGEST + 1] = [b'\n'; LONGEST + 1];
    match std::str::from_utf8(&LINES) {
        Ok(lines) => lines,
        Err(_) => panic!("line ends are text"),
    }
};

#[test]
fn every_rule_catches_what_it_is_for() {
    for (name, rule) in RULES {
        let plants: Vec<_> = PLANTS.iter().filter(|(of, ..)| of == name).collect();
        assert!(
            !plants.is_empty(),
            "nobody has tried to break the rule `{name}`"
        );
        for (_, path, bad, good) in plants {
            let file = |path: &str, text: &str| File {
                path: path.to_owned(),
                text: text.to_owned(),
            };
            assert!(
                !rule(&file(path, bad)).is_empty(),
                "`{name}` misses {bad:?}"
            );
            let good_path = if bad == good {
                "backend/src/store/rows.rs"
            } else {
                path
            };
            let complaints = rule(&file(good_path, good));
            assert!(
                complaints.is_empty(),
                "`{name}` complains about {good:?}: {complaints:?}"
            );
        }
    }
    assert!(
        PLANTS
            .iter()
            .all(|(name, ..)| RULES.iter().any(|(rule, _)| rule == name))
    );
}
