//! The rules: each says what is wrong with one file.

use super::File;
use super::reading::{
    code, crate_paths, identifiers, is_code, is_rust, layer_of, named, named_in, shipped, stem,
    words,
};
use std::collections::BTreeSet;

/// What is wrong with a file; nothing, if nothing is.
type Rule = fn(&File) -> Vec<String>;

pub(super) const RULES: &[(&str, Rule)] = &[
    ("layers", layers),
    ("models are facts", models_are_facts),
    (
        "services know no keeper and no wire",
        services_know_no_keeper,
    ),
    ("the engine knows no chat", the_engine_knows_no_chat),
    ("the load test shares nothing", the_load_test_shares_nothing),
    ("configuration is read once", configuration_is_read_once),
    ("files are short", files_are_short),
    ("lints are expected with a reason", lints_are_expected),
    ("nothing is left for later", nothing_is_left_for_later),
    ("a module says what it is for", a_module_says_what_it_is_for),
    (
        "a file is named after a thing",
        a_file_is_named_after_a_thing,
    ),
    (
        "the chat core is without a framework",
        the_chat_core_is_without_a_framework,
    ),
];

/// A file of another kind of text than a person wrote is judged by what wrote it.
pub(super) const GENERATED: &[&str] = &["frontend/src/protocol/generated.ts"];

pub(super) const LONGEST: usize = 600;

/// What each layer of the server may name of the others. The `crate::…` paths in the code that
/// ships are held against this list; `clock` and `models` are for all, and `simulation`, which only
/// tests have, names whom it likes.
const LAYERS: &[(&str, &[&str])] = &[
    ("models", &[]),
    ("protocol", &[]),
    ("auth", &[]),
    ("store", &[]),
    ("redis_link", &[]),
    ("presence", &["redis_link"]),
    ("bus", &["redis_link"]),
    (
        "services",
        &["auth", "store", "presence", "bus", "protocol"],
    ),
    ("web", &["config"]),
    ("api", &["auth", "services", "protocol", "web"]),
    ("socket", &["auth", "services", "protocol", "web"]),
    ("config", &[]),
    ("telemetry", &["config", "services"]),
    ("cli", &["api", "config", "server", "store", "telemetry"]),
];

fn layers(file: &File) -> Vec<String> {
    let Some(layer) = layer_of(&file.path) else {
        return Vec::new();
    };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return Vec::new();
    };
    let may = |named: &str| {
        let for_all = ["models", "clock", "simulation"];
        named == layer || for_all.contains(&named) || allowed.contains(&named)
    };
    crate_paths(&shipped(&file.text))
        .into_iter()
        .filter(|named| !may(named))
        .map(|named| format!("`{layer}` must not name `crate::{named}`"))
        .collect()
}

fn models_are_facts(file: &File) -> Vec<String> {
    if layer_of(&file.path) != Some("models") {
        return Vec::new();
    }
    let banned = [
        "async", "await", "tokio", "sqlx", "rusqlite", "axum", "realtime", "clock",
    ];
    named(&file.text, &banned)
}

fn services_know_no_keeper(file: &File) -> Vec<String> {
    if layer_of(&file.path) != Some("services") {
        return Vec::new();
    }
    let text = shipped(&file.text);
    let mut found = named(&text, &["axum", "sqlx", "rusqlite", "redis"]);
    for keeper in [
        "store::sqlite",
        "store::postgres",
        "presence::redis",
        "bus::redis",
    ] {
        if text.contains(keeper) {
            found.push(format!("names the keeper `{keeper}`"));
        }
    }
    found
}

/// The engine speaks of connections, topics, frames and cursors. WebSocket and Engine.IO call what
/// they carry messages, and HTTP and TCP have users of their own.
fn the_engine_knows_no_chat(file: &File) -> Vec<String> {
    const ITS_OWN: &[&str] = &[
        "topic", "cursor", "tail", "backfill", "delivery", "outbox", "frame",
    ];
    if !file.path.starts_with("backend/crates/realtime/src/") {
        return Vec::new();
    }
    let name = stem(&file.path).trim_end_matches('s');
    let carries = !ITS_OWN.contains(&name) || file.path.contains("/websocket/");
    let elsewhere = ["user_agent", "user_timeout", "set_tcp_user_timeout"];
    let mut found = BTreeSet::new();
    for identifier in identifiers(&code(&file.text)) {
        if elsewhere.contains(&identifier.to_lowercase().as_str()) {
            continue;
        }
        for word in words(identifier) {
            let word = word.trim_end_matches('s');
            if ["user", "room", "chat"].contains(&word) || (word == "message" && !carries) {
                found.insert(format!("`{identifier}` is a word of the chat"));
            }
        }
    }
    found.into_iter().collect()
}

fn the_load_test_shares_nothing(file: &File) -> Vec<String> {
    // The bench speaks of the servers that it starts; it shares code only if it depends on them.
    let of_bench = file.path == "backend/crates/bench/Cargo.toml";
    if !of_bench && !file.path.starts_with("backend/crates/loadtest/") {
        return Vec::new();
    }
    named(&file.text, &["roost", "realtime"])
}

fn configuration_is_read_once(file: &File) -> Vec<String> {
    let Some(layer) = layer_of(&file.path) else {
        return Vec::new();
    };
    // Simulations are tests, which have no configuration.
    if ["config", "cli", "server", "simulation"].contains(&layer) {
        return Vec::new();
    }
    let text = shipped(&file.text);
    ["env::var", "env::vars", "env::args"]
        .iter()
        .filter(|call| text.contains(*call))
        .map(|call| format!("`{call}` is for `config`, `cli` and `server`"))
        .take(1)
        .collect()
}

fn files_are_short(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines <= LONGEST || !is_code(&file.path) {
        return Vec::new();
    }
    vec![format!(
        "{lines} lines; look for the second noun hiding in it"
    )]
}

fn lints_are_expected(file: &File) -> Vec<String> {
    let text = if is_rust(&file.path) {
        code(&file.text)
    } else {
        String::new()
    };
    let compact: String = text.split_whitespace().collect();
    let mut found = Vec::new();
    if ["#[allow(", "#![allow("]
        .iter()
        .any(|attribute| compact.contains(attribute))
    {
        found.push(
            "`allow` hides for ever; `expect` with a reason tells when it is over".to_owned(),
        );
    }
    for attribute in compact.split("#[expect(").skip(1) {
        let end = attribute.find(")]").unwrap_or(attribute.len());
        if !attribute[..end].contains("reason=") {
            found.push("an `expect` without a reason".to_owned());
        }
    }
    found
}

fn nothing_is_left_for_later(file: &File) -> Vec<String> {
    let markers = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    named_in(identifiers(&file.text), &markers)
}

fn a_module_says_what_it_is_for(file: &File) -> Vec<String> {
    if !is_rust(&file.path) || file.text.starts_with("//! ") {
        return Vec::new();
    }
    vec!["begins without `//!`".to_owned()]
}

fn a_file_is_named_after_a_thing(file: &File) -> Vec<String> {
    let name = stem(&file.path).to_lowercase();
    let banned = [
        "util", "utils", "helper", "helpers", "common", "manager", "handler", "handlers", "misc",
    ];
    words(&name)
        .iter()
        .filter(|word| banned.contains(&word.as_str()))
        .map(|word| format!("`{word}` names nothing"))
        .collect()
}

fn the_chat_core_is_without_a_framework(file: &File) -> Vec<String> {
    if !file.path.starts_with("frontend/src/chat/") || file.path.contains(".test.") {
        return Vec::new();
    }
    let imported = file.text.lines().filter_map(|line| {
        let (_, from) = line
            .split_once("from ")
            .or_else(|| line.split_once("import("))?;
        let name = from.trim_start_matches(['\'', '"']);
        Some(&name[..name.find(['\'', '"']).unwrap_or(name.len())])
    });
    imported
        .filter(|name| {
            ["react", "react-dom", "wouter"].contains(name)
                || name.starts_with("react/")
                || name.starts_with("@base-ui/")
                || ["/components/", "/pages/", "/hooks/"]
                    .iter()
                    .any(|folder| name.contains(folder))
        })
        .map(|name| format!("imports `{name}`"))
        .collect()
}

/// Both databases have the same migrations, numbered without a gap.
pub(super) fn migrations_match(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) =
        (sqlite.iter().collect(), postgres.iter().collect());
    for name in ours.symmetric_difference(&theirs) {
        found.push(format!("{name} is in one of the two folders only"));
    }
    for (place, name) in ours.iter().enumerate() {
        if !name.starts_with(&format!("{:04}_", place + 1)) {
            found.push(format!("{name} should have the number {:04}", place + 1));
        }
    }
    found
}
