//! One look at every counter: a sample of all that was done since the start.
//!
//! They are the counters that `telemetry/metrics.rs` shows, and whoever does something moves them; what
//! browsers tell, and what the process is like, is shown here alone.

use super::super::Chat;
use super::process;
use crate::models::{Buckets, Connections, Sample, StoreSample, VitalsSample};
use realtime::{CloseReason, Distribution, Engine, Histogram};
use std::sync::atomic::Ordering;

impl Chat {
    /// What was counted until now, without what the loop itself knows: the time and the cursors that
    /// are behind.
    pub(super) fn reading(&self, engine: &Engine) -> Sample {
        let metrics = engine.metrics();
        let (sends, load) = (&self.counts.sends, self.store.load());
        let ended = metrics.ends.iter().map(|(_, count)| count).sum();
        let slow = [CloseReason::WriteTimeout, CloseReason::Overflow];
        let slow = metrics.ends.iter().filter(|(why, _)| slow.contains(why));
        let size = self.stats.store_size().take();
        let vitals = &self.stats.vitals;
        Sample {
            at: 0,
            seconds: 0,
            connections: Connections {
                websocket: metrics.websocket,
                polling: metrics.polling,
            },
            opened: metrics.websocket + metrics.polling + ended,
            ended,
            received: metrics.events_in,
            messages: sends.stored.get(),
            refused: sends.refused.get(),
            failed: sends.unknown.get() + self.counts.failed_batches.get(),
            deliveries: metrics.packets_out,
            bytes: metrics.bytes_out,
            waiting: self.counts.waiting(),
            behind: 0,
            blocked: metrics.blocked,
            hints_dropped: metrics.hints_dropped,
            resets: metrics.resets,
            slow_closed: slow.map(|(_, count)| count).sum(),
            limited: self.rate_limited(),
            delivery: buckets(&metrics.delivery),
            acknowledgement: counted(&self.counts.acknowledgement),
            commit: counted(&self.counts.commit),
            cpu_ms: process::cpu_ms(),
            rss_bytes: process::rss_bytes(),
            lag_us: self.stats.latest_us.swap(0, Ordering::Relaxed),
            store: StoreSample {
                busy: load.busy.into(),
                idle: load.idle.into(),
                max: load.most.into(),
                bytes: size.map(|size| size.bytes),
                free_bytes: size.and_then(|size| size.free_bytes),
            },
            heard: self.bus.take_heard(),
            vitals: VitalsSample {
                releases: vitals.take_releases(),
                cls: counted(&vitals.cls),
                ack: counted(&vitals.ack),
                reconnects: vitals.reconnects.get(),
                failed_sends: vitals.failed_sends.get(),
                sessions: vitals.reports.get(),
            },
        }
    }
}

fn counted(histogram: &Histogram) -> Buckets {
    buckets(&histogram.get())
}

fn buckets(counted: &Distribution) -> Buckets {
    Buckets::of(counted.bands())
}
