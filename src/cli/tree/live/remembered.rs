//! The ids of the trees written last, as many as are remembered, and what is known of each.

use std::collections::{HashMap, VecDeque};

/// How many: to mark what comes late for them.
const REMEMBERED: usize = 65_536;

/// The ids that were inserted last.
pub(super) struct Remembered<T> {
    ids: HashMap<Box<str>, T>,
    order: VecDeque<Box<str>>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            ids: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<T> Remembered<T> {
    /// Remembers an id; of one that was there already what is known is replaced.
    pub(super) fn insert(&mut self, id: &str, known: T) {
        if let Some(before) = self.ids.get_mut(id) {
            *before = known;
            return;
        }
        self.ids.insert(id.into(), known);
        self.order.push_back(id.into());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    /// What is known of an id, if it is remembered.
    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.ids.get(id)
    }
}
