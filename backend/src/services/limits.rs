//! How often one person or one address may ask for something.
//!
//! Counts and refuses; who is asking, and how a refusal is worded, is left to the callers. Nothing
//! here is remembered longer than it takes a rate to recover.

use crate::models::UserId;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use realtime::Counter;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

/// How many addresses are told apart. Users need no such bound: they have accounts.
const MOST_ADDRESSES: usize = 100_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Send,
    Join,
    Typing,
    LogIn,
    Register,
    Vitals,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKey {
    User(UserId),
    Address(IpAddr),
}

/// The rate is used up; the same will be accepted after `retry_after` if nothing else is asked
/// until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too fast")]
pub struct TooFast {
    pub retry_after: Duration,
}

/// The rate of each rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    pub send: Quota,
    pub join: Quota,
    pub typing: Quota,
    pub log_in: Quota,
    pub register: Quota,
    /// What browsers tell of themselves. Nobody needs to set it.
    pub vitals: Quota,
}

impl Default for Rates {
    fn default() -> Self {
        const fn count(n: u32) -> NonZeroU32 {
            NonZeroU32::new(n).expect("a default rate is above 0")
        }
        Self {
            send: Quota::per_second(count(10)).allow_burst(count(50)),
            join: Quota::per_second(count(20)).allow_burst(count(200)),
            typing: Quota::per_second(count(2)),
            log_in: Quota::per_minute(count(10)),
            register: Quota::per_hour(count(10)),
            vitals: Quota::per_minute(count(20)),
        }
    }
}

/// The counts of everybody, behind locks of their own.
#[derive(Debug)]
pub struct Limits(Option<Counts<DefaultClock>>);

impl Limits {
    pub fn new(rates: &Rates) -> Self {
        Self(Some(Counts::new(rates, &DefaultClock::default())))
    }

    /// Nothing is ever too fast.
    pub fn off() -> Self {
        Self(None)
    }

    /// Counts one more, unless that is too fast; what is refused does not count. All addresses of
    /// one IPv6 /64, which is what one household is given, are one.
    pub fn check(&self, rule: Rule, key: LimitKey) -> Result<(), TooFast> {
        match &self.0 {
            Some(counts) => counts.check(rule, key),
            None => Ok(()),
        }
    }

    /// How often something was too fast until now.
    pub fn refused(&self) -> u64 {
        self.0.as_ref().map_or(0, |counts| counts.refused.get())
    }

    /// Frees what is kept for those who could ask at full rate again. To be called every minute or
    /// so: memory grows with those who asked since, and strangers are told apart only while there
    /// are less than a hundred thousand.
    pub fn forget_idle(&self) {
        if let Some(counts) = &self.0 {
            counts.forget_idle();
        }
    }
}

type Limiter<C> =
    RateLimiter<Key, DashMapStateStore<Key>, C, NoOpMiddleware<<C as Clock>::Instant>>;

#[derive(Debug)]
struct Counts<C: Clock> {
    clock: C,
    send: Limiter<C>,
    join: Limiter<C>,
    typing: Limiter<C>,
    log_in: Limiter<C>,
    register: Limiter<C>,
    vitals: Limiter<C>,
    refused: Counter,
}

/// Whom a count is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    User(UserId),
    Address(IpAddr),
    /// All addresses that come while too many are being told apart.
    Crowd,
}

impl<C: Clock + Clone> Counts<C> {
    fn new(rates: &Rates, clock: &C) -> Self {
        let limiter = |rate| RateLimiter::dashmap_with_clock(rate, clock.clone());
        Self {
            clock: clock.clone(),
            send: limiter(rates.send),
            join: limiter(rates.join),
            typing: limiter(rates.typing),
            log_in: limiter(rates.log_in),
            register: limiter(rates.register),
            vitals: limiter(rates.vitals),
            refused: Counter::default(),
        }
    }

    fn check(&self, rule: Rule, key: LimitKey) -> Result<(), TooFast> {
        let limiter = self.limiter(rule);
        let key = match key {
            LimitKey::User(user) => Key::User(user),
            LimitKey::Address(_) if limiter.len() >= MOST_ADDRESSES => Key::Crowd,
            LimitKey::Address(address) => Key::Address(network(address)),
        };
        limiter.check_key(&key).map_err(|refusal| {
            self.refused.add(1);
            TooFast {
                retry_after: refusal.wait_time_from(self.clock.now()),
            }
        })
    }

    fn forget_idle(&self) {
        for rule in [
            Rule::Send,
            Rule::Join,
            Rule::Typing,
            Rule::LogIn,
            Rule::Register,
            Rule::Vitals,
        ] {
            let limiter = self.limiter(rule);
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    fn limiter(&self, rule: Rule) -> &Limiter<C> {
        match rule {
            Rule::Send => &self.send,
            Rule::Join => &self.join,
            Rule::Typing => &self.typing,
            Rule::LogIn => &self.log_in,
            Rule::Register => &self.register,
            Rule::Vitals => &self.vitals,
        }
    }
}

/// The address whose count this one shares.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use std::net::Ipv4Addr;
    use uuid::Uuid;

    fn limits() -> (Counts<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Counts::new(&Rates::default(), &clock), clock)
    }

    fn user(n: u128) -> LimitKey {
        LimitKey::User(UserId(Uuid::from_u128(n)))
    }

    fn address(text: &str) -> LimitKey {
        LimitKey::Address(text.parse().unwrap())
    }

    fn accepted(limits: &Counts<FakeRelativeClock>, rule: Rule, key: LimitKey) -> usize {
        (0..1000)
            .take_while(|_| limits.check(rule, key).is_ok())
            .count()
    }

    #[test]
    fn everybody_gets_the_burst_and_then_the_rate() {
        let (limits, clock) = limits();
        for (rule, burst, in_a_second) in [
            (Rule::Send, 50, 10),
            (Rule::Join, 200, 20),
            (Rule::Typing, 2, 2),
        ] {
            assert_eq!(accepted(&limits, rule, user(1)), burst, "{rule:?}");
            clock.advance(Duration::from_secs(1));
            assert_eq!(accepted(&limits, rule, user(1)), in_a_second, "{rule:?}");
        }
        for (rule, pause) in [
            (Rule::LogIn, Duration::from_mins(1)),
            (Rule::Register, Duration::from_hours(1)),
        ] {
            assert_eq!(accepted(&limits, rule, address("10.0.0.1")), 10, "{rule:?}");
            clock.advance(pause / 10);
            assert_eq!(accepted(&limits, rule, address("10.0.0.1")), 1, "{rule:?}");
            clock.advance(pause);
            assert_eq!(accepted(&limits, rule, address("10.0.0.1")), 10, "{rule:?}");
        }
    }

    #[test]
    fn whoever_waits_as_long_as_they_were_told_is_accepted() {
        let (limits, clock) = limits();
        assert_eq!(accepted(&limits, Rule::Send, user(1)), 50);
        let wait = limits.check(Rule::Send, user(1)).unwrap_err().retry_after;
        assert_eq!(wait, Duration::from_millis(100));
        clock.advance(Duration::from_millis(99));
        let rest = limits.check(Rule::Send, user(1)).unwrap_err().retry_after;
        assert_eq!(rest, Duration::from_millis(1));
        clock.advance(rest);
        assert_eq!(limits.check(Rule::Send, user(1)), Ok(()));
    }

    #[test]
    fn nobody_pays_for_another_person_or_for_another_rule() {
        let (limits, _) = limits();
        assert_eq!(accepted(&limits, Rule::Send, user(1)), 50);
        assert_eq!(accepted(&limits, Rule::Send, user(2)), 50);
        assert_eq!(accepted(&limits, Rule::Join, user(1)), 200);
    }

    #[test]
    fn a_household_is_one_address_however_it_is_written() {
        let (limits, _) = limits();
        assert_eq!(accepted(&limits, Rule::LogIn, address("2001:db8::1")), 10);
        let neighbour = address("2001:db8::ffff:1:2:3");
        assert_eq!(accepted(&limits, Rule::LogIn, neighbour), 0);
        let elsewhere = address("2001:db8:0:1::1");
        assert_eq!(accepted(&limits, Rule::LogIn, elsewhere), 10);

        assert_eq!(accepted(&limits, Rule::LogIn, address("192.0.2.1")), 10);
        let mapped = address("::ffff:192.0.2.1");
        assert_eq!(accepted(&limits, Rule::LogIn, mapped), 0);
        assert_eq!(accepted(&limits, Rule::LogIn, address("192.0.2.2")), 10);
    }

    #[test]
    fn those_who_recovered_are_forgotten_and_the_others_are_not() {
        let (limits, clock) = limits();
        assert_eq!(accepted(&limits, Rule::Typing, user(1)), 2);
        assert_eq!(accepted(&limits, Rule::Register, address("10.0.0.1")), 10);
        clock.advance(Duration::from_mins(1));
        limits.forget_idle();
        assert_eq!(limits.typing.len(), 0);
        assert_eq!(limits.register.len(), 1);
        assert_eq!(accepted(&limits, Rule::Register, address("10.0.0.1")), 0);
        assert_eq!(accepted(&limits, Rule::Typing, user(1)), 2);
    }

    #[test]
    fn a_flood_of_addresses_is_counted_as_one_crowd() {
        let (limits, clock) = limits();
        let all = (0..).map(|n| LimitKey::Address(IpAddr::V4(Ipv4Addr::from_bits(n))));
        for key in all.clone().take(MOST_ADDRESSES) {
            assert_eq!(limits.check(Rule::Register, key), Ok(()));
        }
        let strangers = all.skip(MOST_ADDRESSES).take(1000);
        let welcome = strangers.filter(|key| limits.check(Rule::Register, *key).is_ok());
        assert_eq!(welcome.count(), 10);
        assert_eq!(limits.register.len(), MOST_ADDRESSES + 1);

        clock.advance(Duration::from_hours(1));
        limits.forget_idle();
        assert_eq!(accepted(&limits, Rule::Register, address("9.9.9.9")), 10);
    }

    #[test]
    fn limits_that_are_off_refuse_nothing() {
        let limits = Limits::off();
        assert!((0..10_000).all(|_| limits.check(Rule::Typing, user(1)).is_ok()));
        let limits = Limits::new(&Rates::default());
        assert!((0..10_000).any(|_| limits.check(Rule::Typing, user(1)).is_err()));
    }
}
