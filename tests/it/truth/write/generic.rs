//! A producer that nobody knows: the user says which fields have the ids.

use serde_json::json;

use super::{
    Scheme,
    time::rfc3339,
    trace::{parent_id, span_id},
};
use crate::truth::{
    model::{Request, What},
    record::{Ids, Pen, Role, Starts, Tell},
};

pub(in crate::truth) static GENERIC: Scheme = Scheme {
    name: "fields that the user names",
    args: &["--tree", "tid_", "--id", "sid", "--parent", "pid_"],
    write,
    sees_all: true,
    cannot: "What is above a scope all of whose records are lost; whether anything failed, ended, or is missing.",
};

static IDS: Ids = Ids {
    scheme: "generic",
    starts: Starts::Never,
    ends: false,
    base: None,
    shared: false,
    paths: false,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        for step in &inside.steps {
            if matches!(step.what, What::Child(_) | What::Unused) {
                continue;
            }
            let record = json!({
                "when": rfc3339(request.clock(scope, step.at)), "text": inside.goal,
                "tid_": format!("{:x}", request.id), "sid": span_id(request, scope),
                "pid_": parent_id(request, scope),
            });
            let tell = Tell::new(request.at(scope), &IDS, Role::Detail)
                .tree(format!("{:x}", request.id))
                .link(request);
            pen.record(request, step.at, record, tell);
        }
    }
}
