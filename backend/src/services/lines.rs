//! Who is next: messages wait in a line of their room, and the rooms take turns, so that whoever
//! talks much delays themselves and not the others.

use crate::models::RoomId;
use std::collections::{HashMap, VecDeque};

/// What waits, in a line for each room that has something waiting.
#[derive(Debug)]
pub(super) struct Lines<T> {
    by_room: HashMap<RoomId, VecDeque<T>>,
    /// Rooms whose line is not empty, the one whose turn it is first.
    turns: VecDeque<RoomId>,
    waiting: usize,
}

impl<T> Lines<T> {
    pub(super) fn new() -> Self {
        Self {
            by_room: HashMap::new(),
            turns: VecDeque::new(),
            waiting: 0,
        }
    }

    /// How many wait, in all lines.
    pub(super) fn len(&self) -> usize {
        self.waiting
    }

    /// Goes to the end of the room's line.
    pub(super) fn put(&mut self, room: RoomId, item: T) {
        let line = self.by_room.entry(room).or_default();
        if line.is_empty() {
            self.turns.push_back(room);
        }
        line.push_back(item);
        self.waiting += 1;
    }

    /// The next ones, at most so many in all and of each room, those of a room in their order.
    pub(super) fn take(&mut self, most: usize, of_each: usize) -> Vec<T> {
        let mut taken = Vec::with_capacity(most.min(self.waiting));
        for _ in 0..self.turns.len() {
            if taken.len() == most {
                break;
            }
            let room = self.turns.pop_front().expect("there are as many");
            let line = self.by_room.get_mut(&room);
            let line = line.expect("a room with a turn has a line");
            let share = of_each.min(most - taken.len()).min(line.len());
            taken.extend(line.drain(..share));
            if line.is_empty() {
                self.by_room.remove(&room);
            } else {
                self.turns.push_back(room);
            }
        }
        self.waiting -= taken.len();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const BUSY: RoomId = RoomId(Uuid::from_u128(1));
    const QUIET: RoomId = RoomId(Uuid::from_u128(2));

    #[test]
    fn who_talks_much_delays_only_themselves() {
        let mut lines = Lines::new();
        for number in 0..1000 {
            lines.put(BUSY, number);
        }
        lines.put(QUIET, 1000);
        assert_eq!(lines.take(100, 3), [0, 1, 2, 1000]);
        lines.put(QUIET, 1001);
        assert_eq!(lines.take(2, 3), [3, 4]);
        assert_eq!(lines.take(2, 3), [1001, 5]);
        assert_eq!(lines.len(), 994);
    }

    #[test]
    fn everything_comes_out_once_and_each_room_in_its_order() {
        let rooms: Vec<RoomId> = (0..7).map(|it| RoomId(Uuid::from_u128(it))).collect();
        let mut lines = Lines::new();
        for number in 0..500 {
            lines.put(rooms[number * number % 7], number);
        }
        let mut out = Vec::new();
        while lines.len() > 0 {
            out.extend(lines.take(64, 10));
        }
        for room in 0..7 {
            let of_room = |&&number: &&usize| number * number % 7 == room;
            let came: Vec<_> = out.iter().filter(of_room).collect();
            assert!(came.is_sorted(), "room {room}: {came:?}");
        }
        out.sort_unstable();
        assert!(out.into_iter().eq(0..500));
    }
}
