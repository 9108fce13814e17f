//! The connection to Redis, standalone or a Redis Cluster, which it finds out by itself.
//!
//! A [`Link`] is up or down as a whole. It is up while every server that has a part of the keys answers
//! and everything that was subscribed to is. Whatever breaks (a connection, a time-out, a slot that has
//! moved) takes it down; it is then built anew, again and again, and says [`Pushed::Restored`] once all
//! subscriptions stand again. While it is down every command fails at once: nothing here waits for
//! Redis, and nothing is repeated behind the caller's back.
//!
//! Keys and channels carry a hash tag of [`tag_of`], one of 128, so that what belongs together lies on
//! one server of a cluster. Subscriptions are sharded pub/sub (`SSUBSCRIBE`), which works on a
//! standalone server as well.

mod session;
mod slots;
mod subscriptions;

pub use redis::Script;
pub use slots::{PARTITIONS, tag, tag_of};

use bytes::Bytes;
use redis::{Cmd, FromRedisValue, IntoConnectionInfo, RedisError};
use session::Session;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use subscriptions::Subscriptions;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pushed messages that wait to be taken. Whoever is slower than that misses some, and is told.
const WAITING: usize = 8192;
/// How often a server that is silent is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(2);
/// How long a connection or an answer should be waited for.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// The pause after a failed attempt to connect, give or take a half.
const RETRY_EVERY: Duration = Duration::from_millis(500);

/// A connection to Redis.
#[derive(Debug)]
pub struct Link {
    current: RwLock<Option<Arc<Session>>>,
    losses: AtomicU64,
    subscriptions: Subscriptions,
    pushed: tokio::sync::Mutex<mpsc::Receiver<Pushed>>,
    /// Whether [`Pushed::Restored`] is owed for messages that found no space.
    missed: Arc<Mutex<bool>>,
}

/// Something that Redis said by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    Message {
        channel: String,
        payload: Bytes,
    },
    /// Every subscription stands; whatever was said since [`Pushed::Lost`], or for a moment, was missed.
    Restored,
    /// The link is down.
    Lost,
}

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("Redis cannot be reached")]
    Down,
    #[error("the Redis address cannot be used: {0}")]
    Address(String),
    #[error("Redis refuses: {0}")]
    Refused(String),
    #[error("Redis failed: {0}")]
    Failed(String),
}

impl LinkError {
    /// A server that answers, and will never do.
    fn of_start(error: &RedisError) -> Option<Self> {
        use redis::ErrorKind::{AuthenticationFailed, InvalidClientConfig};
        match error.kind() {
            AuthenticationFailed | InvalidClientConfig => Some(Self::Refused(error.to_string())),
            _ => None,
        }
    }
}

impl Link {
    /// Connects, and stays connected until `stop`. A connection or an answer that takes longer than
    /// `patience` takes the link down. A Redis that cannot be reached is waited for in the background.
    ///
    /// # Errors
    /// [`LinkError::Address`]; [`LinkError::Refused`] when it answers but lets nobody in.
    pub async fn open(
        url: &str,
        patience: Duration,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Arc<Self>, LinkError> {
        let server = url
            .into_connection_info()
            .map_err(|error| LinkError::Address(error.to_string()))?;
        let (saying, pushed) = mpsc::channel(WAITING);
        let link = Arc::new(Self {
            current: RwLock::new(None),
            losses: AtomicU64::new(0),
            subscriptions: Subscriptions::default(),
            pushed: tokio::sync::Mutex::new(pushed),
            missed: Arc::default(),
        });
        let keeper = Keeper {
            link: Arc::clone(&link),
            server,
            patience,
            saying,
        };
        let first = match keeper.connect().await {
            Ok(first) => {
                // Nothing is subscribed to yet.
                first.complete();
                keeper.set(Some(Arc::clone(&first)));
                Some(first)
            }
            Err(error) => {
                if let Some(refused) = LinkError::of_start(&error) {
                    return Err(refused);
                }
                tracing::warn!(%error, "Redis cannot be reached yet");
                link.losses.fetch_add(1, Ordering::AcqRel);
                None
            }
        };
        tasks.spawn(stop.run_until_cancelled_owned(keeper.run(first)));
        Ok(link)
    }

    /// Runs one command, of which the first argument is the key.
    ///
    /// # Errors
    /// [`LinkError::Down`] and [`LinkError::Failed`]: the command may or may not have been run.
    pub async fn run<T: FromRedisValue>(&self, command: &Cmd, key: &str) -> Result<T, LinkError> {
        let session = self.session()?;
        session
            .run(command, key)
            .await
            .map_err(|error| failed(&error))
    }

    /// Runs commands whose answers nobody needs, each with its key. Those that go to one server go in
    /// the order given, all at once.
    ///
    /// # Errors
    /// As [`Link::run`], for any of them.
    pub async fn run_all(&self, commands: Vec<(String, Cmd)>) -> Result<(), LinkError> {
        let session = self.session()?;
        session
            .run_all(commands)
            .await
            .map_err(|error| failed(&error))
    }

    /// Runs a script on keys that lie in one slot. It is sent whole only to a server that does not
    /// know it yet.
    ///
    /// # Errors
    /// As [`Link::run`].
    pub async fn invoke<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
    ) -> Result<T, LinkError> {
        let session = self.session()?;
        let outcome = session.invoke(script, keys, arguments).await;
        outcome.map_err(|error| failed(&error))
    }

    /// These channels are to be heard: from the return of the next [`Link::settle`] on if the link is
    /// up, else from [`Pushed::Restored`] on.
    pub fn want(&self, channels: &[String]) {
        self.subscriptions.want(channels);
    }

    /// These channels are no longer wanted, which Redis is told with the next [`Link::settle`].
    pub fn forget(&self, channels: &[String]) {
        self.subscriptions.forget(channels);
    }

    /// Waits for what Redis says next. There is one consumer; being cancelled loses nothing.
    pub async fn pushed(&self) -> Pushed {
        let mut pushed = self.pushed.lock().await;
        if pushed.is_empty() && std::mem::take(&mut *lock(&self.missed)) {
            return Pushed::Restored;
        }
        match pushed.recv().await {
            Some(pushed) => pushed,
            // Stopped: nothing will be said any more.
            None => std::future::pending().await,
        }
    }

    /// Whether commands reach Redis and subscriptions stand.
    pub fn is_up(&self) -> bool {
        self.session().is_ok_and(|session| session.is_complete())
    }

    /// How often the link went down, or was not there to begin with. Counted before any command can
    /// run on what comes next: whoever has noticed them all knows that nothing was lost since.
    pub fn losses(&self) -> u64 {
        self.losses.load(Ordering::Acquire)
    }

    /// Tells Redis what is wanted now, if the link is up.
    pub async fn settle(&self) {
        let Ok(session) = self.session() else { return };
        if let Err(error) = self.subscriptions.settle(&session).await {
            session.give_up(&error);
        }
    }

    fn session(&self) -> Result<Arc<Session>, LinkError> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone().ok_or(LinkError::Down)
    }
}

fn failed(error: &RedisError) -> LinkError {
    LinkError::Failed(error.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the link up.
struct Keeper {
    link: Arc<Link>,
    server: redis::ConnectionInfo,
    patience: Duration,
    saying: mpsc::Sender<Pushed>,
}

impl Keeper {
    async fn run(self, first: Option<Arc<Session>>) {
        let mut next = first;
        loop {
            match next.take() {
                Some(session) => {
                    self.serve(&session).await;
                    tracing::warn!("Redis is away");
                }
                None => tokio::time::sleep(RETRY_EVERY.mul_f64(rand::random_range(0.5..1.5))).await,
            }
            match self.connect().await {
                Ok(session) => next = Some(session),
                Err(error) => tracing::debug!(%error, "Redis cannot be reached yet"),
            }
        }
    }

    async fn connect(&self) -> redis::RedisResult<Arc<Session>> {
        let missed = Arc::clone(&self.link.missed);
        let saying = self.saying.clone();
        let push = move |pushed| {
            say(&saying, &missed, pushed);
        };
        Session::open(&self.server, Arc::new(push), self.patience).await
    }

    /// Uses a session until it breaks.
    async fn serve(&self, session: &Arc<Session>) {
        self.set(Some(Arc::clone(session)));
        if self.link.subscriptions.renew(session).await.is_ok() {
            session.complete();
            self.say(Pushed::Restored);
            tracing::info!(servers = session.servers(), "Redis is there");
            loop {
                match tokio::time::timeout(PING_EVERY, session.broken()).await {
                    Err(_) if session.answers().await => {}
                    Ok(()) | Err(_) => break,
                }
            }
        }
        self.set(None);
        self.link.losses.fetch_add(1, Ordering::AcqRel);
        self.say(Pushed::Lost);
    }

    fn set(&self, session: Option<Arc<Session>>) {
        let mut current = self
            .link
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = session;
    }

    fn say(&self, pushed: Pushed) {
        say(&self.saying, &self.link.missed, pushed);
    }
}

/// Never waits for whoever should listen: what finds no space is owed.
fn say(saying: &mpsc::Sender<Pushed>, missed: &Mutex<bool>, pushed: Pushed) {
    if saying.try_send(pushed).is_err() {
        *lock(missed) = true;
    }
}
