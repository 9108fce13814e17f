//! The repository examines itself: which part may lean on which, and the habits of the house.
//!
//! Every rule is a function of one file's path and text, and has a planted violation that it must
//! catch. The rules themselves are explained in `ARCHITECTURE.md` and `CONTRIBUTING.md`.

mod plants;
mod reading;
mod rules;

use reading::is_code;
use rules::{GENERATED, RULES, migrations_match};
use std::fs;
use std::path::{Path, PathBuf};

/// A file, by its path from the root of the repository.
struct File {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("backend/ has a parent")
        .to_owned()
}

/// Every text of ours, without what is built, installed or stored.
fn files() -> Vec<File> {
    const SKIPPED: &[&str] = &[
        "target",
        "node_modules",
        "dist",
        "data",
        "test-results",
        "playwright-report",
        ".git",
        "__pycache__",
    ];
    let mut files = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if is_code(&name) || name == "Cargo.toml" || name == "Makefile" {
                let inside = path.strip_prefix(root()).expect("it was found there");
                let text = fs::read_to_string(&path).unwrap_or_default();
                files.push(File {
                    path: inside.display().to_string(),
                    text,
                });
            }
        }
    }
    files
}

#[test]
fn the_repository_keeps_its_rules() {
    let mut found = Vec::new();
    for file in files()
        .iter()
        .filter(|file| !GENERATED.contains(&file.path.as_str()))
    {
        for (name, rule) in RULES {
            found.extend(
                rule(file)
                    .into_iter()
                    .map(|what| format!("{}: {what} ({name})", file.path)),
            );
        }
    }
    found.sort();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> Vec<String> {
        let folder = root().join("backend/migrations").join(database);
        let entries = fs::read_dir(folder).expect("there are migrations");
        entries
            .map(|entry| {
                entry
                    .expect("it can be read")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    };
    let found = migrations_match(&names("sqlite"), &names("postgres"));
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn a_migration_of_one_database_only_is_noticed() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let both = names(&["0001_accounts.sql", "0002_rooms.sql"]);
    assert!(migrations_match(&both, &both).is_empty());
    assert!(!migrations_match(&both, &names(&["0001_accounts.sql"])).is_empty());
    assert!(!migrations_match(&both, &names(&["0001_accounts.sql", "0002_room.sql"])).is_empty());
    let gap = names(&["0001_accounts.sql", "0003_rooms.sql"]);
    assert!(!migrations_match(&gap, &gap).is_empty());
}
