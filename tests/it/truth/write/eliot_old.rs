//! Eliot up to 0.5: `task_level` is the action's path as text, `action_counter` the position
//! in it. Children are numbered on their own.

use super::{
    Scheme,
    eliot::{record, role, says},
    time::uuid,
};
use crate::truth::{
    model::Request,
    record::{Ids, Pen, Starts, Tell},
};

pub(in crate::truth) static ELIOT_OLD: Scheme = Scheme {
    name: "Eliot up to 0.5",
    args: &[],
    write,
    sees_all: true,
    cannot: "That a child is missing, if all of its records are: children take no position among the \
             records of their parent.",
};

static IDS: Ids = Ids {
    scheme: "eliot",
    starts: Starts::Always,
    ends: true,
    base: Some(0),
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for scope in 0..request.scopes.len() {
        let mut counter = 0;
        for step in &request.scopes[scope].steps {
            let Some(role) = role(request, scope, step) else {
                continue;
            };
            let mut record = record(request, scope, step);
            record["task_uuid"] = uuid(request.id).into();
            record["task_level"] = level(request, scope).into();
            record["action_counter"] = counter.into();
            let tell = Tell::new(request.at(scope), &IDS, role)
                .place(counter)
                .path(request, |scope| Some(request.ordinal(scope)));
            counter += 1;
            let tell = says(request, scope, step, tell).tree(uuid(request.id));
            pen.record(request, step.at, record, tell);
        }
    }
}

/// `/` for the root, `/2/1/` for a scope below.
fn level(request: &Request, scope: usize) -> String {
    let path: Vec<_> = request
        .upwards(scope)
        .map(|scope| request.ordinal(scope))
        .filter(|ordinal| *ordinal > 0)
        .map(|ordinal| format!("{ordinal}/"))
        .collect();
    path.iter()
        .rev()
        .fold("/".to_owned(), |all, part| all + part)
}
