//! Values that are used and never shown.

use super::value::Value;
use std::fmt;

macro_rules! address {
    ($(#[$doc:meta])* $name:ident, $schemes:expr, $expected:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The address itself, for the driver alone.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }

        impl Value for $name {
            fn read(text: &str) -> Result<Self, String> {
                let known = $schemes;
                if known.iter().any(|scheme| text.starts_with(scheme)) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($expected.to_owned())
                }
            }

            fn show(&self) -> Option<toml::Value> {
                Some("***".into())
            }
        }
    };
}

address!(
    /// The address of a PostgreSQL database, which usually carries a password.
    DatabaseUrl,
    ["postgres://", "postgresql://"],
    "the address of a PostgreSQL database, beginning with `postgres://` \
     (leave it out to keep everything in SQLite)"
);
address!(
    /// The address of a Redis, which may carry a password.
    RedisUrl,
    ["redis://", "rediss://"],
    "the address of a Redis, beginning with `redis://` or `rediss://` \
     (leave it out for a single server)"
);

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
    fn a_redis_address_is_never_shown() {
        let url = RedisUrl::read("rediss://:hunter2@localhost/1").unwrap();
        assert!(!format!("{url:?} {:?}", url.show()).contains("hunter2"));
        assert!(RedisUrl::read("localhost:6379").is_err());
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
