//! AWS X-Ray: segments, and subsegments that have been taken out of theirs
//! (REFERENCE.md §9).

use std::borrow::Cow;

use super::{
    Keyed, Place, Placement, Scheme, TreeId,
    fields::OneOf,
    span::{Span, TRACE, parent},
    trace_id::{Form, is_xray, span, trace_of},
};
use crate::record::{Field, Path, Reader, Record};

/// The scheme of X-Ray.
pub(super) struct XRay;

impl Scheme for XRay {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Fields {
            ids: Ids::ask(reader),
            parent: OneOf::ask(reader, &["parent_id"]),
            name: OneOf::ask(reader, &["name"]),
            end: OneOf::ask(reader, &["end_time"]),
            open: OneOf::ask(reader, &["in_progress"]),
            failures: OneOf::ask(reader, &["fault", "error", "throttle"]),
            kind: OneOf::ask(reader, &["cause.exceptions[0].type"]),
            why: OneOf::ask(reader, &["cause.exceptions[0].message", "cause.message"]),
        })
    }
}

struct Ids {
    trace: OneOf,
    id: Field,
    start: OneOf,
}

impl Ids {
    fn ask(reader: &mut Reader) -> Self {
        Self {
            trace: OneOf::ask(reader, &["trace_id"]),
            id: reader.raw(&Path::dotted("id")),
            start: OneOf::ask(reader, &["start_time"]),
        }
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        self.start.fields()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let trace = self.trace.text(record).filter(|trace| is_xray(trace))?;
        span(record.raw(&self.id)?, Form::Any)?;
        trace_of(trace, Form::Any)
    }
}

struct Fields {
    ids: Ids,
    parent: OneOf,
    name: OneOf,
    end: OneOf,
    open: OneOf,
    failures: OneOf,
    kind: OneOf,
    why: OneOf,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let above = self.parent.value(record);
        let end = self.end.time(record);
        let span = Span {
            id: span(record.raw(&self.ids.id)?, Form::Any)?,
            parent: parent(above.and_then(|id| span(id, Form::Any))),
            name: self.name.text(record),
            start: self.ids.start.time(record),
            end: end.filter(|_| !self.open.holds(record)),
            failed: self.failures.holds(record),
            exception: self.why(record),
            instance: None,
            side: None,
        };
        Some(span.place())
    }
}

impl Fields {
    fn why<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        match (self.kind.text(record), self.why.text(record)) {
            (Some(kind), Some(why)) => Some(format!("{kind}: {why}").into()),
            (kind, why) => kind.or(why),
        }
    }
}
