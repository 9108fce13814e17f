//! What all parts of one engine share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use tokio::sync::Semaphore;

use crate::app::App;
use crate::config::Config;
use crate::engine_io::messages::Messages;
use crate::metrics::Counters;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::sync::Tasks;
use crate::topics::Names;

/// What all parts of one engine share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) app: Arc<dyn App>,
    /// Who gets the messages, if not Socket.IO.
    pub(crate) messages: Option<Arc<dyn Messages>>,
    pub(crate) registry: Registry,
    pub(crate) topics: Names,
    pub(crate) metrics: Counters,
    /// Bounds the reads of the source under way.
    pub(crate) backfills: Semaphore,
    pub(crate) draining: AtomicBool,
    pub(crate) next_connection: AtomicU64,
    pub(crate) ping: Packet,
    pub(crate) main_namespace: Arc<str>,
    tasks: Tasks,
}

impl Shared {
    pub(crate) fn new(
        config: Config,
        app: Arc<dyn App>,
        messages: Option<Arc<dyn Messages>>,
    ) -> Shared {
        Shared {
            backfills: Semaphore::new(config.backfills),
            config,
            app,
            messages,
            registry: Registry::default(),
            topics: Names::default(),
            metrics: Counters::default(),
            draining: AtomicBool::new(false),
            next_connection: AtomicU64::new(1),
            ping: Packet::engine("2"),
            main_namespace: Arc::from("/"),
            tasks: Tasks::new(),
        }
    }

    /// Starts a task of the engine, from any thread.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Waits for every task of the engine.
    pub(crate) async fn finished(&self) {
        self.tasks.finished().await;
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
