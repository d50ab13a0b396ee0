//! Values and attributes of OpenTelemetry as OTLP/JSON writes them, whoever has written them: with
//! their types around them, `{"intValue":"7"}`, or plain.

use std::{borrow::Cow, collections::HashSet};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    super::{
        facts::{Field, Scalar},
        json::{self, Object, list},
    },
    members::{Members, elements},
    scalar,
};
use crate::record::{Kind, Value};

/// Brackets that may stand around a value: readers of JSON refuse more than 100 or so, and some
/// stand around the list of attributes.
const LEVELS: usize = 80;
/// Of them those of a list: its type, an object for the values, the list, the type of each.
const LIST: usize = 4;
/// And those of an object, whose values are pairs.
const PAIRS: usize = 5;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Any<'a> {
    /// As it stands in a record, perhaps with its type around it; an empty object is none.
    Value(Value<'a>),
    /// The same, where an empty object is one.
    Plain(Value<'a>),
    /// One whose type stands somewhere else.
    Typed(&'static str, Value<'a>),
    Scalar(Scalar<'a>),
}

/// Attributes, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes<'a>(pub(super) Vec<(Cow<'a, str>, Any<'a>)>);

impl<'a> Attributes<'a> {
    /// A list of pairs, as OTLP has it, or an object; any other value is none.
    pub(super) fn read(value: Value<'a>) -> Option<Self> {
        if let Some(members) = Members::read(value) {
            let members = members.all().iter();
            let members =
                members.map(|(name, value)| (Cow::Owned(name.clone()), Any::Plain(*value)));
            return Some(Self(members.collect()));
        }
        if value.kind != Kind::Array {
            return None;
        }
        let mut pairs = Vec::new();
        for element in elements(value) {
            let pair = Members::read(element)?;
            let key = pair.get("key")?;
            let value = pair.get("value").unwrap_or(EMPTY);
            pairs.push((key.text(), Any::Value(value)));
        }
        Some(Self(pairs))
    }

    /// Those of a member, if it is some.
    pub(super) fn of(members: &Members<'a>, name: &str) -> Self {
        members.get(name).and_then(Self::read).unwrap_or_default()
    }

    /// Adds one.
    pub(super) fn add(&mut self, name: impl Into<Cow<'a, str>>, value: Any<'a>) {
        self.0.push((name.into(), value));
    }

    /// Adds fields, under names of their own.
    pub(super) fn extend(&mut self, fields: Vec<Field<'a>>) {
        if fields.is_empty() {
            return;
        }
        let names = self.0.iter().map(|(name, _)| name.clone().into_owned());
        let mut names: HashSet<String> = names.collect();
        for field in fields {
            let mut name = field.name.clone();
            let mut number = 2;
            while !names.insert(name.clone()) {
                name = format!("{}.{number}", field.name);
                number += 1;
            }
            self.add(name, Any::Scalar(field.value));
        }
    }

    /// Takes the last of that name out.
    pub(super) fn take(&mut self, name: &str) -> Option<Any<'a>> {
        let at = self.0.iter().rposition(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    /// Appends the list of them.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        list(out, &self.0, |out, (name, value)| {
            let mut attribute = Object::begin(out);
            attribute.text("key", name);
            value.write(attribute.key("value"));
            attribute.end();
        });
    }

    /// They as a member, if there are any.
    pub(super) fn member(&self, object: &mut Object<'_>) {
        if !self.0.is_empty() {
            self.write(object.key("attributes"));
        }
    }
}

/// What a value that is missing looks like.
const EMPTY: Value<'static> = Value {
    kind: Kind::Object,
    raw: b"{}",
};

impl<'a> Any<'a> {
    /// Appends it with its type.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Value(value) => any(out, *value, true, LEVELS),
            Self::Plain(value) => any(out, *value, false, LEVELS),
            Self::Typed(kind, value) => typed(out, kind, *value, LEVELS),
            Self::Scalar(value) => scalar(out, value),
        }
    }

    /// It as text.
    pub(super) fn text(&self) -> Cow<'a, str> {
        match self {
            Self::Value(value) | Self::Plain(value) => match only(*value) {
                Some((_, value)) => value.text(),
                None => value.text(),
            },
            Self::Typed(_, value) => value.text(),
            Self::Scalar(value) => Cow::Owned(value.text().into_owned()),
        }
    }
}

/// The types that a value may have around it.
const TYPES: [&str; 7] = [
    "stringValue",
    "boolValue",
    "intValue",
    "doubleValue",
    "arrayValue",
    "kvlistValue",
    "bytesValue",
];

/// The type of a value and what stands in it.
fn only(value: Value<'_>) -> Option<(&'static str, Value<'_>)> {
    let members = Members::read(value)?;
    let [(name, value)] = members.all() else {
        return None;
    };
    let kind = TYPES.into_iter().find(|kind| kind == name)?;
    Some((kind, *value))
}

/// Appends a value; where there `may_be_none`, an empty object is none.
fn any(out: &mut Vec<u8>, value: Value<'_>, may_be_none: bool, levels: usize) {
    if let Some((kind, value)) = only(value) {
        return typed(out, kind, value, levels);
    }
    match value.kind {
        Kind::Object if may_be_none && Members::of(value.raw).all().is_empty() => {
            out.extend_from_slice(b"{}");
        }
        Kind::Array if levels > LIST => values(out, value, may_be_none, levels - LIST),
        Kind::Object if levels > PAIRS => pairs(out, value, levels - PAIRS),
        _ => scalar(out, &Scalar::of(value)),
    }
}

/// Appends a value of a type; what is none of that type is a text.
fn typed(out: &mut Vec<u8>, kind: &str, value: Value<'_>, levels: usize) {
    let text = value.text();
    let list = || Members::read(value)?.get("values");
    match kind {
        "arrayValue" if levels > LIST => {
            return values(out, list().unwrap_or(value), true, levels - LIST);
        }
        "kvlistValue" if levels > PAIRS => {
            return pairs(out, list().unwrap_or(value), levels - PAIRS);
        }
        _ => {}
    }
    let mut object = Object::begin(out);
    if kind == "intValue"
        && let Ok(number) = text.parse::<i64>()
    {
        object.quoted(kind, number);
        object.end();
        return;
    }
    match kind {
        "boolValue" if matches!(text.as_ref(), "true" | "false") => object.plain(kind, &text),
        "doubleValue" if json::finite(value).is_some() => object.plain(kind, &text),
        "doubleValue" if matches!(text.as_ref(), "NaN" | "Infinity" | "-Infinity") => {
            object.text(kind, &text);
        }
        "bytesValue" if STANDARD.decode(text.as_ref()).is_ok() => object.text(kind, &text),
        _ => object.text("stringValue", &Scalar::of(value).text()),
    }
    object.end();
}

/// Appends a list of values; what is none is an empty one.
fn values(out: &mut Vec<u8>, value: Value<'_>, may_be_none: bool, levels: usize) {
    let mut object = Object::begin(out);
    let mut inner = Object::begin(object.key("arrayValue"));
    list(inner.key("values"), elements(value), |out, value| {
        any(out, value, may_be_none, levels);
    });
    inner.end();
    object.end();
}

/// Appends the members of an object, or of a list of pairs; what is neither has none.
fn pairs(out: &mut Vec<u8>, value: Value<'_>, levels: usize) {
    let attributes = Attributes::read(value).unwrap_or_default();
    let mut object = Object::begin(out);
    let mut inner = Object::begin(object.key("kvlistValue"));
    list(inner.key("values"), attributes.0, |out, (name, value)| {
        let mut pair = Object::begin(out);
        pair.text("key", &name);
        let out = pair.key("value");
        match value {
            Any::Value(value) => any(out, value, true, levels),
            Any::Plain(value) => any(out, value, false, levels),
            other => other.write(out),
        }
        pair.end();
    });
    inner.end();
    object.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_types() {
        let check = |value: &str, expect: &str| {
            let line = format!(r#"{{"v":{value}}}"#);
            let value = Members::of(line.as_bytes()).get("v").expect("a value");
            let mut out = Vec::new();
            Any::Value(value).write(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), expect, "{line}");
        };
        check("7", r#"{"intValue":"7"}"#);
        check("7.0", r#"{"doubleValue":7.0}"#);
        check("NaN", r#"{"stringValue":"NaN"}"#);
        check(r#"{"doubleValue":"NaN"}"#, r#"{"doubleValue":"NaN"}"#);
        check(r#"{"doubleValue":7}"#, r#"{"doubleValue":7}"#);
        check(r#"{"intValue":7}"#, r#"{"intValue":"7"}"#);
        check(r#"{"intValue":"soon"}"#, r#"{"stringValue":"soon"}"#);
        check(r#"{"bytesValue":"AAE="}"#, r#"{"bytesValue":"AAE="}"#);
        check(r#"{"bytesValue":"?"}"#, r#"{"stringValue":"?"}"#);
        check("{}", "{}");
        check(
            r#"[true,{"a":{}}]"#,
            r#"{"arrayValue":{"values":[{"boolValue":true},{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":[]}}}]}}]}}"#,
        );
        check(
            r#"{"kvlistValue":{"values":[{"key":"a","value":{}}]}}"#,
            r#"{"kvlistValue":{"values":[{"key":"a","value":{}}]}}"#,
        );
        let deep = format!("{}0{}", "[".repeat(500), "]".repeat(500));
        let line = format!(r#"{{"v":{deep}}}"#);
        let value = Members::of(line.as_bytes()).get("v").expect("a value");
        let mut out = Vec::new();
        Any::Value(value).write(&mut out);
        assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
    }
}
