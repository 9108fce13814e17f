//! What a run found, as a table for people and JSON for programs.

use std::{collections::BTreeMap, fmt, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::history::Findings;

/// The result of one run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub scenario: &'static str,
    pub rooms: usize,
    pub clients: usize,
    pub seconds: f64,
    pub sends: u64,
    pub acknowledged: u64,
    /// Refused sends by code: nothing was stored for these.
    pub refused: BTreeMap<String, u64>,
    /// Sends whose answer never came.
    pub unanswered: u64,
    /// Connections that ended and were not had again.
    pub lost_connections: u64,
    /// How often anybody was told that somebody left or went offline.
    pub seen_leaving: u64,
    pub sends_per_second: f64,
    pub deliveries_per_second: f64,
    pub deliveries: Findings,
    /// From the moment a send was due to its arrival at each member, the sender included.
    pub send_to_receipt: Latency,
    pub send_to_acknowledgement: Latency,
    /// From the end of a connection to the next one that has caught up.
    pub without_connection: Latency,
    pub server: Option<ServerCost>,
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

/// What the run cost the server's process.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerCost {
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
            && self.lost_connections == 0
            && self.seen_leaving == 0
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
        writeln!(
            f,
            "{}: {} clients in {} rooms for {:.1} s",
            self.scenario, self.clients, self.rooms, self.seconds
        )?;
        writeln!(
            f,
            "  sends       {:>12}  {:.0}/s, {} acknowledged, {} unanswered",
            self.sends, self.sends_per_second, self.acknowledged, self.unanswered
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
        ] {
            writeln!(f, "  {name:<11} {count:>12}")?;
        }
        writeln!(
            f,
            "  ms                 p50      p90      p99    p99.9      max"
        )?;
        for (name, latency) in [
            ("receipt", &self.send_to_receipt),
            ("ack", &self.send_to_acknowledgement),
            ("away", &self.without_connection),
        ] {
            let Latency {
                p50,
                p90,
                p99,
                p999,
                max,
                ..
            } = latency;
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
            seconds: 1.0,
            sends: 1,
            acknowledged: 1,
            refused: BTreeMap::new(),
            unanswered: 0,
            lost_connections: 0,
            seen_leaving: 0,
            sends_per_second: 1.0,
            deliveries_per_second: 2.0,
            deliveries,
            send_to_receipt: Latency::default(),
            send_to_acknowledgement: Latency::default(),
            without_connection: Latency::default(),
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
        assert!(
            !Report {
                acknowledged: 0,
                ..report(clean)
            }
            .passed()
        );
    }
}
