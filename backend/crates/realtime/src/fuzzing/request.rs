//! Heads of requests: the query that names version, transport and session, and the handshake of a
//! WebSocket with what it offers.
//!
//! The first line is path and query; every further one is a header. What no HTTP library would
//! hand us is left out.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Request, Uri, header};

use super::RUNTIME;
use crate::config::Config;
use crate::engine_io::handshake;
use crate::engine_io::messages::Nobody;
use crate::engine_io::request::Query;
use crate::shared::Shared;
use crate::sid::Sid;
use crate::websocket::extension;

pub(super) fn run(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let Some(Ok(uri)) = lines.next().map(Uri::try_from) else {
        return;
    };
    query(uri.query().unwrap_or_default());
    let mut request = Request::builder().uri(uri);
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            request = request.header(name, value.trim_ascii());
        }
    }
    if let Ok(request) = request.body(()) {
        upgrade(&request);
    }
}

fn query(text: &str) {
    let Ok(query) = Query::parse(text) else {
        return;
    };
    let says = |pair: &str| text.split('&').any(|other| other == pair);
    assert!(says("EIO=4"), "no other version is spoken");
    assert!(says("transport=polling") || says("transport=websocket"));
    let Some(sid) = query.sid else {
        return;
    };
    assert!(!sid.is_empty() && says(&format!("sid={sid}")));
    if let Some(known) = Sid::parse(sid) {
        assert_eq!(known.as_str(), sid, "a session is found by what was said");
    }
}

fn upgrade(request: &Request<()>) {
    let headers = request.headers();
    compression(headers);
    let shared = RUNTIME.with(|runtime| {
        let _entered = runtime.enter();
        Shared::new(Config::default(), Arc::new(Nobody), None)
    });
    let Ok((response, _)) = handshake::switching(&shared, request) else {
        return;
    };
    assert_eq!(headers[header::SEC_WEBSOCKET_VERSION], "13");
    let nonce = STANDARD.decode(&headers[header::SEC_WEBSOCKET_KEY]);
    assert_eq!(nonce.map(|nonce| nonce.len()), Ok(16));
    let accept = STANDARD.decode(&response.headers()[header::SEC_WEBSOCKET_ACCEPT]);
    assert_eq!(accept.map(|hash| hash.len()), Ok(20));
}

/// What is agreed on is less than was offered, so it is agreed on when it is offered.
fn compression(headers: &HeaderMap) {
    let Some(agreed) = extension::agree(headers, 1) else {
        return;
    };
    let mut offer = HeaderMap::new();
    offer.insert(header::SEC_WEBSOCKET_EXTENSIONS, agreed.answer.clone());
    assert_eq!(extension::agree(&offer, 1), Some(agreed));
}
