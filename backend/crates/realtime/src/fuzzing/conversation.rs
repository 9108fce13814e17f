//! Everything a client says once its transport is open, attachments and namespaces included, to an
//! application that says it all back.
//!
//! The packets stand between separators, as in the body of a polling request; one that begins with
//! `b` is binary and is the rest as it is.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::RUNTIME;
use crate::app::{
    Accepted, App, BoxFuture, ConnectRequest, Event, Handler, ReadFailed, Refusal, RequestHead,
};
use crate::close::CloseReason;
use crate::config::Config;
use crate::connection::Connection;
use crate::conversation::Conversation;
use crate::engine_io::packet::Received;
use crate::engine_io::payload::SEPARATOR;
use crate::keeper::Keeper;
use crate::link::Link;
use crate::packet::{Frame, Packet};
use crate::shared::Shared;
use crate::socket_io::packet::{self, Body};
use crate::topic::TopicId;
use crate::writer::Sink;

/// Small, so that it is soon too much.
const MAX_PAYLOAD: usize = 64;

pub(super) fn run(data: &[u8]) {
    RUNTIME.with(|runtime| runtime.block_on(talk(data)));
}

async fn talk(data: &[u8]) {
    let config = Config {
        max_payload: MAX_PAYLOAD,
        ..Config::default()
    };
    let shared = Arc::new(Shared::new(config, Arc::new(Parrot), None));
    let link = Link::new(Arc::clone(&shared), Sink::Closed);
    let mut keeper = Keeper::new(Arc::clone(&link));
    let mut conversation = Conversation::new(&link, Arc::new(head()), &mut keeper);
    let mut end = CloseReason::TransportClosed;
    for said in data.split(|byte| *byte == SEPARATOR) {
        let done = match said.strip_prefix(b"b") {
            Some(data) => {
                let data = Bytes::copy_from_slice(data);
                conversation.binary(data, &mut keeper).await
            }
            None => match String::from_utf8(said.to_vec()).map(Received::parse) {
                Ok(Ok(Received::Text(text))) => conversation.text(text, &mut keeper).await,
                _ => continue,
            },
        };
        answers_can_be_read(&link);
        if let Err(reason) = done {
            end = reason;
            break;
        }
    }
    assert_ne!(end, CloseReason::Internal, "nothing broke");
    conversation.end(end);
    assert_eq!(shared.registry.count(), 0, "nobody is left behind");
    shared.finished().await;
}

/// What is said back is what a client would be understood by, but for the answers to CONNECT.
fn answers_can_be_read(link: &Link) {
    let mut answers = VecDeque::new();
    while !link.outbox().is_idle() {
        let gathered = link.outbox().gather(&mut answers);
        assert_eq!(gathered, Ok(()), "there are no feeds");
    }
    for answer in answers {
        let text = std::str::from_utf8(answer.text()).expect("packets are text");
        if text.starts_with("40") || text.starts_with("44") {
            continue;
        }
        let read = packet::Received::parse(&text[1..]).expect("a packet");
        let attachments = match read.body {
            Body::Event(said) => said.attachments,
            Body::Ack(answer) => answer.attachments,
            other => panic!("nobody said {other:?}"),
        };
        assert_eq!(answer.parts(), 1 + attachments);
    }
}

fn head() -> RequestHead {
    RequestHead {
        method: http::Method::GET,
        uri: http::Uri::from_static("/socket.io/?EIO=4&transport=polling"),
        headers: http::HeaderMap::new(),
        peer: ([127, 0, 0, 1], 1).into(),
    }
}

/// Says everything back.
struct Parrot;

struct Perch(Connection);

impl App for Parrot {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'_, Result<Accepted, Refusal>> {
        assert!(request.auth.get().starts_with('{'), "an object, or nothing");
        let known = ["/", "/custom"].contains(&&*request.namespace);
        let handler = Box::new(Perch(request.connection));
        let tags = Vec::new();
        let accepted = known.then_some(Accepted { handler, tags });
        Box::pin(async { accepted.ok_or_else(Refusal::unknown_namespace) })
    }

    fn read(&self, _: TopicId, _: u64, _: usize) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        Box::pin(async { Err(ReadFailed) })
    }

    fn reset(&self, _: TopicId) -> Packet {
        Packet::event("/", "reset", &())
    }
}

impl Handler for Perch {
    fn event(&mut self, event: Event) -> BoxFuture<'_, ()> {
        let size: usize = event.attachments.iter().map(Bytes::len).sum();
        assert!(size <= MAX_PAYLOAD, "together no more than allowed");
        assert!(event.attachments.len() <= packet::MAX_ATTACHMENTS);
        let namespace = self.0.namespace();
        self.0.send(Packet::event_with(
            namespace,
            &event.name,
            &event.args,
            &event.attachments,
        ));
        event.ack.send_with(&event.args, &event.attachments);
        Box::pin(async {})
    }

    fn closed(self: Box<Self>, _: CloseReason) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}
