//! What belongs to the people connected here: their rooms and their logins; and what their role lets
//! them watch.
//!
//! Neither is in a room's log, and neither may be missed. The store keeps a counter for every user,
//! moved by the transaction in which a membership or a login of theirs comes or goes, or their role
//! changes. For each user connected here this node remembers what they were told and at which count;
//! whoever learns of another count (this node, which made the change; another, by the bus; any, by
//! comparing) reads what belongs to them now and tells the difference. One way, whatever was lost.

use super::{Chat, ChatError, announce};
use crate::bus::{Subject, Word};
use crate::models::{Role, RoomId, SessionId, Timestamp, UserId};
use crate::protocol::events::RoomAdded;
use crate::store::{Belongings, Login};
use futures_util::future::join_all;
use realtime::Close;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Users whose counters are compared in one query.
const COUNTERS_AT_ONCE: usize = 2000;
/// Of those whose counters have moved, how many are looked after together, which is one question
/// about all of them: after another history it is everybody.
const LOOKED_AFTER_AT_ONCE: usize = 64;

/// What the people connected here were told belongs to them. Bounded by the live connections and
/// the memberships of those behind them.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashMap<UserId, Person>>);

#[derive(Debug)]
struct Person {
    connections: usize,
    /// The logins with live connections here. There are few: a list takes less than a table.
    sessions: Vec<Held>,
    /// The count at which `rooms` were right; nothing before they were first read.
    moves: Option<u64>,
    /// In order.
    rooms: Vec<RoomId>,
    /// Held while somebody reads and tells, so that what is told is in order.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
struct Held {
    session: SessionId,
    connections: usize,
    expires_at: Timestamp,
}

/// What is new about somebody's belongings.
#[derive(Debug, Default, PartialEq)]
struct Difference {
    added: Vec<RoomId>,
    removed: Vec<RoomId>,
    ended: Vec<SessionId>,
}

/// A connection's hold on its user and its login: while it lives, the login counts as used, and
/// what comes to the user or goes is told.
#[derive(Debug)]
pub struct LiveSession {
    chat: Arc<Chat>,
    user: UserId,
    session: SessionId,
}

impl Drop for LiveSession {
    fn drop(&mut self) {
        self.chat.known.let_go(self.user, self.session, || {
            self.chat.bus.unwatch(Subject::User(self.user));
        });
    }
}

impl Known {
    fn people(&self) -> MutexGuard<'_, HashMap<UserId, Person>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, user: UserId, session: SessionId, expires_at: Timestamp) {
        let mut people = self.people();
        let person = people.entry(user).or_insert_with(|| Person {
            connections: 0,
            sessions: Vec::with_capacity(1),
            moves: None,
            rooms: Vec::new(),
            turn: Arc::default(),
        });
        person.connections += 1;
        let known = |held: &&mut Held| held.session == session;
        if let Some(login) = person.sessions.iter_mut().find(known) {
            login.connections += 1;
        } else {
            person.sessions.push(Held {
                session,
                connections: 1,
                expires_at,
            });
        }
    }

    /// Forgets a connection; does `at_last` with the user's last one, before the next can come.
    fn let_go(&self, user: UserId, session: SessionId, at_last: impl FnOnce()) {
        let mut people = self.people();
        let Some(person) = people.get_mut(&user) else {
            return;
        };
        person.connections -= 1;
        let known = |held: &Held| held.session == session;
        if let Some(at) = person.sessions.iter().position(known) {
            person.sessions[at].connections -= 1;
            if person.sessions[at].connections == 0 {
                person.sessions.swap_remove(at);
            }
        }
        if person.connections == 0 {
            people.remove(&user);
            at_last();
        }
    }

    /// The count at which what was told is right; nothing before anything was read.
    fn count(&self, user: UserId) -> Option<u64> {
        self.people().get(&user)?.moves
    }

    fn turn(&self, user: UserId) -> Option<Arc<tokio::sync::Mutex<()>>> {
        Some(Arc::clone(&self.people().get(&user)?.turn))
    }

    /// The user's logins that live here.
    fn held(&self, user: UserId) -> Vec<SessionId> {
        let people = self.people();
        let sessions = people.get(&user).map(|person| &person.sessions);
        let sessions = sessions.into_iter().flatten();
        sessions.map(|held| held.session).collect()
    }

    /// Takes note of what belongs to the user now, and answers what they must be told. `held` are
    /// the logins that lived here before that was read: one that began after may be missing in it.
    fn learn(&self, user: UserId, held: &[SessionId], now: &Belongings) -> Difference {
        let mut people = self.people();
        let Some(person) = people.get_mut(&user) else {
            return Difference::default();
        };
        let mut rooms = now.rooms.clone();
        rooms.sort_unstable();
        let first = person.moves.is_none();
        let difference = Difference {
            // What there was before anybody connected is not news: they ask for it.
            added: if first {
                Vec::new()
            } else {
                missing(&rooms, &person.rooms)
            },
            removed: missing(&person.rooms, &rooms),
            ended: held
                .iter()
                .filter(|session| !now.sessions.contains(session))
                .copied()
                .collect(),
        };
        person.rooms = rooms;
        person.moves = Some(now.moves);
        difference
    }

    /// The user has been told that this room is no longer theirs; false when they knew already. What
    /// is known must be looked at again: they may have it once more.
    pub(super) fn lose(&self, user: UserId, room: RoomId) -> bool {
        let mut people = self.people();
        let Some(person) = people.get_mut(&user) else {
            return false;
        };
        let lost = person.rooms.binary_search(&room);
        if let Ok(at) = lost {
            person.rooms.remove(at);
            person.moves = Some(0);
        }
        lost.is_ok()
    }

    /// These rooms could not be told after all: they are looked at again.
    fn doubt(&self, user: UserId, rooms: &[RoomId]) {
        if let Some(person) = self.people().get_mut(&user) {
            person.rooms.retain(|known| !rooms.contains(known));
            person.moves = Some(0);
        }
    }

    /// The store has another history now, whose counts say nothing about what was told before:
    /// everybody is looked at again.
    pub(super) fn doubt_all(&self) {
        for person in self.people().values_mut() {
            person.moves = person.moves.map(|_| 0);
        }
    }

    /// Everybody who is known here, and the count at which they are. Who is not is being looked
    /// after by the connection that holds them.
    fn counts(&self) -> BTreeMap<UserId, u64> {
        let people = self.people();
        people
            .iter()
            .filter_map(|(user, person)| Some((*user, person.moves?)))
            .collect()
    }

    /// The logins with live connections: those past their end at `now`, and the others.
    pub(super) fn logins(&self, now: Timestamp) -> (Vec<SessionId>, Vec<SessionId>) {
        let people = self.people();
        let all = people.values().flat_map(|person| &person.sessions);
        let (ended, live): (Vec<_>, Vec<_>) = all.partition(|login| login.expires_at <= now);
        let ids = |logins: Vec<&Held>| logins.iter().map(|login| login.session).collect();
        (ids(ended), ids(live))
    }
}

/// Those of `rooms` that are not among the `others`, which are in order.
fn missing(rooms: &[RoomId], others: &[RoomId]) -> Vec<RoomId> {
    let missing = |room: &&RoomId| others.binary_search(room).is_err();
    rooms.iter().filter(missing).copied().collect()
}

impl Chat {
    /// A connection of this user and this login lives here from now on: what comes and goes from now
    /// on is told to it.
    ///
    /// A login that has been ended since it was found has its connections ended before this answers.
    pub(super) async fn hold(self: &Arc<Self>, login: &Login) -> Result<LiveSession, ChatError> {
        let (user, session) = (login.user.id, login.session.id);
        self.known.hold(user, session, login.session.expires_at);
        let live = LiveSession {
            chat: Arc::clone(self),
            user,
            session,
        };
        // What is known is kept true; the first to come here sees to it that it is known. Held
        // first, compared second: whoever learns of another count from here on finds the login held.
        let known = self.known.count(user);
        if known.is_none() {
            // Watched first, read second: nothing can fall between the two.
            self.bus.watch(Subject::User(user)).await;
        }
        if known != Some(login.moves) {
            self.look_unless(user, Some(login.moves)).await?;
        }
        Ok(live)
    }

    /// Something of these people's came or went, as the store knows: their connections are told,
    /// here and everywhere.
    pub(super) async fn moved(&self, people: &[UserId]) {
        for user in people {
            self.bus.tell(Word::Moved { user: *user });
            // It is done; the others are told all the same, and this one by the next comparison.
            if let Err(error) = self.look_after(*user).await {
                tracing::warn!(user.id = %user, %error, cause = error.cause(), "somebody was not told yet what is theirs");
            }
        }
    }

    /// Reads what belongs to a user who is connected here, and tells the difference, if there is one.
    pub(super) async fn look_after(&self, user: UserId) -> Result<bool, ChatError> {
        self.look_unless(user, None).await
    }

    /// [`Chat::look_after`], unless what is known is right at this count when one's turn has come.
    async fn look_unless(&self, user: UserId, count: Option<u64>) -> Result<bool, ChatError> {
        let Some(turn) = self.known.turn(user) else {
            return Ok(false);
        };
        let _turn = turn.lock().await;
        if count.is_some() && self.known.count(user) == count {
            return Ok(false);
        }
        let held = self.known.held(user);
        let now = self.together.belongings.ask(user).await?;
        let now = now.unwrap_or_default();
        let difference = self.known.learn(user, &held, &now);
        if !now.role.is_some_and(Role::operates) {
            self.unwatch_stats_of(user);
        }
        let is_news = difference != Difference::default();
        for session in difference.ended {
            self.close_session(session);
        }
        for room in difference.removed {
            self.feed.tell_room_removed(room, user).await;
        }
        for (at, room) in difference.added.iter().enumerate() {
            match self.store.find_room(*room, user).await {
                Ok(Some(room)) => self.tell_room_added(&RoomAdded { room }, user),
                // It went again at once.
                Ok(None) => {}
                Err(error) => {
                    // Nor have those been told that come after it.
                    self.known.doubt(user, &difference.added[at..]);
                    return Err(error.into());
                }
            }
        }
        Ok(is_news)
    }

    /// Compares the counters of everybody connected here with the store.
    ///
    /// # Errors
    /// Only faults of the store.
    pub(super) async fn compare_belongings(&self) -> Result<(), ChatError> {
        let known = self.known.counts();
        let users: Vec<UserId> = known.keys().copied().collect();
        for chunk in users.chunks(COUNTERS_AT_ONCE) {
            let mut moved = self.store.moves(chunk).await?;
            moved.retain(|(user, moves)| known.get(user).is_some_and(|known| known != moves));
            for some in moved.chunks(LOOKED_AFTER_AT_ONCE) {
                // Who has been looked after since is not again: when a crowd arrives, most have.
                let looks = some
                    .iter()
                    .map(|(user, moves)| self.look_unless(*user, Some(*moves)));
                // Each to its end: what was learnt must be told.
                for is_news in join_all(looks).await {
                    if is_news? {
                        self.counts.belongings_repaired.add(1);
                    }
                }
            }
        }
        Ok(())
    }

    /// A user was refused this room, and takes it for lost. If it was theirs as far as was told here,
    /// all their connections are told, and it is looked whether they have it again: what came and went
    /// between two looks would otherwise be no difference.
    pub(super) async fn tell_refused(&self, room: RoomId, user: UserId) {
        if self.known.lose(user, room) {
            self.feed.tell_room_removed(room, user).await;
        }
    }

    fn tell_room_added(&self, added: &RoomAdded, user: UserId) {
        let Some(engine) = self.feed.engine() else {
            return;
        };
        let packet = announce::room_added(added);
        let topic = self.feed.find_topic(added.room.id);
        for connection in engine.tagged(announce::user_tag(user)) {
            // A slow reader may still be reading what came before it lost the room, and would hear
            // last that it has not got it. What is cut short is asked for with the next join.
            if let Some(topic) = &topic {
                topic.part(connection.id());
            }
            connection.send(packet.clone());
        }
    }

    /// Tells the connections of an ended session, and ends them.
    pub(super) fn close_session(&self, session: SessionId) {
        let Some(engine) = self.feed.engine() else {
            return;
        };
        for connection in engine.tagged(announce::session_tag(session)) {
            connection.send(announce::session_revoked());
            connection.close(Close::Disconnect);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ADA: UserId = UserId(Uuid::from_u128(1));
    const LOGIN: SessionId = SessionId(Uuid::from_u128(10));
    const OTHER_LOGIN: SessionId = SessionId(Uuid::from_u128(11));
    const FOREVER: Timestamp = Timestamp(i64::MAX);

    fn room(number: u128) -> RoomId {
        RoomId(Uuid::from_u128(100 + number))
    }

    fn belongings(moves: u64, rooms: &[RoomId], sessions: &[SessionId]) -> Belongings {
        Belongings {
            moves,
            role: Some(Role::Member),
            rooms: rooms.to_vec(),
            sessions: sessions.to_vec(),
        }
    }

    fn connected() -> Known {
        let known = Known::default();
        known.hold(ADA, LOGIN, FOREVER);
        known
    }

    #[test]
    fn what_was_there_before_is_no_news_and_what_comes_later_is() {
        let known = connected();
        let first = known.learn(ADA, &[LOGIN], &belongings(5, &[room(1)], &[LOGIN]));
        assert_eq!(first, Difference::default());
        let later = known.learn(ADA, &[LOGIN], &belongings(6, &[room(1), room(2)], &[LOGIN]));
        assert_eq!(later.added, [room(2)]);
        assert_eq!(known.counts()[&ADA], 6);
    }

    #[test]
    fn a_login_that_is_gone_is_found_among_those_in_use() {
        let known = connected();
        known.hold(ADA, OTHER_LOGIN, FOREVER);
        let held = known.held(ADA);
        let difference = known.learn(ADA, &held, &belongings(2, &[], &[LOGIN]));
        assert_eq!(difference.ended, [OTHER_LOGIN]);
    }

    #[test]
    fn a_login_that_began_while_others_were_read_has_not_ended() {
        let known = connected();
        let held = known.held(ADA);
        let read = belongings(2, &[], &[LOGIN]);
        known.hold(ADA, OTHER_LOGIN, FOREVER);
        assert_eq!(known.learn(ADA, &held, &read), Difference::default());
    }

    #[test]
    fn rooms_that_could_not_be_told_are_news_again() {
        let known = connected();
        known.learn(ADA, &[LOGIN], &belongings(5, &[], &[LOGIN]));
        let now = belongings(6, &[room(1), room(2), room(3)], &[LOGIN]);
        let added = known.learn(ADA, &[LOGIN], &now).added;
        known.doubt(ADA, &added[1..]);
        assert_eq!(known.counts()[&ADA], 0);
        let again = known.learn(ADA, &[LOGIN], &now);
        assert_eq!(again.added, [room(2), room(3)]);
    }

    #[test]
    fn a_lost_room_is_told_once_and_looked_at_again() {
        let known = connected();
        known.learn(ADA, &[LOGIN], &belongings(5, &[room(1)], &[LOGIN]));
        assert!(known.lose(ADA, room(1)));
        assert!(!known.lose(ADA, room(1)), "told already");
        assert_ne!(known.counts()[&ADA], 5, "so that it is compared");
        let same = known.learn(ADA, &[LOGIN], &belongings(6, &[], &[LOGIN]));
        assert_eq!(same, Difference::default());
        known.lose(ADA, room(1));
        let again = known.learn(ADA, &[LOGIN], &belongings(7, &[room(1)], &[LOGIN]));
        assert_eq!(again.added, [room(1)], "they have it once more");
    }

    #[test]
    fn who_is_only_arriving_is_not_compared() {
        let known = connected();
        assert!(known.counts().is_empty(), "their connection asks");
        known.learn(ADA, &[LOGIN], &belongings(5, &[], &[LOGIN]));
        assert_eq!(known.counts()[&ADA], 5);
    }

    #[test]
    fn with_another_history_everybody_is_looked_at_again() {
        let known = connected();
        known.doubt_all();
        assert_eq!(
            known.counts().get(&ADA),
            None,
            "nothing is known of them yet"
        );
        known.learn(ADA, &[LOGIN], &belongings(5, &[room(1)], &[LOGIN]));
        known.doubt_all();
        assert_ne!(known.counts()[&ADA], 5, "so that it is compared");
        let other = known.learn(ADA, &[LOGIN], &belongings(5, &[room(2)], &[LOGIN]));
        assert_eq!((other.added, other.removed), (vec![room(2)], vec![room(1)]));
    }

    #[test]
    fn only_the_last_connection_ends_what_is_known() {
        let known = connected();
        known.hold(ADA, LOGIN, FOREVER);
        let lasts = std::cell::Cell::new(0);
        known.let_go(ADA, LOGIN, || lasts.set(1));
        assert_eq!((lasts.get(), known.people().len()), (0, 1));
        known.let_go(ADA, LOGIN, || lasts.set(1));
        assert_eq!((lasts.get(), known.people().len()), (1, 0));
    }

    #[test]
    fn logins_past_their_end_are_told_from_the_others() {
        let known = connected();
        known.hold(ADA, OTHER_LOGIN, Timestamp(1_000));
        let (ended, live) = known.logins(Timestamp(1_000));
        assert_eq!((ended, live), (vec![OTHER_LOGIN], vec![LOGIN]));
    }
}
