//! AWS X-Ray: a document for all that a request does in one service, the scopes inside it
//! nested; one that has not ended says so.

use serde_json::{Value, json};

use super::{
    Scheme,
    time::seconds,
    trace::{failed, parent_id, span, span_id, trace_id},
};
use crate::truth::{
    model::{Outcome, Request},
    record::{Pen, Role, Tell},
};

pub(in crate::truth) static XRAY: Scheme = Scheme {
    name: "X-Ray segments",
    args: &[],
    write,
    sees_all: true,
    cannot: "What was above a segment whose caller's document is lost; a document is lost as a whole.",
};

fn write(request: &Request, pen: &mut Pen) {
    for scope in 0..request.scopes.len() {
        let inside = &request.scopes[scope];
        if inside.parent.is_some() && !request.is_called(scope) {
            continue;
        }
        let mut tells = Vec::new();
        let mut document = segment(request, scope, pen, &mut tells);
        let trace = trace_id(request);
        document["trace_id"] = format!("1-{}-{}", &trace[..8], &trace[8..]).into();
        if let Some(parent) = parent_id(request, scope) {
            document["parent_id"] = parent.into();
        }
        pen.document(request, inside.end(), &document, tells);
    }
}

/// A segment or subsegment, with all that is below it in the same service.
fn segment(request: &Request, scope: usize, pen: &mut Pen, tells: &mut Vec<Tell>) -> Value {
    let inside = &request.scopes[scope];
    let rec = pen.number();
    let tell = span(request, scope);
    let open = inside.outcome == Outcome::Never;
    let role = if open { Role::Start } else { tell.role };
    let name = inside.goal.replace(' ', "-");
    tells.push(Tell {
        rec,
        role,
        ..tell.named(&name)
    });
    let mut record = json!({
        "name": name, "id": span_id(request, scope), "rec": rec,
        "start_time": seconds(request.clock(scope, inside.start())),
    });
    if open {
        record["in_progress"] = true.into();
    } else {
        record["end_time"] = seconds(request.clock(scope, inside.end()));
    }
    if failed(request, scope) {
        record["fault"] = true.into();
    }
    let below = (0..request.scopes.len())
        .filter(|child| request.scopes[*child].parent == Some(scope) && !request.is_called(*child));
    let below: Vec<_> = below
        .map(|child| segment(request, child, pen, tells))
        .collect();
    if !below.is_empty() {
        record["subsegments"] = below.into();
    }
    record
}
