//! PostgreSQL goes away under people who talk, and comes back, or another one in its place.
//!
//! What was acknowledged is there once, unless the database itself has lost it; nobody sees anybody
//! leave; and what everybody has in front of them at the end is what is stored.

use crate::support::cluster::Cluster;
use crate::support::expect::{list, ok, problem, refused, seq};
use crate::support::line::Line;
use crate::support::people::Person;
use crate::support::postgres;
use crate::support::postgres_faults::Fragile;
use crate::support::server::Server;
use crate::support::standby::Standby;
use loadtest::client::{ClientError, Ended, Event, Socket};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often each of the people says something.
const PACE: Duration = Duration::from_millis(30);
const NAMES: [&str; 4] = ["ada", "bob", "cleo", "dov"];

/// Somebody who talks in a room without a pause, follows what is said there, and does what the
/// protocol asks of a client.
struct Talker {
    person: Person,
    socket: Socket,
    room: String,
    /// How many messages were acknowledged, and how many sends were refused.
    acknowledged: watch::Sender<usize>,
    refused: watch::Sender<usize>,
    /// Messages as they were acknowledged, in the order sent.
    said: Mutex<Vec<Value>>,
    view: watch::Sender<View>,
}

/// What somebody has in front of them.
#[derive(Clone, Debug, Default)]
struct View {
    epoch: String,
    /// The place of the newest entry they have.
    last: u64,
    messages: BTreeMap<u64, Value>,
    /// How often they had to begin anew.
    resets: usize,
}

impl View {
    fn take(&mut self, message: &Value) {
        self.messages.insert(seq(message), message.clone());
    }

    /// A page in the place of everything there was.
    fn begin(&mut self, answer: &Value) {
        self.messages.clear();
        for message in list(answer, "messages") {
            self.take(message);
        }
        self.last = answer["lastSeq"].as_u64().unwrap();
        answer["epoch"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.epoch);
    }

    /// The next entry of the feed, which is the only one that may come.
    fn go_on(&mut self, event: &Event) {
        let Some(seq) = event.data["seq"].as_u64() else {
            return;
        };
        assert_eq!(seq, self.last + 1, "{event:?}");
        self.last = seq;
        if event.name == "message_received" {
            self.take(&event.data);
        }
    }
}

impl Talker {
    async fn come(person: Person, room: &str) -> Self {
        let socket = person.socket().await;
        let talker = Self {
            person,
            socket,
            room: room.to_owned(),
            acknowledged: watch::Sender::default(),
            refused: watch::Sender::default(),
            said: Mutex::default(),
            view: watch::Sender::default(),
        };
        let joined = talker.socket.call("join_room", json!({ "roomId": room }));
        let joined = ok(joined.await.unwrap());
        talker.view.send_modify(|view| view.begin(&joined));
        talker
    }

    /// Says one thing after the other, each until it is acknowledged.
    async fn talk(self: Arc<Self>, mut enough: watch::Receiver<bool>) {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 1.. {
            let id = format!("{} {number}", self.person.name);
            let sent = json!({ "roomId": self.room, "content": id, "clientId": id });
            let message = loop {
                pace.tick().await;
                let answer = self.socket.call("send_message", sent.clone()).await;
                let answer = answer.unwrap();
                if answer["ok"] == true {
                    break answer["message"].clone();
                }
                refused(&answer, "unavailable");
                self.refused.send_modify(|refused| *refused += 1);
            };
            self.said.lock().unwrap().push(message);
            self.acknowledged.send_replace(number);
            if *enough.borrow_and_update() {
                return;
            }
        }
    }

    /// Follows the room, and begins anew when told to.
    async fn follow(self: Arc<Self>) {
        while let Ok(event) = self.socket.next_event().await {
            if event.name == "room_reset" {
                self.begin_anew().await;
            } else {
                self.view.send_modify(|view| view.go_on(&event));
            }
        }
    }

    async fn begin_anew(&self) {
        let View { last, epoch, .. } = self.view.borrow().clone();
        let asked = json!({ "roomId": self.room, "since": last, "epoch": epoch, "limit": 200 });
        let mut pace = interval(PACE);
        let answer = loop {
            pace.tick().await;
            let answer = self.socket.call("join_room", asked.clone()).await.unwrap();
            if answer["ok"] == true {
                break answer;
            }
            refused(&answer, "unavailable");
        };
        self.view.send_modify(|view| {
            view.resets += 1;
            if answer["reset"] == true {
                view.begin(&answer);
            } else {
                for entry in list(&answer, "changes") {
                    let name = entry["event"].as_str().unwrap().to_owned();
                    let data = entry["data"].clone();
                    view.go_on(&Event { name, data });
                }
            }
        });
    }

    /// Waits until this many more messages were acknowledged.
    async fn gets_through(&self, more: usize) {
        reaches(&self.acknowledged, more).await;
    }

    /// Waits until one more send was refused.
    async fn is_refused(&self) {
        reaches(&self.refused, 1).await;
    }

    /// Waits until what they have in front of them is so.
    async fn sees(&self, is_so: impl FnMut(&View) -> bool) {
        let mut view = self.view.subscribe();
        let seen = timeout(PATIENCE, view.wait_for(is_so)).await;
        seen.expect("the feed goes on").unwrap();
    }
}

async fn reaches(count: &watch::Sender<usize>, more: usize) {
    let mut count = count.subscribe();
    let goal = *count.borrow_and_update() + more;
    let reached = timeout(PATIENCE, count.wait_for(|count| *count >= goal)).await;
    reached.expect("it goes on").unwrap();
}

/// Four people in one room, who talk until it is enough.
struct Company {
    /// Where they are, one after the other.
    servers: Vec<Server>,
    room: String,
    talkers: Vec<Arc<Talker>>,
    talking: JoinSet<()>,
    following: JoinSet<()>,
    enough: watch::Sender<bool>,
}

impl Company {
    async fn at(servers: Vec<Server>) -> Self {
        let mut people = Vec::new();
        for (name, server) in NAMES.iter().zip(servers.iter().cycle()) {
            people.push(server.person(name).await);
        }
        let room = people[0].room("public").await;
        for person in &people[1..] {
            person.join(&room).await;
        }
        let mut company = Self {
            servers,
            room,
            talkers: Vec::new(),
            talking: JoinSet::new(),
            following: JoinSet::new(),
            enough: watch::Sender::new(false),
        };
        for person in people {
            let talker = Arc::new(Talker::come(person, &company.room).await);
            company.talkers.push(Arc::clone(&talker));
        }
        for talker in &company.talkers {
            company.following.spawn(Arc::clone(talker).follow());
            let enough = company.enough.subscribe();
            company.talking.spawn(Arc::clone(talker).talk(enough));
        }
        company
    }

    /// Everybody gets so many more messages through.
    async fn talks(&self, more: usize) {
        let all = self.talkers.iter().map(|talker| talker.gets_through(more));
        futures_util::future::join_all(all).await;
    }

    /// Everybody is refused at least once.
    async fn is_refused(&self) {
        let all = self.talkers.iter().map(|talker| talker.is_refused());
        futures_util::future::join_all(all).await;
    }

    /// Whoever comes while the database is away is not refused, which would keep official clients
    /// away, but told to try again.
    async fn turns_nobody_away(&self) {
        let connecting = Socket::open(&self.talkers[0].person.connect()).await;
        let Err(ClientError::Ended(Ended::Closed { code, .. })) = connecting else {
            panic!("{connecting:?}");
        };
        assert_eq!(code, Some(4005));
    }

    /// Ends the talking; everything that was begun is acknowledged, and everybody has seen it all.
    /// Answers the log.
    async fn ends(&mut self) -> Vec<Value> {
        self.enough.send_replace(true);
        while let Some(ended) = timeout(PATIENCE, self.talking.join_next())
            .await
            .expect("everything is acknowledged in the end")
        {
            ended.unwrap();
        }
        let log = self.log().await;
        for talker in &self.talkers {
            talker.sees(|view| view.last == log.len() as u64).await;
            assert_eq!(talker.socket.has_ended(), None);
        }
        log
    }

    /// The whole log, which has no hole.
    async fn log(&self) -> Vec<Value> {
        let mut log: Vec<Value> = Vec::new();
        loop {
            let since = log.last().map_or(0, seq);
            let path = format!("/api/rooms/{}/changes?since={since}&limit=1000", self.room);
            let page = self.talkers[0].person.read(&path).await;
            log.extend_from_slice(list(&page, "changes"));
            if page["more"] == false {
                break;
            }
        }
        let places: Vec<u64> = log.iter().map(seq).collect();
        assert_eq!(places, (1..=log.len() as u64).collect::<Vec<_>>());
        log
    }

    /// What everybody has in front of them is stored, and nobody saw anybody go.
    fn agrees_with(&self, log: &[Value]) {
        for talker in &self.talkers {
            let view = talker.view.borrow();
            for (place, message) in &view.messages {
                let entry = &log[usize::try_from(*place).unwrap() - 1];
                assert_eq!(entry["data"], *message);
            }
            let goes = |Event { name, data }: &Event| {
                name == "user_left" || (name == "presence_changed" && data["status"] != "online")
            };
            assert_eq!(talker.socket.seen_events().into_iter().find(goes), None);
        }
    }

    /// What was acknowledged is stored once, as acknowledged, and each author's in the order sent.
    fn kept_all(&self, log: &[Value]) {
        self.kept_all_but(&[const { 0..0 }; NAMES.len()], log);
    }

    /// Everybody talks on, nothing is missing, and nobody had to begin anew.
    async fn goes_on_as_if_nothing_had_been(mut self) {
        self.talks(20).await;
        let log = self.ends().await;
        self.agrees_with(&log);
        self.kept_all(&log);
        for talker in &self.talkers {
            assert_eq!(talker.view.borrow().resets, 0, "it is the same history");
        }
        self.servers[0].expect_sound().await;
    }

    /// The same, but of each author's messages in these ranges not all are stored. Answers how many
    /// are not.
    fn kept_all_but(&self, doubtful: &[Range<usize>], log: &[Value]) -> usize {
        let mut lost = 0;
        for (talker, doubtful) in self.talkers.iter().zip(doubtful) {
            let mut before = 0;
            for (number, message) in talker.said.lock().unwrap().iter().enumerate() {
                let copies = stored(log, message);
                if copies.is_empty() && doubtful.contains(&number) {
                    lost += 1;
                    continue;
                }
                assert_eq!(copies.len(), 1, "{message}");
                assert_eq!(copies[0]["data"], *message);
                assert!(seq(message) > before, "{message}");
                before = seq(message);
            }
        }
        lost
    }

    /// Everybody was told to begin anew, and so is who was away meanwhile.
    async fn has_begun_anew_since(&self, before: &View) {
        for talker in &self.talkers {
            talker.sees(|view| view.epoch != before.epoch).await;
        }
        let person = &self.talkers[0].person;
        let back = person.socket().await;
        let place = json!({ "roomId": self.room, "since": before.last, "epoch": before.epoch });
        let resumed = back.call("resume", json!({ "rooms": [place] })).await;
        assert_eq!(ok(resumed.unwrap())["rooms"][0]["reset"], true);
        let path = format!(
            "/api/rooms/{}/changes?since={}&epoch={}",
            self.room, before.last, before.epoch
        );
        problem(&person.rest.get(&path).await.unwrap(), "gone");
    }

    /// How many messages of each were acknowledged.
    fn acknowledged(&self) -> Vec<usize> {
        let count = |talker: &Arc<Talker>| talker.said.lock().unwrap().len();
        self.talkers.iter().map(count).collect()
    }
}

/// The entries of messages with this client id.
fn stored<'a>(log: &'a [Value], message: &Value) -> Vec<&'a Value> {
    let same = |entry: &&Value| entry["data"]["clientId"] == message["clientId"];
    log.iter().filter(same).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_stops_and_crashes_and_nobody_has_to_start_anything_again() {
    let postgres = Arc::new(Fragile::start().await);
    let database = postgres.cluster.fresh_database().await;
    let server = Server::start_with(&[("ROOST_DATABASE_URL", &database)]).await;
    survives_stops_and_crashes(Company::at(vec![server]).await, &postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_stops_and_crashes_under_three_nodes() {
    let postgres = Arc::new(Fragile::start().await);
    let database = postgres.cluster.fresh_database().await;
    let mut cluster = Cluster::on(database, 3, &[]).await;
    let company = Company::at(std::mem::take(&mut cluster.nodes)).await;
    survives_stops_and_crashes(company, &postgres).await;
}

async fn survives_stops_and_crashes(company: Company, postgres: &Arc<Fragile>) {
    for take_down in [Fragile::stop, Fragile::crash, Fragile::stop] {
        company.talks(20).await;
        by_hand(postgres, take_down).await;
        company.is_refused().await;
        company.turns_nobody_away().await;
        by_hand(postgres, Fragile::start_again).await;
    }
    company.goes_on_as_if_nothing_had_been().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_silent_holds_nobody_up_for_long() {
    let database = postgres::fresh_database().await;
    let (database, line) = over_a_line(&database).await;
    let server = Server::start_with(&[("ROOST_DATABASE_URL", &database)]).await;
    let company = Company::at(vec![server]).await;
    company.talks(20).await;
    line.fall_silent();
    company.is_refused().await;
    line.mend();
    company.goes_on_as_if_nothing_had_been().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_back_right_after_a_restore_is_told_to_begin_anew() {
    let database = postgres::fresh_database().await;
    let server = Server::start_with(&[("ROOST_DATABASE_URL", &database)]).await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let room = ada.room("public").await;
    bob.join(&room).await;
    let here = ada.socket().await;
    let join = json!({ "roomId": room });
    let before = ok(here.call("join_room", join).await.unwrap());
    for number in 0..10 {
        ada.say(&room, &format!("number {number}")).await;
    }
    // As after any restore, no connection to the database is left.
    for statement in [
        "UPDATE meta SET value = 'restored' WHERE key = 'epoch'",
        "SELECT pg_terminate_backend(pid)
         FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    ] {
        server.spoil(statement).await;
    }

    let coming_back = async {
        let back = loop {
            if let Ok(socket) = Socket::open(&bob.connect()).await {
                break socket;
            }
        };
        let since = json!({ "roomId": room, "since": 5, "epoch": before["epoch"] });
        loop {
            let answer = back.call("join_room", since.clone()).await.unwrap();
            if answer["ok"] == true {
                break answer;
            }
            refused(&answer, "unavailable");
        }
    };
    let joined = timeout(PATIENCE, coming_back).await;
    let joined = joined.expect("the server goes on by itself");
    assert_eq!(joined["reset"], true);
    assert_ne!(joined["epoch"], before["epoch"]);
    let reset = here.expect_event("room_reset").await.unwrap();
    assert_eq!(reset["roomId"], room.as_str());
    server.expect_sound().await;
}

/// The URL of a database by way of a line, and that line.
async fn over_a_line(database: &str) -> (String, Line) {
    let (server, name) = database.rsplit_once('/').unwrap();
    let (server, port) = server.rsplit_once(':').unwrap();
    let line = Line::to(port.parse().unwrap()).await;
    (format!("{server}:{}/{name}", line.port()), line)
}

/// A server on a database that a standby can take over.
struct Pair {
    company: Company,
    line: Line,
    standby: Arc<Standby>,
    postgres: Arc<Fragile>,
}

impl Pair {
    async fn start() -> Self {
        let postgres = Arc::new(Fragile::start().await);
        let database = postgres.cluster.fresh_database().await;
        let standby = Arc::new(Standby::of(&postgres).await);
        let (database, line) = over_a_line(&database).await;
        let server = Server::start_with(&[("ROOST_DATABASE_URL", &database)]).await;
        Self {
            company: Company::at(vec![server]).await,
            line,
            standby,
            postgres,
        }
    }

    /// The first server crashes; from then on nothing is acknowledged.
    async fn crash(&self) {
        by_hand(&self.postgres, Fragile::crash).await;
        self.company.is_refused().await;
    }

    /// The standby takes its address, and its place a little later.
    async fn fail_over(&self) {
        self.line.lead_to(self.standby.port);
        self.company.is_refused().await;
        by_hand(&self.standby, Standby::take_over).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_has_everything_takes_over_and_nothing_is_lost() {
    let mut pair = Pair::start().await;
    pair.standby.keep_up().await;
    pair.company.talks(20).await;
    let before = pair.company.talkers[0].view.borrow().clone();
    pair.crash().await;
    pair.fail_over().await;
    pair.company.talks(20).await;
    pair.company.has_begun_anew_since(&before).await;
    let log = pair.company.ends().await;
    pair.company.agrees_with(&log);
    pair.company.kept_all(&log);
    pair.company.servers[0].expect_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_lacks_the_newest_takes_over_and_everybody_forgets_what_is_lost() {
    let mut pair = Pair::start().await;
    pair.company.talks(20).await;
    let kept = pair.company.acknowledged();
    pair.standby.catch_up().await;
    pair.standby.fall_behind().await;
    pair.company.talks(20).await;
    let before = pair.company.talkers[0].view.borrow().clone();
    pair.crash().await;
    let said = pair.company.acknowledged();
    pair.fail_over().await;
    // More than were lost, so that places mean something else now.
    pair.company.talks(40).await;
    pair.company.has_begun_anew_since(&before).await;
    let log = pair.company.ends().await;
    pair.company.agrees_with(&log);
    let doubtful = kept.into_iter().zip(said);
    let doubtful: Vec<_> = doubtful.map(|(kept, said)| kept..said).collect();
    let lost = pair.company.kept_all_but(&doubtful, &log);
    assert!(lost >= 80, "the standby lacked what was said last: {lost}");
    pair.company.servers[0].expect_sound().await;
}

/// Does something to a server of PostgreSQL, which takes a while.
async fn by_hand<T: Send + Sync + 'static>(postgres: &Arc<T>, action: fn(&T)) {
    let postgres = Arc::clone(postgres);
    let done = tokio::task::spawn_blocking(move || action(&postgres)).await;
    done.unwrap();
}
