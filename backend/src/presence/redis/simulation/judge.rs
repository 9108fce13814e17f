//! Who is truly connected, what every node shows of it, and what must never be shown.

use super::super::message::Subject;
use super::line::PING_EVERY;
use super::node::id_of;
use super::trouble::{Mark, Part, Troubles};
use crate::models::{self, NodeId, RoomId, Status, UserId};
use crate::presence::{Spans, Transition};
use crate::simulation::{Chronicle, Pulse};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;

/// Within it, nobody can say what came first.
const MOMENT: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(super) struct Judge {
    spans: Spans,
    travel: Duration,
    pub(super) chronicle: Chronicle,
    bench: Mutex<Bench>,
}

#[derive(Debug, Default)]
struct Bench {
    pulses: BTreeMap<NodeId, Arc<Pulse>>,
    connections: BTreeMap<u64, Connection>,
    /// What the register was told by a node while it was true, and since when it is and was.
    confirmed: BTreeMap<(Subject, NodeId), Instant>,
    /// When what a node last heard or read of a subject was so.
    informed: BTreeMap<(NodeId, Subject), Instant>,
    /// What was last told, and what was answered since.
    told: BTreeMap<(NodeId, UserId), Status>,
    answered: BTreeMap<(NodeId, UserId), Vec<(Status, Instant)>>,
    /// Who was last told to have come or gone, while the room is followed.
    stays: BTreeMap<(NodeId, RoomId, UserId), bool>,
    /// When the register last forgot everything.
    emptied: Option<Instant>,
    troubles: Troubles,
    /// Nodes of which the database says that Redis lacks what they hold.
    marks: BTreeMap<NodeId, Mark>,
    /// Who was said to have gone, and when, by a node that could have known of a mark on the one where
    /// they are.
    misled: BTreeMap<(UserId, NodeId), Instant>,
}

#[derive(Debug)]
struct Connection {
    user: UserId,
    node: NodeId,
    since: Instant,
    away: bool,
    rooms: BTreeSet<RoomId>,
}

impl Judge {
    pub(super) fn new(spans: Spans, travel: Duration, written: bool) -> Self {
        Self {
            spans,
            travel,
            chronicle: Chronicle::new(written),
            bench: Mutex::default(),
        }
    }

    /// Writes down what happens.
    pub(super) fn note(&self, what: impl FnOnce() -> String) {
        self.chronicle.note(what);
    }

    // ── What is true ───────────────────────────────────────────────────────────

    pub(super) fn started(&self, pulse: &Arc<Pulse>) {
        let mut bench = self.bench();
        self.note(|| format!("node {} starts", pulse.number));
        bench.pulses.insert(id_of(pulse), Arc::clone(pulse));
    }

    /// Nobody is connected to it any more.
    pub(super) fn crashed(&self, node: NodeId) {
        let mut bench = self.bench();
        self.note(|| format!("{} crashes", name(node)));
        bench.connections.retain(|_, c| c.node != node);
        bench.confirmed.retain(|(_, holder), _| *holder != node);
    }

    pub(super) fn connected(&self, connection: u64, user: UserId, node: NodeId) {
        let mut bench = self.bench();
        self.note(|| format!("{} connects to {} ({connection})", who(user), name(node)));
        let rooms = BTreeSet::new();
        bench.connections.insert(
            connection,
            Connection {
                user,
                node,
                since: Instant::now(),
                away: false,
                rooms,
            },
        );
    }

    pub(super) fn disconnected(&self, connection: u64) {
        let mut bench = self.bench();
        let Some(gone) = bench.connections.remove(&connection) else {
            return;
        };
        self.note(|| {
            let (who, node) = (who(gone.user), name(gone.node));
            format!("{who} disconnects from {node} ({connection})")
        });
        bench.doubt(gone.user, gone.node);
    }

    pub(super) fn said(&self, connection: u64, away: bool) {
        let mut bench = self.bench();
        self.note(|| format!("({connection}) is away: {away}"));
        if let Some(connection) = bench.connections.get_mut(&connection) {
            connection.away = away;
        }
    }

    pub(super) fn entered(&self, connection: u64, room: RoomId) {
        let mut bench = self.bench();
        let Some(node) = bench.connections.get(&connection).map(|c| c.node) else {
            return;
        };
        self.note(|| format!("({connection}) enters {}", which(room)));
        if !bench.is_followed(room, node) {
            // It begins to look only now.
            bench.stays.retain(|(n, r, _), _| (*n, *r) != (node, room));
            bench.informed.retain(|(n, subject), _| {
                *n != node || !matches!(subject, Subject::Stay(r, _) if *r == room)
            });
        }
        if let Some(connection) = bench.connections.get_mut(&connection) {
            connection.rooms.insert(room);
        }
    }

    pub(super) fn left(&self, connection: u64, room: RoomId) {
        let mut bench = self.bench();
        self.note(|| format!("({connection}) leaves {}", which(room)));
        if let Some(connection) = bench.connections.get_mut(&connection) {
            connection.rooms.remove(&room);
            let (user, node) = (connection.user, connection.node);
            bench.doubt(user, node);
        }
    }

    /// Something does not work …
    pub(super) fn broke(&self, part: Part) {
        self.bench().troubles.begin(part);
    }

    /// … and does again.
    pub(super) fn mended(&self, part: Part) {
        self.bench().troubles.end(part);
    }

    /// The register has forgotten everything.
    pub(super) fn emptied(&self) {
        self.bench().emptied = Some(Instant::now());
    }

    /// How a user truly is.
    pub(super) fn status(&self, user: UserId) -> Status {
        self.bench().status(user)
    }

    /// Who truly is in a room.
    pub(super) fn here(&self, room: RoomId) -> Vec<UserId> {
        let bench = self.bench();
        let here = bench.connections.values();
        let here = here.filter(|connection| connection.rooms.contains(&room));
        let here: BTreeSet<UserId> = here.map(|connection| connection.user).collect();
        here.into_iter().collect()
    }

    // ── What nodes can know ────────────────────────────────────────────────────

    /// A node told the database that Redis lacks what it holds, or when there is no lease, that it
    /// does no longer.
    pub(super) fn marked(&self, node: NodeId, lease: Duration) {
        let mut bench = self.bench();
        self.note(|| format!("the database marks {} for {lease:?}", name(node)));
        let mark = Mark::new(bench.marks.get(&node).copied(), lease);
        bench.marks.insert(node, mark);
    }

    /// The register was told something, by this node or by the one that buries it, which began then.
    pub(super) fn held(
        &self,
        subject: Subject,
        node: NodeId,
        state: Option<char>,
        (by, begun): (NodeId, Instant),
    ) {
        let mut bench = self.bench();
        self.note(|| {
            let (by, node) = (name(by), name(node));
            format!("{by} writes: {node} holds {} as {state:?}", about(subject))
        });
        let key = (subject, node);
        if state.is_some() && bench.is_so(subject, node) {
            if bench.is_forgotten(subject, node) {
                bench.confirmed.remove(&key);
            }
            bench.confirmed.entry(key).or_insert_with(Instant::now);
        } else if by == node {
            bench.confirmed.remove(&key);
        }
        if let (Subject::User(user), None) = (subject, state)
            && let Some(holder) = self.marked_holder(&bench, user, node, (by, begun))
        {
            bench.misled.insert((user, holder), Instant::now());
        }
    }

    /// Where somebody is connected of whom it is said that they have gone from `node`, if whoever says so
    /// could know that Redis lacks them: nothing kept it from asking the database before.
    fn marked_holder(
        &self,
        bench: &Bench,
        user: UserId,
        node: NodeId,
        (by, begun): (NodeId, Instant),
    ) -> Option<NodeId> {
        // An answer and a turn before this one, or most of a burial.
        let ways = if by == node { 4 } else { 10 };
        let asked = begun - self.travel * ways;
        let long = PING_EVERY + self.spans.patience;
        let parts = [Part::Redis, Part::Database, Part::Line(by)];
        let could_ask = parts
            .iter()
            .all(|part| bench.troubles.are_over(*part, long))
            && bench.pulses[&by].is_steady(Duration::ZERO, long);
        let is_there = |holder: &NodeId| bench.is_so(Subject::User(user), *holder);
        let mut marks = bench.marks.iter().filter(|_| could_ask);
        let found = marks.find(|(holder, mark)| mark.stood_at(asked) && is_there(holder));
        found.map(|(holder, _)| *holder)
    }

    /// A node heard how a subject was at that moment.
    pub(super) fn informed(&self, node: NodeId, subject: Subject, at: Instant) {
        self.bench().inform(node, subject, at);
    }

    /// A node read how these users, or all of a room, were at that moment.
    pub(super) fn read(&self, node: NodeId, like: Subject, users: &[UserId], at: Instant) {
        let mut bench = self.bench();
        match like {
            Subject::User(_) => bench.inform(node, like, at),
            Subject::Stay(room, _) if users.is_empty() => {
                let subjects: Vec<Subject> = bench.confirmed.keys().map(|(s, _)| *s).collect();
                for subject in subjects {
                    if matches!(subject, Subject::Stay(r, _) if r == room) {
                        bench.inform(node, subject, at);
                    }
                }
            }
            Subject::Stay(..) => {}
        }
    }

    // ── What is shown ──────────────────────────────────────────────────────────

    pub(super) fn told(&self, node: NodeId, transition: &Transition) {
        let mut bench = self.bench();
        match transition {
            Transition::Status(presence) => {
                let (user, status) = (presence.user_id, presence.status);
                self.note(|| format!("{} tells: {} is {status:?}", name(node), who(user)));
                let answered = bench.answered.remove(&(node, user)).unwrap_or_default();
                // What is answered while news wait is as the news say.
                let before = answered
                    .iter()
                    .filter(|(before, at)| *before != status || at.elapsed() > MOMENT);
                let mut before: Vec<Status> = before.map(|(status, _)| *status).collect();
                before.extend(bench.told.insert((node, user), status));
                if !before.is_empty() && before.iter().all(|before| *before == status) {
                    self.find(format!(
                        "{} told that {} is {status:?}, which was shown already",
                        name(node),
                        who(user)
                    ));
                }
                self.look_at_status(&mut bench, node, user, status, "told");
            }
            Transition::Joined { room, user, .. } => {
                self.stay(&mut bench, node, *room, *user, true);
            }
            Transition::Left { room, user, .. } => self.stay(&mut bench, node, *room, *user, false),
            Transition::CutOff => {
                self.note(|| format!("{} sends everybody away", name(node)));
                let gone: Vec<u64> = bench
                    .connections
                    .iter()
                    .filter(|(_, c)| c.node == node)
                    .map(|(id, _)| *id)
                    .collect();
                for connection in gone {
                    bench.connections.remove(&connection);
                }
                bench.confirmed.retain(|(_, holder), _| *holder != node);
            }
        }
    }

    fn stay(&self, bench: &mut Bench, node: NodeId, room: RoomId, user: UserId, here: bool) {
        self.note(|| {
            let what = if here { "came to" } else { "left" };
            format!("{} tells: {} {what} {}", name(node), who(user), which(room))
        });
        if !bench.is_followed(room, node) {
            // Told to nobody.
            return;
        }
        let before = bench.stays.insert((node, room, user), here);
        if before == Some(here) {
            self.find(format!(
                "{} told twice that {} is in {}: {here}",
                name(node),
                who(user),
                which(room)
            ));
        }
        if !here {
            self.look_at_absence(bench, node, Subject::Stay(room, user), "told");
        }
    }

    pub(super) fn answered(&self, node: NodeId, presence: &models::Presence) {
        let (user, status) = (presence.user_id, presence.status);
        let mut bench = self.bench();
        if bench.shown(node, user) != Some(status) {
            self.note(|| format!("{} answers: {} is {status:?}", name(node), who(user)));
            let answered = bench.answered.entry((node, user)).or_default();
            answered.push((status, Instant::now()));
        }
        self.look_at_status(&mut bench, node, user, status, "answered");
    }

    /// What was last shown of somebody on a node.
    pub(super) fn shown(&self, node: NodeId, user: UserId) -> Option<Status> {
        self.bench().shown(node, user)
    }

    pub(super) fn last_told(&self, node: NodeId, user: UserId) -> Option<Status> {
        self.bench().told.get(&(node, user)).copied()
    }

    /// Something is wrong.
    pub(super) fn find(&self, fault: String) {
        self.chronicle.find(fault);
    }

    fn look_at_status(
        &self,
        bench: &mut Bench,
        node: NodeId,
        user: UserId,
        status: Status,
        how: &str,
    ) {
        if status == Status::Offline {
            self.look_at_absence(bench, node, Subject::User(user), how);
        }
    }

    /// Nobody may be missed who is where the node could know.
    fn look_at_absence(&self, bench: &mut Bench, node: NodeId, subject: Subject, how: &str) {
        let Some(holder) = self.wrongly_missed(bench, node, subject) else {
            return;
        };
        let mut fault = String::new();
        let _ = write!(
            fault,
            "{} {how} that {} is not so, which it is on {}",
            name(node),
            about(subject),
            name(holder)
        );
        self.find(fault);
    }

    fn wrongly_missed(&self, bench: &Bench, node: NodeId, subject: Subject) -> Option<NodeId> {
        let now = Instant::now();
        // Less than this, and nothing of it can be noticed.
        let short = (self.spans.node_lease / 3).saturating_sub(self.travel * 4);
        let long = self.spans.lease + self.spans.refresh;
        let informed = bench.informed.get(&(node, subject));
        bench.pulses.keys().copied().find(|holder| {
            if !bench.is_so(subject, *holder) || !bench.pulses[holder].is_steady(short, short) {
                return false;
            }
            if *holder == node {
                return true;
            }
            if self.must_be_missed_by_nobody(bench, node, subject, *holder)
                || bench.is_misled(node, subject, *holder)
            {
                return true;
            }
            let Some(since) = bench.confirmed.get(&(subject, *holder)) else {
                return false;
            };
            let awake = bench.pulses[&node].is_steady(Duration::ZERO, long);
            let late = matches!(subject, Subject::User(_)) && awake && now - *since > long;
            // Of two steps at the same moment nobody can say which was the first.
            late || informed.is_some_and(|at| at > since)
        })
    }

    /// Whether a user has been connected there for so long that every node that runs must know, or know
    /// that it cannot know: the database has told it, whatever is between them and Redis. If it has been
    /// able to tell for a while already, they may come at any moment.
    fn must_be_missed_by_nobody(
        &self,
        bench: &Bench,
        node: NodeId,
        subject: Subject,
        holder: NodeId,
    ) -> bool {
        let Subject::User(user) = subject else {
            return false;
        };
        let Spans {
            patience,
            node_lease,
            node_refresh,
            ..
        } = self.spans;
        let told = patience + node_refresh + self.travel * 16;
        let noticed = PING_EVERY + told;
        let mark = bench.marks.get(&holder);
        let is_marked = mark.is_some_and(|mark| mark.stood_at(Instant::now() - told));
        let steady = |node| bench.pulses[node].is_steady(Duration::ZERO, noticed + node_lease);
        let mut own = bench.connections.values();
        let long_there = |c: &Connection| is_marked || c.since.elapsed() > noticed;
        own.any(|c| c.user == user && c.node == holder && long_there(c))
            && [node, holder].iter().all(steady)
            && bench
                .troubles
                .are_over(Part::Database, noticed + node_lease)
    }

    fn bench(&self) -> MutexGuard<'_, Bench> {
        self.bench.lock().unwrap()
    }
}

impl Bench {
    /// Whether the register has forgotten that somebody is in a room. Whoever has not known before
    /// cannot find out: it is a node without Redis that knows.
    fn is_forgotten(&self, subject: Subject, holder: NodeId) -> bool {
        let since = self.confirmed.get(&(subject, holder));
        matches!(subject, Subject::Stay(..)) && since.is_some_and(|at| Some(*at) < self.emptied)
    }

    fn inform(&mut self, node: NodeId, subject: Subject, at: Instant) {
        let mut holders = self.pulses.keys();
        if holders.any(|holder| self.is_forgotten(subject, *holder)) {
            return;
        }
        let informed = self.informed.entry((node, subject)).or_insert(at);
        *informed = at.max(*informed);
    }

    fn shown(&self, node: NodeId, user: UserId) -> Option<Status> {
        let answered = self.answered.get(&(node, user));
        let last = answered.and_then(|answered| answered.last());
        let last = last.map(|(status, _)| *status);
        last.or_else(|| self.told.get(&(node, user)).copied())
    }

    fn status(&self, user: UserId) -> Status {
        let own = self.connections.values().filter(|c| c.user == user);
        let (away, others): (Vec<_>, Vec<_>) = own.partition(|connection| connection.away);
        match (away.is_empty(), others.is_empty()) {
            (_, false) => Status::Online,
            (false, true) => Status::Away,
            (true, true) => Status::Offline,
        }
    }

    fn is_followed(&self, room: RoomId, node: NodeId) -> bool {
        let mut there = self.connections.values().filter(|c| c.node == node);
        there.any(|c| c.rooms.contains(&room))
    }

    /// Whether a subject is true by a connection to this node.
    fn is_so(&self, subject: Subject, node: NodeId) -> bool {
        let mut own = self.connections.values().filter(|c| c.node == node);
        match subject {
            Subject::User(user) => own.any(|c| c.user == user),
            Subject::Stay(room, user) => own.any(|c| c.user == user && c.rooms.contains(&room)),
        }
    }

    /// Whether this node heard of the wrong word that somebody has gone who is here all the time.
    fn is_misled(&self, node: NodeId, subject: Subject, holder: NodeId) -> bool {
        let Subject::User(user) = subject else {
            return false;
        };
        let Some(at) = self.misled.get(&(user, holder)) else {
            return false;
        };
        let informed = self.informed.get(&(node, subject));
        let mut own = self.connections.values();
        own.any(|c| c.user == user && c.node == holder && c.since <= *at)
            && informed.is_some_and(|informed| informed >= at)
    }

    /// Forgets what was confirmed of a user and is not so any more.
    fn doubt(&mut self, user: UserId, node: NodeId) {
        let mut confirmed = std::mem::take(&mut self.confirmed);
        confirmed.retain(|(subject, holder), _| {
            subject.user() != user || *holder != node || self.is_so(*subject, *holder)
        });
        self.confirmed = confirmed;
    }
}

fn name(node: NodeId) -> String {
    format!("node {}", node.0.as_u128())
}

fn who(user: UserId) -> String {
    format!("user {}", user.0.as_u128())
}

fn which(room: RoomId) -> String {
    format!("room {}", room.0.as_u128())
}

fn about(subject: Subject) -> String {
    match subject {
        Subject::User(user) => format!("{} reachable", who(user)),
        Subject::Stay(room, user) => format!("{} in {}", who(user), which(room)),
    }
}
