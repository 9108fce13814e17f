//! From polling to WebSocket, under traffic and without losing or reordering anything.
//!
//! The client opens a WebSocket with its session id and sends `2probe`; we answer `3probe` and let
//! the waiting poll go; the client stops polling and sends `5`. From that moment packets leave by
//! the WebSocket. Packets the client posted before are handled first: the socket reaches the
//! link's own task behind them.

use std::io;
use std::sync::Arc;

use http::{Request, Response};

use super::handshake;
use super::poll::Poll;
use super::request::Refused;
use crate::body::Body;
use crate::close::CloseReason;
use crate::link::Link;
use crate::owner::{Inbound, Socket};
use crate::packet::Packet;
use crate::websocket::decoder::Message;
use crate::websocket::frame::Opcode;
use crate::writer::Sink;

/// The probe failed; polling goes on.
struct Failed;

/// Answers a WebSocket request for a session that polls.
pub(crate) fn probe<B>(
    link: Arc<Link>,
    mut request: Request<B>,
) -> Result<Response<Body>, Refused> {
    let (response, compressed) = handshake::switching(&link.shared, &request)?;
    let upgrade = hyper::upgrade::on(&mut request);
    let begun = link.ending().is_none() && on_poll(&link, Poll::begin_probe) == Some(true);
    if !begun {
        // The session is a WebSocket already, or about to be: this one is closed, properly.
        let shared = Arc::clone(&link.shared);
        link.shared.spawn(async move {
            if let Some(socket) = handshake::socket(&shared, upgrade, compressed).await {
                let code = CloseReason::ProtocolError.code().to_be_bytes();
                // A peer that does not even take this is none to be polite to.
                let _ = write(&socket, &Packet::websocket(Opcode::Close, &code)).await;
            }
        });
        return Ok(response);
    }
    let shared = Arc::clone(&link.shared);
    let probing = Probing { link };
    shared.spawn(async move {
        let link = &probing.link;
        let probe = async {
            let socket = handshake::socket(&link.shared, upgrade, compressed)
                .await
                .ok_or(Failed)?;
            take_over(link, socket).await
        };
        let limit = link.shared.config.upgrade_timeout;
        let result = tokio::select! {
            result = tokio::time::timeout(limit, probe) => result.unwrap_or(Err(Failed)),
            () = link.ended() => Err(Failed),
        };
        if result.is_err() {
            tracing::debug!("a WebSocket did not take over from polling");
        }
    });
    Ok(response)
}

async fn take_over(link: &Arc<Link>, mut socket: Socket) -> Result<(), Failed> {
    expect(&mut socket, "2probe").await?;
    write(&socket, &Packet::engine("3probe")).await?;
    // The poll that waits would keep the client from going on.
    on_poll(link, |poll| poll.release(link)).ok_or(Failed)?;
    expect(&mut socket, "5").await?;
    let sink = socket.sink();
    let inbound = link.with_writer(|writer| {
        let Sink::Polling(poll) = &mut writer.sink else {
            return None;
        };
        let inbound = poll.inbound();
        poll.abandon();
        writer.sink = sink;
        Some(inbound)
    });
    link.upgraded();
    link.flush();
    inbound
        .ok_or(Failed)?
        .send(Inbound::Upgraded(socket))
        .await
        .map_err(|_| Failed)
}

/// Reads one text message, which must be this one.
async fn expect(socket: &mut Socket, text: &str) -> Result<(), Failed> {
    loop {
        match socket.decoder.next().map_err(|_| Failed)? {
            Some(Message::Text(said)) if said == text => return Ok(()),
            Some(_) => return Err(Failed),
            None => {
                socket.stream.readable().await.map_err(|_| Failed)?;
                socket.read().map_err(|_| Failed)?;
            }
        }
    }
}

/// Writes a short packet to a socket that nobody else writes to yet.
async fn write(socket: &Socket, packet: &Packet) -> Result<(), Failed> {
    let mut rest = packet.wire();
    while !rest.is_empty() {
        socket.stream.writable().await.map_err(|_| Failed)?;
        match socket.stream.try_write(rest) {
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return Err(Failed),
        }
    }
    Ok(())
}

fn on_poll<R>(link: &Arc<Link>, work: impl FnOnce(&mut Poll) -> R) -> Option<R> {
    link.with_writer(|writer| match &mut writer.sink {
        Sink::Polling(poll) => Some(work(poll)),
        Sink::Socket(..) | Sink::Closed => None,
    })
}

/// While it lives, no other WebSocket may probe.
struct Probing {
    link: Arc<Link>,
}

impl Drop for Probing {
    fn drop(&mut self) {
        on_poll(&self.link, Poll::end_probe);
    }
}
