//! What trees have been called in their snapshots: one that is joined by another may have its id
//! from then on, and who reads has to know which snapshots are over.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use crate::tree::Tree;

/// The snapshots of open trees, by the ids of their records.
#[derive(Default)]
pub(super) struct Shown(HashMap<Box<str>, Last>);

/// The last snapshot that had the records of an id.
#[derive(Clone)]
struct Last {
    tree: Arc<str>,
    revision: u64,
}

impl Shown {
    /// True if there is a snapshot that has records of any of these ids.
    pub(super) fn has<'i>(&self, mut ids: impl Iterator<Item = &'i str>) -> bool {
        ids.any(|id| self.0.contains_key(id))
    }

    /// Says in a tree, whose records have these ids, which snapshots of other ids it takes the
    /// place of.
    pub(super) fn replace<'i>(&self, ids: impl Iterator<Item = &'i str>, tree: &mut Tree<'_>) {
        let last = ids.filter_map(|id| self.0.get(id));
        let mut others: Vec<_> = last
            .map(|last| &*last.tree)
            .filter(|other| *other != tree.id)
            .collect();
        others.sort_unstable();
        others.dedup();
        let others = others.into_iter().map(str::to_owned);
        tree.replaces = others.map(Cow::Owned).collect();
    }

    /// Makes a tree the next snapshot of its request.
    pub(super) fn count<'i>(
        &mut self,
        ids: impl Iterator<Item = &'i str> + Clone,
        tree: &mut Tree<'_>,
    ) {
        let before = ids.clone().filter_map(|id| self.0.get(id));
        let last = Last {
            revision: before.map(|last| last.revision).max().unwrap_or(0) + 1,
            tree: Arc::from(&*tree.id),
        };
        tree.snapshot = Some(last.revision);
        for id in ids {
            self.0.insert(id.into(), last.clone());
        }
    }

    /// Forgets an id of a tree that is over.
    pub(super) fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }
}
