//! One life of the link: a connection to every server, from the first to the break of any of them.

use super::Pushed;
use super::slots::slot_of;
use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue,
    Pipeline, ProtocolVersion, PushInfo, PushKind, RedisError, RedisResult, Script,
    ServerErrorKind, Value,
};
use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Where pushed messages go. Never waits.
pub(super) type Push = Arc<dyn Fn(Pushed) + Send + Sync>;

pub(super) struct Session {
    /// Which server has which slots; one with all of them when there is no cluster.
    shards: Vec<Shard>,
    complete: AtomicBool,
    /// Channels that are given up, and of which no server has confirmed it yet.
    giving_up: Arc<AtomicUsize>,
    broken: CancellationToken,
}

struct Shard {
    slots: Vec<RangeInclusive<u16>>,
    connection: MultiplexedConnection,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("servers", &self.shards.len())
            .finish_non_exhaustive()
    }
}

/// A part of the slots: where they begin and end, and the address of who has them.
type Part = (RangeInclusive<u16>, (String, u16));

impl Session {
    /// Connects to the server, and to all others of its cluster if it is part of one.
    pub(super) async fn open(
        server: &ConnectionInfo,
        push: Push,
        patience: Duration,
    ) -> RedisResult<Arc<Self>> {
        let broken = CancellationToken::new();
        let giving_up = Arc::default();
        let connector = Connector {
            push,
            patience,
            broken: broken.clone(),
            giving_up: Arc::clone(&giving_up),
        };
        let mut first = connector.connect(server.clone()).await?;
        let info: String = redis::cmd("INFO")
            .arg("cluster")
            .query_async(&mut first)
            .await?;
        let clustered = info.contains("cluster_enabled:1");
        let shards = if clustered {
            let mut shards = Vec::new();
            for (address, slots) in parts_of_cluster(&mut first, server).await? {
                let connection = connector.connect(at(server, address)).await?;
                shards.push(Shard { slots, connection });
            }
            shards
        } else {
            vec![Shard {
                slots: vec![0..=u16::MAX],
                connection: first,
            }]
        };
        Ok(Arc::new(Self {
            shards,
            complete: AtomicBool::new(false),
            giving_up,
            broken,
        }))
    }

    pub(super) fn servers(&self) -> usize {
        self.shards.len()
    }

    /// So many channels are about to be given up.
    pub(super) fn expect_to_lose(&self, channels: usize) {
        self.giving_up.fetch_add(channels, Ordering::AcqRel);
    }

    pub(super) async fn run<T: FromRedisValue>(&self, command: &Cmd, key: &str) -> RedisResult<T> {
        let mut connection = self.connection(key)?;
        let outcome = command.query_async(&mut connection).await;
        outcome.inspect_err(|error| self.note(error))
    }

    pub(super) async fn run_all(&self, commands: Vec<(String, Cmd)>) -> RedisResult<()> {
        let mut pipes: Vec<Pipeline> = self.shards.iter().map(|_| Pipeline::new()).collect();
        for (key, command) in commands {
            let shard = self.shard_of(&key)?;
            pipes[shard].add_command(command).ignore();
        }
        let run = pipes.iter().zip(&self.shards).map(|(pipe, shard)| async {
            if pipe.is_empty() {
                return Ok(());
            }
            let mut connection = shard.connection.clone();
            pipe.query_async(&mut connection).await
        });
        let outcomes: Vec<RedisResult<()>> = futures_util::future::join_all(run).await;
        let outcome: RedisResult<()> = outcomes.into_iter().collect();
        outcome.inspect_err(|error| self.note(error))
    }

    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
    ) -> RedisResult<T> {
        let key = keys.first().map(String::as_str).unwrap_or_default();
        let mut connection = self.connection(key)?;
        let mut invocation = script.prepare_invoke();
        for key in keys {
            invocation.key(key);
        }
        for argument in arguments {
            invocation.arg(argument);
        }
        let outcome = invocation.invoke_async(&mut connection).await;
        outcome.inspect_err(|error| self.note(error))
    }

    /// Everything that was subscribed to is.
    pub(super) fn complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire) && !self.broken.is_cancelled()
    }

    /// Ends when any connection has, or a slot has moved.
    pub(super) async fn broken(&self) {
        self.broken.cancelled().await;
    }

    pub(super) fn give_up(&self, error: &RedisError) {
        tracing::debug!(%error, "a connection to Redis is given up");
        self.broken.cancel();
    }

    /// Whether every server answers.
    pub(super) async fn answers(&self) -> bool {
        let asked = self.shards.iter().map(|shard| async {
            let mut connection = shard.connection.clone();
            redis::cmd("PING")
                .query_async::<Value>(&mut connection)
                .await
        });
        let answers = futures_util::future::join_all(asked).await;
        answers.iter().all(Result::is_ok)
    }

    fn connection(&self, key: &str) -> RedisResult<MultiplexedConnection> {
        Ok(self.shards[self.shard_of(key)?].connection.clone())
    }

    fn shard_of(&self, key: &str) -> RedisResult<usize> {
        let slot = slot_of(key);
        let whose = |shard: &Shard| shard.slots.iter().any(|slots| slots.contains(&slot));
        self.shards.iter().position(whose).ok_or_else(|| {
            RedisError::from((
                ErrorKind::Client,
                "no server of the cluster has this part of the keys",
            ))
        })
    }

    /// An answer that never came or came from the wrong server means that this picture is wrong.
    fn note(&self, error: &RedisError) {
        let moved = matches!(
            error.kind(),
            ErrorKind::Server(
                ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::ClusterDown
            )
        );
        if moved || error.is_timeout() || error.is_unrecoverable_error() {
            self.give_up(error);
        }
    }
}

/// Makes connections that belong to one session.
struct Connector {
    push: Push,
    patience: Duration,
    broken: CancellationToken,
    giving_up: Arc<AtomicUsize>,
}

impl Connector {
    async fn connect(&self, server: ConnectionInfo) -> RedisResult<MultiplexedConnection> {
        let settings = server
            .redis_settings()
            .clone()
            .set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(server.set_redis_settings(settings))?;
        let (push, broken) = (Arc::clone(&self.push), self.broken.clone());
        let giving_up = Arc::clone(&self.giving_up);
        let receive = move |info: PushInfo| -> Result<(), redis::aio::SendError> {
            match info.kind {
                PushKind::SMessage => {
                    if let Some(message) = message(info.data) {
                        push(message);
                    }
                }
                PushKind::Disconnection => broken.cancel(),
                // A channel that nobody gave up has moved to another server, and this push may be
                // taken for the answer to a command.
                PushKind::SUnsubscribe if !one_less(&giving_up) => broken.cancel(),
                _ => {}
            }
            Ok(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.patience))
            .set_response_timeout(Some(self.patience))
            .set_push_sender(receive);
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }
}

/// Whether there was one to take.
fn one_less(count: &AtomicUsize) -> bool {
    count
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            count.checked_sub(1)
        })
        .is_ok()
}

fn message(data: Vec<Value>) -> Option<Pushed> {
    let mut data = data.into_iter();
    let (Some(Value::BulkString(channel)), Some(Value::BulkString(payload))) =
        (data.next(), data.next())
    else {
        return None;
    };
    Some(Pushed::Message {
        channel: String::from_utf8(channel).ok()?,
        payload: Bytes::from(payload),
    })
}

/// The same way in, at another address.
fn at(server: &ConnectionInfo, (host, port): (String, u16)) -> ConnectionInfo {
    let address = match server.addr() {
        ConnectionAddr::TcpTls {
            insecure,
            tls_params,
            ..
        } => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host, port),
    };
    server.clone().set_addr(address)
}

/// The masters of a cluster, and the slots of each.
async fn parts_of_cluster(
    connection: &mut MultiplexedConnection,
    server: &ConnectionInfo,
) -> RedisResult<HashMap<(String, u16), Vec<RangeInclusive<u16>>>> {
    let answer: Value = redis::cmd("CLUSTER")
        .arg("SLOTS")
        .query_async(connection)
        .await?;
    let mut masters: HashMap<_, Vec<_>> = HashMap::new();
    let Value::Array(parts) = answer else {
        return Ok(masters);
    };
    for part in parts {
        let (slots, mut address) = part_of(&part).ok_or_else(|| {
            RedisError::from((
                ErrorKind::Client,
                "CLUSTER SLOTS has an answer of another shape",
            ))
        })?;
        // A server that does not know its own name is the one that was asked.
        if address.0.is_empty() {
            let asked = server.addr().to_string();
            let host = asked.rsplit_once(':').map(|(host, _)| host.to_owned());
            address.0 = host.unwrap_or(asked);
        }
        masters.entry(address).or_default().push(slots);
    }
    Ok(masters)
}

/// `[first, last, [host, port, …], …]`: <https://redis.io/docs/latest/commands/cluster-slots/>.
fn part_of(answer: &Value) -> Option<Part> {
    let Value::Array(answer) = answer else {
        return None;
    };
    let [
        Value::Int(first),
        Value::Int(last),
        Value::Array(master),
        ..,
    ] = answer.as_slice()
    else {
        return None;
    };
    let [host, Value::Int(port), ..] = master.as_slice() else {
        return None;
    };
    let host = match host {
        Value::BulkString(host) => String::from_utf8(host.clone()).ok()?,
        Value::SimpleString(host) => host.clone(),
        _ => String::new(),
    };
    let slots = u16::try_from(*first).ok()?..=u16::try_from(*last).ok()?;
    Some((slots, (host, u16::try_from(*port).ok()?)))
}
