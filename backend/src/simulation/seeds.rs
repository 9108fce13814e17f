//! Playing many seeds, and one again.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Seeds to play instead of the usual ones: `17`, or `5000..90000`.
const ASKED: &str = "ROOST_SIMULATION";

/// How a history went: what was seen that must not be, and all that happened, if it was written
/// down.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) fault: Option<String>,
    pub(crate) history: Vec<String>,
}

/// Plays the histories of these seeds, or of those asked for, on all processors. A seed with a fault is
/// played once more, written down, and told with the way to play it again.
///
/// `play` is given the seed and whether to write down what happens.
///
/// # Panics
/// With the first fault.
pub(crate) fn play_all(test: &str, seeds: Range<u64>, play: impl Fn(u64, bool) -> Played + Sync) {
    play_these(test, &asked().unwrap_or(seeds), play);
}

/// Plays each of these seeds twice.
///
/// # Panics
/// When one of them is not one history, with the first line in which it differs.
pub(crate) fn play_twice(seeds: Range<u64>, play: impl Fn(u64, bool) -> Played) {
    for seed in seeds {
        let (once, again) = (play(seed, true), play(seed, true));
        let lines = once.history.iter().zip(&again.history);
        if let Some((line, (a, b))) = lines.enumerate().find(|(_, (a, b))| a != b) {
            panic!("seed {seed}: {line} {a} | {b}");
        }
        assert_eq!(once.history.len(), again.history.len());
    }
}

fn play_these(test: &str, seeds: &Range<u64>, play: impl Fn(u64, bool) -> Played + Sync) {
    let next = AtomicU64::new(seeds.start);
    let over = AtomicBool::new(false);
    let faulty = Mutex::new(None);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let played = catch_unwind(AssertUnwindSafe(|| play(seed, false)));
                    if !played.is_ok_and(|played| played.fault.is_none()) {
                        over.store(true, Ordering::Relaxed);
                        faulty.lock().unwrap().get_or_insert(seed);
                    }
                }
            });
        }
    });
    if let Some(seed) = faulty.into_inner().unwrap() {
        eprintln!("to play it again: {ASKED}={seed} cargo test -p roost --lib {test}");
        let again = play(seed, true);
        for line in &again.history {
            eprintln!("{line}");
        }
        let fault = again.fault.unwrap_or_else(|| "not seen again".to_owned());
        panic!("seed {seed}: {fault}");
    }
}

fn asked() -> Option<Range<u64>> {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    let asked = std::env::var(ASKED).ok()?;
    let number = |text: &str| -> u64 { text.trim().parse().expect("a seed is a number") };
    Some(match asked.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => number(&asked)..number(&asked) + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_seed_is_played_once() {
        let played = Mutex::new(Vec::new());
        play_these("", &(3..90), |seed, _| {
            played.lock().unwrap().push(seed);
            Played {
                fault: None,
                history: Vec::new(),
            }
        });
        let played = played.into_inner().unwrap();
        assert_eq!(played.len(), 87);
        assert!(BTreeSet::from_iter(played).into_iter().eq(3..90));
    }

    #[test]
    #[should_panic(expected = "seed 17: somebody was missed")]
    fn a_seed_with_a_fault_is_told() {
        play_these("", &(0..90), |seed, written| Played {
            fault: (seed == 17).then(|| "somebody was missed".to_owned()),
            history: written
                .then(|| "they came".to_owned())
                .into_iter()
                .collect(),
        });
    }
}
