//! The samples that are kept, of each node: of one second, of ten and of three hundred, each for as
//! long as somebody would look at it so closely. What is older is forgotten, and so is a node of which
//! nothing is left.

use crate::models::{HeardOthers, NodeFact, NodeId, Sample, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// Nodes that are told apart. A crowd of nodes that come and go is forgotten from its oldest.
const MOST_NODES: usize = 64;

/// How long the intervals of a ring are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Second,
    TenSeconds,
    FiveMinutes,
}

impl Step {
    const ALL: [Self; 3] = [Self::Second, Self::TenSeconds, Self::FiveMinutes];

    /// The step of so many seconds, if there is one.
    pub(super) fn of(seconds: i64) -> Option<Self> {
        let is = |step: &Self| i64::try_from(step.seconds()) == Ok(seconds);
        Self::ALL.into_iter().find(is)
    }

    pub(super) fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::TenSeconds => 10,
            Self::FiveMinutes => 300,
        }
    }

    /// For how many seconds its samples are kept: 15 minutes, a day, 30 days.
    fn kept(self) -> u64 {
        match self {
            Self::Second => 15 * 60,
            Self::TenSeconds => 24 * 60 * 60,
            Self::FiveMinutes => 30 * 24 * 60 * 60,
        }
    }
}

/// The samples of all nodes.
#[derive(Debug, Default)]
pub(super) struct Rings(BTreeMap<NodeId, Node>);

#[derive(Debug)]
struct Node {
    fact: NodeFact,
    seen_at: Timestamp,
    /// What has not been told yet to those who watch: mostly a second.
    untold: Option<Sample>,
    rings: [Ring; Step::ALL.len()],
}

/// The samples of one length, ascending.
#[derive(Debug)]
struct Ring {
    step: Step,
    done: VecDeque<Sample>,
    /// The interval that is not over, with what is known of it.
    open: Option<Sample>,
}

impl Rings {
    /// A node has told of an interval.
    pub(super) fn put(&mut self, fact: &NodeFact, sample: &Sample, now: Timestamp) {
        if !self.0.contains_key(&fact.node_id) && self.0.len() >= MOST_NODES {
            let unseen = self.0.iter().min_by_key(|(_, node)| node.seen_at);
            if let Some(id) = unseen.map(|(id, _)| *id) {
                self.0.remove(&id);
            }
        }
        let node = self.0.entry(fact.node_id).or_insert_with(|| Node {
            fact: fact.clone(),
            seen_at: now,
            untold: None,
            rings: Step::ALL.map(Ring::new),
        });
        node.seen_at = now;
        // The first ring has them as they come.
        if node.rings[0]
            .done
            .back()
            .is_none_or(|last| last.at != sample.at)
        {
            match &mut node.untold {
                Some(untold) => untold.add(sample.clone()),
                untold @ None => *untold = Some(sample.clone()),
            }
            for ring in &mut node.rings {
                ring.put(sample);
            }
        }
    }

    /// Forgets what has been kept long enough, and nodes of which nothing is left.
    pub(super) fn forget(&mut self, now: Timestamp) {
        let now = seconds(now);
        self.0.retain(|_, node| {
            for ring in &mut node.rings {
                ring.forget(now);
            }
            node.rings.iter().any(Ring::has_any)
        });
    }

    /// The samples of intervals that end after `from` and not after `to`, node by node.
    pub(super) fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
        step: Step,
    ) -> Vec<(NodeFact, Timestamp, Vec<Sample>)> {
        let (from, to) = (seconds(from), seconds(to));
        let of = |node: &Node| {
            let ring = node.rings.iter().find(|ring| ring.step == step);
            let done = ring.into_iter().flat_map(|ring| &ring.done);
            let samples = done.filter(|sample| from < sample.at && sample.at <= to);
            (node.fact.clone(), node.seen_at, samples.cloned().collect())
        };
        self.0.values().map(of).collect()
    }

    /// What each node did that has not been told yet; it has been from now on.
    pub(super) fn news(&mut self) -> Vec<(NodeFact, Sample)> {
        let untold = |node: &mut Node| Some((node.fact.clone(), node.untold.take()?));
        self.0.values_mut().filter_map(untold).collect()
    }
}

impl Ring {
    fn new(step: Step) -> Self {
        Self {
            step,
            done: VecDeque::new(),
            open: None,
        }
    }

    fn has_any(&self) -> bool {
        self.open.is_some() || !self.done.is_empty()
    }

    fn put(&mut self, sample: &Sample) {
        let end = sample.at.next_multiple_of(self.step.seconds());
        // What lies after a later sample comes from a clock that was set back since.
        while self.done.back().is_some_and(|last| last.at >= end) {
            self.done.pop_back();
        }
        match &mut self.open {
            Some(open) if open.at < sample.at && end == self.step.end_of(open) => {
                open.add(sample.clone());
            }
            Some(open) => {
                let over = open.at < sample.at;
                let earlier = std::mem::replace(open, sample.clone());
                if over {
                    self.close(earlier);
                }
            }
            None => self.open = Some(sample.clone()),
        }
        if let Some(over) = self.open.take_if(|open| open.at == end) {
            self.close(over);
        }
    }

    fn close(&mut self, mut over: Sample) {
        over.at = self.step.end_of(&over);
        if self.step != Step::Second {
            // Who hears whom is a matter of now, and in many nodes much to remember.
            over.heard = HeardOthers::default();
        }
        self.done.push_back(over);
    }

    fn forget(&mut self, now: u64) {
        let long_over = |open: &mut Sample| self.step.end_of(open) + self.step.seconds() < now;
        if let Some(over) = self.open.take_if(long_over) {
            self.close(over);
        }
        let oldest = now.saturating_sub(self.step.kept());
        while self.done.front().is_some_and(|first| first.at <= oldest) {
            self.done.pop_front();
        }
    }
}

impl Step {
    /// The end of the interval in which a sample lies.
    fn end_of(self, sample: &Sample) -> u64 {
        sample.at.next_multiple_of(self.seconds())
    }
}

/// A moment in whole seconds, the nearest.
pub(super) fn seconds(moment: Timestamp) -> u64 {
    u64::try_from(moment.0.saturating_add(500) / 1000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock as _, ManualClock};
    use crate::models::HeardFrom;
    use std::time::Duration;
    use uuid::Uuid;

    const SECOND: Duration = Duration::from_secs(1);

    fn node(number: u128) -> NodeFact {
        NodeFact {
            node_id: NodeId(Uuid::from_u128(number)),
            version: "1".to_owned(),
            started_at: Timestamp(0),
        }
    }

    /// A node that stores two messages a second, and the hand-made clock it goes by.
    struct Stage {
        clock: ManualClock,
        rings: Rings,
    }

    impl Stage {
        fn at(second: i64) -> Self {
            Self {
                clock: ManualClock::new(Timestamp(second * 1000)),
                rings: Rings::default(),
            }
        }

        fn tick(&mut self, of: u128) {
            let now = self.clock.now();
            let sample = Sample {
                at: seconds(now),
                seconds: 1,
                messages: 2,
                ..Sample::default()
            };
            self.rings.put(&node(of), &sample, now);
            self.rings.forget(now);
        }

        fn run(&mut self, ticks: usize) {
            for _ in 0..ticks {
                self.clock.advance(SECOND);
                self.tick(1);
            }
        }

        fn kept(&self, step: Step) -> Vec<(u64, u64, u64)> {
            let always = (Timestamp(0), Timestamp(i64::MAX));
            let mut nodes = self.rings.between(always.0, always.1, step);
            let (_, _, samples) = nodes.pop().unwrap_or((node(0), Timestamp(0), vec![]));
            let of = |sample: &Sample| (sample.at, sample.seconds, sample.messages);
            samples.iter().map(of).collect()
        }
    }

    #[test]
    fn seconds_become_tens_and_tens_become_minutes() {
        let mut stage = Stage::at(600);
        stage.run(25);
        assert_eq!(stage.kept(Step::Second).len(), 25);
        assert_eq!(stage.kept(Step::TenSeconds), [(610, 10, 20), (620, 10, 20)]);
        assert_eq!(stage.kept(Step::FiveMinutes), []);
        stage.run(300);
        assert_eq!(stage.kept(Step::FiveMinutes), [(900, 300, 600)]);
    }

    #[test]
    fn nothing_is_kept_longer_than_it_is_looked_at() {
        let mut stage = Stage::at(0);
        stage.run(2000);
        let seconds = stage.kept(Step::Second);
        assert_eq!((seconds.len(), seconds[0].0), (900, 1101));
        assert_eq!(stage.kept(Step::TenSeconds).len(), 200);
        stage.clock.advance(Duration::from_hours(24));
        stage.tick(1);
        assert_eq!(stage.kept(Step::Second).len(), 1);
        assert_eq!(stage.kept(Step::TenSeconds), [(88_400, 1, 2)]);
        assert_eq!(stage.kept(Step::FiveMinutes).len(), 7, "a part of one too");
    }

    #[test]
    fn what_was_not_seen_is_missing_and_not_zero() {
        let mut stage = Stage::at(100);
        stage.run(4);
        stage.clock.advance(SECOND * 20);
        stage.run(6);
        let tens = stage.kept(Step::TenSeconds);
        assert_eq!(tens, [(110, 4, 8), (130, 6, 12)]);
    }

    #[test]
    fn whom_a_node_heard_is_kept_of_seconds_alone() {
        let mut stage = Stage::at(100);
        let mut heard = HeardOthers::default();
        heard.put(HeardFrom {
            node_id: node(2).node_id,
            words: 3,
            bytes: 900,
        });
        let second = |at| Sample {
            at,
            seconds: 1,
            heard: heard.clone(),
            ..Sample::default()
        };
        for at in 101..=110 {
            stage.rings.put(&node(1), &second(at), stage.clock.now());
        }
        let told = |step| {
            let nodes = stage.rings.between(Timestamp(0), Timestamp(i64::MAX), step);
            let samples = nodes.into_iter().flat_map(|(_, _, samples)| samples);
            samples.filter(|sample| !sample.heard.is_empty()).count()
        };
        assert_eq!((told(Step::Second), told(Step::TenSeconds)), (10, 0));
    }

    #[test]
    fn a_sample_that_is_told_twice_counts_once() {
        let mut stage = Stage::at(100);
        stage.run(9);
        stage.tick(1);
        stage.run(1);
        assert_eq!(stage.kept(Step::TenSeconds), [(110, 10, 20)]);
        assert_eq!(stage.kept(Step::Second).len(), 10);
    }

    #[test]
    fn a_clock_that_is_set_back_leaves_one_line_of_time() {
        let mut stage = Stage::at(1000);
        stage.run(35);
        stage.clock.set(Timestamp(1_012_000));
        stage.run(8);
        let seconds: Vec<_> = stage.kept(Step::Second).iter().map(|s| s.0).collect();
        assert_eq!(
            seconds,
            (1001..=1012).chain(1013..=1020).collect::<Vec<_>>()
        );
        let tens = stage.kept(Step::TenSeconds);
        assert_eq!(tens, [(1010, 10, 20), (1020, 8, 16)]);
    }

    #[test]
    fn each_node_has_its_own_and_is_forgotten_with_its_last_sample() {
        let mut stage = Stage::at(1000);
        stage.tick(2);
        stage.run(30);
        let nodes = |stage: &Stage| {
            let now = stage.clock.now();
            stage.rings.between(Timestamp(0), now, Step::Second).len()
        };
        assert_eq!(nodes(&stage), 2);
        stage.clock.advance(Duration::from_hours(31 * 24));
        stage.tick(1);
        assert_eq!(nodes(&stage), 1);
    }

    #[test]
    fn of_too_many_nodes_the_one_not_seen_for_longest_goes() {
        let mut stage = Stage::at(0);
        for number in 0..=MOST_NODES as u128 {
            stage.clock.advance(SECOND);
            stage.tick(number);
        }
        assert_eq!(stage.rings.0.len(), MOST_NODES);
        assert!(!stage.rings.0.contains_key(&node(0).node_id));
    }

    #[test]
    fn news_is_told_once() {
        let mut stage = Stage::at(0);
        assert_eq!(stage.rings.news(), []);
        stage.run(1);
        stage.tick(2);
        assert_eq!(stage.rings.news().len(), 2);
        stage.run(2);
        let news = stage.rings.news();
        let (at, seconds, messages) = (news[0].1.at, news[0].1.seconds, news[0].1.messages);
        assert_eq!(
            (news.len(), at, seconds, messages),
            (1, 3, 2, 4),
            "together"
        );
    }
}
