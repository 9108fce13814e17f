//! What is listened to, and what should be.

use super::session::Session;
use redis::RedisResult;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

/// Channels of one command.
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

async fn tell(session: &Session, command: &str, channels: Vec<String>) -> RedisResult<()> {
    let mut by_slot: HashMap<u16, Vec<String>> = HashMap::new();
    for channel in channels {
        by_slot
            .entry(session.group_of(&channel))
            .or_default()
            .push(channel);
    }
    for channels in by_slot.into_values() {
        for some in channels.chunks(AT_ONCE) {
            let mut words = redis::cmd(command);
            words.arg(some);
            let () = session.run(&words, &some[0]).await?;
        }
    }
    Ok(())
}
