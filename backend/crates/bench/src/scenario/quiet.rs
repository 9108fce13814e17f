//! A quiet room beside one that takes all there is.

use std::time::Duration;

use super::paced::Pace;
use super::saturated::Speakers;
use super::window::Window;
use super::{Outcome, WARM_UP, gathered};
use crate::failure::Result;
use crate::layout::Layout;
use crate::subject::{Stable, Subject};

const HOT: usize = 0;
const QUIET: usize = 1;
/// What is said in the quiet room, a second.
const RATE: u32 = 20;

pub(super) fn run(
    stable: &Stable,
    subject: Subject,
    layout: Layout,
    time: Duration,
) -> Result<Outcome> {
    let (server, mut crowd) = gathered(stable, subject, layout)?;
    crowd.time_only(QUIET);
    let mut pace = Pace::of(RATE, QUIET..QUIET + 1);
    let mut speakers = Speakers::of(&mut crowd, HOT..HOT + 1);
    speakers.speak(&mut crowd, WARM_UP, Some(&mut pace))?;
    let window = Window::open(&server, &mut crowd)?;
    speakers.speak(&mut crowd, time, Some(&mut pace))?;
    let figures = window.close(&server, &mut crowd)?;
    Ok(Outcome::new("", figures, crowd.settle()?))
}
