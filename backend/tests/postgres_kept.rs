//! The connection that stores messages is kept for the next ones, and nobody goes without one for that.

#![expect(
    clippy::unwrap_used,
    reason = "what is not expected ends the test, which is what it is for"
)]

mod support {
    pub(crate) mod postgres;
    pub(crate) mod postgres_people;
}

use roost::models::Draft;
use roost::store::Store as _;
use roost::store::postgres::PostgresStore;
use std::sync::Arc;
use support::postgres;
use support::postgres_people::{NOON, ana, draft, room};

/// A store of at most so many connections, and a message for it.
async fn store(url: &str, connections: u32) -> (Arc<PostgresStore>, Draft) {
    let store = PostgresStore::connect(url, connections).await.unwrap();
    store.maintain(NOON).await.unwrap();
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    let hello = Draft {
        client_id: None,
        ..draft(room, ana, "hello", NOON)
    };
    (store, hello)
}

#[tokio::test]
async fn one_message_after_the_other_is_stored_by_the_same_connection() {
    let url = postgres::fresh_database().await;
    let (store, draft) = store(&url, 4).await;
    // All there may be are open.
    let reads = (0..20).map(|_| store.has_users());
    futures_util::future::join_all(reads).await;
    // A second after it was lent it is lent anew: of three runs one is that fast on any machine.
    let mut db = postgres::connect(&url).await;
    let mut used = Vec::new();
    for _ in 0..3 {
        let before = calls(&mut db).await;
        for _ in 0..5 {
            store.append(std::slice::from_ref(&draft)).await.unwrap();
        }
        let after = calls(&mut db).await;
        used.push(after.iter().filter(|call| !before.contains(call)).count());
    }
    assert!(used.contains(&1), "{used:?}");
    let load = store.load();
    assert!(
        load.idle > 0 && load.busy + load.idle <= load.most,
        "{load:?}"
    );
}

/// By which server process a message was stored last, and when, as far as these have done nothing else.
async fn calls(db: &mut sqlx::PgConnection) -> Vec<(i32, String)> {
    sqlx::query_as(
        "SELECT pid, query_start::text FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'CALL post_message%'",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_only_connection_is_not_kept_from_anybody() {
    let url = postgres::fresh_database().await;
    let (store, draft) = store(&url, 1).await;
    for _ in 0..3 {
        store.append(std::slice::from_ref(&draft)).await.unwrap();
        assert!(store.has_users().await.unwrap());
    }
    let (stored, read) = tokio::join!(
        store.append(std::slice::from_ref(&draft)),
        store.has_users()
    );
    assert!(stored.unwrap()[0].is_ok() && read.unwrap());
    store.close().await;
    assert!(store.append(&[draft]).await.is_err());
}

#[tokio::test]
async fn a_store_closes_although_a_connection_is_kept() {
    let url = postgres::fresh_database().await;
    let (store, draft) = store(&url, 4).await;
    store.append(&[draft]).await.unwrap();
    store.close().await;
    assert!(store.has_users().await.is_err());
}
