//! .NET's hierarchical ids: `|root.1.5f2c8a1b_`, where a number is a step in a process and
//! eight digits are one into another process.

use serde_json::json;

use super::{Scheme, time::rfc3339};
use crate::truth::{
    model::{Request, What},
    record::{Ids, Pen, Role, Starts, Tell},
};

pub(in crate::truth) static HIERARCHICAL: Scheme = Scheme {
    name: ".NET hierarchical ids",
    args: &[],
    write,
    sees_all: true,
    cannot: "Whether anything failed, ended, or is missing: the ids are on plain log records.",
};

static IDS: Ids = Ids {
    scheme: "hierarchical",
    starts: Starts::Never,
    ends: false,
    base: None,
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        for step in &inside.steps {
            let text = match step.what {
                What::Start => format!("Request starting: {}", inside.goal),
                What::End => format!("Request finished: {}", inside.goal),
                What::Message(_) => format!("about {}", inside.goal),
                What::Child(_) | What::Unused => continue,
            };
            let record = json!({
                "Timestamp": rfc3339(request.clock(scope, step.at)), "LogLevel": "Information",
                "Category": "Shop.Work", "Message": text, "activity_id": id(request, scope),
            });
            let tell = Tell::new(request.at(scope), &IDS, Role::Detail)
                .tree(format!("{:016x}", request.id >> 64))
                .path(request, |scope| number(request, scope));
            pen.record(request, step.at, record, tell);
        }
    }
}

/// Steps within a process are counted.
fn number(request: &Request, scope: usize) -> Option<usize> {
    (!request.is_called(scope)).then(|| request.ordinal(scope))
}

fn id(request: &Request, scope: usize) -> String {
    let mut id = format!("|{:016x}.", request.id >> 64);
    let mut path: Vec<_> = request.upwards(scope).collect();
    path.reverse();
    for scope in path.into_iter().skip(1) {
        if request.is_called(scope) {
            id = format!("{id}{:08x}_", request.scopes[scope].id >> 32);
        } else {
            id = format!("{id}{}.", request.ordinal(scope));
        }
    }
    id
}
