//! Engine.IO without Socket.IO on top: messages go to the application as they are.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::FutureExt;

use crate::app::{App, BoxFuture, ConnectRequest, ReadFailed, Refusal};
use crate::close::CloseReason;
use crate::connection::{Connection, ConnectionId};
use crate::keeper::Keeper;
use crate::link::Link;
use crate::packet::{Frame, Packet};
use crate::topic::TopicId;

/// An application that speaks Engine.IO itself, see [`crate::Engine::of_messages`].
pub trait Messages: Send + Sync + 'static {
    /// A message arrived. Called for one at a time and connection, in order of arrival; the
    /// future is dropped when the connection ends.
    fn message<'a>(&'a self, from: &'a Connection, message: Message) -> BoxFuture<'a, ()>;
}

/// A message of Engine.IO, at most [`crate::Config::max_payload`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text, without the type character in front of it.
    Text(String),
    /// Bytes: a binary frame, or `b` and base64 in the body of a poll.
    Binary(Bytes),
}

/// One transport's messages.
pub(crate) struct Dialogue {
    connection: Connection,
    messages: Arc<dyn Messages>,
}

impl Dialogue {
    pub(crate) fn new(link: &Arc<Link>, messages: Arc<dyn Messages>, keeper: &mut Keeper) -> Self {
        let shared = &link.shared;
        let id = ConnectionId(shared.next_connection.fetch_add(1, Ordering::Relaxed));
        let namespace = Arc::clone(&shared.main_namespace);
        let connection = Connection::new(id, namespace, Arc::clone(link));
        shared.registry.add(&connection, &[]);
        keeper.joined(true);
        Dialogue {
            connection,
            messages,
        }
    }

    pub(crate) async fn message(
        &mut self,
        message: Message,
        keeper: &mut Keeper,
    ) -> Result<(), CloseReason> {
        let work = async { self.messages.message(&self.connection, message).await };
        let work = AssertUnwindSafe(work).catch_unwind();
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done.map_err(|_| CloseReason::Internal),
                stirred = keeper.watch(false) => {
                    stirred?;
                    self.release_ended()?;
                }
            }
        }
    }

    pub(crate) fn release_ended(&self) -> Result<(), CloseReason> {
        self.connection.reason().map_or(Ok(()), Err)
    }

    pub(crate) fn end(&self, reason: CloseReason) {
        let shared = &self.connection.link().shared;
        self.connection.forget(reason);
        shared
            .metrics
            .ended(self.connection.reason().unwrap_or(reason));
    }
}

/// Stands where an engine of messages has no application of Socket.IO: nobody may connect to a
/// namespace, and nothing can be read again.
pub(crate) struct Nobody;

impl App for Nobody {
    fn connect(&self, _: ConnectRequest) -> BoxFuture<'_, Result<crate::app::Accepted, Refusal>> {
        Box::pin(async { Err(Refusal::unknown_namespace()) })
    }

    fn read(&self, _: TopicId, _: u64, _: usize) -> BoxFuture<'_, Result<Vec<Frame>, ReadFailed>> {
        Box::pin(async { Err(ReadFailed) })
    }

    fn reset(&self, _: TopicId) -> Packet {
        Packet::text_message("")
    }
}
