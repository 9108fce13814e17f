//! Packets of Socket.IO.

use crate::packet::Packet;
use crate::socket_io::packet::{Answer, Body, MAX_ATTACHMENTS, Received, Said};

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(received) = Received::parse(text) else {
        return;
    };
    let written = write(&received);
    let again = Received::parse(&written).expect("what was read is written as a packet");
    assert_eq!(again.namespace, received.namespace);
    assert_eq!(plain(&again.body), plain(&received.body), "{written}");
    let id = match &received.body {
        Body::Event(said) => said.id,
        Body::Ack(answer) => Some(answer.id),
        Body::Connect { .. } | Body::Disconnect => None,
    };
    assert_eq!(id, id_in(text), "all its digits");
    let kept = match &received.body {
        Body::Connect { auth } => auth.as_ref().map_or(0, |auth| auth.get().len()),
        Body::Disconnect => 0,
        Body::Event(Said { args, .. }) | Body::Ack(Answer { args, .. }) => {
            args.iter().map(|arg| arg.get().len()).sum()
        }
    };
    assert!(kept <= data.len(), "nothing is made of nothing");
}

/// The number behind the kind, the number of attachments and the namespace.
fn id_in(text: &str) -> Option<u64> {
    let rest = match text.as_bytes()[0] {
        b'5' | b'6' => text.split_once('-').map_or("", |(_, rest)| rest),
        _ => &text[1..],
    };
    let rest = match rest.split_once(',') {
        Some((_, behind)) if rest.starts_with('/') => behind,
        _ => rest,
    };
    let digits = rest.split(|byte: char| !byte.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok())
}

/// As we would write it ourselves.
fn write(received: &Received<'_>) -> String {
    let namespace = received.namespace;
    let (attachments, packet) = match &received.body {
        Body::Connect { auth } => {
            let auth = auth.as_deref();
            (0, Packet::control(*b"40", namespace, auth))
        }
        Body::Disconnect => (0, Packet::control::<()>(*b"41", namespace, None)),
        Body::Event(said) => {
            let packet = Packet::event_with(namespace, &said.name, &said.args, &[]);
            return with_numbers(&packet, '5', namespace, said.attachments, said.id);
        }
        Body::Ack(answer) => (
            answer.attachments,
            Packet::ack_with(namespace, answer.id, &answer.args, &[]),
        ),
    };
    with_numbers(&packet, '6', namespace, attachments, None)
}

/// Puts in how many attachments follow and which answer is asked for. Neither is ever written by us
/// without what it is about.
fn with_numbers(
    packet: &Packet,
    binary: char,
    namespace: &str,
    attachments: usize,
    id: Option<u64>,
) -> String {
    let text = std::str::from_utf8(packet.text()).expect("packets are text");
    let text = text.strip_prefix('4').expect("a message of Engine.IO");
    let (kind, rest) = text.split_at(1);
    let head = if namespace == "/" {
        String::new()
    } else {
        format!("{namespace},")
    };
    let rest = rest.strip_prefix(&head).expect("the namespace comes first");
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    if attachments == 0 {
        format!("{kind}{head}{id}{rest}")
    } else {
        format!("{binary}{attachments}-{head}{id}{rest}")
    }
}

/// What a packet says, to be compared.
fn plain(body: &Body) -> (String, Option<u64>, Vec<&str>, usize) {
    match body {
        Body::Connect { auth } => {
            let auth = auth.as_ref().map(|auth| auth.get());
            ("connect".to_owned(), None, auth.into_iter().collect(), 0)
        }
        Body::Disconnect => ("disconnect".to_owned(), None, Vec::new(), 0),
        Body::Event(said) => {
            assert!(said.attachments <= MAX_ATTACHMENTS, "bounded");
            (
                format!("event {}", said.name),
                said.id,
                said.args.iter().map(|arg| arg.get()).collect(),
                said.attachments,
            )
        }
        Body::Ack(answer) => {
            assert!(answer.attachments <= MAX_ATTACHMENTS, "bounded");
            (
                "ack".to_owned(),
                Some(answer.id),
                answer.args.iter().map(|arg| arg.get()).collect(),
                answer.attachments,
            )
        }
    }
}
