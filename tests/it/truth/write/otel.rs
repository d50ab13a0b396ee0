//! OpenTelemetry's console exporters: a record for each span that ended, with the id of the
//! span above, and logs with the id of their span.

use serde_json::{Value, json};

use super::{
    Scheme, apm, jaeger,
    time::rfc3339,
    trace::{failed, log, parent_id, span, span_id, spans, trace_id},
};
use crate::truth::{
    model::{Request, What},
    record::Pen,
};

pub(in crate::truth) static SPANS: Scheme = Scheme {
    name: "OpenTelemetry spans",
    args: &[],
    write: write_spans,
    sees_all: false,
    cannot: "What was above a lost span: those below it know its id, and only the trace says where that belongs. A \
             span that never ends is never exported, so the same goes for it. Whether records are missing, if \
             nothing below them is there.",
};

pub(in crate::truth) static BOTH: Scheme = Scheme {
    name: "OpenTelemetry spans and logs",
    args: &[],
    write: write_both,
    sees_all: false,
    cannot: "The same; a log record does not tell what is above its span.",
};

pub(in crate::truth) static FORMATS: Scheme = Scheme {
    name: "one trace in three formats",
    args: &[],
    write: write_formats,
    sees_all: false,
    cannot: "As with the spans of one producer: the ids are the same, whoever writes them.",
};

/// OpenTelemetry's, Jaeger's and APM's records in one request.
fn write_formats(request: &Request, pen: &mut Pen) {
    for scope in spans(request) {
        let record = match request.process(scope).service {
            "gateway" | "stock" => record(request, scope),
            "orders" => jaeger::record(request, scope),
            _ => apm::record(request, scope),
        };
        pen.record(
            request,
            request.scopes[scope].end(),
            record,
            span(request, scope),
        );
    }
}

fn write_spans(request: &Request, pen: &mut Pen) {
    for scope in spans(request) {
        let end = request.scopes[scope].end();
        pen.record(request, end, record(request, scope), span(request, scope));
    }
}

fn write_both(request: &Request, pen: &mut Pen) {
    write_spans(request, pen);
    for (scope, inside) in request.scopes.iter().enumerate() {
        for step in &inside.steps {
            let What::Message(level) = step.what else {
                continue;
            };
            let record = json!({
                "body": format!("about {}", inside.goal), "severity_number": level.number(),
                "severity_text": level.name(), "attributes": {"code.line.number": 43},
                "timestamp": rfc3339(request.clock(scope, step.at)),
                "trace_id": format!("0x{}", trace_id(request)),
                "span_id": format!("0x{}", span_id(request, scope)),
                "trace_flags": 3, "resource": resource(request, scope),
            });
            pen.record(request, step.at, record, log(request, scope));
        }
    }
}

/// A span as `ConsoleSpanExporter` writes it.
pub(in crate::truth) fn record(request: &Request, scope: usize) -> Value {
    let inside = &request.scopes[scope];
    let status = if failed(request, scope) {
        "ERROR"
    } else {
        "UNSET"
    };
    let kind = match (inside.calls, request.is_called(scope)) {
        (true, _) => "SpanKind.CLIENT",
        (_, true) => "SpanKind.SERVER",
        _ => "SpanKind.INTERNAL",
    };
    json!({
        "name": inside.goal,
        "context": {
            "trace_id": format!("0x{}", trace_id(request)),
            "span_id": format!("0x{}", span_id(request, scope)),
            "trace_state": "[]",
        },
        "kind": kind,
        "parent_id": parent_id(request, scope).map(|id| format!("0x{id}")),
        "start_time": rfc3339(request.clock(scope, inside.start())),
        "end_time": rfc3339(request.clock(scope, inside.end())),
        "status": {"status_code": status},
        "attributes": {}, "events": [], "links": [],
        "resource": resource(request, scope),
    })
}

fn resource(request: &Request, scope: usize) -> Value {
    let process = request.process(scope);
    json!({"attributes": {
        "service.name": process.service, "host.name": process.host, "process.pid": process.pid,
    }, "schema_url": ""})
}
