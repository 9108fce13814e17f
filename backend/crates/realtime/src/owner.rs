//! A link's own task: reads, decodes, has events handled one after the other, and sees every
//! connection off.
//!
//! It never waits for anything without keeping house meanwhile (`keeper`), so it notices the end
//! whatever it is doing.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::{self, Read as _};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::app::RequestHead;
use crate::close::CloseReason;
use crate::conversation::Conversation;
use crate::engine_io::packet::{Malformed, Received};
use crate::engine_io::payload::Payload;
use crate::keeper::Keeper;
use crate::link::Link;
use crate::metrics::Gauge;
use crate::packet::Packet;
use crate::registry::AddressSlot;
use crate::websocket::decoder::{DecodeError, Decoder, Message};
use crate::websocket::extension::Compressed;
use crate::websocket::frame::Opcode;
use crate::writer::{Sink, Writer};

/// Read from a socket at a time.
const READ: usize = 16 * 1024;
/// How long an ending transport may take to write what is left and to hear the peer agree.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The same for a client that has to come and ask for them.
const LAST_POLLS: Duration = Duration::from_secs(3);

thread_local! {
    /// What was just received; kept by nobody, so quiet connections hold no buffer.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// Where packets come from.
pub(crate) enum Source {
    /// A WebSocket.
    Socket(Socket),
    /// Requests, which may bring a WebSocket later.
    Polling(Posts),
}

/// The read side of a WebSocket.
pub(crate) struct Socket {
    pub(crate) stream: Arc<TcpStream>,
    pub(crate) decoder: Decoder,
    /// What the client is sent compressed.
    pub(crate) compressed: Compressed,
}

/// The read side of a polling session.
pub(crate) struct Posts {
    pub(crate) inbound: mpsc::Receiver<Inbound>,
    /// The body being handled.
    pub(crate) post: Option<Post>,
}

/// What requests bring.
pub(crate) enum Inbound {
    Post(Post),
    Upgraded(Socket),
}

/// The packets of one request, which is answered when they are handled.
pub(crate) struct Post {
    pub(crate) payload: Payload,
    pub(crate) done: oneshot::Sender<()>,
}

/// How the peer took its leave, if it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    /// Not at all.
    None,
    /// A WebSocket close frame with this code.
    Frame(Option<u16>),
    /// An Engine.IO `close` packet.
    Packet,
    /// The stream ended.
    End,
}

struct Owner {
    link: Arc<Link>,
    keeper: Keeper,
    source: Source,
    conversation: Conversation,
    leave: Leave,
    /// Given back at the very end.
    _slot: AddressSlot,
}

/// Serves a transport to its end.
///
/// Every transport holds one of these for as long as it is there, so what is seldom needed in it is
/// boxed, and its parts are put together before it begins: what an `async fn` is given it keeps
/// twice, as it was given and as it is used.
pub(crate) fn run(
    link: Arc<Link>,
    source: Source,
    head: Arc<RequestHead>,
    slot: AddressSlot,
) -> impl Future<Output = ()> + Send + 'static {
    let mut keeper = Keeper::new(Arc::clone(&link));
    let conversation = Conversation::new(&link, head, &mut keeper);
    let mut owner = Owner {
        link,
        keeper,
        source,
        conversation,
        leave: Leave::None,
        _slot: slot,
    };
    async move {
        // Known before this look: a drain either sees it or is seen here.
        if owner.link.shared.draining.load(Ordering::SeqCst) {
            owner.link.end(CloseReason::Drain);
        }
        owner.gauge().add(1);
        let Err(reason) = owner.serve().await;
        owner.gauge().add(-1);
        Box::pin(owner.finish(reason)).await;
    }
}

impl Owner {
    fn gauge(&self) -> &Gauge {
        match self.source {
            Source::Socket(_) => &self.link.shared.metrics.websocket,
            Source::Polling(_) => &self.link.shared.metrics.polling,
        }
    }

    async fn serve(&mut self) -> Result<Infallible, CloseReason> {
        loop {
            // A client that always has more to say must not keep a thread to itself.
            tokio::task::coop::consume_budget().await;
            let received = self.receive().await?;
            self.keeper.heard();
            match received {
                // Boxed: most connections wait for their client most of the time, and do not say
                // anything.
                Received::Text(packet) => {
                    Box::pin(self.conversation.text(packet, &mut self.keeper)).await?;
                }
                Received::Binary(data) => {
                    Box::pin(self.conversation.binary(data, &mut self.keeper)).await?;
                }
                Received::Pong | Received::Noop => {}
                Received::Close => {
                    self.leave = Leave::Packet;
                    return Err(CloseReason::TransportClosed);
                }
            }
        }
    }

    /// The next packet. What was read is handled also when nothing more is to be read.
    async fn receive(&mut self) -> Result<Received, CloseReason> {
        loop {
            match &mut self.source {
                Source::Socket(socket) => {
                    if let Some(received) = socket.next(&self.link, &mut self.leave)? {
                        return Ok(received);
                    }
                    if self.link.is_leaving() {
                        return Err(self.answer_the_rest().await);
                    }
                    tokio::select! {
                        biased;
                        stirred = self.keeper.watch(true) => {
                            stirred?;
                            self.conversation.release_ended()?;
                        }
                        // An error shows when reading.
                        _ = socket.stream.readable() => {
                            socket.read().map_err(|Ended| {
                                self.leave = Leave::End;
                                CloseReason::TransportClosed
                            })?;
                        }
                    }
                }
                Source::Polling(posts) => {
                    if let Some(received) = posts.next()? {
                        return Ok(received);
                    }
                    if self.link.is_leaving() {
                        return Err(self.answer_the_rest().await);
                    }
                    tokio::select! {
                        biased;
                        stirred = self.keeper.watch(true) => {
                            stirred?;
                            self.conversation.release_ended()?;
                        }
                        inbound = posts.inbound.recv() => match inbound {
                            Some(Inbound::Post(post)) => posts.post = Some(post),
                            Some(Inbound::Upgraded(socket)) => {
                                self.link.shared.metrics.polling.add(-1);
                                self.link.shared.metrics.websocket.add(1);
                                self.source = Source::Socket(socket);
                            }
                            None => return Err(CloseReason::TransportClosed),
                        },
                    }
                }
            }
        }
    }

    /// Waits until all that was read is answered, for which whoever asked us to leave sets a limit.
    async fn answer_the_rest(&mut self) -> CloseReason {
        while !self.link.all_answered() {
            let stirred = self.keeper.watch(false).await;
            if let Err(reason) = stirred.and_then(|()| self.conversation.release_ended()) {
                return reason;
            }
        }
        CloseReason::Drain
    }

    /// Ends every connection, then gives the peer a moment to take what is left.
    async fn finish(mut self, reason: CloseReason) {
        self.keeper.uncork();
        let awaited = self.leave == Leave::Packet || reason.is_announced();
        if awaited {
            self.link.with_writer(|writer| {
                if let Sink::Polling(poll) = &mut writer.sink {
                    poll.part();
                }
            });
        }
        self.link.end(reason);
        // Another may have been first.
        let reason = self.link.ending().unwrap_or(reason);
        self.conversation.end(reason);
        let by = Instant::now() + if awaited { LAST_POLLS } else { LAST_WORDS };
        let last = match (&self.source, self.leave) {
            (_, Leave::End) => None,
            (Source::Socket(_), Leave::Frame(code)) => {
                let code = code.map(u16::to_be_bytes);
                Some(Packet::websocket(
                    Opcode::Close,
                    code.as_ref().map_or(&[], |code| code),
                ))
            }
            (Source::Socket(_), _) => Some(Packet::websocket(
                Opcode::Close,
                &reason.code().to_be_bytes(),
            )),
            // The poll of a client that leaves is let go; any other is told.
            (Source::Polling(_), Leave::Packet) => Some(Packet::engine("6")),
            // Who is to come back finds no session with their next poll: python-engineio takes a
            // close for a word to stay away.
            (Source::Polling(_), _) if reason.is_announced() && reason.come_back() => None,
            (Source::Polling(_), _) => Some(Packet::engine("1")),
        };
        self.link.outbox().shut(last);
        let stream = match &self.source {
            Source::Socket(socket) => Some(Arc::clone(&socket.stream)),
            Source::Polling(_) => None,
        };
        // Who does not take them in time does without.
        let words = last_words(Arc::clone(&self.link), stream.clone(), awaited);
        let _ = tokio::time::timeout_at(by, words).await;
        self.link.shared.registry.remove_link(self.link.sid());
        self.link.with_writer(Writer::close);
        self.link.outbox().clear();
        if let Some(stream) = stream {
            let _ = tokio::time::timeout_at(by, part(&stream, self.leave)).await;
        }
    }
}

/// Writes what is left.
async fn last_words(link: Arc<Link>, stream: Option<Arc<TcpStream>>, awaited: bool) {
    link.flush();
    if let Some(stream) = stream {
        while link.stalled().is_some() {
            // A broken socket shows when it is written to.
            let _ = stream.writable().await;
            link.resume();
        }
        return;
    }
    while awaited && !link.is_drained() {
        link.woken().await;
    }
}

/// The stream has ended.
pub(crate) struct Ended;

impl Socket {
    /// The write side of it.
    pub(crate) fn sink(&self) -> Sink {
        Sink::Socket(Arc::clone(&self.stream), self.compressed)
    }

    /// Takes what the socket has.
    pub(crate) fn read(&mut self) -> Result<(), Ended> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut read = None;
            let tried = self.stream.try_io(Interest::READABLE, || {
                let bytes = (&*SockRef::from(&*self.stream)).read(scratch)?;
                read = Some(bytes);
                // That was all there is. Said in this way, it is waited for more at once, instead
                // of being asked for in vain first.
                if bytes > 0 && bytes < READ {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                Ok(())
            });
            match (read, tried) {
                (Some(0), _) => Err(Ended),
                (Some(bytes), _) => {
                    self.decoder.feed(&scratch[..bytes]);
                    Ok(())
                }
                (None, Err(error))
                    if !matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                    ) =>
                {
                    Err(Ended)
                }
                (None, _) => Ok(()),
            }
        })
    }

    /// The next packet of what has been read.
    fn next(
        &mut self,
        link: &Arc<Link>,
        leave: &mut Leave,
    ) -> Result<Option<Received>, CloseReason> {
        while let Some(message) = self.decoder.next().map_err(refused)? {
            match message {
                Message::Text(text) => {
                    let received =
                        Received::parse(text).map_err(|Malformed| CloseReason::ProtocolError)?;
                    return Ok(Some(received));
                }
                Message::Binary(data) => return Ok(Some(Received::Binary(data))),
                Message::Pong => return Ok(Some(Received::Pong)),
                Message::Ping(payload) => {
                    link.outbox()
                        .pong(Packet::websocket(Opcode::Pong, &payload));
                    link.flush();
                }
                Message::Close(code) => {
                    *leave = Leave::Frame(code);
                    return Err(CloseReason::TransportClosed);
                }
            }
        }
        Ok(None)
    }
}

impl Posts {
    /// The next packet of the body being handled.
    fn next(&mut self) -> Result<Option<Received>, CloseReason> {
        let Some(post) = &mut self.post else {
            return Ok(None);
        };
        if let Some(received) = post.payload.next() {
            return received
                .map(Some)
                .map_err(|Malformed| CloseReason::ProtocolError);
        }
        if let Some(post) = self.post.take() {
            // Who posted may be gone.
            let _ = post.done.send(());
        }
        Ok(None)
    }
}

fn refused(error: DecodeError) -> CloseReason {
    match error {
        DecodeError::Protocol => CloseReason::ProtocolError,
        DecodeError::TooLarge => CloseReason::PayloadTooLarge,
        DecodeError::InvalidText => CloseReason::InvalidText,
    }
}

/// Waits for the peer to close too: closing with bytes unread would reset the stream and could
/// destroy our last words on their way.
async fn part(stream: &TcpStream, leave: Leave) {
    if SockRef::from(stream).shutdown(Shutdown::Write).is_err() || leave != Leave::None {
        return;
    }
    let mut scratch = [0; 1024];
    loop {
        let _ = stream.readable().await;
        match stream.try_read(&mut scratch) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
