//! roarr: `sequence` is `2.1.0`; each scope (`adopt`) counts its records and the scopes in
//! it together, and the process counts those outside. Scopes have no records of their own.

use serde_json::json;

use super::{Scheme, tracing::way};
use crate::truth::{
    model::{Request, What},
    record::{Ids, Pen, Role, Starts, Tell},
};

pub(in crate::truth) static ROARR: Scheme = Scheme {
    name: "roarr's sequence",
    args: &[],
    write,
    sees_all: false,
    cannot: "Which process called which, so a request is a tree in each process; whether anything failed, ended, or is \
             missing. Two processes count alike, and only host and pid in the context tell them apart.",
};

static IDS: Ids = Ids {
    scheme: "roarr",
    starts: Starts::Never,
    ends: false,
    base: None,
    shared: true,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        let process = request.process(scope);
        let way = way(request, scope);
        // What was the process's count when it was called.
        let first = request.number * 1_000 + way[0];
        let below = way[1..].iter().filter_map(|scope| number(request, *scope));
        let path: Vec<_> = [first].into_iter().chain(below).collect();
        for (at, step) in inside.steps.iter().enumerate() {
            if matches!(step.what, What::Child(_) | What::Unused) {
                continue;
            }
            let parts: Vec<_> = path.iter().chain([&at]).map(usize::to_string).collect();
            let record = json!({
                "context": {
                    "logLevel": 30, "package": "shop", "hostname": process.host, "pid": process.pid,
                },
                "message": format!("about {}", inside.goal), "sequence": parts.join("."),
                "time": request.clock(scope, step.at) / 1_000_000, "version": "2.0.0",
            });
            let tell = Tell::new(request.at(scope), &IDS, Role::Detail)
                .task(way[0])
                .tree(format!("{}:{}:{first}", process.host, process.pid))
                .place(at)
                .path(request, |scope| number(request, scope));
            pen.record(request, step.at, record, tell);
        }
    }
}

/// The place of a scope among what its parent counts.
fn number(request: &Request, scope: usize) -> Option<usize> {
    let parent = request.scopes[scope].parent?;
    let mut steps = request.scopes[parent].steps.iter();
    steps.position(|step| step.what == What::Child(scope))
}
