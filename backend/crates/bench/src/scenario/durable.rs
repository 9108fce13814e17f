//! Sends that are acknowledged when they are on the disk. Whoever sends waits for that before
//! sending again.

use std::time::{Duration, Instant};

use super::{Figures, Measure, Outcome, WARM_UP, arrived};
use crate::client::Notice;
use crate::crowd::Crowd;
use crate::failure::{Failure, Result};
use crate::latency::Latencies;
use crate::layout::Layout;
use crate::subject::{Keeper, Stable, Subject};

/// For the last answers.
const PATIENCE: Duration = Duration::from_secs(30);
const SENDERS: [usize; 3] = [1, 10, 100];

pub(super) fn run(
    stable: &Stable,
    subject: Subject,
    layout: Layout,
    time: Duration,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for keeper in [Keeper::Postgres, Keeper::Sqlite] {
        if !subject.keeps_in(keeper) {
            continue;
        }
        let (server, town) = stable.start_durable(subject, keeper, layout)?;
        for senders in SENDERS {
            let mut crowd = arrived(&server, &town)?;
            send(&mut crowd, layout, senders, WARM_UP)?;
            let figures = send(&mut crowd, layout, senders, time)?;
            let case = format!("{keeper}, {senders} at once");
            outcomes.push(Outcome::new(&case, figures, crowd.settle()?));
        }
    }
    Ok(outcomes)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sends of seconds fit into 53 bits"
)]
fn send(crowd: &mut Crowd, layout: Layout, senders: usize, time: Duration) -> Result<Figures> {
    let mut latencies = Latencies::new();
    let mut notices = Vec::new();
    let mut acknowledged: u64 = 0;
    let began = Instant::now();
    let until = began + time;
    for sender in 0..senders {
        let room = sender % layout.rooms;
        let who = crowd.members(room)[sender / layout.rooms];
        crowd.say(who, room);
    }
    let mut waiting = senders;
    // The last ones are waited for, or the next would send more at once than they say.
    while waiting > 0 {
        if Instant::now() > until + PATIENCE {
            return Err(Failure::TimedOut("storing"));
        }
        let open = Instant::now() < until;
        crowd.turn(Some(Instant::now() + time))?;
        crowd.take_notices(&mut notices);
        for (who, notice) in notices.drain(..) {
            let Notice::Acknowledged { nanos } = notice else {
                continue;
            };
            if open {
                acknowledged += 1;
                latencies.add(Duration::from_nanos(nanos));
                crowd.say(who, who as usize / layout.members);
            } else {
                waiting -= 1;
            }
        }
    }
    let mut figures = Figures::from([(
        Measure::SendsPerSecond,
        acknowledged as f64 / time.as_secs_f64(),
    )]);
    figures.extend(latencies.figures());
    Ok(figures)
}
