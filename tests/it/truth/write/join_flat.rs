//! Joins by a plain id: some services write Eliot's records, and those that begin a task
//! carry the id of the request; the others write plain records with that id only.

use serde_json::json;

use super::{Scheme, Written, eliot, flat, time::rfc3339};
use crate::truth::{
    model::{At, Request, What},
    record::{Edge, Named, Pen, Role, Task, Tell},
};

pub(in crate::truth) static REQUEST: Scheme = Scheme {
    name: "Eliot and a request id",
    args: &[],
    write: |request, pen| write(request, pen, "request_id"),
    sees_all: false,
    cannot: "Where in the task a plain record belongs; that both are one, if the record that begins the task is lost.",
};

pub(in crate::truth) static FIELD: Scheme = Scheme {
    name: "Eliot and a field of one's own",
    args: &["--join", "order_no"],
    write: |request, pen| write(request, pen, "order_no"),
    sees_all: false,
    cannot: "The same.",
};

/// Services that write plain records.
const PLAIN: [&str; 2] = ["stock", "mail"];

fn write(request: &Request, pen: &mut Pen, field: &str) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        let root = root(request, scope);
        for (at, step) in inside.steps.iter().enumerate() {
            let written = match root {
                Some(root) => task(request, scope, root, at, field),
                None => plain(request, scope, at, field),
            };
            if let Some((record, tell)) = written {
                pen.record(request, step.at, record, tell);
            }
        }
    }
}

/// The scope that the task of a scope begins with, if it is in one.
fn root(request: &Request, scope: usize) -> Option<usize> {
    let has_tasks = |scope: &usize| !PLAIN.contains(&request.process(*scope).service);
    request.upwards(scope).take_while(has_tasks).last()
}

fn task(request: &Request, scope: usize, root: usize, at: usize, field: &str) -> Written {
    let what = request.scopes[scope].steps[at].what;
    let (mut record, mut tell) = eliot::written(request, scope, root, at, what)?;
    if scope == root && what == What::Start {
        record[field] = id(request).into();
        tell.edges.push(Edge {
            child: Named {
                scope: tell.scope,
                task: tell.task,
            },
            parents: vec![the_request(request)],
            number: None,
        });
    }
    Some((record, tell))
}

fn plain(request: &Request, scope: usize, at: usize, field: &str) -> Written {
    let step = request.scopes[scope].steps[at];
    if matches!(step.what, What::Child(_) | What::Unused) {
        return None;
    }
    let goal = &request.scopes[scope].goal;
    let mut record = json!({
        "timestamp": rfc3339(request.clock(scope, step.at)), "level": "info",
        "event": format!("about {goal}"), "service": request.process(scope).service,
    });
    record[field] = id(request).into();
    let whole = the_request(request);
    let tell = Tell {
        task: whole.task,
        really: request.at(scope),
        ..Tell::new(whole.scope, &flat::IDS, Role::Detail)
    };
    Some((record, tell))
}

fn id(request: &Request) -> String {
    format!("r-{:x}", request.id)
}

/// What the id names: the request as such, which is no scope of the model.
fn the_request(request: &Request) -> Named {
    Named {
        scope: At {
            request: request.number,
            scope: 2_000_000,
        },
        task: Task {
            ids: &flat::IDS,
            request: request.number,
            root: 0,
        },
    }
}
