//! Following rooms.

use super::error::{answer, payload, refusal};
use super::session::Session;
use crate::models::RoomId;
use crate::protocol::error::{NotOk, Nothing, Ok as Done};
use crate::protocol::events::{InRoom, JoinedRoom, ResumeOutcome, Resumed};
use crate::services::ChatError;
use crate::services::joining::Resuming;
use realtime::{Attached, Event, Started};
use serde::Serialize;

/// What a join is answered with.
#[derive(Serialize)]
#[serde(untagged)]
enum Joined<'a> {
    Done(Box<Done<&'a JoinedRoom>>),
    Refused(Box<NotOk>),
}

impl Session {
    pub(super) async fn join_room(&mut self, event: Event) {
        let opened = match payload(&event) {
            Ok(request) => {
                self.chat
                    .join_room(&self.caller, &self.connection, request)
                    .await
            }
            Err(error) => Err(error),
        };
        let (member, opened) = match opened {
            Ok(opened) => opened,
            Err(error) => return answer::<()>(event.ack, Err(error)),
        };
        self.remember(member);
        let last_seq = opened.answer.last_seq;
        let started =
            Attached::start_with(vec![(opened.attached, last_seq)], event.ack, |started| {
                match refused(started[0]) {
                    None => Joined::Done(Box::new(Done::new(&opened.answer))),
                    Some(error) => Joined::Refused(Box::new(refusal(&error))),
                }
            });
        if started == [Started::Live] {
            self.chat.entered(member.room(), self.connection.id()).await;
        }
    }

    pub(super) async fn leave_room(&mut self, event: Event) {
        let left = async {
            let InRoom { room_id } = payload(&event)?;
            let room = RoomId::parse(&room_id).ok_or(ChatError::NotFound("room"))?;
            self.chat.leave_room(room, self.connection.id()).await;
            Ok(Nothing {})
        };
        let left = left.await;
        answer(event.ack, left);
    }

    pub(super) async fn resume(&mut self, event: Event) {
        let resuming = match payload(&event) {
            Ok(request) => {
                self.chat
                    .resume(&self.caller, &self.connection, request)
                    .await
            }
            Err(error) => Err(error),
        };
        let Resuming { rooms, feeds } = match resuming {
            Ok(resuming) => resuming,
            Err(error) => return answer::<()>(event.ack, Err(error)),
        };
        let (members, feeds): (Vec<_>, Vec<_>) = feeds
            .into_iter()
            .map(|(member, attached, seq)| (member, (attached, seq)))
            .unzip();
        let mut rooms = Resumed { rooms };
        let started = Attached::start_with(feeds, event.ack, |started| {
            // The feeds stand in the order of the rooms that were not refused.
            let mut started = started.iter();
            for room in &mut rooms.rooms {
                if matches!(room.outcome, ResumeOutcome::Joined(_))
                    && let Some(error) = started.next().and_then(|started| refused(*started))
                {
                    room.outcome = ResumeOutcome::Refused {
                        error: error.to_socket(),
                    };
                }
            }
            Done::new(rooms.clone())
        });
        for (member, started) in members.into_iter().zip(started) {
            if started == Started::Live {
                self.remember(member);
                self.chat.entered(member.room(), self.connection.id()).await;
            }
        }
    }
}

/// Why a feed did not start, if it did not. Who lost the room between the snapshot and the start has
/// lost it; when the feed alone has ended, as all do with another history, nothing is known of the
/// room, and asking again helps.
fn refused(started: Started) -> Option<ChatError> {
    match started {
        Started::Live => None,
        Started::Cut => Some(ChatError::NotFound("room")),
        Started::Ended => Some(ChatError::Unavailable("the feed has ended".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::ErrorCode;

    #[test]
    fn only_a_lost_permission_says_that_the_room_is_lost() {
        let told = |started| refused(started).map(|error| error.to_socket().code);
        assert_eq!(told(Started::Live), None);
        assert_eq!(told(Started::Cut), Some(ErrorCode::NotFound));
        assert_eq!(told(Started::Ended), Some(ErrorCode::Unavailable));
    }
}
