//! Eliot since 0.6: `task_uuid`, and `task_level` as a list. A child takes one of its
//! parent's positions.

use serde_json::{Value, json};

use super::{
    Scheme, Written,
    time::{seconds, uuid},
};
use crate::truth::{
    model::{Level, Outcome, Request, Step, What},
    record::{Ids, Pen, Role, Starts, Status, Tell},
};

pub(in crate::truth) static ELIOT: Scheme = Scheme {
    name: "Eliot",
    args: &[],
    write,
    sees_all: true,
    cannot: "Whether what is missing was lost or is still to come, for a task that has not ended; and that a \
             scope's last children are missing, if its end is too.",
};

pub(in crate::truth) static IDS: Ids = Ids {
    scheme: "eliot",
    starts: Starts::Always,
    ends: true,
    base: Some(1),
    shared: true,
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
    // A message outside of any action is a task by itself.
    if request.number.is_multiple_of(7) {
        let at = request.scopes[0].start();
        let mut record = record(
            request,
            0,
            &Step {
                at,
                what: What::Message(Level::Info),
            },
        );
        record["task_uuid"] = uuid(!request.id).into();
        record["task_level"] = json!([1]);
        pen.record(
            request,
            at,
            record,
            Tell::new(request.at(0), &IDS, Role::Lone).place(1),
        );
    }
}

/// The record of a step, as part of a task that begins with the scope `root`. What is done
/// may be said in another way than the step has it.
pub(super) fn written(
    request: &Request,
    scope: usize,
    root: usize,
    at: usize,
    what: What,
) -> Written {
    let step = Step {
        at: request.scopes[scope].steps[at].at,
        what,
    };
    let role = role(request, scope, &step)?;
    let mut record = record(request, scope, &step);
    let task = uuid(request.id.wrapping_add(root as u128));
    record["task_uuid"] = task.clone().into();
    let above = request.upwards(scope).take_while(|scope| *scope != root);
    let mut level: Vec<_> = above.filter_map(|scope| position(request, scope)).collect();
    level.reverse();
    level.push(at + 1);
    record["task_level"] = json!(level);
    let tell = Tell::new(request.at(scope), &IDS, role)
        .task(root)
        .place(at + 1)
        .path(request, |scope| position(request, scope));
    let tell = says(request, scope, &step, tell).tree(task);
    Some((record, tell))
}

/// What a step's record is to its scope, if it has one.
pub(in crate::truth) fn role(request: &Request, scope: usize, step: &Step) -> Option<Role> {
    match step.what {
        What::Start => Some(Role::Start),
        What::Message(_) => Some(Role::Detail),
        What::End => Some(Role::End(status(request, scope))),
        What::Child(_) | What::Unused => None,
    }
}

pub(in crate::truth) fn status(request: &Request, scope: usize) -> Status {
    match request.scopes[scope].outcome {
        Outcome::Succeeded => Status::Succeeded,
        Outcome::Failed(_) => Status::Failed,
        Outcome::Never => Status::Running,
    }
}

/// What the record of a step says of its scope.
pub(super) fn says(request: &Request, scope: usize, step: &Step, tell: Tell) -> Tell {
    let inside = &request.scopes[scope];
    match step.what {
        What::Start => tell.named(action_type(request, scope)),
        What::End => tell.named(action_type(request, scope)).why(inside.outcome),
        _ => tell,
    }
}

fn action_type(request: &Request, scope: usize) -> &str {
    if request.is_called(scope) {
        "eliot:remote_task"
    } else {
        &request.scopes[scope].goal
    }
}

/// The record of a step, without its ids.
pub(in crate::truth) fn record(request: &Request, scope: usize, step: &Step) -> Value {
    let (process, inside) = (request.process(scope), &request.scopes[scope]);
    let mut record = json!({
        "timestamp": seconds(request.clock(scope, step.at)),
        "service": process.service,
        "host": process.host,
        "pid": process.pid,
    });
    match (step.what, inside.outcome) {
        (What::Message(level), _) if level.number() >= 30 => {
            record["message_type"] = "eliot:stdlib".into();
            record["log_level"] = level.name().into();
            record["message"] = format!("about {}", inside.goal).into();
        }
        (What::Message(_), _) => {
            record["message_type"] = "shop:note".into();
            record["n"] = 7.into();
        }
        (What::Start, _) => record["action_status"] = "started".into(),
        (_, Outcome::Failed(why)) => {
            record["action_status"] = "failed".into();
            record["exception"] = format!("builtins.{why}").into();
            record["reason"] = "it did not work".into();
        }
        _ => record["action_status"] = "succeeded".into(),
    }
    if !matches!(step.what, What::Message(_)) {
        record["action_type"] = action_type(request, scope).into();
    }
    record
}

/// The position of a scope among its parent's records and children, from 1.
fn position(request: &Request, scope: usize) -> Option<usize> {
    let parent = request.scopes[scope].parent?;
    let steps = &request.scopes[parent].steps;
    steps
        .iter()
        .position(|step| step.what == What::Child(scope))
        .map(|at| at + 1)
}
