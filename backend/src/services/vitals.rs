//! What browsers tell of how the web client does in them.
//!
//! Numbers alone, from anybody who is signed in: they are bounded, rare, and added to those of all
//! others who run the same release, so that nobody's can be told apart, and a liar moves an average and
//! nothing else.

use super::error::InField;
use super::limits::{LimitKey, Rule};
use super::{Caller, Chat, ChatError};
use crate::models::{Buckets, ReleaseSample, Releases, text};
use crate::protocol::stats::TellVitals;
use crate::protocol::whole::Whole;
use realtime::{Counter, Histogram};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Times in one report.
const MOST_ACKS: usize = 100;
/// The longest time that is believed, in milliseconds: ten minutes.
const LONGEST_MS: f64 = 600_000.0;
/// The greatest layout shift that is believed.
const MOST_SHIFT: f64 = 1_000.0;
/// The most of what is counted, in one report.
const MOST_TIMES: i64 = 10_000;

/// What they told, added up.
#[derive(Debug, Default)]
pub(super) struct Vitals {
    /// What they told since it was taken last.
    releases: Mutex<Releases>,
    /// In thousandths.
    pub(super) cls: Histogram,
    pub(super) ack: Histogram,
    pub(super) reconnects: Counter,
    pub(super) failed_sends: Counter,
    pub(super) reports: Counter,
}

impl Vitals {
    /// What they told, by release, since this was asked last.
    pub(super) fn take_releases(&self) -> Releases {
        std::mem::take(&mut self.releases())
    }

    fn releases(&self) -> MutexGuard<'_, Releases> {
        self.releases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    /// Takes note of a report.
    ///
    /// # Errors
    /// `Invalid`, and then nothing of it counts; `RateLimited`.
    pub fn tell_vitals(&self, caller: &Caller, report: &TellVitals) -> Result<(), ChatError> {
        text::visible("the release", &report.release, 1, 64).in_field("release")?;
        let lcp = within("lcpMs", report.lcp_ms, LONGEST_MS)?;
        let inp = within("inpMs", report.inp_ms, LONGEST_MS)?;
        let cls = within("cls", report.cls, MOST_SHIFT)?;
        if report.acks_ms.len() > MOST_ACKS {
            return Err(ChatError::invalid(
                "acksMs",
                format!("acksMs must have at most {MOST_ACKS} times"),
            ));
        }
        let acks = report.acks_ms.iter();
        let acks = acks.map(|ms| within("acksMs", Some(*ms), LONGEST_MS));
        let acks = acks.collect::<Result<Vec<_>, _>>()?;
        let reconnects = times("reconnects", report.reconnects)?;
        let failed_sends = times("failedSends", report.failed_sends)?;
        self.limits
            .check(Rule::Vitals, LimitKey::User(caller.id()))?;

        let vitals = &self.stats.vitals;
        let took = |histogram: &Histogram, ms: f64| {
            histogram.took(Duration::from_secs_f64(ms / 1000.0));
        };
        let alone = |ms: Option<f64>| {
            let histogram = Histogram::default();
            if let Some(ms) = ms {
                took(&histogram, ms);
            }
            Buckets::of(histogram.get().bands())
        };
        vitals.releases().put(ReleaseSample {
            release: report.release.clone(),
            lcp: alone(lcp),
            inp: alone(inp),
            sessions: 1,
        });
        // A shift of one counts as a thousand, as a millisecond does: the same arithmetic.
        if let Some(shift) = cls {
            took(&vitals.cls, shift);
        }
        for ms in acks.into_iter().flatten() {
            took(&vitals.ack, ms);
        }
        vitals.reconnects.add(reconnects);
        vitals.failed_sends.add(failed_sends);
        vitals.reports.add(1);
        if failed_sends > 0 {
            tracing::debug!(
                client.release = report.release,
                failed_sends,
                "a browser could not send"
            );
        }
        Ok(())
    }
}

fn within(field: &'static str, given: Option<f64>, most: f64) -> Result<Option<f64>, ChatError> {
    let fits = |number: &f64| (0.0..=most).contains(number);
    if given.as_ref().is_none_or(fits) {
        return Ok(given);
    }
    Err(ChatError::invalid(
        field,
        format!("{field} must be from 0 to {most}"),
    ))
}

fn times(field: &'static str, given: Option<Whole>) -> Result<u64, ChatError> {
    let Whole(number) = given.unwrap_or(Whole(0));
    u64::try_from(number)
        .ok()
        .filter(|_| number <= MOST_TIMES)
        .ok_or_else(|| ChatError::invalid(field, format!("{field} must be from 0 to {MOST_TIMES}")))
}
