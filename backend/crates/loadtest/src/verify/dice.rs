//! Chance from a seed: `SplitMix64`, kept here so that a seed means the same in every version.

use std::time::Duration;

/// A source of chance. The same seed rolls the same numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of their own for one of many, so that what one rolls changes nothing for the others.
    pub(crate) fn of(seed: u64, which: usize) -> Self {
        let mut dice = Self(seed ^ 0x5EED_0F0F_F1CE);
        for _skipped in 0..=which {
            dice.roll();
        }
        Self(dice.roll())
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of the numbers below this.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.roll()) * u128::from(bound);
        u64::try_from(wide >> 64).expect("the upper half of a product fits")
    }

    /// A place in something of this length, which is not empty.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let bound = u64::try_from(length).expect("lengths fit");
        usize::try_from(self.below(bound)).expect("it is below a length")
    }

    pub(crate) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// So many milliseconds, at least and less than.
    pub(crate) fn millis(&mut self, least: u64, below: u64) -> Duration {
        Duration::from_millis(least + self.below(below.saturating_sub(least).max(1)))
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.place(end + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_rolls_what_it_always_rolled() {
        let mut dice = Dice::new(42);
        let rolled: Vec<u64> = (0..5).map(|_| dice.below(1000)).collect();
        assert_eq!(rolled, [741, 159, 278, 344, 38]);
        let mut other = Dice::new(43);
        assert_ne!(rolled, [(); 5].map(|()| other.below(1000)));
    }

    #[test]
    fn one_of_many_has_dice_of_its_own() {
        let first = |which| Dice::of(7, which).below(u64::MAX);
        assert_eq!(first(3), first(3));
        assert_ne!(first(3), first(4));
    }

    #[test]
    fn a_shuffled_bag_holds_what_it_held() {
        let mut bag: Vec<u32> = (0..50).collect();
        Dice::new(1).shuffle(&mut bag);
        assert_ne!(bag, (0..50).collect::<Vec<_>>());
        bag.sort_unstable();
        assert_eq!(bag, (0..50).collect::<Vec<_>>());
    }
}
