//! Whether a node's process runs.

use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One process, from its start to its crash. It may be stopped in between for a while, as by a
/// debugger, a machine that swaps, or a hypervisor that moves it.
#[derive(Debug)]
pub(crate) struct Pulse {
    pub(crate) number: u64,
    life: CancellationToken,
    stopped: Mutex<Stopped>,
    rung: Notify,
}

#[derive(Debug)]
struct Stopped {
    since: Option<Instant>,
    /// When it last went on, and after how long.
    last: Option<(Instant, Duration)>,
}

impl Pulse {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            life: CancellationToken::new(),
            stopped: Mutex::new(Stopped {
                since: None,
                last: None,
            }),
            rung: Notify::new(),
        }
    }

    pub(crate) fn life(&self) -> &CancellationToken {
        &self.life
    }

    pub(crate) fn is_alive(&self) -> bool {
        !self.life.is_cancelled()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.lock().unwrap().since.is_some()
    }

    pub(crate) fn stop(&self) {
        self.stopped.lock().unwrap().since = Some(Instant::now());
    }

    pub(crate) fn go_on(&self) {
        let mut stopped = self.stopped.lock().unwrap();
        if let Some(since) = stopped.since.take() {
            stopped.last = Some((Instant::now(), since.elapsed()));
        }
        drop(stopped);
        self.rung.notify_waiters();
    }

    /// Waits while it is stopped; for ever, once it has crashed.
    pub(crate) async fn awake(&self) {
        loop {
            let rung = self.rung.notified();
            if !self.is_alive() {
                std::future::pending::<()>().await;
            }
            if !self.is_stopped() {
                return;
            }
            rung.await;
        }
    }

    /// Whether it was never stopped for longer than `span` at a time, as far as that still
    /// matters `after` it went on.
    pub(crate) fn is_steady(&self, span: Duration, after: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap();
        let long_ago = |(at, lasted): (Instant, Duration)| lasted <= span || at.elapsed() > after;
        stopped.since.is_none_or(|since| since.elapsed() <= span)
            && stopped.last.is_none_or(long_ago)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::in_a_time_of_its_own;
    use tokio::time::{sleep, timeout};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_process_that_stands_still_goes_on_where_it_was() {
        in_a_time_of_its_own(async {
            let pulse = Pulse::new(1);
            assert_eq!(pulse.number, 1);
            pulse.stop();
            assert!(timeout(SECOND * 9, pulse.awake()).await.is_err());
            assert!(pulse.is_stopped() && !pulse.is_steady(SECOND, SECOND));
            pulse.go_on();
            pulse.awake().await;
            assert!(pulse.is_steady(SECOND * 9, SECOND));
            assert!(!pulse.is_steady(SECOND, SECOND), "it has just gone on");
            sleep(SECOND * 2).await;
            assert!(pulse.is_steady(SECOND, SECOND));
        });
    }

    #[test]
    fn a_process_that_crashed_does_nothing_more() {
        in_a_time_of_its_own(async {
            let pulse = Pulse::new(1);
            pulse.life().cancel();
            assert!(!pulse.is_alive());
            assert!(timeout(SECOND, pulse.awake()).await.is_err());
        });
    }
}
