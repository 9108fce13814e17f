//! What is measured, one scenario a file.

mod connect;
mod durable;
mod flat;
mod idle;
mod paced;
mod quiet;
mod saturated;
mod slow;
mod storm;
mod window;

use std::collections::BTreeMap;
use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::crowd::{Crowd, Town};
use crate::failure::Result;
use crate::layout::Layout;
use crate::ledger::Verdict;
use crate::subject::{Running, Stable, Subject};

/// Before anything is measured.
const WARM_UP: Duration = Duration::from_secs(1);
/// A server that works less than a fiftieth of this is calm.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is looked at; one that is never calm is measured as it is.
const LOOKS: u32 = 40;
/// Connections that are being made at a time.
const AT_ONCE: usize = 64;
/// Twenty rooms that a thousand people share.
const TWENTY: Layout = Layout::apart(20, 50);
/// All of a thousand people in one.
const ONE: Layout = Layout::apart(1, 1000);
const FIVE_THOUSAND: Layout = Layout::apart(100, 50);
const TEN_THOUSAND: Layout = Layout::apart(200, 50);
/// Few enough members that storing is what costs.
const SMALL: Layout = Layout::apart(20, 5);
const TWO: Layout = Layout::apart(2, 200);

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scenario {
    /// 1,000 connections in 20 rooms, 200 sends a second.
    Paced10k,
    /// The same at 1,000 sends a second.
    Paced50k,
    /// The same, as fast as it goes.
    Saturated,
    /// One room of 1,000, as fast as it goes.
    Large,
    /// Memory of 10,000 connections that do nothing.
    Idle,
    /// 5,000 connect and join.
    Connect,
    /// Sends that are acknowledged when they are stored.
    Durable,
    /// A quiet room beside a saturated one.
    Quiet,
    /// The cost of a delivery with many connections and with many rooms.
    Flat,
    /// 10,000 are cut off, and come back.
    Storm,
    /// 1,000 stop reading beside 100 that go on.
    Slow,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Measure {
    CpuMicrosPerDelivery,
    DeliveriesPerSecond,
    /// What a processor that does nothing else would deliver.
    DeliveriesPerCpuSecond,
    KibPerConnection,
    /// What one more that does not read costs.
    KibPerStopped,
    CpuMillisPerConnect,
    ConnectsPerSecond,
    SendsPerSecond,
    /// Until the last one is back and has heard everything.
    SecondsUntilBack,
    CpuMillisPerReturn,
    /// How often somebody was hung up on, or refused for now, before they were served.
    TurnedAway,
    /// Asked of the database while all came back.
    StatementsPerRoom,
    P50Ms,
    P99Ms,
    /// How many times that of readers without those who do not read.
    P99TimesAlone,
    FrameBytes,
    /// Of its processor: a hundred when it is saturated and nobody else wants one.
    ServerPercent,
    /// Of its processor. At a hundred it is the driver that is measured.
    DriverPercent,
}

pub(crate) type Figures = BTreeMap<Measure, f64>;

/// What one run gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Which of several, in a scenario that has several.
    pub(crate) case: String,
    pub(crate) figures: Figures,
    pub(crate) verdict: Verdict,
}

impl Outcome {
    fn new(case: &str, figures: Figures, verdict: Verdict) -> Outcome {
        Outcome {
            case: case.to_owned(),
            figures,
            verdict,
        }
    }
}

impl Scenario {
    /// The people it needs to be there before.
    pub(crate) fn layouts(self) -> Vec<Layout> {
        match self {
            Scenario::Paced10k | Scenario::Paced50k | Scenario::Saturated => vec![TWENTY],
            Scenario::Large => vec![ONE],
            Scenario::Idle => vec![TEN_THOUSAND],
            Scenario::Connect => vec![FIVE_THOUSAND],
            // Its databases begin empty.
            Scenario::Durable => vec![],
            Scenario::Quiet => vec![TWO],
            Scenario::Flat => flat::layouts(),
            Scenario::Storm => storm::layouts(),
            Scenario::Slow => vec![slow::LAYOUT],
        }
    }

    /// Whether it says anything of a server.
    pub(crate) fn is_for(self, subject: Subject) -> bool {
        match self {
            Scenario::Durable => !matches!(subject, Subject::Engine | Subject::ProductPostgres),
            Scenario::Quiet | Scenario::Flat => {
                matches!(subject, Subject::Floor | Subject::Engine | Subject::Product)
            }
            Scenario::Slow => matches!(subject, Subject::Engine | Subject::Product),
            // The others keep no place for anybody.
            Scenario::Storm => subject.keeper_of_people().is_some(),
            Scenario::Paced10k | Scenario::Paced50k | Scenario::Saturated => true,
            // The database has no part in these.
            Scenario::Large | Scenario::Idle | Scenario::Connect => {
                subject != Subject::ProductPostgres
            }
        }
    }

    pub(crate) fn run(
        self,
        stable: &Stable,
        subject: Subject,
        time: Duration,
    ) -> Result<Vec<Outcome>> {
        let outcome = match self {
            Scenario::Paced10k => paced::run(stable, subject, TWENTY, 200, time),
            Scenario::Paced50k => paced::run(stable, subject, TWENTY, 1000, time),
            Scenario::Saturated => saturated::run(stable, subject, TWENTY, time),
            Scenario::Large => saturated::run(stable, subject, ONE, time),
            Scenario::Idle => idle::run(stable, subject, TEN_THOUSAND),
            Scenario::Connect => connect::run(stable, subject, FIVE_THOUSAND),
            Scenario::Durable => return durable::run(stable, subject, SMALL, time),
            Scenario::Quiet => quiet::run(stable, subject, TWO, time),
            Scenario::Flat => return flat::run(stable, subject, time),
            Scenario::Storm => return storm::run(stable, subject),
            Scenario::Slow => slow::run(stable, subject, time),
        };
        Ok(vec![outcome?])
    }
}

/// A server to which everybody has come, and which is calm again.
fn gathered(stable: &Stable, subject: Subject, layout: Layout) -> Result<(Running, Crowd)> {
    let (server, town) = stable.start(subject, layout)?;
    let mut crowd = arrived(&server, &town)?;
    calm(&server, &mut crowd)?;
    Ok((server, crowd))
}

/// A crowd that has come to a server.
fn arrived(server: &Running, town: &Town) -> Result<Crowd> {
    let mut crowd = Crowd::of(town)?;
    crowd.arrive(server.address, &town.seats, AT_ONCE)?;
    Ok(crowd)
}

/// Waits until what follows on coming, such as telling others of it, is over.
fn calm(server: &Running, crowd: &mut Crowd) -> Result<()> {
    for _ in 0..LOOKS {
        let before = server.cpu()?;
        crowd.rest(LOOK)?;
        if server.cpu()?.saturating_sub(before) < LOOK / 50 {
            return Ok(());
        }
    }
    Ok(())
}
