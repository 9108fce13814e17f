//! What Prometheus is shown: every number in one list.
//!
//! Nothing is counted here. The engine, the chat and its store each count what they do, whether anybody
//! watches or not; this asks them at the moment somebody looks, and gives their numbers names. What the
//! names mean is told in `docs/operations/metrics.md`, and a test holds the page to this list.

use super::exposition::{Exposition, MEDIA_TYPE};
use crate::services::Chat;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::get;
use http::Request;
use http::header::{CONTENT_TYPE, HeaderName};
use hyper::body::Incoming;
use realtime::{Engine, Lag, Metrics, Server};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// Answers `GET /metrics` until `stop`. Whoever reaches the listener can read it.
pub async fn serve(listener: Server, chat: Arc<Chat>, engine: Engine, stop: CancellationToken) {
    let router = Router::new()
        .route("/metrics", get(expose))
        .with_state((chat, engine));
    let answer = move |request: Request<Incoming>, _| {
        let router = router.clone();
        async move {
            let Ok(response) = router.oneshot(request.map(Body::new)).await;
            response
        }
    };
    listener.serve(answer, stop).await;
}

async fn expose(
    State((chat, engine)): State<(Arc<Chat>, Engine)>,
) -> ([(HeaderName, &'static str); 1], String) {
    let mut page = Exposition::default();
    page.gauges(
        "roost_node_info",
        "Always 1; the label says which version runs.",
        "version",
        [(env!("CARGO_PKG_VERSION"), 1)],
    );
    let metrics = engine.metrics();
    connections(&mut page, &metrics);
    delivery(&mut page, &metrics);
    reading(&mut page, &metrics, &engine.lag().await);
    sending(&mut page, &chat);
    between_nodes(&mut page, &chat);
    store(&mut page, &chat);
    ([(CONTENT_TYPE, MEDIA_TYPE)], page.into_text())
}

fn connections(page: &mut Exposition, metrics: &Metrics) {
    page.gauges(
        "roost_connections",
        "Open connections, by how they are connected.",
        "transport",
        [
            ("websocket", metrics.websocket),
            ("polling", metrics.polling),
        ],
    );
    let ends = metrics.ends.iter();
    page.counters(
        "roost_connections_ended_total",
        "Connections that ended, by why.",
        "reason",
        ends.map(|(reason, count)| (reason.name(), *count)),
    );
    page.counter(
        "roost_connections_refused_total",
        "Connections refused because their address had too many.",
        metrics.refused,
    );
    page.counter(
        "roost_events_received_total",
        "Events received from clients.",
        metrics.events_in,
    );
    page.counter(
        "roost_inbox_full_total",
        "Times a client was not read from because too many of its events were unanswered.",
        metrics.inbox_full,
    );
}

fn delivery(page: &mut Exposition, metrics: &Metrics) {
    page.counter(
        "roost_frames_sent_total",
        "Frames written to clients: entries, answers, hints and heartbeats.",
        metrics.packets_out,
    );
    page.counter(
        "roost_bytes_sent_total",
        "Bytes written to clients.",
        metrics.bytes_out,
    );
    page.counter(
        "roost_writes_total",
        "Writes to sockets and answers to polls, each of several frames if several waited.",
        metrics.writes,
    );
    page.counter(
        "roost_writes_blocked_total",
        "Times a socket took no more and its reader was left alone.",
        metrics.blocked,
    );
    page.counter(
        "roost_writes_blocked_seconds_total",
        "Time that sockets took no more, of those that did again.",
        Duration::from_millis(metrics.blocked_ms).as_secs_f64(),
    );
    page.counter(
        "roost_hints_dropped_total",
        "Hints (typing, presence) dropped because too many waited.",
        metrics.hints_dropped,
    );
    page.times(
        "roost_delivery_seconds",
        "From the commit of an entry until every WebSocket that was caught up had been written to.",
        &metrics.delivery,
    );
}

fn reading(page: &mut Exposition, metrics: &Metrics, lag: &Lag) {
    page.gauge(
        "roost_topics",
        "Rooms somebody here follows or is joining, or did within the last minute.",
        lag.topics,
    );
    page.gauge(
        "roost_cursors",
        "Places of connections in the logs they follow.",
        lag.cursors,
    );
    page.gauge(
        "roost_cursors_behind",
        "Cursors that have not read to the end.",
        lag.behind,
    );
    page.gauge(
        "roost_cursor_lag_frames",
        "Entries all cursors have still to read.",
        lag.frames,
    );
    page.gauge(
        "roost_cursor_lag_frames_max",
        "Entries the cursor furthest behind has still to read.",
        lag.furthest,
    );
    page.counter(
        "roost_cursors_fallen_total",
        "Times a reader was so far behind that memory no longer held what came next.",
        metrics.fallen,
    );
    page.counter(
        "roost_backfills_total",
        "Pages read from the store for such readers.",
        metrics.backfills,
    );
    page.counter(
        "roost_resets_total",
        "Feeds ended because they were too far behind for that.",
        metrics.resets,
    );
}

fn sending(page: &mut Exposition, chat: &Chat) {
    let counts = chat.counts();
    let sends = &counts.sends;
    page.counters(
        "roost_sends_total",
        "Messages sent, by what became of them.",
        "outcome",
        [
            ("stored", sends.stored.get()),
            ("repeated", sends.repeated.get()),
            ("refused", sends.refused.get()),
            ("unknown", sends.unknown.get()),
        ],
    );
    page.gauge(
        "roost_sends_waiting",
        "Messages taken in that are not answered yet.",
        counts.waiting(),
    );
    page.counter(
        "roost_rate_limited_total",
        "Requests and events turned away because their rate was used up.",
        chat.rate_limited(),
    );
    page.times(
        "roost_acknowledgement_seconds",
        "From a decoded message to its acknowledgement.",
        &counts.acknowledgement.get(),
    );
    page.times(
        "roost_commit_seconds",
        "How long the store took for a batch of messages.",
        &counts.commit.get(),
    );
    page.sizes(
        "roost_commit_messages",
        "Messages committed at once.",
        &counts.batches.get(),
    );
    page.counter(
        "roost_commits_failed_total",
        "Batches of messages the store could not commit.",
        counts.failed_batches.get(),
    );
}

fn between_nodes(page: &mut Exposition, chat: &Chat) {
    let counts = chat.counts();
    page.gauge_if(
        "roost_bus_up",
        "Whether the other nodes can be heard through Redis. Only where there are others.",
        chat.bus_is_up().map(u8::from),
    );
    page.counter(
        "roost_gaps_filled_total",
        "Times entries were read from the store because a later one had come before them.",
        counts.gaps_filled.get(),
    );
    page.counters(
        "roost_repairs_total",
        "Times comparing with the store found something of which no word had come.",
        "of",
        [
            ("log", counts.logs_repaired.get()),
            ("belongings", counts.belongings_repaired.get()),
        ],
    );
    page.counter(
        "roost_cut_off_total",
        "Times this node, cut off from the others, sent its people away.",
        counts.cut_off.get(),
    );
    let presence = &counts.presence;
    page.counters(
        "roost_presence_transitions_total",
        "Changes of presence that were spread from here.",
        "to",
        [
            ("online", presence.online.get()),
            ("away", presence.away.get()),
            ("offline", presence.offline.get()),
            ("unknown", presence.unknown.get()),
            ("here", presence.joined.get()),
            ("gone", presence.left.get()),
        ],
    );
}

fn store(page: &mut Exposition, chat: &Chat) {
    let load = chat.store_load();
    page.gauges(
        "roost_store_connections",
        "Connections to the database. Of SQLite, those that read.",
        "state",
        [("busy", load.busy.into()), ("idle", load.idle.into())],
    );
    page.gauge(
        "roost_store_connections_max",
        "The most connections to the database there may be.",
        load.most,
    );
    page.gauge_if(
        "roost_partitions_ahead_seconds",
        "For how long from now the log has its partitions. Only PostgreSQL has any.",
        chat.log_prepared_for().map(|ahead| ahead.as_secs()),
    );
}
