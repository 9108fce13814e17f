//! People on three nodes, while what stands between the nodes breaks.

use crate::support::cluster::Cluster;
use crate::support::expect::{ok, seq, status};
use crate::support::people::Person;
use loadtest::client::{Ended, Event, Socket};
use roost::bus::Word;
use roost::models::RoomId;
use serde_json::{Value, json};
use std::time::Duration;

/// Leases that run out within a story: that of a node, and after five times as long that of what it
/// held.
const SHORT_LEASES: [(&str, &str); 1] = [("ROOST_PRESENCE_NODE_LEASE", "6s")];
const ALL_LEASES: Duration = Duration::from_secs(30);

/// Somebody who follows a room from one node.
struct Guest {
    person: Person,
    socket: Socket,
    /// Where the room's log stood when they came.
    since: u64,
}

impl Guest {
    /// `person` at the node with this number.
    async fn at(cluster: &Cluster, node: usize, person: &Person, room: &str) -> Self {
        let person = person.at(&cluster.nodes[node]);
        let socket = person.socket().await;
        let joined = socket.call("join_room", json!({ "roomId": room })).await;
        let since = ok(joined.unwrap())["lastSeq"].as_u64().unwrap();
        Self {
            person,
            socket,
            since,
        }
    }

    /// Sends through the socket, and waits until it is acknowledged; its place.
    async fn say(&self, room: &str, content: &str) -> u64 {
        let sent = json!({ "roomId": room, "content": content });
        let answer = ok(self.socket.call("send_message", sent).await.unwrap());
        seq(&answer["message"])
    }

    /// Waits for the entry at this place; everything up to it came in order, once.
    async fn hears_all_up_to(&self, last: u64) {
        let is_last = |message: &Value| message["seq"] == last;
        self.socket
            .expect_where("message_received", is_last)
            .await
            .unwrap();
        let expected: Vec<u64> = (self.since + 1..=last).collect();
        assert_eq!(self.heard(), expected);
    }

    /// The places of all entries that came.
    fn heard(&self) -> Vec<u64> {
        let events = self.socket.seen_events().into_iter();
        events
            .filter_map(|event| event.data["seq"].as_u64())
            .collect()
    }

    /// Whether somebody was shown to leave or to be offline.
    fn saw_go(&self, person: &Person) -> bool {
        self.socket.seen_events().iter().any(|event| {
            let Event { name, data } = event;
            (name == "user_left" && data["user"]["id"] == person.id)
                || (name == "presence_changed" && is_of(person, "offline")(data))
        })
    }

    async fn sees_here(&self, coming_or_going: &str, person: &Person) {
        let is_them = |event: &Value| event["user"]["id"] == person.id.as_str();
        self.socket
            .expect_where(coming_or_going, is_them)
            .await
            .unwrap();
    }

    async fn sees(&self, person: &Person, status: &'static str) {
        self.socket
            .expect_where("presence_changed", is_of(person, status))
            .await
            .unwrap();
    }
}

fn is_of(person: &Person, status: &'static str) -> impl Fn(&Value) -> bool {
    let id = person.id.clone();
    move |presence| presence["userId"] == id.as_str() && presence["status"] == status
}

/// Ada, Bob and Cleo, each at a node of their own, in one room of Ada's.
async fn three(cluster: &Cluster, kind: &str) -> (String, [Guest; 3]) {
    let ada = cluster.nodes[0].person("ada").await;
    let bob = cluster.nodes[0].person("bob").await;
    let cleo = cluster.nodes[0].person("cleo").await;
    let room = ada.room(kind).await;
    for other in [&bob, &cleo] {
        if kind == "private" {
            ada.add(&room, other).await;
        } else {
            other.join(&room).await;
        }
    }
    let guests = [
        Guest::at(cluster, 0, &ada, &room).await,
        Guest::at(cluster, 1, &bob, &room).await,
        Guest::at(cluster, 2, &cleo, &room).await,
    ];
    // All see all: what is told later is a change.
    for guest in &guests {
        for other in &guests {
            while !is_seen(&guest.person, &room, &other.person).await {
                tokio::task::yield_now().await;
            }
        }
    }
    (room, guests)
}

async fn is_seen(viewer: &Person, room: &str, person: &Person) -> bool {
    let members = viewer.read(&format!("/api/rooms/{room}/members")).await;
    let members = members["members"].as_array().unwrap();
    members.iter().any(|member| {
        member["user"]["id"] == person.id.as_str()
            && member["here"] == true
            && member["presence"]["status"] == "online"
    })
}

/// Everybody says something, and everybody hears it.
async fn all_talk(room: &str, guests: &[Guest]) {
    let mut last = 0;
    for guest in guests {
        for number in 0..5 {
            last = guest.say(room, &format!("number {number}")).await;
        }
    }
    for guest in guests {
        guest.hears_all_up_to(last).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_hears_everything_in_the_same_order_whatever_node_it_came_from() {
    let cluster = Cluster::start(3).await;
    let (room, guests) = three(&cluster, "public").await;
    let mut pending = Vec::new();
    for number in 0..50 {
        for guest in &guests {
            let sent = json!({ "roomId": room, "content": format!("number {number}") });
            let sending = guest.socket.send_call("send_message", sent).await;
            pending.push(sending.unwrap());
        }
    }
    let mut last = 0;
    for answer in pending {
        last = last.max(seq(&ok(answer.answer().await.unwrap())["message"]));
    }
    for guest in &guests {
        guest.hears_all_up_to(last).await;
        let messages = guest.socket.seen_events().into_iter();
        let messages: Vec<Value> = messages
            .filter(|event| event.name == "message_received")
            .map(|event| event.data)
            .collect();
        assert_eq!(messages, guest.person.history(&room).await[..]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_read_markers_and_new_rooms_travel() {
    let cluster = Cluster::start(3).await;
    let (room, [ada, bob, cleo]) = three(&cluster, "public").await;
    let typing = json!({ "roomId": room });
    ok(ada.socket.call("start_typing", typing).await.unwrap());
    let is_ada = |event: &Value| event["userId"] == ada.person.id.as_str();
    for other in [&bob, &cleo] {
        let typing = other.socket.expect_where("user_typing", is_ada).await;
        assert_eq!(typing.unwrap()["roomId"], room.as_str());
    }

    let said = ada.person.say(&room, "read this").await;
    let elsewhere = bob.person.at(&cluster.nodes[2]).socket().await;
    let mark = json!({ "roomId": room, "messageId": said["id"] });
    ok(bob.socket.call("mark_read", mark).await.unwrap());
    let marked = elsewhere.expect_event("read_marked").await.unwrap();
    assert_eq!(marked["lastReadSeq"], said["seq"]);

    let private = ada.person.room("private").await;
    ada.person.add(&private, &bob.person).await;
    for socket in [&bob.socket, &elsewhere] {
        let added = socket.expect_event("room_added").await.unwrap();
        assert_eq!(added["room"]["id"], private.as_str());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_everything_is_delivered_and_nobody_is_shown_to_leave() {
    let mut cluster = Cluster::start(3).await;
    let (room, guests) = three(&cluster, "public").await;
    let [ada, bob, cleo] = &guests;
    cluster.redis.kill().await;
    ada.sees(&bob.person, "unknown").await;
    all_talk(&room, &guests).await;
    // Also what is in no log.
    let private = ada.person.room("private").await;
    ada.person.add(&private, &bob.person).await;
    let added = bob.socket.expect_event("room_added").await.unwrap();
    assert_eq!(added["room"]["id"], private.as_str());

    cluster.redis.start_again().await;
    ada.sees(&bob.person, "online").await;
    cleo.sees(&ada.person, "online").await;
    all_talk(&room, &guests).await;
    for guest in &guests {
        for other in &guests {
            assert!(!guest.saw_go(&other.person));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_stands_still_for_longer_than_every_lease_takes_nobody_away() {
    let cluster = Cluster::start_with(3, &SHORT_LEASES).await;
    let (room, guests) = three(&cluster, "public").await;
    let [ada, bob, _] = &guests;
    cluster.redis.pause();
    all_talk(&room, &guests).await;
    ada.sees(&bob.person, "unknown").await;
    // Leases have to run out, whoever looks.
    tokio::time::sleep(ALL_LEASES).await;
    all_talk(&room, &guests).await;
    cluster.redis.resume();
    for guest in &guests {
        for other in &guests {
            if guest.person.id != other.person.id {
                guest.sees(&other.person, "online").await;
            }
        }
    }
    all_talk(&room, &guests).await;
    for guest in &guests {
        for other in &guests {
            assert!(!guest.saw_go(&other.person));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_stored_and_did_not_tell_before_it_died_is_delivered() {
    let mut cluster = Cluster::start(3).await;
    let (room, [ada, bob, cleo]) = three(&cluster, "public").await;
    // What it tells the others from now on is lost; they do not know that.
    cluster.lines[0].cut();
    let last = ada.say(&room, "my last word").await;
    cluster.kill(0).await;
    bob.hears_all_up_to(last).await;
    cleo.hears_all_up_to(last).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_redis_does_not_reach_hears_and_is_heard() {
    let cluster = Cluster::start(3).await;
    let (room, guests) = three(&cluster, "public").await;
    cluster.lines[1].cut();
    all_talk(&room, &guests).await;
    cluster.lines[1].mend();
    all_talk(&room, &guests).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_people_of_a_killed_node_are_offline_unless_they_came_elsewhere() {
    let mut cluster = Cluster::start_with(3, &SHORT_LEASES).await;
    let (room, [ada, bob, cleo]) = three(&cluster, "public").await;
    let dan = cluster.nodes[0].person("dan").await;
    dan.join(&room).await;
    let dan = Guest::at(&cluster, 2, &dan, &room).await;
    for guest in [&ada, &bob] {
        guest.sees_here("user_joined", &dan.person).await;
    }
    cluster.kill(2).await;
    assert_ne!(cleo.socket.ended().await.unwrap(), Ended::Disconnected);
    let back = Guest::at(&cluster, 1, &cleo.person, &room).await;
    for guest in [&ada, &bob] {
        guest.sees(&dan.person, "offline").await;
        guest.sees_here("user_left", &dan.person).await;
        assert!(!guest.saw_go(&back.person));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_member_hears_nothing_more_on_any_node() {
    let cluster = Cluster::start(3).await;
    let (room, [ada, bob, cleo]) = three(&cluster, "private").await;
    remove(&ada.person, &bob, &cleo, &room).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_member_hears_nothing_more_without_redis_either() {
    let mut cluster = Cluster::start(3).await;
    cluster.redis.kill().await;
    let ada = cluster.nodes[0].person("ada").await;
    let bob = cluster.nodes[0].person("bob").await;
    let cleo = cluster.nodes[0].person("cleo").await;
    let room = ada.room("private").await;
    for other in [&bob, &cleo] {
        ada.add(&room, other).await;
    }
    let bob = Guest::at(&cluster, 1, &bob, &room).await;
    let cleo = Guest::at(&cluster, 1, &cleo, &room).await;
    remove(&ada, &bob, &cleo, &room).await;
}

/// The owner removes somebody, and says something that the other member hears and they do not.
async fn remove(owner: &Person, bob: &Guest, cleo: &Guest, room: &str) {
    let path = format!("/api/rooms/{room}/members/{}", bob.person.id);
    status(&owner.rest.delete(&path).await.unwrap(), 204);
    let said = owner.say(room, "among ourselves").await;
    let gone = bob.socket.expect_event("room_removed").await.unwrap();
    assert_eq!(gone["roomId"], room);
    cleo.hears_all_up_to(seq(&said)).await;
    let last = bob.heard().last().copied().unwrap_or_default();
    assert!(last < seq(&said) - 1, "the removal itself is not theirs");
    let back = bob
        .socket
        .call("join_room", json!({ "roomId": room }))
        .await;
    assert_eq!(back.unwrap()["error"]["code"], "not_found");
}

/// Told late by a node that has not noticed that the database went back, say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_of_another_history_takes_the_place_of_no_message() {
    let cluster = Cluster::start(3).await;
    let (room, [ada, bob, _cleo]) = three(&cluster, "public").await;
    let last = ada.say(&room, "before").await;
    bob.hears_all_up_to(last).await;
    let stranger = super::bus::join(&cluster.redis.url()).await;
    let never = json!({ "roomId": room, "seq": last + 1, "content": "never stored" });
    stranger.tell(Word::Entry {
        epoch: "another".to_owned(),
        room: RoomId::parse(&room).unwrap(),
        seq: last + 1,
        packet: Some(format!("42{}", json!(["message_received", never]))),
        removed: None,
    });
    stranger.flush().await;
    let next = ada.say(&room, "after").await;
    assert_eq!(next, last + 1);
    bob.hears_all_up_to(next).await;
    let heard = bob.socket.seen_events();
    assert_eq!(heard.last().unwrap().data["content"], "after");
}

/// Between two looks of their node at what is theirs, so that it sees no difference.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_a_room_and_has_it_again_is_told() {
    let mut cluster = Cluster::start(2).await;
    cluster.redis.kill().await;
    let ada = cluster.nodes[0].person("ada").await;
    let bob = cluster.nodes[0].person("bob").await;
    let room = ada.room("private").await;
    ada.add(&room, &bob).await;
    let socket = bob.at(&cluster.nodes[1]).socket().await;
    let path = format!("/api/rooms/{room}/members/{}", bob.id);
    status(&ada.rest.delete(&path).await.unwrap(), 204);
    let refused = socket.call("join_room", json!({ "roomId": room })).await;
    assert_eq!(refused.unwrap()["error"]["code"], "not_found");
    ada.add(&room, &bob).await;
    let again = socket.expect_event("room_added").await.unwrap();
    assert_eq!(again["room"]["id"], room);
    let told = socket.seen_events().into_iter().map(|event| event.name);
    let told: Vec<String> = told.filter(|name| name.starts_with("room_")).collect();
    assert_eq!(told, ["room_removed", "room_added"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_ends_on_every_node() {
    let cluster = Cluster::start(3).await;
    revoked(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_ends_on_every_node_without_redis_either() {
    let mut cluster = Cluster::start(3).await;
    cluster.redis.kill().await;
    revoked(&cluster).await;
}

async fn revoked(cluster: &Cluster) {
    let ada = cluster.nodes[0].person("ada").await;
    let phone = ada.log_in_again(&cluster.nodes[1]).await;
    let lost = phone.socket().await;
    let lost_too = phone.at(&cluster.nodes[2]).socket().await;
    let kept = ada.at(&cluster.nodes[2]).socket().await;
    status(
        &phone
            .at(&cluster.nodes[0])
            .rest
            .post("/api/auth/logout", &json!({}))
            .await
            .unwrap(),
        204,
    );
    for socket in [&lost, &lost_too] {
        socket.expect_event("session_revoked").await.unwrap();
        assert_eq!(socket.ended().await.unwrap(), Ended::Disconnected);
    }
    assert_eq!(kept.has_ended(), None, "another session");
}
