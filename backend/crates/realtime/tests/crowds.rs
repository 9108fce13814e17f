//! Thousands at once: a broadcast amid coming and going, and a crowd that stops reading.

#![expect(clippy::unwrap_used, reason = "a broken test may break off")]

mod support;

use std::time::Duration;

use futures_util::future::join_all;
use realtime::{CloseReason, Config, TopicId};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::{Client, PATIENCE, Running, soon};

const TOPIC: TopicId = TopicId(5);

/// Both ends of every connection are in this process.
fn allow_many_files() {
    let most = getrlimit(Resource::Nofile).maximum;
    let wanted = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(Resource::Nofile, wanted).unwrap();
}

/// Without heartbeats: most of a crowd does not read most of the time.
fn unasked() -> Config {
    Config {
        ping_interval: PATIENCE * 100,
        ..Config::default()
    }
}

/// Somebody who joins and leaves, and hears what is said in between without a hole.
async fn come_and_go(client: &mut Client, rounds: u64) {
    for round in 0..rounds {
        client.send(&format!(r#"42{round}["join",5]"#)).await;
        client.send(&format!(r#"4210{round}["leave",5]"#)).await;
        let left = format!("4310{round}[true]");
        let mut last = None;
        loop {
            let text = client.text().await;
            if text == left {
                break;
            }
            if let Some(seq) = place(&text) {
                assert!(last.is_none_or(|last| seq == last + 1), "{last:?} {seq}");
                last = Some(seq);
            }
        }
    }
}

/// Where in the log a text stands, if it is an entry.
fn place(text: &str) -> Option<u64> {
    let rest = text.strip_prefix(r#"42["said",["#)?;
    rest.split(',').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_misses_nobody_while_others_come_and_go() {
    const STEADY: usize = 100;
    const SAID: u64 = 500;
    let server = Running::start(Config::default()).await;
    let mut steady = Vec::new();
    for _ in 0..STEADY {
        let mut client = server.client().await;
        client.ask(1, r#"["join",5]"#).await;
        steady.push(client);
    }
    let mut passers = Vec::new();
    for _ in 0..20 {
        passers.push(server.client().await);
    }
    let house = server.house.clone();
    let talk = tokio::task::spawn_blocking(move || {
        for _ in 0..SAID {
            house.say(TOPIC, "hello");
        }
    });
    let pass = join_all(passers.iter_mut().map(|client| come_and_go(client, 10)));
    let listen = join_all(steady.iter_mut().map(|client| async {
        for seq in 1..=SAID {
            assert_eq!(client.entry().await, seq);
        }
    }));
    soon("everybody", async { tokio::join!(pass, listen) }).await;
    talk.await.unwrap();
    let topic = server.engine.topics().get(TOPIC).unwrap();
    assert_eq!(topic.watchers(), STEADY);
}

/// Follows the topic once in every namespace that one transport may join.
async fn join_many_times(client: &mut Client, times: usize) {
    for number in 0..times {
        client.send(&format!("40/custom{number},")).await;
        client
            .send(&format!(r#"42/custom{number},1["join",5]"#))
            .await;
        while client.text().await != format!("43/custom{number},1[0]") {}
    }
}

/// Hears every entry once for each of the `times` this client follows the topic, each time in
/// order: no entry is ever heard more often than the one before it.
async fn hear_many_times(client: &mut Client, times: usize, said: usize) {
    let mut heard = vec![0; said + 1];
    heard[0] = times;
    while heard[said] < times {
        let seq = usize::try_from(client.entry().await).unwrap();
        heard[seq] += 1;
        assert!(heard[seq] <= heard[seq - 1], "{seq} came early, or twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_hear_everything_while_a_thousand_come_and_go() {
    const TRANSPORTS: usize = 625;
    const TIMES: usize = 16;
    const SAID: usize = 20;
    allow_many_files();
    let server = Running::start(unasked()).await;
    let mut steady = Vec::new();
    for _ in 0..TRANSPORTS {
        let mut client = Client::open(server.address).await;
        join_many_times(&mut client, TIMES).await;
        steady.push(client);
    }
    let topic = server.engine.topics().get(TOPIC).unwrap();
    assert_eq!(topic.watchers(), TRANSPORTS * TIMES);
    let mut passers = Vec::new();
    for _ in 0..1000 {
        passers.push(server.client().await);
    }
    let mut first = server.client().await;
    first.ask(1, r#"["join",5]"#).await;
    let talk = async {
        for _ in 0..SAID {
            let seq = server.house.say(TOPIC, "hello");
            // Said again while the walk to the others is under way.
            assert_eq!(first.entry().await, seq);
        }
    };
    let pass = join_all(passers.iter_mut().map(|client| come_and_go(client, 2)));
    let listen = join_all(
        steady
            .iter_mut()
            .map(|client| hear_many_times(client, TIMES, SAID)),
    );
    tokio::join!(talk, pass, listen);
    assert_eq!(topic.watchers(), TRANSPORTS * TIMES + 1);
}

const SLOW: usize = 1000;
const FAST: usize = 100;
const ENTRY: usize = 1000;
/// What waits for one transport is at most a gathered batch and a page, when nobody sends it anything.
const BATCH: usize = 64 * 1024;
const PAGE: usize = 20;

/// A busy topic with many who do not read, and some who do.
struct Crowd {
    server: Running,
    slow: Vec<Client>,
    fast: Vec<Client>,
    said: u64,
}

impl Crowd {
    async fn gather(config: Config) -> Crowd {
        allow_many_files();
        let server = Running::start(Config {
            tail_frames: 64,
            backfill_page: PAGE,
            max_behind: 100_000,
            ..config
        })
        .await;
        let (mut slow, mut fast) = (Vec::new(), Vec::new());
        for number in 0..SLOW + FAST {
            let mut client = server.client().await;
            client.ask(1, r#"["join",5]"#).await;
            if number < SLOW {
                slow.push(client);
            } else {
                fast.push(client);
            }
        }
        Crowd {
            server,
            slow,
            fast,
            said: 0,
        }
    }

    /// Says something, which those who read hear at once and in order.
    async fn talk(&mut self, entries: u64) {
        let text = "x".repeat(ENTRY);
        for _ in 0..entries {
            self.server.house.say(TOPIC, &text);
        }
        let from = self.said + 1;
        self.said += entries;
        let to = self.said;
        join_all(self.fast.iter_mut().map(|client| async move {
            for seq in from..=to {
                assert_eq!(client.entry().await, seq);
            }
        }))
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_stops_reading_costs_a_batch_each_and_is_caught_up_when_it_reads_again() {
    let mut crowd = Crowd::gather(Config {
        write_timeout: PATIENCE * 10,
        ..unasked()
    })
    .await;
    while crowd.server.engine.lag().await.behind < SLOW as u64 {
        crowd.talk(32).await;
    }
    // Far more than is kept for anybody.
    crowd.talk(300).await;
    let held = crowd.server.engine.held().await;
    assert_eq!(held.transports, SLOW as u64, "{held:?}");
    assert!(held.most <= BATCH + PAGE * (ENTRY + 100), "{held:?}");
    assert!(held.bytes <= SLOW * held.most, "{held:?}");
    assert!(held.tails <= 64 * (ENTRY + 100), "{held:?}");
    let said = crowd.said;
    join_all(crowd.slow.iter_mut().map(|client| async move {
        for seq in 1..=said {
            assert_eq!(client.entry().await, seq);
        }
    }))
    .await;
    assert_eq!(crowd.server.engine.metrics().resets, 0);
    // Nothing is kept for anybody any more, and all are live again.
    crowd.talk(1).await;
    for client in &mut crowd.slow {
        assert_eq!(client.entry().await, said + 1);
    }
    assert_eq!(crowd.server.engine.held().await.bytes, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_never_reads_again_is_asked_to_come_back_and_leaves_nothing() {
    let mut crowd = Crowd::gather(Config {
        write_timeout: Duration::from_millis(500),
        ..unasked()
    })
    .await;
    let reason = CloseReason::WriteTimeout;
    assert!(reason.come_back());
    let ended = (reason, SLOW as u64);
    while !crowd.server.engine.metrics().ends.contains(&ended) {
        crowd.talk(32).await;
    }
    assert_eq!(crowd.server.engine.connections(), FAST);
    let gone = soon("all to be gone", async {
        loop {
            let held = crowd.server.engine.held().await;
            if held.transports == 0 {
                return held;
            }
        }
    });
    assert_eq!(gone.await.bytes, 0);
    crowd.talk(32).await;
}
