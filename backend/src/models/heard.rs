//! What a node heard of the others, word for word on the bus. Each tells of itself every second, so
//! that one which is not heard at all is cut off from here, or gone.

use super::NodeId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Others that are told of in one sample, the first that were heard.
const MOST_HEARD: usize = 16;

/// What was heard of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeardFrom {
    pub node_id: NodeId,
    pub words: u64,
    pub bytes: u64,
}

/// What was heard of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct HeardOthers(Vec<HeardFrom>);

impl HeardOthers {
    /// Adds what was heard of one node.
    pub fn put(&mut self, more: HeardFrom) {
        let known = self.0.iter_mut().find(|one| one.node_id == more.node_id);
        if let Some(known) = known {
            known.words += more.words;
            known.bytes += more.bytes;
        } else if self.0.len() < MOST_HEARD {
            self.0.push(more);
        }
    }

    /// Adds what was heard of all of them.
    pub fn add(&mut self, more: Self) {
        for heard in more.0 {
            self.put(heard);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn heard(node: u128, words: u64) -> HeardFrom {
        HeardFrom {
            node_id: NodeId(Uuid::from_u128(node)),
            words,
            bytes: 100 * words,
        }
    }

    #[test]
    fn words_of_one_node_add_up() {
        let mut all = HeardOthers(vec![heard(1, 2)]);
        all.add(HeardOthers(vec![heard(2, 5), heard(1, 1)]));
        assert_eq!(all.0, [heard(1, 3), heard(2, 5)]);
    }

    #[test]
    fn of_a_crowd_the_first_are_told_of() {
        let mut all = HeardOthers::default();
        for node in 0..100 {
            all.put(heard(node, 1));
        }
        all.put(heard(0, 1));
        assert_eq!((all.0.len(), all.0[0]), (MOST_HEARD, heard(0, 2)));
    }
}
