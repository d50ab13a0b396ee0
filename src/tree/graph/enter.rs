//! Paths that lead through a span of another tree: who is called from a span takes its id for the
//! first step of the way. That step is the span, and what is below it stands below the span.

use std::{borrow::Cow, collections::HashMap};

use foldhash::fast::RandomState;

use super::{Draft, Graph};
use crate::tree::model::Edge;

impl<'a> Graph<'_, 'a> {
    /// Puts below the spans that records name what the records' own ways have below steps of the
    /// same ids. Nodes of spans have parents of their own trees at most, so that closes no circle.
    pub(super) fn enter_spans(&mut self, evidence: &[(usize, usize, bool)]) {
        let steps = self.steps();
        if steps.is_empty() {
            return;
        }
        let mut spans: Vec<Option<usize>> = vec![None; self.drafts.len()];
        for &(node, other, _) in evidence {
            let (scope, span) = (&self.drafts[node], &self.drafts[other]);
            if let (None, Some(id)) = (&scope.id, &span.id)
                && let Some(&step) = steps.get(&(scope.key, id.clone()))
            {
                spans[step] = Some(other);
            }
        }
        // Who has nothing else below goes with the steps.
        let mut has_more = vec![false; self.drafts.len()];
        for node in 0..self.drafts.len() {
            let Some(above) = self.drafts[node].parent else {
                continue;
            };
            has_more[above] |= spans[node].is_none();
            if let Some(span) = spans[above] {
                self.drafts[node].parent = Some(span);
                self.drafts[node].edge = Some(Edge::Join);
                // If that is not known otherwise, nothing is above.
                self.drafts[node].is_root = true;
            }
        }
        for step in (0..spans.len()).filter(|&step| spans[step].is_some()) {
            self.drafts[step].emptied = true;
            if let Some(root) = self.drafts[step].parent {
                self.drafts[root].emptied = self.drafts[root].records.is_empty() && !has_more[root];
            }
        }
    }

    /// The first steps of paths that nobody logged, by key and name.
    fn steps(&self) -> HashMap<(u32, Cow<'a, str>), usize, RandomState> {
        let drafts = self.drafts.iter().enumerate();
        let is_step = |draft: &Draft<'_>| {
            let is_first = draft.parent == self.roots[draft.key as usize];
            draft.id.is_none() && draft.records.is_empty() && draft.parent.is_some() && is_first
        };
        drafts
            .filter(|(_, draft)| is_step(draft))
            .map(|(node, draft)| {
                let name = draft.goal.node.id.trim_start_matches('/').to_owned();
                ((draft.key, Cow::Owned(name)), node)
            })
            .collect()
    }
}
