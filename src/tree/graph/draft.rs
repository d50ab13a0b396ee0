//! The nodes that records tell of: a scope for each group of them, and those on the way to
//! paths.

use std::{borrow::Cow, ops::Range};

use super::{Draft, Goal, Graph};
use crate::tree::{
    model::Flag,
    placed::Placed,
    scheme::{Part, Scope, Trail},
};

/// The way to the last scope of a path: a level for each step, and one for the root.
#[derive(Default)]
struct Way {
    trail: Trail,
    levels: Vec<Level>,
}

/// The nodes of one step.
struct Level {
    /// How many bytes of the trail lead there.
    end: usize,
    first: usize,
    /// Other instances.
    others: Vec<usize>,
}

impl Level {
    fn new(end: usize, first: usize) -> Self {
        Self {
            end,
            first,
            others: Vec::new(),
        }
    }

    fn nodes(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

impl<'a> Graph<'_, 'a> {
    /// Makes a node of each scope that has records, and of those on the way to paths.
    pub(super) fn draft_all(&mut self) {
        let mut start = 0;
        let mut way = Way::default();
        let mut key = None;
        while start < self.records.len() {
            let first = &self.records[start];
            let same = |record: &&Placed<'_>| first.is_beside(record);
            let others = self.records[start + 1..].iter().take_while(same).count();
            let end = start + 1 + others;
            if key != Some(first.key) {
                key = Some(first.key);
                way.levels.clear();
            }
            match &first.placement.scope {
                Scope::Path(trail) => {
                    let trail = trail.clone();
                    self.draft_path(trail, start..end, &mut way);
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
            emptied: false,
            goal,
            children: 0..0,
        });
        self.drafts.len() - 1
    }

    /// Makes a node of a scope that is a path, which comes behind the one at the end of `way`.
    fn draft_path(&mut self, trail: Trail, records: Range<usize>, way: &mut Way) {
        let key = self.records[records.start].key;
        let last = way.trail.bytes();
        let same = last.iter().zip(trail.bytes());
        let same = same.take_while(|(a, b)| a == b).count();
        let is_twin = !way.levels.is_empty() && way.trail == trail;
        while way.levels.pop_if(|level| level.end > same).is_some() {}
        if is_twin {
            self.draft_twin(key, records, &mut way.levels);
            return;
        }
        let length = trail.bytes().len();
        // The last level gets the records; those on the way that are new have none.
        let own = |end: usize| {
            if end == length { records.clone() } else { 0..0 }
        };
        if way.levels.is_empty() {
            let root = self.draft(key, None, own(0));
            self.drafts[root].goal.node.id = Cow::Borrowed("/");
            self.drafts[root].is_root = true;
            self.roots[key as usize] = Some(root);
            way.levels.push(Level::new(0, root));
        }
        for (end, part) in trail.steps().skip(way.levels.len() - 1) {
            let node = self.draft(key, None, own(end));
            if end < length {
                // Who never logged has the instance of who is below.
                let instance = &self.records[records.start].placement.instance;
                self.drafts[node].instance.clone_from(instance);
            }
            if let Some(above) = way.levels.last() {
                self.hang(node, above);
                let above = self.drafts[above.first].goal.node.id.as_ref();
                let above = above.trim_end_matches('/');
                let mut digits = itoa::Buffer::new();
                let (number, name) = match &part {
                    Part::Number(number) => (Some(*number), digits.format(*number)),
                    Part::Text(name) => (None, &**name),
                };
                let id = [above, "/", name].concat();
                let goal = &mut self.drafts[node].goal;
                goal.number = number;
                goal.node.id = Cow::Owned(id);
            }
            way.levels.push(Level::new(end, node));
        }
        way.trail = trail;
    }

    /// Makes a node of another instance of the scope that came last.
    fn draft_twin(&mut self, key: u32, records: Range<usize>, levels: &mut [Level]) {
        let twin = self.draft(key, None, records);
        let Some((level, above)) = levels.split_last_mut() else {
            return;
        };
        match above.last() {
            Some(above) => self.hang(twin, above),
            None => self.drafts[twin].parent = self.roots[key as usize],
        }
        let Goal { node, number, .. } = &self.drafts[level.first].goal;
        let (id, number) = (node.id.clone(), *number);
        // Both claim one place, and none can be told to be the right one.
        self.drafts[level.first].goal.flag(Flag::Duplicate);
        let goal = &mut self.drafts[twin].goal;
        goal.flag(Flag::Duplicate);
        goal.node.id = id;
        goal.number = number;
        level.others.push(twin);
    }

    /// Puts a node below the one of `above` that is of its instance, or else the first.
    fn hang(&mut self, node: usize, above: &Level) {
        let instance = &self.drafts[node].instance;
        let same = |&other: &usize| self.drafts[other].instance == *instance;
        let parent = above.nodes().find(same).unwrap_or(above.first);
        self.drafts[node].parent = Some(parent);
    }
}
