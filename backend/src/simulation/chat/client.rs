//! A client, as `docs/protocol` asks it to be: it keeps its place in each room, comes back with it,
//! joins again when it is told to, and sends again what was not acknowledged.

use super::database::{number, owner, people, rooms};
use super::judge::{Place, Views};
use super::node::Node;
use super::world::{Mood, World};
use crate::models::{RoomId, UserId};
use crate::simulation::Dice;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Between two doings, at most.
const IDLE: Duration = Duration::from_secs(3);

pub(super) struct Client {
    world: Arc<World>,
    user: UserId,
    dice: Dice,
    views: Arc<Mutex<Views>>,
    /// What the next acknowledgements are about.
    asked: BTreeMap<u64, Asked>,
    questions: u64,
}

enum Asked {
    /// To follow these rooms, from the places it has there.
    Rooms(BTreeMap<RoomId, Option<Place>>),
    Leave(RoomId),
    Send(String),
}

/// The connection has ended.
struct Over;

impl Client {
    pub(super) fn new(world: &Arc<World>, user: UserId, client: u64) -> Self {
        Self {
            world: Arc::clone(world),
            user,
            dice: Dice::of(world.seed, 100 + client),
            views: world.judge.watch(client, user),
            asked: BTreeMap::new(),
            questions: 0,
        }
    }

    pub(super) async fn live(mut self) {
        loop {
            if let Some(node) = self.world.pick_node(&mut self.dice) {
                if let Some(session) = self.connect(&node).await {
                    let Err(Over) = self.talk(&node, &session).await;
                }
                self.views.lock().unwrap().disconnected(&self.world);
                self.asked.clear();
            }
            let stays_away = self.dice.one_in(3) && self.world.mood() == Mood::Lively;
            let most = if stays_away { IDLE * 3 } else { IDLE / 4 };
            let pause = self.dice.span(Duration::from_millis(20), most);
            sleep(pause).await;
        }
    }

    // ── Connecting ─────────────────────────────────────────────────────────────

    /// The query that names the session.
    async fn connect(&mut self, node: &Node) -> Option<String> {
        let opened = node.answer(Method::GET, "", String::new()).await?;
        let opened: Value = serde_json::from_slice(opened.strip_prefix(b"0")?).ok()?;
        let session = format!("&sid={}", opened["sid"].as_str()?);
        let token = self.world.database().token(self.user);
        let connect = format!("40{}", json!({ "token": token }));
        node.answer(Method::POST, &session, connect).await?;
        let answer = node.answer(Method::GET, &session, String::new()).await?;
        if !answer.starts_with(b"40") {
            return None;
        }
        self.views
            .lock()
            .unwrap()
            .connected(&self.world, node.pulse.number);
        // What comes with the acceptance is read like everything else.
        self.read(&answer);
        self.come_back(node, &session).await.ok()?;
        Some(session)
    }

    /// Takes all rooms up again, and sends again what was not acknowledged.
    async fn come_back(&mut self, node: &Node, session: &str) -> Result<(), Over> {
        let places: BTreeMap<_, _> = {
            let mut views = self.views.lock().unwrap();
            rooms().map(|room| (room, views.asks(room))).collect()
        };
        let all = places.iter().map(|(room, place)| match place {
            Some((epoch, seq)) => json!({ "roomId": room, "since": seq, "epoch": epoch }),
            None => json!({ "roomId": room, "since": 0 }),
        });
        let resume = json!(["resume", { "rooms": all.collect::<Vec<_>>() }]);
        self.ask(node, session, Asked::Rooms(places), &resume)
            .await?;
        self.send_again(node, session).await
    }

    /// Sends again what was not acknowledged, and is not on its way.
    async fn send_again(&mut self, node: &Node, session: &str) -> Result<(), Over> {
        let unsent = self.views.lock().unwrap().unsent();
        for (name, room) in unsent {
            let mut asked = self.asked.values();
            if !asked.any(|asked| matches!(asked, Asked::Send(sent) if *sent == name)) {
                self.send(node, session, name, room).await?;
            }
        }
        Ok(())
    }

    // ── Talking ────────────────────────────────────────────────────────────────

    async fn talk(&mut self, node: &Node, session: &str) -> Result<std::convert::Infallible, Over> {
        let mut poll = Box::pin(node.answer(Method::GET, session, String::new()));
        let mut next = Instant::now();
        loop {
            tokio::select! {
                biased;
                answer = &mut poll => {
                    self.read(&answer.ok_or(Over)?);
                    // Mostly at once; a slow reader takes its time.
                    let lively = self.world.mood() == Mood::Lively;
                    let pause = match self.dice.roll(12) {
                        0 if lively => self.dice.span(Duration::ZERO, IDLE * 3),
                        1..4 => self.dice.span(Duration::ZERO, IDLE / 20),
                        _ => Duration::ZERO,
                    };
                    sleep(pause).await;
                    poll = Box::pin(node.answer(Method::GET, session, String::new()));
                }
                () = sleep_until(next) => {
                    next = Instant::now() + self.dice.span(Duration::from_millis(1), IDLE);
                    self.act(node, session).await?;
                }
            }
        }
    }

    async fn act(&mut self, node: &Node, session: &str) -> Result<(), Over> {
        let due = self.views.lock().unwrap().to_join(self.world.mood());
        for room in due {
            self.join(node, session, room).await?;
        }
        self.send_again(node, session).await?;
        if self.world.mood() != Mood::Lively {
            return Ok(());
        }
        let room = self
            .dice
            .pick(&rooms().collect::<Vec<_>>())
            .expect("there are two");
        match self.dice.roll(16) {
            0 => Err(Over),
            1 => {
                self.views.lock().unwrap().leaves(room);
                let leave = json!(["leave_room", { "roomId": room }]);
                self.ask(node, session, Asked::Leave(room), &leave).await
            }
            2 | 3 => self.join(node, session, room).await,
            _ => {
                for _ in 0..=self.dice.roll(4) {
                    let name = format!("{}", self.world.next_sent());
                    self.send(node, session, name, room).await?;
                }
                Ok(())
            }
        }
    }

    async fn join(&mut self, node: &Node, session: &str, room: RoomId) -> Result<(), Over> {
        let anew = self.dice.one_in(4);
        let place = self.views.lock().unwrap().asks(room).filter(|_| !anew);
        let join = match &place {
            Some((epoch, seq)) => json!({ "roomId": room, "since": seq, "epoch": epoch }),
            None => json!({ "roomId": room, "limit": 1 }),
        };
        let join = json!(["join_room", join]);
        self.ask(
            node,
            session,
            Asked::Rooms(BTreeMap::from([(room, place)])),
            &join,
        )
        .await
    }

    async fn send(
        &mut self,
        node: &Node,
        session: &str,
        name: String,
        room: RoomId,
    ) -> Result<(), Over> {
        let content = self.views.lock().unwrap().sends(name.clone(), room);
        let send =
            json!(["send_message", { "roomId": room, "content": content, "clientId": name }]);
        self.ask(node, session, Asked::Send(name), &send).await
    }

    async fn ask(
        &mut self,
        node: &Node,
        session: &str,
        asked: Asked,
        event: &Value,
    ) -> Result<(), Over> {
        let views = Arc::clone(&self.views);
        let judge = &self.world.judge;
        judge.note(|| format!("{} asks {event}", views.lock().unwrap()));
        self.questions += 1;
        self.asked.insert(self.questions, asked);
        let event = format!("42{}{event}", self.questions);
        node.answer(Method::POST, session, event)
            .await
            .ok_or(Over)?;
        Ok(())
    }

    // ── Reading ────────────────────────────────────────────────────────────────

    fn read(&mut self, payload: &[u8]) {
        let text = str::from_utf8(payload).expect("packets are text");
        for packet in text.split('\x1e') {
            if let Some(event) = packet.strip_prefix("42") {
                let event: Value = serde_json::from_str(event).expect("an event is JSON");
                let name = event[0].as_str().expect("an event has a name");
                self.views
                    .lock()
                    .unwrap()
                    .heard(&self.world, name, &event[1]);
            } else if let Some(answer) = packet.strip_prefix("43") {
                let at = answer.find('[').expect("an acknowledgement has a payload");
                let id: u64 = answer[..at].parse().expect("it was asked with a number");
                let answer: Value = serde_json::from_str(&answer[at..]).expect("it is JSON");
                self.acknowledged(id, &answer[0]);
            }
        }
    }

    fn acknowledged(&mut self, id: u64, answer: &Value) {
        let asked = self.asked.remove(&id).expect("it was asked once");
        // Events are handled in order: what is left was asked for later.
        let leaves = |room: RoomId| {
            let mut later = self.asked.values();
            later.any(|asked| matches!(asked, Asked::Leave(left) if *left == room))
        };
        let mut views = self.views.lock().unwrap();
        match asked {
            Asked::Rooms(places) => {
                // One answer for all, or one for each in the order asked.
                let outcomes = answer["rooms"].as_array();
                for (at, (room, place)) in places.into_iter().enumerate() {
                    let outcome = outcomes.map_or(answer, |outcomes| &outcomes[at]);
                    views.joined(&self.world, room, place, outcome);
                    if leaves(room) {
                        views.leaves(room);
                    }
                }
            }
            Asked::Send(name) => views.sent(&self.world, &name, answer),
            Asked::Leave(_) => {}
        }
    }
}

/// Takes memberships away and gives them again, on any node.
pub(super) async fn govern(world: Arc<World>) {
    let mut dice = Dice::of(world.seed, 50);
    loop {
        let pause = dice.span(Duration::from_millis(500), IDLE * 2);
        sleep(pause).await;
        if world.mood() != Mood::Lively {
            world.until_lively().await;
        }
        let Some(node) = world.pick_node(&mut dice) else {
            continue;
        };
        let others: Vec<UserId> = people().filter(|user| *user != owner()).collect();
        let user = dice.pick(&others).expect("there are some");
        let room = dice
            .pick(&rooms().collect::<Vec<_>>())
            .expect("there are two");
        let token = world.database().token(owner());
        let governed = async {
            let caller = node.chat.authenticate(&token).await?;
            let member = node.chat.member(&caller, room).await?;
            let is_member = world.database().role(room, user).is_some();
            world.judge.note(|| {
                let (node, user) = (node.pulse.number, number(user));
                format!("node {node}: user {user} is to be removed: {is_member}, in {room}")
            });
            if is_member {
                node.chat.remove_member(member, user).await
            } else {
                let people = [user.to_string()];
                node.chat.add_members(member, &people).await.map(|_| ())
            }
        };
        // It may crash meanwhile, and be refused.
        let life = node.pulse.life();
        let _ = life.run_until_cancelled(governed).await;
    }
}
