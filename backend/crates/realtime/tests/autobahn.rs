//! The WebSocket protocol as the Autobahn test suite examines it, by the numbers of its cases.
//!
//! A text is an Engine.IO message here: it begins with a `4`, and an empty one (1.1.1, 6.1.1, 6.1.2) is no
//! packet. Each case is sent in one piece, frame by frame and octet by octet. Text is looked at
//! when it is whole, which 6.4 calls not strict: what can be sent until then is bounded. Left out are the
//! cases that measure (most of 9) and those that compress (12, 13).

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

mod support;

use realtime::Config;
use support::echo::Echo;
use support::{Client, Said, frame, soon};
use tokio::io::AsyncWriteExt;

const NORMAL: u16 = 1000;
const PROTOCOL_ERROR: u16 = 1002;
const INVALID_TEXT: u16 = 1007;
const TOO_LARGE: u16 = 1009;

/// "κόσμε", a surrogate, and "edited", which make no text together.
const BROKEN: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited";
/// The same with a number above the last character.
const BEYOND: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited";

struct Case {
    number: String,
    frames: Vec<Vec<u8>>,
    heard: Vec<Said>,
}

/// All is heard, and then the client closes.
fn fine(number: &str, mut frames: Vec<Vec<u8>>, mut heard: Vec<Said>) -> Case {
    frames.push(close(NORMAL, b""));
    heard.push(Said::Close(NORMAL));
    ended(number, frames, heard)
}

/// The server closes with this code, and what comes after is not answered.
fn failed(number: &str, mut frames: Vec<Vec<u8>>, mut heard: Vec<Said>, code: u16) -> Case {
    frames.push(ping(b"not answered"));
    heard.push(Said::Close(code));
    ended(number, frames, heard)
}

fn ended(number: &str, frames: Vec<Vec<u8>>, heard: Vec<Said>) -> Case {
    Case {
        number: number.to_owned(),
        frames,
        heard,
    }
}

fn text(text: &[u8]) -> Vec<u8> {
    frame(true, 1, &[b"4", text].concat())
}

fn ping(payload: &[u8]) -> Vec<u8> {
    frame(true, 9, payload)
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(true, 8, &[&code.to_be_bytes(), reason].concat())
}

/// A text in fragments.
fn fragments(parts: &[&[u8]]) -> Vec<Vec<u8>> {
    let begun = frame(false, 1, &[b"4", parts[0]].concat());
    let rest = (1..parts.len()).map(|at| frame(at + 1 == parts.len(), 0, parts[at]));
    std::iter::once(begun).chain(rest).collect()
}

fn octets(text: &[u8]) -> Vec<Vec<u8>> {
    fragments(&text.chunks(1).collect::<Vec<_>>())
}

fn said(text: &[u8]) -> Said {
    Said::Text(format!("4{}", std::str::from_utf8(text).unwrap()))
}

fn pong(payload: &[u8]) -> Said {
    Said::Pong(payload.to_vec())
}

/// Goes through every case, in pieces of every kind.
async fn examine(cases: Vec<Case>) {
    let server = Echo::start(Config::default()).await;
    for case in cases {
        let all = case.frames.concat();
        // A large one octet by octet would take long and show nothing new.
        let small = if all.len() < 4096 { 1 } else { 997 };
        for pieces in [
            all.chunks(all.len()).collect(),
            case.frames.iter().map(Vec::as_slice).collect(),
            all.chunks(small).collect::<Vec<_>>(),
        ] {
            let mut client = Client::open(server.address).await;
            client.stream.set_nodelay(true).unwrap();
            for piece in pieces {
                // The server may have closed already.
                let _ = client.stream.write_all(piece).await;
            }
            let mut heard = Vec::new();
            loop {
                match soon("the end", client.next()).await {
                    Said::End => break,
                    said => heard.push(said),
                }
            }
            assert!(heard == case.heard, "{}: {heard:.300?}", case.number);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_every_length_are_taken() {
    let mut cases = vec![
        failed("1.1.1", vec![frame(true, 1, b"")], vec![], PROTOCOL_ERROR),
        fine(
            "1.2.1",
            vec![frame(true, 2, b"")],
            vec![Said::Binary(vec![])],
        ),
    ];
    for (number, len) in (2..).zip([125, 126, 127, 128, 65_535, 65_536]) {
        let payload = vec![b'*'; len - 1];
        let number = format!("1.1.{number}");
        cases.push(fine(&number, vec![text(&payload)], vec![said(&payload)]));
        let payload = vec![0xfe; len];
        let number = number.replace("1.1", "1.2");
        let binary = frame(true, 2, &payload);
        cases.push(fine(&number, vec![binary], vec![Said::Binary(payload)]));
    }
    examine(cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_are_answered_and_pongs_are_not() {
    let loose = frame(true, 10, b"unsolicited pong payload");
    let ten: Vec<_> = (0..10).map(|at| format!("payload-{at}")).collect();
    examine(vec![
        fine("2.1", vec![ping(b"")], vec![pong(b"")]),
        fine(
            "2.2",
            vec![ping(b"Hello, world!")],
            vec![pong(b"Hello, world!")],
        ),
        fine(
            "2.3",
            vec![ping(b"\0\xff\xfe\xfd")],
            vec![pong(b"\0\xff\xfe\xfd")],
        ),
        fine(
            "2.4, 2.6",
            vec![ping(&[0xfe; 125])],
            vec![pong(&[0xfe; 125])],
        ),
        failed("2.5", vec![ping(&[0xfe; 126])], vec![], PROTOCOL_ERROR),
        fine("2.7", vec![frame(true, 10, b"")], vec![]),
        fine("2.8", vec![loose.clone()], vec![]),
        fine("2.9", vec![loose, ping(b"ping")], vec![pong(b"ping")]),
        fine(
            "2.10, 2.11",
            ten.iter().map(|payload| ping(payload.as_bytes())).collect(),
            ten.iter().map(|payload| pong(payload.as_bytes())).collect(),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bits_and_opcodes_that_mean_nothing_are_refused() {
    let mut cases = Vec::new();
    for (bits, opcode) in [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (6, 9), (7, 8)] {
        let odd = frame(true, bits << 4 | opcode, b"4a");
        cases.push((format!("3.{bits}"), odd));
    }
    for opcode in 3..8 {
        cases.push((
            format!("4.1.{}", opcode - 2),
            frame(true, opcode, b"reserved"),
        ));
    }
    for opcode in 11..16 {
        cases.push((
            format!("4.2.{}", opcode - 10),
            frame(true, opcode, b"reserved"),
        ));
    }
    let cases = cases.into_iter().map(|(number, odd)| {
        let frames = vec![text(b"before"), odd];
        failed(&number, frames, vec![said(b"before")], PROTOCOL_ERROR)
    });
    examine(cases.collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fragments_make_a_message_and_pings_may_stand_between() {
    let both = fragments(&[b"fragment1", b"fragment2"]);
    let with_ping = vec![both[0].clone(), ping(b"between"), both[1].clone()];
    let five: [&[u8]; 5] = [b"1", b"2", b"3", b"4", b"5"];
    let mut with_pings = fragments(&five);
    with_pings.insert(2, ping(b"pongme 1!"));
    with_pings.insert(5, ping(b"pongme 2!"));
    let whole = said(b"fragment1fragment2");
    let pongs = vec![pong(b"pongme 1!"), pong(b"pongme 2!"), said(b"12345")];
    let long = vec![b'*'; 65_535];
    let pieces: Vec<_> = long.chunks(1300).collect();
    examine(vec![
        fine("5.3, 5.4, 5.5", both, vec![whole]),
        fine(
            "5.6, 5.7, 5.8",
            with_ping,
            vec![pong(b"between"), said(b"fragment1fragment2")],
        ),
        fine("5.19, 5.20", with_pings, pongs),
        fine("10.1.1", fragments(&pieces), vec![said(&long)]),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fragments_out_of_place_are_refused() {
    let stray = |fin| frame(fin, 0, b"non-continuation payload");
    let whole = fragments(&[b"fragment1", b"fragment2"]);
    let echoed = said(b"fragment1fragment2");
    let twice = |fin| [vec![stray(fin)], whole.clone(), vec![stray(fin)]].concat();
    let cases = [
        (
            "5.1",
            vec![frame(false, 9, b"a"), frame(true, 0, b"b")],
            vec![],
        ),
        (
            "5.2",
            vec![frame(false, 10, b"a"), frame(true, 0, b"b")],
            vec![],
        ),
        ("5.9, 5.10, 5.11", vec![stray(true), text(b"hello")], vec![]),
        (
            "5.12, 5.13, 5.14",
            vec![stray(false), text(b"hello")],
            vec![],
        ),
        (
            "5.15",
            [whole.clone(), vec![stray(false), text(b"hello")]].concat(),
            vec![echoed],
        ),
        ("5.16", twice(false), vec![]),
        ("5.17", twice(true), vec![]),
        ("5.18", vec![whole[0].clone(), text(b"fragment2")], vec![]),
    ];
    let cases = cases.into_iter();
    let cases = cases.map(|(number, frames, heard)| failed(number, frames, heard, PROTOCOL_ERROR));
    examine(cases.collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_may_be_cut_anywhere_but_must_be_text() {
    let hello = "Hello-µ@ßöäüàá-UTF-8!!".as_bytes();
    let greek = "κόσμε".as_bytes();
    let parts = |text: &'static [u8]| fragments(&[&text[..11], &text[11..12], &text[12..]]);
    examine(vec![
        failed("6.1.1", vec![frame(true, 1, b"")], vec![], PROTOCOL_ERROR),
        fine("6.1.2", fragments(&[b"", b"", b""]), vec![said(b"")]),
        fine(
            "6.1.3",
            fragments(&[b"", b"middle", b""]),
            vec![said(b"middle")],
        ),
        fine("6.2.1", vec![text(hello)], vec![said(hello)]),
        fine(
            "6.2.2",
            fragments(&[&hello[..12], &hello[12..]]),
            vec![said(hello)],
        ),
        fine("6.2.3", octets(hello), vec![said(hello)]),
        fine("6.2.4", octets(greek), vec![said(greek)]),
        failed("6.3.1", vec![text(BROKEN)], vec![], INVALID_TEXT),
        failed("6.3.2", octets(BROKEN), vec![], INVALID_TEXT),
        failed("6.4.1, 6.4.2", parts(BEYOND), vec![], INVALID_TEXT),
        failed("6.4.3, 6.4.4", vec![text(BEYOND)], vec![], INVALID_TEXT),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_text_is_said_back_and_what_is_not_is_refused() {
    let texts = [
        (
            "6.5",
            "hello\u{24}world hello\u{a2}world hello\u{20ac}world hello\u{24b62}world",
        ),
        ("6.6", "κόσμε"),
        ("6.7", "\0\u{80}\u{800}\u{10000}"),
        ("6.9", "\u{7f}\u{7ff}\u{ffff}\u{10ffff}"),
        ("6.11", "\u{d7ff}\u{e000}\u{fffd}\u{10ffff}"),
        (
            "6.22",
            "\u{fffe}\u{ffff}\u{1fffe}\u{1ffff}\u{8fffe}\u{ffffe}\u{10fffe}",
        ),
        ("6.23", "\u{fff9}\u{fffa}\u{fffb}\u{fffc}\u{fffd}"),
    ];
    let others: [(&str, &[&[u8]]); 13] = [
        (
            "6.6",
            &[
                b"\xce",
                b"\xce\xba\xe1",
                b"\xce\xba\xe1\xbd",
                b"\xce\xba\xe1\xbd\xb9\xcf",
            ],
        ),
        (
            "6.8",
            &[b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"],
        ),
        (
            "6.10",
            &[
                b"\xf7\xbf\xbf\xbf",
                b"\xfb\xbf\xbf\xbf\xbf",
                b"\xfd\xbf\xbf\xbf\xbf\xbf",
            ],
        ),
        ("6.11", &[b"\xf4\x90\x80\x80"]),
        (
            "6.12",
            &[b"\x80", b"\xbf", b"\x80\xbf", b"\x80\xbf\x80\xbf\x80\xbf"],
        ),
        (
            "6.13",
            &[
                b"\xc0 \xc1 \xde ",
                b"\xe0 \xee ",
                b"\xf0 \xf6 ",
                b"\xf8 \xfa ",
                b"\xfc ",
            ],
        ),
        (
            "6.14",
            &[
                b"\xc0",
                b"\xe0\x80",
                b"\xf0\x80\x80",
                b"\xdf",
                b"\xef\xbf",
                b"\xf7\xbf\xbf",
            ],
        ),
        (
            "6.15",
            &[b"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80\xdf\xef\xbf"],
        ),
        ("6.16", &[b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]),
        (
            "6.17",
            &[
                b"\xc0\xaf",
                b"\xe0\x80\xaf",
                b"\xf0\x80\x80\xaf",
                b"\xf8\x80\x80\x80\xaf",
            ],
        ),
        (
            "6.18",
            &[
                b"\xc1\xbf",
                b"\xe0\x9f\xbf",
                b"\xf0\x8f\xbf\xbf",
                b"\xf8\x87\xbf\xbf\xbf",
            ],
        ),
        (
            "6.19",
            &[
                b"\xc0\x80",
                b"\xe0\x80\x80",
                b"\xf0\x80\x80\x80",
                b"\xf8\x80\x80\x80\x80",
            ],
        ),
        (
            "6.20, 6.21",
            &[
                b"\xed\xa0\x80",
                b"\xed\xbf\xbf",
                b"\xed\xa0\x80\xed\xb0\x80",
            ],
        ),
    ];
    let others = others.iter().flat_map(|(number, sequences)| {
        let frames = sequences.iter().map(|sequence| vec![text(sequence)]);
        frames.map(|frames| failed(number, frames, vec![], INVALID_TEXT))
    });
    let texts = texts.iter().map(|(number, is)| {
        let is = is.as_bytes();
        fine(number, vec![text(is)], vec![said(is)])
    });
    examine(texts.chain(others).collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_is_answered_in_kind_and_ends_everything() {
    let normal = || vec![Said::Close(NORMAL)];
    let begun = fragments(&[b"fragment1", b"fragment2"]);
    let long = vec![b'x'; 100_000];
    let mut cases = vec![
        fine("7.1.1", vec![text(b"Hello")], vec![said(b"Hello")]),
        ended(
            "7.1.2",
            vec![close(NORMAL, b""), frame(true, 8, b"")],
            normal(),
        ),
        ended("7.1.3", vec![close(NORMAL, b""), ping(b"")], normal()),
        ended("7.1.4", vec![close(NORMAL, b""), text(b"Hello")], normal()),
        ended(
            "7.1.5",
            vec![begun[0].clone(), close(NORMAL, b""), begun[1].clone()],
            normal(),
        ),
        ended(
            "7.1.6",
            vec![text(&long), text(b"Hello"), close(NORMAL, b"")],
            vec![said(&long), said(b"Hello"), Said::Close(NORMAL)],
        ),
        // Without a code, which is answered without one.
        ended("7.3.1", vec![frame(true, 8, b"")], vec![Said::Close(1005)]),
        failed("7.3.2", vec![frame(true, 8, b"a")], vec![], PROTOCOL_ERROR),
        fine("7.3.3", vec![], vec![]),
        ended("7.3.4", vec![close(NORMAL, b"Hello")], normal()),
        ended("7.3.5", vec![close(NORMAL, &[b'*'; 123])], normal()),
        failed(
            "7.3.6",
            vec![close(NORMAL, &[b'*'; 124])],
            vec![],
            PROTOCOL_ERROR,
        ),
        failed("7.5.1", vec![close(NORMAL, BROKEN)], vec![], INVALID_TEXT),
    ];
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        cases.push(ended(
            "7.7",
            vec![close(code, b"")],
            vec![Said::Close(code)],
        ));
    }
    for code in [
        0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        cases.push(failed(
            "7.9, 7.13",
            vec![close(code, b"")],
            vec![],
            PROTOCOL_ERROR,
        ));
    }
    examine(cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_may_be_as_large_as_was_said_and_no_larger() {
    let most = vec![b'*'; Config::default().max_payload - 1];
    let more = vec![b'*'; most.len() + 1];
    let mut cases = vec![
        fine("9.1", vec![text(&most)], vec![said(&most)]),
        failed("9.1", vec![text(&more)], vec![], TOO_LARGE),
    ];
    for len in [64, 256, 1024, 4096, 16 * 1024] {
        let number = format!("9.3, in fragments of {len}");
        let pieces: Vec<_> = most.chunks(len).collect();
        cases.push(fine(&number, fragments(&pieces), vec![said(&most)]));
        let pieces: Vec<_> = more.chunks(len).collect();
        cases.push(failed(&number, fragments(&pieces), vec![], TOO_LARGE));
    }
    examine(cases).await;
}
