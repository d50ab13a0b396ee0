//! Plain request ids: a record says which request it belongs to, and nothing else.

use serde_json::json;

use super::{Scheme, time::rfc3339};
use crate::truth::{
    model::{Request, What},
    record::{Ids, Pen, Role, Starts, Tell},
};

pub(in crate::truth) static FLAT: Scheme = Scheme {
    name: "request ids",
    args: &[],
    write,
    sees_all: false,
    cannot: "Anything but the request: its records are one list.",
};

pub(in crate::truth) static IDS: Ids = Ids {
    scheme: "flat",
    starts: Starts::Never,
    ends: false,
    base: None,
    shared: false,
    paths: true,
};

fn write(request: &Request, pen: &mut Pen) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        for step in &inside.steps {
            if matches!(step.what, What::Child(_) | What::Unused) {
                continue;
            }
            let record = json!({
                "timestamp": rfc3339(request.clock(scope, step.at)), "level": "info",
                "event": format!("about {}", inside.goal),
                "request_id": format!("{:032x}", request.id),
            });
            // Whatever the scope was, the record knows only the request.
            let tell = Tell {
                really: request.at(scope),
                ..Tell::new(request.at(0), &IDS, Role::Detail).tree(format!("{:032x}", request.id))
            };
            pen.record(request, step.at, record, tell);
        }
    }
}
