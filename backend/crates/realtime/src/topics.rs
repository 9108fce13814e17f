//! All topics there are, by name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Weak};

use crate::lock;
use crate::shared::Shared;
use crate::sync::Mutex;
use crate::topic::{Inner, Topic, TopicId};

/// The topics of an engine.
///
/// A topic is there while somebody follows it or holds a handle; with the last of them it goes,
/// tail and all.
#[derive(Debug, Clone)]
pub struct Topics {
    shared: Arc<Shared>,
}

/// The names of the topics that live.
#[derive(Debug, Default)]
pub(crate) struct Names {
    names: Mutex<HashMap<TopicId, Weak<Inner>>>,
}

impl Names {
    /// Forgets a topic that is gone, unless another of its name has come.
    pub(crate) fn forget(&self, id: TopicId) {
        if let Entry::Occupied(entry) = lock(&self.names).entry(id)
            && entry.get().strong_count() == 0
        {
            entry.remove();
        }
    }

    pub(crate) fn all(&self) -> Vec<Topic> {
        lock(&self.names)
            .values()
            .filter_map(Weak::upgrade)
            .map(Topic::from_inner)
            .collect()
    }
}

impl Topics {
    pub(crate) fn new(shared: Arc<Shared>) -> Topics {
        Topics { shared }
    }

    /// The topic, opened at `head` if it is not there: the last place of the log that exists. A
    /// topic that is there is returned as it is.
    pub fn open(&self, id: TopicId, head: u64) -> Topic {
        let mut names = lock(&self.shared.topics.names);
        if let Some(inner) = names.get(&id).and_then(Weak::upgrade) {
            return Topic::from_inner(inner);
        }
        let topic = Topic::new(id, head, &self.shared);
        names.insert(id, Arc::downgrade(topic.inner()));
        topic
    }

    /// The topic, if it is there.
    pub fn get(&self, id: TopicId) -> Option<Topic> {
        let inner = lock(&self.shared.topics.names).get(&id)?.upgrade()?;
        Some(Topic::from_inner(inner))
    }

    /// The names of all topics that are there.
    pub fn ids(&self) -> Vec<TopicId> {
        self.shared.topics.all().iter().map(Topic::id).collect()
    }

    /// Drops all topics, in the order of their names, and ends every feed with
    /// [`crate::App::reset`]: another history was restored. Handles to the old topics take nothing
    /// more; opening makes new ones.
    pub fn reset_all(&self) {
        let mut old: Vec<Topic> = {
            let mut names = lock(&self.shared.topics.names);
            names
                .drain()
                .filter_map(|(_, inner)| inner.upgrade())
                .map(Topic::from_inner)
                .collect()
        };
        old.sort_unstable_by_key(Topic::id);
        for topic in &old {
            topic.drop_feeds();
        }
    }
}
