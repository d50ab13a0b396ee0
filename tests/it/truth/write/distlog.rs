//! distlog as published (0.1.dev0): `context.key` is `SEQ@UUID/1/2`. Only the function tells
//! a start or an end, an end is written only after `success()` or an exception, and a quiet
//! logger writes neither.

use serde_json::{Value, json};

use super::{
    Scheme,
    client::says,
    time::{seconds, uuid},
};
use crate::truth::{
    model::{Level, Outcome, Request, Step, What},
    record::{Ids, Pen, Role, Starts, Status, Tell},
};

pub(in crate::truth) static DISTLOG: Scheme = Scheme {
    name: "distlog 0.1",
    args: &[],
    write,
    sees_all: true,
    cannot: "Whether a scope without an end is still running, died, or just did not call `success()`: its status \
             is unknown. That records or last children are missing: numbers may have gaps. A service that logs \
             warnings only has no starts, so each of its scopes says that the start is missing.",
};

static IDS: Ids = Ids {
    scheme: "distlog",
    starts: Starts::Always,
    ends: false,
    base: None,
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for scope in 0..request.scopes.len() {
        // What is not logged takes no number.
        let mut seq = 0;
        for step in &request.scopes[scope].steps {
            let Some((level, role)) = said(request, scope, step) else {
                continue;
            };
            if request.process(scope).quiet && level.number() < 30 {
                continue;
            }
            let mut record = record(request, scope, step, level);
            record["context"] = json!({"key": key(request, scope, 0, seq), "step": 1});
            let tell = Tell::new(request.at(scope), &IDS, role)
                .place(seq)
                .path(request, |scope| Some(request.ordinal(scope)));
            seq += 1;
            let tell = says(&request.scopes[scope], *step, tell).tree(uuid(request.id));
            pen.record(request, step.at, record, tell);
        }
    }
}

/// `SEQ@UUID/1/2`, from the scope that the task begins with.
pub(super) fn key(request: &Request, scope: usize, root: usize, seq: usize) -> String {
    let below = request.upwards(scope).take_while(|scope| *scope != root);
    let path: Vec<_> = below
        .map(|scope| format!("/{}", request.ordinal(scope)))
        .collect();
    let path: String = path.into_iter().rev().collect();
    format!(
        "{seq}@{}{path}",
        uuid(request.id.wrapping_add(root as u128))
    )
}

/// The level of a step's record and what it is to its scope, if the step has one.
fn said(request: &Request, scope: usize, step: &Step) -> Option<(Level, Role)> {
    let inside = &request.scopes[scope];
    match step.what {
        What::Start => Some((Level::Info, Role::Start)),
        What::Message(level) => Some((level, Role::Detail)),
        What::End if inside.outcome == Outcome::Succeeded => {
            // One application in four does not call `success()`.
            let says_so = !inside.id.is_multiple_of(4);
            says_so.then_some((Level::Info, Role::End(Status::Succeeded)))
        }
        What::End => Some((Level::Error, Role::End(Status::Failed))),
        What::Child(_) | What::Unused => None,
    }
}

fn record(request: &Request, scope: usize, step: &Step, level: Level) -> Value {
    let (process, inside) = (request.process(scope), &request.scopes[scope]);
    let (function, message, trace) = match (step.what, inside.outcome) {
        (What::Start, _) => ("__enter__", inside.goal.clone(), Value::Null),
        (What::End, Outcome::Failed(why)) => (
            "__exit__",
            format!("FAILED {}", inside.goal),
            format!("Traceback (most recent call last):\\n  File \"a.py\", line 3\\n{why}: it did not work").into(),
        ),
        (What::End, _) => ("__exit__", format!("done: {}", inside.goal), Value::Null),
        _ => ("perform", format!("about {}", inside.goal), Value::Null),
    };
    json!({
        "name": "root", "msg": message, "args": null, "message": message,
        "levelname": level.name(), "levelno": level.number(),
        "module": if function == "perform" { "work" } else { "context" },
        "funcName": function, "exc_info": null, "exc_text": trace, "stack_info": null,
        "created": seconds(request.clock(scope, step.at)),
        "thread": inside.thread, "threadName": format!("Thread-{}", inside.thread),
        "processName": "MainProcess", "process": process.pid, "hostname": process.host,
    })
}
