//! When to ask a client whether it is there, and when to give it up. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// The heartbeat of one transport.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    interval: Duration,
    timeout: Duration,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing is to be done before.
    Resting(Instant),
    /// Asked; gone if not heard before.
    Asked(Instant),
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beat {
    Nothing,
    Ask,
    Gone,
}

impl Heartbeat {
    pub(crate) fn new(interval: Duration, timeout: Duration, now: Instant) -> Heartbeat {
        Heartbeat {
            interval,
            timeout,
            state: State::Resting(now + interval),
        }
    }

    /// When to look again.
    pub(crate) fn due(&self) -> Instant {
        match self.state {
            State::Resting(until) | State::Asked(until) => until,
        }
    }

    /// When it is gone unless it is heard before, once it has been asked.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Resting(_) => None,
            State::Asked(until) => Some(until),
        }
    }

    /// Anything a client sends proves that it is there. It is asked again an interval after it was
    /// asked, so that answers which take their time do not add up; or after a late answer, if
    /// that is past.
    pub(crate) fn heard(&mut self, now: impl FnOnce() -> Instant) {
        if let State::Asked(until) = self.state {
            let (now, next) = (now(), until - self.timeout + self.interval);
            self.state = State::Resting(if next > now {
                next
            } else {
                now + self.interval
            });
        }
    }

    /// Looks at the clock. A client that we are not reading from cannot be heard, so it has all
    /// its time again from now on.
    pub(crate) fn look(&mut self, now: Instant, reading: bool) -> Beat {
        if now < self.due() {
            return Beat::Nothing;
        }
        let asked = matches!(self.state, State::Asked(_));
        if asked && reading {
            return Beat::Gone;
        }
        // A timer is always a little late, which must not add up; but who is asked much too late
        // has all the time as well.
        let from = if now < self.due() + self.timeout / 4 {
            self.due()
        } else {
            now
        };
        self.state = State::Asked(from + self.timeout);
        if asked { Beat::Nothing } else { Beat::Ask }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(20);
    const TIMEOUT: Duration = Duration::from_secs(15);

    #[test]
    fn a_client_is_asked_and_then_given_up() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        assert_eq!(heartbeat.look(start + INTERVAL / 2, true), Beat::Nothing);
        assert_eq!(heartbeat.look(start + INTERVAL, true), Beat::Ask);
        assert_eq!(
            heartbeat.look(start + INTERVAL + TIMEOUT / 2, true),
            Beat::Nothing
        );
        assert_eq!(heartbeat.look(start + INTERVAL + TIMEOUT, true), Beat::Gone);
    }

    #[test]
    fn a_client_that_answers_is_asked_again_an_interval_later() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        for asked in 1..4 {
            let now = start + INTERVAL * asked;
            assert_eq!(heartbeat.look(now, true), Beat::Ask);
            heartbeat.heard(|| now + TIMEOUT / 2);
            assert_eq!(heartbeat.due(), now + INTERVAL);
        }
    }

    #[test]
    fn a_client_that_answers_after_more_than_an_interval_is_not_asked_at_once() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, INTERVAL * 3, start);
        assert_eq!(heartbeat.look(start + INTERVAL, true), Beat::Ask);
        let answered = start + INTERVAL * 3;
        heartbeat.heard(|| answered);
        assert_eq!(heartbeat.due(), answered + INTERVAL);
    }

    #[test]
    fn a_client_is_not_given_up_while_we_do_not_read() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        assert_eq!(heartbeat.look(start + INTERVAL, false), Beat::Ask);
        let late = start + INTERVAL + TIMEOUT;
        assert_eq!(heartbeat.look(late, false), Beat::Nothing);
        assert_eq!(heartbeat.look(late + TIMEOUT / 2, true), Beat::Nothing);
        assert_eq!(heartbeat.look(late + TIMEOUT, true), Beat::Gone);
    }
}
