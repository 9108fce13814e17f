//! How the value of a setting is written, for every type a setting can have.
//!
//! There is one notation for each type, whether the text comes from the file, the environment or
//! a flag. A list is written with commas, and in TOML also as an array.

use super::{LogFormat, Registration};
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

/// Something a setting can be.
pub(super) trait Value: Sized {
    /// The value this text stands for, or what the text should have been: `Err` completes the
    /// sentence "… must be".
    fn read(text: &str) -> Result<Self, String>;

    /// The value in TOML, readable again unless it is a secret; `None` when nothing is set.
    fn show(&self) -> Option<toml::Value>;
}

/// Nothing set is not written at all; an empty environment variable counts as nothing.
impl<T: Value> Value for Option<T> {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Ok(None)
        } else {
            T::read(text).map(Some)
        }
    }

    fn show(&self) -> Option<toml::Value> {
        self.as_ref().and_then(Value::show)
    }
}

impl<T: Value> Value for Vec<T> {
    fn read(text: &str) -> Result<Self, String> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(T::read).collect()
    }

    fn show(&self) -> Option<toml::Value> {
        Some(toml::Value::Array(
            self.iter().filter_map(Value::show).collect(),
        ))
    }
}

impl Value for bool {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "on" | "true" => Ok(true),
            "off" | "false" => Ok(false),
            _ => Err("`on` or `off`".to_owned()),
        }
    }

    fn show(&self) -> Option<toml::Value> {
        Some(if *self { "on" } else { "off" }.into())
    }
}

impl Value for NonZeroU32 {
    fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "a whole number above 0".to_owned())
    }

    fn show(&self) -> Option<toml::Value> {
        Some(i64::from(self.get()).into())
    }
}

impl Value for SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "an IP address and a port, such as `127.0.0.1:3000`".to_owned())
    }

    fn show(&self) -> Option<toml::Value> {
        Some(self.to_string().into())
    }
}

impl Value for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("a path".to_owned())
        } else {
            Ok(Self::from(text))
        }
    }

    fn show(&self) -> Option<toml::Value> {
        Some(self.display().to_string().into())
    }
}

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// The longest span a setting can have. Nothing here lasts longer, and sums stay far from overflow.
const LONGEST: Duration = Duration::from_hours(24 * 36_500);

impl Value for Duration {
    fn read(text: &str) -> Result<Self, String> {
        let expected = || "a span such as `30d`, `12h`, `15m` or `10s`, above 0".to_owned();
        let (unit, seconds) = UNITS
            .iter()
            .find(|(unit, _)| text.ends_with(unit))
            .ok_or_else(expected)?;
        let count: u64 = text[..text.len() - unit.len()]
            .parse()
            .map_err(|_| expected())?;
        let span = count
            .checked_mul(*seconds)
            .map(Duration::from_secs)
            .ok_or_else(expected)?;
        if span.is_zero() || span > LONGEST {
            Err(expected())
        } else {
            Ok(span)
        }
    }

    fn show(&self) -> Option<toml::Value> {
        let seconds = self.as_secs();
        let (unit, size) = UNITS
            .iter()
            .find(|(_, size)| seconds.is_multiple_of(*size))?;
        Some(format!("{}{unit}", seconds / size).into())
    }
}

impl Value for Registration {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            _ => Err("`open` or `closed`".to_owned()),
        }
    }

    fn show(&self) -> Option<toml::Value> {
        Some(
            match self {
                Self::Open => "open",
                Self::Closed => "closed",
            }
            .into(),
        )
    }
}

impl Value for LogFormat {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("`text` or `json`".to_owned()),
        }
    }

    fn show(&self) -> Option<toml::Value> {
        Some(
            match self {
                Self::Text => "text",
                Self::Json => "json",
            }
            .into(),
        )
    }
}

/// What is logged: directives that have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(String);

impl Filter {
    /// The directives, in the notation of `tracing_subscriber::EnvFilter`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for Filter {
    fn read(text: &str) -> Result<Self, String> {
        tracing_subscriber::EnvFilter::try_new(text).map_err(|_| {
            "`error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,roost=debug`"
                .to_owned()
        })?;
        Ok(Self(text.to_owned()))
    }

    fn show(&self) -> Option<toml::Value> {
        Some(self.0.clone().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        assert_eq!(Duration::read("30d"), Ok(Duration::from_hours(720)));
        assert_eq!(Duration::from_secs(90).show(), Some("90s".into()));
        assert_eq!(Duration::from_hours(2).show(), Some("2h".into()));
        for refused in [
            "",
            "d",
            "10",
            "-1s",
            "0s",
            "1.5h",
            "99999999999999999999d",
            "40000d",
            "1w",
            "ü",
        ] {
            assert!(Duration::read(refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        assert_eq!(Option::<SocketAddr>::read(""), Ok(None));
        assert_eq!(Vec::<SocketAddr>::read(""), Ok(vec![]));
        assert!(PathBuf::read("").is_err());
    }

    #[test]
    fn log_directives_are_checked_at_the_start() {
        assert!(Filter::read("info,roost::store=debug").is_ok());
        assert!(Filter::read("roost=loud").is_err());
    }
}
