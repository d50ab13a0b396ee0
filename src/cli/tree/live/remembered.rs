//! The ids of the trees written last, as many as are remembered.

use std::collections::{HashSet, VecDeque};

/// How many: to mark what comes late for them.
const REMEMBERED: usize = 65_536;

/// The ids that were inserted last.
#[derive(Default)]
pub(super) struct Remembered {
    ids: HashSet<Box<str>>,
    order: VecDeque<Box<str>>,
}

impl Remembered {
    /// Remembers an id; false if it was there already.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        if !self.ids.insert(id.into()) {
            return false;
        }
        self.order.push_back(id.into());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }

    /// True if the id is remembered.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}
