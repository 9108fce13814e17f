//! What is listened to, and what should be.

use super::session::Session;
use redis::RedisResult;
use std::collections::HashSet;
use std::sync::Mutex;

/// Channels told in one go.
const AT_ONCE: usize = 500;

/// The channels that are wanted, and those not seen to yet.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    inner: Mutex<Inner>,
    /// Held by whoever tells Redis, so that what is told last is what is wanted last.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Inner {
    wanted: HashSet<String>,
    changed: HashSet<String>,
}

impl Subscriptions {
    pub(super) fn want(&self, channels: &[String]) {
        let mut inner = super::lock(&self.inner);
        for channel in channels {
            if inner.wanted.insert(channel.clone()) {
                inner.changed.insert(channel.clone());
            }
        }
    }

    pub(super) fn forget(&self, channels: &[String]) {
        let mut inner = super::lock(&self.inner);
        for channel in channels {
            if inner.wanted.remove(channel) {
                inner.changed.insert(channel.clone());
            }
        }
    }

    /// Tells Redis what has changed. When it returns, what was wanted before the call stands.
    pub(super) async fn settle(&self, session: &Session) -> RedisResult<()> {
        let _turn = self.turn.lock().await;
        let (wanted, unwanted) = {
            let mut inner = super::lock(&self.inner);
            let changed = std::mem::take(&mut inner.changed);
            changed
                .into_iter()
                .partition(|channel| inner.wanted.contains(channel))
        };
        tell(session, "SSUBSCRIBE", wanted).await?;
        session.expect_to_lose(unwanted.len());
        tell(session, "SUNSUBSCRIBE", unwanted).await
    }

    /// Tells a new session everything.
    pub(super) async fn renew(&self, session: &Session) -> RedisResult<()> {
        let _turn = self.turn.lock().await;
        let wanted = {
            let mut inner = super::lock(&self.inner);
            inner.changed.clear();
            inner.wanted.iter().cloned().collect()
        };
        tell(session, "SSUBSCRIBE", wanted).await
    }
}

/// One command a channel: the client takes the first confirmation for the answer to the whole command,
/// and those after it for the answers to others (<https://github.com/redis-rs/redis-rs/issues/2423>).
async fn tell(session: &Session, command: &str, channels: Vec<String>) -> RedisResult<()> {
    for some in channels.chunks(AT_ONCE) {
        let commands = some.iter().map(|channel| {
            let mut words = redis::cmd(command);
            words.arg(channel);
            (channel.clone(), words)
        });
        session.run_all(commands.collect()).await?;
    }
    Ok(())
}
