//! The settings, written for people: `roost config` and the page in `docs/operations`.

use super::{Config, Section, Setting, sections};
use std::fmt::Write as _;

/// The column comments are wrapped at.
const WIDTH: usize = 96;

/// The effective values as a TOML file that could be given back, except that secrets are `***`.
pub fn as_toml(config: &Config) -> String {
    let mut page = String::from(
        "# What this server runs with. Save it as a file, change it, and start `roost --config FILE`.\n\
         # Every setting is also an environment variable; flags win over those, and those over the file.\n",
    );
    for section in sections() {
        write!(page, "\n# ── {} ──\n", section.title).expect("a string takes everything");
        for setting in section.settings {
            page.push_str(&toml_entry(&setting, config));
        }
    }
    page
}

fn toml_entry(setting: &Setting, config: &Config) -> String {
    let default = match (setting.get)(&Config::default()) {
        Some(value) => format!("default {value}"),
        None => "not set by default".to_owned(),
    };
    let value = match (setting.get)(config) {
        Some(value) => format!("{} = {value}\n", setting.key),
        None => format!("# {} =\n", setting.key),
    };
    format!(
        "\n{}# {}, {default}\n{value}",
        comment(setting.about),
        setting.variable()
    )
}

fn comment(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + word.len() >= WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

/// The reference page of every setting and its default.
pub fn as_markdown() -> String {
    let mut page = String::from(
        "<!-- Made by `roost config --markdown`; `make codegen` writes it again. -->\n\
         # Configuration\n\n\
         Roost needs no configuration. What can be chosen, can be chosen in four ways; the later wins:\n\n\
         1. the default below,\n\
         2. a TOML file, named with `--config FILE` or `ROOST_CONFIG`, with the names below as keys,\n\
         3. an environment variable: `ROOST_` and the name in capitals,\n\
         4. a flag, for `--listen`, `--data-dir`, `--database-url` and `--redis-url`.\n\n\
         `roost config` prints what is in effect, without secrets, as such a file. An unknown key or a \
         value that does not fit stops the server at the start with a sentence that names it.\n\n\
         A list is a TOML array, or one text with commas. A span of time is a number and `s`, `m`, `h` or \
         `d`. A rate is `10/s`, `10/min` or `10/h`, and `10/s burst 50` where more may come at once.\n",
    );
    for section in sections() {
        page.push_str(&markdown_section(&section));
    }
    page
}

fn markdown_section(section: &Section) -> String {
    let about = section
        .about
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let mut text = format!(
        "\n## {}\n\n{about}\n\n| Setting | Environment | Default | What it does |\n|---|---|---|---|\n",
        section.title,
    );
    for setting in &section.settings {
        let default = (setting.get)(&Config::default())
            .map_or_else(|| "not set".to_owned(), |value| format!("`{value}`"));
        let about = setting
            .about
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        writeln!(
            text,
            "| `{}` | `{}` | {default} | {about} |",
            setting.key,
            setting.variable()
        )
        .expect("a string takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use std::path::PathBuf;

    #[test]
    fn what_is_printed_can_be_read_back() {
        let environment = [
            ("ROOST_PUBLIC_URL", "https://chat.example.org"),
            ("ROOST_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("ROOST_SHUTDOWN_GRACE", "90s"),
            ("ROOST_LIMIT_LOGIN", "3/min"),
            ("ROOST_LIMITS", "off"),
        ];
        let environment = environment
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let config = Config::load(&Sources {
            environment,
            ..Sources::default()
        })
        .unwrap();
        let printed = as_toml(&config);
        let file = Some((PathBuf::from("roost.toml"), printed.clone()));
        let again = Config::load(&Sources {
            file,
            ..Sources::default()
        })
        .unwrap();
        assert_eq!(as_toml(&again), printed);
        assert!(
            printed.contains("limits = \"off\"") && printed.contains("limit_login = \"3/min\"")
        );
    }

    #[test]
    fn a_secret_is_printed_as_three_stars() {
        let flags = vec![(
            "database_url",
            "postgres://roost:hunter2@localhost/roost".to_owned(),
        )];
        let config = Config::load(&Sources {
            flags,
            ..Sources::default()
        })
        .unwrap();
        let printed = as_toml(&config);
        assert!(printed.contains("database_url = \"***\"") && !printed.contains("hunter2"));
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn every_setting_has_one_name_and_a_sentence_and_is_on_the_page() {
        let page = as_markdown();
        let mut seen = std::collections::HashSet::new();
        for setting in sections().iter().flat_map(|section| &section.settings) {
            assert!(
                seen.insert(setting.key),
                "{} is declared twice",
                setting.key
            );
            assert!(
                setting.about.ends_with('.'),
                "{} has no sentence",
                setting.key
            );
            assert!(page.contains(&format!("| `{}` | `{}` |", setting.key, setting.variable())));
        }
    }
}
