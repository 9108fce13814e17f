//! How a client gets into its room: the first time, and again after its connection has ended.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::LoadError;
use crate::client::{
    Connect, Connection, PATIENCE,
    packet::{self, Packet},
};

/// Before another address is tried, when one takes nobody in.
const NEXT: Duration = Duration::from_millis(200);
/// How long a client tries to come back.
const MOST_TRYING: Duration = Duration::from_secs(30);

/// Where a client is let in, and as whom.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) urls: Arc<[String]>,
    /// Which of them it uses.
    pub(super) at: usize,
    pub(super) token: String,
    pub(super) room: String,
}

/// A client in its room.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) connection: Connection,
    pub(super) answer: Joined,
}

/// What joining was answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Joined {
    pub(super) last_seq: u64,
    pub(super) epoch: String,
    /// What happened since the place that was asked for.
    #[serde(default)]
    pub(super) changes: Vec<Change>,
}

/// A replayed entry of the log.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) seq: u64,
    pub(super) data: Value,
}

impl Door {
    /// Connects and joins: from the newest entry on, or from after `since`, a place and its epoch.
    pub(super) async fn enter(&self, since: Option<(u64, &str)>) -> Result<Entered, LoadError> {
        let how = Connect::to(&self.urls[self.at])?.token(&self.token);
        let mut connection = Connection::open(&how).await?;
        // The ack's number is out of the way of those of the sends.
        let id = u64::MAX;
        let mut payload = json!({ "roomId": self.room, "limit": 1 });
        if let Some((seq, epoch)) = since {
            payload = json!({ "roomId": self.room, "since": seq, "epoch": epoch });
        }
        connection
            .send(packet::write_event("join_room", &payload, Some(id)))
            .await?;
        let answered = async {
            loop {
                let message = connection.next_message().await?;
                if let Some(Packet::Ack {
                    id: answered,
                    arguments,
                }) = message.packet()
                    && answered == id
                {
                    return Ok::<_, LoadError>(arguments.to_owned());
                }
            }
        };
        let answer = timeout(PATIENCE, answered)
            .await
            .map_err(|_elapsed| LoadError::Join("nothing in time".to_owned()))??;
        let (answer,): (Joined,) =
            serde_json::from_str(&answer).map_err(|_refusal| LoadError::Join(answer))?;
        Ok(Entered { connection, answer })
    }

    /// Comes back after what was missed, at another address if there is one, for as long as it is
    /// worth trying.
    pub(super) async fn enter_again(&mut self, seq: u64, epoch: &str) -> Option<Entered> {
        let began = Instant::now();
        let others = self.urls.len().saturating_sub(1).max(1);
        self.at += rand::random_range(1..=others);
        loop {
            self.at %= self.urls.len();
            if let Ok(entered) = self.enter(Some((seq, epoch))).await {
                return Some(entered);
            }
            if began.elapsed() >= MOST_TRYING {
                return None;
            }
            sleep(NEXT).await;
            self.at += 1;
        }
    }
}
