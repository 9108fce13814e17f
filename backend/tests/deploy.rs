//! What `deploy/` says of the program, held against the program: settings that exist, ports that
//! meet, time enough to stop. The tools these files are for judge them as well, where they are
//! installed.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use yaml_rust2::{Yaml, YamlLoader};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What stands for the secrets and names that compose is given.
const GIVEN: &[(&str, &str)] = &[
    ("${POSTGRES_PASSWORD:?choose one}", "secret"),
    ("${ROOST_SITE:-localhost}", "localhost"),
];
const NODES: [&str; 2] = ["node1", "node2"];

fn path(name: &str) -> PathBuf {
    PathBuf::from(ROOT).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn compose() -> Yaml {
    let mut text = read("deploy/compose.yaml");
    for (variable, value) in GIVEN {
        text = text.replace(variable, value);
    }
    assert!(!text.contains("${"), "a variable is not given");
    let mut documents = YamlLoader::load_from_str(&text).expect("it is YAML");
    documents.pop().expect("it says something")
}

/// What a program says, if it is installed.
fn tool(name: &str, arguments: &[&str]) -> Option<Output> {
    Command::new(name)
        .args(arguments)
        .current_dir(path("deploy"))
        .env("POSTGRES_PASSWORD", "secret")
        .output()
        .ok()
}

fn assert_content(name: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} says: {said}");
}

/// What a server with this environment would run with.
fn settings(environment: &[(String, String)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_roost"))
        .arg("config")
        .env_clear()
        .envs(environment.iter().cloned())
        .output()
        .expect("the program was built with these tests");
    assert_content("roost config", &output);
    String::from_utf8(output.stdout).expect("it is text")
}

/// The value of a setting, as TOML.
fn setting<'a>(settings: &'a str, key: &str) -> &'a str {
    let value = settings
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    value.unwrap_or_else(|| panic!("{key} is not set"))
}

fn shutdown_grace(settings: &str) -> Duration {
    let grace = setting(settings, "shutdown_grace").trim_matches('"');
    let seconds = grace.strip_suffix('s').expect("it is in seconds");
    Duration::from_secs(seconds.parse().expect("it is a number"))
}

/// Every setting in this environment is one, and has a value it may have.
fn assert_known(environment: &[(String, String)], settings: &str) {
    for (name, value) in environment {
        let key = name.strip_prefix("ROOST_").expect("ours").to_lowercase();
        let shown = setting(settings, &key);
        let is_secret = shown == "\"***\"";
        assert!(is_secret || shown.contains(value), "{name}: {shown}");
    }
}

fn text(value: &Yaml) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value:?} is no text"))
}

fn texts(value: &Yaml) -> Vec<&str> {
    value.as_vec().into_iter().flatten().map(text).collect()
}

fn keys(value: &Yaml) -> Vec<&str> {
    value
        .as_hash()
        .into_iter()
        .flatten()
        .map(|(key, _)| text(key))
        .collect()
}

fn environment(service: &Yaml) -> Vec<(String, String)> {
    let variables = service["environment"].as_hash().into_iter().flatten();
    variables
        .map(|(name, value)| (text(name).to_owned(), text(value).to_owned()))
        .collect()
}

/// The lines of a Dockerfile or a unit that begin with a word and a separator, without those.
fn lines_of<'a>(file: &'a str, beginning: &str) -> Vec<&'a str> {
    let all = file.lines();
    all.filter_map(|line| line.trim().strip_prefix(beginning))
        .collect()
}

#[test]
fn the_services_of_compose_are_complete() {
    let compose = compose();
    let services = &compose["services"];
    let known = keys(services);
    for name in &known {
        let service = &services[*name];
        let built = &service["build"]["dockerfile"];
        if !built.is_badvalue() {
            let context = path("deploy").join(text(&service["build"]["context"]));
            assert!(context.join(text(built)).is_file(), "{name}");
        }
        let depends = &service["depends_on"];
        for other in texts(depends).into_iter().chain(keys(depends)) {
            assert!(known.contains(&other), "{name} depends on {other}");
            let condition = &depends[other]["condition"];
            assert!(
                condition.as_str() != Some("service_healthy")
                    || !services[other]["healthcheck"].is_badvalue(),
                "{other} says nothing of its health"
            );
        }
        for network in texts(&service["networks"]) {
            assert!(keys(&compose["networks"]).contains(&network), "{name}");
        }
        for volume in texts(&service["volumes"]) {
            let (source, _) = volume.split_once(':').expect("it is mounted somewhere");
            assert!(
                keys(&compose["volumes"]).contains(&source)
                    || path("deploy").join(source).is_file(),
                "{name} has nothing to mount at {volume}"
            );
        }
    }
    if let Some(output) = tool("docker", &["compose", "config", "--quiet"]) {
        let said = String::from_utf8_lossy(&output.stderr);
        // The command may be there without its plugin.
        if !said.contains("unknown") && !said.contains("not a docker command") {
            assert_content("docker compose", &output);
        }
    }
}

#[test]
fn the_nodes_of_compose_have_settings_that_exist_and_time_to_stop() {
    let compose = compose();
    for node in NODES {
        let service = &compose["services"][node];
        let environment = environment(service);
        let settings = settings(&environment);
        assert_known(&environment, &settings);
        for (key, other) in [("database_url", "postgres"), ("redis_url", "redis")] {
            let variable = format!("ROOST_{}", key.to_uppercase());
            let (_, url) = environment
                .iter()
                .find(|(name, _)| *name == variable)
                .unwrap_or_else(|| panic!("{node} is one of many by its {key}"));
            let (_, rest) = url.split_once("://").expect("a URL");
            let host = rest
                .rsplit('@')
                .next()
                .and_then(|rest| rest.split('/').next());
            assert_eq!(host, Some(other));
        }
        let patience = text(&service["stop_grace_period"]);
        let patience = patience.strip_suffix('s').expect("it is in seconds");
        let patience = Duration::from_secs(patience.parse().expect("it is a number"));
        assert!(patience > shutdown_grace(&settings), "{node} is cut off");
        let proxies = setting(&settings, "trusted_proxies");
        let subnet = text(&compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]);
        assert_eq!(proxies, format!("[\"{subnet}\"]"));
    }
}

#[test]
fn the_proxy_finds_the_nodes_where_they_listen() {
    let dockerfile = read("deploy/Dockerfile");
    let [port] = lines_of(&dockerfile, "EXPOSE ")[..] else {
        panic!("the image has one port");
    };
    assert!(dockerfile.contains(&format!("ROOST_LISTEN=0.0.0.0:{port}")));

    let compose = compose();
    let proxy = &compose["services"]["proxy"];
    let environment = environment(proxy);
    let given = |name: &str| {
        let found = environment.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    };
    let addresses = NODES.map(|node| format!("{node}:{port}")).join(" ");
    assert_eq!(given("ROOST_NODES"), Some(addresses.as_str()));
    assert_eq!(texts(&proxy["ports"]), ["80:80", "443:443"]);

    let caddyfile = read("deploy/Caddyfile");
    assert!(caddyfile.contains(&format!("{{$ROOST_NODES:{addresses}}}")));
    assert!(caddyfile.contains("health_uri /health/ready"));
    let variables = caddyfile.split("{$").skip(1);
    for variable in variables.filter_map(|rest| rest.split(':').next()) {
        assert!(given(variable).is_some(), "{variable} is not handed over");
    }
    let validate = [
        "validate",
        "--config",
        "Caddyfile",
        "--adapter",
        "caddyfile",
    ];
    if let Some(output) = tool("caddy", &validate) {
        assert_content("caddy", &output);
    }
}

#[test]
fn the_image_is_made_of_what_is_there_with_the_versions_we_need() {
    let dockerfile = read("deploy/Dockerfile");
    for line in lines_of(&dockerfile, "COPY ") {
        let mut words: Vec<&str> = line.split(' ').collect();
        words.pop();
        if !line.starts_with("--from") {
            for source in words {
                assert!(path(source).exists(), "{source} is not there");
            }
        }
    }
    let rust = lines_of(&read("Cargo.toml"), "rust-version = ")[0].to_owned();
    let rust = rust.trim_matches('"');
    assert!(dockerfile.contains(&format!("FROM rust:{rust}-")));
    let node = read("frontend/package.json");
    let node = lines_of(&node, "\"node\": \">=")[0];
    let major = node.split('.').next().expect("a version");
    assert!(dockerfile.contains(&format!("FROM node:{major}-")));
    assert!(dockerfile.contains("\nUSER "), "it runs as root");
    assert!(dockerfile.contains("CMD [\"roost\", \"health\"]"));
}

#[test]
fn the_unit_has_settings_that_exist_and_time_to_stop() {
    let unit = read("deploy/roost.service");
    let environment: Vec<_> = lines_of(&unit, "Environment=")
        .into_iter()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let settings = settings(&environment);
    assert_known(&environment, &settings);
    let patience = lines_of(&unit, "TimeoutStopSec=")[0].parse();
    let patience = Duration::from_secs(patience.expect("it is in seconds"));
    assert!(patience > shutdown_grace(&settings), "it is cut off");

    // The program need not be installed to be judged.
    let directory = tempfile::tempdir().expect("a directory can be made");
    let copy = directory.path().join("roost.service");
    let there = unit.replace("/usr/local/bin/roost", env!("CARGO_BIN_EXE_roost"));
    fs::write(&copy, there).expect("it can be written");
    let copy = copy.to_str().expect("it is text");
    if let Some(output) = tool("systemd-analyze", &["verify", copy]) {
        assert_content("systemd-analyze", &output);
    }
}
