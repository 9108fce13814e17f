//! The register in Redis: each step one command or one script.

use super::holdings::Words;
use super::message::{self, Said, Subject, list_key, nodes_key};
use super::register::{Heard, Moment, Register, Roll};
use crate::models::{NodeId, Timestamp, UserId};
use crate::redis_link::{Link, LinkError, PARTITIONS, Pushed, Script, tag};
use async_trait::async_trait;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

static HOLD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/hold.lua")));
static READ: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/read.lua")));
static RENEW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/renew.lua")));

/// A node's list of what it holds outlives what it holds by this factor, so that whoever buries it
/// finds it whole.
const LIST_LASTS: u32 = 4;

/// See the module.
#[derive(Debug)]
pub(super) struct InRedis {
    link: Arc<Link>,
}

impl InRedis {
    /// Reaches Redis, and hears what is said there, until `stop`.
    pub(super) async fn open(
        url: &str,
        patience: Duration,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Arc<Self>, LinkError> {
        let link = Link::open(url, patience, tasks, stop).await?;
        let channels: Vec<String> = (0..PARTITIONS)
            .map(|partition| message::channel(&tag(partition)))
            .collect();
        link.want(&channels);
        link.settle().await;
        Ok(Arc::new(Self { link }))
    }

    /// Runs a command on a set of subjects.
    async fn change_list(
        &self,
        command: &str,
        list: &str,
        subjects: &[Subject],
    ) -> Result<(), LinkError> {
        let mut change = redis::cmd(command);
        change.arg(list);
        for subject in subjects {
            change.arg(subject.written());
        }
        self.link.run(&change, list).await
    }
}

#[async_trait]
impl Register for InRedis {
    async fn hold(
        &self,
        node: NodeId,
        words: &Words,
        lease: Duration,
        spared: Option<Moment>,
    ) -> Result<(), LinkError> {
        let Words {
            state,
            at,
            subjects,
        } = words;
        let Some(first) = subjects.first() else {
            return Ok(());
        };
        let about = match first {
            Subject::User(_) => "user".to_owned(),
            Subject::Stay(room, _) => room.to_string(),
        };
        let mut arguments = vec![
            node.to_string().into_bytes(),
            state.unwrap_or('-').to_string().into_bytes(),
            millis(lease).to_string().into_bytes(),
            first.channel().into_bytes(),
            at.0.to_string().into_bytes(),
            about.into_bytes(),
            spared.map_or_else(Vec::new, |Moment(ms)| ms.to_string().into_bytes()),
        ];
        arguments.extend(subjects.iter().map(|s| s.user().to_string().into_bytes()));
        self.link.invoke(&HOLD, &[first.key()], &arguments).await
    }

    async fn read(
        &self,
        like: Subject,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<(u64, Vec<Said>), LinkError> {
        let arguments: Vec<Vec<u8>> = users.iter().map(|u| u.to_string().into_bytes()).collect();
        let answer: Vec<String> = self.link.invoke(&READ, &[like.key()], &arguments).await?;
        let subject = |user| match like {
            Subject::User(_) => Subject::User(user),
            Subject::Stay(room, _) => Subject::Stay(room, user),
        };
        Said::read(&answer, subject, now).ok_or_else(|| {
            LinkError::Failed("presence in Redis is written in another way".to_owned())
        })
    }

    async fn list(
        &self,
        node: NodeId,
        subjects: &[Subject],
        lease: Duration,
    ) -> Result<(), LinkError> {
        let list = list_key(node);
        self.change_list("SADD", &list, subjects).await?;
        let mut expire = redis::cmd("PEXPIRE");
        expire.arg(&list).arg(millis(lease * LIST_LASTS));
        self.link.run(&expire, &list).await
    }

    async fn unlist(&self, node: NodeId, subjects: &[Subject]) -> Result<(), LinkError> {
        self.change_list("SREM", &list_key(node), subjects).await
    }

    async fn listed(&self, node: NodeId) -> Result<Vec<Subject>, LinkError> {
        let list = list_key(node);
        let mut members = redis::cmd("SMEMBERS");
        members.arg(&list);
        let held: Vec<String> = self.link.run(&members, &list).await?;
        let subjects = held.iter().filter_map(|written| Subject::parse(written));
        Ok(subjects.collect())
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Roll, LinkError> {
        let arguments = [
            node.to_string().into_bytes(),
            millis(lease).to_string().into_bytes(),
        ];
        let (known, live, expired): (bool, Vec<String>, Vec<String>) =
            self.link.invoke(&RENEW, &[nodes_key()], &arguments).await?;
        let live = live.iter().filter_map(|name| NodeId::parse(name));
        let expired = expired.chunks_exact(2).filter_map(|pair| {
            let until = pair[1].parse().ok()?;
            Some((NodeId::parse(&pair[0])?, Moment(until)))
        });
        Ok(Roll {
            known,
            live: live.collect(),
            expired: expired.collect(),
        })
    }

    async fn leave(&self, node: NodeId) -> Result<bool, LinkError> {
        let key = nodes_key();
        let mut remove = redis::cmd("ZREM");
        remove.arg(&key).arg(node.to_string());
        Ok(self.link.run::<u64>(&remove, &key).await? == 1)
    }

    async fn heard(&self) -> Heard {
        loop {
            match self.link.pushed().await {
                Pushed::Message { payload, .. } => {
                    if let Some(said) = Said::parse(&payload) {
                        return Heard::Said(said);
                    }
                }
                Pushed::Lost => return Heard::Lost,
                Pushed::Restored => return Heard::Restored,
            }
        }
    }

    fn is_up(&self) -> bool {
        self.link.is_up()
    }

    fn losses(&self) -> u64 {
        self.link.losses()
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
