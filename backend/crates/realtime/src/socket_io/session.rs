//! The Socket.IO side of one transport: which namespaces are joined, and one event at a time for
//! their handlers.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{AUTHORIZATION, COOKIE, ORIGIN, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use serde_json::value::RawValue;

use super::packet::{Answer, Body, Malformed, Received, Said};
use crate::ack::Ack;
use crate::app::{Accepted, ConnectRequest, Event, Handler, Refusal, RequestHead};
use crate::close::CloseReason;
use crate::connection::{Connection, ConnectionId};
use crate::keeper::Keeper;
use crate::link::Link;
use crate::packet::Packet;

/// Namespaces of one transport.
const MAX_NAMESPACES: usize = 16;
/// The headers that are kept for further namespaces.
const KEPT_HEADERS: [HeaderName; 4] = [AUTHORIZATION, COOKIE, ORIGIN, USER_AGENT];

/// See the module.
pub(crate) struct Session {
    link: Arc<Link>,
    head: Arc<RequestHead>,
    /// Whether `head` still has all its headers.
    whole: bool,
    spaces: Vec<Space>,
    connecting: Option<Connection>,
    assembling: Option<Box<Assembling>>,
}

/// A joined namespace.
struct Space {
    connection: Connection,
    /// Gone once the server ended it: what the client sent before it heard of that is ignored.
    handler: Option<Box<dyn Handler>>,
}

/// A packet whose attachments are still to come.
struct Assembling {
    namespace: String,
    what: Parts,
    wanted: usize,
    attachments: Vec<Bytes>,
    bytes: usize,
}

enum Parts {
    Event(Said),
    Answer(Answer),
}

impl Session {
    pub(crate) fn new(link: Arc<Link>, head: Arc<RequestHead>) -> Session {
        Session {
            link,
            head,
            whole: true,
            spaces: Vec::new(),
            connecting: None,
            assembling: None,
        }
    }

    /// A text message arrived.
    pub(crate) async fn text(
        &mut self,
        packet: &str,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        if self.assembling.is_some() {
            return Err(CloseReason::ProtocolError);
        }
        let received = Received::parse(packet).map_err(|Malformed| CloseReason::ProtocolError)?;
        let namespace = received.namespace;
        match received.body {
            Body::Connect { auth } => Box::pin(self.connect(namespace, auth, keeper)).await,
            Body::Disconnect => {
                self.disconnect(namespace, keeper);
                Ok(())
            }
            Body::Event(said) if said.attachments > 0 => {
                self.assemble(namespace, said.attachments, Parts::Event(said));
                Ok(())
            }
            Body::Ack(answer) if answer.attachments > 0 => {
                self.assemble(namespace, answer.attachments, Parts::Answer(answer));
                Ok(())
            }
            Body::Event(said) => self.event(namespace, said, Vec::new(), keeper).await,
            Body::Ack(answer) => self.answer(namespace, answer),
        }
    }

    /// A binary message arrived: the next attachment.
    pub(crate) async fn binary(
        &mut self,
        data: Bytes,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        let assembling = self.assembling.as_mut().ok_or(CloseReason::ProtocolError)?;
        assembling.bytes += data.len();
        if assembling.bytes > self.link.shared.config.max_payload {
            return Err(CloseReason::PayloadTooLarge);
        }
        assembling.attachments.push(data);
        let Some(whole) = self
            .assembling
            .take_if(|it| it.attachments.len() == it.wanted)
        else {
            return Ok(());
        };
        match whole.what {
            Parts::Event(said) => {
                self.event(&whole.namespace, said, whole.attachments, keeper)
                    .await
            }
            Parts::Answer(answer) => self.answer(&whole.namespace, answer),
        }
    }

    /// Lets go of what the server has ended meanwhile; the transport ends with the last of it.
    pub(crate) fn release_ended(&mut self) -> Result<(), CloseReason> {
        for space in &mut self.spaces {
            if space.handler.is_some()
                && let Some(reason) = space.connection.reason()
            {
                space.release(reason);
            }
        }
        let ended = !self.spaces.is_empty()
            && self.connecting.is_none()
            && self
                .spaces
                .iter()
                .all(|space| space.connection.reason().is_some());
        if ended {
            Err(CloseReason::ServerDisconnect)
        } else {
            Ok(())
        }
    }

    /// The transport has ended, and everything on it.
    pub(crate) fn end(&mut self, reason: CloseReason) {
        if let Some(connection) = self.connecting.take() {
            connection.forget(reason);
        }
        for mut space in self.spaces.drain(..) {
            space.release(reason);
        }
        // Nothing was ever joined: this end is the only one there is.
        if self.whole {
            self.link.shared.metrics.ended(reason);
        }
    }

    async fn connect(
        &mut self,
        namespace: &str,
        auth: Option<Box<RawValue>>,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        if let Some(at) = self.find(namespace) {
            if self.spaces[at].handler.is_some() {
                return Err(CloseReason::ProtocolError);
            }
            self.spaces.swap_remove(at);
        }
        let shared = Arc::clone(&self.link.shared);
        let id = ConnectionId(shared.next_connection.fetch_add(1, Ordering::Relaxed));
        let namespace: Arc<str> = match namespace {
            "/" => Arc::clone(&shared.main_namespace),
            other => Arc::from(other),
        };
        let connection = Connection::new(id, Arc::clone(&namespace), Arc::clone(&self.link));
        self.connecting = Some(connection.clone());
        self.link.outbox().expect(id);
        let decided = if self.spaces.len() < MAX_NAMESPACES {
            let request = ConnectRequest {
                namespace: Arc::clone(&namespace),
                auth: auth.unwrap_or_else(empty_object),
                head: Arc::clone(&self.head),
                connection: connection.clone(),
            };
            self.attend(&connection, keeper, async {
                shared.app.connect(request).await
            })
            .await?
        } else {
            Some(Err(Refusal {
                message: "Too many namespaces".to_owned(),
                data: serde_json::Value::Null,
            }))
        };
        self.connecting = None;
        match decided {
            Some(Ok(accepted)) => self.accept(connection, accepted, keeper),
            Some(Err(refusal)) if connection.reason().is_none() => {
                connection.forget(CloseReason::ServerDisconnect);
                let result = self
                    .link
                    .outbox()
                    .refuse(refusal_packet(&namespace, &refusal));
                self.link.settle(result);
                Ok(())
            }
            // The application itself ended it.
            Some(Err(_)) | None => {
                connection.forget(CloseReason::ServerDisconnect);
                Ok(())
            }
        }
    }

    fn accept(
        &mut self,
        connection: Connection,
        accepted: Accepted,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        let sid = json!({ "sid": connection.sid() });
        let answer = Packet::control(*b"40", connection.namespace(), Some(&sid));
        // Found from here on, and only then told: nobody can be missed.
        self.link.shared.registry.add(&connection, &accepted.tags);
        self.spaces.push(Space {
            connection,
            handler: Some(accepted.handler),
        });
        self.release_ended()?;
        keeper.joined(true);
        let result = self.link.outbox().accept(answer);
        self.link.settle(result);
        if self.whole {
            self.head = Arc::new(trimmed(&self.head));
            self.whole = false;
        }
        Ok(())
    }

    fn disconnect(&mut self, namespace: &str, keeper: &mut Keeper) {
        if let Some(at) = self.find(namespace) {
            self.spaces
                .swap_remove(at)
                .release(CloseReason::ClientDisconnect);
            if self.spaces.is_empty() {
                keeper.joined(false);
            }
        }
    }

    async fn event(
        &mut self,
        namespace: &str,
        said: Said,
        attachments: Vec<Bytes>,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        let at = self.find(namespace).ok_or(CloseReason::ProtocolError)?;
        self.link.shared.metrics.events_in.add(1);
        if self.link.inbox_full() {
            self.link.shared.metrics.inbox_full.add(1);
        }
        while self.link.inbox_full() {
            keeper.watch(false).await?;
            self.release_ended()?;
        }
        let space = &mut self.spaces[at];
        let Some(mut handler) = space.handler.take() else {
            return Ok(());
        };
        let connection = space.connection.clone();
        let ack = Ack::new(connection.clone(), said.id);
        let event = Event {
            name: said.name,
            args: said.args,
            attachments,
            ack,
        };
        let done = self
            .attend(&connection, keeper, async { handler.event(event).await })
            .await;
        self.spaces[at].handler = Some(handler);
        if done?.is_none() {
            self.release_ended()
        } else {
            Ok(())
        }
    }

    fn answer(&self, namespace: &str, mut answer: Answer) -> Result<(), CloseReason> {
        let at = self.find(namespace).ok_or(CloseReason::ProtocolError)?;
        let first = if answer.args.is_empty() {
            RawValue::NULL.to_owned()
        } else {
            answer.args.swap_remove(0)
        };
        self.spaces[at].connection.answered(answer.id, first);
        Ok(())
    }

    /// Runs the application's work while keeping house. Nothing when the connection was ended
    /// first; the work is dropped then.
    async fn attend<T>(
        &mut self,
        connection: &Connection,
        keeper: &mut Keeper,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, CloseReason> {
        let work = AssertUnwindSafe(work).catch_unwind();
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => {
                    return done.map(Some).map_err(|_| {
                        tracing::error!(connection.id = connection.id().0, "a handler panicked");
                        CloseReason::Internal
                    });
                }
                stirred = keeper.watch(false) => {
                    stirred?;
                    if connection.reason().is_some() {
                        return Ok(None);
                    }
                    self.release_ended()?;
                }
            }
        }
    }

    fn assemble(&mut self, namespace: &str, wanted: usize, what: Parts) {
        self.assembling = Some(Box::new(Assembling {
            namespace: namespace.to_owned(),
            what,
            wanted,
            attachments: Vec::new(),
            bytes: 0,
        }));
    }

    fn find(&self, namespace: &str) -> Option<usize> {
        self.spaces
            .iter()
            .position(|space| space.connection.namespace() == namespace)
    }
}

impl Space {
    fn release(&mut self, reason: CloseReason) {
        self.connection.forget(reason);
        let Some(handler) = self.handler.take() else {
            return;
        };
        let shared = &self.connection.link().shared;
        // The first reason is the true one.
        let reason = self.connection.reason().unwrap_or(reason);
        shared.metrics.ended(reason);
        shared.spawn(closed(handler, self.connection.id(), reason));
    }
}

/// Tells the handler, on a task of its own: whatever it does holds nobody up.
async fn closed(handler: Box<dyn Handler>, connection: ConnectionId, reason: CloseReason) {
    let told = AssertUnwindSafe(async { handler.closed(reason).await })
        .catch_unwind()
        .await;
    if told.is_err() {
        tracing::error!(
            connection.id = connection.0,
            reason = reason.name(),
            "a handler panicked as it was closed"
        );
    }
}

fn empty_object() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).expect("an empty object is JSON")
}

fn refusal_packet(namespace: &str, refusal: &Refusal) -> Packet {
    let mut payload = json!({ "message": refusal.message });
    if !refusal.data.is_null() {
        payload["data"] = refusal.data.clone();
    }
    Packet::control(*b"44", namespace, Some(&payload))
}

/// What is kept of a request, copied: the original shares the whole buffer it was read into.
fn trimmed(head: &RequestHead) -> RequestHead {
    let mut headers = HeaderMap::new();
    for name in KEPT_HEADERS {
        for value in head.headers.get_all(&name) {
            let copy = HeaderValue::from_bytes(value.as_bytes());
            headers.append(name.clone(), copy.expect("it was a header value before"));
        }
    }
    let uri = head.uri.to_string().parse().expect("it was a URI before");
    RequestHead {
        method: head.method.clone(),
        uri,
        headers,
        peer: head.peer,
    }
}
