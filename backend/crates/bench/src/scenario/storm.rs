//! Everybody's line is cut at once, and everybody comes back at once, to where they were.

use std::time::{Duration, Instant};

use super::{AT_ONCE, Figures, Measure, Outcome, TEN_THOUSAND, calm};
use crate::client::Notice;
use crate::crowd::{Crowd, Town};
use crate::failure::{Failure, Result};
use crate::layout::Layout;
use crate::subject::{Stable, Subject};

/// For all to be back; far more than what is aimed at.
const PATIENCE: Duration = Duration::from_mins(2);
/// Large rooms, whose members miss the same, and rooms of two, of which nothing is shared.
const CASES: [(&str, Layout); 2] = [
    ("200 rooms of 50", TEN_THOUSAND),
    ("5,000 rooms of 2", Layout::apart(5000, 2)),
];

pub(super) fn layouts() -> Vec<Layout> {
    CASES.iter().map(|(_, layout)| *layout).collect()
}

pub(super) fn run(stable: &Stable, subject: Subject) -> Result<Vec<Outcome>> {
    let cases = CASES
        .iter()
        .map(|(case, layout)| storm(stable, subject, *layout, case));
    cases.collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody asks so much in a minute"
)]
fn storm(stable: &Stable, subject: Subject, layout: Layout, case: &str) -> Result<Outcome> {
    let (server, town) = stable.start(subject, layout)?;
    let mut crowd = Crowd::of(&town)?;
    crowd.remember_places();
    crowd.arrive(server.address, &town.seats, AT_ONCE)?;
    calm(&server, &mut crowd)?;
    // Nobody is where their joining has put them.
    for room in 0..layout.rooms {
        crowd.say(crowd.members(room)[0], room);
    }
    crowd.settle()?;
    let (asked, cost) = (server.statements()?, server.cpu()?);
    let began = Instant::now();
    crowd.cut()?;
    crowd.come_back(server.address)?;
    wait(&mut crowd, &town)?;
    let took = began.elapsed();
    let cost = server.cpu()?.saturating_sub(cost);
    let mut figures = Figures::from([
        (Measure::SecondsUntilBack, took.as_secs_f64()),
        (
            Measure::CpuMillisPerReturn,
            cost.as_secs_f64() * 1e3 / layout.connections as f64,
        ),
        (Measure::TurnedAway, crowd.turned_away as f64),
    ]);
    if let (Some(before), Some(after)) = (asked, server.statements()?) {
        let asked = after.saturating_sub(before) as f64;
        figures.insert(Measure::StatementsPerRoom, asked / layout.rooms as f64);
    }
    Ok(Outcome::new(case, figures, crowd.settle()?))
}

/// Until all are back and have heard what was said meanwhile: the first of each room says
/// something, so that the others hear it, or are told what they missed.
fn wait(crowd: &mut Crowd, town: &Town) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    let mut silent = vec![true; town.rooms.len()];
    let mut notices = Vec::new();
    let mut back = 0;
    while back < town.seats.len() || !crowd.all_has_come() {
        if Instant::now() > until {
            return Err(Failure::TimedOut("coming back"));
        }
        crowd.turn(Some(until))?;
        crowd.take_notices(&mut notices);
        for (who, notice) in notices.drain(..) {
            if notice != Notice::Ready {
                continue;
            }
            back += 1;
            for &room in &town.seats[who as usize].rooms {
                if silent[room] {
                    silent[room] = false;
                    crowd.say(who, room);
                }
            }
        }
    }
    Ok(())
}
