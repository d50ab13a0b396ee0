//! Joins of traces with the tasks of Eliot and distlog, in both directions.
//!
//! Of the services some write OpenTelemetry's spans and the others have tasks. What runs
//! inside a span names it in the record that begins the task, or, where that is one of this
//! project's own client, in the key of every record; who calls a service that writes
//! spans names the fresh span id that it sends along, in a record of its own, or the spans name the scope.

use blake2::{Blake2b, Digest, digest::consts::U8};
use serde_json::Value;

use super::{
    Scheme, Written, client, distlog, eliot, otel,
    time::uuid,
    trace::{self, span, span_id, trace_id},
};
use crate::truth::{
    model::{At, Level, Outcome, Request, Step, What},
    record::{Edge, Ids, Named, Pen, Task, Tell},
};

pub(in crate::truth) static INTO_ELIOT: Scheme = Scheme {
    name: "Eliot inside a span",
    args: &[],
    write: |request, pen| write(request, pen, &INSIDE),
    sees_all: false,
    cannot: "That task and trace are one, if the record that begins the task is lost, or where the task belongs if \
             the span that it names is.",
};

pub(in crate::truth) static INTO_DISTLOG: Scheme = Scheme {
    name: "distlog called from a span",
    args: &[],
    write: |request, pen| write(request, pen, &ACCEPTED),
    sees_all: false,
    cannot: "Where the task belongs, if the span that called it is lost.",
};

pub(in crate::truth) static OUT_OF_ELIOT: Scheme = Scheme {
    name: "a span called from Eliot",
    args: &[],
    write: |request, pen| write(request, pen, &CALLED_ELIOT),
    sees_all: false,
    cannot: "That a span was called from a task, if the record that names the call is lost; if another call of the \
             trace is known, it hangs below the root.",
};

pub(in crate::truth) static OUT_OF_DISTLOG: Scheme = Scheme {
    name: "a span called from distlog",
    args: &[],
    write: |request, pen| write(request, pen, &CALLED_DISTLOG),
    sees_all: false,
    cannot: "The same.",
};

pub(in crate::truth) static OUT_OF_SCOPE: Scheme = Scheme {
    name: "a span called from distlog that names the scope",
    args: &[],
    write: |request, pen| write(request, pen, &NAMED),
    sees_all: false,
    cannot: "Where a span belongs if all between it and the scope is lost, or if the scope is.",
};

/// Which services have tasks, and how they write them.
struct Sides {
    tasks: &'static [&'static str],
    ids: &'static Ids,
    record: fn(&Request, usize, usize, usize, What) -> Written,
    /// How a record tells what its task was called from.
    called: Called,
    /// How a span is known to have been called from a task.
    calls: Calls,
}

/// How a span is known to have been called from a task.
#[derive(PartialEq)]
enum Calls {
    /// The task has a record with the ids of the call.
    Record,
    /// All spans of the call name the scope in their `tracestate`, if the task has the id of the trace.
    State,
}

/// How a record tells the span that its task was called from.
#[derive(PartialEq)]
enum Called {
    /// The first one has its ids.
    First,
    /// Each has them in its key.
    Key,
}

static INSIDE: Sides = Sides {
    tasks: &["orders", "payments", "stock"],
    ids: &eliot::IDS,
    record: eliot::written,
    called: Called::First,
    calls: Calls::Record,
};

static ACCEPTED: Sides = Sides {
    tasks: &["orders", "payments", "stock"],
    ids: &client::IDS,
    record: accepted,
    called: Called::Key,
    calls: Calls::Record,
};

static CALLED_ELIOT: Sides = Sides {
    tasks: &["gateway", "orders", "payments"],
    ids: &eliot::IDS,
    record: eliot::written,
    called: Called::First,
    calls: Calls::Record,
};

static CALLED_DISTLOG: Sides = Sides {
    tasks: &["gateway", "orders", "payments"],
    ids: &client::IDS,
    record: client::written,
    called: Called::First,
    calls: Calls::Record,
};

static NAMED: Sides = Sides {
    tasks: &["gateway", "orders", "payments"],
    ids: &client::IDS,
    record: client::written,
    called: Called::First,
    calls: Calls::State,
};

fn write(request: &Request, pen: &mut Pen, sides: &Sides) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        match sides.root(request, scope) {
            Some(root) => sides.write(request, scope, root, pen),
            None if inside.outcome != Outcome::Never => {
                let (record, tell) = sides.span(request, scope);
                pen.record(request, inside.end(), record, tell);
            }
            None => {}
        }
    }
}

impl Sides {
    /// The scope that the task of a scope begins with; none if it is a span. A task goes
    /// on through calls between services that have tasks.
    fn root(&self, request: &Request, scope: usize) -> Option<usize> {
        let has_tasks = |scope: &usize| self.tasks.contains(&request.process(*scope).service);
        request.upwards(scope).take_while(has_tasks).last()
    }

    fn task(&self, request: &Request, root: usize) -> Task {
        Task {
            ids: self.ids,
            request: request.number,
            root,
        }
    }

    fn trace(request: &Request) -> Task {
        Task {
            ids: &trace::IDS,
            request: request.number,
            root: 0,
        }
    }

    /// Writes the records of a scope that belongs to a task.
    fn write(&self, request: &Request, scope: usize, root: usize, pen: &mut Pen) {
        let inside = &request.scopes[scope];
        for (at, step) in inside.steps.iter().enumerate() {
            let calls = self.calls_a_span(request, step);
            let what = if calls {
                What::Message(Level::Info)
            } else {
                step.what
            };
            let Some((mut record, mut tell)) = (self.record)(request, scope, root, at, what) else {
                continue;
            };
            let tells = match self.called {
                Called::First => scope == root && step.what == What::Start,
                Called::Key => true,
            };
            if let Some(above) = request.scopes[root].parent.filter(|_| tells) {
                if self.called == Called::First {
                    record["trace_id"] = trace_id(request).into();
                    record["span_id"] = span_id(request, above).into();
                }
                tell.edges.push(Edge {
                    child: Named {
                        scope: request.at(root),
                        task: self.task(request, root),
                    },
                    parents: vec![Named {
                        scope: request.at(above),
                        task: Self::trace(request),
                    }],
                    number: None,
                    if_known: false,
                    rank: 0,
                });
            }
            if calls && !self.is_named(root) {
                let call = call(request, scope);
                tell.edges.push(Edge {
                    child: Named {
                        scope: call,
                        task: Self::trace(request),
                    },
                    parents: vec![Named {
                        scope: request.at(scope),
                        task: self.task(request, root),
                    }],
                    number: None,
                    if_known: false,
                    rank: 0,
                });
                record["traceparent"] =
                    format!("00-{}-{}-01", trace_id(request), call_id(request, scope)).into();
            }
            pen.record(request, step.at, record, tell);
        }
    }

    /// True if the step is a call of a service that writes spans.
    fn calls_a_span(&self, request: &Request, step: &Step) -> bool {
        match step.what {
            What::Child(child) => self.root(request, child).is_none(),
            _ => false,
        }
    }

    /// True if the spans that the task calls name its scopes.
    fn is_named(&self, root: usize) -> bool {
        self.calls == Calls::State && root == 0
    }

    /// A span, whose parent may be a call that a task has named.
    fn span(&self, request: &Request, scope: usize) -> (Value, Tell) {
        let (mut record, mut tell) = (otel::record(request, scope), span(request, scope));
        let above = request.scopes[scope].parent;
        let task = |scope: usize| Some((scope, self.root(request, scope)?));
        if let Some((caller, root)) = above.and_then(task) {
            let id = if self.is_named(root) {
                span_of(&announced(request, caller))
            } else {
                call_id(request, caller)
            };
            record["parent_id"] = format!("0x{id}").into();
            tell.edges = vec![Edge {
                child: Named {
                    scope: request.at(scope),
                    task: Self::trace(request),
                },
                parents: vec![Named {
                    scope: call(request, caller),
                    task: Self::trace(request),
                }],
                number: None,
                if_known: false,
                rank: 0,
            }];
        }
        if let Some((caller, root)) = request.upwards(scope).find_map(task)
            && self.is_named(root)
        {
            let state = format!(
                "['{{key=distlog, value={}/1}}']",
                announced(request, caller)
            );
            record["context"]["trace_state"] = state.into();
            tell.edges.push(Edge {
                child: Named {
                    scope: call(request, caller),
                    task: Self::trace(request),
                },
                parents: vec![Named {
                    scope: request.at(caller),
                    task: self.task(request, root),
                }],
                number: None,
                if_known: true,
                rank: 0,
            });
        }
        (record, tell)
    }
}

/// The id of a scope of the task that the request begins with.
fn announced(request: &Request, scope: usize) -> String {
    let key = distlog::key(request, scope, 0, 0);
    key.trim_start_matches("0@").to_owned()
}

/// The span id of a scope, as the package for Python makes it.
fn span_of(scope: &str) -> String {
    let digest = Blake2b::<U8>::digest(scope).into();
    format!("{:016x}", u64::from_be_bytes(digest))
}

/// A record of the client whose task takes the id of the trace, and the span that called it for
/// the first step of its way.
fn accepted(request: &Request, scope: usize, root: usize, at: usize, what: What) -> Written {
    let (mut record, tell) = client::written(request, scope, root, at, what)?;
    let Some(above) = request.scopes[root].parent else {
        return Some((record, tell));
    };
    let task = uuid(request.id.wrapping_add(root as u128));
    let entered = format!("{}/{}/{task}", uuid(request.id), span_id(request, above));
    let key = record["context"]["key"].as_str().unwrap_or_default();
    record["context"]["key"] = key.replacen(&task, &entered, 1).into();
    Some((record, tell.tree(uuid(request.id))))
}

/// The call itself, which is no scope of the model but has an id.
fn call(request: &Request, caller: usize) -> At {
    At {
        request: request.number,
        scope: 1_000_000 + caller,
    }
}

fn call_id(request: &Request, caller: usize) -> String {
    format!("{:016x}", request.scopes[caller].id.rotate_left(32))
}
