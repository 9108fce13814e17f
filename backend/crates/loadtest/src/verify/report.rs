//! What a run found, for people and for programs.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;

use super::{
    check::{Findings, Property, Tally, Violation},
    plan::Kind,
    record::{Happened, Outcome, Record},
};

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// Every promise held, and there was something to hold it to.
    pub passed: bool,
    pub seed: u64,
    /// Nodes of our own; none when the cluster is somebody else's.
    pub nodes: usize,
    pub seconds: f64,
    pub people: usize,
    pub clients: usize,
    /// Carried out, by kind.
    pub faults: BTreeMap<Kind, u64>,
    /// Messages that somebody wanted to be sent.
    pub sends: u64,
    pub acknowledged: u64,
    pub refused: u64,
    /// Never answered in the end, by nobody.
    pub unknown: u64,
    /// Attempts beyond the first, and those of them that found the message stored already.
    pub repeats: u64,
    /// Entries that clients were given, and those of them that came on coming back.
    pub deliveries: u64,
    pub replayed: u64,
    pub removals: u64,
    pub connections: u64,
    pub resumes: u64,
    pub resets: u64,
    /// Of all clients: connected, or wanting to be.
    pub client_seconds: f64,
    pub client_seconds_without_service: f64,
    /// How often a node ended without being told to, or did not when it was.
    pub fallen: u32,
    /// What clients were told and should never be.
    pub odd: Vec<String>,
    pub ending: Ending,
    pub properties: BTreeMap<Property, Tally>,
    pub violations: Vec<Violation>,
}

/// Why a run ended when it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    #[default]
    InTime,
    /// Nothing more could be recorded.
    Full,
    /// Somebody asked for it.
    Asked,
}

/// What a report knows that is not in the record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(crate) seed: u64,
    pub(crate) nodes: usize,
    pub(crate) lasted: Duration,
    pub(crate) faults: BTreeMap<Kind, u64>,
    pub(crate) fallen: u32,
    pub(crate) ending: Ending,
}

impl VerifyReport {
    pub(crate) fn new(frame: Frame, record: &Record, findings: Findings) -> Self {
        let removals = findings.tallies.get(&Property::RemovedHearNothing);
        let removals = removals.map_or(0, |tally| tally.looked_at);
        let mut report = Self {
            passed: false,
            seed: frame.seed,
            nodes: frame.nodes,
            seconds: frame.lasted.as_secs_f64(),
            people: record.cast.people.len(),
            clients: record.clients.len(),
            faults: frame.faults,
            sends: 0,
            acknowledged: 0,
            refused: 0,
            unknown: 0,
            repeats: 0,
            deliveries: 0,
            replayed: 0,
            removals,
            connections: 0,
            resumes: 0,
            resets: 0,
            client_seconds: 0.0,
            client_seconds_without_service: 0.0,
            fallen: frame.fallen,
            odd: Vec::new(),
            ending: frame.ending,
            properties: findings.tallies,
            violations: findings.violations,
        };
        report.add_up(record);
        report.passed = report
            .properties
            .values()
            .all(|tally| tally.violations == 0)
            && report.fallen == 0
            && report.odd.is_empty()
            && report.acknowledged > 0
            && report.deliveries > 0;
        report
    }

    fn add_up(&mut self, record: &Record) {
        for client in &record.clients {
            let counts = client.counts;
            let odd = client.odd.iter();
            self.odd
                .extend(odd.map(|what| format!("{}: {what}", client.name)));
            self.connections += counts.connections;
            self.resumes += counts.resumes;
            self.resets += counts.resets;
            self.client_seconds += counts.present.as_secs_f64();
            self.client_seconds_without_service += counts.without_service.as_secs_f64();
            for send in &client.sends {
                self.sends += 1;
                self.repeats += send.attempts.len().saturating_sub(1) as u64;
                let any = |wanted: fn(&Outcome) -> bool| {
                    let mut outcomes = send.attempts.iter().map(|attempt| &attempt.outcome);
                    outcomes.any(wanted)
                };
                if any(|outcome| matches!(outcome, Outcome::Acknowledged { .. })) {
                    self.acknowledged += 1;
                } else if any(|outcome| matches!(outcome, Outcome::Unknown)) {
                    self.unknown += 1;
                } else {
                    self.refused += 1;
                }
            }
            for step in &client.steps {
                match &step.what {
                    Happened::Heard(_) => self.deliveries += 1,
                    Happened::Resumed { entries, .. } => {
                        self.deliveries += entries.len() as u64;
                        self.replayed += entries.len() as u64;
                    }
                    _ => {}
                }
            }
        }
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let where_to = match self.nodes {
            0 => "a running cluster".to_owned(),
            nodes => format!("{nodes} nodes of our own"),
        };
        writeln!(
            f,
            "verify: {where_to}, {} clients of {} people, {:.0} s, seed {}",
            self.clients, self.people, self.seconds, self.seed
        )?;
        let faults: u64 = self.faults.values().sum();
        writeln!(f, "  faults      {faults:>10}")?;
        for (kind, times) in &self.faults {
            writeln!(f, "  {times:>22}  {}", kind.words())?;
        }
        writeln!(
            f,
            "  sends       {:>10}  {} acknowledged, {} refused, {} unknown; {} repeats",
            self.sends, self.acknowledged, self.refused, self.unknown, self.repeats
        )?;
        writeln!(
            f,
            "  deliveries  {:>10}  {} of them on coming back",
            self.deliveries, self.replayed
        )?;
        writeln!(
            f,
            "  connections {:>10}  {} resumes, {} resets",
            self.connections, self.resumes, self.resets
        )?;
        let share = if self.client_seconds > 0.0 {
            100.0 * self.client_seconds_without_service / self.client_seconds
        } else {
            0.0
        };
        writeln!(
            f,
            "  no service  {:>10.1}  of {:.1} client-seconds, {share:.1} %",
            self.client_seconds_without_service, self.client_seconds
        )?;
        if self.fallen > 0 {
            writeln!(
                f,
                "  fallen      {:>10}  nodes ended without being told to, or did not when they were",
                self.fallen
            )?;
        }
        for odd in &self.odd {
            writeln!(f, "  odd         {odd}")?;
        }
        match self.ending {
            Ending::InTime => {}
            Ending::Full => writeln!(f, "  The record was full before the time was over.")?,
            Ending::Asked => writeln!(f, "  It was asked to end before the time was over.")?,
        }
        writeln!(f, "  checked")?;
        for (property, tally) in &self.properties {
            let verdict = match tally.violations {
                0 => "held".to_owned(),
                times => format!("VIOLATED {times} times"),
            };
            writeln!(
                f,
                "    {}: {verdict}, {} {}",
                property.words(),
                tally.looked_at,
                property.counted()
            )?;
        }
        for violation in &self.violations {
            writeln!(f)?;
            let place = violation.room.as_ref();
            let place = place.map_or(String::new(), |room| format!("in {room}: "));
            writeln!(f, "  {place}{}", violation.what)?;
            for line in &violation.excerpt {
                writeln!(f, "      {line}")?;
            }
        }
        let verdict = if self.passed {
            "every promise held"
        } else {
            "FAILED"
        };
        writeln!(f, "  {verdict}")
    }
}
