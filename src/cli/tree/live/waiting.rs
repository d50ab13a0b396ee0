//! Trees that seem complete and wait for their grace to pass: the next one is found without
//! going through all.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet},
};

/// Numbers of trees, each once, by the time at which it is to be looked at.
#[derive(Default)]
pub(super) struct Waiting {
    due: BinaryHeap<Reverse<(u64, u32)>>,
    numbers: HashSet<u32>,
}

impl Waiting {
    /// Adds a tree, unless it waits already.
    pub(super) fn add(&mut self, number: u32, time: u64) {
        if self.numbers.insert(number) {
            self.due.push(Reverse((time, number)));
        }
    }

    /// Takes out a tree whose time has come.
    pub(super) fn next(&mut self, now: u64) -> Option<u32> {
        let &Reverse((time, number)) = self.due.peek()?;
        if time > now {
            return None;
        }
        self.due.pop();
        self.numbers.remove(&number);
        Some(number)
    }
}
