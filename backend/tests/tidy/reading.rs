//! Just enough of reading code: what is a comment, what a text, what a name.

use std::collections::BTreeSet;
use std::path::Path;

/// `services` for `backend/src/services/rooms.rs` and for `backend/src/services.rs`.
pub(super) fn layer_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("backend/src/")?;
    Some(inside.split('/').next()?.trim_end_matches(".rs"))
}

pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

pub(super) fn is_rust(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "rs")
}

pub(super) fn is_code(path: &str) -> bool {
    let endings = [".rs", ".ts", ".tsx", ".css", ".sql", ".py", ".mjs", ".sh"];
    endings.iter().any(|ending| path.ends_with(ending))
}

/// The code that ships: without comments, texts, and the tests at the end of the file.
pub(super) fn shipped(text: &str) -> String {
    let code = code(text);
    match code.find("#[cfg(test)]\nmod ") {
        Some(tests) => code[..tests].to_owned(),
        None => code,
    }
}

/// Rust without its comments and without what stands in its texts.
pub(super) fn code(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") && raw_mark(rest).is_some() {
            let mark = raw_mark(rest).unwrap_or_default();
            let open = 2 + mark.len();
            let close = format!("\"{mark}");
            rest[open..]
                .find(&close)
                .map_or(rest.len(), |end| open + end + close.len())
        } else if next == '"' {
            text_length(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else if rest.starts_with("'\\\"'") {
            4
        } else {
            kept.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        rest = &rest[skipped..];
    }
    kept
}

/// The `##` of `r##"`, if a raw text begins here.
fn raw_mark(text: &str) -> Option<String> {
    let after = text.strip_prefix('r')?;
    let marks = after.len() - after.trim_start_matches('#').len();
    after[marks..].starts_with('"').then(|| "#".repeat(marks))
}

/// The length of a quoted text with its quotes.
fn text_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

pub(super) fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

/// `sendMessage`, `SendMessage` and `send_message` are two words.
pub(super) fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in identifier.chars() {
        if c == '_' || c == '-' || (c.is_uppercase() && after_small) {
            words.push(String::new());
        }
        after_small = c.is_lowercase();
        if c.is_alphanumeric() {
            words
                .last_mut()
                .expect("there is one")
                .extend(c.to_lowercase());
        }
    }
    words
}

/// Every `name` of a `crate::name` or of a `crate::{name, …}`.
pub(super) fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let group = rest
            .strip_prefix('{')
            .and_then(|inside| Some(&inside[..inside.find("};")?]));
        match group {
            None => named.extend(identifiers(rest).next().map(str::to_owned)),
            Some(group) => {
                let mut depth = 0;
                let mut at_start = true;
                for part in group.split_inclusive(['{', '}', ',']) {
                    if depth == 0 && at_start {
                        named.extend(identifiers(part).next().map(str::to_owned));
                    }
                    depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
                    at_start = depth == 0;
                }
            }
        }
    }
    named
}

pub(super) fn named(text: &str, banned: &[&str]) -> Vec<String> {
    named_in(identifiers(&code(text)), banned)
}

pub(super) fn named_in<'a>(
    identifiers: impl Iterator<Item = &'a str>,
    banned: &[&str],
) -> Vec<String> {
    let found: BTreeSet<&str> = identifiers.filter(|word| banned.contains(word)).collect();
    found
        .into_iter()
        .map(|word| format!("names `{word}`"))
        .collect()
}

#[test]
fn comments_and_texts_are_not_code() {
    let text = "a // b\n/* c */ d(\"e \\\" f\", 'g', '\"', r#\"h \" i\"#) j<'k>";
    let code = code(text);
    let seen: Vec<&str> = identifiers(&code)
        .map(|word| match word {
            "a" | "d" | "g" | "j" | "k" => word,
            _ => "?",
        })
        .collect();
    assert_eq!(seen, ["a", "d", "g", "j", "k"]);
}
