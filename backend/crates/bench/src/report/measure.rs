//! What measures are called, and which of them a scenario is about.

use crate::scenario::{Measure, Scenario};

impl Measure {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Measure::CpuMicrosPerDelivery => "CPU a delivery, µs",
            Measure::DeliveriesPerSecond => "deliveries a second",
            Measure::DeliveriesPerCpuSecond => "deliveries a second of CPU",
            Measure::KibPerConnection => "memory a connection, KiB",
            Measure::KibPerStopped => "memory a stopped reader, KiB",
            Measure::CpuMillisPerConnect => "CPU a connect and join, ms",
            Measure::ConnectsPerSecond => "connects a second",
            Measure::SendsPerSecond => "durable sends a second",
            Measure::SecondsUntilBack => "seconds until all are back",
            Measure::CpuMillisPerReturn => "CPU a return, ms",
            Measure::TurnedAway => "turned away",
            Measure::StatementsPerRoom => "statements a room",
            Measure::P50Ms => "p50, ms",
            Measure::P99Ms => "p99, ms",
            Measure::P99TimesAlone => "p99, times that without them",
            Measure::FrameBytes => "bytes a frame",
            Measure::ServerPercent => "server's processor, %",
            Measure::DriverPercent => "driver's processor, %",
        }
    }
}

impl Scenario {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Scenario::Paced10k => "Paced: 20 rooms of 50, 200 sends a second",
            Scenario::Paced50k => "Paced: 20 rooms of 50, 1,000 sends a second",
            Scenario::Saturated => "Saturated: 20 rooms of 50",
            Scenario::Large => "Saturated: one room of 1,000",
            Scenario::Idle => "Idle: 10,000 connections, one room each",
            Scenario::Connect => "Connect storm: 5,000 connect and join",
            Scenario::Durable => "Durable sends",
            Scenario::Quiet => "A quiet room beside a saturated one",
            Scenario::Flat => "Cost of a delivery by connections and by rooms",
            Scenario::Storm => "Reconnect storm: 10,000 are cut off and come back",
            Scenario::Slow => "Slow readers: 1,000 stop reading beside 100 that go on",
        }
    }

    /// What is shown of it, the most telling first.
    pub(crate) fn measures(self) -> &'static [Measure] {
        use Measure as M;
        match self {
            Scenario::Paced10k | Scenario::Paced50k => {
                &[M::CpuMicrosPerDelivery, M::P50Ms, M::P99Ms]
            }
            Scenario::Saturated | Scenario::Large => &[
                M::DeliveriesPerCpuSecond,
                M::DeliveriesPerSecond,
                M::ServerPercent,
                M::DriverPercent,
            ],
            Scenario::Idle => &[M::KibPerConnection],
            Scenario::Connect => &[M::CpuMillisPerConnect, M::ConnectsPerSecond],
            Scenario::Durable => &[M::SendsPerSecond, M::P50Ms],
            Scenario::Quiet => &[M::P99Ms, M::P50Ms],
            Scenario::Flat => &[M::CpuMicrosPerDelivery],
            Scenario::Slow => &[M::P99TimesAlone, M::P99Ms, M::KibPerStopped],
            Scenario::Storm => &[
                M::SecondsUntilBack,
                M::CpuMillisPerReturn,
                M::StatementsPerRoom,
                M::TurnedAway,
            ],
        }
    }
}
