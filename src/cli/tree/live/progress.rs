//! Snapshots: from time to time the trees that are not over, as they are by now.
//!
//! All that have changed are due at once, and putting them together takes its time. So they
//! are done a few at a time, between the chunks of the input, which must not wait.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::shown::Shown;
use crate::tree::{Collector, Gathered};

/// How long the input may wait for snapshots: well below what a tree may come late.
const SLICE: Duration = Duration::from_millis(5);

/// Which trees have been shown, and which are due.
#[derive(Default)]
pub(super) struct Progress {
    every: Option<u64>,
    /// When trees were looked for last.
    looked: u64,
    due: Vec<u32>,
    /// Of each tree that was shown the number of its first record, which tells it from an
    /// earlier one of the same number, and how many records it had.
    shown: HashMap<u32, (u64, usize)>,
    /// What they were called.
    pub(super) names: Shown,
}

impl Progress {
    /// Snapshots after each `every` milliseconds, if there are to be any.
    pub(super) fn new(every: Option<u64>) -> Self {
        Self {
            every,
            ..Self::default()
        }
    }

    /// Calls `show` with the trees that are due until they are done or the slice of time is
    /// over.
    pub(super) fn run(
        &mut self,
        now: u64,
        collector: &Collector,
        mut show: impl FnMut(&Gathered, &mut Shown),
    ) {
        let Some(every) = self.every else {
            return;
        };
        if self.due.is_empty() && now.saturating_sub(self.looked) >= every {
            self.looked = now;
            self.look(collector);
        }
        let began = Instant::now();
        while let Some(number) = self.due.pop() {
            if let Some(tree) = collector.tree(number) {
                self.shown.insert(number, (tree.first, tree.records()));
                show(tree, &mut self.names);
            }
            if began.elapsed() >= SLICE {
                break;
            }
        }
    }

    /// Finds the trees that have changed.
    fn look(&mut self, collector: &Collector) {
        let same = |number: u32, first: u64| {
            collector
                .tree(number)
                .is_some_and(|tree| tree.first == first)
        };
        self.shown
            .retain(|&number, (first, _)| same(number, *first));
        let changed = |number: u32, tree: &Gathered| {
            self.shown.get(&number) != Some(&(tree.first, tree.records()))
        };
        let mut due: Vec<_> = collector
            .trees()
            .filter(|&(number, tree)| changed(number, tree))
            .map(|(number, tree)| (tree.first, number))
            .collect();
        // The oldest is taken first, from the end.
        due.sort_unstable_by(|a, b| b.cmp(a));
        self.due = due.into_iter().map(|(_, number)| number).collect();
    }

    /// Forgets a tree that is over.
    pub(super) fn forget(&mut self, number: u32, id: &str) {
        if self.every.is_some() {
            self.shown.remove(&number);
            self.names.forget(id);
        }
    }
}
