//! The rooms of a run, and how far a client has read each that it follows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::history::RoomHistory;

/// One room, shared by its clients here.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: String,
    record: Mutex<Record>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) history: RoomHistory,
    pub(super) sends: u64,
    /// Sends that were acknowledged, refused or given up.
    pub(super) answered: u64,
}

impl Room {
    pub(super) fn new(id: String, members: usize) -> Self {
        let record = Record {
            history: RoomHistory::new(members),
            sends: 0,
            answered: 0,
        };
        Self {
            id,
            record: Mutex::new(record),
        }
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Whether every send was answered and every answer delivered.
    pub(super) fn is_settled(&self) -> bool {
        self.sends == self.answered && self.history.is_settled()
    }
}

/// One client's feed of one room.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) room: Arc<Room>,
    /// Which of the room's members the client is.
    pub(super) member: usize,
    /// Where it has come to; `None` before it has joined.
    pub(super) reached: Option<Reached>,
}

/// A place in a room's log.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) seq: u64,
    /// The history of the database that it is a place in.
    pub(super) epoch: String,
}

/// The feed of this room, among feeds in the order of their rooms' ids.
pub(super) fn find(feeds: &[Feed], room: &str) -> Option<usize> {
    feeds
        .binary_search_by(|feed| feed.room.id.as_str().cmp(room))
        .ok()
}
