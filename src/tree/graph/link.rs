//! The edges that ids tell of: to the scope that a record names as the one above. Circles are
//! broken.

use std::borrow::Cow;

use super::Graph;
use crate::tree::{facts::Stands, model::Flag, scheme::Parent};

impl<'a> Graph<'_, 'a> {
    /// Links the nodes whose parents records name.
    pub(super) fn link_ids(&mut self) {
        for node in 0..self.drafts.len() {
            if self.drafts[node].id.is_none() {
                continue;
            }
            let key = self.drafts[node].key;
            let said = self.records[self.drafts[node].records.clone()]
                .iter()
                .rev()
                .map(|record| &record.placement.parent)
                .max_by_key(|parent| match parent {
                    Parent::Unsaid => 0,
                    // Who names a scope above knows more than who names none.
                    Parent::None => 1,
                    Parent::Id(_) | Parent::OtherHalf(_) => 2,
                })
                .cloned()
                .unwrap_or_default();
            let parent = match said {
                Parent::Unsaid => None,
                Parent::None => {
                    self.drafts[node].is_root = true;
                    None
                }
                Parent::Id(id) => Some(self.parent(node, key, id)),
                Parent::OtherHalf(above) => {
                    let id = self.drafts[node].id.clone().unwrap_or_default();
                    match (self.caller(node, &(key, id)), above) {
                        (Some(other), _) => Some(other),
                        (None, Some(above)) => Some(self.parent(node, key, above)),
                        (None, None) => None,
                    }
                }
            };
            self.drafts[node].parent = parent;
        }
    }

    /// True if the node is the callee's half of two that share an id.
    pub(super) fn is_half(&self, node: usize) -> bool {
        self.records[self.drafts[node].records.clone()]
            .iter()
            .any(|record| matches!(record.placement.parent, Parent::OtherHalf(_)))
    }

    /// The node of that id: of two halves the one of the child's own instance, or else that of
    /// the callee, who is the one to call further. What was called from another process is no
    /// child of its own instance.
    pub(super) fn parent(&mut self, child: usize, key: u32, id: Cow<'a, str>) -> usize {
        let id = (key, id);
        let found = match *self.ids.get(&id).map_or(&[][..], Vec::as_slice) {
            [] => None,
            [one] => Some(one),
            [first, ..] => {
                let own = if self.is_half(child) {
                    None
                } else {
                    self.of_instance(child, &id)
                };
                own.or_else(|| self.callee(child, &id)).or(Some(first))
            }
        };
        found.unwrap_or_else(|| {
            let node = self.draft(key, Some(id.1.clone()), 0..0);
            self.ids.insert(id, vec![node]);
            node
        })
    }

    /// Breaks circles of parents where the earliest scope of each stands.
    pub(super) fn break_circles(&mut self) {
        // 0: not seen; otherwise the number of the walk that came by.
        let mut seen = vec![0_u32; self.drafts.len()];
        for (walk, start) in (1..).zip(0..self.drafts.len()) {
            let mut node = start;
            loop {
                if seen[node] == walk {
                    self.break_circle(node);
                    break;
                }
                if seen[node] != 0 {
                    break;
                }
                seen[node] = walk;
                match self.drafts[node].parent {
                    Some(parent) => node = parent,
                    None => break,
                }
            }
        }
    }

    pub(super) fn break_circle(&mut self, member: usize) {
        let next = |&node: &usize| self.drafts[node].parent.filter(|&parent| parent != member);
        let circle = std::iter::successors(Some(member), next);
        let first = circle.min_by_key(|&node| {
            let draft = &self.drafts[node];
            let times = self.records[draft.records.clone()]
                .iter()
                .filter_map(Stands::time);
            let start = draft.goal.node.start.or(times.min());
            (start.is_none(), start, draft.goal.node.id.clone())
        });
        let first = first.unwrap_or(member);
        let draft = &mut self.drafts[first];
        draft.parent = None;
        draft.goal.flag(Flag::Cycle);
    }
}
