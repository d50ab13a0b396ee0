//! The nodes that records tell of: a scope for each group of them, and those on the way to
//! paths.

use std::{borrow::Cow, ops::Range};

use super::{Draft, Goal, Graph};
use crate::tree::{
    placed::Placed,
    scheme::{Part, Scope},
};

impl<'a> Graph<'_, 'a> {
    /// Makes a node of each scope that has records, and of those on the way to paths.
    pub(super) fn draft_all(&mut self) {
        let mut start = 0;
        // The path to the last scope: its parts, and the nodes of each level, root first.
        let mut path: Vec<Part<'a>> = Vec::new();
        let mut levels: Vec<Vec<usize>> = Vec::new();
        let mut key = None;
        while start < self.records.len() {
            let first = &self.records[start];
            let same = |record: &&Placed<'_>| first.is_beside(record);
            let end = start + self.records[start..].iter().take_while(same).count();
            if key != Some(first.key) {
                key = Some(first.key);
                path.clear();
                levels.clear();
            }
            match &first.placement.scope {
                Scope::Path(parts) => {
                    let parts = parts.clone();
                    self.draft_path(&parts, start..end, &mut path, &mut levels);
                }
                Scope::Id(id) => {
                    let (key, id) = (first.key, id.clone());
                    let number = self.draft(key, Some(id.clone()), start..end);
                    self.ids.entry((key, id)).or_default().push(number);
                }
            }
            start = end;
        }
    }

    pub(super) fn draft(
        &mut self,
        key: u32,
        id: Option<Cow<'a, str>>,
        records: Range<usize>,
    ) -> usize {
        let own = &mut self.records[records.clone()];
        let instance = own
            .first()
            .and_then(|record| record.placement.instance.clone());
        let mut goal = Goal::new(own);
        if let Some(id) = &id {
            goal.node.id.clone_from(id);
        }
        self.drafts.push(Draft {
            key,
            id,
            instance,
            records,
            parent: None,
            is_root: false,
            edge: None,
            passing: false,
            goal,
            children: Vec::new(),
        });
        self.drafts.len() - 1
    }

    pub(super) fn draft_path(
        &mut self,
        parts: &[Part<'a>],
        records: Range<usize>,
        path: &mut Vec<Part<'a>>,
        levels: &mut Vec<Vec<usize>>,
    ) {
        let key = self.records[records.start].key;
        let common = path.iter().zip(parts).take_while(|(a, b)| a == b).count();
        path.truncate(common);
        levels.truncate(common + 1);
        // The last level gets the records; those on the way that are new have none.
        if levels.is_empty() {
            let own = if parts.is_empty() {
                records.clone()
            } else {
                0..0
            };
            let root = self.draft(key, None, own);
            self.drafts[root].goal.node.id = Cow::Borrowed("/");
            self.drafts[root].is_root = true;
            self.roots[key as usize] = Some(root);
            levels.push(vec![root]);
        } else if levels.len() == parts.len() + 1 && path.len() == parts.len() {
            // Another instance of a scope that is there.
            let twin = self.draft(key, None, records.clone());
            let above = levels
                .len()
                .checked_sub(2)
                .map(|level| levels[level].clone());
            self.hang(twin, above.as_deref().unwrap_or_default());
            let other = levels[levels.len() - 1][0];
            let Goal { node, number, .. } = &self.drafts[other].goal;
            let (id, number) = (node.id.clone(), *number);
            self.drafts[twin].goal.node.id = id;
            self.drafts[twin].goal.number = number;
            if let Some(level) = levels.last_mut() {
                level.push(twin);
            }
        }
        while levels.len() <= parts.len() {
            let level = levels.len();
            let part = parts[level - 1].clone();
            let own = if level == parts.len() {
                records.clone()
            } else {
                0..0
            };
            let node = self.draft(key, None, own);
            if level < parts.len() {
                // Who never logged has the instance of who is below.
                let instance = &self.records[records.start].placement.instance;
                self.drafts[node].instance.clone_from(instance);
            }
            let above = levels[level - 1].clone();
            self.hang(node, &above);
            let parent = self.drafts[above[0]].goal.node.id.trim_end_matches('/');
            let (number, id) = match &part {
                Part::Number(number) => (Some(*number), format!("{parent}/{number}")),
                Part::Text(text) => (None, format!("{parent}/{text}")),
            };
            let goal = &mut self.drafts[node].goal;
            goal.number = number;
            goal.node.id = Cow::Owned(id);
            path.push(part);
            levels.push(vec![node]);
        }
    }

    /// Puts a node below the one of `above` that is of its instance, or else the first. Another
    /// instance of a root stands below the first.
    pub(super) fn hang(&mut self, node: usize, above: &[usize]) {
        let instance = &self.drafts[node].instance;
        let same = |&&other: &&usize| self.drafts[other].instance == *instance;
        let parent = above.iter().find(same).or(above.first()).copied();
        let parent = parent.or_else(|| self.roots[self.drafts[node].key as usize]);
        self.drafts[node].parent = parent;
    }
}
