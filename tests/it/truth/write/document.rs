//! Documents of many records: OTLP's requests, arrays of Zipkin's spans, what Jaeger's user
//! interface saves. Each process sends one for all that it did in a request, and it is lost,
//! or comes twice, as a whole.

use serde_json::{Value, json};

use super::{
    Scheme, jaeger,
    trace::{failed, log, parent_id, span, span_id, spans, trace_id},
    zipkin,
};
use crate::truth::{
    model::{Process, Request, What},
    record::{Pen, Tell},
};

pub(in crate::truth) static OTLP: Scheme = Scheme {
    name: "OTLP spans and logs",
    args: &[],
    write: |request, pen| {
        by_process(request, pen, spans_of, |process, spans| {
            json!({"resourceSpans": [{
                "resource": resource(process),
                "scopeSpans": [{"scope": {"name": "shop"}, "spans": spans}],
            }]})
        });
        by_process(request, pen, logs_of, |process, logs| {
            json!({"resourceLogs": [{
                "resource": resource(process),
                "scopeLogs": [{"scope": {"name": "shop"}, "logRecords": logs}],
            }]})
        });
    },
    sees_all: false,
    cannot: "As with OpenTelemetry's spans and logs one by one; but a process is lost as a whole.",
};

pub(in crate::truth) static ZIPKIN: Scheme = Scheme {
    name: "arrays of Zipkin spans",
    args: &[],
    write: |request, pen| {
        by_process(
            request,
            pen,
            |request, scope| {
                let ended = spans(request).any(|ended| ended == scope);
                let tell = zipkin::tell(request, scope);
                ended
                    .then(|| (zipkin::record(request, scope), tell))
                    .into_iter()
                    .collect()
            },
            |_, spans| spans.into(),
        );
    },
    sees_all: false,
    cannot: "As with Zipkin's spans one by one.",
};

pub(in crate::truth) static JAEGER: Scheme = Scheme {
    name: "Jaeger documents",
    args: &[],
    write: |request, pen| {
        by_process(
            request,
            pen,
            |request, scope| {
                let ended = spans(request).any(|ended| ended == scope);
                let mut record = jaeger::record(request, scope);
                if let Value::Object(members) = &mut record {
                    members.remove("process");
                }
                ended
                    .then(|| (record, span(request, scope)))
                    .into_iter()
                    .collect()
            },
            |process, spans| {
                json!({"data": [{
                    "traceID": spans[0]["traceID"].clone(), "spans": spans,
                    "processes": {"p1": {"serviceName": process.service, "tags": []}},
                }]})
            },
        );
    },
    sees_all: false,
    cannot: "As with Jaeger's spans one by one.",
};

/// Writes a document for each process that has records.
fn by_process(
    request: &Request,
    pen: &mut Pen,
    records: fn(&Request, usize) -> Vec<(Value, Tell)>,
    document: fn(&Process, Vec<Value>) -> Value,
) {
    for (number, process) in request.processes.iter().enumerate() {
        let (mut values, mut tells) = (Vec::new(), Vec::new());
        let own =
            (0..request.scopes.len()).filter(|scope| request.scopes[*scope].process == number);
        for (mut value, tell) in own.flat_map(|scope| records(request, scope)) {
            let rec = pen.number();
            value["rec"] = rec.into();
            values.push(value);
            tells.push(Tell { rec, ..tell });
        }
        if let Some(first) = tells.first() {
            let at = request.scopes[first.scope.scope].end();
            pen.document(request, at, &document(process, values), tells);
        }
    }
}

fn resource(process: &Process) -> Value {
    json!({"attributes": [
        {"key": "service.name", "value": {"stringValue": process.service}},
        {"key": "host.name", "value": {"stringValue": process.host}},
        {"key": "process.pid", "value": {"intValue": process.pid.to_string()}},
    ]})
}

fn spans_of(request: &Request, scope: usize) -> Vec<(Value, Tell)> {
    if !spans(request).any(|ended| ended == scope) {
        return Vec::new();
    }
    let inside = &request.scopes[scope];
    let status = if failed(request, scope) {
        json!({"code": 2, "message": "no"})
    } else {
        json!({})
    };
    let record = json!({
        "traceId": trace_id(request), "spanId": span_id(request, scope),
        "parentSpanId": parent_id(request, scope).unwrap_or_default(),
        "name": inside.goal, "kind": 1, "flags": 257,
        "startTimeUnixNano": request.clock(scope, inside.start()).to_string(),
        "endTimeUnixNano": request.clock(scope, inside.end()).to_string(),
        "attributes": [], "events": [], "links": [], "status": status,
    });
    vec![(record, span(request, scope))]
}

fn logs_of(request: &Request, scope: usize) -> Vec<(Value, Tell)> {
    let inside = &request.scopes[scope];
    let messages = inside
        .steps
        .iter()
        .filter(|step| matches!(step.what, What::Message(_)));
    messages
        .map(|step| {
            let record = json!({
                "timeUnixNano": request.clock(scope, step.at).to_string(),
                "severityNumber": 9, "severityText": "INFO",
                "body": {"stringValue": format!("about {}", inside.goal)}, "attributes": [],
                "traceId": trace_id(request), "spanId": span_id(request, scope),
            });
            (record, log(request, scope))
        })
        .collect()
}
