//! roarr: `sequence` is `2.1.0`; each scope (`adopt`) counts its records and the scopes in
//! it together. Scopes have no records of their own, and the count is the process's.

use serde_json::json;

use super::Scheme;
use crate::truth::{
    model::{Request, What},
    record::{Ids, Pen, Role, Starts, Tell},
};

pub(in crate::truth) static ROARR: Scheme = Scheme {
    name: "roarr's sequence",
    args: &[],
    write,
    sees_all: true,
    cannot: "Whether anything failed or ended. Two processes count alike: the host or the instance in the context \
             tells them apart.",
};

static IDS: Ids = Ids {
    scheme: "roarr",
    starts: Starts::Never,
    ends: false,
    base: None,
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        for (at, step) in inside.steps.iter().enumerate() {
            if matches!(step.what, What::Child(_) | What::Unused) {
                continue;
            }
            let process = request.process(scope);
            let record = json!({
                "context": {
                    "logLevel": 30, "package": "shop", "hostname": process.host,
                    "pid": request.processes[0].pid,
                },
                "message": format!("about {}", inside.goal),
                "sequence": sequence(request, scope, at),
                "time": request.clock(scope, step.at) / 1_000_000, "version": "2.0.0",
            });
            let tell = Tell::new(request.at(scope), &IDS, Role::Detail)
                .place(at)
                .path(request, |scope| Some(request.ordinal(scope)));
            pen.record(request, step.at, record, tell);
        }
    }
}

fn sequence(request: &Request, scope: usize, at: usize) -> String {
    let place = |scope: usize| {
        let parent = request.scopes[scope].parent?;
        let steps = &request.scopes[parent].steps;
        steps
            .iter()
            .position(|step| step.what == What::Child(scope))
    };
    let mut path: Vec<_> = request.upwards(scope).filter_map(place).collect();
    path.push(request.number);
    path.reverse();
    path.push(at);
    let parts: Vec<_> = path.iter().map(usize::to_string).collect();
    parts.join(".")
}
