//! Jaeger: spans as its UI and its API export them, each with references to others
//! (REFERENCE.md §10).

use std::borrow::Cow;

use super::{
    Keyed, Place, Placement, Scheme, TreeId,
    span::{Span, TRACE, parent},
    trace_id::{Form, span, trace},
};
use crate::record::{
    Cursor, Field, Instant, Kind, Path, Reader, Record, Refused, Unit, Value, each_tag,
};

/// The scheme of Jaeger.
pub(super) struct Jaeger;

impl Scheme for Jaeger {
    fn name(&self) -> &'static str {
        TRACE
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        Box::new(Ids::ask(reader))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        let mut raw = |path| reader.raw(&Path::dotted(path));
        Box::new(Fields {
            references: raw("references"),
            parent: raw("parentSpanID"),
            name: raw("operationName"),
            start: raw("startTime"),
            duration: raw("duration"),
            tags: raw("tags"),
            ids: Ids::ask(reader),
        })
    }
}

struct Ids {
    trace: Field,
    span: Field,
    name: Field,
}

impl Ids {
    fn ask(reader: &mut Reader) -> Self {
        let mut raw = |path| reader.raw(&Path::dotted(path));
        Self {
            trace: raw("traceID"),
            span: raw("spanID"),
            name: raw("operationName"),
        }
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        vec![self.name.clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        span(record.raw(&self.span)?, Form::Short)?;
        trace(record.raw(&self.trace)?, Form::Short)
    }
}

struct Fields {
    ids: Ids,
    references: Field,
    parent: Field,
    name: Field,
    start: Field,
    duration: Field,
    tags: Field,
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let raw = |field: &Field| record.raw(field);
        let start =
            raw(&self.start).and_then(|value| Instant::from_number(value.raw, Unit::Micros));
        let micros = raw(&self.duration).and_then(Value::as_f64);
        let tags = Tags::read(raw(&self.tags));
        let above = raw(&self.references)
            .and_then(|references| referred(references, raw(&self.ids.trace)))
            .or_else(|| span(raw(&self.parent)?, Form::Short));
        let span = Span {
            id: span(raw(&self.ids.span)?, Form::Short)?,
            parent: parent(above),
            name: raw(&self.name).and_then(super::fields::scalar),
            start,
            end: start
                .zip(micros)
                .map(|(start, micros)| start.after(micros / 1e6)),
            failed: tags.error,
            exception: tags.why,
            instance: None,
            side: None,
        };
        let duration = micros.map(|micros| micros / 1e6);
        Some(Placement {
            duration,
            ..span.place()
        })
    }
}

/// The span that the references name as the parent: the one that it is a child of, or else
/// the one that it follows from. Other traces have only links to this one, as Jaeger's
/// own `ParentSpanID` has it.
fn referred<'a>(references: Value<'a>, own: Option<Value<'a>>) -> Option<Cow<'a, str>> {
    let id = |value| trace(value, Form::Short).map(|tree| tree.id);
    let own = own.and_then(id);
    let mut found: Option<(bool, Cow<'a, str>)> = None;
    members(references, |members| {
        let other = members.value(b"traceID").and_then(id);
        if other.is_some() && other != own {
            return;
        }
        let is_child = members
            .get(b"refType")
            .is_none_or(|kind| kind == "CHILD_OF");
        let better = found.as_ref().is_none_or(|(child, _)| is_child && !child);
        if better && let Some(id) = members.value(b"spanID") {
            found = span(id, Form::Short)
                .map(|id| (is_child, id))
                .or(found.take());
        }
    });
    found.map(|(_, id)| id)
}

/// What the tags tell of a failure.
#[derive(Default)]
struct Tags<'a> {
    error: bool,
    why: Option<Cow<'a, str>>,
}

impl<'a> Tags<'a> {
    fn read(tags: Option<Value<'a>>) -> Self {
        let mut found = Self::default();
        let Some(tags) = tags else {
            return found;
        };
        each_tag(tags, |key, value| match &*key.text() {
            "error" => found.error = value.text() != "false",
            "otel.status_description" | "error.message" => found.why = Some(value.text()),
            _ => {}
        });
        found
    }
}

/// The scalar members of an object of a list.
struct Members<'a>(Vec<(Vec<u8>, Value<'a>)>);

impl<'a> Members<'a> {
    fn value(&self, key: &[u8]) -> Option<Value<'a>> {
        let known = self.0.iter().find(|(name, _)| name == key);
        known.map(|(_, value)| *value)
    }

    fn get(&self, key: &[u8]) -> Option<Cow<'a, str>> {
        self.value(key).map(Value::text)
    }
}

/// Goes through the objects of a list.
fn members<'a>(list: Value<'a>, mut each: impl FnMut(&Members<'a>)) {
    if list.kind != Kind::Array {
        return;
    }
    // The list is well-formed: it stands in a record.
    let _ = Cursor::array(list.raw, |cursor| {
        let mut object = Members(Vec::new());
        if cursor.is_object() {
            cursor.members(|key, cursor| {
                object.0.push((key.to_vec(), cursor.value()?));
                Ok::<(), Refused>(())
            })?;
            each(&object);
        } else {
            cursor.value()?;
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_comes_before_a_follower() {
        let check = |references: &'static str, expect: Option<&str>| {
            let value = |kind, text: &'static str| Value {
                kind,
                raw: text.as_bytes(),
            };
            let own = Some(value(Kind::Plain, "01"));
            let found = referred(value(Kind::Array, references), own);
            assert_eq!(found.as_deref(), expect, "{references}");
        };
        let child = r#"{"refType":"CHILD_OF","traceID":"1","spanID":"00000000000000aa"}"#;
        let follower = r#"{"refType":"FOLLOWS_FROM","traceID":"1","spanID":"bb"}"#;
        check("[]", None);
        check("[1,null]", None);
        let (aa, bb) = (Some("00000000000000aa"), Some("00000000000000bb"));
        check(Box::leak(format!("[{child}]").into_boxed_str()), aa);
        check(
            Box::leak(format!("[{follower},{child}]").into_boxed_str()),
            aa,
        );
        check(
            Box::leak(format!("[{child},{follower}]").into_boxed_str()),
            aa,
        );
        check(Box::leak(format!("[{follower}]").into_boxed_str()), bb);
        // A link of a root to another trace is no parent.
        check(
            r#"[{"refType":"FOLLOWS_FROM","traceID":"2","spanID":"cc"}]"#,
            None,
        );
        check(r#"[{"refType":"CHILD_OF","spanID":"bb"}]"#, bb);
    }
}
