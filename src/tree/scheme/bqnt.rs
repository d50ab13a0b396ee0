//! BQNT's `TraceScope`: `trace_id` is `aeb355.73.f5`, the way from the root in steps of two
//! digits; `event` says what a record is to its scope (REFERENCE.md §9.1).
//!
//! The steps are random, so children are ordered by time, and two below one parent that drew
//! the same digits are one.

use std::borrow::Cow;

use super::{
    Keyed, MAX_DEPTH, Part, Place, Placement, Role, Scheme, Scope, Starts, TreeId,
    fields::{OneOf, raised},
    trace_id::{is_usual, is_xray},
};
use crate::{
    record::{Canonical, Field, Reader, Record, bytes_of, is_no_trace},
    tree::Status,
};

/// The scheme of `TraceScope`.
pub(super) struct Bqnt;

impl Scheme for Bqnt {
    fn name(&self) -> &'static str {
        "bqnt"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        reader.canonical(Canonical::Message);
        reader.canonical(Canonical::Exception);
        Box::new(Fields {
            ids: Ids::ask(reader),
            op: OneOf::ask(reader, &["op"]),
            millis: OneOf::ask(reader, &["dur_ms"]),
            success: OneOf::ask(reader, &["success"]),
        })
    }
}

struct Ids {
    trace: OneOf,
    parent: OneOf,
    event: OneOf,
    /// What only spans have.
    span: OneOf,
}

impl Ids {
    fn ask(reader: &mut Reader) -> Self {
        Self {
            trace: OneOf::ask(reader, &["trace_id"]),
            parent: OneOf::ask(reader, &["parent_id"]),
            event: OneOf::ask(reader, &["event"]),
            span: OneOf::ask(reader, &["span_id", "start_time"]),
        }
    }

    /// The id of the record's scope, and that of the one above, if they are `TraceScope`'s.
    fn scope<'a>(&self, record: &Record<'a, '_>) -> Option<(Cow<'a, str>, Option<Cow<'a, str>>)> {
        // A trace of OpenTelemetry may have a log that says "started".
        if self.span.is_there(record) {
            return None;
        }
        let id = plain(self.trace.text(record)?);
        if is_usual(&id) || is_xray(&id) || is_no_trace(&id) {
            return None;
        }
        let tree = first(&id);
        let above = self.parent.text(record).map(plain);
        let above = above.filter(|above| first(above) == tree);
        let is_event = self.event(record).is_some();
        let is_below = above.is_some() && id.len() > tree.len();
        (is_event || is_below).then_some((id, above))
    }

    fn event(&self, record: &Record<'_, '_>) -> Option<Event> {
        Some(match &*plain(self.event.text(record)?) {
            "started" => Event::Started,
            "finished" => Event::Finished,
            "detail" | "error" => Event::Other,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Started,
    Finished,
    Other,
}

/// The part of an id that names the tree.
fn first(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

/// A value without the brackets that stand around it in the text form.
fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    let inner = |text: &str| text.len() >= 2 && text.starts_with('[') && text.ends_with(']');
    match text {
        Cow::Borrowed(text) if inner(text) => Cow::Borrowed(&text[1..text.len() - 1]),
        Cow::Owned(text) if inner(&text) => Cow::Owned(text[1..text.len() - 1].to_owned()),
        other => other,
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        self.trace.fields()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let (id, _) = self.scope(record)?;
        let tree = match id {
            Cow::Borrowed(id) => Cow::Borrowed(first(id)),
            Cow::Owned(id) => Cow::Owned(first(&id).to_owned()),
        };
        Some(tree.into())
    }
}

struct Fields {
    ids: Ids,
    op: OneOf,
    millis: OneOf,
    success: OneOf,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let (id, above) = self.ids.scope(record)?;
        let path = path(&id, above.as_deref());
        if path.len() > MAX_DEPTH {
            return None;
        }
        let event = self.ids.event(record);
        let (position, role) = match event {
            Some(Event::Started) => (0, Role::Start { ends: true }),
            Some(Event::Finished) => (2, Role::End(self.status(record))),
            _ => (1, Role::Detail),
        };
        let started = event == Some(Event::Started);
        let finished = event == Some(Event::Finished);
        let millis = || plain(self.millis.text(record)?).parse::<f64>().ok();
        Some(Placement {
            scope: Scope::Path(path.into_iter().collect()),
            position,
            starts: Starts::Always,
            role,
            name: started
                .then(|| self.op.text(record).map(plain))
                .flatten()
                .or_else(|| record.text(Canonical::Message).filter(|_| started))
                .filter(|name| !name.is_empty())
                .map(bytes_of),
            duration: finished.then(millis).flatten().map(|millis| millis / 1e3),
            exception: (role == Role::End(Status::Failed))
                .then(|| raised(record))
                .flatten(),
            ..Placement::default()
        })
    }
}

impl Fields {
    fn status(&self, record: &Record<'_, '_>) -> Status {
        match self.success.text(record).map(plain).as_deref() {
            Some("true" | "True") => Status::Succeeded,
            Some("false" | "False") => Status::Failed,
            _ => Status::Unknown,
        }
    }
}

/// The way from the root: that of the parent and the last step, or all that the id has.
fn path(id: &str, above: Option<&str>) -> Vec<Part<'static>> {
    let steps = |id: &str| -> Vec<_> {
        let steps = id.split('.').skip(1).filter(|step| !step.is_empty());
        steps
            .map(|step| Part::Text(step.to_owned().into()))
            .collect()
    };
    let own = steps(id);
    match (above.map(steps), own.last()) {
        (Some(mut above), Some(last)) => {
            above.push(last.clone());
            above
        }
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    #[test]
    fn records_are_told_from_those_of_traces() {
        let mut reader = Reader::default();
        let keys = Bqnt.keys(&mut reader);
        let place = Bqnt.prepare(&mut reader);
        let mut found = Found::default();
        let mut check = |line: &str, expect: Option<(&str, &[&str], Role)>| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let said = keys.tree(&record).map(|tree| {
                let placement = place.place(&record).expect("a place");
                (tree.id.text().into_owned(), placement.scope, placement.role)
            });
            let expect = expect.map(|(tree, path, role)| {
                let parts = path.iter().map(|step| Part::Text((*step).into()));
                (tree.to_owned(), Scope::Path(parts.collect()), role)
            });
            assert_eq!(said, expect, "{line}");
        };
        check(
            r#"{"trace_id":"aeb355","event":"started","op":"[some-op]"}"#,
            Some(("aeb355", &[], Role::Start { ends: true })),
        );
        check(
            r#"{"trace_id":"aeb355.73","event":"error"}"#,
            Some(("aeb355", &["73"], Role::Detail)),
        );
        check(
            r#"{"trace_id":"aeb355.73","event":"finished","dur_ms":0,"success":false}"#,
            Some(("aeb355", &["73"], Role::End(Status::Failed))),
        );
        check(
            r#"{"trace_id":"aeb355","event":"finished","success":"True"}"#,
            Some(("aeb355", &[], Role::End(Status::Succeeded))),
        );
        check(
            r#"{"trace_id":"aeb355.f5","parent_id":"aeb355.73"}"#,
            Some(("aeb355", &["73", "f5"], Role::Detail)),
        );
        check(r#"{"trace_id":"None","event":"detail"}"#, None);
        check(r#"{"trace_id":"aeb355.f5"}"#, None);
        check(r#"{"trace_id":"aeb355","event":"a user came"}"#, None);
        check(r#"{"trace_id":"aeb355","parent_id":"7"}"#, None);
        check(
            r#"{"trace_id":"aeb355","span_id":"7","event":"started"}"#,
            None,
        );
        check(
            r#"{"trace_id":"6b003e24000000007fd21e1e22f804ac","event":"started"}"#,
            None,
        );
        check(
            r#"{"trace_id":"1-6b003e24-000000007fd21e1e22f804ac","event":"started"}"#,
            None,
        );
    }
}
