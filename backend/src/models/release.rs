//! What browsers tell, release by release of the client: an operator sees whether the new one is felt
//! to be slower.
//!
//! Few are told apart, since anybody who is signed in may call their client anything: those that told
//! most, and of as many the later ones. All others are together, under no name.

use super::Buckets;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Releases that are told apart in one sample. More than that are not in use at once, unless somebody
/// makes them up.
const MOST_RELEASES: usize = 4;

/// What the browsers that run one release told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseSample {
    /// Empty for those that are not told apart.
    pub release: String,
    /// Largest Contentful Paint.
    pub lcp: Buckets,
    /// Interaction to Next Paint.
    pub inp: Buckets,
    /// Reports that came.
    pub sessions: u64,
}

/// Those of several, four and the others at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Releases(Vec<ReleaseSample>);

impl Releases {
    /// Adds what one release told.
    pub fn put(&mut self, told: ReleaseSample) {
        match self.0.iter_mut().find(|one| one.release == told.release) {
            Some(known) => known.add(&told),
            None => self.0.push(told),
        }
        let named = self.0.iter().enumerate();
        let named = named.filter(|(_, one)| !one.release.is_empty());
        if named.clone().count() > MOST_RELEASES
            && let Some((least, _)) = named.min_by_key(|(_, one)| one.sessions)
        {
            let release = String::new();
            let other = self.0.remove(least);
            self.put(ReleaseSample { release, ..other });
        }
    }

    /// Adds what all of them told.
    pub fn add(&mut self, more: Self) {
        for told in more.0 {
            self.put(told);
        }
    }
}

impl ReleaseSample {
    fn add(&mut self, more: &Self) {
        self.lcp.put(&more.lcp);
        self.inp.put(&more.inp);
        self.sessions += more.sessions;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(release: &str, sessions: u64) -> ReleaseSample {
        ReleaseSample {
            release: release.to_owned(),
            lcp: Buckets(vec![0, sessions]),
            inp: Buckets::default(),
            sessions,
        }
    }

    fn all_of(reports: &[(&str, u64)]) -> Releases {
        let mut all = Releases::default();
        for (release, sessions) in reports {
            all.put(told(release, *sessions));
        }
        all
    }

    fn names(releases: &Releases) -> Vec<(&str, u64)> {
        let each = releases.0.iter();
        each.map(|one| (one.release.as_str(), one.sessions))
            .collect()
    }

    #[test]
    fn reports_of_one_release_are_together() {
        let mut all = all_of(&[("1.1", 2), ("1.2", 1)]);
        all.add(all_of(&[("1.2", 4)]));
        assert_eq!(names(&all), [("1.1", 2), ("1.2", 5)]);
        assert_eq!(all.0[1].lcp, Buckets(vec![0, 5]));
    }

    #[test]
    fn of_too_many_those_that_told_least_are_not_told_apart() {
        let mut all = all_of(&[("a", 9), ("b", 1), ("c", 3), ("d", 4), ("e", 2)]);
        assert_eq!(
            names(&all),
            [("a", 9), ("c", 3), ("d", 4), ("e", 2), ("", 1)]
        );
        for made_up in 0..100 {
            all.put(told(&format!("made up {made_up}"), 1));
        }
        assert_eq!(
            names(&all),
            [("a", 9), ("c", 3), ("d", 4), ("e", 2), ("", 101)]
        );
    }

    #[test]
    fn of_those_that_told_as_much_the_later_stay() {
        let all = all_of(&[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)]);
        assert_eq!(
            names(&all),
            [("b", 1), ("c", 1), ("d", 1), ("e", 1), ("", 1)]
        );
    }
}
