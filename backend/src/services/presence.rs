//! Telling people who is reachable and who is here.
//!
//! Presence itself is kept behind [`crate::presence::Presence`]; what it finds out is spread here,
//! as hints, to those it concerns. In rooms of more than [`SMALL_ROOM`] members nobody is told of
//! every coming and going.
//!
//! What changes at about the same time is told together: when a thousand people come, each hears of
//! many of them at once, and the store is asked a few questions about all instead of some about each.

use super::render::show_presence;
use super::{Chat, ChatError, announce};
use crate::models::{Presence, RoomId, Status, Timestamp, User, UserId};
use crate::presence::Transition;
use crate::protocol::presence::{Here, UpdatePresence};
use realtime::{CloseReason, ConnectionId, Packet, Topic};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Members of a room up to which its people hear of each other's presence.
const SMALL_ROOM: u64 = 200;
/// From one telling to the next: whoever comes alone is told of at once, and nobody minds this much.
const TOLD_EVERY: Duration = Duration::from_millis(100);
/// Changes told together: what one statement answers well, fewer than the hints for which a
/// connection has space, and than [`Which`] has bits.
const TOLD_TOGETHER: usize = 100;

/// People by their ids.
type People = BTreeMap<UserId, User>;

/// Somebody who came into a room or left it.
struct Coming {
    room: RoomId,
    user: UserId,
    at: Timestamp,
    came: bool,
}

impl Chat {
    /// A connection of this user is open.
    pub async fn connection_opened(&self, user: UserId, connection: ConnectionId) {
        self.presence.connected(user, connection.0).await;
    }

    /// It has ended, however.
    pub async fn connection_ended(&self, connection: ConnectionId) {
        self.presence.disconnected(connection.0).await;
    }

    /// The connection follows the room. Looked at again after it was noted: a removal in between
    /// had nothing to take back yet.
    pub async fn entered(&self, room: RoomId, connection: ConnectionId) {
        self.presence.entered(room, connection.0).await;
        if !self.feed.is_following(room, connection) {
            self.presence.left(room, connection.0).await;
        }
    }

    /// The connection no longer follows the room.
    pub async fn left(&self, room: RoomId, connection: ConnectionId) {
        self.presence.left(room, connection.0).await;
    }

    /// Stops the connection's feed of a room; the membership stays.
    pub async fn leave_room(&self, room: RoomId, connection: ConnectionId) {
        if let Some(topic) = self.feed.find_topic(room) {
            topic.detach(connection);
        }
        self.left(room, connection).await;
    }

    /// What the connection says about the person behind it.
    ///
    /// # Errors
    /// `Invalid` for anything but `online` and `away`.
    pub async fn update_presence(
        &self,
        connection: ConnectionId,
        request: &UpdatePresence,
    ) -> Result<(), ChatError> {
        let status = match request.status.as_str() {
            "online" => Status::Online,
            "away" => Status::Away,
            _ => {
                return Err(ChatError::invalid(
                    "status",
                    "status must be online or away",
                ));
            }
        };
        self.presence.set_status(connection.0, status).await;
        Ok(())
    }

    /// Lets graces run out. Called twice a second.
    pub async fn tick_presence(&self) {
        self.presence.tick(self.clock.now()).await;
    }

    /// Spreads what presence finds out, for as long as the server runs.
    pub async fn spread_presence(self: Arc<Self>) {
        loop {
            let news = self.presence.news().await;
            for some in news.chunks(TOLD_TOGETHER) {
                self.spread(some).await;
            }
            tokio::time::sleep(TOLD_EVERY).await;
        }
    }

    async fn spread(&self, news: &[Transition]) {
        let mut statuses = Vec::new();
        let mut comings = Vec::new();
        for transition in news {
            self.counts.changed(transition);
            let (room, user, at, came) = match *transition {
                Transition::Status(ref presence) => {
                    statuses.push(presence);
                    continue;
                }
                Transition::CutOff => {
                    self.send_everybody_away();
                    continue;
                }
                Transition::Joined { room, user, at } => (room, user, at, true),
                Transition::Left { room, user, at } => (room, user, at, false),
            };
            comings.push(Coming {
                room,
                user,
                at,
                came,
            });
        }
        self.note_gone(&statuses).await;
        let watched = self.watched(&comings);
        let mut concerned: BTreeSet<UserId> =
            statuses.iter().map(|presence| presence.user_id).collect();
        concerned.extend(watched.iter().map(|(coming, _)| coming.user));
        let told = async {
            let people = self.find_people(concerned).await?;
            // One of the two may fail; the other is told all the same.
            let statuses = self.spread_statuses(&statuses, &people).await;
            self.spread_comings(watched, &people).await.and(statuses)
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, cause = error.cause(), "changes of presence were not told");
        }
    }

    /// Notes when those were seen last who have gone. A failure keeps nobody from being told, and the next
    /// time they are seen is noted again.
    async fn note_gone(&self, statuses: &[&Presence]) {
        let gone = statuses
            .iter()
            .filter(|presence| presence.status == Status::Offline)
            .filter_map(|presence| Some((presence.user_id, presence.last_seen_at?)));
        let gone: Vec<_> = gone.collect();
        if !gone.is_empty()
            && let Err(error) = self.store.saw_users(&gone).await
        {
            tracing::warn!(%error, "when people were last seen could not be noted");
        }
    }

    /// Those who came into a room or left it that somebody watches: a topic that is kept for those who may
    /// come back has nobody to tell.
    fn watched<'a>(&self, comings: &'a [Coming]) -> Vec<(&'a Coming, Topic)> {
        let watched = comings.iter().filter_map(|coming| {
            let topic = self.feed.find_topic(coming.room)?;
            (topic.watchers() > 0).then_some((coming, topic))
        });
        watched.collect()
    }

    /// Ends all connections, in the way that has clients come back, to whichever node then answers.
    fn send_everybody_away(&self) {
        let Some(engine) = self.feed.engine() else {
            return;
        };
        tracing::warn!(
            connections = engine.connections(),
            "everybody is sent away: this node is cut off from the others"
        );
        engine.close_all(CloseReason::Kicked);
    }

    async fn spread_statuses(
        &self,
        statuses: &[&Presence],
        people: &People,
    ) -> Result<(), ChatError> {
        let Some(engine) = self.feed.engine().filter(|_| !statuses.is_empty()) else {
            return Ok(());
        };
        let shown = statuses.iter().filter_map(|presence| {
            let user = people.get(&presence.user_id)?;
            Some(show_presence((*presence).clone(), user))
        });
        let shown: Vec<Presence> = shown.collect();
        let changed: Vec<UserId> = shown.iter().map(|presence| presence.user_id).collect();
        let memberships = self.store.list_acquaintances(&changed, SMALL_ROOM).await?;
        let hints: Vec<(u128, Packet)> = shown
            .iter()
            .map(|presence| {
                let key = announce::presence_key(presence.user_id);
                (key, announce::presence_changed(presence))
            })
            .collect();
        for (other, news) in concerned(&changed, &memberships) {
            tokio::task::coop::consume_budget().await;
            for connection in engine.tagged(announce::user_tag(other)) {
                connection.hints(news.of(&hints).cloned());
            }
        }
        Ok(())
    }

    async fn spread_comings(
        &self,
        mut watched: Vec<(&Coming, Topic)>,
        people: &People,
    ) -> Result<(), ChatError> {
        if watched.is_empty() {
            return Ok(());
        }
        let rooms: BTreeSet<RoomId> = watched.iter().map(|(coming, _)| coming.room).collect();
        let rooms: Vec<RoomId> = rooms.into_iter().collect();
        let mut counts = self.store.member_counts(&rooms).await?;
        counts.retain(|(_, members)| *members <= SMALL_ROOM);
        let small: BTreeSet<RoomId> = counts.into_iter().map(|(room, _)| room).collect();
        watched.retain(|(coming, _)| small.contains(&coming.room));
        for (coming, topic) in watched {
            let Some(user) = people.get(&coming.user) else {
                continue;
            };
            // Whoever leaves is seen last when they do.
            let is_told = coming.came || user.last_seen_visible;
            let here = Here {
                room_id: coming.room,
                user: user.clone(),
                at: if is_told { coming.at } else { self.clock.now() },
            };
            let packet = if coming.came {
                announce::user_joined(&here)
            } else {
                announce::user_left(&here)
            };
            let tag = announce::user_tag(coming.user);
            topic.hint(announce::here_key(coming.user), packet, Some(tag));
        }
        Ok(())
    }

    /// Those of these people who exist.
    async fn find_people(&self, people: BTreeSet<UserId>) -> Result<People, ChatError> {
        if people.is_empty() {
            return Ok(People::new());
        }
        let people: Vec<UserId> = people.into_iter().collect();
        let found = self.store.find_users(&people).await?;
        Ok(found.into_iter().map(|user| (user.id, user)).collect())
    }
}

/// Which of the changes told together concern somebody: a bit for each.
#[derive(Clone, Copy, Default)]
struct Which(u128);

impl Which {
    fn only(place: usize) -> Self {
        Self(1 << place)
    }

    /// Those of `all` that are meant.
    fn of<T>(self, all: &[T]) -> impl Iterator<Item = &T> {
        let meant = move |(place, _): &(usize, &T)| self.0 & (1 << place) != 0;
        all.iter().enumerate().filter(meant).map(|(_, one)| one)
    }
}

/// Who knows which of those who `changed`, by the members of all their rooms.
fn concerned(changed: &[UserId], memberships: &[(RoomId, UserId)]) -> BTreeMap<UserId, Which> {
    let places: BTreeMap<UserId, usize> = changed.iter().copied().zip(0..).collect();
    let mut rooms: BTreeMap<RoomId, u128> = BTreeMap::new();
    for (room, user) in memberships {
        if let Some(place) = places.get(user) {
            *rooms.entry(*room).or_default() |= Which::only(*place).0;
        }
    }
    let mut concerned: BTreeMap<UserId, Which> = BTreeMap::new();
    for (room, user) in memberships {
        let all = rooms.get(room).copied().unwrap_or_default();
        // Nobody is told of themselves.
        let own = places.get(user).map_or(0, |place| Which::only(*place).0);
        concerned.entry(*user).or_default().0 |= all & !own;
    }
    concerned.retain(|_, which| which.0 != 0);
    concerned
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn everybody_hears_of_those_they_share_a_room_with_and_not_of_themselves() {
        let [ana, bo, cleo, dov] = [1, 2, 3, 4].map(|id| UserId(Uuid::from_u128(id)));
        let [den, hall, attic] = [11, 12, 13].map(|id| RoomId(Uuid::from_u128(id)));
        let memberships = [
            (den, ana),
            (den, bo),
            (hall, ana),
            (hall, cleo),
            (hall, bo),
            (attic, dov),
        ];
        let heard = concerned(&[ana, cleo, dov], &memberships);
        let heard: Vec<(UserId, Vec<&str>)> = heard
            .into_iter()
            .map(|(other, which)| (other, which.of(&["ana", "cleo", "dov"]).copied().collect()))
            .collect();
        let expected = [
            (ana, vec!["cleo"]),
            (bo, vec!["ana", "cleo"]),
            (cleo, vec!["ana"]),
        ];
        assert_eq!(heard, expected);
    }
}
