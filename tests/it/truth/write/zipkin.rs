//! Zipkin v2: a record for each span; of a call, both processes write one with the same id,
//! the called one with `shared`.

use serde_json::{Value, json};

use super::{
    Scheme,
    trace::{IDS, failed, span, span_id, spans, trace_id},
};
use crate::truth::{
    model::Request,
    record::{Pen, Role, Status, Tell},
};

pub(in crate::truth) static ZIPKIN: Scheme = Scheme {
    name: "Zipkin spans",
    args: &[],
    write,
    sees_all: false,
    cannot: "What was above a lost span. Of a call that both sides tell, which side something below belongs to if \
             that side's record is lost.",
};

fn write(request: &Request, pen: &mut Pen) {
    for scope in spans(request) {
        let end = request.scopes[scope].end();
        pen.record(request, end, record(request, scope), tell(request, scope));
    }
}

/// The scope whose id a scope has: the caller's, for what was called.
fn named(request: &Request, scope: usize) -> usize {
    match request.scopes[scope].parent {
        Some(parent) if request.scopes[parent].calls => parent,
        _ => scope,
    }
}

fn record(request: &Request, scope: usize) -> Value {
    let (process, inside) = (request.process(scope), &request.scopes[scope]);
    let own = named(request, scope);
    let mut record = json!({
        "traceId": trace_id(request), "id": span_id(request, own), "name": inside.goal,
        "timestamp": request.clock(scope, inside.start()) / 1_000,
        "duration": ((inside.end() - inside.start()) / 1_000).max(1),
        "localEndpoint": {"serviceName": process.service, "ipv4": "10.0.0.7"},
        "tags": {},
    });
    if let Some(parent) = request.scopes[own].parent {
        record["parentId"] = span_id(request, named(request, parent)).into();
    }
    if failed(request, scope) {
        record["tags"]["error"] = "it did not work".into();
    }
    if inside.calls {
        record["kind"] = "CLIENT".into();
    }
    if own != scope {
        record["kind"] = "SERVER".into();
        record["shared"] = true.into();
    }
    record
}

fn tell(request: &Request, scope: usize) -> Tell {
    let own = named(request, scope);
    if own == scope {
        return span(request, scope);
    }
    // The called half tells what is above the call as well.
    let status = if failed(request, scope) {
        Status::Failed
    } else {
        Status::Succeeded
    };
    let mut tell = Tell::new(request.at(scope), &IDS, Role::Whole(status))
        .place(0)
        .link(request);
    tell.edges.extend(span(request, own).edges);
    tell
}
