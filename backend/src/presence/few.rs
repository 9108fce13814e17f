//! A set of which there is nearly always one, or a few.

/// Kept as an ordered list: for each person's one connection a tree takes many times the space.
#[derive(Debug)]
pub(super) struct Few<T>(Vec<T>);

impl<T: Ord> Few<T> {
    /// Whether it was not there before.
    pub(super) fn insert(&mut self, one: T) -> bool {
        let Err(place) = self.0.binary_search(&one) else {
            return false;
        };
        if self.0.is_empty() {
            self.0.reserve_exact(1);
        }
        self.0.insert(place, one);
        true
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, one: &T) -> bool {
        let found = self.0.binary_search(one).map(|place| self.0.remove(place));
        found.is_ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In their order.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((any::<bool>(), 0..6_u64), 0..40)) {
            let (mut few, mut set) = (Few::default(), BTreeSet::new());
            for (comes, one) in steps {
                if comes {
                    prop_assert_eq!(few.insert(one), set.insert(one));
                } else {
                    prop_assert_eq!(few.remove(&one), set.remove(&one));
                }
                prop_assert!(few.iter().eq(&set));
                prop_assert_eq!(few.is_empty(), set.is_empty());
            }
        }
    }
}
