//! What only PostgreSQL promises: plans, partitions, and locks between nodes.

mod support {
    pub(crate) mod postgres;
}

use support::postgres;

#[tokio::test]
async fn a_test_gets_a_migrated_database_of_its_own() {
    let mut one = postgres::connect(&postgres::fresh_database().await).await;
    let mut other = postgres::connect(&postgres::fresh_database().await).await;
    let count = "SELECT count(*) FROM meta";
    sqlx::query("DELETE FROM meta")
        .execute(&mut one)
        .await
        .unwrap();
    let mine: i64 = sqlx::query_scalar(count).fetch_one(&mut one).await.unwrap();
    let theirs: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!((mine, theirs), (0, 1));
}
