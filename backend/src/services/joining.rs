//! Joining and resuming: from the stored log to a feed that goes on where the answer ends.
//!
//! Attach first, read second: a join opens its cursor before it reads its snapshot, so that no
//! entry can fall between the two.

use super::limits::{LimitKey, Rule};
use super::members::Charge;
use super::{Caller, Chat, ChatError, Member, announce, check};
use crate::models::RoomId;
use crate::protocol::events::{JoinRoom, JoinedRoom, Resume, ResumeOutcome, ResumedRoom};
use crate::protocol::object::Object;
use crate::store::{self, Snapshot};
use realtime::{Attached, Connection};
use std::collections::HashSet;
use std::sync::Arc;

/// A client that is further behind starts from the newest page.
const MAX_BEHIND: u32 = 1000;
/// Rooms in one `resume`.
const RESUMED_ROOMS: usize = 200;
/// Entries in the answer to one `resume`, over all its rooms.
const RESUMED_ENTRIES: u32 = 2000;
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
        for Object(asked) in request.rooms {
            let opened = async {
                let room = RoomId::parse(&asked.room_id).ok_or(ChatError::NotFound("room"))?;
                // A second feed of the room would end the first, which was already answered.
                if !named.insert(room) {
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
            };
            let outcome = match opened.await {
                Ok((member, Opened { attached, answer })) => {
                    let given = answer.changes.as_ref().map_or(0, Vec::len)
                        + answer.messages.as_ref().map_or(0, Vec::len);
                    left = left.saturating_sub(u32::try_from(given).unwrap_or(u32::MAX));
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
        Ok(resuming)
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
        let opened = async {
            let member = self.become_member(caller, room, charge).await?;
            let portion = self.portion(asked).await?;
            Ok((member, self.open_feed(member, connection, portion).await?))
        };
        let opened = opened.await;
        if let Err(ChatError::NotFound(_)) = opened {
            self.tell_refused(room, caller.id()).await;
        }
        opened
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

    async fn open_feed(
        &self,
        member: Member,
        connection: &Connection,
        portion: Portion,
    ) -> Result<Opened, ChatError> {
        let topic = self.feed.topic(member.room).await?;
        let followed = topic.is_followed_by(connection.id());
        let attached = topic
            .attach(connection, announce::user_tag(member.user))
            .ok_or_else(|| ChatError::Unavailable("the connection has ended".to_owned()))?;
        let answer = self.read_snapshot(member, portion).await;
        if answer.is_err() && followed {
            // Attaching stopped the feed there was: its reader must not take silence for peace.
            connection.send(announce::room_reset(member.room));
            self.left(member.room, connection.id()).await;
        }
        Ok(Opened {
            attached,
            answer: answer?,
        })
    }

    /// All that joining answers, as of one moment.
    async fn read_snapshot(
        &self,
        member: Member,
        portion: Portion,
    ) -> Result<JoinedRoom, ChatError> {
        let snapshot = self
            .store
            .snapshot(
                member.room,
                member.user,
                portion.since,
                portion.behind,
                portion.messages,
            )
            .await
            .map_err(|error| Self::refusal(&member, error))?;
        if self.feed.history().await? != portion.epoch {
            return Err(ChatError::Unavailable(ANOTHER_HISTORY.to_owned()));
        }
        let mut members = self.first_members(member.room).await?;
        // By the time they read this they are here themselves.
        for own in &mut members {
            own.here |= own.user.id == member.user;
        }
        Ok(self.answer(snapshot, members, portion).await)
    }

    async fn answer(
        &self,
        snapshot: Snapshot,
        members: Vec<crate::protocol::rooms::Member>,
        portion: Portion,
    ) -> JoinedRoom {
        let asked = portion.since.is_some() || portion.other_history;
        let mut answer = JoinedRoom {
            last_seq: snapshot.room.last_seq,
            room: snapshot.room,
            members,
            epoch: portion.epoch,
            reset: None,
            changes: None,
            messages: None,
            has_before: None,
        };
        match snapshot.feed {
            store::Feed::Changes(entries) => {
                answer.reset = Some(false);
                answer.changes = Some(self.feed.render_all(entries).await);
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

/// Rooms taken up again: the answer, and the feeds to start with it.
#[derive(Debug, Default)]
pub struct Resuming {
    pub rooms: Vec<ResumedRoom>,
    pub feeds: Vec<(Member, Attached, u64)>,
}
