//! Builds the house from its parts, runs it, and takes it down in order.
//!
//! With `cli`, the only place that knows which store and which presence stand behind the traits.

use crate::api::{self, Api};
use crate::auth::Passwords;
use crate::bus::{Bus, Hub, RedisBus};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config, Rate, Registration};
use crate::models::NodeId;
use crate::presence::{LocalPresence, Presence, RedisPresence, Spans};
use crate::redis_link::LinkError;
use crate::services::limits::{Limits, Rates};
use crate::services::{Chat, ChatError, Parts, Policy, StoreWitness, announce};
use crate::socket::Socket;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use crate::telemetry::metrics;
use crate::web::{self, Front, Verdict};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use governor::Quota;
use http::{Request, Response};
use hyper::body::Incoming;
use realtime::Engine;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tower::ServiceExt;
use uuid::Uuid;

/// How often graces and typing are looked at.
const TICK: Duration = Duration::from_millis(500);
/// How often sessions are looked after.
const SESSIONS_EVERY: Duration = Duration::from_mins(1);
/// What closing the store may take when the grace has been used up.
const LAST_STEP: Duration = Duration::from_secs(1);
/// How often the store looks after itself.
const MAINTAIN_EVERY: Duration = Duration::from_hours(1);
/// Transactions of messages in flight at once: PostgreSQL overlaps them, SQLite has one writer.
const POSTGRES_SHARDS: usize = 2;
const SQLITE_SHARDS: usize = 1;
/// SQLite's file in the data directory.
pub const DATABASE_FILE: &str = "roost.db";

/// Why the server could not start: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The data directory {path} cannot be used: {cause}.")]
    DataDirectory { path: String, cause: io::Error },
    #[error("The database cannot be used: {0}.")]
    Store(String),
    #[error("Redis cannot be used: {0}.")]
    Redis(#[from] LinkError),
    #[error("Nothing can listen on {address}: {cause}.")]
    Listen {
        address: SocketAddr,
        cause: io::Error,
    },
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) | StoreError::Corrupt(cause) => Self::Store(cause),
            other => Self::Store(other.to_string()),
        }
    }
}

impl From<ChatError> for Error {
    fn from(error: ChatError) -> Self {
        Self::Store(
            error
                .cause()
                .map_or_else(|| error.to_string(), str::to_owned),
        )
    }
}

/// Runs the server until `stopping`, then takes it down within the grace of the configuration. `ready`
/// is called with the address it listens on.
///
/// # Errors
/// When it cannot start.
pub async fn run(
    config: Config,
    ready: impl FnOnce(SocketAddr),
    stopping: impl Future<Output = ()>,
) -> Result<(), Error> {
    let (listener, address) = bind(config.http.listen).await?;
    let watching = match config.telemetry.metrics_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    // Behind a proxy everybody comes from the proxy's address: counting is its business then.
    let direct = config.http.trusted_proxies.is_empty();
    let most = usize::try_from(config.limits.connections_per_address.get()).unwrap_or(usize::MAX);
    let listener = listener.connections_per_address(direct.then_some(most));

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (store, commit_shards) = open_store(&config).await?;
    store.maintain(clock.now()).await?;

    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let node = NodeId(Uuid::new_v4());
    let (presence, bus) = open_between(&config, node, &store, &clock, &tasks, &stop).await?;
    let policy = Policy {
        registration_open: config.auth.registration == Registration::Open,
        session_idle: config.auth.session_idle,
        session_lifetime: config.auth.session_lifetime,
        commit_shards,
        one_of_many: config.redis.url.is_some(),
    };
    let passwords = Passwords::new(config.auth.password_workers);
    let limits = if config.limits.enabled {
        Limits::new(&rates(&config.limits))
    } else {
        Limits::off()
    };
    let parts = Parts {
        store: Arc::clone(&store),
        presence: Arc::clone(&presence),
        bus,
        clock: Arc::clone(&clock),
        passwords,
        limits,
        policy,
        node,
    };
    let chat = Chat::open(parts).await?;

    let front = Arc::new(Front::new(config.http.clone()));
    let body_bytes = usize::try_from(config.limits.body_bytes.get()).unwrap_or(usize::MAX);
    let socket = Arc::new(Socket::new(Arc::clone(&chat), Arc::clone(&front)));
    let defaults = realtime::Config::default();
    let compress_from = defaults.compress_from.filter(|_| config.http.compression);
    let engine = Engine::new(
        realtime::Config {
            max_payload: body_bytes,
            compress_from,
            ..defaults
        },
        socket,
    );
    chat.feed().connect(engine.clone());
    let draining = CancellationToken::new();
    let api = Api {
        chat: Arc::clone(&chat),
        front: Arc::clone(&front),
        stopping: draining.clone(),
        session_lifetime: config.auth.session_lifetime,
        body_bytes,
    };
    let door = Door::new(api, engine.clone(), front);

    spawn_upkeep(&tasks, &chat, &store, &clock, &stop);
    if let Some((listener, address)) = watching {
        tracing::info!(%address, "metrics can be read");
        let (chat, engine) = (Arc::clone(&chat), engine.clone());
        tasks.spawn(metrics::serve(listener, chat, engine, stop.clone()));
    }

    let closed = CancellationToken::new();
    let answering = move |request, peer| door.clone().answer(request, peer);
    let serving = AbortOnDropHandle::new(tasks.spawn(listener.serve(answering, closed.clone())));
    ready(address);
    stopping.await;

    // From the top down: every step still needs what the later ones end.
    let grace = config.http.shutdown_grace;
    let by = Instant::now() + grace;
    // Proxies are told first, and answered for as long as they may not have asked yet.
    draining.cancel();
    engine.drain(grace, announce::server_draining).await;
    // The other nodes go on showing those who are on their way to them. What follows needs some of
    // the grace too, however long people are waited for.
    within(by - grace / 5, "waiting for people", presence.leave()).await;
    closed.cancel();
    within(by, "answering requests", serving).await;
    // What was accepted is stored, and the other nodes hear of it.
    within(by, "storing and telling", chat.close()).await;
    stop.cancel();
    tasks.close();
    within(by, "upkeep", tasks.wait()).await;
    within(
        by.max(Instant::now() + LAST_STEP),
        "closing the store",
        store.close(),
    )
    .await;
    Ok(())
}

/// Listens on an address, and says which it is where any free port was asked for.
async fn bind(address: SocketAddr) -> Result<(realtime::Server, SocketAddr), Error> {
    let bound = async {
        let listener = realtime::Server::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound
        .await
        .map_err(|cause| Error::Listen { address, cause })
}

/// Gives one step of the way down what is left of the grace.
async fn within(by: Instant, doing: &'static str, step: impl Future) {
    if timeout_at(by, step).await.is_err() {
        tracing::warn!(doing, "not finished within the grace");
    }
}

async fn open_store(config: &Config) -> Result<(Arc<dyn Store>, usize), Error> {
    if let Some(url) = &config.database.url {
        let connections = config.database.max_connections.get();
        let store = PostgresStore::connect(url.expose(), connections).await?;
        return Ok((store, POSTGRES_SHARDS));
    }
    let directory = &config.database.data_dir;
    let unusable = |cause| Error::DataDirectory {
        path: directory.display().to_string(),
        cause,
    };
    std::fs::create_dir_all(directory).map_err(unusable)?;
    let store = SqliteStore::open(&directory.join(DATABASE_FILE))?;
    Ok((store, SQLITE_SHARDS))
}

/// What stands between several servers: presence and the bus, in Redis or in this process.
async fn open_between(
    config: &Config,
    node: NodeId,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(Arc<dyn Presence>, Arc<dyn Bus>), Error> {
    let spans = Spans::new(config.presence.grace, config.presence.node_lease);
    let Some(url) = &config.redis.url else {
        let presence = LocalPresence::new(Arc::clone(clock), spans.grace);
        return Ok((Arc::new(presence), Arc::new(Hub::default().join())));
    };
    let bus = RedisBus::open(url.expose(), node, spans.patience, tasks, stop.clone()).await?;
    let presence = RedisPresence::open(
        url.expose(),
        node,
        spans,
        Arc::clone(clock),
        Arc::new(StoreWitness(Arc::clone(store))),
        tasks,
        stop.clone(),
    )
    .await?;
    tracing::info!(node.id = %node, "one of many");
    Ok((Arc::new(presence), bus))
}

fn rates(limits: &config::Limits) -> Rates {
    let quota = |rate: Rate| {
        let one = Quota::with_period(rate.interval()).expect("a rate's span is above 0");
        one.allow_burst(rate.burst)
    };
    Rates {
        send: quota(limits.send),
        join: quota(limits.join),
        typing: quota(limits.typing),
        log_in: quota(limits.login),
        register: quota(limits.registration),
        ..Rates::default()
    }
}

/// What happens again and again, until `stop`.
fn spawn_upkeep(
    tasks: &TaskTracker,
    chat: &Arc<Chat>,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    stop: &CancellationToken,
) {
    let spreading = Arc::clone(chat).spread_presence();
    tasks.spawn(stop.clone().run_until_cancelled_owned(spreading));
    let listening = Arc::clone(chat).listen();
    tasks.spawn(stop.clone().run_until_cancelled_owned(listening));
    let comparing = Arc::clone(chat).keep_comparing(rand::random_range);
    tasks.spawn(stop.clone().run_until_cancelled_owned(comparing));
    let sampling = Arc::clone(chat).keep_sampling();
    tasks.spawn(stop.clone().run_until_cancelled_owned(sampling));
    let measuring = Arc::clone(chat).keep_measuring_lateness();
    tasks.spawn(stop.clone().run_until_cancelled_owned(measuring));

    let own = Arc::clone(chat);
    every(
        tasks,
        stop,
        || TICK,
        move || {
            let chat = Arc::clone(&own);
            async move {
                chat.tick_presence().await;
                chat.expire_typing();
            }
        },
    );

    let own = Arc::clone(chat);
    every(
        tasks,
        stop,
        || SESSIONS_EVERY,
        move || {
            let chat = Arc::clone(&own);
            async move {
                if let Err(error) = chat.keep_sessions().await {
                    tracing::warn!(%error, cause = error.cause(), "sessions could not be looked after");
                }
            }
        },
    );

    let (store, clock) = (Arc::clone(store), Arc::clone(clock));
    every(
        tasks,
        stop,
        || MAINTAIN_EVERY,
        move || {
            let (store, clock) = (Arc::clone(&store), Arc::clone(&clock));
            async move {
                if let Err(error) = store.maintain(clock.now()).await {
                    tracing::error!(%error, "the store could not look after itself");
                }
            }
        },
    );
}

/// Does `work` after each `pause`, until `stop`.
fn every<F>(
    tasks: &TaskTracker,
    stop: &CancellationToken,
    pause: impl Fn() -> Duration + Send + 'static,
    work: impl Fn() -> F + Send + Sync + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let stop = stop.clone();
    tasks.spawn(async move {
        while stop
            .run_until_cancelled(tokio::time::sleep(pause()))
            .await
            .is_some()
        {
            work().await;
        }
    });
}

/// Who answers a request: the engine under its path, the router everywhere else.
#[derive(Clone, Debug)]
struct Door {
    engine: Engine,
    router: Router,
    front: Arc<Front>,
}

impl Door {
    fn new(api: Api, engine: Engine, front: Arc<Front>) -> Self {
        let secure = axum::middleware::from_fn_with_state(Arc::clone(&front), web::secure);
        let chat = Arc::clone(&api.chat);
        let page = move |request| page(Arc::clone(&chat), request);
        let router = api::router(api).fallback(page).layer(secure);
        Self {
            engine,
            router,
            front,
        }
    }

    async fn answer(self, mut request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let path = request.uri().path();
        if path != "/socket.io" && !path.starts_with("/socket.io/") {
            request.extensions_mut().insert(ConnectInfo(peer));
            let Ok(response) = self.router.oneshot(request.map(Body::new)).await;
            return response;
        }
        // The engine wants the request as it came, upgrade and all: no middleware in between.
        let mut response = if self.front.verdict(peer, request.headers()) == Verdict::Foreign {
            api::foreign()
        } else {
            self.engine.handle(request, peer).await.map(Body::new)
        };
        web::not_a_page(response.headers_mut());
        response
    }
}

/// What nothing else answers: the web client. Where it makes the owner's account there is nothing once
/// there is one.
async fn page(chat: Arc<Chat>, request: Request<Body>) -> Response<Body> {
    // The page asks for itself while the store does not say.
    if request.uri().path() == web::SETUP && chat.has_owner().await.unwrap_or(false) {
        web::serve_nothing(request).await
    } else {
        web::serve(request).await
    }
}
