//! Opening sessions: the first poll, and the WebSocket upgrade of HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde_json::json;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::poll::Poll;
use super::request::{self, Refused};
use crate::app::RequestHead;
use crate::body::Body;
use crate::link::Link;
use crate::owner::{self, Posts, Socket, Source};
use crate::packet::Packet;
use crate::registry::AddressSlot;
use crate::shared::Shared;
use crate::websocket::decoder::Decoder;
use crate::websocket::extension::{self, Compressed};
use crate::writer::Sink;

/// RFC 6455 section 1.3.
const ACCEPT: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// From our 101 to the stream being ours.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests whose packets wait for the link's own task.
const INBOUND: usize = 1;

/// Opens a polling session; its first packet is the answer.
pub(crate) fn polling<B>(
    shared: &Arc<Shared>,
    request: Request<B>,
    peer: SocketAddr,
) -> Result<Response<Body>, Refused> {
    let slot = AddressSlot::take(shared, peer.ip()).ok_or(Refused::Crowded)?;
    let (sender, inbound) = mpsc::channel(INBOUND);
    let link = Link::new(Arc::clone(shared), Sink::Polling(Poll::new(sender)));
    shared.registry.add_link(&link);
    let answer = open_packet(&link, &["websocket"]);
    let source = Source::Polling(Posts {
        inbound,
        post: None,
    });
    shared.spawn(owner::run(link, source, request_head(request, peer), slot));
    Ok(request::text(Body::from(Bytes::copy_from_slice(
        answer.text(),
    ))))
}

/// Opens a session that is a WebSocket from the start.
pub(crate) fn websocket<B>(
    shared: &Arc<Shared>,
    mut request: Request<B>,
    peer: SocketAddr,
) -> Result<Response<Body>, Refused> {
    let (response, compressed) = switching(shared, &request)?;
    let slot = AddressSlot::take(shared, peer.ip()).ok_or(Refused::Crowded)?;
    let upgrade = hyper::upgrade::on(&mut request);
    let head = request_head(request, peer);
    let shared_by_task = Arc::clone(shared);
    shared.spawn(async move {
        let shared = shared_by_task;
        let Some(socket) = socket(&shared, upgrade, compressed).await else {
            return;
        };
        let link = Link::new(Arc::clone(&shared), socket.sink());
        shared.registry.add_link(&link);
        let result = link.outbox().push(open_packet(&link, &[]));
        link.settle(result);
        // On a task of its own: this one has space for all that it took to come here.
        shared.spawn(owner::run(link, Source::Socket(socket), head, slot));
    });
    Ok(response)
}

/// The answer to a proper WebSocket request (RFC 6455 section 4.2), and what is compressed if the
/// client offered that.
pub(crate) fn switching<B>(
    shared: &Shared,
    request: &Request<B>,
) -> Result<(Response<Body>, Option<Compressed>), Refused> {
    let headers = request.headers();
    let proper = request.method() == Method::GET
        && has_token(headers, header::UPGRADE, "websocket")
        && has_token(headers, header::CONNECTION, "upgrade")
        && headers
            .get(header::SEC_WEBSOCKET_VERSION)
            .is_some_and(|version| version == "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| proper);
    let key = key.ok_or(Refused::BadRequest)?;
    if STANDARD.decode(key).map_or(0, |nonce| nonce.len()) != 16 {
        return Err(Refused::BadRequest);
    }
    let accept = Sha1::new()
        .chain_update(key)
        .chain_update(ACCEPT)
        .finalize();
    let accept = HeaderValue::try_from(STANDARD.encode(accept)).expect("base64 is a header value");
    let from = shared.config.compress_from;
    let agreed = from.and_then(|from| extension::agree(headers, from));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    let compressed = agreed.map(|agreed| {
        headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, agreed.answer);
        agreed.compressed
    });
    Ok((response, compressed))
}

/// The stream below an upgraded request, and what was read ahead of it.
pub(crate) async fn socket(
    shared: &Shared,
    upgrade: OnUpgrade,
    compressed: Option<Compressed>,
) -> Option<Socket> {
    let upgraded = tokio::time::timeout(UPGRADE_TIMEOUT, upgrade).await.ok()?;
    let Ok(parts) = upgraded.ok()?.downcast::<TokioIo<TcpStream>>() else {
        tracing::error!("a WebSocket came over something else than a TCP stream");
        return None;
    };
    let mut decoder = Decoder::new(shared.config.max_payload);
    if compressed.is_some() {
        decoder = decoder.inflating();
    }
    decoder.feed(&parts.read_buf);
    Some(Socket {
        stream: Arc::new(parts.io.into_inner()),
        decoder,
        compressed: compressed.unwrap_or(Compressed::NOTHING),
    })
}

fn open_packet(link: &Link, upgrades: &[&str]) -> Packet {
    let config = &link.shared.config;
    let open = json!({
        "sid": link.sid().as_str(),
        "upgrades": upgrades,
        "pingInterval": millis(config.ping_interval),
        "pingTimeout": millis(config.ping_timeout),
        "maxPayload": config.max_payload,
    });
    Packet::engine(&format!("0{open}"))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn request_head<B>(request: Request<B>, peer: SocketAddr) -> Arc<RequestHead> {
    let (parts, _) = request.into_parts();
    let http::request::Parts {
        method,
        uri,
        headers,
        ..
    } = parts;
    Arc::new(RequestHead {
        method,
        uri,
        headers,
        peer,
    })
}

fn has_token(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}
