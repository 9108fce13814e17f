//! A busy room, in which ten times as many stop reading as go on.

use std::time::Duration;

use super::paced::Pace;
use super::saturated::Speakers;
use super::window::Window;
use super::{Figures, Measure, Outcome, WARM_UP, arrived, calm};
use crate::crowd::Crowd;
use crate::failure::Result;
use crate::layout::Layout;
use crate::subject::{Running, Stable, Subject};

const READERS: usize = 100;
const STOPPED: usize = 1000;
pub(super) const LAYOUT: Layout = Layout::apart(1, READERS + STOPPED);
const ROOM: usize = 0;
/// What is said while it is measured, a second.
const RATE: u32 = 100;
/// What those who read say until nobody else's socket takes any more: a megabyte, which is more
/// than the kernel keeps for both ends of a connection that nobody reads from.
const FILLING: u64 = 2500;
const SLICE: Duration = Duration::from_millis(100);
const KIB: f64 = 1024.0;

#[expect(
    clippy::cast_precision_loss,
    reason = "no machine has that much memory"
)]
pub(super) fn run(stable: &Stable, subject: Subject, time: Duration) -> Result<Outcome> {
    let (server, town) = stable.start(subject, LAYOUT)?;
    let (reading, stopping) = town.split(READERS);
    let mut readers = arrived(&server, &reading)?;
    calm(&server, &mut readers)?;
    readers.time_only(ROOM);
    let alone = measure(&server, &mut readers, time)?;
    let before = server.memory()?;
    // Nobody reads for them once they have joined.
    let _stopped = arrived(&server, &stopping)?;
    calm(&server, &mut readers)?;
    let mut speakers = Speakers::of(&mut readers, ROOM..ROOM + 1);
    while readers.said(ROOM) < FILLING {
        speakers.speak(&mut readers, SLICE)?;
    }
    let mut figures = measure(&server, &mut readers, time)?;
    let added = server.memory()?.saturating_sub(before) as f64;
    figures.insert(Measure::KibPerStopped, added / STOPPED as f64 / KIB);
    let p99 = |figures: &Figures| figures.get(&Measure::P99Ms).copied();
    if let (Some(alone), Some(beside)) = (p99(&alone), p99(&figures)) {
        figures.insert(Measure::P99TimesAlone, beside / alone);
    }
    Ok(Outcome::new("", figures, readers.settle()?))
}

fn measure(server: &Running, readers: &mut Crowd, time: Duration) -> Result<Figures> {
    let mut pace = Pace::of(RATE, ROOM..ROOM + 1);
    pace.keep(readers, WARM_UP)?;
    let window = Window::open(server, readers)?;
    pace.keep(readers, time)?;
    window.close(server, readers)
}
