//! The engine: one object an application makes and gives its requests to.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Event};
use crate::body::Body;
use crate::close::CloseReason;
use crate::config::Config;
use crate::connection::{Connection, TransportKind};
use crate::engine_io::messages::{Messages, Nobody};
use crate::engine_io::request::{Query, Refused};
use crate::engine_io::{handshake, polling, upgrade};
use crate::held::Held;
use crate::link::Link;
use crate::memory::{Door, Guest};
use crate::metrics::{Lag, Metrics};
use crate::packet::Packet;
use crate::registry::Tag;
use crate::server::Server;
use crate::shared::Shared;
use crate::topics::Topics;

/// When clients are asked to come back after a drain, each at another moment.
const DRAIN_DELAYS: Range<Duration> = Duration::from_millis(50)..Duration::from_millis(500);
/// Transports are sent away one after the other, this far apart: whoever takes them over has to let
/// each of them in, and those who wait their turn are still served.
const DRAIN_PACE: Duration = Duration::from_millis(5);
/// The part of the grace that sending them away may take, however many they are.
const DRAIN_PART: u32 = 3;
/// Transports looked at between yields to other tasks.
const HELD_PIECE: u32 = 256;

/// A Socket.IO server without a listener: it answers requests. A cheap handle.
#[derive(Debug, Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    topics: Topics,
}

impl Engine {
    /// An engine for this application.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime: its tasks run on the one it is made in.
    pub fn new(config: Config, app: Arc<dyn App>) -> Engine {
        Engine::of(Shared::new(config, app, None))
    }

    /// An engine that speaks Engine.IO only and gives the messages to the application as they are.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn of_messages(config: Config, messages: Arc<dyn Messages>) -> Engine {
        Engine::of(Shared::new(config, Arc::new(Nobody), Some(messages)))
    }

    /// An engine with a small application, ready-made: logs in memory by name, of which the newest
    /// [`Config::max_behind`] entries are kept, and one function for all events. Everybody may
    /// connect, to the main namespace. See [`Guest`] for what the function can do.
    ///
    /// The function is called for one event of a client at a time, in order of arrival, and must
    /// not wait for anything; a panic in it ends the client's connection.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn in_memory(
        config: Config,
        handle: impl Fn(&Guest, Event) + Send + Sync + 'static,
    ) -> Engine {
        Engine::new(config, Arc::new(Door::new(handle)))
    }

    fn of(shared: Shared) -> Engine {
        let shared = Arc::new(shared);
        Engine {
            topics: Topics::new(Arc::clone(&shared)),
            shared,
        }
    }

    /// Answers a request under [`Config::path`]: handshake, poll, post, WebSocket upgrade.
    ///
    /// The caller checks `Origin` before: the engine does not. `peer` is what counts against
    /// [`Config::connections_per_address`]. Polling takes a body of any kind, whoever serves it; an
    /// upgrade needs the request as hyper served it, from a connection over
    /// [`hyper_util::rt::TokioIo`] of a [`tokio::net::TcpStream`], as [`crate::Server`] makes them.
    pub async fn handle<B>(
        &self,
        request: http::Request<B>,
        peer: SocketAddr,
    ) -> http::Response<Body>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        self.answer(request, peer)
            .await
            .unwrap_or_else(Refused::response)
    }

    /// Answers every request of a listener until `stop`, see [`Server::serve`]. To answer others
    /// beside, or to check `Origin`, give [`Server::serve`] a service that calls
    /// [`Engine::handle`].
    pub async fn serve(&self, server: Server, stop: CancellationToken) {
        let engine = self.clone();
        let service = move |request, peer| {
            let engine = engine.clone();
            async move { engine.handle(request, peer).await }
        };
        server.serve(service, stop).await;
    }

    /// The topics.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Every open connection carrying the tag.
    pub fn tagged(&self, tag: Tag) -> Vec<Connection> {
        self.shared.registry.tagged(tag)
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.shared.registry.count()
    }

    /// Closes the transport of every connection with this reason: official clients connect again.
    pub fn close_all(&self, reason: CloseReason) {
        for link in self.shared.registry.links() {
            link.end(reason);
        }
    }

    /// Ends everything: refuses new handshakes with 503 from the first moment, and sends one transport
    /// after the other away, 200 a second or as fast as a third of `grace` asks for: `farewell(delay)`
    /// to every connection on it with a delay of its own, then nothing more is read, and it is closed
    /// with [`crate::CloseReason::Drain`] when all that was read from it is answered, after
    /// [`Config::answer_timeout`] in any case. Waits at most `grace` for all of them and their handlers.
    pub async fn drain(&self, grace: Duration, farewell: impl Fn(Duration) -> Packet) {
        let by = Instant::now() + grace;
        self.shared.draining.store(true, Ordering::SeqCst);
        self.send_away(grace / DRAIN_PART, farewell).await;
        let patience = self.shared.config.answer_timeout.min(grace);
        if timeout(patience, self.shared.finished()).await.is_ok() {
            return;
        }
        self.close_all(CloseReason::Drain);
        if timeout_at(by, self.shared.finished()).await.is_err() {
            tracing::warn!("some connections did not end within the grace time");
        }
    }

    async fn send_away(&self, within: Duration, farewell: impl Fn(Duration) -> Packet) {
        let mut transports: HashMap<*const Link, Vec<Connection>> = HashMap::new();
        for connection in self.shared.registry.all() {
            let link = Arc::as_ptr(connection.link());
            transports.entry(link).or_default().push(connection);
        }
        let count = u32::try_from(transports.len()).unwrap_or(u32::MAX);
        let pace = DRAIN_PACE.min(within / count.max(1));
        let began = Instant::now();
        for (number, connections) in (0..).zip(transports.into_values()) {
            sleep_until(began + pace * number).await;
            for connection in &connections {
                connection.send(farewell(rand::random_range(DRAIN_DELAYS)));
            }
            connections[0].link().leave();
        }
        // Those on which nothing was joined yet.
        for link in self.shared.registry.links() {
            link.leave();
        }
    }

    /// What it has done and what it holds.
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics.snapshot()
    }

    /// How far its readers are behind. Looks at every cursor, one short lock each, and lets others
    /// work in between: for somebody who asks every few seconds.
    pub async fn lag(&self) -> Lag {
        let mut lag = Lag::default();
        for topic in self.shared.topics.all() {
            lag.topics += 1;
            topic.add_lag(&mut lag).await;
        }
        lag
    }

    /// What it holds for readers that have not taken it yet. Looks at every transport and topic, as
    /// [`Engine::lag`] does.
    pub async fn held(&self) -> Held {
        let mut held = Held::default();
        for topic in self.shared.topics.all() {
            held.tails += topic.kept();
        }
        for (number, link) in (1_u32..).zip(self.shared.registry.links()) {
            held.add(link.held());
            if number.is_multiple_of(HELD_PIECE) {
                tokio::task::yield_now().await;
            }
        }
        held
    }

    async fn answer<B>(
        &self,
        request: http::Request<B>,
        peer: SocketAddr,
    ) -> Result<http::Response<Body>, Refused>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let shared = &self.shared;
        if request.uri().path().trim_end_matches('/') != shared.config.path.trim_end_matches('/') {
            return Err(Refused::NotHere);
        }
        let query = Query::parse(request.uri().query().unwrap_or_default())?;
        let Some(sid) = query.sid else {
            if request.method() != Method::GET {
                return Err(Refused::BadMethod);
            }
            if shared.draining.load(Ordering::SeqCst) {
                return Err(Refused::Draining);
            }
            let opened = match query.transport {
                TransportKind::Polling => handshake::polling(shared, request, peer),
                TransportKind::WebSocket => handshake::websocket(shared, request, peer),
            };
            if let Err(Refused::Crowded) = opened {
                shared.metrics.refused.add(1);
            }
            return opened;
        };
        let link = shared.registry.link(sid).ok_or(Refused::UnknownSession)?;
        match (query.transport, request.method()) {
            (TransportKind::WebSocket, _) => upgrade::probe(link, request),
            (TransportKind::Polling, &Method::GET) => polling::get(link).await,
            (TransportKind::Polling, &Method::POST) => polling::post(link, request).await,
            _ => Err(Refused::BadRequest),
        }
    }
}
