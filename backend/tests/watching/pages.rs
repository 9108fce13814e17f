//! Every number is explained on a page and seen on the dashboard, and neither speaks of others.

use crate::support::server::Server;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn page(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let path = root.expect("backend/ has a parent").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Everything in a text that is called like a number of ours.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("roost_"))
}

/// What the panels and variables of a dashboard ask Prometheus.
fn queries(dashboard: &Value) -> Vec<&str> {
    match dashboard {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(query) if ["expr", "query", "definition"].contains(&key.as_str()) => {
                    vec![query.as_str()]
                }
                other => queries(other),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(queries).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_number_is_on_the_page_and_on_the_dashboard_and_no_other() {
    let server = Server::start_with(&[("ROOST_METRICS_LISTEN", "127.0.0.1:0")]).await;
    let scrape = server.scrape().await;
    let exposed: BTreeSet<(&str, &str)> = scrape
        .families
        .iter()
        .map(|(name, kind)| (name.as_str(), kind.as_str()))
        .collect();

    let explained = page("docs/operations/metrics.md");
    let explained: BTreeSet<(&str, &str)> = explained
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let name = cells.next()?.trim_matches('`');
            let is_one = name.starts_with("roost_") && names(name).eq([name]);
            is_one.then_some((name, cells.next()?))
        })
        .collect();
    assert_eq!(explained, exposed);

    let dashboard: Value = serde_json::from_str(&page("deploy/grafana.json")).expect("it is JSON");
    let queries = queries(&dashboard);
    let shown: BTreeSet<&str> = queries
        .iter()
        .flat_map(|query| names(query))
        .map(|name| scrape.family_of(name))
        .collect();
    let exposed: BTreeSet<&str> = exposed.iter().map(|(name, _)| *name).collect();
    assert_eq!(shown, exposed);
}
