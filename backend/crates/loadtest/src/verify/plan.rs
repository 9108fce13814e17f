//! What is broken, and when: a schedule of faults, made from a seed alone.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::dice::Dice;

/// Between two faults of the same part.
const MENDING: Duration = Duration::from_millis(300);

/// One kind of fault. Its target is a node, a client, or nothing in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    KillNode,
    KillUntold,
    KillUnanswered,
    PauseNode,
    RollingRestart,
    KillRedis,
    PauseRedis,
    CrashPostgres,
    CutRedis,
    CutPostgres,
    CutBoth,
    SilenceRedis,
    SilencePostgres,
    SlowRedis,
    SlowPostgres,
    BreakRedis,
    BreakPostgres,
    ResetClients,
    ResetEverybody,
    HalfCloseClients,
    LoseClients,
    StallClients,
    NarrowClients,
    DelayClients,
    BreakClients,
    SlowReader,
    CrashClient,
    OtherHistory,
}

/// What a fault keeps busy: two that need the same are never under way together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Process(usize),
    Door(usize),
    ToRedis(usize),
    ToPostgres(usize),
    Redis,
    Postgres,
    Client(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Node,
    Client,
    Everything,
}

/// One fault of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From the beginning of the run.
    pub at: Duration,
    /// Until it is mended, where there is something to mend.
    pub lasting: Duration,
    pub kind: Kind,
    /// The node or client it is about.
    pub target: usize,
}

/// A schedule: steps in the order in which they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub scene: Scene,
    pub steps: Vec<Step>,
}

/// What there is to break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Nodes of our own; 0 when the cluster is somebody else's, and only clients misbehave.
    pub nodes: usize,
    pub clients: usize,
}

impl Kind {
    const ALL: [Self; 28] = [
        Self::KillNode,
        Self::KillUntold,
        Self::KillUnanswered,
        Self::PauseNode,
        Self::RollingRestart,
        Self::KillRedis,
        Self::PauseRedis,
        Self::CrashPostgres,
        Self::CutRedis,
        Self::CutPostgres,
        Self::CutBoth,
        Self::SilenceRedis,
        Self::SilencePostgres,
        Self::SlowRedis,
        Self::SlowPostgres,
        Self::BreakRedis,
        Self::BreakPostgres,
        Self::ResetClients,
        Self::ResetEverybody,
        Self::HalfCloseClients,
        Self::LoseClients,
        Self::StallClients,
        Self::NarrowClients,
        Self::DelayClients,
        Self::BreakClients,
        Self::SlowReader,
        Self::CrashClient,
        Self::OtherHistory,
    ];

    /// What happens, as the end of a sentence that begins with the target.
    pub fn words(self) -> &'static str {
        match self {
            Self::KillNode => "is killed",
            Self::KillUntold => "is cut off from Redis and killed after an acknowledgement",
            Self::KillUnanswered => "is killed while its answers are held up",
            Self::PauseNode => "stands still",
            Self::RollingRestart => "all nodes are restarted in order, one after the other",
            Self::KillRedis => "Redis is killed, and comes back empty",
            Self::PauseRedis => "Redis stands still",
            Self::CrashPostgres => "PostgreSQL crashes",
            Self::CutRedis => "is cut off from Redis",
            Self::CutPostgres => "is cut off from PostgreSQL",
            Self::CutBoth => "is cut off from Redis and PostgreSQL",
            Self::SilenceRedis => "hears nothing from Redis, with its lines open",
            Self::SilencePostgres => "hears nothing from PostgreSQL, with its lines open",
            Self::SlowRedis => "reaches Redis slowly",
            Self::SlowPostgres => "reaches PostgreSQL slowly",
            Self::BreakRedis => "loses its lines to Redis in the middle of something",
            Self::BreakPostgres => "loses its lines to PostgreSQL in the middle of something",
            Self::ResetClients => "loses all its clients",
            Self::ResetEverybody => "all clients are cut off at once",
            Self::HalfCloseClients => "has its clients' lines closed in one direction",
            Self::LoseClients => "has clients that are gone without a word",
            Self::StallClients => "has its clients' lines stand still",
            Self::NarrowClients => "has clients on a narrow line",
            Self::DelayClients => "has clients on a long line",
            Self::BreakClients => "loses its clients in the middle of a frame",
            Self::SlowReader => "stops reading",
            Self::CrashClient => "crashes",
            Self::OtherHistory => "comes back with another history",
        }
    }

    fn aim(self) -> Aim {
        match self {
            Self::RollingRestart
            | Self::KillRedis
            | Self::PauseRedis
            | Self::CrashPostgres
            | Self::ResetEverybody => Aim::Everything,
            Self::SlowReader | Self::CrashClient | Self::OtherHistory => Aim::Client,
            _ => Aim::Node,
        }
    }

    fn parts(self, target: usize, scene: Scene) -> Vec<Part> {
        match self {
            Self::KillNode | Self::PauseNode => vec![Part::Process(target)],
            Self::KillUntold => vec![Part::Process(target), Part::ToRedis(target)],
            Self::KillUnanswered => vec![Part::Process(target), Part::Door(target)],
            Self::RollingRestart => (0..scene.nodes).map(Part::Process).collect(),
            Self::KillRedis | Self::PauseRedis => vec![Part::Redis],
            Self::CrashPostgres => vec![Part::Postgres],
            Self::CutRedis | Self::SilenceRedis | Self::SlowRedis | Self::BreakRedis => {
                vec![Part::ToRedis(target)]
            }
            Self::CutPostgres
            | Self::SilencePostgres
            | Self::SlowPostgres
            | Self::BreakPostgres => vec![Part::ToPostgres(target)],
            Self::CutBoth => vec![Part::ToRedis(target), Part::ToPostgres(target)],
            Self::ResetEverybody => (0..scene.nodes).map(Part::Door).collect(),
            Self::ResetClients
            | Self::HalfCloseClients
            | Self::LoseClients
            | Self::StallClients
            | Self::NarrowClients
            | Self::DelayClients
            | Self::BreakClients => vec![Part::Door(target)],
            Self::SlowReader | Self::CrashClient | Self::OtherHistory => {
                vec![Part::Client(target)]
            }
        }
    }

    /// How long it lasts, in milliseconds, at least and less than.
    fn lasting(self) -> (u64, u64) {
        match self {
            Self::ResetClients
            | Self::ResetEverybody
            | Self::HalfCloseClients
            | Self::CrashClient
            | Self::OtherHistory => (0, 1),
            Self::BreakRedis | Self::BreakPostgres | Self::BreakClients => (500, 3000),
            Self::KillNode | Self::KillUntold | Self::KillUnanswered | Self::CrashPostgres => {
                (300, 4000)
            }
            Self::RollingRestart => (3000, 4000),
            Self::SlowRedis | Self::SlowPostgres | Self::DelayClients => (2000, 6000),
            Self::KillRedis | Self::PauseRedis | Self::CutRedis | Self::CutPostgres => (500, 7000),
            Self::PauseNode
            | Self::CutBoth
            | Self::SilenceRedis
            | Self::SilencePostgres
            | Self::LoseClients => (2000, 9000),
            // So that a lot can be said meanwhile.
            Self::StallClients | Self::NarrowClients | Self::SlowReader => (4000, 9000),
        }
    }
}

impl Plan {
    /// The schedule of this seed for a run of this length. Every kind comes up before any comes up
    /// again.
    pub fn of(seed: u64, scene: Scene, duration: Duration) -> Self {
        let mut dice = Dice::new(seed);
        let mut steps: Vec<Step> = Vec::new();
        let mut bag = Vec::new();
        let mut now = Duration::from_secs(1);
        loop {
            if bag.is_empty() {
                bag = Self::bag(scene);
                dice.shuffle(&mut bag);
            }
            let Some(kind) = bag.pop() else { break };
            let target = match kind.aim() {
                Aim::Node => dice.place(scene.nodes),
                Aim::Client => dice.place(scene.clients),
                Aim::Everything => 0,
            };
            let (least, below) = kind.lasting();
            let lasting = dice.millis(least, below);
            let parts = kind.parts(target, scene);
            // After what needs the same.
            let free = steps
                .iter()
                .filter(|other| {
                    let theirs = other.kind.parts(other.target, scene);
                    theirs.iter().any(|part| parts.contains(part))
                })
                .map(|other| other.at + other.lasting + MENDING)
                .max();
            let at = now.max(free.unwrap_or_default());
            if at + lasting > duration {
                break;
            }
            steps.push(Step {
                at,
                lasting,
                kind,
                target,
            });
            // Every other fault begins while the one before it lasts.
            let together = dice.one_in(2);
            let pause = dice.millis(200, 1200);
            now = if together { at } else { at + lasting } + pause;
        }
        Self { seed, scene, steps }
    }

    /// What one of its steps keeps busy.
    pub(crate) fn parts(&self, step: Step) -> Vec<Part> {
        step.kind.parts(step.target, self.scene)
    }

    fn bag(scene: Scene) -> Vec<Kind> {
        let possible = |kind: &Kind| scene.nodes > 0 || kind.aim() == Aim::Client;
        let mut bag: Vec<Kind> = Kind::ALL.into_iter().filter(possible).collect();
        // What crashes in an unlucky moment is worth more moments.
        if scene.nodes > 0 {
            bag.extend([Kind::KillNode, Kind::CrashPostgres]);
        }
        bag
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.aim() {
            Aim::Node => write!(f, "node {} ", self.target + 1)?,
            Aim::Client => write!(f, "client {} ", self.target + 1)?,
            Aim::Everything => {}
        }
        write!(f, "{}", self.kind.words())?;
        if !self.lasting.is_zero() {
            write!(f, ", for {:.1} s", self.lasting.as_secs_f64())?;
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}, {} faults", self.seed, self.steps.len())?;
        for step in &self.steps {
            writeln!(f, "{:>9.3} s  {step}", step.at.as_secs_f64())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SCENE: Scene = Scene {
        nodes: 3,
        clients: 10,
    };

    fn plan(seed: u64) -> Plan {
        Plan::of(seed, SCENE, Duration::from_mins(20))
    }

    #[test]
    fn the_same_seed_gives_the_same_schedule_and_another_another() {
        assert_eq!(plan(7), plan(7));
        assert_eq!(plan(7).to_string(), plan(7).to_string());
        let different: BTreeSet<String> = (0..20).map(|seed| plan(seed).to_string()).collect();
        assert_eq!(different.len(), 20);
    }

    #[test]
    fn a_longer_run_begins_like_a_shorter_one() {
        let short = Plan::of(7, SCENE, Duration::from_secs(30)).steps;
        assert!(!short.is_empty());
        assert_eq!(plan(7).steps[..short.len()], short);
    }

    #[test]
    fn every_kind_comes_up_and_ends_within_the_run() {
        let plan = plan(1);
        let kinds: BTreeSet<Kind> = plan.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds.len(), Kind::ALL.len());
        let end = Duration::from_mins(20);
        assert!(plan.steps.iter().all(|step| step.at + step.lasting <= end));
    }

    #[test]
    fn what_one_fault_needs_no_other_has_at_the_time() {
        for seed in 0..10 {
            let steps = plan(seed).steps;
            for (at, step) in steps.iter().enumerate() {
                let parts = step.kind.parts(step.target, SCENE);
                for other in &steps[at + 1..] {
                    let shared = other.kind.parts(other.target, SCENE);
                    assert!(
                        step.at + step.lasting < other.at
                            || !shared.iter().any(|part| parts.contains(part)),
                        "{step} and {other} are under way together"
                    );
                }
            }
        }
    }

    #[test]
    fn somebody_elses_cluster_is_left_alone() {
        let scene = Scene {
            nodes: 0,
            clients: 4,
        };
        let plan = Plan::of(3, scene, Duration::from_mins(5));
        assert!(plan.steps.len() > 10);
        assert!(
            plan.steps
                .iter()
                .all(|step| step.kind.aim() == Aim::Client && step.target < 4)
        );
    }
}
