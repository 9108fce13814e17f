//! So many sends a second, by everybody in turn.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::window::Window;
use super::{Outcome, WARM_UP, gathered};
use crate::crowd::Crowd;
use crate::failure::Result;
use crate::layout::Layout;
use crate::subject::{Stable, Subject};

pub(super) fn run(
    stable: &Stable,
    subject: Subject,
    layout: Layout,
    per_second: u32,
    time: Duration,
) -> Result<Outcome> {
    let (server, mut crowd) = gathered(stable, subject, layout)?;
    let mut pace = Pace::of(per_second, 0..layout.rooms);
    pace.keep(&mut crowd, WARM_UP)?;
    let window = Window::open(&server, &mut crowd)?;
    pace.keep(&mut crowd, time)?;
    let figures = window.close(&server, &mut crowd)?;
    Ok(Outcome::new("", figures, crowd.settle()?))
}

/// Sends that are due at moments known beforehand, whatever the server does.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    rooms: Range<usize>,
    sent: u32,
    began: Instant,
}

impl Pace {
    pub(super) fn of(per_second: u32, rooms: Range<usize>) -> Pace {
        Pace {
            every: Duration::from_secs(1) / per_second,
            rooms,
            sent: 0,
            began: Instant::now(),
        }
    }

    /// Sends what is due, for some time.
    pub(super) fn keep(&mut self, crowd: &mut Crowd, time: Duration) -> Result<()> {
        let until = Instant::now() + time;
        let mut notices = Vec::new();
        loop {
            let now = Instant::now();
            if now >= until {
                return Ok(());
            }
            self.catch_up(crowd, now);
            crowd.turn(Some(self.due().min(until)))?;
            crowd.take_notices(&mut notices);
            notices.clear();
        }
    }

    /// Sends what is due by now.
    fn catch_up(&mut self, crowd: &mut Crowd, now: Instant) {
        while self.due() <= now {
            let sent = self.sent as usize;
            let room = self.rooms.start + sent % self.rooms.len();
            let members = crowd.members(room);
            let who = members[sent / self.rooms.len() % members.len()];
            crowd.say(who, room);
            self.sent += 1;
        }
    }

    /// When the next one is.
    fn due(&self) -> Instant {
        self.began + self.every * self.sent
    }
}
