//! What a run found, as a table for people and JSON for programs.

use std::{collections::BTreeMap, fmt, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::{history::Findings, scenario::Pace};

/// After this time the server lets others see that somebody has left, unless it was told another
/// one. Whoever is back within it must not be missed.
const GRACE_MS: f64 = 5000.0;

/// The result of one run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub scenario: &'static str,
    pub rooms: usize,
    pub clients: usize,
    pub pace: Pace,
    /// How long there was something to send.
    pub seconds: f64,
    pub sends: u64,
    pub acknowledged: u64,
    /// Refused sends by code: nothing was stored for these.
    pub refused: BTreeMap<String, u64>,
    /// Sends whose answer never came.
    pub unanswered: u64,
    /// Sends that were due and never left: the rate was too high, or their client was cut off.
    pub unsent: u64,
    /// Connections that ended and were not had again.
    pub lost_connections: u64,
    /// How often anybody was told that somebody left or went offline.
    pub seen_leaving: u64,
    /// Feeds that were too far behind, and were read from the room's log instead.
    pub resets: u64,
    /// Until the end of sending, as the next one.
    pub sends_per_second: f64,
    pub deliveries_per_second: f64,
    pub deliveries: Findings,
    /// The first clients that did not see all as promised.
    pub faults: Vec<MemberFault>,
    /// From the moment a send was due to its arrival at each member, the sender included.
    pub send_to_receipt: Latency,
    /// The same at those who read slowly.
    pub send_to_slow_receipt: Latency,
    /// The same at those who were away or too far behind, and were given what they had missed.
    pub send_to_catching_up: Latency,
    pub send_to_acknowledgement: Latency,
    /// From the end of a connection to the next one that has caught up.
    pub without_connection: Latency,
    /// One for every time that all were thrown out.
    pub storms: Vec<Storm>,
    pub server: Option<ServerCost>,
}

/// What one client did not see as promised in one room.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberFault {
    pub room: String,
    /// The number at the end of its user's name.
    pub client: usize,
    pub missing: u64,
    pub duplicated: u64,
    pub reordered: u64,
}

/// All were thrown out at once.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Storm {
    /// Clients that came back and caught up.
    pub came_back: usize,
    /// Until the last of them had.
    pub last_back_ms: f64,
}

/// Percentiles in milliseconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Latency {
    pub count: u64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

/// What the run cost the server's processes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerCost {
    pub processes: usize,
    pub cpu_seconds: f64,
    /// All processor time of the run, storing and acknowledging included,
    /// divided by the deliveries.
    pub cpu_micros_per_delivery: f64,
    pub resident_bytes: u64,
    /// What connecting and joining added, divided by the connections. Tells
    /// little of a server that has just hashed many passwords: run the load a
    /// second time against it.
    pub resident_bytes_per_connection: f64,
}

impl Report {
    /// Whether nothing was missing, doubled, reordered, refused or cut off, and nobody seen to go.
    pub fn passed(&self) -> bool {
        self.deliveries.are_clean()
            && self.acknowledged > 0
            && self.acknowledged == self.sends
            && self.unsent == 0
            && self.lost_connections == 0
            && (self.seen_leaving == 0 || self.without_connection.max > GRACE_MS)
    }
}

impl Latency {
    /// Reads percentiles from a histogram of microseconds.
    pub(crate) fn of(micros: &Histogram<u64>) -> Self {
        let at = |quantile| millis(micros.value_at_quantile(quantile));
        Self {
            count: micros.len(),
            p50: at(0.50),
            p90: at(0.90),
            p99: at(0.99),
            p999: at(0.999),
            max: millis(micros.max()),
        }
    }
}

fn millis(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64() * 1000.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = &self.deliveries;
        let asked = match self.pace {
            Pace::PerSecond(rate) => format!("{rate} sends a second"),
            Pace::InFlight(sends) => format!("{sends} in flight each"),
        };
        writeln!(
            f,
            "{}: {} clients in {} rooms, {asked}, for {:.1} s",
            self.scenario, self.clients, self.rooms, self.seconds
        )?;
        writeln!(
            f,
            "  sends       {:>12}  {:.0}/s, {} acknowledged, {} unanswered, {} unsent",
            self.sends, self.sends_per_second, self.acknowledged, self.unanswered, self.unsent
        )?;
        for (code, count) in &self.refused {
            writeln!(f, "  refused     {count:>12}  {code}")?;
        }
        writeln!(
            f,
            "  deliveries  {:>12}  {:.0}/s, {} expected",
            found.received, self.deliveries_per_second, found.expected
        )?;
        for (name, count) in [
            ("missing", found.missing),
            ("duplicated", found.duplicated),
            ("reordered", found.reordered),
            (
                "disagreeing",
                found.disagreements + found.unseen_acknowledged,
            ),
            ("cut off", self.lost_connections),
            ("seen to go", self.seen_leaving),
            ("came back", self.without_connection.count),
            ("reset", self.resets),
        ] {
            writeln!(f, "  {name:<11} {count:>12}")?;
        }
        for storm in &self.storms {
            let (back, last) = (storm.came_back, storm.last_back_ms);
            writeln!(
                f,
                "  storm       {back:>12}  back, the last after {last:.0} ms"
            )?;
        }
        for fault in &self.faults {
            let MemberFault {
                room,
                client,
                missing,
                duplicated,
                reordered,
            } = fault;
            writeln!(
                f,
                "  client {client} in {room}: {missing} missing, {duplicated} duplicated, {reordered} reordered"
            )?;
        }
        writeln!(
            f,
            "  ms                 p50      p90      p99    p99.9      max"
        )?;
        for (name, latency) in [
            ("receipt", &self.send_to_receipt),
            ("slow", &self.send_to_slow_receipt),
            ("catching up", &self.send_to_catching_up),
            ("ack", &self.send_to_acknowledgement),
            ("away", &self.without_connection),
        ] {
            let Latency {
                count,
                p50,
                p90,
                p99,
                p999,
                max,
            } = latency;
            if *count == 0 {
                continue;
            }
            writeln!(
                f,
                "  {name:<11} {p50:>9.2}{p90:>9.2}{p99:>9.2}{p999:>9.2}{max:>9.2}"
            )?;
        }
        if let Some(server) = &self.server {
            writeln!(
                f,
                "  server      {:>9.2} s CPU, {:.2} us a delivery; {:.1} MiB resident, {:.1} KiB a connection",
                server.cpu_seconds,
                server.cpu_micros_per_delivery,
                mebibytes(server.resident_bytes),
                server.resident_bytes_per_connection / 1024.0
            )?;
        }
        let verdict = if self.passed() {
            "every promise held"
        } else {
            "FAILED"
        };
        writeln!(f, "  {verdict}")
    }
}

fn mebibytes(bytes: u64) -> f64 {
    count(bytes) / (1024.0 * 1024.0)
}

/// A count as a number to divide by; exact for anything a run can reach.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(deliveries: Findings) -> Report {
        Report {
            scenario: "steady",
            rooms: 1,
            clients: 2,
            pace: Pace::PerSecond(1),
            seconds: 1.0,
            sends: 1,
            acknowledged: 1,
            refused: BTreeMap::new(),
            unanswered: 0,
            unsent: 0,
            lost_connections: 0,
            seen_leaving: 0,
            resets: 0,
            sends_per_second: 1.0,
            deliveries_per_second: 2.0,
            deliveries,
            faults: Vec::new(),
            send_to_receipt: Latency::default(),
            send_to_slow_receipt: Latency::default(),
            send_to_catching_up: Latency::default(),
            send_to_acknowledgement: Latency::default(),
            without_connection: Latency::default(),
            storms: Vec::new(),
            server: None,
        }
    }

    #[test]
    fn a_run_passes_only_when_everything_arrived_once_and_in_order() {
        let clean = Findings {
            expected: 2,
            received: 2,
            ..Findings::default()
        };
        assert!(report(clean.clone()).passed());
        for fault in [
            Findings {
                received: 1,
                missing: 1,
                ..clean.clone()
            },
            Findings {
                duplicated: 1,
                ..clean.clone()
            },
            Findings {
                reordered: 1,
                ..clean.clone()
            },
            Findings {
                disagreements: 1,
                ..clean.clone()
            },
            Findings {
                unseen_acknowledged: 1,
                ..clean.clone()
            },
        ] {
            assert!(!report(fault.clone()).passed(), "{fault:?} was let pass");
        }
        assert!(
            !Report {
                lost_connections: 1,
                ..report(clean.clone())
            }
            .passed()
        );
        assert!(
            !Report {
                seen_leaving: 1,
                ..report(clean.clone())
            }
            .passed()
        );
        let late = Report {
            unsent: 1,
            ..report(clean.clone())
        };
        assert!(!late.passed());
        let long = Latency {
            max: GRACE_MS + 1.0,
            ..Latency::default()
        };
        let missed = Report {
            seen_leaving: 1,
            without_connection: long,
            ..report(clean.clone())
        };
        assert!(missed.passed(), "whoever is away for long is missed");
        assert!(
            !Report {
                acknowledged: 0,
                ..report(clean)
            }
            .passed()
        );
    }
}
