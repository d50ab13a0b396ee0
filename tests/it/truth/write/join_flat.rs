//! Joins by a plain id: some services write Eliot's records, and those that begin a task
//! carry the id of the request; the others write plain records with that id only.

use serde_json::json;

use super::{Scheme, Written, eliot, flat, time::rfc3339};
use crate::truth::{
    model::{At, Request, What},
    record::{Edge, Ids, Named, Pen, Role, Task, Tell},
};

pub(in crate::truth) static REQUEST: Scheme = Scheme {
    name: "Eliot and a request id",
    args: &[],
    write: |request, pen| KNOWN.write(request, pen),
    sees_all: false,
    cannot: "Where in the task a plain record belongs; that both are one, if the record that begins the task is lost.",
};

pub(in crate::truth) static FIELD: Scheme = Scheme {
    name: "Eliot and a field of one's own",
    args: &["--join", "order_no"],
    write: |request, pen| OWN.write(request, pen),
    sees_all: false,
    cannot: "The same.",
};

/// Services that write plain records.
const PLAIN: [&str; 2] = ["stock", "mail"];

/// A field that both kinds of records have.
pub(super) struct Field {
    name: &'static str,
    ids: &'static Ids,
    /// The id of a tree that has nothing else.
    shown: fn(&str) -> String,
}

pub(super) static KNOWN: Field = Field {
    name: "request_id",
    ids: &flat::IDS,
    shown: str::to_owned,
};

static OWN: Field = Field {
    name: "order_no",
    ids: &JOIN,
    shown: |id| format!("order_no={id}"),
};

/// A field that only joins.
static JOIN: Ids = Ids {
    scheme: "join",
    ..flat::IDS
};

impl Field {
    fn write(&self, request: &Request, pen: &mut Pen) {
        for (scope, inside) in request.scopes.iter().enumerate() {
            for (at, step) in inside.steps.iter().enumerate() {
                let written = match root(request, scope) {
                    Some(root) => self.task(request, scope, root, at),
                    None => self.plain(request, scope, at),
                };
                if let Some((record, tell)) = written {
                    pen.record(request, step.at, record, tell);
                }
            }
        }
    }

    /// A record of a task; the first one has the field.
    fn task(&self, request: &Request, scope: usize, root: usize, at: usize) -> Written {
        let what = request.scopes[scope].steps[at].what;
        let (mut record, mut tell) = eliot::written(request, scope, root, at, what)?;
        if scope == root && what == What::Start {
            record[self.name] = id(request).into();
            tell.edges.push(Edge {
                child: Named {
                    scope: tell.scope,
                    task: tell.task,
                },
                parents: vec![self.request(request)],
                number: None,
                if_known: false,
                rank: 0,
            });
        }
        Some((record, tell))
    }

    pub(super) fn plain(&self, request: &Request, scope: usize, at: usize) -> Written {
        let step = request.scopes[scope].steps[at];
        if matches!(step.what, What::Child(_) | What::Unused) {
            return None;
        }
        let goal = &request.scopes[scope].goal;
        let mut record = json!({
            "timestamp": rfc3339(request.clock(scope, step.at)), "level": "info",
            "event": format!("about {goal}"), "service": request.process(scope).service,
        });
        record[self.name] = id(request).into();
        let whole = self.request(request);
        let tell = Tell::new(whole.scope, self.ids, Role::Detail);
        let tell = Tell {
            really: request.at(scope),
            ..tell.tree((self.shown)(&id(request)))
        };
        Some((record, tell))
    }

    /// What the field names: the request as such, which is no scope of the model.
    pub(super) fn request(&self, request: &Request) -> Named {
        let scope = At {
            request: request.number,
            scope: 2_000_000,
        };
        let task = Task {
            ids: self.ids,
            request: request.number,
            root: 0,
        };
        Named { scope, task }
    }
}

/// The scope that the task of a scope begins with, if it is in one.
fn root(request: &Request, scope: usize) -> Option<usize> {
    let has_tasks = |scope: &usize| !is_plain(request, *scope);
    request.upwards(scope).take_while(has_tasks).last()
}

/// True in a service that writes plain records.
pub(super) fn is_plain(request: &Request, scope: usize) -> bool {
    PLAIN.contains(&request.process(scope).service)
}

pub(super) fn id(request: &Request) -> String {
    format!("r-{:x}", request.id)
}
