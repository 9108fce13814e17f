//! Entries as a reader now sees them: the rows of a log, and what they show, loaded at once.

use super::rows::Cells;
use super::{accounts, members, messages, rooms};
use crate::models::{Message, MessageId, RoomId, UserId};
use crate::store::Result;
use crate::store::entry::{Scene, Written};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// Reads a row of `room_changes`.
pub(super) fn read_written(cells: &mut Cells<'_>) -> sqlx::Result<Written> {
    Ok(Written {
        seq: cells.number()?,
        kind: cells.take()?,
        message: cells.take()?,
        user: cells.take()?,
        by: cells.take()?,
        emoji: cells.take()?,
        role: cells.take()?,
        joined_at: cells.take()?,
    })
}

/// What these rows show; the messages `made` in the same page are known already.
pub(super) async fn load_scene(
    db: &mut PgConnection,
    room: RoomId,
    made: &[Message],
    written: &[Written],
) -> Result<Scene> {
    let shown: HashSet<MessageId> = written
        .iter()
        .filter(|written| written.shows_message())
        .filter_map(|written| written.message)
        .collect();
    let mut messages: HashMap<_, _> = made
        .iter()
        .filter(|message| shown.contains(&message.id))
        .map(|message| (message.id, message.clone()))
        .collect();
    let missing: Vec<MessageId> = shown
        .into_iter()
        .filter(|message| !messages.contains_key(message))
        .collect();
    let found = messages::list_by_id(db, &missing).await?;
    messages.extend(found.into_iter().map(|message| (message.id, message)));

    let people: HashSet<UserId> = written
        .iter()
        .filter(|written| written.shows_member())
        .filter_map(|written| written.user)
        .collect();
    let mut users = HashMap::new();
    let mut members = HashMap::new();
    if !people.is_empty() {
        let people: Vec<UserId> = people.into_iter().collect();
        for user in accounts::find_users(db, &people).await? {
            users.insert(user.id, user);
        }
        for member in members::find(db, room, &people).await? {
            members.insert(member.user.id, member);
        }
    }
    let room = if written.iter().any(Written::shows_room) {
        rooms::find_bare(db, room).await?
    } else {
        None
    };
    Ok(Scene {
        room,
        messages,
        users,
        members,
    })
}
