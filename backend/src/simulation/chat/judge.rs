//! What every client is given, and what it must never be given.

use super::database::{number, rooms};
use super::world::{Mood, World};
use crate::models::{Change, Entry, RoomId, UserId};
use crate::simulation::Chronicle;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

#[derive(Debug)]
pub(super) struct Judge {
    pub(super) chronicle: Chronicle,
    clients: Mutex<Vec<Arc<Mutex<Views>>>>,
}

/// A history, and the last entry of it that a client was given.
pub(super) type Place = (String, u64);

/// What one client has.
#[derive(Debug)]
pub(super) struct Views {
    client: u64,
    user: UserId,
    /// The node it is connected to.
    node: Option<u64>,
    connections: u64,
    contents: u64,
    /// What it has sent and was not told of: the room, by the message's own name.
    unsent: BTreeMap<String, RoomId>,
    rooms: BTreeMap<RoomId, View>,
}

/// What it has of a room.
#[derive(Clone, Debug, Default)]
struct View {
    place: Option<Place>,
    following: Following,
    /// It believes that it may.
    wanted: bool,
    /// It has heard that it may since it last asked: a refusal is then about what was before.
    invited: bool,
    /// It was given something of another history, and must be told to start over.
    tainted: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Following {
    #[default]
    No,
    /// Since the answer that ended with this entry.
    Since(u64),
    /// It has said that it leaves; what still comes is not looked at.
    Left,
}

impl Judge {
    pub(super) fn new(written: bool) -> Self {
        Self {
            chronicle: Chronicle::new(written),
            clients: Mutex::default(),
        }
    }

    /// Writes down what happens.
    pub(super) fn note(&self, what: impl FnOnce() -> String) {
        self.chronicle.note(what);
    }

    /// Something is wrong.
    pub(super) fn find(&self, fault: String) {
        self.chronicle.find(fault);
    }

    /// Looks at a new client.
    pub(super) fn watch(&self, client: u64, user: UserId) -> Arc<Mutex<Views>> {
        let views = Arc::new(Mutex::new(Views {
            client,
            user,
            node: None,
            connections: 0,
            contents: 0,
            unsent: BTreeMap::new(),
            rooms: rooms().map(|room| (room, View::default())).collect(),
        }));
        self.clients.lock().unwrap().push(Arc::clone(&views));
        views
    }

    /// In the end everybody has everything, and nobody what is not theirs.
    pub(super) fn examine(&self, world: &World) {
        for views in self.clients.lock().unwrap().iter() {
            views.lock().unwrap().examine(world);
        }
        examine_logs(world);
    }
}

impl Views {
    // ── What the client does ───────────────────────────────────────────────────

    pub(super) fn connected(&mut self, world: &World, node: u64) {
        self.node = Some(node);
        self.connections += 1;
        world.judge.note(|| format!("{self} connects"));
    }

    pub(super) fn disconnected(&mut self, world: &World) {
        world.judge.note(|| format!("{self} is disconnected"));
        self.node = None;
        for view in self.rooms.values_mut() {
            view.following = Following::No;
        }
    }

    pub(super) fn unsent(&self) -> BTreeMap<String, RoomId> {
        self.unsent.clone()
    }

    /// The text of a message it sends, or sends again: who, on which of its connections, and which.
    pub(super) fn sends(&mut self, name: String, room: RoomId) -> String {
        self.unsent.insert(name, room);
        self.contents += 1;
        format!("{} {} {}", self.client, self.connections, self.contents)
    }

    /// It asks for a room: the place it has there.
    pub(super) fn asks(&mut self, room: RoomId) -> Option<Place> {
        let view = self.view(room);
        view.invited = false;
        view.place.clone()
    }

    pub(super) fn leaves(&mut self, room: RoomId) {
        self.view(room).following = Following::Left;
    }

    /// The rooms it should join.
    pub(super) fn to_join(&self, mood: Mood) -> Vec<RoomId> {
        let due = |view: &View| match view.following {
            Following::No => view.wanted,
            Following::Left => view.wanted && mood == Mood::Still,
            Following::Since(_) => false,
        };
        let rooms = self.rooms.iter().filter(|(_, view)| due(view));
        rooms.map(|(room, _)| *room).collect()
    }

    // ── What it is given ───────────────────────────────────────────────────────

    pub(super) fn heard(&mut self, world: &World, event: &str, data: &Value) {
        let room = |id: &Value| {
            id.as_str()
                .and_then(RoomId::parse)
                .expect("it is of a room")
        };
        match event {
            "room_added" => {
                let room = room(&data["room"]["id"]);
                world.judge.note(|| format!("{self} hears: it has {room}"));
                let view = self.view(room);
                (view.wanted, view.invited) = (true, true);
            }
            "room_removed" => {
                let room = room(&data["roomId"]);
                world
                    .judge
                    .note(|| format!("{self} hears: it has not {room}"));
                let view = self.view(room);
                view.wanted = false;
                view.following = Following::No;
            }
            "room_reset" => {
                let room = room(&data["roomId"]);
                world
                    .judge
                    .note(|| format!("{self} hears: {room} starts over"));
                let view = self.view(room);
                view.place = None;
                view.following = Following::No;
            }
            "message_received" | "member_added" | "member_removed" => {
                self.given(world, room(&data["roomId"]), event, data);
            }
            _ => {}
        }
    }

    /// A live entry.
    fn given(&mut self, world: &World, room: RoomId, event: &str, data: &Value) {
        let seq = data["seq"].as_u64().expect("an entry has a place");
        world
            .judge
            .note(|| format!("{self} is given {seq} of {room}"));
        let view = self.rooms[&room].clone();
        let (begun, (epoch, last)) = match (view.following, view.place) {
            (Following::Since(begun), Some(place)) => (begun, place),
            (Following::Left, _) => return,
            _ => {
                let fault = format!("{self} is given {seq} of {room}, which it does not follow");
                return world.judge.find(fault);
            }
        };
        if seq != last + 1 {
            let fault = format!("{self} is given {seq} of {room} after {last}");
            world.judge.find(fault);
        }
        let database = world.database();
        let known = database.epoch() == epoch;
        let entry = database.find_entry(&epoch, room, seq);
        if !entry.is_some_and(|entry| is_shown_as(entry, event, data)) {
            if known {
                let fault = format!("{self} is given {data} as {seq} of {room}: {entry:?}");
                world.judge.find(fault);
            }
            self.view(room).tainted = true;
        } else if known && !view.tainted && database.is_removed(room, self.user, begun + 1..=seq) {
            let fault = format!("{self} is given {seq} of {room}, which it had lost by then");
            world.judge.find(fault);
        }
        self.view(room).place = Some((epoch, seq));
    }

    /// The answer to a join that was asked for with this place, or without.
    pub(super) fn joined(
        &mut self,
        world: &World,
        room: RoomId,
        asked_at: Option<Place>,
        answer: &Value,
    ) {
        let Some(last) = answer["lastSeq"].as_u64() else {
            let code = answer["error"]["code"]
                .as_str()
                .expect("a refusal has a code");
            world
                .judge
                .note(|| format!("{self} may not join {room}: {code}"));
            let view = self.view(room);
            view.wanted = code == "unavailable" || view.invited;
            return;
        };
        let epoch = answer["epoch"]
            .as_str()
            .expect("a history has a name")
            .to_owned();
        let view = self.rooms[&room].clone();
        world.judge.note(|| {
            let reset = &answer["reset"];
            format!("{self} has {room} up to {last} of {epoch} after {asked_at:?}, reset: {reset}")
        });
        let database = world.database();
        let known = database.epoch() == epoch;
        let mut tainted = !known;
        let since = asked_at.as_ref().map_or(0, |(_, since)| *since);
        let goes_on = asked_at.is_some_and(|(old, _)| old == epoch) && since <= last;
        if goes_on && answer["reset"] != false {
            world.judge.find(format!(
                "{self} had {since} of {room} and is told to start over at {last}"
            ));
        }
        if let Some(changes) = answer["changes"].as_array() {
            let given = changes.iter().map(|change| change["seq"].as_u64());
            if !given.eq((since + 1..=last).map(Some)) {
                world.judge.find(format!(
                    "{self} asked for {room} after {since}: {changes:?}"
                ));
            }
            let is_so = |change: &Value| {
                let seq = change["seq"].as_u64().expect("an entry has a place");
                let event = change["event"].as_str().expect("an entry is an event");
                let entry = database.find_entry(&epoch, room, seq);
                entry.is_some_and(|entry| is_shown_as(entry, event, &change["data"]))
            };
            if !changes.iter().all(is_so) {
                tainted = true;
                if known {
                    world.judge.find(format!(
                        "{self} is given what is not in {room}: {changes:?}"
                    ));
                }
            }
        }
        if known && database.role_at(room, self.user, last).is_none() {
            world.judge.find(format!(
                "{self} has joined {room}, which it had lost by {last}"
            ));
        }
        let behind = view.place.filter(|(old, seq)| *old == epoch && *seq > last);
        if let (Following::Since(_), Some((_, seq))) = (view.following, behind) {
            world
                .judge
                .find(format!("{self} had {seq} of {room} and is answered {last}"));
        }
        *self.view(room) = View {
            place: Some((epoch, last)),
            following: Following::Since(last),
            wanted: true,
            invited: false,
            tainted,
        };
    }

    /// The acknowledgement of a message.
    pub(super) fn sent(&mut self, world: &World, name: &str, answer: &Value) {
        if answer["error"]["code"] != "unavailable" {
            self.unsent.remove(name);
        }
        if answer["ok"] != true {
            return;
        }
        let message = &answer["message"];
        let room = message["roomId"].as_str().and_then(RoomId::parse);
        let room = room.expect("a message is in a room");
        let seq = message["seq"].as_u64().expect("a message has a place");
        let id = message["id"].as_str().expect("a message has a name");
        if !world.database().was_stored(room, seq, id) {
            world.judge.find(format!(
                "{self} was acknowledged {message}, which is not stored"
            ));
        }
    }

    // ── In the end ─────────────────────────────────────────────────────────────

    fn examine(&self, world: &World) {
        let database = world.database();
        if self.node.is_none() {
            world.judge.find(format!("{self} cannot connect"));
        }
        if !self.unsent.is_empty() {
            let unsent = &self.unsent;
            world
                .judge
                .find(format!("{self} was never told of {unsent:?}"));
        }
        for (room, view) in &self.rooms {
            let head = database.head(*room);
            let is_member = database.role(*room, self.user).is_some();
            let follows = matches!(view.following, Following::Since(_));
            let up_to_date = view.place == Some((database.epoch(), head)) && !view.tainted;
            if follows != is_member || follows && !up_to_date {
                world.judge.find(format!(
                    "in the end {self}, a member: {is_member}, has of {room} {view:?}, and not up to \
                     {head} of {}",
                    database.epoch()
                ));
            }
        }
    }

    fn view(&mut self, room: RoomId) -> &mut View {
        self.rooms.get_mut(&room).expect("there are two")
    }
}

impl std::fmt::Display for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (client, user) = (self.client, number(self.user));
        match self.node {
            Some(node) => write!(f, "client {client} of user {user} on node {node}"),
            None => write!(f, "client {client} of user {user}"),
        }
    }
}

/// Whether an event shows this entry.
fn is_shown_as(entry: &Entry, event: &str, data: &Value) -> bool {
    match &entry.change {
        Change::MessageReceived(message) => {
            event == "message_received" && data["id"] == message.id.to_string()
        }
        Change::MemberAdded(fact) => {
            event == "member_added" && data["member"]["user"]["id"] == fact.user.id.to_string()
        }
        Change::MemberRemoved { user, .. } => {
            event == "member_removed" && data["userId"] == user.to_string()
        }
        _ => false,
    }
}

/// Each message was stored once, and those of one connection in the order sent.
fn examine_logs(world: &World) {
    let database = world.database();
    for room in rooms() {
        let mut last: BTreeMap<&str, u64> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for entry in database.log(room) {
            let Change::MessageReceived(message) = &entry.change else {
                continue;
            };
            let (seq, name) = (entry.seq, &message.client_id);
            if !names.insert(name) {
                let fault = format!("{name:?} stands in {room} a second time at {seq}");
                world.judge.find(fault);
            }
            let (whose, which) = message
                .content
                .rsplit_once(' ')
                .expect("it has three words");
            let which: u64 = which.parse().expect("the last is a number");
            let before = last.insert(whose, which);
            if before.is_some_and(|before| before > which) {
                world.judge.find(format!(
                    "{which} of {whose} stands after {before:?} at {seq} in {room}"
                ));
            }
        }
    }
}
