//! Records by themselves as elements of `resourceLogs`: those that follow each other and are of
//! one process and one logger share what stands around them.

use super::{
    super::{Facts, ids, resource::Resource},
    END_SCOPE, begin_scope, log, resource,
};

/// What stands behind the last scope of a process.
const END_RESOURCE: &[u8] = b"]}";

/// What is open.
#[derive(Debug, Default)]
pub(super) struct Runs {
    resource: Vec<u8>,
    scope: Vec<u8>,
    is_open: bool,
}

impl Runs {
    /// Appends a record.
    pub(super) fn add(&mut self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let (mut of, mut scope) = (Vec::new(), Vec::new());
        let around = Resource::of_record(facts);
        let mut inner = resource(&mut of, &around);
        inner.key("scopeLogs").push(b'[');
        begin_scope(facts, &mut scope);
        let is_new = !self.is_open || of != self.resource;
        if is_new {
            self.end(out);
            if !out.ends_with(b"[") && !out.is_empty() {
                out.push(b',');
            }
            out.extend_from_slice(&of);
            self.resource = of;
        }
        if is_new || scope != self.scope {
            if !is_new {
                out.extend_from_slice(END_SCOPE);
                out.push(b',');
            }
            out.extend_from_slice(&scope);
            self.scope = scope;
        } else {
            out.push(b',');
        }
        self.is_open = true;
        let trace = facts.tree.as_deref().map(ids::trace);
        let span = facts.node.as_deref().filter(|node| ids::is_span(node));
        let span = trace.as_ref().and(span).map(str::to_ascii_lowercase);
        log(facts, trace.as_deref(), span.as_deref(), out);
    }

    /// Appends what stands behind the records.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_open) {
            out.extend_from_slice(END_SCOPE);
            out.extend_from_slice(END_RESOURCE);
        }
    }
}
