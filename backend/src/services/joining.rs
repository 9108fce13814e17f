//! Joining and resuming: from the stored log to a feed that goes on where the answer ends.
//!
//! Attach first, read second: a join opens its cursor before it reads its snapshot, so that no
//! entry can fall between the two.

use super::limits::{LimitKey, Rule};
use super::members::Charge;
use super::together::Seen;
use super::{Caller, Chat, ChatError, Member, announce, check};
use crate::models::RoomId;
use crate::protocol::events::{
    JoinRoom, JoinedRoom, Missed, Resume, ResumeOutcome, ResumeRoom, ResumedRoom,
};
use crate::protocol::object::Object;
use crate::store::{self, Denied, Joining};
use futures_util::future::join_all;
use realtime::{Attached, Connection, Frame, Topic};
use std::collections::HashSet;
use std::sync::Arc;

/// A client that is further behind starts from the newest page.
const MAX_BEHIND: u32 = 1000;
/// Rooms in one `resume`.
const RESUMED_ROOMS: usize = 200;
/// Entries in the answer to one `resume`, over all its rooms.
const RESUMED_ENTRIES: u32 = 2000;
/// Rooms of one `resume` that are read at once: what is read for an answer that has no space for it
/// is bounded by this.
const RESUMED_TOGETHER: usize = 16;
/// Messages of the newest page unless asked otherwise.
const USUAL_PAGE: u32 = 50;

/// A feed that is ready to start: its answer, and the place after which it goes on.
#[derive(Debug)]
pub struct Opened {
    pub attached: Attached,
    pub answer: JoinedRoom,
}

/// Why something read has to be read again.
pub(super) const ANOTHER_HISTORY: &str = "the database has another history now";

/// What a client asks for of a room.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// The place it has, and of which history.
    since: Option<u64>,
    epoch: Option<&'a str>,
    behind: u32,
    messages: u32,
}

/// How much of the log a client is given at once.
struct Portion {
    since: Option<u64>,
    /// The client has a place, but in another history.
    other_history: bool,
    /// The history it is to be of.
    epoch: String,
    behind: u32,
    messages: u32,
}

impl Chat {
    /// Joins a room for a connection: makes the caller a member where that is possible, opens the
    /// feed and answers with a snapshot. The feed starts where the snapshot ends.
    ///
    /// # Errors
    /// `NotFound`, `Gone`, `Invalid`, `RateLimited`.
    pub async fn join_room(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Connection,
        request: JoinRoom,
    ) -> Result<(Member, Opened), ChatError> {
        let room = RoomId::parse(&request.room_id).ok_or(ChatError::NotFound("room"))?;
        let messages = check::limit(request.limit, USUAL_PAGE, 200)?;
        let since = request.since.map(check::place).transpose()?;
        self.limits.check(Rule::Join, LimitKey::User(caller.id()))?;
        let asked = Asked {
            since,
            epoch: request.epoch.as_deref(),
            behind: MAX_BEHIND,
            messages,
        };
        self.take_up(caller, connection, room, Charge::Nothing, asked)
            .await
    }

    /// Takes up many rooms at once, in the order asked. A room that cannot be joined is refused
    /// alone.
    ///
    /// # Errors
    /// `Invalid` for too many rooms, `RateLimited`.
    pub async fn resume(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Connection,
        request: Resume,
    ) -> Result<Resuming, ChatError> {
        if request.rooms.len() > RESUMED_ROOMS {
            return Err(ChatError::invalid(
                "rooms",
                format!("at most {RESUMED_ROOMS} rooms at once"),
            ));
        }
        self.limits.check(Rule::Join, LimitKey::User(caller.id()))?;
        let mut resuming = Resuming::default();
        let mut left = RESUMED_ENTRIES;
        let mut named = HashSet::new();
        let mut rooms = request.rooms.into_iter().map(|Object(room)| room);
        loop {
            // Asked for together, so that nobody with many rooms waits for one after the other.
            let some: Vec<ResumeRoom> = rooms.by_ref().take(RESUMED_TOGETHER).collect();
            if some.is_empty() {
                return Ok(resuming);
            }
            let opened = some.iter().map(|asked| {
                // A second feed of the room would end the first, which was already answered.
                let again = RoomId::parse(&asked.room_id).is_some_and(|room| !named.insert(room));
                self.resume_room(caller, connection, asked, again, left)
            });
            let opened: Vec<_> = join_all(opened).await;
            for (asked, opened) in some.into_iter().zip(opened) {
                let outcome = match opened {
                    Ok((member, Opened { attached, answer })) => {
                        let answer = within(answer, &mut left);
                        resuming.feeds.push((member, attached, answer.last_seq));
                        ResumeOutcome::Joined(Box::new(answer))
                    }
                    Err(error) => ResumeOutcome::Refused {
                        error: error.to_socket(),
                    },
                };
                resuming.rooms.push(ResumedRoom {
                    room_id: asked.room_id,
                    outcome,
                });
            }
        }
    }

    async fn resume_room(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Connection,
        asked: &ResumeRoom,
        again: bool,
        left: u32,
    ) -> Result<(Member, Opened), ChatError> {
        let room = RoomId::parse(&asked.room_id).ok_or(ChatError::NotFound("room"))?;
        if again {
            return Err(ChatError::invalid("rooms", "this room is named twice"));
        }
        let asked = Asked {
            since: asked.since.map(check::place).transpose()?,
            epoch: asked.epoch.as_deref(),
            behind: MAX_BEHIND.min(left),
            messages: USUAL_PAGE.min(left),
        };
        self.take_up(caller, connection, room, Charge::Join, asked)
            .await
    }

    /// Makes the caller a member where that is possible, and opens the feed. Who is refused the room
    /// is told that it is lost.
    async fn take_up(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Connection,
        room: RoomId,
        charge: Charge,
        asked: Asked<'_>,
    ) -> Result<(Member, Opened), ChatError> {
        let opened = self
            .open_feed(caller, connection, room, charge, asked)
            .await;
        if let Err(ChatError::NotFound(_)) = opened {
            self.tell_refused(room, caller.id()).await;
        }
        opened
    }

    /// Most who come are members already, and so what they ask for says whether they are.
    async fn open_feed(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Connection,
        room: RoomId,
        charge: Charge,
        asked: Asked<'_>,
    ) -> Result<(Member, Opened), ChatError> {
        let topic = self.feed.topic(room).await?;
        // Attaching stops the feed there is: not for somebody who may not have another.
        let followed = topic.is_followed_by(connection.id());
        if followed {
            self.become_member(caller, room, charge).await?;
        }
        let portion = self.portion(asked).await?;
        let opened = async {
            if let Some(opened) = self.try_open(caller, connection, &topic, &portion).await? {
                return Ok(opened);
            }
            let member = self.become_member(caller, room, charge).await?;
            let opened = self.try_open(caller, connection, &topic, &portion).await?;
            opened.ok_or_else(|| Self::refusal(&member, Denied::NotMember.into()))
        };
        let opened = opened.await;
        if opened.is_err() && followed {
            // Its reader must not take silence for peace.
            connection.send(announce::room_reset(room));
            self.left(room, connection.id()).await;
        }
        opened
    }

    /// Opens the feed of a member; nothing for somebody who is none.
    async fn try_open(
        &self,
        caller: &Caller,
        connection: &Connection,
        topic: &Topic,
        portion: &Portion,
    ) -> Result<Option<(Member, Opened)>, ChatError> {
        let attached = topic
            .attach(connection, announce::user_tag(caller.id()))
            .ok_or_else(|| ChatError::Unavailable("the connection has ended".to_owned()))?;
        let joining = Joining {
            room: announce::room_of(topic.id()),
            viewer: caller.id(),
            since: portion.since,
            behind: portion.behind,
            messages: portion.messages,
            at_hand: false,
        };
        let (seen, missed) = match self.read(topic, joining).await? {
            Ok(read) => read,
            Err(Denied::NotMember) => return Ok(None),
            Err(denied) => return Err(denied.into()),
        };
        if self.feed.history().await? != portion.epoch {
            return Err(ChatError::Unavailable(ANOTHER_HISTORY.to_owned()));
        }
        let room = &seen.snapshot.room;
        let membership = room.membership.as_ref();
        let member = Member {
            room: joining.room,
            user: joining.viewer,
            kind: room.kind,
            role: membership.ok_or(ChatError::NotFound("room"))?.role,
        };
        let answer = self.answer(member, seen, missed, portion).await;
        Ok(Some((member, Opened { attached, answer })))
    }

    /// The room at one moment, with what was missed up to then if the topic has kept it.
    async fn read(
        &self,
        topic: &Topic,
        mut joining: Joining,
    ) -> Result<Result<(Seen, Option<Vec<Missed>>), Denied>, ChatError> {
        joining.at_hand = at_hand(topic, &joining, topic.head())
            .is_some_and(|frames| frames.iter().all(|frame| announce::told(frame).is_some()));
        let seen = match self.together.snapshots.ask(joining).await? {
            Ok(seen) => seen,
            Err(denied) => return Ok(Err(denied)),
        };
        let missed = at_hand(topic, &joining, seen.snapshot.room.last_seq)
            .and_then(|frames| frames.iter().map(announce::missed).collect());
        if missed.is_some() || !matches!(seen.snapshot.feed, store::Feed::AtHand) {
            return Ok(Ok((seen, missed)));
        }
        // No word has come yet of the newest entry, or it is not one to be told as it was.
        joining.at_hand = false;
        let seen = self.together.snapshots.ask(joining).await?;
        Ok(seen.map(|seen| (seen, None)))
    }

    async fn portion(&self, asked: Asked<'_>) -> Result<Portion, ChatError> {
        let epoch = self.feed.history().await?;
        let known = asked.epoch.filter(|_| asked.since.is_some());
        let other_history = known.is_some_and(|known| known != epoch);
        Ok(Portion {
            since: asked.since.filter(|_| !other_history),
            other_history,
            epoch,
            behind: asked.behind,
            messages: asked.messages,
        })
    }

    async fn answer(
        &self,
        member: Member,
        Seen { snapshot, members }: Seen,
        missed: Option<Vec<Missed>>,
        portion: &Portion,
    ) -> JoinedRoom {
        let asked = portion.since.is_some() || portion.other_history;
        let mut answer = JoinedRoom {
            last_seq: snapshot.room.last_seq,
            room: snapshot.room,
            members: members.seen_by(member.user),
            epoch: portion.epoch.clone(),
            reset: None,
            changes: None,
            messages: None,
            has_before: None,
        };
        match snapshot.feed {
            store::Feed::AtHand => {
                answer.reset = Some(false);
                answer.changes = missed;
            }
            store::Feed::Changes(entries) => {
                let entries = self.feed.render_all(entries).await;
                answer.reset = Some(false);
                answer.changes = Some(entries.into_iter().map(Missed::Read).collect());
            }
            store::Feed::Newest {
                messages,
                has_before,
            } => {
                answer.reset = asked.then_some(true);
                if portion.messages > 0 {
                    answer.messages = Some(messages);
                    answer.has_before = Some(has_before);
                }
            }
        }
        answer
    }
}

/// The answer as far as there is space for its entries in the answer to the whole `resume`.
fn within(mut answer: JoinedRoom, left: &mut u32) -> JoinedRoom {
    let given =
        answer.changes.as_ref().map_or(0, Vec::len) + answer.messages.as_ref().map_or(0, Vec::len);
    let given = u32::try_from(given).unwrap_or(u32::MAX);
    if let Some(rest) = left.checked_sub(given) {
        *left = rest;
    } else {
        answer.reset = answer.reset.map(|_| true);
        answer.changes = None;
        answer.messages = None;
        answer.has_before = None;
    }
    answer
}

/// What somebody who joins has missed up to `until`, if the topic has kept it. Only messages can be
/// told as they were: an entry about a message changes how the message itself is shown.
fn at_hand(topic: &Topic, joining: &Joining, until: u64) -> Option<Vec<Frame>> {
    let since = joining.since?;
    let missed = until.checked_sub(since)?;
    if missed > u64::from(joining.behind) {
        return None;
    }
    topic.frames(since, until)
}

/// Rooms taken up again: the answer, and the feeds to start with it.
#[derive(Debug, Default)]
pub struct Resuming {
    pub rooms: Vec<ResumedRoom>,
    pub feeds: Vec<(Member, Attached, u64)>,
}
