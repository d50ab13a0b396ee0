//! What all producers of traces share: ids of traces and spans, and what they tell.

use crate::truth::{
    model::{Outcome, Request},
    record::{Ids, Role, Starts, Status, Tell},
};

/// A span is one record, exported when it ends; logs name their span only.
pub(in crate::truth) static IDS: Ids = Ids {
    scheme: "trace",
    starts: Starts::IfAny,
    ends: true,
    base: None,
    shared: false,
    paths: false,
};

/// 32 hex digits.
pub(in crate::truth) fn trace_id(request: &Request) -> String {
    format!("{:032x}", request.id)
}

/// 16 hex digits.
pub(in crate::truth) fn span_id(request: &Request, scope: usize) -> String {
    format!("{:016x}", request.scopes[scope].id)
}

/// The id of the span above, if there is one.
pub(in crate::truth) fn parent_id(request: &Request, scope: usize) -> Option<String> {
    let parent = request.scopes[scope].parent?;
    Some(span_id(request, parent))
}

/// The spans of a request that ended: the others are never exported.
pub(in crate::truth) fn spans(request: &Request) -> impl Iterator<Item = usize> {
    (0..request.scopes.len()).filter(|scope| request.scopes[*scope].outcome != Outcome::Never)
}

pub(in crate::truth) fn failed(request: &Request, scope: usize) -> bool {
    matches!(request.scopes[scope].outcome, Outcome::Failed(_))
}

/// What the record of a span tells: all of it, and the id of the span above.
pub(in crate::truth) fn span(request: &Request, scope: usize) -> Tell {
    let status = if failed(request, scope) {
        Status::Failed
    } else {
        Status::Succeeded
    };
    Tell::new(request.at(scope), &IDS, Role::Whole(status))
        .place(0)
        .tree(trace_id(request))
        .named(&request.scopes[scope].goal)
        .link(request)
}

/// What a log record tells: in which span it was written.
pub(in crate::truth) fn log(request: &Request, scope: usize) -> Tell {
    Tell::new(request.at(scope), &IDS, Role::Detail).tree(trace_id(request))
}
