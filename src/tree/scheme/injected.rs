//! Ids of a trace and a span that loggers put into their records, under all the names in use
//! (REFERENCE.md §13): of OpenTelemetry, B3, Datadog, Google, Amazon, Elastic, .NET.

use std::borrow::Cow;

use super::{
    Keyed, Parent, Place, Placement, Scheme, TreeId,
    fields::OneOf,
    span::{TRACE, inside, said},
    trace_id::{Form, is_trace, span, span_of, trace, trace_of, xray_field},
};
use crate::record::{Field, Reader, Record};

/// The scheme of ids in logs.
pub(super) struct Injected;

impl Scheme for Injected {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Fields::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Fields::ask(reader))
    }
}

/// The names that a producer has for ids: of the trace, the span, and the span above.
struct Names {
    trace: &'static [&'static str],
    span: &'static [&'static str],
    parent: &'static [&'static str],
    form: Form,
}

const NAMES: &[Names] = &[
    Names {
        trace: &["trace_id"],
        span: &["span_id"],
        parent: &["parent_span_id", "parent_id"],
        form: Form::Any,
    },
    Names {
        trace: &["traceId"],
        span: &["spanId"],
        parent: &["parentSpanId", "parentId"],
        form: Form::Short,
    },
    Names {
        trace: &["traceID"],
        span: &["spanID"],
        parent: &["parentSpanID"],
        form: Form::Short,
    },
    Names {
        trace: &["trace.id"],
        span: &["span.id", "transaction.id"],
        parent: &[],
        form: Form::Any,
    },
    Names {
        trace: &["context.trace_id"],
        span: &["context.span_id"],
        parent: &["context.parent_id"],
        form: Form::Any,
    },
    Names {
        trace: &["TraceId", "Scopes[0].TraceId", "State.TraceId"],
        span: &["SpanId", "Scopes[0].SpanId", "State.SpanId"],
        parent: &["ParentSpanId", "ParentId", "Scopes[0].ParentId"],
        form: Form::Any,
    },
    Names {
        trace: &["@tr"],
        span: &["@sp"],
        parent: &["@ps"],
        form: Form::Any,
    },
    Names {
        trace: &["otelTraceID"],
        span: &["otelSpanID"],
        parent: &[],
        form: Form::Any,
    },
    Names {
        trace: &["logging.googleapis.com/trace"],
        span: &["logging.googleapis.com/spanId"],
        parent: &[],
        form: Form::Any,
    },
    Names {
        trace: &["dd.trace_id"],
        span: &["dd.span_id"],
        parent: &[],
        form: Form::Decimal,
    },
    Names {
        trace: &["x-datadog-trace-id", "headers.x-datadog-trace-id"],
        span: &["x-datadog-parent-id", "headers.x-datadog-parent-id"],
        parent: &[],
        form: Form::Decimal,
    },
    Names {
        trace: &["X-B3-TraceId", "x-b3-traceid", "headers.x-b3-traceid"],
        span: &["X-B3-SpanId", "x-b3-spanid", "headers.x-b3-spanid"],
        parent: &[
            "X-B3-ParentSpanId",
            "x-b3-parentspanid",
            "headers.x-b3-parentspanid",
        ],
        form: Form::Short,
    },
    Names {
        trace: &["trace.trace_id"],
        span: &["trace.span_id"],
        parent: &["trace.parent_id"],
        form: Form::Any,
    },
    Names {
        trace: &["operation_Id"],
        span: &["operation_ParentId"],
        parent: &[],
        form: Form::Any,
    },
    // log4j2's
    Names {
        trace: &["contextMap.traceId", "contextMap.trace_id"],
        span: &["contextMap.spanId", "contextMap.span_id"],
        parent: &[],
        form: Form::Any,
    },
    // loguru's
    Names {
        trace: &["record.extra.trace_id", "record.extra.otelTraceID"],
        span: &["record.extra.span_id", "record.extra.otelSpanID"],
        parent: &[],
        form: Form::Any,
    },
    // Monolog's and Logbook's, by a processor
    Names {
        trace: &["extra.trace_id", "extra.traceId"],
        span: &["extra.span_id", "extra.spanId"],
        parent: &[],
        form: Form::Any,
    },
    // GELF's
    Names {
        trace: &["_trace_id", "_traceId"],
        span: &["_span_id", "_spanId"],
        parent: &[],
        form: Form::Any,
    },
];

/// Headers that hold all ids in one text.
const B3: &[&str] = &["b3", "headers.b3"];
const JAEGER: &[&str] = &["uber-trace-id", "headers.uber-trace-id"];
const AMAZON: &[&str] = &[
    "xray_trace_id",
    "x-amzn-trace-id",
    "X-Amzn-Trace-Id",
    "headers.x-amzn-trace-id",
    "headers.X-Amzn-Trace-Id",
    "_X_AMZN_TRACE_ID",
];

struct Fields {
    named: Vec<Named>,
    b3: OneOf,
    jaeger: OneOf,
    amazon: OneOf,
}

struct Named {
    trace: OneOf,
    span: OneOf,
    parent: OneOf,
    form: Form,
}

/// The ids of a span, and of the one above it.
type Spans<'a> = (Option<Cow<'a, str>>, Option<Cow<'a, str>>);

/// What a header says.
struct Said<'a> {
    trace: TreeId<'a>,
    spans: Spans<'a>,
}

impl Fields {
    fn ask(reader: &mut Reader) -> Self {
        let mut named = Vec::with_capacity(NAMES.len());
        for names in NAMES {
            named.push(Named {
                trace: OneOf::ask(reader, names.trace),
                span: OneOf::ask(reader, names.span),
                parent: OneOf::ask(reader, names.parent),
                form: names.form,
            });
        }
        Self {
            named,
            b3: OneOf::ask(reader, B3),
            jaeger: OneOf::ask(reader, JAEGER),
            amazon: OneOf::ask(reader, AMAZON),
        }
    }

    fn spans<'a>(&self, record: &Record<'a, '_>) -> Option<Spans<'a>> {
        let named = self.named.iter().find_map(|named| named.spans(record));
        named.or_else(|| Some(self.headers(record)?.spans))
    }

    /// What the headers say that hold all ids.
    fn headers<'a>(&self, record: &Record<'a, '_>) -> Option<Said<'a>> {
        let b3 = || b3(&self.b3.text(record)?);
        b3().or_else(|| jaeger(&self.jaeger.text(record)?))
            .or_else(|| amazon(&self.amazon.text(record)?))
    }
}

impl Named {
    fn trace<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        trace(self.trace.value(record)?, self.form)
    }

    /// The ids of the span and of the one above, if there is a trace.
    fn spans<'a>(&self, record: &Record<'a, '_>) -> Option<Spans<'a>> {
        is_trace(self.trace.value(record)?, self.form).then_some(())?;
        let id = |field: &OneOf| span(field.value(record)?, self.form);
        Some((id(&self.span), id(&self.parent)))
    }
}

/// `b3: TRACE-SPAN-SAMPLED-PARENT`; a sampling decision alone has no ids.
fn b3<'a>(header: &str) -> Option<Said<'a>> {
    let mut parts = header.split('-');
    let (trace, span, _, parent) = (parts.next()?, parts.next()?, parts.next(), parts.next());
    whole(trace, Some(span), parent)
}

/// `uber-trace-id: TRACE:SPAN:PARENT:FLAGS`.
fn jaeger<'a>(header: &str) -> Option<Said<'a>> {
    let mut parts = header.split(':');
    let (trace, span, parent) = (parts.next()?, parts.next()?, parts.next()?);
    whole(trace, Some(span), Some(parent))
}

/// `X-Amzn-Trace-Id: Root=1-…;Parent=…`, or only the root's value.
fn amazon<'a>(header: &str) -> Option<Said<'a>> {
    whole(header, xray_field(header, "Parent"), None)
}

fn whole<'a>(trace: &str, span: Option<&str>, parent: Option<&str>) -> Option<Said<'a>> {
    let id = |text: &str| span_of(text.to_owned().into(), Form::Short);
    Some(Said {
        trace: trace_of(trace.to_owned().into(), Form::Short)?,
        spans: (span.and_then(id), parent.and_then(id)),
    })
}

impl Keyed for Fields {
    fn fields(&self) -> Vec<Field> {
        let mut fields = [&self.b3, &self.jaeger, &self.amazon]
            .map(OneOf::fields)
            .concat();
        fields.extend(self.named.iter().flat_map(|named| named.trace.fields()));
        fields
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let named = self.named.iter().find_map(|named| named.trace(record));
        named.or_else(|| Some(self.headers(record)?.trace))
    }
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let (span, parent) = self.spans(record)?;
        // Some write the same id twice where there is no span above.
        let above: Parent<'a> = said(parent.filter(|parent| Some(parent) != span.as_ref()));
        Some(inside(span, above))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{record::Found, tree::scheme::Scope};

    #[test]
    fn every_spelling_is_the_same_span() {
        let mut reader = Reader::default();
        let keys = Injected.keys(&mut reader);
        let place = Injected.prepare(&mut reader);
        let mut found = Found::default();
        let mut check = |line: &str, expect: Option<(&str, Option<&str>)>| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let said = keys.tree(&record).map(|tree| {
                let placement = place.place(&record).expect("a place");
                let span = match placement.scope {
                    Scope::Id(id) => Some(id.into_owned()),
                    Scope::Path(_) => None,
                };
                (tree.id.text().into_owned(), span)
            });
            let expect = expect.map(|(tree, span)| (tree.to_owned(), span.map(str::to_owned)));
            assert_eq!(said, expect, "{line}");
        };
        let both = Some(("7fd21e1e22f804ac", Some("05c48cf0ce2119a4")));
        let trace = Some(("7fd21e1e22f804ac", None));
        let full = "6b003e24000000007fd21e1e22f804ac";
        let span = "05c48cf0ce2119a4";
        for (trace, span_name) in [
            ("trace_id", "span_id"),
            ("traceId", "spanId"),
            ("traceID", "spanID"),
            ("TraceId", "SpanId"),
            ("@tr", "@sp"),
            ("otelTraceID", "otelSpanID"),
            ("trace.id", "span.id"),
            ("trace.id", "transaction.id"),
            ("X-B3-TraceId", "X-B3-SpanId"),
            ("contextMap.traceId", "contextMap.spanId"),
            (
                "logging.googleapis.com/trace",
                "logging.googleapis.com/spanId",
            ),
        ] {
            check(
                &format!(r#"{{"{trace}":"{full}","{span_name}":"{span}"}}"#),
                both,
            );
        }
        check(
            &format!(r#"{{"trace":{{"id":"{full}"}},"span":{{"id":"{span}"}}}}"#),
            both,
        );
        check(
            &format!(r#"{{"trace_id":"0x{full}","span_id":"0x{span}"}}"#),
            both,
        );
        check(
            r#"{"dd.trace_id":"9210457302710617260","dd.span_id":"415612031503243684"}"#,
            both,
        );
        check(
            &format!(r#"{{"dd":{{"trace_id":"{full}","span_id":"415612031503243684"}}}}"#),
            both,
        );
        check(
            r#"{"x-datadog-trace-id":"9210457302710617260","x-datadog-parent-id":"415612031503243684"}"#,
            both,
        );
        check(&format!(r#"{{"b3":"{full}-{span}-1"}}"#), both);
        check(&format!(r#"{{"uber-trace-id":"{full}:{span}:0:1"}}"#), both);
        check(
            &format!(
                r#"{{"X-Amzn-Trace-Id":"Root=1-6b003e24-000000007fd21e1e22f804ac;Parent={span}"}}"#
            ),
            both,
        );
        check(
            r#"{"xray_trace_id":"1-6b003e24-000000007fd21e1e22f804ac"}"#,
            trace,
        );
        check(
            &format!(r#"{{"logging.googleapis.com/trace":"projects/p/traces/{full}"}}"#),
            trace,
        );
        check(
            r#"{"trace_id":"00000000000000000000000000000000","span_id":"0"}"#,
            None,
        );
        check(r#"{"otelTraceID":"0","otelSpanID":"0"}"#, None);
        check(r#"{"b3":"0"}"#, None);
        check(r#"{"trace_id":null,"traceId":"7fd21e1e22f804ac"}"#, trace);
    }
}
