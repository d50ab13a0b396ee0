//! Rust's tracing-subscriber, as JSON: `spans` is the way from the outermost span, with names
//! and fields and without ids (REFERENCE.md §7).
//!
//! So spans that look the same are one; fields that tell how a span ended are not looked at. A
//! field that is called an id tells a span from others by itself; then neither its other
//! fields count, which may be recorded later, nor the thread, which an async task may change.

use std::borrow::Cow;

use super::{
    Keyed, MAX_DEPTH, Part, Place, Placement, Role, Scheme, Scope, Starts, TreeId, fields::OneOf,
};
use crate::{
    record::{Canonical, Cursor, Field, Kind, Path, Reader, Record, Value, bytes_of},
    tree::Status,
};

/// The scheme of tracing.
pub(super) struct Tracing;

impl Scheme for Tracing {
    fn name(&self) -> &'static str {
        "tracing"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Spans::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        Box::new(Fields {
            busy: OneOf::ask(reader, &["fields.time.busy", "time.busy"]),
            idle: OneOf::ask(reader, &["fields.time.idle", "time.idle"]),
            spans: Spans::ask(reader),
        })
    }
}

struct Spans {
    list: Field,
    span: Field,
    target: Field,
    message: OneOf,
    busy: OneOf,
    thread: OneOf,
}

/// What a record says of the span that it names last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    New,
    Close,
    Other,
}

impl Spans {
    fn ask(reader: &mut Reader) -> Self {
        for canonical in [Canonical::Service, Canonical::Host, Canonical::Process] {
            reader.canonical(canonical);
        }
        let mut raw = |path| reader.raw(&Path::dotted(path));
        Self {
            list: raw("spans"),
            span: raw("span"),
            target: raw("target"),
            message: OneOf::ask(reader, &["fields.message", "message"]),
            busy: OneOf::ask(reader, &["fields.time.busy", "time.busy"]),
            thread: OneOf::ask(reader, &["threadId", "threadName"]),
        }
    }

    /// The spans from the outermost to the one of the record, and what the record is to that.
    fn way<'a>(&self, record: &Record<'a, '_>) -> Option<(Vec<Value<'a>>, Event)> {
        record.raw(&self.target)?;
        let own = record.raw(&self.span);
        let own = own.filter(|span| span.kind == Kind::Object);
        let mut way = record.raw(&self.list).map(elements).unwrap_or_default();
        let is_inside = way.last() == own.as_ref();
        let message = self.message.text(record);
        let event = match message.as_deref() {
            Some("new") if !is_inside => Event::New,
            Some("close") if !is_inside || self.busy.is_there(record) => Event::Close,
            _ => Event::Other,
        };
        // When a span begins, ends, or is left, it is not among `spans`.
        let is_left = message.as_deref() == Some("exit") && !is_inside;
        if event != Event::Other || is_left || way.is_empty() {
            way.extend(own);
        }
        (!way.is_empty() && way.len() <= MAX_DEPTH).then_some((way, event))
    }
}

/// The objects of a list.
fn elements(list: Value<'_>) -> Vec<Value<'_>> {
    let mut elements = Vec::new();
    if list.kind == Kind::Array {
        // The list is well-formed: it stands in a record.
        let _ = Cursor::array(list.raw, |cursor| {
            elements.push(cursor.value()?);
            Ok(())
        });
    }
    elements.retain(|element| element.kind == Kind::Object);
    elements
}

/// What tells a span from others.
struct Label<'a> {
    name: Cow<'a, str>,
    /// Name and fields, as tracing's own text has them: `request{id=7}`.
    text: String,
    /// True if a field of it is an id.
    has_id: bool,
}

impl<'a> Label<'a> {
    fn read(span: Value<'a>) -> Self {
        let mut name = Cow::Borrowed("");
        let mut fields = Vec::new();
        // Well-formed too. A field called `name` comes before the span's own.
        let _ = Cursor::line(span.raw, |key, cursor| {
            let value = cursor.value()?;
            if key == b"name" {
                name = value.text();
            } else {
                let key = String::from_utf8_lossy(key).into_owned();
                fields.push((key, value.text()));
            }
            Ok(())
        });
        fields.retain(|(key, _)| !is_late(key));
        let has_id = fields.iter().any(|(key, _)| is_id(key));
        fields.retain(|(key, _)| !has_id || is_id(key));
        // A field that is recorded later is put in among the others in the order of names.
        fields.sort();
        let fields: Vec<_> = fields
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let text = if fields.is_empty() {
            name.to_string()
        } else {
            format!("{name}{{{}}}", fields.join(" "))
        };
        Self { name, text, has_id }
    }
}

/// True for the name of a field that is known only when the work is done, and so is recorded
/// later than others.
fn is_late(key: &str) -> bool {
    let names = ["status", "error", "latency", "elapsed", "duration"];
    names.contains(&key) || key.ends_with("status_code") || key.starts_with("exception.")
}

/// True for the name of a field that is called an id.
fn is_id(key: &str) -> bool {
    let ends = ["_id", ".id", "-id", "Id", "ID", "uuid"];
    key == "id" || ends.iter().any(|end| key.ends_with(end))
}

impl Keyed for Spans {
    fn fields(&self) -> Vec<Field> {
        vec![self.list.clone(), self.span.clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let (way, _) = self.way(record)?;
        let Label { text, has_id, .. } = Label::read(*way.first()?);
        let thread = self.thread.text(record).filter(|_| !has_id);
        let mut parts: Vec<_> = record.whole_process().into_iter().chain(thread).collect();
        parts.push(text.into());
        Some(Cow::<str>::Owned(parts.join(" ")).into())
    }
}

struct Fields {
    spans: Spans,
    busy: OneOf,
    idle: OneOf,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let (way, event) = self.spans.way(record)?;
        let own = Label::read(*way.last()?);
        let steps = way[1..].iter().map(|span| Label::read(*span));
        let (position, role) = match event {
            Event::New => (0, Role::Start { ends: true }),
            // What a task still writes then comes behind.
            Event::Close => (1, Role::End(Status::Unknown)),
            Event::Other => (1, Role::Detail),
        };
        let seconds = |field: &OneOf| seconds(&field.text(record)?);
        Some(Placement {
            scope: Scope::Path(steps.map(|label| Part::Text(label.text.into())).collect()),
            position,
            starts: Starts::IfAny,
            role,
            name: Some(bytes_of(own.name)).filter(|name| !name.is_empty()),
            duration: seconds(&self.busy)
                .zip(seconds(&self.idle))
                .map(|(busy, idle)| busy + idle),
            ..Placement::default()
        })
    }
}

/// A duration as Rust writes it: `67.5µs`.
fn seconds(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c != '.' && !c.is_ascii_digit())?;
    let unit = match &text[end..] {
        "ns" => 1e-9,
        "µs" | "μs" | "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    Some(text[..end].parse::<f64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    #[test]
    fn durations_are_read() {
        let check = |text, expect: Option<f64>| {
            let found = seconds(text).map(|found| (found * 1e12).round());
            assert_eq!(
                found,
                expect.map(|seconds| (seconds * 1e12).round()),
                "{text}"
            );
        };
        check("67.5µs", Some(67.5e-6));
        check("133µs", Some(133e-6));
        check("2.09ms", Some(2.09e-3));
        check("0.00ns", Some(0.0));
        check("1.5s", Some(1.5));
        check("1.5", None);
        check("s", None);
    }

    #[test]
    fn a_span_is_among_its_spans_only_while_it_is_open() {
        let mut reader = Reader::default();
        let keys = Tracing.keys(&mut reader);
        let place = Tracing.prepare(&mut reader);
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
        let a = r#"{"path":"/x","name":"request"}"#;
        let b = r#"{"q":1,"name":"db"}"#;
        let line = |message: &str, span: &str, spans: &str| {
            format!(
                r#"{{"fields":{{"message":"{message}"}},"target":"t","span":{span},"spans":[{spans}],"threadId":"ThreadId(2)"}}"#
            )
        };
        let tree = "ThreadId(2) request{path=/x}";
        let start = Role::Start { ends: true };
        check(&line("new", a, ""), Some((tree, &[], start)));
        check(&line("new", b, a), Some((tree, &["db{q=1}"], start)));
        check(
            &line("enter", b, &format!("{a},{b}")),
            Some((tree, &["db{q=1}"], Role::Detail)),
        );
        check(
            &line("exit", b, a),
            Some((tree, &["db{q=1}"], Role::Detail)),
        );
        check(
            &line("close", b, a),
            Some((tree, &["db{q=1}"], Role::End(Status::Unknown))),
        );
        // Somebody's own message that reads the same.
        check(&line("new", a, a), Some((tree, &[], Role::Detail)));
        let late = r#"{"path":"/x","status":200,"name":"request"}"#;
        check(&line("x", late, late), Some((tree, &[], Role::Detail)));
        let c = r#"{"status":200,"request_id":"7","name":"request"}"#;
        check(
            &line("x", c, c),
            Some(("request{request_id=7}", &[], Role::Detail)),
        );
        check(r#"{"target":"t","fields":{"message":"x"}}"#, None);
        check(r#"{"target":"t","spans":[],"span":null}"#, None);
        check(r#"{"span":{"id":"05c48cf0ce2119a4"}}"#, None);
    }
}
