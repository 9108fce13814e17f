//! Whether a delivery costs the same however many connections and rooms there are.

use std::time::Duration;

use super::{Outcome, paced};
use crate::failure::Result;
use crate::layout::Layout;
use crate::subject::{Stable, Subject};

/// A case, and how many sends a second make it ten thousand deliveries, or as many as one small
/// room can take.
const CASES: [(&str, Layout, u32); 6] = [
    ("1,000 connections", Layout::apart(20, 50), 200),
    ("5,000 connections", Layout::apart(100, 50), 200),
    ("10,000 connections", Layout::apart(200, 50), 200),
    ("1 room", Layout::apart(1, 10), 1000),
    ("100 rooms", Layout::apart(100, 10), 1000),
    ("5,000 rooms", Layout::new(1000, 5000, 10), 1000),
];

pub(super) fn layouts() -> Vec<Layout> {
    CASES.iter().map(|(_, layout, _)| *layout).collect()
}

pub(super) fn run(stable: &Stable, subject: Subject, time: Duration) -> Result<Vec<Outcome>> {
    let cases = CASES.iter().map(|(case, layout, per_second)| {
        let mut outcome = paced::run(stable, subject, *layout, *per_second, time)?;
        (*case).clone_into(&mut outcome.case);
        Ok(outcome)
    });
    cases.collect()
}
