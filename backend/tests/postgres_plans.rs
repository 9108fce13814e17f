//! Which months PostgreSQL opens: over two years of partitions, each read stops after the first
//! that fill it, and finds its rows by `(room_id, id)`.

#![expect(
    clippy::unwrap_used,
    reason = "what is not expected ends the test, which is what it is for"
)]

mod support {
    pub(crate) mod postgres;
}

use roost::store::postgres::statements::{self, SETTINGS};
use serde_json::Value;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Postgres};
use std::collections::BTreeSet;
use support::postgres;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Entries of the room in each month; every third is no message. A mark is every four months.
const PER_MONTH: i64 = 128;
const HEAD: i64 = PER_MONTH * 24;

/// January 2025 to December 2026, in that room and in 150 others with 30 entries a month.
const FILL: &str = "
    SELECT make_partitions('2025-01-01Z', '2026-12-31Z');
    CREATE TEMPORARY TABLE entries AS
        SELECT lpad(to_hex(room), 32, '0')::uuid AS room_id, seq, at,
            entry_id(epoch_ms(at), seq, room) AS id
        FROM generate_series(1, 151) AS room
        CROSS JOIN generate_series(0, 23) AS month
        CROSS JOIN LATERAL (SELECT CASE room WHEN 7 THEN 128 ELSE 30 END AS per_month) busy
        CROSS JOIN LATERAL generate_series(1, per_month) AS k
        CROSS JOIN LATERAL (
            SELECT month * per_month + k AS seq,
                ('2025-01-01Z'::timestamptz AT TIME ZONE 'UTC' + month * interval '1 month')
                    AT TIME ZONE 'UTC' + k * interval '5 hours' AS at
        ) place;
    INSERT INTO users (id, username, display_name, folded_name, role, password_hash, created_at)
        VALUES ('00000000-0000-0000-0000-0000000000aa', 'ana', 'Ana', 'ana', 'member', '',
                '2025-01-01Z');
    INSERT INTO messages (id, room_id, seq, rev_seq, author_id, client_id, content, created_at)
        SELECT id, room_id, seq, seq, '00000000-0000-0000-0000-0000000000aa', id::text,
            repeat('word ', 20), at
        FROM entries WHERE seq % 3 > 0 ORDER BY entries.id;
    INSERT INTO room_changes (id, room_id, seq, kind, created_at)
        SELECT id, room_id, seq, 'reaction_added', at
        FROM entries WHERE seq % 3 = 0 ORDER BY entries.id;
    INSERT INTO room_marks (room_id, seq, id)
        SELECT room_id, seq, id FROM entries WHERE seq % 512 = 0;
    ANALYZE;";

/// A connection to a database with two years in it, and its busy room. The tests only read.
async fn two_years() -> (PgConnection, Uuid) {
    static FILLED: OnceCell<String> = OnceCell::const_new();
    let url = FILLED
        .get_or_init(|| async {
            let url = postgres::fresh_database().await;
            let mut db = postgres::connect(&url).await;
            db.execute(sqlx::raw_sql(FILL)).await.unwrap();
            url
        })
        .await;
    let mut db = postgres::connect(url).await;
    // As the store sets its own connections.
    for (name, value) in SETTINGS {
        db.execute(AssertSqlSafe(format!("SET {name} = '{value}'")))
            .await
            .unwrap();
    }
    (db, Uuid::from_u128(7))
}

/// The month of an entry of the busy room.
fn month_of(seq: i64) -> String {
    let month = (seq - 1) / PER_MONTH;
    format!("{}_{:02}", 2025 + month / 12, 1 + month % 12)
}

/// What a plan did with the partitions of one table.
#[derive(Debug, Default)]
struct Opened {
    /// Months, like `2026_11`, that were read.
    read: BTreeSet<String>,
    /// Months that were in the plan, and never executed.
    spared: BTreeSet<String>,
    /// How they were read, other than by the index on `(room_id, id)`.
    otherwise: Vec<String>,
}

impl Opened {
    fn collect(&mut self, table: &str, node: &Value) {
        for child in node["Plans"].as_array().into_iter().flatten() {
            self.collect(table, child);
        }
        let month = node["Relation Name"]
            .as_str()
            .and_then(|name| name.strip_prefix(table)?.strip_prefix('_'));
        let Some(month) = month else { return };
        if node["Actual Loops"].as_f64().unwrap() > 0.0 {
            self.read.insert(month.to_owned());
        } else {
            self.spared.insert(month.to_owned());
        }
        // A bitmap, which is for a handful of months that are wanted whole, has its index below.
        let index = [&node["Index Name"], &node["Plans"][0]["Index Name"]]
            .into_iter()
            .find_map(Value::as_str)
            .unwrap_or_default();
        if !index.ends_with("_room_id_id_idx") {
            self.otherwise
                .push(format!("{month}: {} {index}", node["Node Type"]));
        }
    }
}

/// Runs a statement and tells which months of the table it opened.
async fn opened<'q>(
    db: &mut PgConnection,
    table: &str,
    statement: &str,
    bind: impl FnOnce(Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments>,
) -> Opened {
    let explained = format!("EXPLAIN (ANALYZE, FORMAT JSON) {statement}");
    let query = bind(sqlx::query(AssertSqlSafe(explained)));
    let row = query.fetch_one(db).await.unwrap();
    let plan: Value = sqlx::Row::get(&row, 0);
    let mut opened = Opened::default();
    opened.collect(table, &plan[0]["Plan"]);
    assert_eq!(opened.otherwise, [""; 0], "not by (room_id, id)");
    opened
}

/// Where this entry of the room is.
async fn id_of(db: &mut PgConnection, room: Uuid, seq: i64) -> Uuid {
    sqlx::query_scalar(
        "SELECT id FROM messages WHERE room_id = $1 AND seq = $2
         UNION ALL
         SELECT id FROM room_changes WHERE room_id = $1 AND seq = $2",
    )
    .bind(room)
    .bind(seq)
    .fetch_one(db)
    .await
    .unwrap()
}

/// Where the ids of all rooms begin and end.
async fn ends(db: &mut PgConnection) -> (Uuid, Uuid) {
    sqlx::query_as("SELECT id_bound(epoch_ms('2025-01-01Z')), id_bound(epoch_ms('2026-12-31Z'))")
        .fetch_one(db)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_newest_page_of_a_room_is_read_from_the_newest_month() {
    let (mut db, room) = two_years().await;
    let (from, until) = ends(&mut db).await;
    let page = opened(&mut db, "messages", statements::MESSAGES_BEFORE, |query| {
        query.bind(room).bind(from).bind(until).bind(51_i64)
    })
    .await;
    assert_eq!(Vec::from_iter(page.read), ["2026_12"]);
    assert_eq!(page.spared.len(), 23);
    // A month has 85 messages of the room: a larger page needs the month before as well.
    let page = opened(&mut db, "messages", statements::MESSAGES_BEFORE, |query| {
        query.bind(room).bind(from).bind(until).bind(101_i64)
    })
    .await;
    assert_eq!(Vec::from_iter(page.read), ["2026_11", "2026_12"]);
}

#[tokio::test]
async fn pages_before_and_after_a_message_stop_in_its_months() {
    let (mut db, room) = two_years().await;
    let (from, until) = ends(&mut db).await;
    // The last message of December 2025 but ten.
    let anchor = id_of(&mut db, room, 12 * PER_MONTH - 16).await;
    let before = opened(&mut db, "messages", statements::MESSAGES_BEFORE, |query| {
        query.bind(room).bind(from).bind(anchor).bind(51_i64)
    })
    .await;
    assert_eq!(Vec::from_iter(before.read), ["2025_12"]);
    assert_eq!(
        before.spared.last().unwrap(),
        "2025_11",
        "later ones are not even planned"
    );
    let after = opened(&mut db, "messages", statements::MESSAGES_FROM, |query| {
        query.bind(room).bind(anchor).bind(until).bind(51_i64)
    })
    .await;
    assert_eq!(Vec::from_iter(after.read), ["2025_12", "2026_01"]);
    assert_eq!(
        after.spared.first().unwrap(),
        "2026_02",
        "earlier ones are not even planned"
    );
}

#[tokio::test]
async fn what_happened_after_a_place_is_read_between_the_marks_around_it_in_both_tables() {
    let (mut db, room) = two_years().await;
    let (beginning, end) = ends(&mut db).await;
    // Just behind; in the middle; from the beginning, before the first mark.
    for (since, first, last) in [
        (HEAD - 100, HEAD - 512, HEAD),
        (1500, 1024, 2048),
        (0, 1, 512),
    ] {
        let limit = 100;
        let (from, until): (Option<Uuid>, Option<Uuid>) = sqlx::query_as(statements::MARKS_AROUND)
            .bind(room)
            .bind(since)
            .bind(since + limit)
            .fetch_one(&mut db)
            .await
            .unwrap();
        let (from, until) = (from.unwrap_or(beginning), until.unwrap_or(end));
        for (table, statement, filled) in [
            // A hundred messages are among 150 entries, a hundred others among 300.
            ("messages", statements::MESSAGES_AFTER_PLACE, since + 150),
            ("room_changes", statements::CHANGES_AFTER_PLACE, since + 300),
        ] {
            let log = opened(&mut db, table, statement, |query| {
                query
                    .bind(room)
                    .bind(from)
                    .bind(until)
                    .bind(limit)
                    .bind(since)
            })
            .await;
            let planned: Vec<&String> = log.read.union(&log.spared).collect();
            assert!(
                **planned.first().unwrap() >= month_of(first)
                    && **planned.last().unwrap() <= month_of(last),
                "{table} after {since}: {log:?}"
            );
            assert!(
                *log.read.last().unwrap() <= month_of(filled.min(last)),
                "{table} after {since}: {log:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_unread_is_counted_from_the_marker_and_no_further_than_a_hundred() {
    let (mut db, room) = two_years().await;
    let (beginning, end) = ends(&mut db).await;
    let recent = id_of(&mut db, room, HEAD - 30).await;
    for (marker, months) in [
        (recent, ["2026_12"].as_slice()),
        (beginning, &["2025_01", "2025_02"]),
    ] {
        let counted = opened(&mut db, "messages", statements::UNREAD, |query| {
            query
                .bind(vec![room; 2])
                .bind(vec![marker; 2])
                .bind(vec![0_i64; 2])
                .bind(vec![Uuid::from_u128(1), Uuid::from_u128(2)])
                .bind(100_i64)
                .bind(marker)
                .bind(end)
                .bind(Uuid::nil())
        })
        .await;
        assert_eq!(Vec::from_iter(counted.read), months);
    }
}
