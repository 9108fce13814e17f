//! Values that are used and never shown.

use super::value::Value;
use std::fmt;

/// The address of a PostgreSQL database, which usually carries a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address itself, for the driver alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(***)")
    }
}

impl Value for DatabaseUrl {
    fn read(text: &str) -> Result<Self, String> {
        let known = ["postgres://", "postgresql://"];
        if known.iter().any(|scheme| text.starts_with(scheme)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                "the address of a PostgreSQL database, beginning with `postgres://` \
                 (leave it out to keep everything in SQLite)"
                    .to_owned(),
            )
        }
    }

    fn show(&self) -> Option<toml::Value> {
        Some("***".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_address_is_never_shown() {
        let url = DatabaseUrl::read("postgres://roost:hunter2@localhost/roost").unwrap();
        assert!(!format!("{url:?} {:?}", url.show()).contains("hunter2"));
        assert!(url.expose().contains("hunter2"));
    }

    #[test]
    fn only_postgresql_is_an_address() {
        for refused in [
            "mysql://localhost/roost",
            "./data/roost.db",
            "postgres:roost",
        ] {
            assert!(DatabaseUrl::read(refused).is_err(), "{refused:?}");
        }
    }
}
