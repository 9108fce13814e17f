//! How several servers hear of each other.

use super::{RedisUrl, setting::section};

section! {
    /// Several servers on one PostgreSQL are one chat: give each the same database and the same
    /// Redis. Nothing is kept in Redis that cannot be lost.
    redis: Redis, "More than one server" {
        /// Redis 7 or newer, or one node of a Redis Cluster, such as `redis://:secret@cache.example.org`.
        /// When it is not set, this is the only server on its database.
        "redis_url" => url: Option<RedisUrl> = None;
    }
}
