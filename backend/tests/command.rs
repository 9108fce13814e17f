//! The command, as somebody at a terminal or a supervisor meets it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

/// `roost` with these arguments, an environment without settings, and a directory of its own.
fn roost(arguments: &[&str], directory: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command
        .env_clear()
        .current_dir(directory.path())
        .args(arguments);
    command
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory can be made")
}

/// Runs it to its end, and expects one sentence on standard error, nothing on standard output,
/// and exit code 1.
fn refusal(mut command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("it starts");
    let said = String::from_utf8(stderr).expect("it is text");
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(stdout.is_empty());
    assert_eq!(
        said.lines()
            .filter(|line| line.starts_with("roost: "))
            .count(),
        1,
        "{said}"
    );
    said.lines().last().expect("there is a line").to_owned()
}

/// A server that has said where it is.
struct Running {
    process: Child,
    greeting: String,
    rest: BufReader<ChildStdout>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut rest = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut greeting = String::new();
        rest.read_line(&mut greeting).expect("it says something");
        Self {
            process,
            greeting,
            rest,
        }
    }

    fn address(&self) -> &str {
        self.greeting
            .trim()
            .strip_prefix("Roost is at http://")
            .expect("it says where it is")
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill")
            .args([signal, &id])
            .status()
            .expect("there is `kill`");
        assert!(sent.success());
    }

    /// Sends the signal, and gives the exit code and what else was printed.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        let mut rest = String::new();
        self.rest.read_to_string(&mut rest).expect("it is text");
        (self.process.wait().expect("it ends").code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_server_says_where_it_is_and_stops_cleanly_when_asked() {
    for (arguments, signal) in [(&["serve"][..], "-TERM"), (&[], "-INT")] {
        let directory = directory();
        let mut command = roost(arguments, &directory);
        command.env("ROOST_LISTEN", "127.0.0.1:0");
        let server = Running::start(command);
        assert!(server.address().starts_with("127.0.0.1:"));
        assert!(
            directory.path().join("data").is_dir(),
            "what it keeps is in ./data"
        );
        assert_eq!(server.stop(signal), (Some(0), String::new()));
    }
}

#[test]
fn a_server_can_be_asked_whether_it_is_ready() {
    let directory = directory();
    let server = Running::start(roost(&["--listen", "127.0.0.1:0"], &directory));
    let url = format!("http://{}", server.address());
    let asked = || roost(&["health", "--url", &url], &directory);
    let output = asked().output().expect("it starts");
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).expect("it is text"),
        "{\"dependencies\":{\"sqlite\":\"ready\"},\"status\":\"ready\"}\n"
    );
    assert_eq!(server.stop("-TERM").0, Some(0));
    refusal(asked());
}

#[test]
fn a_server_that_is_asked_twice_stops_at_once() {
    let directory = directory();
    let mut command = roost(&["--listen", "127.0.0.1:0"], &directory);
    command.env("ROOST_SHUTDOWN_GRACE", "1h");
    let server = Running::start(command);
    // A request that does not end keeps it from stopping by itself.
    let mut request = TcpStream::connect(server.address()).expect("it listens");
    let begun = "POST /api/auth/login HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\n\
                 Content-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    request
        .write_all(begun.as_bytes())
        .expect("it can be written");
    let mut heard = [0; 12];
    request
        .read_exact(&mut heard)
        .expect("it reads the request");
    assert_eq!(&heard, b"HTTP/1.1 100");
    server.signal("-TERM");
    let refused = (0..3000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        TcpStream::connect(server.address()).is_err()
    });
    assert!(refused, "it listens on");
    assert_eq!(server.stop("-INT").0, Some(1));
}

#[test]
fn a_port_in_use_is_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it has an address").to_string();
    let directory = directory();
    assert!(refusal(roost(&["--listen", &address], &directory)).contains(&address));
}

#[test]
fn a_port_for_metrics_that_is_in_use_is_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it has an address").to_string();
    let directory = directory();
    let mut command = roost(&["--listen", "127.0.0.1:0"], &directory);
    command.env("ROOST_METRICS_LISTEN", &address);
    assert!(refusal(command).contains(&address));
}

#[test]
fn a_directory_that_cannot_be_written_is_one_sentence() {
    let directory = directory();
    // Not even root can make a directory within a file.
    std::fs::write(directory.path().join("file"), "").expect("it can be written");
    let said = refusal(roost(
        &["--listen", "127.0.0.1:0", "--data-dir", "file/data"],
        &directory,
    ));
    assert!(said.contains("file/data"), "{said}");
}

#[test]
fn a_second_server_on_the_same_data_is_one_sentence() {
    let directory = directory();
    let first = Running::start(roost(&["--listen", "127.0.0.1:0"], &directory));
    refusal(roost(&["--listen", "127.0.0.1:0"], &directory));
    assert_eq!(first.stop("-TERM").0, Some(0));
}

#[test]
fn a_wrong_setting_is_one_sentence_that_names_it() {
    let directory = directory();
    let said = refusal(roost(
        &["--database-url", "mysql://localhost/roost"],
        &directory,
    ));
    assert!(said.contains("--database-url must be"), "{said}");
    let mut command = roost(&[], &directory);
    command.env("ROOST_LIMITS", "maybe");
    assert_eq!(
        refusal(command),
        "roost: ROOST_LIMITS must be `on` or `off`"
    );
    std::fs::write(directory.path().join("roost.toml"), "lisen = 1").expect("it can be written");
    let said = refusal(roost(&["--config", "roost.toml"], &directory));
    assert!(said.contains("`lisen`, which is no setting"), "{said}");
}

#[cfg(not(feature = "otel"))]
#[test]
fn a_setting_of_a_part_that_is_not_built_in_is_one_sentence() {
    let directory = directory();
    let mut command = roost(&[], &directory);
    command.env("ROOST_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    assert_eq!(
        refusal(command),
        "roost: ROOST_OTLP_ENDPOINT must be left out: this program was built without the feature `otel`"
    );
}

#[test]
fn a_database_that_is_not_there_is_one_sentence_without_its_password() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = nobody.local_addr().expect("it has an address").port();
    drop(nobody);
    let url = format!("postgres://roost:hunter2@127.0.0.1:{port}/roost");
    let directory = directory();
    let said = refusal(roost(
        &["--listen", "127.0.0.1:0", "--database-url", &url],
        &directory,
    ));
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn an_audit_of_nothing_is_one_sentence_and_makes_nothing() {
    let directory = directory();
    let said = refusal(roost(&["audit", "--data-dir", "elsewhere"], &directory));
    assert_eq!(
        said,
        "roost: what is stored could not be looked at: there is no elsewhere/roost.db"
    );
    let nobody = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = nobody.local_addr().expect("it has an address").port();
    drop(nobody);
    let url = format!("postgres://roost:hunter2@127.0.0.1:{port}/roost");
    let said = refusal(roost(&["audit", "--database-url", &url], &directory));
    assert!(
        said.contains("cannot be reached") && !said.contains("hunter2"),
        "{said}"
    );
    let left = std::fs::read_dir(directory.path()).expect("it can be listed");
    assert_eq!(left.count(), 0);
}

#[test]
fn a_load_that_makes_no_sense_is_one_sentence() {
    let directory = directory();
    let said = refusal(roost(&["loadtest", "--every", "1s"], &directory));
    assert_eq!(said, "roost: --every means nothing in steady");
    let unknown = roost(&["loadtest", "--scenario", "calm"], &directory).output();
    let said = String::from_utf8(unknown.expect("it starts").stderr).expect("it is text");
    assert!(
        said.contains("'calm'") && said.contains("reconnect-storm"),
        "{said}"
    );
}

#[test]
fn the_printed_settings_are_those_in_effect() {
    let directory = directory();
    let mut command = roost(&["config", "--listen", "127.0.0.1:4000"], &directory);
    let output = command
        .env("ROOST_LOG_FORMAT", "json")
        .output()
        .expect("it starts");
    let printed = String::from_utf8(output.stdout).expect("it is text");
    assert!(output.status.success());
    assert!(printed.contains("\nlisten = \"127.0.0.1:4000\"\n"));
    assert!(printed.contains("\nlog_format = \"json\"\n"));
}
