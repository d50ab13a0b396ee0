//! tracing-subscriber's JSON with span events: `spans` is the way from the outermost span,
//! with all fields and no ids. A request is a tree in each process.

use serde_json::{Value, json};

use super::{Scheme, eliot::role, time::rfc3339};
use crate::truth::{
    model::{Request, What},
    record::{Ids, Pen, Role, Starts, Status, Tell},
};

pub(in crate::truth) static TRACING: Scheme = Scheme {
    name: "tracing's spans",
    args: &[],
    write,
    sees_all: false,
    cannot: "Which process called which, so a request is a tree in each process; whether a span failed; and spans \
             with the same name and fields that are open at the same time are one.",
};

static IDS: Ids = Ids {
    scheme: "tracing",
    starts: Starts::IfAny,
    ends: true,
    base: None,
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        let mut spans: Vec<_> = way(request, scope)
            .into_iter()
            .map(|scope| span(request, scope))
            .collect();
        let own = spans.pop();
        for step in &inside.steps {
            let Some(mut role) = role(request, scope, step) else {
                continue;
            };
            let fields = match step.what {
                What::Start => json!({"message": "new"}),
                What::End => {
                    role = Role::End(Status::Unknown);
                    json!({"message": "close", "time.busy": "67.5µs", "time.idle": "2.09ms"})
                }
                _ => json!({"message": format!("about {}", inside.goal)}),
            };
            // A span is not among `spans` when it begins and when it ends.
            let inside = matches!(step.what, What::Message(_))
                .then(|| own.clone())
                .flatten();
            let record = json!({
                "timestamp": rfc3339(request.clock(scope, step.at)), "level": "INFO",
                "fields": fields, "target": "shop", "span": own,
                "spans": spans.iter().cloned().chain(inside).collect::<Vec<_>>(),
            });
            pen.record(request, step.at, record, tell(request, scope, role));
        }
    }
}

/// The scopes from the one that the process was called for down to this one.
pub(super) fn way(request: &Request, scope: usize) -> Vec<usize> {
    let mut way = Vec::new();
    for scope in request.upwards(scope) {
        way.push(scope);
        if request.is_called(scope) {
            break;
        }
    }
    way.reverse();
    way
}

fn span(request: &Request, scope: usize) -> Value {
    let inside = &request.scopes[scope];
    json!({"name": name(request, scope), "id": format!("{:x}", inside.id)})
}

/// What is a name in Rust.
fn name(request: &Request, scope: usize) -> String {
    request.scopes[scope].goal.replace(' ', "_")
}

fn tell(request: &Request, scope: usize, role: Role) -> Tell {
    // What lies above the first span of the process it does not tell.
    Tell::new(request.at(scope), &IDS, role)
        .task(way(request, scope)[0])
        .named(&name(request, scope))
        .path(request, |_| None)
}
