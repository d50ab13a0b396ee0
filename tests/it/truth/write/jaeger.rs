//! Jaeger: a record for each span, with a reference to the one above.

use serde_json::{Value, json};

use super::{
    Scheme,
    trace::{failed, parent_id, span, span_id, spans, trace_id},
};
use crate::truth::{model::Request, record::Pen};

pub(in crate::truth) static JAEGER: Scheme = Scheme {
    name: "Jaeger spans",
    args: &[],
    write,
    sees_all: false,
    cannot: "What was above a lost span.",
};

fn write(request: &Request, pen: &mut Pen) {
    for scope in spans(request) {
        let end = request.scopes[scope].end();
        pen.record(request, end, record(request, scope), span(request, scope));
    }
}

pub(super) fn record(request: &Request, scope: usize) -> Value {
    let (process, inside) = (request.process(scope), &request.scopes[scope]);
    let references: Vec<_> = parent_id(request, scope)
        .map(|id| json!({"refType": "CHILD_OF", "traceID": trace_id(request), "spanID": id}))
        .into_iter()
        .collect();
    let mut tags = vec![json!({"key": "span.kind", "type": "string", "value": "server"})];
    if failed(request, scope) {
        tags.push(json!({"key": "error", "type": "bool", "value": true}));
    }
    json!({
        "traceID": trace_id(request), "spanID": span_id(request, scope),
        "operationName": inside.goal, "references": references,
        "startTime": request.clock(scope, inside.start()) / 1_000,
        "duration": (inside.end() - inside.start()) / 1_000,
        "tags": tags, "logs": [], "processID": "p1",
        "process": {"serviceName": process.service, "tags": []},
    })
}
