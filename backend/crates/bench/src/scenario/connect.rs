//! A storm: everybody connects, proves who they are, and joins a room.

use std::time::Instant;

use super::{AT_ONCE, Figures, Measure, Outcome};
use crate::crowd::Crowd;
use crate::failure::Result;
use crate::layout::Layout;
use crate::subject::{Stable, Subject};

#[expect(clippy::cast_precision_loss, reason = "ports end long before")]
pub(super) fn run(stable: &Stable, subject: Subject, layout: Layout) -> Result<Outcome> {
    let (server, town) = stable.start(subject, layout)?;
    let mut crowd = Crowd::of(&town)?;
    let (began, before) = (Instant::now(), server.cpu()?);
    crowd.arrive(server.address, &town.seats, AT_ONCE)?;
    let (took, cost) = (began.elapsed(), server.cpu()?.saturating_sub(before));
    let connections = layout.connections as f64;
    let figures = Figures::from([
        (
            Measure::CpuMillisPerConnect,
            cost.as_secs_f64() * 1e3 / connections,
        ),
        (Measure::ConnectsPerSecond, connections / took.as_secs_f64()),
    ]);
    Ok(Outcome::new("", figures, crowd.settle()?))
}
