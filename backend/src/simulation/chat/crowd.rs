//! Thousands who come at once, and how little the database is asked for them.

use super::database::{people, rooms};
use super::node::Node;
use super::world::{Mood, World};
use bytes::Bytes;
use futures_util::future::join_all;
use http::Method;
use realtime::CloseReason;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Connections at once; each follows both rooms.
const CROWD: usize = 2_000;
/// Questions to the database for all of them.
const FEW: u64 = 60;
/// Messages in each room while nobody is there.
const MISSED: usize = 5;

/// A connection of one of the people.
struct Visit {
    node: Arc<Node>,
    session: String,
}

impl Visit {
    async fn begin(world: &World, node: &Arc<Node>, number: usize) -> Self {
        let user = people().nth(number % people().count()).unwrap();
        let token = world.database().token(user);
        let opened = node.answer(Method::GET, "", String::new()).await.unwrap();
        let opened: Value = serde_json::from_slice(&opened[1..]).unwrap();
        let visit = Self {
            session: format!("&sid={}", opened["sid"].as_str().unwrap()),
            node: Arc::clone(node),
        };
        visit.say(format!("40{}", json!({ "token": token }))).await;
        assert!(visit.hear().await.starts_with(b"40"));
        visit
    }

    async fn say(&self, packet: String) {
        let said = self.node.answer(Method::POST, &self.session, packet).await;
        said.expect("the node lives");
    }

    async fn hear(&self) -> Bytes {
        let heard = self.node.answer(Method::GET, &self.session, String::new());
        heard.await.expect("the node lives")
    }

    /// The answer to an event.
    async fn ask(&self, event: Value) -> Value {
        self.say(format!("420{event}")).await;
        loop {
            let heard = String::from_utf8(self.hear().await.to_vec()).unwrap();
            let mut packets = heard.split('\x1e');
            if let Some(answer) = packets.find_map(|packet| packet.strip_prefix("430")) {
                let mut answer: Value = serde_json::from_str(answer).unwrap();
                return answer[0].take();
            }
        }
    }

    /// Takes up both rooms from this place.
    async fn resume(&self, epoch: &str, since: u64) -> Value {
        let rooms = rooms().map(|room| json!({ "roomId": room, "since": since, "epoch": epoch }));
        let rooms: Vec<_> = rooms.collect();
        self.ask(json!(["resume", { "rooms": rooms }])).await
    }
}

/// What all of them are answered who come at once, and how many questions that took.
async fn crowd(world: &Arc<World>, node: &Arc<Node>, since: u64) -> (Vec<Value>, u64) {
    let epoch = world.database().epoch();
    let before = world.questions();
    let visits = (0..CROWD).map(async |number| {
        let visit = Visit::begin(world, node, number).await;
        visit.resume(&epoch, since).await
    });
    let answers = join_all(visits).await;
    (answers, world.questions() - before)
}

/// The places of what was missed in each room.
fn places(answer: &Value) -> Vec<Vec<u64>> {
    let rooms = answer["rooms"].as_array().unwrap();
    let places = rooms.iter().map(|room| {
        assert_eq!(room["reset"], false, "{room}");
        let changes = room["changes"].as_array().unwrap();
        let places: Vec<u64> = changes
            .iter()
            .map(|change| {
                assert_eq!(change["event"], "message_received");
                assert_eq!(change["data"]["seq"], change["seq"]);
                change["seq"].as_u64().unwrap()
            })
            .collect();
        assert_eq!(room["lastSeq"], room["room"]["lastSeq"]);
        places
    });
    places.collect()
}

#[test]
fn a_crowd_that_comes_back_is_caught_up_from_memory() {
    crate::simulation::in_a_time_of_its_own(async {
        let world = World::new(1, false);
        world.set_mood(Mood::Still);
        let node = Node::start(&world).await.unwrap();
        let since = people().count() as u64;

        let (answers, questions) = crowd(&world, &node, since).await;
        assert!(questions <= FEW, "{questions} questions for those who come");
        let nothing: Vec<Vec<u64>> = vec![vec![]; rooms().count()];
        assert!(answers.iter().all(|answer| places(answer) == nothing));

        node.engine.close_all(CloseReason::Kicked);
        let visit = Visit::begin(&world, &node, 0).await;
        for room in rooms() {
            for n in 0..MISSED {
                let said = json!({ "roomId": room, "content": format!("{n}") });
                let said = visit.ask(json!(["send_message", said])).await;
                assert_eq!(said["ok"], true, "{said}");
            }
        }

        let (answers, questions) = crowd(&world, &node, since).await;
        assert!(
            questions <= FEW,
            "{questions} questions for those who are back"
        );
        let missed: Vec<u64> = (since + 1..).take(MISSED).collect();
        let missed = vec![missed; rooms().count()];
        assert!(answers.iter().all(|answer| places(answer) == missed));
    });
}

#[test]
fn a_room_that_nobody_comes_back_to_is_let_go_after_a_while() {
    crate::simulation::in_a_time_of_its_own(async {
        let world = World::new(2, false);
        world.set_mood(Mood::Still);
        let node = Node::start(&world).await.unwrap();
        let visit = Visit::begin(&world, &node, 0).await;
        let epoch = world.database().epoch();
        visit.resume(&epoch, 0).await;
        node.engine.close_all(CloseReason::Kicked);

        sleep(Duration::from_secs(45)).await;
        assert_eq!(node.engine.topics().ids().len(), rooms().count(), "kept");
        sleep(Duration::from_secs(45)).await;
        assert!(node.engine.topics().ids().is_empty(), "let go");
    });
}
