//! What was said and is not settled yet, oldest first.
//!
//! A message keeps its client id until it is acknowledged or refused, and is sent again after
//! anything whose outcome is unknown.

use std::collections::VecDeque;

use tokio::time::Instant;

/// Messages that may wait; nothing new is said beyond.
const ROOM_FOR: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    items: VecDeque<Item>,
    hold_until: Option<Instant>,
}

#[derive(Debug)]
struct Item {
    number: usize,
    /// On its way on the connection there is now.
    flying: bool,
}

impl Outbox {
    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= ROOM_FOR
    }

    pub(crate) fn unsettled(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn push(&mut self, number: usize) {
        self.items.push_back(Item {
            number,
            flying: false,
        });
    }

    /// The oldest that is not on its way, if so many may be; it is from now on.
    pub(crate) fn take(&mut self, most: usize, now: Instant) -> Option<usize> {
        if self.hold_until.is_some_and(|until| now < until) {
            return None;
        }
        self.hold_until = None;
        if self.items.iter().filter(|item| item.flying).count() >= most {
            return None;
        }
        let item = self.items.iter_mut().find(|item| !item.flying)?;
        item.flying = true;
        Some(item.number)
    }

    /// It is acknowledged, or refused for good.
    pub(crate) fn settle(&mut self, number: usize) {
        self.items.retain(|item| item.number != number);
    }

    /// It is to be sent again, and nothing before that moment.
    pub(crate) fn again(&mut self, number: usize, not_before: Instant) {
        for item in &mut self.items {
            if item.number == number {
                item.flying = false;
            }
        }
        let hold = self.hold_until.get_or_insert(not_before);
        *hold = not_before.max(*hold);
    }

    /// What was on its way has an unknown outcome.
    pub(crate) fn connection_lost(&mut self) {
        for item in &mut self.items {
            item.flying = false;
        }
        self.hold_until = None;
    }

    /// When there may be something to send, if that is a matter of time.
    pub(crate) fn held_until(&self) -> Option<Instant> {
        self.hold_until.filter(|_| !self.items.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_unsettled_is_sent_again_in_order() {
        let now = Instant::now();
        let mut outbox = Outbox::default();
        for number in 0..4 {
            outbox.push(number);
        }
        let take = |outbox: &mut Outbox| outbox.take(2, now);
        assert_eq!((take(&mut outbox), take(&mut outbox)), (Some(0), Some(1)));
        assert_eq!(take(&mut outbox), None, "two are on their way");
        outbox.settle(0);
        assert_eq!(take(&mut outbox), Some(2));
        outbox.connection_lost();
        assert_eq!((take(&mut outbox), take(&mut outbox)), (Some(1), Some(2)));
        assert_eq!(outbox.unsettled(), 3);
    }

    #[test]
    fn nothing_is_sent_while_the_server_asks_for_patience() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let mut outbox = Outbox::default();
        outbox.push(7);
        assert_eq!(outbox.take(1, now), Some(7));
        outbox.again(7, later);
        assert_eq!(outbox.take(1, now), None);
        assert_eq!(outbox.held_until(), Some(later));
        assert_eq!(outbox.take(1, later), Some(7));
    }
}
