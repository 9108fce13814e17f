//! Nodes that go and come back while people talk.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::try_join_all;
use loadtest::client::{ClientError, Ended, Rest, Socket};
use serde_json::{Value, json};
use tokio::{sync::Barrier, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::support::{
    cluster::Cluster,
    expect::{list, ok, seq, seqs, text},
    people::Person,
    server::Server,
};

/// What somebody does between two messages.
const BREATH: Duration = Duration::from_millis(50);
/// Before the next node is tried.
const NEXT_NODE: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_away_or_is_new_serves_what_the_others_stored() {
    let mut cluster = Cluster::start(2).await;
    let ada = cluster.nodes[0].person("ada").await;
    let room = ada.room("public").await;
    cluster.kill(0).await;
    let said = ada.at(&cluster.nodes[1]).say(&room, "still here").await;
    cluster.start_again(0).await;
    cluster.restart(1).await;
    let settings = [
        ("ROOST_DATABASE_URL", cluster.database.as_str()),
        ("ROOST_REDIS_URL", &cluster.redis.url()),
    ];
    let new = Server::start_with(&settings).await;
    for node in cluster.nodes.iter().chain([&new]) {
        let history = ada.at(node).history(&room).await;
        assert_eq!(history.last().map(seq), Some(seq(&said)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_keeps_everything_while_every_node_is_started_again() {
    // A busy machine may keep somebody away for long, who must not be missed for that.
    let patient = [
        ("ROOST_PRESENCE_GRACE", "8s"),
        ("ROOST_SHUTDOWN_GRACE", "1m"),
    ];
    let mut cluster = Cluster::start_with(3, &patient).await;
    let ada = cluster.nodes[0].person("ada").await;
    let room = ada.room("public").await;
    let mut people = vec![ada];
    for (at, name) in ["bob", "cyn", "dan", "eve", "fay"].into_iter().enumerate() {
        let person = cluster.nodes[at % 3].person(name).await;
        person.join(&room).await;
        people.push(person);
    }

    let addresses: Vec<String> = cluster.nodes.iter().map(|node| node.url.clone()).collect();
    let story = Arc::new(Story {
        room,
        addresses: Mutex::new(addresses),
        over: CancellationToken::new(),
        all_is_said: Barrier::new(people.len()),
    });
    let talking = TaskTracker::new();
    let mut talkers = Vec::new();
    for (at, person) in people.into_iter().enumerate() {
        let talker = Talker::join(person, at, Arc::clone(&story)).await;
        talkers.push(talking.spawn(talker.talk()));
    }
    for at in 0..3 {
        cluster.restart(at).await;
        story.addresses.lock().unwrap()[at].clone_from(&cluster.nodes[at].url);
    }
    story.over.cancel();

    let mut logs = Vec::new();
    for talker in try_join_all(talkers).await.unwrap() {
        assert!(talker.moves >= 1, "{} was never moved", talker.person.name);
        for (client_id, place) in &talker.acknowledged {
            let stands = talker.heard.iter().find(|entry| seq(entry) == *place);
            let stands = stands.and_then(|entry| entry["clientId"].as_str());
            assert_eq!(stands, Some(client_id.as_str()), "acknowledged at {place}");
        }
        logs.push(talker.heard);
    }
    for log in &logs {
        let expected: Vec<u64> = (seq(&log[0])..).take(log.len()).collect();
        assert_eq!(seqs(log), expected, "in order, without a gap, each once");
        let shared = log.len().min(logs[0].len());
        let ends = [log, &logs[0]].map(|log| ids(&log[log.len() - shared..]));
        assert_eq!(ends[0], ends[1], "everybody heard the same");
    }
    let mut ids = ids(&logs[0]);
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "nothing was stored twice");
}

fn ids(log: &[Value]) -> Vec<&str> {
    log.iter().map(|entry| text(entry, "clientId")).collect()
}

/// What everybody in the story shares.
struct Story {
    room: String,
    /// Where the nodes are, as far as is known: one that was started again is somewhere else.
    addresses: Mutex<Vec<String>>,
    over: CancellationToken,
    /// Whoever has passed it hears nothing new any more.
    all_is_said: Barrier,
}

/// Somebody who talks all the time, and goes to another node when theirs goes.
struct Talker {
    person: Person,
    story: Arc<Story>,
    node: usize,
    socket: Socket,
    /// How many of this socket's events have been taken down.
    taken: usize,
    epoch: Value,
    /// The place of the newest entry that was heard.
    last: u64,
    /// Every message that was heard, in the order in which it was.
    heard: Vec<Value>,
    /// What was sent and where it stands, by the server's word.
    acknowledged: Vec<(String, u64)>,
    moves: usize,
}

impl Talker {
    async fn join(person: Person, at: usize, story: Arc<Story>) -> Self {
        let node = at % 3;
        let url = story.addresses.lock().unwrap()[node].clone();
        let socket = Socket::connect(&url, &person.token).await.unwrap();
        let asked = json!({ "roomId": story.room });
        let joined = ok(socket.call("join_room", asked).await.unwrap());
        Self {
            person,
            node,
            socket,
            taken: 0,
            epoch: joined["epoch"].clone(),
            last: joined["lastSeq"].as_u64().unwrap(),
            heard: Vec::new(),
            acknowledged: Vec::new(),
            moves: 0,
            story,
        }
    }

    /// Says something again and again until it is over, then waits for the end of the log.
    async fn talk(mut self) -> Self {
        while !self.story.over.is_cancelled() {
            let id = format!("{} {}", self.person.name, self.acknowledged.len());
            let place = self.say(&id).await;
            self.acknowledged.push((id, place));
            sleep(BREATH).await;
        }
        self.story.all_is_said.wait().await;
        let url = self.story.addresses.lock().unwrap()[self.node].clone();
        let rest = Rest::new(&url).unwrap().with_token(&self.person.token);
        let room = rest.get(&format!("/api/rooms/{}", self.story.room)).await;
        let end = room.unwrap().json["lastSeq"].as_u64().unwrap();
        self.take_down();
        while self.last < end {
            self.socket.next_event().await.unwrap();
            self.take_down();
        }
        self
    }

    /// Sends until it is acknowledged, always with the same id.
    async fn say(&mut self, id: &str) -> u64 {
        loop {
            let sent = json!({ "roomId": self.story.room, "content": id, "clientId": id });
            match self.socket.call("send_message", sent).await {
                Ok(answer) => return seq(&ok(answer)["message"]),
                Err(ClientError::Ended(ended)) => self.come_back(&ended).await,
                Err(other) => panic!("sending failed with {other}"),
            }
        }
    }

    /// Goes to the next node that takes one in, and catches up.
    async fn come_back(&mut self, ended: &Ended) {
        self.take_down();
        assert!(
            !matches!(ended, Ended::Disconnected),
            "official clients would stay away"
        );
        // Not told to whoever was just being let in.
        if let Ok(farewell) = self.socket.expect_event("server_draining").await {
            let wait = farewell["reconnectAfterMs"].as_u64().unwrap();
            sleep(Duration::from_millis(wait)).await;
        }
        self.taken = 0;
        self.socket = loop {
            self.node = (self.node + 1) % 3;
            let url = self.story.addresses.lock().unwrap()[self.node].clone();
            match Socket::connect(&url, &self.person.token).await {
                Ok(socket) => break socket,
                Err(ClientError::ConnectRefused { code, .. }) => panic!("refused: {code}"),
                Err(_going) => sleep(NEXT_NODE).await,
            }
        };
        self.moves += 1;
        let room = json!({ "roomId": self.story.room, "since": self.last, "epoch": self.epoch });
        match self.socket.call("resume", json!({ "rooms": [room] })).await {
            Ok(answer) => {
                let resumed = &list(&ok(answer), "rooms")[0].clone();
                assert_eq!(resumed["reset"], false, "{resumed}");
                for change in list(resumed, "changes") {
                    self.hear(text(change, "event"), &change["data"]);
                }
            }
            // It goes as well, which the next send will find.
            Err(ClientError::Ended(_)) => {}
            Err(other) => panic!("catching up failed with {other}"),
        }
    }

    /// Hears what has arrived since it was last called.
    fn take_down(&mut self) {
        let events = self.socket.seen_events();
        for event in &events[self.taken..] {
            self.hear(&event.name, &event.data);
        }
        self.taken = events.len();
    }

    fn hear(&mut self, event: &str, data: &Value) {
        assert_ne!(event, "user_left", "somebody was missed: {data}");
        if event == "presence_changed" {
            assert_eq!(data["status"], "online", "{data}");
        }
        if data["roomId"] == self.story.room.as_str() && data["seq"].is_u64() {
            self.last = seq(data);
            self.heard.push(data.clone());
        }
    }
}
