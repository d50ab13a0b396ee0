//! Elastic APM, as its server indexes it: a transaction for each service that takes part,
//! spans inside, logs that name both.

use serde_json::{Value, json};

use super::{
    Scheme,
    time::rfc3339,
    trace::{failed, log, parent_id, span, span_id, spans, trace_id},
};
use crate::truth::{
    model::{Request, What},
    record::Pen,
};

pub(in crate::truth) static APM: Scheme = Scheme {
    name: "Elastic APM",
    args: &[],
    write,
    sees_all: false,
    cannot: "What was above a lost span; a transaction or span that never ends is never sent.",
};

fn write(request: &Request, pen: &mut Pen) {
    for scope in spans(request) {
        let end = request.scopes[scope].end();
        pen.record(request, end, record(request, scope), span(request, scope));
    }
    for (scope, inside) in request.scopes.iter().enumerate() {
        for step in &inside.steps {
            if let What::Message(level) = step.what {
                let mut record = base(request, scope, &rfc3339(request.clock(scope, step.at)));
                record["message"] = format!("about {}", inside.goal).into();
                record["log.level"] = level.name().to_lowercase().into();
                if !is_transaction(request, scope) {
                    record["span"] = json!({"id": span_id(request, scope)});
                }
                pen.record(request, step.at, record, log(request, scope));
            }
        }
    }
}

/// A transaction or a span.
pub(super) fn record(request: &Request, scope: usize) -> Value {
    let inside = &request.scopes[scope];
    let outcome = if failed(request, scope) {
        "failure"
    } else {
        "success"
    };
    let micros = (inside.end() - inside.start()) / 1_000;
    let own =
        json!({"id": span_id(request, scope), "name": inside.goal, "duration": {"us": micros}});
    let mut record = base(
        request,
        scope,
        &rfc3339(request.clock(scope, inside.start())),
    );
    record["event"] = json!({"outcome": outcome});
    if let Some(parent) = parent_id(request, scope) {
        record["parent"] = json!({"id": parent});
    }
    let kind = if is_transaction(request, scope) {
        "transaction"
    } else {
        "span"
    };
    record["processor"] = json!({"event": kind});
    record[kind] = own;
    record
}

fn is_transaction(request: &Request, scope: usize) -> bool {
    request.scopes[scope].parent.is_none() || request.is_called(scope)
}

/// What all of them have: the trace, the transaction, the service.
fn base(request: &Request, scope: usize, time: &str) -> Value {
    let process = request.process(scope);
    let transaction = request
        .upwards(scope)
        .find(|scope| is_transaction(request, *scope));
    json!({
        "@timestamp": time, "ecs.version": "1.6.0",
        "trace": {"id": trace_id(request)},
        "transaction": {"id": span_id(request, transaction.unwrap_or(0))},
        "service": {"name": process.service}, "host": {"name": process.host},
        "process": {"pid": process.pid},
    })
}
