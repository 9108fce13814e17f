//! The driver against servers that make mistakes, over real sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use memchr::memmem;

use crate::crowd::{Crowd, Town};
use crate::layout::Layout;
use crate::ledger::Verdict;
use crate::subject::nameless;

const MEMBERS: usize = 3;
const MESSAGES: usize = 8;
/// What is lost does not come, however long it is waited for.
const PATIENCE: Duration = Duration::from_millis(300);

/// A server of one room that hears the first member say some messages, and sends each member what
/// `mistake` makes of them.
fn serve(mistake: fn(usize, &mut Vec<String>)) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut members: Vec<TcpStream> = (0..MEMBERS)
            .map(|_| {
                let mut stream = listener.accept().unwrap().0;
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).unwrap();
                    request.push(byte[0]);
                }
                stream
                    .write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
                    .unwrap();
                say(&mut stream, r#"0{"sid":"x"}"#);
                assert!(hear(&mut stream).starts_with("40"));
                say(&mut stream, r#"40{"sid":"x"}"#);
                assert!(hear(&mut stream).starts_with(r#"420["join_room""#));
                say(&mut stream, r#"430[{"ok":true}]"#);
                stream
            })
            .collect();
        let frames: Vec<String> = (1..=MESSAGES)
            .map(|seq| {
                let said = hear(&mut members[0]);
                let (number, arguments) = said[2..].split_at(said.find('[').unwrap() - 2);
                say(&mut members[0], &format!(r#"43{number}[{{"ok":true}}]"#));
                let arguments = arguments.replace("send_message", "message_received");
                format!(
                    "42{}",
                    arguments.replacen('{', &format!(r#"{{"seq":{seq},"#), 1)
                )
            })
            .collect();
        for (member, stream) in members.iter_mut().enumerate() {
            let mut frames = frames.clone();
            mistake(member, &mut frames);
            for frame in frames {
                say(stream, &frame);
            }
        }
        // Whoever hangs up first is not found to have lost anything.
        for stream in &mut members {
            let _ = stream.read(&mut [0]);
        }
    });
    (address, server)
}

fn say(stream: &mut TcpStream, text: &str) {
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x81, 126];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(text.as_bytes());
    stream.write_all(&frame).unwrap();
}

fn hear(stream: &mut TcpStream) -> String {
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    let mut length = usize::from(head[1] & 0x7f);
    if length == 126 {
        stream.read_exact(&mut head).unwrap();
        length = usize::from(u16::from_be_bytes(head));
    }
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).unwrap();
    let mut text = vec![0; length];
    stream.read_exact(&mut text).unwrap();
    for (byte, mask) in text.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    String::from_utf8(text).unwrap()
}

/// What the driver says of such a server.
fn verdict(mistake: fn(usize, &mut Vec<String>)) -> Verdict {
    let (address, server) = serve(mistake);
    let town: Town = nameless(Layout::apart(1, MEMBERS));
    let mut crowd = Crowd::of(&town).unwrap();
    // One after the other, so that the server's first member is the crowd's.
    crowd.arrive(address, &town.seats, 1).unwrap();
    for _ in 0..MESSAGES {
        crowd.say(0, 0);
    }
    let verdict = crowd.settle_within(PATIENCE).unwrap();
    drop(crowd);
    server.join().unwrap();
    verdict
}

#[test]
fn a_server_that_delivers_is_flawless() {
    let verdict = verdict(|_, _| {});
    assert!(verdict.flawless(), "{verdict:?}");
    assert_eq!(verdict.received, (MEMBERS * MESSAGES) as u64);
}

#[test]
fn a_server_that_loses_a_delivery_is_found_out() {
    let verdict = verdict(|member, frames| {
        if member == 1 {
            frames.pop();
        }
    });
    assert_eq!((verdict.lost, verdict.disagreeing), (1, 1), "{verdict:?}");
}

#[test]
fn a_server_that_delivers_twice_is_found_out() {
    let verdict = verdict(|member, frames| {
        if member == 1 {
            frames.push(frames[7].clone());
        }
    });
    assert_eq!(
        (verdict.doubled, verdict.disagreeing),
        (1, 1),
        "{verdict:?}"
    );
}

#[test]
fn a_server_that_swaps_deliveries_is_found_out() {
    let verdict = verdict(|member, frames| {
        if member == 2 {
            frames.swap(4, 5);
        }
    });
    assert!(
        verdict.disagreeing > 0 && verdict.disordered > 0,
        "{verdict:?}"
    );
}

#[test]
fn a_server_that_changes_what_somebody_said_is_found_out() {
    let verdict = verdict(|member, frames| {
        if member == 0 {
            let hello = memmem::find(frames[3].as_bytes(), b"hello").unwrap();
            frames[3].replace_range(hello..hello + 5, "jello");
        }
    });
    assert_eq!((verdict.lost, verdict.disagreeing), (0, 1), "{verdict:?}");
}
