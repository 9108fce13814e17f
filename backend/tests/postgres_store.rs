//! What only PostgreSQL has to keep: partitions, locks between nodes, connections that break.

#![expect(
    clippy::unwrap_used,
    reason = "what is not expected ends the test, which is what it is for"
)]

mod support {
    pub(crate) mod postgres;
    pub(crate) mod postgres_faults;
    pub(crate) mod postgres_people;
}

use roost::models::{Body, Draft, RoomId, ids};
use roost::store::postgres::PostgresStore;
use roost::store::{Anchor, Denied, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::sync::Arc;
use std::time::Duration;
use support::postgres;
use support::postgres_faults::Fragile;
use support::postgres_people::{NOON, ana, draft, room};
use uuid::Uuid;

const MINUTE: Duration = Duration::from_mins(1);

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

async fn store(url: &str) -> Arc<PostgresStore> {
    PostgresStore::connect(url, 4).await.unwrap()
}

async fn texts(store: &dyn Store, room: RoomId) -> Vec<String> {
    let page = store.page(room, Anchor::Newest, 100).await.unwrap();
    page.messages
        .into_iter()
        .map(|message| message.content)
        .collect()
}

#[tokio::test]
async fn the_program_and_the_database_mint_the_same_ids() {
    let mut db = postgres::connect(&postgres::fresh_database().await).await;
    for (ms, seq, random) in [
        (0_u32, 1_u64, 0_u64),
        (1, (1 << 28) - 1, 1),
        (u32::MAX, 1 << 28, (1 << 34) - 1),
        (77, (1 << 40) - 1, 12_345_678_901),
    ] {
        let ms = u64::from(ms) * 400;
        let theirs: Uuid = sqlx::query_scalar("SELECT entry_id($1, $2, $3)")
            .bind(i64::try_from(ms).unwrap())
            .bind(i64::try_from(seq).unwrap())
            .bind(i64::try_from(random).unwrap())
            .fetch_one(&mut db)
            .await
            .unwrap();
        assert_eq!(theirs, ids::mint(ms, seq, random));
        let theirs: Uuid = sqlx::query_scalar("SELECT id_bound($1)")
            .bind(i64::try_from(ms).unwrap())
            .fetch_one(&mut db)
            .await
            .unwrap();
        assert_eq!(theirs, ids::lower_bound(ms));
    }
}

async fn partitions(url: &str) -> Vec<String> {
    let mut db = postgres::connect(url).await;
    sqlx::query_scalar(
        "SELECT inhrelid::regclass::text
         FROM pg_inherits
         WHERE inhparent IN ('messages'::regclass, 'room_changes'::regclass)
         ORDER BY 1",
    )
    .fetch_all(&mut db)
    .await
    .unwrap()
}

#[tokio::test]
async fn upkeep_makes_what_is_missing_around_now_and_nothing_twice() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    assert_eq!(partitions(&url).await, [""; 0]);
    store.maintain(NOON).await.unwrap();
    let months = ["2026_10", "2026_11", "2026_12", "2027_01", "2027_02"];
    let expected: Vec<String> = ["messages", "room_changes"]
        .iter()
        .flat_map(|table| months.iter().map(move |month| format!("{table}_{month}")))
        .collect();
    assert_eq!(partitions(&url).await, expected);
    store.maintain(NOON).await.unwrap();
    assert_eq!(partitions(&url).await, expected);
    let mut db = postgres::connect(&url).await;
    db.execute("DROP TABLE messages_2027_01").await.unwrap();
    store.maintain(NOON).await.unwrap();
    assert_eq!(partitions(&url).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_make_each_partition_once() {
    let url = postgres::fresh_database().await;
    let (one, other) = (store(&url).await, store(&url).await);
    let (first, second) = tokio::join!(one.maintain(NOON), other.maintain(NOON));
    first.unwrap();
    second.unwrap();
    assert_eq!(partitions(&url).await.len(), 10);
}

#[tokio::test]
async fn partitions_are_made_beside_open_writers_and_hold_up_none() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    store.maintain(NOON).await.unwrap();
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    let mut db = postgres::connect(&url).await;
    let insert = "INSERT INTO messages (id, room_id, seq, rev_seq, author_id, content, created_at)
                  VALUES (entry_id(epoch_ms($1), 9, 0), $2, 9, 9, $2, '', $1)";
    let mut writer = db.begin().await.unwrap();
    sqlx::query(insert)
        .bind(NOON.to_datetime())
        .bind(Uuid::new_v4())
        .execute(&mut *writer)
        .await
        .unwrap();
    let later = NOON.plus(Duration::from_hours(24 * 90));
    tokio::time::timeout(PATIENCE, store.maintain(later))
        .await
        .expect("the job waits for no writer")
        .unwrap();
    assert_eq!(partitions(&url).await.len(), 16);
    writer.rollback().await.unwrap();

    // The other way round: a job that has not committed yet holds up no writer.
    let mut job = db.begin().await.unwrap();
    job.execute("SELECT make_partitions('2030-01-01Z', '2030-01-01Z')")
        .await
        .unwrap();
    let posted = [draft(room, ana, "meanwhile", NOON)];
    tokio::time::timeout(PATIENCE, store.append(&posted))
        .await
        .expect("writing waits for no job")
        .unwrap()[0]
        .as_ref()
        .unwrap();
    job.rollback().await.unwrap();
}

#[tokio::test]
async fn an_entry_of_a_month_without_a_partition_is_stored_all_the_same() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    let batch = [
        draft(room, ana, "this year", NOON),
        draft(room, ana, "one", NOON.plus(MINUTE)),
    ];
    for outcome in store.append(&batch).await.unwrap() {
        outcome.unwrap();
    }
    let next_year = NOON.plus(Duration::from_hours(24 * 365));
    let posted = store
        .append(&[draft(room, ana, "next year", next_year)])
        .await
        .unwrap();
    let message = posted[0].as_ref().unwrap().message.id;
    let later = next_year.plus(Duration::from_hours(24 * 60));
    store
        .edit_message(
            room,
            message,
            ana,
            &Body::parse("edited").unwrap(),
            None,
            later,
        )
        .await
        .unwrap();
    assert_eq!(texts(&*store, room).await, ["this year", "one", "edited"]);
    assert_eq!(store.changes(room, 0, 10).await.unwrap().entries.len(), 4);
    assert_eq!(
        partitions(&url).await,
        [
            "messages_2026_11",
            "messages_2027_11",
            "messages_2028_01",
            "room_changes_2026_11",
            "room_changes_2027_11",
            "room_changes_2028_01",
        ]
    );
}

#[tokio::test]
async fn a_page_goes_on_over_years_without_a_message() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    let year = Duration::from_hours(24 * 365);
    let mut ids = Vec::new();
    let mut at = NOON;
    for text in ["one", "two", "three", "four"] {
        let outcomes = store.append(&[draft(room, ana, text, at)]).await.unwrap();
        ids.push(outcomes[0].as_ref().unwrap().message.id);
        at = at.plus(year);
    }
    for (anchor, limit, expected, has_before, has_after) in [
        (
            Anchor::Newest,
            3,
            ["two", "three", "four"].as_slice(),
            true,
            false,
        ),
        (
            Anchor::Before(ids[3]),
            4,
            &["one", "two", "three"],
            false,
            true,
        ),
        (Anchor::After(ids[0]), 2, &["two", "three"], true, true),
        (
            Anchor::Around(ids[1]),
            3,
            &["one", "two", "three"],
            false,
            true,
        ),
        (
            Anchor::At(NOON.plus(MINUTE)),
            2,
            &["one", "two"],
            false,
            true,
        ),
        (Anchor::At(at.plus(year)), 1, &["four"], true, false),
    ] {
        let page = store.page(room, anchor, limit).await.unwrap();
        let texts: Vec<&str> = page.messages.iter().map(|m| m.content.as_str()).collect();
        assert_eq!(texts, expected, "{anchor:?}");
        let more = (page.has_before, page.has_after);
        assert_eq!(more, (has_before, has_after), "{anchor:?}");
    }
}

#[tokio::test]
async fn a_room_that_another_node_is_busy_with_delays_no_other_room() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    store.maintain(NOON).await.unwrap();
    let ana = ana(&*store).await;
    let hot = room(&*store, ana, NOON).await;
    let calm = room(&*store, ana, NOON).await;
    let mut db = postgres::connect(&url).await;
    let mut other_node = db.begin().await.unwrap();
    sqlx::query("SELECT FROM room_heads WHERE room_id = $1 FOR NO KEY UPDATE")
        .bind(hot.0)
        .execute(&mut *other_node)
        .await
        .unwrap();

    let batch = [
        draft(hot, ana, "first", NOON),
        draft(calm, ana, "meanwhile", NOON),
        draft(hot, ana, "second", NOON),
    ];
    let (outcomes, ()) = tokio::join!(store.append(&batch), async {
        tokio::time::timeout(PATIENCE, async {
            while texts(&*store, calm).await != ["meanwhile"] {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the calm room does not wait for the hot one");
        assert_eq!(texts(&*store, hot).await, [""; 0]);
        other_node.rollback().await.unwrap();
    });
    let outcomes = outcomes.unwrap();
    let posted: Vec<_> = outcomes
        .iter()
        .map(|outcome| &outcome.as_ref().unwrap().message)
        .map(|message| (message.content.as_str(), message.seq))
        .collect();
    assert_eq!(posted, [("first", 1), ("meanwhile", 1), ("second", 2)]);
}

#[tokio::test]
async fn nodes_of_the_version_before_store_beside_this_one_and_every_512th_place_is_marked() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    store.maintain(NOON).await.unwrap();
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    let many = |from, until| {
        (from..until)
            .map(|n| draft(room, ana, &format!("n{n}"), NOON))
            .collect::<Vec<_>>()
    };
    store.append(&many(1, 511)).await.unwrap();
    let mut db = postgres::connect(&url).await;
    let before: (String, i64) = sqlx::query_as(
        "SELECT status, seq FROM store_messages(
             ARRAY[$1], ARRAY[$2], ARRAY['n511'], ARRAY['n511'], ARRAY[NULL::uuid], ARRAY['{}'],
             ARRAY[false], ARRAY[to_timestamp($3 / 1000.0)], '{}', '{}', true
         )",
    )
    .bind(room.0)
    .bind(ana.0)
    .bind(NOON.0)
    .fetch_one(&mut db)
    .await
    .unwrap();
    assert_eq!(before, ("posted".to_owned(), 511));
    // The 512th alone, the 1024th among others; the last of the old version is known by its name.
    store.append(&many(512, 513)).await.unwrap();
    store.append(&many(511, 1_030)).await.unwrap();
    let marks =
        "SELECT k.seq FROM room_marks k JOIN messages m USING (room_id, seq, id) ORDER BY 1";
    let marked: Vec<i64> = sqlx::query_scalar(marks).fetch_all(&mut db).await.unwrap();
    assert_eq!(marked, [512, 1_024]);
    assert_eq!(store.heads(&[room]).await.unwrap(), [(room, 1_029)]);
}

#[tokio::test]
async fn what_the_database_cannot_store_is_refused_alone() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    store.maintain(NOON).await.unwrap();
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    let mut db = postgres::connect(&url).await;
    db.execute(sqlx::raw_sql(
        "CREATE FUNCTION choke() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             RAISE EXCEPTION 'this is poison' USING ERRCODE = 'data_exception';
         END
         $$;
         CREATE TRIGGER choke BEFORE INSERT ON messages
             FOR EACH ROW WHEN (NEW.content = 'poison') EXECUTE FUNCTION choke();",
    ))
    .await
    .unwrap();
    let batch = ["before", "poison", "after"].map(|text| draft(room, ana, text, NOON));
    let outcomes = store.append(&batch).await.unwrap();
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert_eq!(outcomes[1], Err(Denied::Unstorable));
    assert_eq!(texts(&*store, room).await, ["before", "after"]);
    assert_eq!(store.heads(&[room]).await.unwrap(), [(room, 2)]);
}

#[tokio::test]
async fn a_role_that_owns_its_database_is_all_it_takes() {
    let url = postgres::fresh_database().await;
    let name = url.rsplit_once('/').unwrap().1;
    let mut db = postgres::connect(&url).await;
    for statement in [
        format!("CREATE ROLE {name}_owner LOGIN PASSWORD 'plain'"),
        format!("CREATE DATABASE {name}_owned OWNER {name}_owner"),
    ] {
        db.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let (_, server) = url.rsplit_once('/').unwrap().0.rsplit_once('@').unwrap();
    let url = format!("postgres://{name}_owner:plain@{server}/{name}_owned");
    let store = store(&url).await;
    store.maintain(NOON).await.unwrap();
    store.ping().await.unwrap();
    assert!(!store.epoch().await.unwrap().is_empty());
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    store
        .append(&[draft(room, ana, "mine", NOON)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
}

#[tokio::test]
async fn another_history_has_another_epoch() {
    let url = postgres::fresh_database().await;
    let before = store(&url).await.epoch().await.unwrap();
    assert_eq!(store(&url).await.epoch().await.unwrap(), before);
    let mut db = postgres::connect(&url).await;
    db.execute("UPDATE meta SET value = 'restored' WHERE key = 'epoch'")
        .await
        .unwrap();
    assert_ne!(store(&url).await.epoch().await.unwrap(), before);
    let elsewhere = store(&postgres::fresh_database().await).await;
    assert_ne!(
        elsewhere.epoch().await.unwrap(),
        before,
        "a copy is another history"
    );
}

#[tokio::test]
async fn connections_to_a_history_that_is_over_are_not_used_again() {
    let url = postgres::fresh_database().await;
    let store = store(&url).await;
    let before = store.epoch().await.unwrap();
    let mut db = postgres::connect(&url).await;
    let old = connections(&mut db, &*store).await;
    assert!(old.len() > 1);
    sqlx::query("UPDATE meta SET value = 'restored' WHERE key = 'epoch'")
        .execute(&mut db)
        .await
        .unwrap();
    // One breaks, and what takes its place finds the new history. The others still work.
    sqlx::query("SELECT pg_terminate_backend($1)")
        .bind(old[0])
        .execute(&mut db)
        .await
        .unwrap();
    let replaced = async {
        while connections(&mut db, &*store)
            .await
            .iter()
            .any(|pid| old.contains(pid))
        {}
    };
    tokio::time::timeout(PATIENCE, replaced)
        .await
        .expect("they are replaced, one after the other");
    assert_ne!(store.epoch().await.unwrap(), before);
}

/// The store's connections to its database, after as many steps at once as it has of them.
async fn connections(db: &mut PgConnection, store: &dyn Store) -> Vec<i32> {
    // Some may meet a connection that has just broken.
    let _ = tokio::join!(store.ping(), store.ping(), store.ping(), store.ping());
    sqlx::query_scalar(
        "SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'roost'",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

#[tokio::test]
async fn whoever_cannot_be_connected_to_is_named_without_the_password() {
    let url = postgres::fresh_database().await;
    let (_, server) = url.rsplit_once('/').unwrap().0.rsplit_once('@').unwrap();
    let wrong = format!("postgres://postgres:sesame@{server}/postgres");
    let missing = format!("{url}_missing");
    for (url, said) in [
        (
            "postgres://ana:sesame@127.0.0.1:1/roost",
            "127.0.0.1:1 cannot be reached",
        ),
        (&wrong, "password authentication failed"),
        (&missing, "does not exist"),
        ("postgres://ana:sesame@:not-a-port/roost", "cannot be read"),
        ("sesame", "cannot be read"),
    ] {
        let Err(StoreError::Unavailable(sentence)) = PostgresStore::connect(url, 2).await else {
            panic!("{said}: there is nobody to connect to");
        };
        assert!(sentence.contains(said), "{sentence}");
        assert!(!sentence.contains("sesame"), "{sentence}");
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
    }
}

#[tokio::test]
async fn after_a_crash_all_that_was_acknowledged_is_there_and_the_store_goes_on_by_itself() {
    let server = Fragile::start().await;
    let store = store(&server.cluster.fresh_database().await).await;
    store.maintain(NOON).await.unwrap();
    let ana = ana(&*store).await;
    let room = room(&*store, ana, NOON).await;
    let epoch = store.epoch().await.unwrap();
    let write = async {
        let mut acknowledged = Vec::new();
        for number in 0_u32.. {
            let text = format!("message {number}");
            match store.append(&[draft(room, ana, &text, NOON)]).await {
                Ok(outcomes) => {
                    outcomes[0].as_ref().unwrap();
                    acknowledged.push(text);
                }
                Err(StoreError::Unavailable(_)) => break,
                Err(other) => panic!("{other}"),
            }
        }
        acknowledged
    };
    let crash = async {
        while store.heads(&[room]).await.unwrap()[0].1 < 20 {
            tokio::task::yield_now().await;
        }
        server.crash();
    };
    let (acknowledged, ()) = tokio::time::timeout(PATIENCE, async { tokio::join!(write, crash) })
        .await
        .expect("messages are stored, until they are not");
    server.start_again();

    let stored = tokio::time::timeout(PATIENCE, async {
        loop {
            match store.changes(room, 0, 100_000).await {
                Ok(page) => break page.entries.len(),
                Err(StoreError::Unavailable(_)) => tokio::task::yield_now().await,
                Err(other) => panic!("{other}"),
            }
        }
    })
    .await
    .expect("the store connects again by itself");
    assert!(acknowledged.len() >= 20);
    // What was under way when it crashed may or may not be there.
    assert!([acknowledged.len(), acknowledged.len() + 1].contains(&stored));
    let again: Vec<Draft> = acknowledged
        .iter()
        .map(|text| draft(room, ana, text, NOON))
        .collect();
    // A connection that nobody has used since the crash fails once more, and is replaced.
    let outcomes = tokio::time::timeout(PATIENCE, async {
        loop {
            match store.append(&again).await {
                Ok(outcomes) => break outcomes,
                Err(StoreError::Unavailable(_)) => tokio::task::yield_now().await,
                Err(other) => panic!("{other}"),
            }
        }
    });
    let outcomes = outcomes.await.expect("the store goes on by itself");
    for (outcome, text) in outcomes.into_iter().zip(acknowledged) {
        let posted = outcome.unwrap();
        assert!(posted.duplicate, "{text} was acknowledged");
        assert_eq!(posted.message.content, text);
    }
    assert_eq!(
        store.epoch().await.unwrap(),
        epoch,
        "a crash is no other history"
    );
    server.stop();
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unavailable(_))
    ));
}
