//! Traces, as a collector is sent them by the real program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// A running server, which ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Takes what is posted to `/v1/traces`, for as long as the test runs.
fn collect() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let (posted, posts) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            take(stream.expect("it can be accepted"), &posted);
        }
    });
    (format!("http://{address}"), posts)
}

/// Answers one request.
fn take(stream: TcpStream, posted: &Sender<Vec<u8>>) {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).expect("a request has a head");
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_lowercase());
    }
    assert_eq!(head[0], "post /v1/traces http/1.1");
    assert!(head.contains(&"content-type: application/x-protobuf".to_owned()));
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.expect("a post has a length");
    let mut body = vec![0; length.parse().expect("it is a number")];
    stream.read_exact(&mut body).expect("as long as it says");
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let answered = stream.get_mut().write_all(answer.as_bytes());
    answered.expect("it waits for the answer");
    // The test may have seen enough.
    let _ = posted.send(body);
}

/// Sends one request and gives the whole answer.
fn ask(server: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(server).expect("it listens");
    stream
        .write_all(request.as_bytes())
        .expect("it takes requests");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_collector_is_sent_what_happened_and_nothing_that_was_written() {
    let (collector, posts) = collect();
    let directory = tempfile::tempdir().expect("a directory can be made");
    let process = Command::new(env!("CARGO_BIN_EXE_roost"))
        .env_clear()
        .envs([
            ("ROOST_LISTEN", "127.0.0.1:0"),
            ("ROOST_LOG", "info,roost=debug"),
            ("ROOST_OTLP_ENDPOINT", &collector),
        ])
        .current_dir(&directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut running = Running(process);
    let process = &mut running.0;
    let mut greeting = String::new();
    let mut stdout = BufReader::new(process.stdout.take().expect("it is piped"));
    stdout
        .read_line(&mut greeting)
        .expect("it says where it is");
    let (_, server) = greeting.trim().split_once("http://").expect("an address");

    let body = r#"{"username":"ada","password":"walrus-password"}"#;
    let answer = ask(
        server,
        &format!(
            "POST /api/auth/register HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let name = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "))
        .expect("an answer has a name");
    let sent = Command::new("kill")
        .args(["-TERM", &process.id().to_string()])
        .status();
    assert!(sent.expect("there is `kill`").success());
    let ended = process.wait().expect("it ends");
    assert!(ended.success());

    // What was not sent yet is sent before the end.
    let posts: Vec<u8> = posts.try_iter().flatten().collect();
    for text in [
        "service.name",
        "request",
        "http.route",
        "/api/auth/register",
        "request.id",
        name,
        "a request was answered",
    ] {
        assert!(holds(&posts, text), "{text}");
    }
    assert!(!holds(&posts, "walrus"));
}
