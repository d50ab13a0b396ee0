//! BQNT's `TraceScope`: `trace_id` is `aeb355.73`, the way from the root in two digits a step;
//! `event` tells starts, ends and what is between.

use serde_json::json;

use super::{Scheme, eliot::role, time::seconds};
use crate::truth::{
    model::{Level, Request, What},
    record::{Ids, Pen, Starts, Tell},
};

pub(in crate::truth) static BQNT: Scheme = Scheme {
    name: "BQNT TraceScope",
    args: &[],
    write,
    sees_all: true,
    cannot: "That records or children are missing: nothing is numbered. Two scopes below one that drew the same two \
             digits are one.",
};

static IDS: Ids = Ids {
    scheme: "bqnt",
    starts: Starts::Always,
    ends: true,
    base: None,
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        let process = request.process(scope);
        for step in &inside.steps {
            let Some(role) = role(request, scope, step) else {
                continue;
            };
            let mut record = json!({
                "name": "test", "levelname": "INFO", "levelno": 20, "message": "",
                "created": seconds(request.clock(scope, step.at)),
                "process": process.pid, "hostname": process.host,
                "trace_id": id(request, scope),
            });
            match step.what {
                What::Start => {
                    record["event"] = "started".into();
                    record["op"] = inside.goal.clone().into();
                }
                What::Message(level) => {
                    let event = if level == Level::Error {
                        "error"
                    } else {
                        "detail"
                    };
                    record["event"] = event.into();
                    record["levelname"] = level.name().into();
                    record["levelno"] = level.number().into();
                    record["info_key"] = "info_val".into();
                }
                _ => {
                    record["event"] = "finished".into();
                    record["dur_ms"] = ((step.at - inside.start()) / 1_000_000).into();
                    record["success"] = (!super::trace::failed(request, scope)).into();
                }
            }
            let tell = Tell::new(request.at(scope), &IDS, role)
                .path(request, |_| None)
                .tree(id(request, 0));
            let tell = match step.what {
                What::Start => tell.named(&inside.goal),
                _ => tell,
            };
            pen.record(request, step.at, record, tell);
        }
    }
}

/// `aeb355.73.f5`. The digits are random there, and could be the same for two; not here.
fn id(request: &Request, scope: usize) -> String {
    let mut id = format!("{:03x}{:03x}", request.id >> 116, request.number);
    let mut path: Vec<_> = request.upwards(scope).collect();
    path.reverse();
    for pair in path.windows(2) {
        let salt = request.scopes[pair[0]].id % 256;
        let digits = (salt + request.ordinal(pair[1]) as u64) % 256;
        id = format!("{id}.{digits:02x}");
    }
    id
}
