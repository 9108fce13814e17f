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

/// The answer to a join whose permission was cut between the snapshot and the start.
const CUT: ChatError = ChatError::NotFound("room");

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
                match started {
                    [Started::Live] => Joined::Done(Box::new(Done::new(&opened.answer))),
                    _ => Joined::Refused(Box::new(refusal(&CUT))),
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
                    && started.next() != Some(&Started::Live)
                {
                    room.outcome = ResumeOutcome::Refused {
                        error: CUT.to_socket(),
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
