//! Who is typing. A hint: never stored, and over by itself.

use super::limits::{LimitKey, Rule};
use super::{Chat, ChatError, Member, announce};
use crate::models::{RoomId, Timestamp, UserId};
use crate::protocol::presence::Typing;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Somebody who says no more is taken to have stopped.
const TYPING_LASTS: Duration = Duration::from_secs(6);

/// Who is typing where, and until when that is believed. Bounded by the rate at which people may
/// say so.
#[derive(Debug, Default)]
pub(super) struct TypingBoard(Mutex<HashMap<(RoomId, UserId), Timestamp>>);

impl Chat {
    /// Tells the room's other people that the member is typing.
    ///
    /// # Errors
    /// `RateLimited`.
    pub fn start_typing(&self, member: Member) -> Result<(), ChatError> {
        self.limits
            .check(Rule::Typing, LimitKey::User(member.user))?;
        let until = self.clock.now().plus(TYPING_LASTS);
        self.typing
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((member.room, member.user), until);
        self.tell_typing(member.room, member.user, true);
        Ok(())
    }

    /// Tells them that the member has stopped.
    pub fn stop_typing(&self, member: Member) {
        let was = self
            .typing
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&(member.room, member.user));
        if was.is_some() {
            self.tell_typing(member.room, member.user, false);
        }
    }

    /// Tells of those whose time is over. Called twice a second.
    pub fn expire_typing(&self) {
        let now = self.clock.now();
        let mut over = Vec::new();
        self.typing
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|who, until| {
                let lasts = *until > now;
                if !lasts {
                    over.push(*who);
                }
                lasts
            });
        for (room, user) in over {
            self.tell_typing(room, user, false);
        }
    }

    fn tell_typing(&self, room: RoomId, user: UserId, typing: bool) {
        let payload = Typing {
            room_id: room,
            user_id: user,
        };
        let packet = if typing {
            announce::user_typing(&payload)
        } else {
            announce::user_stopped_typing(&payload)
        };
        self.feed
            .hint(room, announce::typing_key(user), packet, user);
    }
}
