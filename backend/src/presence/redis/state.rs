//! What this node knows of everybody's presence: pure state, no lock, no clock, no Redis.
//!
//! Two machines of one kind. In `own` connections hold their users, and one that breaks is given its
//! grace. What `own` decides is what this node holds of them. In `view` nodes hold users, this one
//! among them, without a grace, since each node has given it already; its news is what is told.

use super::super::Transition;
use super::super::people::{Event, Fact, People};
use super::message::{Member, Said, Subject};
use crate::models::{self, NodeId, RoomId, Status, Timestamp, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// Users whose presence elsewhere is kept at hand.
const MOST_KNOWN: usize = 100_000;

#[derive(Debug)]
pub(super) struct State {
    me: NodeId,
    own: People,
    view: People,
    /// By user, the connection of `view` that stands for each node that holds them.
    holders: HashMap<UserId, HashMap<NodeId, u64>>,
    holds: u64,
    /// What this node holds: its users, and who of them is here.
    users: HashMap<UserId, Status>,
    rooms: HashMap<RoomId, BTreeSet<UserId>>,
    /// What Redis has not been told yet, and since when it is so.
    unsaid: BTreeMap<Subject, Timestamp>,
    /// How much of it Redis is being told right now.
    saying: usize,
    /// Users whose holders elsewhere are known, and as of which version.
    known: HashMap<UserId, u64>,
    /// Rooms that are followed here and have been read: who is here elsewhere.
    read: HashMap<RoomId, HashMap<UserId, Elsewhere>>,
    /// Redis cannot be heard, or could not a moment ago: nobody is believed gone.
    blind: bool,
    /// How often Redis had been lost when it last was.
    losses: u64,
    /// Redis is back, and the others have had the time to say again what they hold.
    settled: bool,
    /// Nodes that live and are not in Redis: what they hold is missing there and is not gone.
    cut_off: HashSet<NodeId>,
    /// Redis has everything to be told anew, and has not been yet.
    starting_over: bool,
    /// Who was told to be unknown.
    unknown: HashSet<UserId>,
    /// What is to be told beside the view's news.
    besides: Vec<Transition>,
}

#[derive(Debug, Default)]
struct Elsewhere {
    version: u64,
    nodes: BTreeSet<NodeId>,
}

/// What Redis is to be told of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    pub(super) subject: Subject,
    /// A letter while this node holds it.
    pub(super) state: Option<char>,
    pub(super) at: Timestamp,
}

impl State {
    pub(super) fn new(me: NodeId, grace: Duration, losses: u64) -> Self {
        Self {
            me,
            own: People::new(grace),
            view: People::new(Duration::ZERO),
            holders: HashMap::new(),
            holds: 0,
            users: HashMap::new(),
            rooms: HashMap::new(),
            unsaid: BTreeMap::new(),
            saying: 0,
            known: HashMap::new(),
            read: HashMap::new(),
            blind: true,
            losses,
            settled: false,
            cut_off: HashSet::new(),
            starting_over: false,
            unknown: HashSet::new(),
            besides: Vec::new(),
        }
    }

    // ── What happens here ──────────────────────────────────────────────────────

    /// A connection of this node did something. Answers the rooms that should be read now.
    pub(super) fn apply(&mut self, event: Event, now: Timestamp) -> Vec<RoomId> {
        self.own.apply(event, now);
        let mut unread = Vec::new();
        for transition in self.own.take_news(now) {
            match transition {
                Transition::Status(presence) => self.hold_own(&presence, now),
                Transition::Joined { room, user, at } => {
                    if !self.rooms.contains_key(&room) {
                        unread.push(room);
                    }
                    self.rooms.entry(room).or_default().insert(user);
                    self.enter(room, user, self.me, at);
                    self.unsaid.insert(Subject::Stay(room, user), at);
                }
                Transition::Left { room, user, at } => {
                    self.exit(room, user, self.me, at);
                    self.unsaid.insert(Subject::Stay(room, user), at);
                    if let Some(here) = self.rooms.get_mut(&room) {
                        here.remove(&user);
                        if here.is_empty() {
                            self.rooms.remove(&room);
                            self.forget_room(room, at);
                        }
                    }
                }
                Transition::CutOff => unreachable!("connections know nothing of nodes"),
            }
        }
        unread
    }

    fn hold_own(&mut self, presence: &models::Presence, now: Timestamp) {
        let user = presence.user_id;
        let at = presence.last_seen_at.unwrap_or(now);
        self.unsaid.insert(Subject::User(user), at);
        if presence.status == Status::Offline {
            self.users.remove(&user);
            self.release(user, self.me, at);
            return;
        }
        self.users.insert(user, presence.status);
        self.hold(user, self.me, presence.status == Status::Away, now);
        if self.unknown.remove(&user) {
            let status = self.view.status(user, now);
            self.besides.push(Transition::Status(status));
        }
    }

    /// A room nobody follows here any more: what is so elsewhere is no longer looked at.
    fn forget_room(&mut self, room: RoomId, at: Timestamp) {
        for (user, elsewhere) in self.read.remove(&room).unwrap_or_default() {
            for node in elsewhere.nodes {
                self.exit(room, user, node, at);
            }
        }
    }

    /// What Redis is to be told, at most `limit`; it counts as told, and what was taken before as
    /// heard.
    pub(super) fn take_unsaid(&mut self, limit: usize) -> Vec<Holding> {
        let mut taken = Vec::new();
        while taken.len() < limit
            && let Some((subject, at)) = self.unsaid.pop_first()
        {
            let state = self.state_of(subject);
            taken.push(Holding { subject, state, at });
        }
        self.saying = taken.len();
        taken
    }

    fn state_of(&self, subject: Subject) -> Option<char> {
        match subject {
            Subject::User(user) => match self.users.get(&user)? {
                Status::Away => Some(Member::AWAY),
                _ => Some(Member::ONLINE),
            },
            Subject::Stay(room, user) => {
                let here = self.rooms.get(&room)?.contains(&user);
                here.then_some(Member::HERE)
            }
        }
    }

    /// Redis could not be told.
    pub(super) fn unsay(&mut self, holdings: &[Holding]) {
        for holding in holdings {
            self.unsaid.entry(holding.subject).or_insert(holding.at);
        }
    }

    /// Everything that is held here is to be told again.
    pub(super) fn unsay_all(&mut self, now: Timestamp) {
        let users = self.users.keys().map(|user| Subject::User(*user));
        let stays = self
            .rooms
            .iter()
            .flat_map(|(room, here)| here.iter().map(|user| Subject::Stay(*room, *user)));
        for subject in users.chain(stays) {
            self.unsaid.entry(subject).or_insert(now);
        }
    }

    /// Everything that is held here is to be told to a Redis that knows nothing of it.
    pub(super) fn start_over(&mut self, now: Timestamp) {
        self.starting_over = true;
        self.unsay_all(now);
    }

    /// Redis has been told all there is.
    pub(super) fn all_said(&mut self) {
        self.starting_over = false;
    }

    /// Whether Redis lacks what this node holds.
    pub(super) fn is_starting_over(&self) -> bool {
        self.starting_over
    }

    /// Whether this node holds nobody, and Redis knows.
    pub(super) fn holds_nobody(&self) -> bool {
        let told = self.unsaid.is_empty() && self.saying == 0;
        told && self.users.is_empty() && self.rooms.is_empty()
    }

    // ── What happens elsewhere ─────────────────────────────────────────────────

    /// Another node's change, or this one's own come back.
    pub(super) fn hear(&mut self, said: &Said) {
        match said.subject {
            Subject::User(user) => {
                if self
                    .known
                    .get(&user)
                    .is_none_or(|known| *known < said.version)
                {
                    self.note_user(user, said.version, &said.members, Some(said.by), said.at);
                }
            }
            Subject::Stay(room, user) => self.note_stay(room, user, said, Some(said.by)),
        }
    }

    /// What was read of a user, at `now`. A user nobody knew of is no news.
    pub(super) fn learn_user(&mut self, said: &Said) {
        let Subject::User(user) = said.subject else {
            return;
        };
        let first = !self.known.contains_key(&user);
        if !first && self.known[&user] >= said.version {
            return;
        }
        let quiet = first && !self.view.is_news(Fact::Reach(user));
        self.note_user(user, said.version, &said.members, None, said.at);
        if quiet {
            self.view.count_as_told(Fact::Reach(user));
        }
    }

    /// What was read of a whole room. The first time none of it is news.
    pub(super) fn learn_room(&mut self, room: RoomId, version: u64, all: &[Said], now: Timestamp) {
        if !self.rooms.contains_key(&room) {
            return;
        }
        let first = !self.read.contains_key(&room);
        let listed: HashSet<UserId> = all.iter().map(|said| said.subject.user()).collect();
        let missing: Vec<UserId> = self
            .read
            .entry(room)
            .or_default()
            .keys()
            .filter(|user| !listed.contains(user))
            .copied()
            .collect();
        let gone = missing.into_iter().map(|user| Said {
            version,
            by: self.me,
            at: now,
            subject: Subject::Stay(room, user),
            members: Vec::new(),
        });
        let gone: Vec<Said> = gone.collect();
        for said in all.iter().chain(&gone) {
            let user = said.subject.user();
            let mut quiet = vec![Fact::Stay(room, user)];
            if !self.known.contains_key(&user) {
                quiet.push(Fact::Reach(user));
            }
            quiet.retain(|fact| first && !self.view.is_news(*fact));
            self.note_stay(room, user, said, None);
            for fact in quiet {
                self.view.count_as_told(fact);
            }
        }
    }

    fn note_user(
        &mut self,
        user: UserId,
        version: u64,
        members: &[Member],
        by: Option<NodeId>,
        at: Timestamp,
    ) {
        if self.known.len() >= MOST_KNOWN && !self.known.contains_key(&user) {
            let holders = &self.holders;
            self.known.retain(|user, _| holders.contains_key(user));
        }
        self.known.insert(user, version);
        let me = self.me;
        for member in members.iter().filter(|member| member.node != me) {
            self.hold(user, member.node, member.state == Member::AWAY, at);
        }
        let gone: Vec<NodeId> = self
            .holders
            .get(&user)
            .into_iter()
            .flatten()
            .map(|(node, _)| *node)
            .filter(|node| *node != self.me && !members.iter().any(|m| m.node == *node))
            .filter(|node| self.believes_gone(*node, by))
            .collect();
        for node in gone {
            self.release(user, node, at);
        }
    }

    fn note_stay(&mut self, room: RoomId, user: UserId, said: &Said, by: Option<NodeId>) {
        let Some(people) = self.read.get_mut(&room) else {
            return;
        };
        let elsewhere = people.entry(user).or_default();
        if by.is_some() && elsewhere.version >= said.version {
            return;
        }
        elsewhere.version = said.version;
        let nodes = said.members.iter().map(|member| member.node);
        let mut now: BTreeSet<NodeId> = nodes.filter(|node| *node != self.me).collect();
        let (blind, cut_off) = (self.blind, &self.cut_off);
        let kept = elsewhere
            .nodes
            .iter()
            .filter(|node| by != Some(**node) && (blind || cut_off.contains(*node)));
        now.extend(kept);
        let before = std::mem::replace(&mut elsewhere.nodes, now.clone());
        if now.is_empty() && by.is_none() {
            people.remove(&user);
        }
        for node in now.difference(&before) {
            self.enter(room, user, *node, said.at);
        }
        for node in before.difference(&now) {
            self.exit(room, user, *node, said.at);
        }
    }

    /// Whether a node that is not named as a holder any more is none: by its own word, or that of
    /// whoever buried it, always.
    fn believes_gone(&self, node: NodeId, by: Option<NodeId>) -> bool {
        by == Some(node) || !(self.blind || self.cut_off.contains(&node))
    }

    // ── The view ───────────────────────────────────────────────────────────────

    fn hold(&mut self, user: UserId, node: NodeId, away: bool, now: Timestamp) {
        let connection = self.holder(user, node, now);
        self.view.apply(Event::Said { connection, away }, now);
    }

    fn holder(&mut self, user: UserId, node: NodeId, now: Timestamp) -> u64 {
        let nodes = self.holders.entry(user).or_default();
        if let Some(connection) = nodes.get(&node) {
            return *connection;
        }
        self.holds += 1;
        let connection = self.holds;
        nodes.insert(node, connection);
        self.view.apply(Event::Connected { user, connection }, now);
        connection
    }

    fn release(&mut self, user: UserId, node: NodeId, at: Timestamp) {
        let Some(nodes) = self.holders.get_mut(&user) else {
            return;
        };
        if let Some(connection) = nodes.remove(&node) {
            if nodes.is_empty() {
                self.holders.remove(&user);
            }
            self.view.apply(Event::Disconnected { connection }, at);
            self.view.apply(Event::Tick, at);
        }
    }

    fn enter(&mut self, room: RoomId, user: UserId, node: NodeId, at: Timestamp) {
        let connection = self.holder(user, node, at);
        self.view.apply(Event::Entered { room, connection }, at);
    }

    fn exit(&mut self, room: RoomId, user: UserId, node: NodeId, at: Timestamp) {
        let holder = self.holders.get(&user).and_then(|nodes| nodes.get(&node));
        if let Some(&connection) = holder {
            self.view.apply(Event::Left { room, connection }, at);
        }
    }

    // ── Redis comes and goes ───────────────────────────────────────────────────

    /// Redis cannot be heard: those who are held elsewhere alone are unknown from now on. When it is
    /// back it may have forgotten everything, and have another clock: it is to be told all that is held
    /// here, and its versions count from anew.
    pub(super) fn lose_sight(&mut self, losses: u64, now: Timestamp) {
        self.losses = losses;
        self.settled = false;
        self.start_over(now);
        self.known.values_mut().for_each(|version| *version = 0);
        for people in self.read.values_mut() {
            for seen in people.values_mut() {
                seen.version = 0;
            }
        }
        if std::mem::replace(&mut self.blind, true) {
            return;
        }
        for user in self.holders.keys() {
            if !self.users.contains_key(user) && self.unknown.insert(*user) {
                let presence = models::Presence {
                    status: Status::Unknown,
                    ..self.view.status(*user, now)
                };
                self.besides.push(Transition::Status(presence));
            }
        }
    }

    pub(super) fn is_blind(&self) -> bool {
        self.blind
    }

    pub(super) fn losses(&self) -> u64 {
        self.losses
    }

    /// The others have had the time to say again what they hold, since the loss of this number.
    pub(super) fn settle(&mut self, losses: u64) {
        self.settled = self.losses == losses;
    }

    /// If all has settled, what Redis says is believed from now on: true then, and what is at hand is
    /// to be read again.
    pub(super) fn regain_sight(&mut self) -> bool {
        if self.settled {
            self.blind = false;
        }
        std::mem::take(&mut self.settled)
    }

    /// All that was unknown has been read: who was told to be unknown is told as what.
    pub(super) fn tell_unknown(&mut self, now: Timestamp) {
        if !self.sees_everybody() {
            return;
        }
        for user in std::mem::take(&mut self.unknown) {
            // Otherwise it is news anyway.
            if !self.view.is_news(Fact::Reach(user)) {
                let status = self.view.status(user, now);
                self.besides.push(Transition::Status(status));
            }
        }
    }

    /// These nodes live and are not in Redis. Answers whether any that was so is no longer: then
    /// what is at hand should be read again.
    pub(super) fn set_cut_off(&mut self, nodes: HashSet<NodeId>) -> bool {
        let before = std::mem::replace(&mut self.cut_off, nodes);
        !before.is_subset(&self.cut_off)
    }

    /// All nodes, but for this one, that hold anybody.
    pub(super) fn other_holders(&self) -> HashSet<NodeId> {
        let nodes = self.holders.values().flat_map(HashMap::keys);
        nodes.filter(|node| **node != self.me).copied().collect()
    }

    /// Nobody can hear of this node, and others may say that its people have gone.
    pub(super) fn say_cut_off(&mut self) {
        self.besides.push(Transition::CutOff);
    }

    /// Whether whoever is held by nobody is known to be.
    fn sees_everybody(&self) -> bool {
        !self.blind && self.cut_off.is_empty()
    }

    // ── Answers ────────────────────────────────────────────────────────────────

    /// Those of `users` about whom Redis must be asked before anything can be said.
    pub(super) fn strangers(&self, users: &[UserId]) -> Vec<UserId> {
        let stranger = |user: &&UserId| !self.known.contains_key(user);
        users.iter().filter(stranger).copied().collect()
    }

    pub(super) fn status(&mut self, user: UserId, now: Timestamp) -> models::Presence {
        let mut presence = self.view.status(user, now);
        if self.users.contains_key(&user) {
            if self
                .holders
                .get(&user)
                .is_some_and(|nodes| nodes.len() == 1)
            {
                // Perhaps nobody is connected any more, and the grace runs.
                presence.last_seen_at = self.own.status(user, now).last_seen_at;
            }
            return presence;
        }
        let held = self.holders.contains_key(&user);
        let certain = if held {
            !self.blind
        } else {
            self.sees_everybody()
        };
        if certain && self.known.contains_key(&user) {
            return presence;
        }
        if self.unknown.len() < MOST_KNOWN {
            self.unknown.insert(user);
        }
        models::Presence {
            status: Status::Unknown,
            ..presence
        }
    }

    /// Whether what is known of the room here is all there is.
    pub(super) fn knows_room(&self, room: RoomId) -> bool {
        self.blind || self.read.contains_key(&room)
    }

    pub(super) fn is_here(&self, room: RoomId, user: UserId) -> bool {
        self.view.is_here(room, user)
    }

    pub(super) fn list_here(&self, room: RoomId, limit: usize) -> Vec<UserId> {
        self.view.list_here(room, limit)
    }

    pub(super) fn has_news(&self) -> bool {
        !self.besides.is_empty() || self.view.has_news()
    }

    pub(super) fn take_news(&mut self, now: Timestamp) -> Vec<Transition> {
        let mut news = std::mem::take(&mut self.besides);
        news.extend(self.view.take_news(now));
        news
    }

    /// Everybody whose presence elsewhere is kept at hand or should be, and every room that is,
    /// each in order.
    pub(super) fn at_hand(&self) -> (Vec<UserId>, Vec<RoomId>) {
        let unread = self.unknown.iter();
        let unread = unread.filter(|user| !self.known.contains_key(*user));
        let mut users: Vec<UserId> = self.known.keys().chain(unread).copied().collect();
        let mut rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        users.sort_unstable();
        rooms.sort_unstable();
        (users, rooms)
    }
}
