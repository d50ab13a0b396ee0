//! Joins by an id that scopes of this project's own client have bound: a service gives its request a name
//! once it has begun, and all that it and those it calls say has that name in the context; services that
//! write plain records have nothing else.

use super::{Scheme, Written, client, join_flat};
use crate::truth::{
    model::{Request, What},
    record::{Edge, Named, Pen},
};

pub(in crate::truth) static BOUND: Scheme = Scheme {
    name: "distlog and a request id that it has bound",
    args: &[],
    write,
    sees_all: false,
    cannot: "Where in the task a plain record belongs; that both are one, if all records of the task that have the id are \
             lost.",
};

fn write(request: &Request, pen: &mut Pen) {
    let ranks = ranks(request);
    for (scope, inside) in request.scopes.iter().enumerate() {
        for (at, step) in inside.steps.iter().enumerate() {
            let written = if is_plain(request, scope) {
                join_flat::KNOWN.plain(request, scope, at)
            } else {
                bound(request, scope, at, ranks[scope])
            };
            if let Some((record, tell)) = written {
                pen.record(request, step.at, record, tell);
            }
        }
    }
}

/// True in services that write plain records, and in what these call, which hands on nothing but the id.
fn is_plain(request: &Request, scope: usize) -> bool {
    let mut above = request.upwards(scope);
    above.any(|scope| join_flat::is_plain(request, scope))
}

/// A record of the task; all but its first have the id.
fn bound(request: &Request, scope: usize, at: usize, rank: usize) -> Written {
    let what = request.scopes[scope].steps[at].what;
    let (mut record, mut tell) = client::written(request, scope, 0, at, what)?;
    if scope == 0 && what == What::Start {
        return Some((record, tell));
    }
    record["context"]["request_id"] = join_flat::id(request).into();
    tell.edges.push(Edge {
        child: join_flat::KNOWN.request(request),
        parents: vec![Named {
            scope: tell.scope,
            task: tell.task,
        }],
        number: None,
        if_known: false,
        rank,
    });
    Some((record, tell))
}

/// Which scope the request belongs below, of those that name it: the outermost, and of several the first.
fn ranks(request: &Request) -> Vec<usize> {
    let way = |scope: usize| {
        let mut way: Vec<_> = request
            .upwards(scope)
            .map(|scope| request.ordinal(scope))
            .collect();
        way.reverse();
        (way.len(), way)
    };
    let scopes = 0..request.scopes.len();
    let ways: Vec<_> = scopes.map(way).collect();
    ways.iter()
        .map(|own| ways.iter().filter(|other| *other < own).count())
        .collect()
}
