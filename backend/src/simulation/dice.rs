//! Chance that a seed decides.

use std::time::Duration;

/// A row of throws, always the same for the same seed. Whoever acts has dice of their own, so that one
/// throw more of one actor changes nothing for the others.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Those of one actor in the history of a seed.
    pub(crate) fn of(seed: u64, actor: u64) -> Self {
        let mut dice = Self(seed ^ actor.wrapping_mul(0xd1b5_4a32_d192_ed03));
        dice.next();
        dice
    }

    /// Splitmix64: <https://prng.di.unimi.it/splitmix64.c>.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        (self.next() >> 33) % sides
    }

    /// True once in so many throws.
    pub(crate) fn one_in(&mut self, throws: u64) -> bool {
        self.roll(throws) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let place = self.roll(from.len().max(1) as u64);
        from.get(usize::try_from(place).unwrap()).cloned()
    }

    /// A span of whole milliseconds between two, both included.
    pub(crate) fn span(&mut self, least: Duration, most: Duration) -> Duration {
        let spread = most.saturating_sub(least).as_millis();
        least + Duration::from_millis(self.roll(u64::try_from(spread).unwrap() + 1))
    }
}

#[test]
fn a_seed_throws_the_same_row_whenever_it_is_thrown() {
    let row = |seed, actor| {
        let mut dice = Dice::of(seed, actor);
        [(); 20].map(|()| dice.roll(6))
    };
    assert_eq!(row(1, 2), row(1, 2));
    assert_ne!(row(1, 2), row(2, 2));
    assert_ne!(row(1, 2), row(1, 3));
    assert!(row(1, 2).iter().all(|roll| *roll < 6));
}

#[test]
fn a_span_lies_between_its_ends_and_nothing_is_picked_from_nothing() {
    let mut dice = Dice::of(1, 1);
    let [least, most] = [5, 7].map(Duration::from_millis);
    assert!((0..20).all(|_| (least..=most).contains(&dice.span(least, most))));
    assert!((0..20).any(|_| dice.one_in(2)));
    assert_eq!(dice.pick(&[3]), Some(3));
    assert_eq!(dice.pick::<u8>(&[]), None);
}
