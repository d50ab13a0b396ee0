//! A producer that nobody knows: the user says what its fields mean, starts and ends among them.

use serde_json::json;

use super::{
    Scheme,
    eliot::role,
    time::rfc3339,
    trace::{failed, parent_id, span_id},
};
use crate::truth::{
    model::{Request, What},
    record::{Ids, Pen, Starts, Tell},
};

pub(in crate::truth) static OWN: Scheme = Scheme {
    name: "canonical fields that the user maps",
    args: &[
        "--map",
        "tree=t_",
        "--map",
        "node=sid",
        "--map",
        "parent=p_",
        "--map",
        "seq=no",
        "--map",
        "event=ev",
        "--map",
        "status=how",
        "--map",
        "message=about",
        "--map",
        "time=when",
    ],
    write,
    sees_all: true,
    cannot: "What is above a scope all of whose records are lost; that records are missing: their numbers may have gaps.",
};

static IDS: Ids = Ids {
    scheme: "own",
    starts: Starts::Always,
    ends: true,
    base: None,
    shared: false,
    paths: false,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        for (number, step) in inside.steps.iter().enumerate() {
            let Some(role) = role(request, scope, step) else {
                continue;
            };
            let mut record = json!({
                "when": rfc3339(request.clock(scope, step.at)), "about": inside.goal, "no": number * 2,
                "t_": format!("{:x}", request.id), "sid": span_id(request, scope),
                "p_": parent_id(request, scope),
            });
            match step.what {
                What::Start => record["ev"] = "start".into(),
                What::Message(_) => record["ev"] = "note".into(),
                _ => {
                    record["ev"] = "end".into();
                    let is_failed = failed(request, scope);
                    record["how"] = if is_failed { "failed" } else { "succeeded" }.into();
                }
            }
            let tell = Tell::new(request.at(scope), &IDS, role)
                .tree(format!("{:x}", request.id))
                .place(number * 2)
                .link(request);
            let tell = match step.what {
                What::Start => tell.named(&inside.goal),
                _ => tell,
            };
            pen.record(request, step.at, record, tell);
        }
    }
}
