//! A bus between machines: Redis pub/sub, sharded, one channel for each room, each user and all nodes.

use super::{Bus, Heard, Subject, Word};
use crate::models::{HeardFrom, HeardOthers, NodeId};
use crate::redis_link::{Link, LinkError, Pushed, tag_of};
use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The version of what is written here. Another one is not understood, and not an error: the nodes
/// of a rolling upgrade share the bus, and what is not understood is found by comparing.
const VERSION: u32 = 1;
/// Words that wait to be sent. Those that find no space are dropped.
const WAITING: usize = 8192;
/// Words sent at once.
const AT_ONCE: usize = 128;

/// One node's end of a bus in Redis.
#[derive(Debug)]
pub struct RedisBus {
    link: Arc<Link>,
    node: NodeId,
    outgoing: mpsc::Sender<Outgoing>,
    watched: Mutex<HashSet<Subject>>,
    others: Mutex<HeardOthers>,
    tasks: TaskTracker,
}

/// What is on its way to the other nodes.
#[derive(Debug)]
enum Outgoing {
    Word(Word),
    /// Somebody waits until everything before this has been sent, which is when it is dropped.
    Flush(oneshot::Sender<()>),
}

/// A word as it is written.
#[derive(Serialize, Deserialize)]
struct Envelope<W> {
    v: u32,
    from: NodeId,
    word: W,
}

impl RedisBus {
    /// Joins the bus as `node`, until `stop`. The bus is away when Redis takes longer than `patience`.
    ///
    /// # Errors
    /// As [`Link::open`]. A Redis that cannot be reached is none: the bus is away until it can.
    pub async fn open(
        url: &str,
        node: NodeId,
        patience: Duration,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Arc<Self>, LinkError> {
        let link = Link::open(url, patience, tasks, stop.clone()).await?;
        let (outgoing, waiting) = mpsc::channel(WAITING);
        let sending = send_all(Arc::clone(&link), node, waiting);
        tasks.spawn(stop.run_until_cancelled_owned(sending));
        Ok(Arc::new(Self {
            link,
            node,
            outgoing,
            watched: Mutex::default(),
            others: Mutex::default(),
            tasks: tasks.clone(),
        }))
    }

    fn watched(&self) -> MutexGuard<'_, HashSet<Subject>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn others(&self) -> MutexGuard<'_, HeardOthers> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The word in a message, if it is for this node and understood.
    fn read(&self, payload: &Bytes) -> Option<Word> {
        let (from, word) = read(payload, self.node)?;
        self.others().put(HeardFrom {
            node_id: from,
            words: 1,
            bytes: payload.len() as u64,
        });
        // Some are still on their way when nobody watches any more.
        self.watched().contains(&word.subject()).then_some(word)
    }
}

#[async_trait]
impl Bus for RedisBus {
    fn tell(&self, word: Word) {
        if self.link.is_up() && self.outgoing.try_send(Outgoing::Word(word)).is_err() {
            tracing::debug!("a word for the other nodes found no space");
        }
    }

    async fn watch(&self, subject: Subject) {
        {
            let mut watched = self.watched();
            watched.insert(subject);
            self.link.want(&[channel(subject)]);
        }
        self.link.settle().await;
    }

    fn unwatch(&self, subject: Subject) {
        let mut watched = self.watched();
        if watched.remove(&subject) {
            // Noted at once, so that a later wish comes later; Redis is told in its own time.
            self.link.forget(&[channel(subject)]);
            drop(watched);
            let link = Arc::clone(&self.link);
            self.tasks.spawn(async move { link.settle().await });
        }
    }

    async fn heard(&self) -> Heard {
        loop {
            match self.link.pushed().await {
                Pushed::Message { payload, .. } => {
                    if let Some(word) = self.read(&payload) {
                        return Heard::Word(word);
                    }
                }
                Pushed::Restored => return Heard::Missed,
                Pushed::Lost => {}
            }
        }
    }

    fn take_heard(&self) -> HeardOthers {
        std::mem::take(&mut self.others())
    }

    async fn flush(&self) {
        let (waits, flushed) = oneshot::channel();
        if self.outgoing.send(Outgoing::Flush(waits)).await.is_ok() {
            // It is never sent, only dropped.
            let _ = flushed.await;
        }
    }

    fn is_alone(&self) -> bool {
        false
    }

    fn is_up(&self) -> bool {
        self.link.is_up()
    }
}

/// Sends words in the order told; those that cannot be sent are lost.
async fn send_all(link: Arc<Link>, node: NodeId, mut waiting: mpsc::Receiver<Outgoing>) {
    let mut taken = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut taken, AT_ONCE).await > 0 {
        let mut flushed = Vec::new();
        let mut commands = Vec::with_capacity(taken.len());
        for outgoing in taken.drain(..) {
            match outgoing {
                Outgoing::Word(word) => commands.push(published(node, &word)),
                Outgoing::Flush(waits) => flushed.push(waits),
            }
        }
        if let Err(error) = link.run_all(commands).await {
            tracing::debug!(%error, "words for the other nodes were lost");
        }
    }
}

/// The command that says a word, and the channel, which is its key.
fn published(node: NodeId, word: &Word) -> (String, redis::Cmd) {
    let channel = channel(word.subject());
    let mut command = redis::cmd("SPUBLISH");
    command.arg(&channel).arg(written(node, word));
    (channel, command)
}

fn channel(subject: Subject) -> String {
    match subject {
        Subject::Room(room) => format!("roost:{}:room:{room}", tag_of(room.0.as_u128())),
        Subject::User(user) => format!("roost:{}:user:{user}", tag_of(user.0.as_u128())),
        Subject::Nodes => format!("roost:{}:nodes", tag_of(0)),
    }
}

fn written(from: NodeId, word: &Word) -> Vec<u8> {
    let envelope = Envelope {
        v: VERSION,
        from,
        word,
    };
    serde_json::to_vec(&envelope).expect("words are JSON")
}

/// A word, and who says it.
fn read(payload: &[u8], own: NodeId) -> Option<(NodeId, Word)> {
    let envelope: Envelope<&serde_json::value::RawValue> = serde_json::from_slice(payload).ok()?;
    if envelope.v != VERSION || envelope.from == own {
        return None;
    }
    let word = serde_json::from_str(envelope.word.get()).ok()?;
    Some((envelope.from, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{NodeFact, RoomId, Sample, Timestamp, UserId};
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(5));
    const USER: UserId = UserId(Uuid::from_u128(7));
    const HERE: NodeId = NodeId(Uuid::from_u128(1));
    const THERE: NodeId = NodeId(Uuid::from_u128(2));

    #[test]
    fn words_come_as_they_went() {
        let words = [
            Word::Entry {
                epoch: "one".to_owned(),
                room: ROOM,
                seq: 9,
                packet: Some("42[\"message_received\",{\"content\":\"\\\"ä\\\"\"}]".to_owned()),
                removed: Some(USER),
            },
            Word::Entry {
                epoch: "one".to_owned(),
                room: ROOM,
                seq: u64::MAX,
                packet: None,
                removed: None,
            },
            Word::Hint {
                to: Subject::User(USER),
                key: u128::MAX - 1,
                packet: "42[]".to_owned(),
                except: None,
            },
            Word::Moved { user: USER },
            Word::Sampled {
                node: NodeFact {
                    node_id: THERE,
                    version: "1".to_owned(),
                    started_at: Timestamp(7),
                },
                sample: Box::new(Sample {
                    at: 9,
                    messages: 3,
                    ..Sample::default()
                }),
            },
        ];
        for word in words {
            assert_eq!(read(&written(THERE, &word), HERE), Some((THERE, word)));
        }
    }

    #[test]
    fn ones_own_words_and_those_of_another_version_are_not_heard() {
        let word = Word::Moved { user: USER };
        assert_eq!(read(&written(HERE, &word), HERE), None);
        let newer = br#"{"v":2,"from":"00000000-0000-0000-0000-000000000002","word":{"kind":"x"}}"#;
        assert_eq!(read(newer, HERE), None);
        assert_eq!(read(b"anything", HERE), None);
    }

    #[test]
    fn what_is_about_one_thing_has_one_channel() {
        assert_eq!(
            channel(Subject::Room(ROOM)),
            "roost:{p5}:room:00000000-0000-0000-0000-000000000005"
        );
        assert_ne!(
            channel(Subject::User(UserId(ROOM.0))),
            channel(Subject::Room(ROOM))
        );
    }
}
