//! Zipkin v2: a record for each span. Of a call, both sides may write one with the same id;
//! that of the callee is `shared` (REFERENCE.md §9).

use super::{
    Keyed, Parent, Place, Placement, Scheme, TreeId,
    fields::OneOf,
    span::{Span, TRACE, parent, side},
    trace_id::{Form, SPAN, is_usual, span, trace},
};
use crate::record::{Field, Instant, Path, Reader, Record, Unit, Value};

/// The scheme of Zipkin.
pub(super) struct Zipkin;

impl Scheme for Zipkin {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        let mut raw = |path| reader.raw(&Path::dotted(path));
        Box::new(Fields {
            shared: raw("shared"),
            name: raw("name"),
            kind: raw("kind"),
            error: raw("tags.error"),
            ids: Ids::ask(reader),
        })
    }
}

struct Ids {
    trace: Field,
    id: Field,
    timestamp: Field,
    duration: Field,
    service: Field,
    parent: Field,
    /// Anything that says that the record is a span: logs may have an `id` too.
    spanlike: OneOf,
    /// The name that others have for the id of a span.
    other: Field,
}

impl Ids {
    fn ask(reader: &mut Reader) -> Self {
        let spanlike = ["duration", "localEndpoint", "kind", "annotations"];
        let spanlike = OneOf::ask(reader, &spanlike);
        let mut raw = |path| reader.raw(&Path::dotted(path));
        Self {
            trace: raw("traceId"),
            id: raw("id"),
            timestamp: raw("timestamp"),
            duration: raw("duration"),
            service: raw("localEndpoint.serviceName"),
            parent: raw("parentId"),
            other: raw("spanId"),
            spanlike,
        }
    }
}

/// The least number that is a time in microseconds, and not in milliseconds: of the year 1973.
const MICROS: i128 = 100_000_000_000_000;

impl Ids {
    /// True if a record that nothing else tells to be a span has the ids of one: Zipkin asks for
    /// no more. That of a log is no number of 16 digits beside the span above or microseconds.
    fn is_bare(&self, id: Value<'_>, record: &Record<'_, '_>) -> bool {
        let is_id = |id: Value<'_>| {
            id.as_str()
                .is_some_and(|id| id.len() == SPAN && is_usual(&id))
        };
        let time = record.raw(&self.timestamp).and_then(Value::as_i128);
        is_id(id)
            && (time.is_some_and(|time| time >= MICROS)
                || record.raw(&self.parent).is_some_and(is_id))
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        vec![self.trace.clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        if record.raw(&self.other).is_some() {
            return None;
        }
        let id = record.raw(&self.id)?;
        if !self.spanlike.is_there(record) && !self.is_bare(id, record) {
            return None;
        }
        span(id, Form::Short)?;
        trace(record.raw(&self.trace)?, Form::Short)
    }
}

struct Fields {
    ids: Ids,
    shared: Field,
    name: Field,
    kind: Field,
    error: Field,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let raw = |field: &Field| record.raw(field);
        let above = raw(&self.ids.parent).and_then(|id| span(id, Form::Short));
        let is_shared = raw(&self.shared).is_some_and(|value| value.raw == b"true");
        let start = raw(&self.ids.timestamp)
            .and_then(|value| Instant::from_number(value.raw, Unit::Micros));
        let micros = raw(&self.ids.duration).and_then(Value::as_f64);
        let error = raw(&self.error);
        let span = Span {
            id: span(raw(&self.ids.id)?, Form::Short)?,
            parent: if is_shared {
                Parent::OtherHalf(above)
            } else {
                parent(above)
            },
            name: raw(&self.name).and_then(super::fields::scalar),
            start,
            end: start
                .zip(micros)
                .map(|(start, micros)| start.after(micros / 1e6)),
            failed: error.is_some(),
            // Many write only that there was one.
            exception: error
                .map(Value::text)
                .filter(|text| !matches!(&**text, "" | "true")),
            instance: raw(&self.ids.service).and_then(Value::as_str),
            side: raw(&self.kind).and_then(|kind| side(&kind.text())),
        };
        let duration = micros.map(|micros| micros / 1e6);
        Some(Placement {
            duration,
            ..span.place()
        })
    }
}
