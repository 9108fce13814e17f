//! Where settings come from, and what is said when one is wrong.

use super::{Config, Setting, sections};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What was found at the start, before any of it is checked.
#[derive(Debug, Default)]
pub struct Sources {
    /// A TOML file: its path and what it says.
    pub file: Option<(PathBuf, String)>,
    /// Environment variables, by name.
    pub environment: Vec<(String, String)>,
    /// Settings given as flags, by key.
    pub flags: Vec<(&'static str, String)>,
}

impl Sources {
    /// What this process was started with: the file it names, and its environment.
    ///
    /// # Errors
    /// When the file cannot be read, or a variable is not text.
    pub fn of_process(
        file: Option<PathBuf>,
        flags: Vec<(&'static str, String)>,
    ) -> Result<Self, Error> {
        let file = match file {
            None => None,
            Some(path) => match std::fs::read_to_string(&path) {
                Ok(text) => Some((path, text)),
                Err(cause) => return Err(Error::File { path, cause }),
            },
        };
        let mut environment = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            if name.starts_with("ROOST_") {
                let value = value.into_string().map_err(|_| Error::Wrong {
                    name: name.clone(),
                    expected: "text".to_owned(),
                })?;
                environment.push((name, value));
            }
        }
        Ok(Self {
            file,
            environment,
            flags,
        })
    }
}

/// Why there is no configuration. Never shows a value, which may be a secret in the wrong place.
#[derive(Debug, Error)]
pub enum Error {
    #[error("the configuration file {} cannot be read: {cause}", path.display())]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("the configuration file {} is not TOML: {cause}", path.display())]
    Syntax { path: PathBuf, cause: String },
    #[error("the configuration file {} has `{key}`, which is no setting; `roost config` lists them all", path.display())]
    Unknown { path: PathBuf, key: String },
    #[error("{name} must be {expected}")]
    Wrong { name: String, expected: String },
}

impl Config {
    /// Reads every setting from everywhere and checks it.
    ///
    /// # Errors
    /// For the first setting that is wrong, naming it as it was written.
    pub fn load(sources: &Sources) -> Result<Self, Error> {
        let settings: Vec<Setting> = sections()
            .into_iter()
            .flat_map(|section| section.settings)
            .collect();
        let mut config = Self::default();
        if let Some((path, text)) = &sources.file {
            read_file(&mut config, &settings, path, text)?;
        }
        for setting in &settings {
            let variable = setting.variable();
            // An empty variable is one that was not set.
            for (_, text) in sources
                .environment
                .iter()
                .filter(|(name, text)| *name == variable && !text.is_empty())
            {
                set(&mut config, setting, text, || variable.clone())?;
            }
            for (_, text) in sources.flags.iter().filter(|(key, _)| *key == setting.key) {
                set(&mut config, setting, text, || {
                    format!("--{}", setting.key.replace('_', "-"))
                })?;
            }
        }
        Ok(config)
    }
}

fn read_file(
    config: &mut Config,
    settings: &[Setting],
    path: &Path,
    text: &str,
) -> Result<(), Error> {
    let table: toml::Table = toml::from_str(text).map_err(|error| Error::Syntax {
        path: path.to_owned(),
        // The message alone: the error's own text quotes the line, which may hold a password.
        cause: match error.span() {
            Some(span) => format!("line {}, {}", line_of(text, span.start), error.message()),
            None => error.message().to_owned(),
        },
    })?;
    for (key, value) in &table {
        let Some(setting) = settings.iter().find(|setting| setting.key == key) else {
            return Err(Error::Unknown {
                path: path.to_owned(),
                key: key.clone(),
            });
        };
        let name = || format!("{key} in {}", path.display());
        let text = scalar(value)
            .or_else(|| list(value))
            .ok_or_else(|| Error::Wrong {
                name: name(),
                expected: "a text, a number, `true`, `false` or a list of texts".to_owned(),
            })?;
        set(config, setting, &text, name)?;
    }
    Ok(())
}

fn set(
    config: &mut Config,
    setting: &Setting,
    text: &str,
    name: impl FnOnce() -> String,
) -> Result<(), Error> {
    (setting.set)(config, text.trim()).map_err(|expected| Error::Wrong {
        name: name(),
        expected,
    })
}

/// A TOML value in the notation the environment has.
fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(switch) => Some(switch.to_string()),
        _ => None,
    }
}

fn list(value: &toml::Value) -> Option<String> {
    let parts: Option<Vec<String>> = value.as_array()?.iter().map(scalar).collect();
    Some(parts?.join(","))
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Registration;
    use std::time::Duration;

    fn file(text: &str) -> Sources {
        Sources {
            file: Some((PathBuf::from("roost.toml"), text.to_owned())),
            ..Sources::default()
        }
    }

    fn refusal(sources: &Sources) -> String {
        Config::load(sources).unwrap_err().to_string()
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
        let mut sources = Sources::default();
        let port = |sources: &Sources| Config::load(sources).unwrap().http.listen.port();
        assert_eq!(port(&sources), 3000);
        sources.file = Some((
            PathBuf::from("roost.toml"),
            "listen = '127.0.0.1:1'".to_owned(),
        ));
        assert_eq!(port(&sources), 1);
        sources.environment = vec![("ROOST_LISTEN".to_owned(), "127.0.0.1:2".to_owned())];
        assert_eq!(port(&sources), 2);
        sources.flags = vec![("listen", "127.0.0.1:3".to_owned())];
        assert_eq!(port(&sources), 3);
    }

    #[test]
    fn a_file_may_say_everything_in_toml() {
        let config = Config::load(&file(
            "public_url = 'https://chat.example.org'\n\
             trusted_proxies = ['10.0.0.0/8', '::1']\n\
             registration = 'closed'\n\
             session_idle = '7d'\n\
             limits = false\n\
             limit_send = '1/s burst 5'\n\
             database_max_connections = 4\n\
             database_url = 'postgresql://localhost/roost'",
        ))
        .unwrap();
        assert!(config.http.public_url.unwrap().is_https());
        assert_eq!(config.http.trusted_proxies.len(), 2);
        assert_eq!(config.auth.registration, Registration::Closed);
        assert_eq!(config.auth.session_idle, Duration::from_hours(168));
        assert!(!config.limits.enabled);
        assert_eq!(config.limits.send.burst.get(), 5);
        assert_eq!(config.database.max_connections.get(), 4);
        assert_eq!(
            config.database.url.unwrap().expose(),
            "postgresql://localhost/roost"
        );
    }

    #[test]
    fn rate_limits_are_switched_off_by_one_variable() {
        let environment = vec![("ROOST_LIMITS".to_owned(), "off".to_owned())];
        let config = Config::load(&Sources {
            environment,
            ..Sources::default()
        })
        .unwrap();
        assert!(!config.limits.enabled);
    }

    #[test]
    fn a_wrong_setting_is_named_as_it_was_written() {
        assert!(
            refusal(&file("lisen = 'x'")).contains("roost.toml has `lisen`, which is no setting")
        );
        assert!(refusal(&file("[http]\nlisten = 'x'")).contains("`http`"));
        assert!(refusal(&file("listen = 3000")).starts_with("listen in roost.toml must be"));
        assert!(refusal(&file("listen = { a = 1 }")).starts_with("listen in roost.toml must be"));
        assert!(refusal(&file("\nlisten 3")).contains("roost.toml is not TOML: line 2"));
        let flags = vec![("database_url", "sqlite://roost.db".to_owned())];
        let by_flag = Sources {
            flags,
            ..Sources::default()
        };
        assert!(
            refusal(&by_flag).starts_with("--database-url must be the address of a PostgreSQL")
        );
        let environment = vec![("ROOST_REGISTRATION".to_owned(), "invite".to_owned())];
        let by_variable = Sources {
            environment,
            ..Sources::default()
        };
        assert_eq!(
            refusal(&by_variable),
            "ROOST_REGISTRATION must be `open` or `closed`"
        );
    }

    #[test]
    fn a_refusal_never_repeats_what_may_be_a_password() {
        let wrong = file("database_url = 'mysql://roost:hunter2@localhost'");
        assert!(!refusal(&wrong).contains("hunter2"));
        assert!(!refusal(&file("database_url = 'hunter2")).contains("hunter2"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let missing = Some(PathBuf::from("/nowhere/roost.toml"));
        let error = Sources::of_process(missing, Vec::new()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("/nowhere/roost.toml cannot be read")
        );
    }
}
