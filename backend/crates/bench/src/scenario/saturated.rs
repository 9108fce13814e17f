//! As fast as the server goes: a few of every room say something new as soon as what they said
//! before is acknowledged and has come back to them.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::window::Window;
use super::{Outcome, WARM_UP, gathered};
use crate::client::Notice;
use crate::crowd::Crowd;
use crate::failure::Result;
use crate::layout::Layout;
use crate::subject::{Stable, Subject};

/// How many speak, over all rooms.
const SPEAKERS: usize = 100;
/// How much of what each has said is on its way: together less than the tail a topic of the engine
/// keeps, so that what is measured is delivering, and not reading the log again.
const ON_THEIR_WAY: u64 = 4;

pub(super) fn run(
    stable: &Stable,
    subject: Subject,
    layout: Layout,
    time: Duration,
) -> Result<Outcome> {
    let (server, mut crowd) = gathered(stable, subject, layout)?;
    let mut speakers = Speakers::of(&mut crowd, 0..layout.rooms);
    speakers.speak(&mut crowd, WARM_UP)?;
    let window = Window::open(&server, &mut crowd)?;
    speakers.speak(&mut crowd, time)?;
    let figures = window.close(&server, &mut crowd)?;
    Ok(Outcome::new("", figures, crowd.settle()?))
}

#[derive(Clone, Copy, Debug)]
struct Speaker {
    who: u32,
    room: usize,
    said: u64,
    acknowledged: u64,
    echoed: u64,
}

#[derive(Debug)]
pub(super) struct Speakers {
    speakers: Vec<Speaker>,
    /// Which speaker a client is.
    of_client: HashMap<u32, usize>,
}

impl Speakers {
    pub(super) fn of(crowd: &mut Crowd, rooms: Range<usize>) -> Speakers {
        let each = SPEAKERS.div_ceil(rooms.len());
        let mut all = Speakers {
            speakers: Vec::new(),
            of_client: HashMap::new(),
        };
        for room in rooms {
            let members = crowd.members(room);
            let speaking: Vec<u32> = members.iter().take(each).copied().collect();
            for who in speaking {
                crowd.listen_to_itself(who);
                all.of_client.insert(who, all.speakers.len());
                all.speakers.push(Speaker {
                    who,
                    room,
                    said: 0,
                    acknowledged: 0,
                    echoed: 0,
                });
            }
        }
        all
    }

    /// Speaks for some time.
    pub(super) fn speak(&mut self, crowd: &mut Crowd, time: Duration) -> Result<()> {
        let until = Instant::now() + time;
        let mut notices = Vec::new();
        for speaker in &mut self.speakers {
            speaker.go_on(crowd);
        }
        while Instant::now() < until {
            crowd.turn(Some(until))?;
            crowd.take_notices(&mut notices);
            for (who, notice) in notices.drain(..) {
                let Some(&speaker) = self.of_client.get(&who) else {
                    continue;
                };
                let speaker = &mut self.speakers[speaker];
                match notice {
                    Notice::Acknowledged { .. } => speaker.acknowledged += 1,
                    Notice::Echoed => speaker.echoed += 1,
                    Notice::Ready => {}
                }
                speaker.go_on(crowd);
            }
        }
        Ok(())
    }
}

impl Speaker {
    fn go_on(&mut self, crowd: &mut Crowd) {
        while self.said < self.acknowledged.min(self.echoed) + ON_THEIR_WAY {
            crowd.say(self.who, self.room);
            self.said += 1;
        }
    }
}
