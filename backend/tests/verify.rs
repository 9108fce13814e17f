//! `roost verify`: the promise, put to the test whenever the tests run.

#![expect(
    clippy::unwrap_used,
    reason = "a run that cannot be made ends the test, with what it ran into"
)]

use loadtest::client::Rest;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long processes that were told to end may take.
const ENDING: Duration = Duration::from_mins(1);

/// `roost` with these arguments, which keeps what it needs in this folder.
fn roost(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    #[expect(clippy::disallowed_methods, reason = "redis-server is looked up there")]
    let path = std::env::var("PATH").unwrap();
    command
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .env("TMPDIR", folder);
    command
}

/// Where everything of a run is; PostgreSQL, who may be somebody else, can get in.
fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
    folder
}

#[test]
fn nothing_is_lost_doubled_or_out_of_order_while_everything_breaks() {
    let folder = folder();
    let arguments = ["verify", "--seed", "10", "--duration", "40s", "--json"];
    let output = roost(&arguments, folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).expect(&said);
    assert!(output.status.success(), "{report:#}\n{said}");
    assert_eq!(report["passed"], true);
    assert_eq!(report["nodes"], 3);
    let kinds = report["faults"].as_object().unwrap().len();
    assert!(kinds >= 10, "{report:#}");
    let properties = report["properties"].as_object().unwrap();
    assert_eq!(properties.len(), 9);
    for (property, tally) in properties {
        assert_eq!(tally["violations"], 0, "{property}");
        assert!(
            tally["lookedAt"].as_u64() > Some(0),
            "{property}: {report:#}"
        );
    }
    assert!(is_empty(folder.path()), "nothing is left behind");
}

#[test]
fn the_same_seed_breaks_the_same_at_the_same_moments() {
    let folder = folder();
    let plan = |seed| {
        let arguments = ["verify", "--plan", "--duration", "10m", "--seed", seed];
        let output = roost(&arguments, folder.path()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(plan("7"), plan("7"));
    assert_ne!(plan("7"), plan("8"));
    assert!(plan("7").lines().count() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_on_a_server_that_is_interrupted_judges_what_it_saw_and_clears_away() {
    const PEOPLE: [&str; 3] = ["mia", "noah", "olga"];
    const PASSWORD: &str = "correct horse battery";
    let folder = folder();
    let mut server = roost(&["serve", "--listen", "127.0.0.1:0"], folder.path());
    server.env("ROOST_LIMITS", "off").current_dir(&folder);
    let mut server = Running::start(&mut server, Said::OnStdout);
    let greeting = server.hear("Roost is at ");
    let url = greeting.trim_start_matches("Roost is at ");
    let rest = Rest::new(url).unwrap();
    let owner = rest.register(PEOPLE[0], PASSWORD).await.unwrap();
    for other in &PEOPLE[1..] {
        rest.register(other, PASSWORD).await.unwrap();
    }
    let accounts = folder.path().join("accounts");
    let lines = PEOPLE.map(|name| format!("{name} {PASSWORD}\n"));
    fs::write(&accounts, lines.concat()).unwrap();

    let mut verify = roost(&["verify", "--url", url, "--json"], folder.path());
    verify.arg("--accounts").arg(&accounts);
    let mut run = Running::start(&mut verify, Said::OnStderr);
    // It has talked until the first of its clients misbehaves.
    run.hear(" s  client ");
    run.signal("-INT");
    run.hear("ending early");
    let (code, printed) = run.end();
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["ending"], "asked");
    assert_eq!(report["nodes"], 0);
    assert_eq!(report["passed"], true, "{report:#}");
    assert_eq!(code, Some(0));

    let rooms = rest.with_token(&owner.token).get("/api/rooms").await;
    let rooms: Value = serde_json::from_slice(&rooms.unwrap().body).unwrap();
    let rooms = rooms["rooms"].as_array().unwrap();
    assert!(!rooms.is_empty());
    assert!(rooms.iter().all(|room| room["archivedAt"].is_string()));
}

#[test]
fn a_run_that_is_interrupted_twice_takes_everything_down_at_once() {
    let folder = folder();
    let mut run = begun(folder.path());
    run.signal("-INT");
    run.hear("ending early");
    run.signal("-INT");
    assert_eq!(run.end(), (Some(1), String::new()));
    assert_eq!(living_in(folder.path()), [0; 0]);
    assert!(is_empty(folder.path()));
}

#[test]
fn a_run_that_is_killed_leaves_nothing_behind() {
    let folder = folder();
    let run = begun(folder.path());
    run.signal("-KILL");
    run.end();
    let begun = Instant::now();
    while !living_in(folder.path()).is_empty() || !is_empty(folder.path()) {
        assert!(begun.elapsed() < ENDING, "{:?}", living_in(folder.path()));
        std::thread::yield_now();
    }
}

/// A run that has a cluster and breaks it.
fn begun(folder: &Path) -> Running {
    let mut verify = roost(&["verify", "--local", "1", "--seed", "1"], folder);
    let mut run = Running::start(&mut verify, Said::OnStderr);
    run.hear(" faults");
    assert!(!living_in(folder).is_empty());
    run
}

/// Where a process says what a test waits for.
#[derive(Clone, Copy)]
enum Said {
    OnStdout,
    OnStderr,
}

/// A process that ends with the test.
struct Running {
    process: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(command: &mut Command, said: Said) -> Self {
        command.stdout(Stdio::piped()).stderr(match said {
            Said::OnStdout => Stdio::null(),
            Said::OnStderr => Stdio::piped(),
        });
        let mut process = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let source: Box<dyn Read + Send> = match said {
            Said::OnStdout => Box::new(process.stdout.take().unwrap()),
            Said::OnStderr => Box::new(process.stderr.take().unwrap()),
        };
        std::thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                // It must not be held up by what nobody waits for.
                let _ = sender.send(line);
            }
        });
        Self { process, lines }
    }

    /// Waits until it says this; the line.
    fn hear(&mut self, what: &str) -> String {
        let line = self.lines.iter().find(|line| line.contains(what));
        line.unwrap_or_else(|| panic!("it ended without saying {what:?}"))
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended: its exit code, and what it printed.
    fn end(mut self) -> (Option<i32>, String) {
        let mut printed = String::new();
        let mut stdout = self.process.stdout.take().unwrap();
        stdout.read_to_string(&mut printed).unwrap();
        (self.process.wait().unwrap().code(), printed)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The processes that work in this folder.
fn living_in(folder: &Path) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|process| {
            fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
        })
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .collect()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}
