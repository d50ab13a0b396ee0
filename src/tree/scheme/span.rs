//! Spans: what the producers of traces have in common. A span is told by one record, written
//! when it has ended; a log names the span that it was written in.

use std::borrow::Cow;

use super::{Parent, Placement, Role, Scope, Side, Starts};
use crate::{
    record::{Instant, bytes_of},
    tree::Status,
};

/// The name of all their schemes: a trace is a trace, whoever wrote the record.
pub(super) const TRACE: &str = "trace";

/// What a record tells of a span.
#[derive(Default)]
pub(super) struct Span<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) parent: Parent<'a>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) start: Option<Instant>,
    /// `None` if it has not ended.
    pub(super) end: Option<Instant>,
    pub(super) failed: bool,
    pub(super) exception: Option<Cow<'a, str>>,
    /// Tells apart the two spans of a call that share their id.
    pub(super) instance: Option<Cow<'a, str>>,
    /// Which end of a call it is.
    pub(super) side: Option<Side>,
}

impl<'a> Span<'a> {
    /// The place of the record.
    pub(super) fn place(self) -> Placement<'a> {
        let status = if self.failed {
            Status::Failed
        } else {
            Status::Succeeded
        };
        let ended = self.end.is_some();
        Placement {
            scope: Scope::Id(self.id),
            parent: self.parent,
            instance: self.instance,
            side: self.side,
            // A span may be told twice, first when it begins; logs come behind.
            position: u64::from(!ended),
            starts: Starts::IfAny,
            role: if ended {
                Role::Whole(status)
            } else {
                Role::Start { ends: true }
            },
            name: self.name.map(bytes_of),
            exception: self.exception.filter(|_| self.failed),
            time: self.start,
            end: self.end,
            ..Placement::default()
        }
    }
}

/// The end of a call that a kind of span stands for; the other kinds do not wait, or not for
/// each other.
pub(super) fn side(kind: &str) -> Option<Side> {
    match kind {
        "3" | "CLIENT" | "SPAN_KIND_CLIENT" | "SpanKind.CLIENT" | "client" => Some(Side::Caller),
        "2" | "SERVER" | "SPAN_KIND_SERVER" | "SpanKind.SERVER" | "server" => Some(Side::Callee),
        _ => None,
    }
}

/// The place of a log in a span, or in the trace if it names no span.
pub(super) fn inside<'a>(span: Option<Cow<'a, str>>, parent: Parent<'a>) -> Placement<'a> {
    let parent = if span.is_some() {
        parent
    } else {
        Parent::Unsaid
    };
    Placement {
        scope: span.map_or(Scope::ROOT, Scope::Id),
        parent,
        position: 2,
        starts: Starts::IfAny,
        ..Placement::default()
    }
}

/// The parent of a span whose record names one if it has one.
pub(super) fn parent(id: Option<Cow<'_, str>>) -> Parent<'_> {
    id.map_or(Parent::None, Parent::Id)
}

/// The parent of a log's span, which the log may name or not.
pub(super) fn said(id: Option<Cow<'_, str>>) -> Parent<'_> {
    id.map_or(Parent::Unsaid, Parent::Id)
}
