//! What an operator can choose, read once at the start and checked whole.
//!
//! A setting is declared in one place, in the file of its section, with its name, its type, its
//! default and its sentence. From that declaration come the field, the key in the TOML file, the
//! environment variable (`ROOST_` and the name in capitals), the answer of `roost config` and the
//! page in `docs/operations`. Later sources win: default, file, environment, flags.
//!
//! Only `cli` and `server` read a [`Config`]; everything else is handed what it needs.

pub mod auth;
pub mod database;
pub mod http;
pub mod limits;
pub mod log;
mod network;
mod origin;
pub mod presence;
mod print;
mod rate;
pub mod redis;
mod secret;
mod setting;
mod source;
pub mod telemetry;
mod value;

pub use auth::{Auth, Registration};
pub use database::Database;
pub use http::Http;
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use network::Network;
pub use origin::Origin;
pub use presence::Presence;
pub use print::{as_markdown, as_toml};
pub use rate::Rate;
pub use redis::Redis;
pub use secret::{DatabaseUrl, RedisUrl};
pub use source::{Error, Sources};
pub use telemetry::{Endpoint, Telemetry};

use setting::Setting;

/// Everything an operator can choose.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub http: Http,
    pub database: Database,
    pub redis: Redis,
    pub presence: Presence,
    pub auth: Auth,
    pub limits: Limits,
    pub log: Log,
    pub telemetry: Telemetry,
}

/// Settings that belong together.
struct Section {
    title: &'static str,
    about: &'static str,
    settings: Vec<Setting>,
}

/// Every section, in the order it is printed. A new section is a line here and a field above.
fn sections() -> Vec<Section> {
    vec![
        Http::section(),
        Database::section(),
        Redis::section(),
        Presence::section(),
        Auth::section(),
        Limits::section(),
        Log::section(),
        Telemetry::section(),
    ]
}
