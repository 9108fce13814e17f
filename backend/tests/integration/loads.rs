//! Somebody measures a server, and is told what it kept of its promises.

use std::process::{Output, Stdio};

use futures_util::future::join_all;
use loadtest::client::PATIENCE;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

use crate::support::server::{Backend, Server};

/// Every scenario, as small as it still is what it is called, with what is to be seen in its report.
const SCENARIOS: [(&str, &str, &str); 7] = [
    ("steady", "--rooms 2 --members 4", "/sendToReceipt/count"),
    (
        "burst",
        "--rooms 2 --members 4 --every 1s",
        "/sendToReceipt/count",
    ),
    ("hot-room", "--members 8", "/sendToReceipt/count"),
    (
        "many-rooms",
        "--rooms 6 --members 4 --follow 3",
        "/sendToReceipt/count",
    ),
    (
        "reconnect-storm",
        "--rooms 2 --members 4 --every 1s",
        "/storms/0/cameBack",
    ),
    (
        "slow-readers",
        "--rooms 2 --members 4 --share 25 --read-every 100ms",
        "/sendToSlowReceipt/count",
    ),
    (
        "churn",
        "--rooms 2 --members 4 --every 2s",
        "/withoutConnection/count",
    ),
];

/// A load of 40 sends a second on this server, reported as JSON.
fn load(server: &Server, scenario: &str, options: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command
        .args(["loadtest", "--json", "--url", &server.url])
        .args(["--scenario", scenario, "--rate", "40"])
        .args(options.split_whitespace())
        .env_clear()
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

fn report(stdout: &[u8]) -> Value {
    serde_json::from_slice(stdout).expect("the report is JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_is_run_to_its_end_and_finds_every_promise_kept() {
    let server = Server::start(Backend::Sqlite).await;
    let runs = SCENARIOS.map(|(scenario, options, seen)| {
        let mut command = load(&server, scenario, options);
        command.args(["--duration", "3s"]);
        async move {
            let ended = timeout(PATIENCE * 4, command.output()).await;
            (scenario, seen, ended.expect("it ends").unwrap())
        }
    });
    for (scenario, seen, output) in join_all(runs).await {
        let Output {
            status,
            stdout,
            stderr,
        } = output;
        let said = String::from_utf8_lossy(&stderr);
        let report = report(&stdout);
        assert!(status.success(), "{scenario}: {report:#} {said}");
        assert!(said.contains("sending, seconds 3/3"), "{said}");
        assert_eq!(report["scenario"], scenario);
        assert_eq!(report["clients"], 8, "{scenario}");
        assert_eq!(report["sends"], 120, "all that was due was sent");
        assert_eq!(report["acknowledged"], 120);
        assert_eq!(report["deliveries"]["missing"], 0);
        let count = report.pointer(seen).and_then(Value::as_u64);
        assert!(count > Some(0), "{scenario}: no {seen} in {report:#}");
    }
    server.expect_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_under_the_load_is_found_to_have_failed() {
    let server = Server::start(Backend::Sqlite).await;
    let mut command = load(&server, "steady", "--rooms 2 --members 4 --duration 1m");
    let spawned = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut running = spawned.unwrap();
    let mut said = BufReader::new(running.stderr.take().unwrap()).lines();
    while let Some(line) = said.next_line().await.unwrap() {
        if line.starts_with("sending") {
            break;
        }
    }
    let _dead = server.kill().await;
    while said.next_line().await.unwrap().is_some() {}
    let ended = timeout(PATIENCE * 4, running.wait_with_output()).await;
    let ended = ended.expect("it ends").unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(report(&ended.stdout)["lostConnections"], 8);
}
