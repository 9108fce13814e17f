//! What a connection costs that does nothing: memory, once everybody has come and all is quiet.

use std::time::Duration;

use super::{AT_ONCE, Figures, Measure, Outcome};
use crate::crowd::Crowd;
use crate::failure::Result;
use crate::layout::Layout;
use crate::subject::{Stable, Subject};

/// In which a server gives back what coming has taken.
const SETTLING: Duration = Duration::from_secs(5);
const KIB: f64 = 1024.0;

#[expect(
    clippy::cast_precision_loss,
    reason = "no machine has that much memory"
)]
pub(super) fn run(stable: &Stable, subject: Subject, layout: Layout) -> Result<Outcome> {
    let (server, town) = stable.start(subject, layout)?;
    let mut crowd = Crowd::of(&town)?;
    let before = server.memory()?;
    crowd.arrive(server.address, &town.seats, AT_ONCE)?;
    crowd.rest(SETTLING)?;
    let added = server.memory()?.saturating_sub(before) as f64;
    let each = added / layout.connections as f64 / KIB;
    let figures = Figures::from([(Measure::KibPerConnection, each)]);
    Ok(Outcome::new("", figures, crowd.settle()?))
}
