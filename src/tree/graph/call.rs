//! Calls from a scope of one tree into another: the callee's spans name as the one above them a span that
//! nobody has written, because the caller writes none. Its id was made of the scope's.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::{Graph, join::Tops};
use crate::tree::scheme::{Scope, Side, Trail, span_of};

/// The trees that a scope has called into and is of, by their keys, and the scope.
type Call = (u32, u32, Trail);

impl Graph<'_, '_> {
    /// The scopes that records of other trees name as those which called, taken out of what else these say.
    pub(super) fn calls(&mut self) -> BTreeSet<Call> {
        let mut calls = BTreeSet::new();
        for record in &mut self.records {
            let own = record.key;
            record.others.retain(|(key, place)| match &place.scope {
                Scope::Path(trail) if place.side == Some(Side::Caller) => {
                    calls.insert((own, *key, trail.clone()));
                    false
                }
                _ => true,
            });
        }
        calls
    }

    /// Puts the spans that stand for these scopes below them, if the scopes are there, so that what stands
    /// below the spans moves up to the scopes.
    pub(super) fn hang_calls(&mut self, calls: &BTreeSet<Call>, tops: &mut Tops) {
        if calls.is_empty() {
            return;
        }
        let paths = self.paths();
        for (called, own, trail) in calls {
            let way = trail.to_string();
            let span = span_of(&[&self.keys[*own as usize].id.text(), &*way].concat());
            let stands = self.ids.get(&(*called, span.into()));
            if let Some(&scope) = paths.get(&(*own, way))
                && let Some(&span) = stands.and_then(|nodes| nodes.first())
                && self.is_top(span)
            {
                self.drafts[span].passing |= self.drafts[span].records.is_empty();
                self.hang_top(span, scope, tops);
            }
        }
    }

    /// The nodes of paths, by key and way from the root; the first of several that claim one place.
    fn paths(&self) -> HashMap<(u32, String), usize, RandomState> {
        let drafts = self.drafts.iter().enumerate().rev();
        let paths = drafts.filter(|(_, draft)| draft.id.is_none());
        paths
            .map(|(node, draft)| {
                let way = draft.goal.node.id.trim_end_matches('/');
                ((draft.key, way.to_owned()), node)
            })
            .collect()
    }
}
