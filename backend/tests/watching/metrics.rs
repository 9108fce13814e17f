//! Numbers that move with what people do, exactly.

use crate::support::{
    expect::{ok, refused, text},
    exposition::Scrape,
    line::Line,
    on_both_databases,
    people::PASSWORD,
    postgres,
    redis::Redis,
    server::Server,
};
use loadtest::client::PATIENCE;
use serde_json::json;
use tokio::time::timeout;

on_both_databases!(
    what_becomes_of_messages_is_counted,
    connections_are_counted_and_so_are_their_ends,
    coming_and_going_is_counted,
    metrics_are_on_a_listener_of_their_own_and_only_if_asked_for,
);

const LISTEN: (&str, &str) = ("ROOST_METRICS_LISTEN", "127.0.0.1:0");
const BUS_UP: &str = "roost_bus_up";
const GAPS: &str = "roost_gaps_filled_total";
const REPAIRS: &str = "roost_repairs_total{of=\"log\"}";

async fn watched(server: Server) -> Server {
    server.restart_with(LISTEN.0, LISTEN.1).await
}

/// Looks until the numbers are so: those that move just after what they count.
async fn scrape_until(server: &Server, what: &str, is_so: impl Fn(&Scrape) -> bool) -> Scrape {
    let looking = async {
        loop {
            let scrape = server.scrape().await;
            if is_so(&scrape) {
                return scrape;
            }
        }
    };
    let Ok(scrape) = timeout(PATIENCE, looking).await else {
        panic!("in vain: {what}; {:#?}", server.scrape().await);
    };
    scrape
}

#[track_caller]
fn moved(before: &Scrape, after: &Scrape, samples: &[(&str, u64)]) {
    for (sample, by) in samples {
        assert_eq!(after.count(sample) - before.count(sample), *by, "{sample}");
    }
}

async fn what_becomes_of_messages_is_counted(server: Server) {
    const DELIVERIES: &str = "roost_delivery_seconds_count";
    const FRAMES: &str = "roost_frames_sent_total";
    let server = watched(server).await;
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    let before = server.scrape().await;
    for number in 0..3 {
        let message = json!({ "roomId": room, "content": "hello", "clientId": number.to_string() });
        let sent = ok(socket.call("send_message", message).await.unwrap());
        let heard = socket.expect_event("message_received").await.unwrap();
        assert_eq!(heard["id"], sent["message"]["id"]);
    }
    let again = json!({ "roomId": room, "content": "hello", "clientId": "0" });
    let repeated = ok(socket.call("send_message", again).await.unwrap());
    assert_eq!(repeated["duplicate"], true);
    let nowhere = json!({ "roomId": room, "content": "hello", "replyTo": room });
    let denied = socket.call("send_message", nowhere).await.unwrap();
    refused(&denied, "not_found");
    ada.say(&room, "over REST").await;

    // Whoever has an answer finds it counted.
    let after = server.scrape().await;
    let samples = [
        ("roost_sends_total{outcome=\"stored\"}", 4),
        ("roost_sends_total{outcome=\"repeated\"}", 1),
        ("roost_sends_total{outcome=\"refused\"}", 1),
        ("roost_sends_total{outcome=\"unknown\"}", 0),
        ("roost_acknowledgement_seconds_count", 5),
        ("roost_commit_messages_sum", 6),
        ("roost_commit_messages_bucket{le=\"1\"}", 6),
        ("roost_commit_seconds_count", 6),
        ("roost_commits_failed_total", 0),
        ("roost_events_received_total", 5),
        (GAPS, 0),
    ];
    moved(&before, &after, &samples);
    let delivered = |now: &Scrape| now.count(DELIVERIES) - before.count(DELIVERIES);
    let all = scrape_until(&server, "four deliveries", |now| delivered(now) >= 4).await;
    assert_eq!(delivered(&all), 4, "each is timed once");
    // Five answers and four entries at least; presence may have added hints.
    assert!(all.count(FRAMES) - before.count(FRAMES) >= 9);
}

async fn connections_are_counted_and_so_are_their_ends(server: Server) {
    const WEBSOCKET: &str = "roost_connections{transport=\"websocket\"}";
    const POLLING: &str = "roost_connections{transport=\"polling\"}";
    let ended = |reason: &str| format!("roost_connections_ended_total{{reason=\"{reason}\"}}");
    let server = watched(server).await;
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let leaving = ada.socket_in(&room).await;
    let breaking = ada.socket_in(&room).await;
    let elsewhere = ada.log_in_again(&server).await;
    let revoked = elsewhere.polling_socket().await;
    let now = server.scrape().await;
    for (sample, count) in [
        (WEBSOCKET, 2),
        (POLLING, 1),
        ("roost_topics", 1),
        ("roost_cursors", 2),
        ("roost_cursors_behind", 0),
        ("roost_cursor_lag_frames_max", 0),
    ] {
        assert_eq!(now.count(sample), count, "{sample}");
    }

    leaving.close().await.unwrap();
    breaking.crash().await;
    let change = json!({ "current": PASSWORD, "new": "another battery" });
    let changed = ada.rest.post("/api/auth/password", &change).await.unwrap();
    assert_eq!(changed.status, 204);
    revoked.ended().await.unwrap();
    let reasons = ["client_disconnect", "transport_closed", "server_disconnect"];
    let now = scrape_until(&server, "three ends", |now| {
        let ends: u64 = reasons.iter().map(|reason| now.count(&ended(reason))).sum();
        ends >= 3 && now.count(WEBSOCKET) == 0 && now.count(POLLING) == 0
    })
    .await;
    for reason in reasons {
        assert_eq!(now.count(&ended(reason)), 1, "{reason}");
    }
    assert_eq!(now.count(&ended("internal")), 0);
    assert_eq!(now.count("roost_cursors"), 0);
}

async fn coming_and_going_is_counted(server: Server) {
    let to = |word: &str| format!("roost_presence_transitions_total{{to=\"{word}\"}}");
    let server = server.restart_with("ROOST_PRESENCE_GRACE", "1s").await;
    let server = watched(server).await;
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    scrape_until(&server, "somebody online", |now| {
        now.count(&to("online")) > 0
    })
    .await;
    let away = json!({ "status": "away" });
    ok(socket.call("update_presence", away).await.unwrap());
    scrape_until(&server, "somebody away", |now| now.count(&to("away")) > 0).await;
    socket.close().await.unwrap();
    let now = scrape_until(&server, "somebody gone", |now| {
        now.count(&to("offline")) > 0 && now.count(&to("gone")) > 0
    })
    .await;
    for word in ["online", "away", "offline", "here", "gone"] {
        assert_eq!(now.count(&to(word)), 1, "{word}");
    }
}

async fn metrics_are_on_a_listener_of_their_own_and_only_if_asked_for(server: Server) {
    const AHEAD: &str = "roost_partitions_ahead_seconds";
    assert!(!server.log().contains("metrics can be read"));
    let server = watched(server).await;
    let main = server.stranger().get("/metrics").await.unwrap();
    let shown = String::from_utf8_lossy(&main.body);
    assert!(!shown.contains("roost_connections"), "{shown}");
    let listener = server.metrics_listener();
    for path in ["/", "/health/ready", "/api/rooms"] {
        assert_eq!(listener.get(path).await.unwrap().status, 404, "{path}");
    }
    let posted = listener.post("/metrics", &json!({})).await.unwrap();
    assert_eq!(posted.status, 405);

    let now = server.scrape().await;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        now.count(&format!("roost_node_info{{version=\"{version}\"}}")),
        1
    );
    assert!(now.count("roost_store_connections_max") > 0);
    assert!(!now.has(BUS_UP), "it is alone");
    if now.has(AHEAD) {
        let days = now.count(AHEAD) / 86_400;
        assert!((90..=92).contains(&days), "{days} days");
    }
}

/// A node of a cluster, watched, and its own line to Redis.
async fn node(database: &str, redis: &Redis) -> (Server, Line) {
    let line = Line::to(redis.port()).await;
    let url = format!("redis://127.0.0.1:{}", line.port());
    let settings = [
        LISTEN,
        ("ROOST_DATABASE_URL", database),
        ("ROOST_REDIS_URL", &url),
    ];
    let node = Server::start_with(&settings).await;
    scrape_until(&node, "a bus", |now| now.count(BUS_UP) == 1).await;
    (node, line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_hears_nothing_says_so_and_counts_what_it_found_by_comparing() {
    let (redis, database) = tokio::join!(Redis::start(), postgres::fresh_database());
    let (near, _near_line) = node(&database, &redis).await;
    let (far, far_line) = node(&database, &redis).await;
    let ada = near.person("ada").await;
    let room = ada.room("public").await;
    let listening = ada.at(&far).socket_in(&room).await;
    let before = far.scrape().await;
    far_line.cut();
    scrape_until(&far, "no bus", |now| now.count(BUS_UP) == 0).await;
    let said = ada.say(&room, "unheard of").await;
    let heard = listening.expect_event("message_received").await.unwrap();
    assert_eq!(text(&heard, "id"), text(&said, "id"));
    let now = scrape_until(&far, "a repair", |now| now.count(REPAIRS) > 0).await;
    moved(&before, &now, &[(REPAIRS, 1), (GAPS, 0)]);
    far_line.mend();
    scrape_until(&far, "a bus again", |now| now.count(BUS_UP) == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_before_what_was_heard_is_filled_and_counted_once() {
    let (redis, database) = tokio::join!(Redis::start(), postgres::fresh_database());
    let (near, _near_line) = node(&database, &redis).await;
    let (far, _far_line) = node(&database, &redis).await;
    // It stores and tells nobody.
    let silent = Server::start_with(&[("ROOST_DATABASE_URL", &database)]).await;
    let ada = near.person("ada").await;
    let room = ada.room("public").await;
    let listening = ada.at(&far).socket_in(&room).await;
    let before = far.scrape().await;
    let unheard = ada.at(&silent).say(&room, "unheard of").await;
    let told = ada.say(&room, "told").await;
    for said in [unheard, told] {
        let heard = listening.expect_event("message_received").await.unwrap();
        assert_eq!(text(&heard, "id"), text(&said, "id"));
    }
    // Comparing may have been quicker than what was told.
    let found = |now: &Scrape| {
        let all = |scrape: &Scrape| scrape.count(GAPS) + scrape.count(REPAIRS);
        all(now) - all(&before)
    };
    let now = scrape_until(&far, "a gap", |now| found(now) > 0).await;
    assert_eq!(found(&now), 1);
}
