//! A quiet room beside one that takes all there is.
//!
//! The quiet room has a thread of its own: whoever reads for the hot one comes round to a socket so
//! seldom that what it measured would be itself.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use super::paced::Pace;
use super::saturated::Speakers;
use super::window::Window;
use super::{Figures, Outcome, WARM_UP, arrived, calm};
use crate::crowd::Town;
use crate::failure::{Failure, Result};
use crate::latency::Latencies;
use crate::layout::Layout;
use crate::ledger::Verdict;
use crate::subject::{Running, Stable, Subject};

const HOT: usize = 0;
const QUIET: usize = 1;
/// What is said in the quiet room, a second.
const RATE: u32 = 20;
/// Between looks whether it begins.
const A_LOOK: Duration = Duration::from_millis(10);

pub(super) fn run(
    stable: &Stable,
    subject: Subject,
    layout: Layout,
    time: Duration,
) -> Result<Outcome> {
    let (server, town) = stable.start(subject, layout)?;
    let (hot, quiet) = town.split(layout.members);
    let (here, others_here) = channel();
    let (signal, begun) = channel();
    thread::scope(|threads| {
        let (server, quiet) = (&server, &quiet);
        let beside = threads.spawn(move || talk_quietly(server, quiet, time, &here, &begun));
        let loudly = talk_loudly(server, &hot, time, &others_here, signal);
        let (latencies, heard) = beside.join().map_err(|_| Failure::HungUp)??;
        let (mut figures, mut verdict) = loudly?;
        figures.extend(latencies.figures());
        verdict.add(&heard);
        Ok(Outcome::new("", figures, verdict))
    })
}

/// Saturates the hot room, once the others are there as well, and tells them when it begins.
fn talk_loudly(
    server: &Running,
    town: &Town,
    time: Duration,
    others_here: &Receiver<()>,
    signal: Sender<()>,
) -> Result<(Figures, Verdict)> {
    let mut crowd = arrived(server, town)?;
    // Whoever is missing says why themselves.
    others_here.recv().map_err(|_| Failure::HungUp)?;
    calm(server, &mut crowd)?;
    drop(signal);
    let mut speakers = Speakers::of(&mut crowd, HOT..HOT + 1);
    speakers.speak(&mut crowd, WARM_UP)?;
    let window = Window::open(server, &mut crowd)?;
    speakers.speak(&mut crowd, time)?;
    Ok((window.close(server, &mut crowd)?, crowd.settle()?))
}

/// Talks in the quiet room while the other one is saturated; how long what is said there takes.
fn talk_quietly(
    server: &Running,
    town: &Town,
    time: Duration,
    here: &Sender<()>,
    begun: &Receiver<()>,
) -> Result<(Latencies, Verdict)> {
    let mut crowd = arrived(server, town)?;
    crowd.time_only(QUIET);
    // Nobody is there any more to hear what went wrong elsewhere, if anything did.
    let _ = here.send(());
    while begun.try_recv() == Err(TryRecvError::Empty) {
        crowd.rest(A_LOOK)?;
    }
    let mut pace = Pace::of(RATE, QUIET..QUIET + 1);
    pace.keep(&mut crowd, WARM_UP)?;
    crowd.heard().nanos.clear();
    pace.keep(&mut crowd, time)?;
    let latencies = Latencies::of(crowd.heard().nanos.drain(..));
    Ok((latencies, crowd.settle()?))
}
