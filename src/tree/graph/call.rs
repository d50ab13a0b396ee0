//! Calls from scopes of our package for Python into a trace: what is called names as the span above it one
//! that nobody has written, because the caller writes none. Its id was made of the scope's, and the trace
//! has the id of the scope's tree.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Graph, join::Tops};
use crate::tree::scheme::{Scope, Side, span_of, trace_of_task};

impl Graph<'_, '_> {
    /// Takes out of what records say of other trees which scope has called: the spans that they name tell
    /// it better, because a record may have this from spans above its own.
    pub(super) fn drop_calls(&mut self) {
        for record in &mut self.records {
            record.others.retain(|(_, place)| {
                place.side != Some(Side::Caller) || !matches!(place.scope, Scope::Path(_))
            });
        }
    }

    /// Puts the spans that stand for scopes below these, so that what stands below the spans moves up to
    /// the scopes.
    pub(super) fn hang_calls(&mut self, tops: &mut Tops) {
        let traces = self.traces_of_tasks();
        if traces.is_empty() {
            return;
        }
        for scope in 0..self.drafts.len() {
            let draft = &self.drafts[scope];
            let (None, Some(&trace)) = (&draft.id, traces.get(&draft.key)) else {
                continue;
            };
            let way = draft.goal.node.id.trim_end_matches('/');
            let span = span_of(&[&self.keys[draft.key as usize].id.text(), way].concat());
            let stands = self.ids.get(&(trace, span.into()));
            if let Some(&span) = stands.and_then(|nodes| nodes.first())
                && self.is_top(span)
            {
                self.drafts[span].passing |= self.drafts[span].records.is_empty();
                self.hang_top(span, scope, tops);
            }
        }
    }

    /// The traces in which something has nothing above it, by the keys of the tasks with their ids.
    fn traces_of_tasks(&self) -> HashMap<u32, u32, RandomState> {
        let tops = self.ids.iter().filter(|(_, nodes)| self.is_top(nodes[0]));
        let mut traces: Vec<u32> = tops.map(|((key, _), _)| *key).collect();
        traces.sort_unstable();
        traces.dedup();
        traces.retain(|&key| self.names[key as usize] == "trace");
        if traces.is_empty() {
            return HashMap::default();
        }
        let by_id: HashMap<_, _, RandomState> = traces
            .iter()
            .map(|&trace| (self.keys[trace as usize].id.text(), trace))
            .collect();
        let tasks = (0_u32..)
            .zip(self.names)
            .filter(|(_, name)| **name == "distlog");
        let own = |task: u32| {
            by_id
                .get(&*trace_of_task(&self.keys[task as usize].id.text())?)
                .copied()
        };
        tasks
            .filter_map(|(task, _)| Some((task, own(task)?)))
            .collect()
    }
}
