//! OpenTelemetry's spans: of the console exporters of Python and Go, and of OTLP/JSON
//! documents that have been taken apart (REFERENCE.md §6). Its logs are `injected`.

use std::borrow::Cow;

use super::{
    Keyed, Place, Placement, Scheme, TreeId,
    fields::OneOf,
    span::{Span, TRACE, parent, side},
    trace_id::{Form, span, trace},
};
use crate::record::{Field, Instant, Reader, Record, Unit, Value};

/// The scheme of OpenTelemetry's spans.
pub(super) struct Otel;

impl Scheme for Otel {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Fields {
            ids: Ids::ask(reader),
            parent: OneOf::ask(reader, &["parent_id", "parentSpanId", "Parent.SpanID"]),
            name: OneOf::ask(reader, &["name", "Name"]),
            kind: OneOf::ask(reader, &["kind", "SpanKind"]),
            start: OneOf::ask(reader, &["start_time", "StartTime"]),
            end: OneOf::ask(reader, &["end_time", "EndTime"]),
            end_nanos: OneOf::ask(reader, &["endTimeUnixNano"]),
            status: OneOf::ask(
                reader,
                &["status.status_code", "status.code", "Status.Code"],
            ),
            why: OneOf::ask(
                reader,
                &["status.description", "status.message", "Status.Description"],
            ),
        })
    }
}

/// Where a span's ids stand.
pub(super) struct Ids {
    /// Of console exporters, which write nothing else with these ids.
    trace: OneOf,
    span: OneOf,
    /// OTLP: only with a start these ids are a span's own.
    otlp_trace: OneOf,
    otlp_span: OneOf,
    start_nanos: OneOf,
}

impl Ids {
    pub(super) fn ask(reader: &mut Reader) -> Self {
        Self {
            trace: OneOf::ask(reader, &["context.trace_id", "SpanContext.TraceID"]),
            span: OneOf::ask(reader, &["context.span_id", "SpanContext.SpanID"]),
            otlp_trace: OneOf::ask(reader, &["traceId"]),
            otlp_span: OneOf::ask(reader, &["spanId"]),
            start_nanos: OneOf::ask(reader, &["startTimeUnixNano"]),
        }
    }

    fn span<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        let ids = if self.start_nanos.is_there(record) {
            &self.otlp_span
        } else {
            &self.span
        };
        span(ids.value(record)?, Form::Any)
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        [self.trace.fields(), self.start_nanos.fields()].concat()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let ids = if self.start_nanos.is_there(record) {
            &self.otlp_trace
        } else {
            &self.trace
        };
        self.span(record)?;
        trace(ids.value(record)?, Form::Any)
    }
}

struct Fields {
    ids: Ids,
    parent: OneOf,
    name: OneOf,
    kind: OneOf,
    start: OneOf,
    end: OneOf,
    end_nanos: OneOf,
    status: OneOf,
    why: OneOf,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let above = self.parent.value(record);
        let nanos = |field: &OneOf| {
            let value = field.value(record)?;
            Instant::from_number(value.raw, Unit::Nanos)
        };
        let status = self.status.text(record);
        let span = Span {
            id: self.ids.span(record)?,
            parent: parent(above.and_then(|id| span(id, Form::Any))),
            name: self.name.text(record),
            start: nanos(&self.ids.start_nanos).or_else(|| self.start.time(record)),
            end: nanos(&self.end_nanos)
                .filter(|end| end.0 != 0)
                .or_else(|| self.end.time(record)),
            failed: status.is_some_and(|status| is_error(&status)),
            exception: self.why.value(record).map(Value::text),
            instance: None,
            side: self.kind.text(record).and_then(|kind| side(&kind)),
        };
        Some(span.place())
    }
}

/// True for the status of a span that failed, in all spellings.
fn is_error(status: &str) -> bool {
    matches!(
        status,
        "2" | "ERROR" | "Error" | "STATUS_CODE_ERROR" | "StatusCode.ERROR"
    )
}
