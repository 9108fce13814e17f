//! What this node knows of everybody's presence: pure state, no lock, no clock, no Redis.
//!
//! Two machines of one kind. In `own` connections hold their users, and one that breaks is given its
//! grace. What `own` decides is what this node holds of them. In `view` nodes hold users, this one
//! among them, without a grace, since each node has given it already.
//!
//! What the view says of a user is shown only while it is certain; else they are unknown. Whoever is
//! held by another node is so for certain when that was heard or read since Redis was last lost; who
//! is held by nobody, only when no node can be missing in Redis. What is told is the difference between
//! what is shown and what was last told, and what is answered is what is shown, so the two agree.

use super::super::Transition;
use super::super::people::{Event, Fact, People};
use super::holdings::{Holding, Holdings};
use super::message::{Member, Said, Subject};
use crate::models::{self, NodeId, RoomId, Status, Timestamp, UserId};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// Users whose presence elsewhere is kept at hand, and those who are to be told of again.
const MOST_KNOWN: usize = 100_000;

#[derive(Debug)]
pub(super) struct State {
    me: NodeId,
    pub(super) own: Holdings,
    view: People,
    /// By user, the connection of `view` that stands for each node that holds them.
    holders: HashMap<UserId, HashMap<NodeId, u64>>,
    holds: u64,
    /// Users whose holders elsewhere are known.
    known: HashMap<UserId, Known>,
    /// Rooms that are followed here.
    rooms: HashMap<RoomId, Followed>,
    sight: Sight,
    /// How often Redis had been lost when it last was.
    losses: u64,
    /// Redis is back, and the others have had the time to say again what they hold.
    settled: bool,
    /// Nodes that live and are not in Redis: what they hold is missing there and is not gone.
    cut_off: BTreeSet<NodeId>,
    /// How often what is at hand had to be read again, before anybody may be believed gone, and
    /// which time it last was.
    to_read: u64,
    was_read: u64,
    /// What was last told of users, but of those who are offline; or answered, if it was unknown.
    told: HashMap<UserId, Status>,
    /// Users of whom it may have become certain or uncertain how they are.
    doubted: BTreeSet<UserId>,
    /// This node is cut off, and has not told that.
    cut_off_here: bool,
}

/// What to make of a Redis that says nothing of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// It can be heard: then nobody holds them.
    Clear,
    /// It was there when this node began, and whether it has forgotten anybody is not known yet.
    Beginning,
    /// It cannot be heard, or could not a moment ago.
    Lost,
}

#[derive(Debug, Default)]
struct Known {
    version: u64,
    /// Whether that is news from after Redis was last lost.
    fresh: bool,
}

#[derive(Debug, Default)]
struct Followed {
    /// Whether it has been read, or only listened to.
    read: bool,
    /// Whether those who came asked Redis who is there: then what is found there is no news.
    asked: bool,
    /// Who was told to have left before it was read: that they are found there is news all the same.
    left: BTreeSet<UserId>,
    /// Who is here elsewhere.
    people: HashMap<UserId, Elsewhere>,
}

impl Followed {
    /// Somebody was here, and may be told to have left.
    fn note_leaving(&mut self, user: UserId) {
        if !self.read {
            self.left.insert(user);
        }
    }
}

#[derive(Debug, Default)]
struct Elsewhere {
    version: u64,
    nodes: BTreeSet<NodeId>,
}

impl State {
    pub(super) fn new(me: NodeId, grace: Duration, losses: u64, is_up: bool) -> Self {
        Self {
            me,
            own: Holdings::new(grace),
            view: People::new(Duration::ZERO),
            holders: HashMap::new(),
            holds: 0,
            known: HashMap::new(),
            rooms: HashMap::new(),
            sight: if is_up { Sight::Beginning } else { Sight::Lost },
            losses,
            settled: false,
            cut_off: BTreeSet::new(),
            to_read: 0,
            was_read: 0,
            told: HashMap::new(),
            doubted: BTreeSet::new(),
            cut_off_here: false,
        }
    }

    // ── What happens here ──────────────────────────────────────────────────────

    /// A connection of this node did something. Answers the rooms that should be read now.
    pub(super) fn apply(&mut self, event: Event, now: Timestamp) -> Vec<RoomId> {
        let mut unread = Vec::new();
        for change in self.own.apply(event, now) {
            match change {
                Transition::Status(presence) => self.note_own(&presence, now),
                Transition::Joined { room, user, at } => {
                    self.enter(room, user, self.me, at);
                    if !self.rooms.contains_key(&room) {
                        let followed = Followed {
                            asked: !self.is_blind(),
                            ..Followed::default()
                        };
                        self.rooms.insert(room, followed);
                        unread.push(room);
                    }
                }
                Transition::Left { room, user, at } => {
                    if self.own.has(user) {
                        self.exit(room, user, self.me, at);
                    }
                    if !self.own.follows(room) {
                        self.forget_room(room, at);
                    }
                }
                Transition::CutOff => unreachable!("connections know nothing of nodes"),
            }
        }
        unread
    }

    /// Whoever has gone from here is shown as they were until Redis knows: they may be where it is not.
    fn note_own(&mut self, presence: &models::Presence, now: Timestamp) {
        let user = presence.user_id;
        if presence.status != Status::Offline {
            self.hold(user, self.me, presence.status == Status::Away, now);
        }
        self.doubted.insert(user);
    }

    /// Redis was told of this: what has ended is shown to have.
    pub(super) fn note_told(&mut self, told: &[Holding]) {
        let ended = told.iter().filter(|holding| holding.state.is_none());
        for Holding { subject, at, .. } in ended {
            match *subject {
                // They are back.
                held if self.own.state_of(held).is_some() => {}
                Subject::User(user) => self.release(user, self.me, *at),
                Subject::Stay(room, user) => self.exit(room, user, self.me, *at),
            }
        }
    }

    /// A room nobody follows here any more: what is so elsewhere is no longer looked at, and nobody
    /// is to be told.
    fn forget_room(&mut self, room: RoomId, at: Timestamp) {
        for (user, elsewhere) in self.rooms.remove(&room).unwrap_or_default().people {
            for node in elsewhere.nodes {
                self.exit(room, user, node, at);
            }
            self.view.count_as_told(Fact::Stay(room, user));
        }
    }

    // ── What happens elsewhere ─────────────────────────────────────────────────

    /// Another node's change, or this one's own come back.
    pub(super) fn hear(&mut self, said: &Said) {
        self.own.correct(self.me, said, true);
        match said.subject {
            Subject::User(user) => {
                let known = self.known.get(&user);
                if known.is_none_or(|known| known.version < said.version) {
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
        let known = self.known.get(&user);
        let first = known.is_none();
        if known.is_some_and(|known| known.version >= said.version) {
            return;
        }
        self.own.correct(self.me, said, false);
        let quiet =
            first && !self.told.contains_key(&user) && !self.view.is_news(Fact::Reach(user));
        self.note_user(user, said.version, &said.members, None, said.at);
        if quiet {
            self.count_as_told(user, said.at);
        }
    }

    /// What was read of a whole room. Who is found there the first time is no news, if that was
    /// answered to those who came.
    pub(super) fn learn_room(&mut self, room: RoomId, version: u64, all: &[Said], now: Timestamp) {
        let Some(followed) = self.rooms.get_mut(&room) else {
            return;
        };
        let first = !std::mem::replace(&mut followed.read, true) && followed.asked;
        let left = std::mem::take(&mut followed.left);
        let listed: HashSet<UserId> = all.iter().map(|said| said.subject.user()).collect();
        let known = followed.people.keys();
        let missing: Vec<UserId> = known.filter(|u| !listed.contains(u)).copied().collect();
        for said in all {
            let user = said.subject.user();
            let stay = Fact::Stay(room, user);
            let quiet = first && !left.contains(&user) && !self.view.is_news(stay);
            self.own.correct(self.me, said, false);
            self.note_stay(room, user, said, None);
            if quiet {
                self.view.count_as_told(stay);
            }
        }
        for user in missing {
            let gone = Said {
                version,
                by: self.me,
                at: now,
                subject: Subject::Stay(room, user),
                members: Vec::new(),
            };
            self.note_stay(room, user, &gone, None);
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
        let (me, blind) = (self.me, self.is_blind());
        let others = members.iter().filter(|member| member.node != me);
        let known = self.known.entry(user).or_default();
        known.version = version;
        known.fresh |= !blind || others.clone().next().is_some();
        self.doubted.insert(user);
        for member in others {
            self.hold(user, member.node, member.state == Member::AWAY, at);
        }
        let gone: Vec<NodeId> = self
            .holders
            .get(&user)
            .into_iter()
            .flatten()
            .map(|(node, _)| *node)
            .filter(|node| *node != self.me && !members.iter().any(|m| m.node == *node))
            .filter(|node| !blind && (by == Some(*node) || !self.cut_off.contains(node)))
            .collect();
        for node in gone {
            self.release(user, node, at);
        }
    }

    fn note_stay(&mut self, room: RoomId, user: UserId, said: &Said, by: Option<NodeId>) {
        let blind = self.is_blind();
        let Some(Followed { people, .. }) = self.rooms.get_mut(&room) else {
            return;
        };
        let elsewhere = people.entry(user).or_default();
        if elsewhere.version >= said.version {
            return;
        }
        elsewhere.version = said.version;
        let nodes = said.members.iter().map(|member| member.node);
        let mut now: BTreeSet<NodeId> = nodes.filter(|node| *node != self.me).collect();
        let cut_off = &self.cut_off;
        let kept = |node: &&NodeId| blind || by != Some(**node) && cut_off.contains(*node);
        now.extend(elsewhere.nodes.iter().filter(kept));
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
            for room in self.view.rooms_of(connection) {
                if let Some(followed) = self.rooms.get_mut(&room) {
                    followed.note_leaving(user);
                    if let Some(elsewhere) = followed.people.get_mut(&user) {
                        elsewhere.nodes.remove(&node);
                    }
                }
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
            if let Some(followed) = self.rooms.get_mut(&room)
                && self.view.is_here(room, user)
            {
                followed.note_leaving(user);
            }
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
        self.sight = Sight::Lost;
        self.count_as_answered(now);
        self.own.start_over(now);
        self.known
            .values_mut()
            .for_each(|known| *known = Known::default());
        for followed in self.rooms.values_mut() {
            followed.asked = false;
            let people = followed.people.values_mut();
            people.for_each(|elsewhere| elsewhere.version = 0);
        }
        self.doubted.extend(self.holders.keys());
    }

    /// Whether nobody may be believed gone.
    pub(super) fn is_blind(&self) -> bool {
        self.sight != Sight::Clear
    }

    pub(super) fn losses(&self) -> u64 {
        self.losses
    }

    /// The others have had the time to say again what they hold, since the loss of this number; if
    /// Redis is not believed already.
    pub(super) fn settle(&mut self, losses: u64) {
        self.settled |= self.is_blind() && self.losses == losses;
    }

    /// Something was said that was not heard.
    pub(super) fn note_missed(&mut self) {
        self.settled |= !self.is_blind();
    }

    /// If all has settled, what Redis says is believed from now on: true then, and what is at hand is
    /// to be read again. A node that has just started believes it once it knows that all nodes that
    /// live are in Redis.
    pub(super) fn regain_sight(&mut self, all_there: bool) -> bool {
        let regains = self.settled || self.sight == Sight::Beginning && all_there;
        if regains {
            self.settled = false;
            self.sight = Sight::Clear;
            self.to_read += 1;
        }
        regains
    }

    /// These nodes live and are not in Redis. Answers whether any that was so is no longer: then
    /// what is at hand is to be read again.
    pub(super) fn set_cut_off(&mut self, nodes: BTreeSet<NodeId>) -> bool {
        let before = std::mem::replace(&mut self.cut_off, nodes);
        let any_back = !before.is_subset(&self.cut_off);
        self.to_read += u64::from(any_back);
        any_back
    }

    /// Everybody whose presence elsewhere is kept at hand or should be, and every room that is,
    /// each in order; and the number of this reading.
    pub(super) fn at_hand(&self) -> (Vec<UserId>, Vec<RoomId>, u64) {
        let told = self.told.keys();
        let unread = told.filter(|user| !self.known.contains_key(*user));
        let mut users: Vec<UserId> = self.known.keys().chain(unread).copied().collect();
        let mut rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        users.sort_unstable();
        rooms.sort_unstable();
        (users, rooms, self.to_read)
    }

    /// All that was at hand when the reading of this number began has been read.
    pub(super) fn all_read(&mut self, number: u64) {
        self.was_read = number;
        let unknown = self
            .told
            .iter()
            .filter(|(_, told)| **told == Status::Unknown);
        self.doubted.extend(unknown.map(|(user, _)| *user));
    }

    /// All nodes, but for this one, that hold anybody.
    pub(super) fn other_holders(&self) -> BTreeSet<NodeId> {
        let nodes = self.holders.values().flat_map(HashMap::keys);
        nodes.filter(|node| **node != self.me).copied().collect()
    }

    /// Nobody can hear of this node, and others may say that its people have gone.
    pub(super) fn say_cut_off(&mut self) {
        self.cut_off_here = true;
    }

    // ── Answers ────────────────────────────────────────────────────────────────

    /// Those of `users` about whom Redis must be asked before anything can be said.
    pub(super) fn strangers(&self, users: &[UserId]) -> Vec<UserId> {
        let stranger = |user: &&UserId| !self.known.contains_key(user);
        users.iter().filter(stranger).copied().collect()
    }

    pub(super) fn status(&mut self, user: UserId, now: Timestamp) -> models::Presence {
        let shown = self.shown(user, now);
        if shown.status == Status::Unknown && self.told.len() < MOST_KNOWN {
            // Who was told more is told of this as well.
            self.told.entry(user).or_insert(Status::Unknown);
        }
        shown
    }

    /// How a user is, if it is certain.
    fn shown(&self, user: UserId, now: Timestamp) -> models::Presence {
        let mut presence = self.view.status(user, now);
        let holders = self.holders.get(&user);
        if self.own.has(user) {
            if holders.is_some_and(|nodes| nodes.len() == 1) {
                // Perhaps nobody is connected any more, and the grace runs.
                presence.last_seen_at = self.own.presence(user, now).last_seen_at;
            }
            return presence;
        }
        let fresh = self.known.get(&user).is_some_and(|known| known.fresh);
        if !(fresh && (holders.is_some() || self.sees_everybody())) {
            presence.status = Status::Unknown;
        }
        presence
    }

    /// Whether whoever is held by nobody is known to be.
    fn sees_everybody(&self) -> bool {
        !self.is_blind() && self.cut_off.is_empty() && self.was_read == self.to_read
    }

    /// Whether what is known of the room here is all there is.
    pub(super) fn knows_room(&self, room: RoomId) -> bool {
        self.is_blind() || self.rooms.get(&room).is_some_and(|followed| followed.read)
    }

    pub(super) fn is_here(&self, room: RoomId, user: UserId) -> bool {
        self.view.is_here(room, user)
    }

    pub(super) fn list_here(&self, room: RoomId, limit: usize) -> Vec<UserId> {
        self.view.list_here(room, limit)
    }

    // ── News ───────────────────────────────────────────────────────────────────

    pub(super) fn has_news(&self) -> bool {
        self.cut_off_here || !self.doubted.is_empty() || self.view.has_news()
    }

    pub(super) fn take_news(&mut self, now: Timestamp) -> Vec<Transition> {
        let cut_off = std::mem::take(&mut self.cut_off_here);
        let mut news: Vec<Transition> = cut_off.then_some(Transition::CutOff).into_iter().collect();
        for transition in self.view.take_news(now) {
            match transition {
                Transition::Status(presence) => news.extend(self.tell(presence.user_id, now)),
                other => news.push(other),
            }
        }
        for user in std::mem::take(&mut self.doubted) {
            news.extend(self.tell(user, now));
        }
        news
    }

    /// What is to be told of a user, if anything.
    fn tell(&mut self, user: UserId, now: Timestamp) -> Option<Transition> {
        let shown = self.shown(user, now);
        if shown.status == Status::Unknown && !self.told.contains_key(&user) {
            // Nobody is told so of those who were offline: there are too many of them.
            return None;
        }
        let before = self.remember_told(user, shown.status);
        (before != shown.status).then_some(Transition::Status(shown))
    }

    /// Those who are held elsewhere may have been answered to be as they are, though the news of it
    /// was not taken yet: that they are unknown now is a change.
    fn count_as_answered(&mut self, now: Timestamp) {
        let elsewhere = self.holders.keys().filter(|user| !self.own.has(**user));
        let shown = elsewhere.map(|user| (*user, self.shown(*user, now).status));
        let certain: Vec<_> = shown.filter(|(_, s)| *s != Status::Unknown).collect();
        for (user, status) in certain {
            self.told.entry(user).or_insert(status);
        }
    }

    /// Whoever should hear of this user knows how they are.
    fn count_as_told(&mut self, user: UserId, now: Timestamp) {
        let shown = self.shown(user, now);
        self.remember_told(user, shown.status);
    }

    fn remember_told(&mut self, user: UserId, status: Status) -> Status {
        let before = match status {
            Status::Offline => self.told.remove(&user),
            told => self.told.insert(user, told),
        };
        before.unwrap_or(Status::Offline)
    }
}

#[cfg(test)]
impl State {
    /// Whether nothing is kept of anybody, but when they were last seen and that nobody holds them.
    pub(super) fn is_vacant(&self) -> bool {
        self.own.is_vacant()
            && self.view.is_vacant()
            && self.holders.is_empty()
            && self.rooms.is_empty()
            && self.cut_off.is_empty()
            && self.told.is_empty()
            && self.doubted.is_empty()
    }
}
