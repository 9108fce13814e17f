//! Moments at which one client has something to do, as data.
//!
//! All count from the start of sending. They are known before the run, so that
//! a send that is late can be measured from when it was due.

use std::time::Duration;

/// How the messages of all clients together are spread over time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rhythm {
    Even { per_second: u32 },
    Bursts { size: u64, every: Duration },
}

/// When one client sends: every so manieth message of all is its own.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// The number, among the messages of all, of its next one.
    message: u64,
    senders: u64,
    rhythm: Rhythm,
    until: Duration,
}

impl Schedule {
    /// The schedule of the client whose turn is `turn` of `senders`.
    pub(super) fn in_turn(turn: u64, senders: u64, rhythm: Rhythm, until: Duration) -> Self {
        Self {
            message: turn,
            senders,
            rhythm,
            until,
        }
    }

    /// When the next message is due, if there is one.
    pub(super) fn next(&self) -> Option<Duration> {
        let due = match self.rhythm {
            Rhythm::Even { per_second } => {
                let nanos = u128::from(self.message) * 1_000_000_000 / u128::from(per_second);
                Duration::from_nanos(u64::try_from(nanos).ok()?)
            }
            Rhythm::Bursts { size, every } => {
                every.checked_mul(u32::try_from(self.message / size).ok()?)?
            }
        };
        (due < self.until).then_some(due)
    }

    /// How many are due yet.
    pub(super) fn left(&self) -> u64 {
        let mut rest = self.clone();
        let mut left = 0;
        while rest.next().is_some() {
            rest.advance();
            left += 1;
        }
        left
    }

    /// Goes on to the message after that.
    pub(super) fn advance(&mut self) {
        self.message += self.senders;
    }
}

/// When one client leaves to come back.
#[derive(Clone, Debug)]
pub(super) struct Breaks {
    next: Duration,
    every: Duration,
    until: Duration,
    away_at_most: Duration,
    number: usize,
    /// Whether it says goodbye every other time.
    polite: bool,
}

/// One leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Break {
    /// Which of the client's breaks it is; in a storm the same for all.
    pub(super) number: usize,
    pub(super) at: Duration,
    pub(super) away_at_most: Duration,
    /// Whether the connection is closed in order, instead of dropped as in a crash.
    pub(super) goodbye: bool,
}

impl Breaks {
    pub(super) fn never() -> Self {
        Self::first_at(
            Duration::ZERO,
            Duration::ZERO,
            Duration::ZERO,
            Duration::ZERO,
        )
    }

    /// At the same moments as everybody else, without a word.
    pub(super) fn together(every: Duration, until: Duration, away_at_most: Duration) -> Self {
        Self::first_at(every, every, until, away_at_most)
    }

    /// One after the other, all of them within `every`; with and without a goodbye.
    pub(super) fn in_turn(
        turn: usize,
        of: usize,
        every: Duration,
        until: Duration,
        away_at_most: Duration,
    ) -> Self {
        let share = |number: usize| u32::try_from(number).expect("clients are counted in 32 bits");
        let first = every * share(turn + 1) / share(of);
        Self {
            polite: true,
            ..Self::first_at(first, every, until, away_at_most)
        }
    }

    fn first_at(next: Duration, every: Duration, until: Duration, away_at_most: Duration) -> Self {
        Self {
            next,
            every,
            until,
            away_at_most,
            number: 0,
            polite: false,
        }
    }

    /// The next one, if there is one.
    pub(super) fn next(&self) -> Option<Break> {
        (self.next < self.until).then_some(Break {
            number: self.number,
            at: self.next,
            away_at_most: self.away_at_most,
            goodbye: self.polite && self.number % 2 == 1,
        })
    }

    /// Leaves out those up to `now`: one that is taken, or that came while the
    /// client was away anyhow.
    pub(super) fn pass(&mut self, now: Duration) {
        while self.next <= now && self.next < self.until {
            self.next += self.every;
            self.number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn all_of(mut schedule: Schedule) -> Vec<Duration> {
        let mut moments = Vec::new();
        while let Some(due) = schedule.next() {
            moments.push(due);
            schedule.advance();
        }
        moments
    }

    #[test]
    fn an_even_rhythm_is_shared_in_turn() {
        let rhythm = Rhythm::Even { per_second: 10 };
        let of = |turn| all_of(Schedule::in_turn(turn, 3, rhythm, ms(600)));
        assert_eq!(Schedule::in_turn(0, 3, rhythm, ms(600)).left(), 2);
        assert_eq!(of(0), [ms(0), ms(300)]);
        assert_eq!(of(1), [ms(100), ms(400)]);
        assert_eq!(of(2), [ms(200), ms(500)]);
    }

    #[test]
    fn a_burst_is_due_at_one_moment_and_turns_go_on_in_the_next() {
        let rhythm = Rhythm::Bursts {
            size: 4,
            every: ms(1000),
        };
        let of = |turn| all_of(Schedule::in_turn(turn, 3, rhythm, ms(1500)));
        assert_eq!(of(0), [ms(0), ms(0), ms(1000)]);
        assert_eq!(of(1), [ms(0), ms(1000), ms(1000)]);
        assert_eq!(of(2), [ms(0), ms(1000)]);
    }

    #[test]
    fn everybody_is_thrown_out_at_the_same_moments_until_the_end() {
        let mut breaks = Breaks::together(ms(10), ms(30), ms(1));
        let first = breaks.next().unwrap();
        assert_eq!((first.number, first.at, first.goodbye), (0, ms(10), false));
        breaks.pass(ms(10));
        assert_eq!(
            breaks.next().map(|next| (next.number, next.at)),
            Some((1, ms(20)))
        );
        breaks.pass(ms(25));
        assert_eq!(breaks.next(), None, "the run ends with the third");
    }

    #[test]
    fn a_break_that_came_during_another_is_left_out() {
        let mut breaks = Breaks::together(ms(10), ms(100), ms(1));
        breaks.pass(ms(35));
        assert_eq!(
            breaks.next().map(|next| (next.number, next.at)),
            Some((3, ms(40)))
        );
    }

    #[test]
    fn those_who_come_and_go_take_turns_and_say_goodbye_every_other_time() {
        let of = |turn| Breaks::in_turn(turn, 4, ms(20), ms(100), ms(1));
        let firsts = [0, 1, 2, 3].map(|turn| of(turn).next().map(|first| first.at));
        assert_eq!(firsts, [5, 10, 15, 20].map(|at| Some(ms(at))));
        let mut breaks = of(0);
        breaks.pass(ms(5));
        let second = breaks.next().unwrap();
        assert_eq!((second.at, second.goodbye), (ms(25), true));
    }

    #[test]
    fn never_is_never() {
        let mut breaks = Breaks::never();
        assert_eq!(breaks.next(), None);
        breaks.pass(ms(1000));
        assert_eq!(breaks.next(), None);
    }
}
