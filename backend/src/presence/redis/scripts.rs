//! The scripts, each one step in Redis.

use super::by_key;
use super::message::{Said, Subject, list_key};
use super::state::Holding;
use crate::models::{NodeId, Timestamp, UserId};
use crate::redis_link::{Link, LinkError, Script};
use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;

static HOLD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/hold.lua")));
static READ: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/read.lua")));
static RENEW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/renew.lua")));

/// A node's list of what it holds outlives what it holds by this factor, so that whoever buries it
/// finds it whole.
const LIST_LASTS: u32 = 4;

/// The nodes that are in Redis.
pub(super) struct Roll {
    /// Whether whoever asks was among them.
    pub(super) known: bool,
    pub(super) live: HashSet<NodeId>,
    pub(super) expired: HashSet<NodeId>,
}

/// Writes what `node` holds, all at once. What is begun is listed before, what ends is taken off the
/// list after: the list may name too much, never too little.
pub(super) async fn hold(
    link: &Link,
    node: NodeId,
    holdings: &[Holding],
    lease: Duration,
) -> Result<(), LinkError> {
    let list = list_key(node);
    let (held, ended): (Vec<&Holding>, Vec<&Holding>) =
        holdings.iter().partition(|h| h.state.is_some());
    if !held.is_empty() {
        let mut add = redis::cmd("SADD");
        add.arg(&list);
        for holding in &held {
            add.arg(holding.subject.written());
        }
        link.run::<()>(&add, &list).await?;
        let mut expire = redis::cmd("PEXPIRE");
        expire.arg(&list).arg(millis(lease * LIST_LASTS));
        link.run::<()>(&expire, &list).await?;
    }
    let keys = by_key(holdings);
    let told = keys.iter().map(|((key, state, at), subjects)| async move {
        let about = match subjects[0] {
            Subject::User(_) => "user".to_owned(),
            Subject::Stay(room, _) => room.to_string(),
        };
        let mut arguments = vec![
            node.to_string().into_bytes(),
            state.unwrap_or('-').to_string().into_bytes(),
            millis(lease).to_string().into_bytes(),
            subjects[0].channel().into_bytes(),
            at.0.to_string().into_bytes(),
            about.into_bytes(),
        ];
        arguments.extend(subjects.iter().map(|s| s.user().to_string().into_bytes()));
        link.invoke::<()>(&HOLD, std::slice::from_ref(key), &arguments)
            .await
    });
    for outcome in futures_util::future::join_all(told).await {
        outcome?;
    }
    if !ended.is_empty() {
        let mut remove = redis::cmd("SREM");
        remove.arg(&list);
        for holding in &ended {
            remove.arg(holding.subject.written());
        }
        link.run::<()>(&remove, &list).await?;
    }
    Ok(())
}

/// Reads who holds a user, or some or all (when none are named) of the users of a room; the version,
/// and those that are held.
pub(super) async fn read(
    link: &Link,
    like: Subject,
    users: &[UserId],
    now: Timestamp,
) -> Result<(u64, Vec<Said>), LinkError> {
    let arguments: Vec<Vec<u8>> = users.iter().map(|u| u.to_string().into_bytes()).collect();
    let answer: Vec<String> = link.invoke(&READ, &[like.key()], &arguments).await?;
    let subject = |user| match like {
        Subject::User(_) => Subject::User(user),
        Subject::Stay(room, _) => Subject::Stay(room, user),
    };
    Said::read(&answer, subject, now)
        .ok_or_else(|| LinkError::Failed("presence in Redis is written in another way".to_owned()))
}

/// Says that `node` lives.
pub(super) async fn renew(
    link: &Link,
    key: &str,
    node: NodeId,
    lease: Duration,
) -> Result<Roll, LinkError> {
    let arguments = [
        node.to_string().into_bytes(),
        millis(lease).to_string().into_bytes(),
    ];
    let (known, live, expired): (bool, Vec<String>, Vec<String>) =
        link.invoke(&RENEW, &[key.to_owned()], &arguments).await?;
    let nodes = |names: Vec<String>| {
        names
            .iter()
            .filter_map(|name| NodeId::parse(name))
            .collect()
    };
    Ok(Roll {
        known,
        live: nodes(live),
        expired: nodes(expired),
    })
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
