//! The scope of distlog that a span was called from: `distlog=UUID/3/1` in the `tracestate` that our
//! package for Python sends, which OpenTelemetry keeps. It is the id of a scope that the callee would open
//! if it were one of ours, so what stands in front of its last step is the scope that called.
//!
//! All spans that follow from a call have it, not only the first, and so has who logs the headers of a
//! request. Which of them the scope called shows in the span that they name as the one above: its id was
//! made of the scope's ([`span_of`]).

use std::borrow::Cow;

use blake2::{Blake2b, Digest, digest::consts::U8};

use super::{
    Keyed, MAX_DEPTH, Place, Placement, Scheme, Scope, Side, TreeId,
    accepted::{UUID, is_uuid},
    distlog::part,
    fields::OneOf,
    otel::Ids,
    trace_id::{Form, trace_of},
    w3c::Header,
};
use crate::record::{Field, Reader, Record};

/// The scheme of scopes that spans name.
pub(super) struct Announced;

/// Where the SDKs write it: OTLP, Python's and Go's console exporters. And where it stands if it has been
/// logged beside the `traceparent`.
const NAMES: &[&str] = &[
    "traceState",
    "context.trace_state",
    "SpanContext.TraceState",
    "tracestate",
    "context.tracestate",
    "headers.tracestate",
    "http.headers.tracestate",
    "http.request.headers.tracestate",
    "request.headers.tracestate",
    "req.headers.tracestate",
];

impl Scheme for Announced {
    fn name(&self) -> &'static str {
        "distlog"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Caller::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Caller::ask(reader))
    }
}

struct Caller {
    state: OneOf,
    ids: Ids,
    header: Header,
}

impl Caller {
    fn ask(reader: &mut Reader) -> Self {
        Self {
            state: OneOf::ask(reader, NAMES),
            ids: Ids::ask(reader),
            header: Header::ask(reader),
        }
    }
}

impl Keyed for Caller {
    fn fields(&self) -> Vec<Field> {
        self.state.fields()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let state = self.state.text(record)?;
        let tree = member(&state)?.get(..UUID)?;
        // The header comes from outside, and may have been sent along with another trace.
        let trace = self.ids.tree(record).or_else(|| self.header.tree(record))?;
        let is_own = trace.id.text() == *trace_of_task(tree)?;
        is_own.then(|| Cow::<str>::Owned(tree.to_owned()).into())
    }
}

impl Place for Caller {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let state = self.state.text(record)?;
        let (scope, _) = member(&state)?.rsplit_once('/')?;
        let steps = || scope.split('/').skip(1);
        (steps().count() <= MAX_DEPTH).then(|| Placement {
            scope: Scope::Path(steps().map(part).collect()),
            side: Some(Side::Caller),
            ..Placement::default()
        })
    }
}

/// Our member of a `tracestate`, as it came in the header or as Python's SDK writes it, `['{key=distlog,
/// value=UUID/3/1}']`: a scope with one above it.
fn member(state: &str) -> Option<&str> {
    let id = match state.split_once("{key=distlog, value=") {
        Some((_, value)) => value.split_once('}')?.0,
        None => state
            .split(',')
            .find_map(|member| member.trim().strip_prefix("distlog="))?,
    };
    let steps = id.get(UUID..)?.strip_prefix('/')?;
    (is_uuid(id.get(..UUID)?) && steps.split('/').all(|step| !step.is_empty())).then_some(id)
}

/// The id of the trace that the package for Python says a task is.
pub(super) fn full_trace_of_task(id: &str) -> Option<String> {
    (id.len() == UUID && is_uuid(id)).then(|| id.replace('-', ""))
}

/// What is compared of that.
pub(in crate::tree) fn trace_of_task(id: &str) -> Option<String> {
    let trace = trace_of(full_trace_of_task(id)?.into(), Form::Any)?;
    Some(trace.id.text().into_owned())
}

/// The id of the task that the package for Python would say a trace is, of all digits of the trace's.
pub(super) fn task_of_trace(id: &str) -> Option<String> {
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| id.get(part));
    let parts: Option<Vec<_>> = parts.into_iter().collect();
    Some(parts?.join("-")).filter(|task| id.len() + 4 == UUID && is_uuid(task))
}

/// The id of the span that the package for Python says a scope is, in the `traceparent` of its calls
/// (`distlog.propagate.span_id`).
pub(in crate::tree) fn span_of(scope: &str) -> String {
    let digest = Blake2b::<U8>::digest(scope).into();
    format!("{:016x}", u64::from_be_bytes(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_of_a_scope_is_that_of_the_package_for_python() {
        let tree = "b3a6943e-c7b0-f60f-fcb5-d0ab2a96908f";
        assert_eq!(span_of(tree), "746136ef69676b4b");
        assert_eq!(span_of(&format!("{tree}/1")), "414a1cf0cd2e803b");
        assert_eq!(span_of(&format!("{tree}/1/2")), "65a5ba4e643c8d49");
    }

    #[test]
    fn our_member_is_found_among_others() {
        let id = "b3a6943e-c7b0-f60f-fcb5-d0ab2a96908f/1/2";
        let check = |state: &str, expect: bool| {
            let state = state.replace("ID", id);
            assert_eq!(member(&state), expect.then_some(id), "{state}");
        };
        check("distlog=ID", true);
        check("rojo=00f067aa0ba902b7, distlog=ID ,congo=t61rcWkgMzE", true);
        check("['{key=distlog, value=ID}']", true);
        check(
            "['{key=a, value=b}', '{key=distlog, value=ID}', '{key=c, value=d}']",
            true,
        );
        check("[]", false);
        check("", false);
        check("other=ID", false);
        check("distlog=ID/", false);
        check("distlog=b3a6943e-c7b0-f60f-fcb5-d0ab2a96908f", false);
        check("distlog=b3a6943e/1/2", false);
        check("['{key=distlog, value=ID", false);
    }
}
