//! How the nodes do, as operators read and watch it, and what browsers tell.

use crate::support::{
    expect::{is_a_time, list, ok, problem, refused, status, text},
    on_both_databases,
    people::Person,
    server::Server,
};
use loadtest::client::{PATIENCE, Socket};
use serde_json::{Value, json};
use tokio::time::timeout;

on_both_databases!(
    what_people_do_is_in_the_samples,
    whoever_watches_is_told_every_second_until_they_want_no_more,
    only_who_runs_the_server_may_look,
    a_time_or_a_step_that_there_is_none_of_is_refused,
    what_browsers_tell_is_added_up,
    a_report_that_cannot_be_true_counts_nothing,
);

/// The samples of the only node from now on, until something is so of all that were told.
async fn watched_until(socket: &Socket, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut samples = Vec::new();
    let watching = async {
        while !is_so(&samples) {
            let told = socket.expect_event("admin:stats").await.unwrap();
            let nodes = list(&told, "nodes");
            assert_eq!(nodes.len(), 1, "{told}");
            is_a_time(&nodes[0]["startedAt"]);
            samples.push(nodes[0]["sample"].clone());
        }
    };
    let watched = timeout(PATIENCE, watching).await;
    assert!(watched.is_ok(), "in vain: {samples:#?}");
    samples
}

fn sum(samples: &[Value], count: impl Fn(&Value) -> &Value) -> u64 {
    let counts = samples.iter().map(|sample| count(sample).as_u64().unwrap());
    counts.sum()
}

fn all_of(buckets: &Value) -> u64 {
    let counts = buckets.as_array().unwrap().iter();
    counts.map(|count| count.as_u64().unwrap()).sum()
}

async fn what_people_do_is_in_the_samples(server: Server) {
    let ada = server.person("ada").await;
    let room = ada.room("public").await;
    let socket = ada.socket_in(&room).await;
    ok(socket.call("watch_stats", Value::Null).await.unwrap());
    watched_until(&socket, |samples| !samples.is_empty()).await;
    for _ in 0..3 {
        ada.say(&room, "hello").await;
    }
    let said = |samples: &[Value]| sum(samples, |sample| &sample["messages"]) >= 3;
    let samples = watched_until(&socket, said).await;
    assert_eq!(sum(&samples, |sample| &sample["messages"]), 3);
    let all = |name: &str| samples.iter().map(|s| all_of(&s[name])).sum::<u64>();
    assert_eq!((all("acknowledgement"), all("commit")), (3, 3));
    for sample in &samples {
        assert_eq!(
            sample["connections"],
            json!({ "websocket": 1, "polling": 0 })
        );
        assert_eq!(sample["waiting"], 0);
        assert!(sample["store"]["max"].as_u64() > Some(0), "{sample}");
        if cfg!(target_os = "linux") {
            assert!(sample["rssBytes"].as_u64() > Some(1 << 20), "{sample}");
            assert!(sample["cpuMs"].is_u64(), "{sample}");
        }
    }

    // What was told is kept.
    let read = ada.read("/api/admin/stats").await;
    assert_eq!(read["step"], 1);
    let node = &list(&read, "nodes")[0];
    assert_eq!(node["version"], env!("CARGO_PKG_VERSION"));
    is_a_time(&node["seenAt"]);
    let kept = list(node, "samples");
    for sample in &samples {
        assert!(kept.contains(sample), "{sample} is not among {kept:#?}");
    }
    let at = |sample: &Value| sample["at"].as_u64().unwrap();
    assert!(kept.is_sorted_by(|one, next| at(one) < at(next)));
    let early = ada.read("/api/admin/stats?to=2020-01-01T00:00:00Z").await;
    assert_eq!(list(&list(&early, "nodes")[0], "samples"), [Value::Null; 0]);
    let long = ada.read("/api/admin/stats?step=300").await;
    assert_eq!(
        (&long["step"], list(&long, "nodes").len()),
        (&json!(300), 1)
    );
}

async fn whoever_watches_is_told_every_second_until_they_want_no_more(server: Server) {
    let ada = server.person("ada").await;
    let [one, other] = [ada.socket().await, ada.socket().await];
    for socket in [&one, &other] {
        ok(socket.call("watch_stats", Value::Null).await.unwrap());
        ok(socket.call("watch_stats", Value::Null).await.unwrap());
        watched_until(socket, |samples| !samples.is_empty()).await;
    }
    ok(one.call("unwatch_stats", Value::Null).await.unwrap());
    ok(one.call("unwatch_stats", Value::Null).await.unwrap());
    let told = |socket: &Socket| {
        let events = socket.seen_events().into_iter();
        events.filter(|event| event.name == "admin:stats").count()
    };
    let before = told(&one);
    let samples = watched_until(&other, |samples| samples.len() >= 3).await;
    assert_eq!(told(&one), before, "nothing more");
    let at: Vec<_> = samples.iter().map(|sample| sample["at"].as_u64()).collect();
    assert!(at.is_sorted_by(|one, next| one < next), "{at:?}: each once");
}

async fn only_who_runs_the_server_may_look(server: Server) {
    server.person("ada").await;
    let bob = server.person("bob").await;
    let stats = "/api/admin/stats";
    problem(&bob.rest.get(stats).await.unwrap(), "forbidden");
    problem(&server.stranger().get(stats).await.unwrap(), "unauthorized");
    let socket = bob.socket().await;
    let answer = socket.call("watch_stats", Value::Null).await.unwrap();
    refused(&answer, "forbidden");
    let report = json!({ "release": "1" });
    let unknown = server.stranger().post("/api/vitals", &report).await;
    problem(&unknown.unwrap(), "unauthorized");
}

async fn a_time_or_a_step_that_there_is_none_of_is_refused(server: Server) {
    let ada = server.person("ada").await;
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=1", "to"),
        ("step=2", "step"),
        ("step=-1", "step"),
    ] {
        let answer = ada.rest.get(&format!("/api/admin/stats?{query}")).await;
        let why = problem(&answer.unwrap(), "invalid");
        assert!(!text(&why["errors"], field).is_empty(), "{why}");
    }
    let answer = ada.rest.get("/api/admin/stats?step=often").await.unwrap();
    problem(&answer, "bad_request");
}

async fn tell(person: &Person, report: &Value) {
    let answer = person.rest.post("/api/vitals", report).await.unwrap();
    status(&answer, 204);
}

async fn what_browsers_tell_is_added_up(server: Server) {
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let socket = ada.socket().await;
    ok(socket.call("watch_stats", Value::Null).await.unwrap());
    watched_until(&socket, |samples| !samples.is_empty()).await;
    let report = json!({
        "release": "1.2.3", "lcpMs": 1.0, "inpMs": 0.5, "cls": 0.1, "acksMs": [0.002, 0.008, 2],
        "reconnects": 2, "failedSends": 1,
    });
    tell(&ada, &report).await;
    tell(&bob, &json!({ "release": "1.2.4", "lcpMs": 4 })).await;
    let both = |samples: &[Value]| sum(samples, |s| &s["vitals"]["sessions"]) >= 2;
    let samples = watched_until(&socket, both).await;
    let of = |name: &str| {
        let told = samples.iter().map(|sample| &sample["vitals"][name]);
        let first = told.filter(|value| **value != json!([]) && **value != json!(0));
        first.cloned().collect::<Vec<_>>()
    };
    assert_eq!(of("reconnects"), [2]);
    assert_eq!(of("failedSends"), [1]);
    // 1,000 microseconds are at most 2^10, 500 at most 2^9; a tenth is a hundred thousandths.
    let alone = |place: usize| {
        let mut buckets = vec![0; place + 1];
        buckets[place] = 1;
        json!(buckets)
    };
    let releases = of("releases");
    let mut releases = releases.iter().flat_map(|told| told.as_array().unwrap());
    let old = json!({ "release": "1.2.3", "lcp": alone(10), "inp": alone(9), "sessions": 1 });
    assert_eq!(releases.next(), Some(&old));
    let new = json!({ "release": "1.2.4", "lcp": alone(12), "inp": [], "sessions": 1 });
    assert_eq!(releases.next(), Some(&new));
    assert_eq!(releases.next(), None, "each is told once");
    assert_eq!(of("cls"), [alone(7)]);
    assert_eq!(of("ack"), [json!([0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1])]);
}

async fn a_report_that_cannot_be_true_counts_nothing(server: Server) {
    let ada = server.person("ada").await;
    for (wrong, field) in [
        (json!({ "release": "" }), "release"),
        (json!({ "release": "x".repeat(65) }), "release"),
        (json!({ "release": "1", "lcpMs": -1 }), "lcpMs"),
        (json!({ "release": "1", "inpMs": 1e300 }), "inpMs"),
        (json!({ "release": "1", "cls": 1001 }), "cls"),
        (json!({ "release": "1", "acksMs": vec![1; 101] }), "acksMs"),
        (json!({ "release": "1", "acksMs": [1, -1] }), "acksMs"),
        (json!({ "release": "1", "reconnects": -1 }), "reconnects"),
        (
            json!({ "release": "1", "failedSends": 10_001 }),
            "failedSends",
        ),
    ] {
        let answer = ada.rest.post("/api/vitals", &wrong).await.unwrap();
        let why = problem(&answer, "invalid");
        assert!(!text(&why["errors"], field).is_empty(), "{why}");
    }
    let none = ada.rest.post("/api/vitals", &json!({})).await.unwrap();
    problem(&none, "bad_request");
    let socket = ada.socket().await;
    ok(socket.call("watch_stats", Value::Null).await.unwrap());
    watched_until(&socket, |samples| !samples.is_empty()).await;
    let read = ada.read("/api/admin/stats").await;
    let samples = list(&list(&read, "nodes")[0], "samples");
    assert_eq!(sum(samples, |s| &s["vitals"]["sessions"]), 0);
}
