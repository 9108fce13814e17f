//! From one moment to another: what was delivered, and what it cost.

use std::time::{Duration, Instant};

use super::{Figures, Measure};
use crate::crowd::Crowd;
use crate::failure::{Failure, Result};
use crate::latency::Latencies;
use crate::process;
use crate::subject::Running;

#[derive(Debug)]
pub(super) struct Window {
    began: Instant,
    server: Duration,
    driver: Duration,
    deliveries: u64,
    bytes: u64,
}

impl Window {
    pub(super) fn open(server: &Running, crowd: &mut Crowd) -> Result<Window> {
        let heard = crowd.heard();
        heard.nanos.clear();
        Ok(Window {
            began: Instant::now(),
            server: server.cpu()?,
            driver: process::cpu(std::process::id())?,
            deliveries: heard.deliveries,
            bytes: heard.bytes,
        })
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of seconds fit into 53 bits"
    )]
    pub(super) fn close(self, server: &Running, crowd: &mut Crowd) -> Result<Figures> {
        let took = self.began.elapsed().as_secs_f64();
        let server = server.cpu()?.saturating_sub(self.server).as_secs_f64();
        let driver = process::cpu(std::process::id())?
            .saturating_sub(self.driver)
            .as_secs_f64();
        let heard = crowd.heard();
        if heard.deliveries == self.deliveries {
            return Err(Failure::Protocol("nothing was delivered".to_owned()));
        }
        let deliveries = (heard.deliveries - self.deliveries) as f64;
        let latencies = Latencies::of(heard.nanos.drain(..));
        let mut figures = Figures::from([
            (Measure::CpuMicrosPerDelivery, server * 1e6 / deliveries),
            (Measure::DeliveriesPerSecond, deliveries / took),
            (Measure::DeliveriesPerCpuSecond, deliveries / server),
            (Measure::ServerPercent, server * 100.0 / took),
            (
                Measure::FrameBytes,
                (heard.bytes - self.bytes) as f64 / deliveries,
            ),
            (Measure::DriverPercent, driver * 100.0 / took),
        ]);
        figures.extend(latencies.figures());
        Ok(figures)
    }
}
