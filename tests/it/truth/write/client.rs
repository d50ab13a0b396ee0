//! This project's own client (`examples/shop/shoplog_stdlib.py`): distlog's `context.key`, and `dl`
//! says how each scope starts, ends, and how long it took.

use serde_json::json;

use super::{
    Scheme, Written,
    distlog::key,
    eliot::role,
    time::{seconds, uuid},
};
use crate::truth::{
    model::{Level, Outcome, Request, Scope, Step, What},
    record::{Ids, Pen, Starts, Tell},
};

pub(in crate::truth) static CLIENT: Scheme = Scheme {
    name: "distlog's own client",
    args: &[],
    write,
    sees_all: true,
    cannot: "That records or last children are missing: numbers may have gaps.",
};

pub(in crate::truth) static IDS: Ids = Ids {
    scheme: "distlog",
    starts: Starts::Always,
    ends: true,
    base: None,
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for scope in 0..request.scopes.len() {
        for (at, step) in request.scopes[scope].steps.iter().enumerate() {
            if let Some((record, tell)) = written(request, scope, 0, at, step.what) {
                pen.record(request, step.at, record, tell);
            }
        }
    }
}

/// The record of a step, as part of a task that begins with the scope `root`. What is done
/// may be said in another way than the step has it.
///
/// The number of the step is that of the record: numbers may have gaps.
pub(super) fn written(
    request: &Request,
    scope: usize,
    root: usize,
    at: usize,
    what: What,
) -> Written {
    let (process, inside) = (request.process(scope), &request.scopes[scope]);
    let step = Step {
        at: inside.steps[at].at,
        what,
    };
    let role = role(request, scope, &step)?;
    let mut record = json!({
        "name": "scope", "levelname": "INFO", "levelno": 20, "message": inside.goal,
        "created": seconds(request.clock(scope, step.at)),
        "hostname": process.host, "service": process.service, "process": process.pid,
        "threadName": format!("Thread-{}", inside.thread),
        "context": {"key": key(request, scope, root, at), "order": 17},
    });
    match (what, inside.outcome) {
        (What::Start, _) => record["dl"] = json!({"event": "start"}),
        (What::End, outcome) => {
            let took = seconds(step.at - inside.start());
            let status = if outcome == Outcome::Succeeded {
                "succeeded"
            } else {
                "failed"
            };
            record["dl"] = json!({"event": "end", "status": status, "duration": took});
            if let Outcome::Failed(why) = outcome {
                record["levelno"] = Level::Error.number().into();
                record["levelname"] = Level::Error.name().into();
                record["message"] = format!("FAILED {}: {why}: no", inside.goal).into();
                record["exc_text"] = format!("Traceback:\n{why}: no").into();
            }
        }
        _ => record["message"] = format!("about {}", inside.goal).into(),
    }
    let tell = Tell::new(request.at(scope), &IDS, role)
        .task(root)
        .place(at)
        .path(request, |scope| Some(request.ordinal(scope)));
    let task = uuid(request.id.wrapping_add(root as u128));
    let tell = says(inside, step, tell).tree(task);
    Some((record, tell))
}

/// What the record of a step says of its scope: only a start names it.
pub(super) fn says(scope: &Scope, step: Step, tell: Tell) -> Tell {
    match step.what {
        What::Start => tell.named(&scope.goal),
        What::End => tell.why(scope.outcome),
        _ => tell,
    }
}
