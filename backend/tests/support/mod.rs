//! What the stories need before they can begin: a running server, people, and
//! short ways to say what was expected.

pub(crate) mod cluster;
pub(crate) mod expect;
pub(crate) mod exposition;
pub(crate) mod line;
pub(crate) mod people;
pub(crate) mod postgres;
pub(crate) mod postgres_faults;
pub(crate) mod redis;
pub(crate) mod server;
pub(crate) mod standby;

/// Tells each story on both databases. A story takes the server it is told on;
/// one that is missing from the list is dead code, which the build refuses.
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use crate::support::server::{Backend, Server};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$story(Server::start(Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgresql() {
                super::$story(Server::start(Backend::Postgresql).await).await;
            }
        }
    )+};
}

pub(crate) use on_both_databases;
