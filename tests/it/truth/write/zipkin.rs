//! Zipkin v2: a record for each span; of a call, both processes write one with the same id,
//! the called one with `shared`.

use serde_json::{Value, json};

use super::{
    Scheme,
    trace::{failed, span, span_id, spans, trace_id},
};
use crate::truth::{
    model::Request,
    record::{Edge, Named, Pen, Tell},
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

pub(super) fn record(request: &Request, scope: usize) -> Value {
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

pub(super) fn tell(request: &Request, scope: usize) -> Tell {
    let mut tell = span(request, scope);
    let task = tell.task;
    let Some(above) = request.scopes[scope].parent else {
        return tell;
    };
    // The called half tells what is above the call as well. What is below it knows only the
    // id of both.
    let mut parents = vec![above];
    if named(request, scope) != scope {
        parents.extend(request.scopes[above].parent);
    }
    let last = parents[parents.len() - 1];
    if named(request, last) != last {
        parents.push(named(request, last));
    }
    let named = |scope| Named {
        scope: request.at(scope),
        task,
    };
    tell.edges = vec![Edge {
        child: named(scope),
        parents: parents.into_iter().map(named).collect(),
        number: None,
        if_known: false,
        rank: 0,
    }];
    tell
}
