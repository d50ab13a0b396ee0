//! OTLP's attributes as the objects that they mean: `[{"key":"k","value":{"intValue":"7"}}]` becomes
//! `{"k":7}`, as OpenTelemetry's own console exporters write them.
//!
//! Numbers keep their digits, equal keys stay what they are, bytes stay Base64. A list with anything
//! else in it is left as it is.

use std::ops::Range;

use super::{find, members, objects, quoted};
use crate::record::{Cursor, Kind, Malformed, Value};

/// Values within values beyond which a list is left as it is: it is read anew for each.
const DEEPEST: usize = 16;

/// A span, a log record, a resource or a scope, with its attributes and those of its events and links as
/// objects; all else stays byte for byte.
pub(super) fn with_attributes(object: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut changes = Vec::new();
    find_lists(object, object, false, &mut changes)?;
    let (mut out, mut at) = (Vec::with_capacity(object.len()), 0);
    for (place, value) in changes {
        out.extend_from_slice(&object[at..place.start]);
        out.extend_from_slice(&value);
        at = place.end;
    }
    out.extend_from_slice(&object[at..]);
    Ok(out)
}

/// Where in `whole` the lists of `object` stand, in their order, and what they become. Those of a span have
/// more inside; those inside have none.
fn find_lists(
    whole: &[u8],
    object: &[u8],
    is_inner: bool,
    changes: &mut Vec<(Range<usize>, Vec<u8>)>,
) -> Result<(), Malformed> {
    for (key, list) in members(object)? {
        match key.as_slice() {
            b"attributes" if list.kind == Kind::Array => {
                let mut out = Vec::with_capacity(list.raw.len());
                if pairs(list, DEEPEST, &mut out).is_some() {
                    let start = list.raw.as_ptr().addr() - whole.as_ptr().addr();
                    changes.push((start..start + list.raw.len(), out));
                }
            }
            b"events" | b"links" if !is_inner => {
                for object in objects(list)? {
                    find_lists(whole, object.raw, true, changes)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Appends the object that a list of keys and values means; `None` if it is no such list.
fn pairs(list: Value<'_>, levels: usize, out: &mut Vec<u8>) -> Option<()> {
    let levels = levels.checked_sub(1)?;
    out.push(b'{');
    each(list, |element| {
        let members = members(element.raw).ok()?;
        let key = find(&members, b"key").filter(|key| key.is_string())?;
        separate(b'{', out);
        out.extend(quoted(key));
        out.push(b':');
        match find(&members, b"value") {
            Some(value) => any(value, levels, out)?,
            None => out.extend_from_slice(b"null"),
        }
        Some(())
    })?;
    out.push(b'}');
    Some(())
}

/// Appends what a value with its type around it means.
fn any(value: Value<'_>, levels: usize, out: &mut Vec<u8>) -> Option<()> {
    if value.kind != Kind::Object {
        return None;
    }
    let members = members(value.raw).ok()?;
    let mut known = members.iter().filter(|(_, value)| value.kind != Kind::Null);
    let Some((kind, value)) = known.next() else {
        out.extend_from_slice(b"null");
        return Some(());
    };
    match (kind.as_slice(), value.kind) {
        (b"arrayValue", Kind::Object) => values(*value, levels, out)?,
        (b"kvlistValue", Kind::Object) => {
            let members = self::members(value.raw).ok()?;
            match find(&members, b"values") {
                Some(list) => pairs(list, levels, out)?,
                None => out.extend_from_slice(b"{}"),
            }
        }
        (b"intValue", Kind::Plain) if is_integer(value.raw) => out.extend_from_slice(value.raw),
        // A number with a fraction stays one.
        (b"doubleValue", Kind::Number) if is_integer(value.raw) => {
            out.extend_from_slice(value.raw);
            out.extend_from_slice(b".0");
        }
        (b"stringValue" | b"boolValue" | b"intValue" | b"doubleValue" | b"bytesValue", kind)
            if !matches!(kind, Kind::Array | Kind::Object) =>
        {
            out.extend(quoted(*value));
        }
        _ => return None,
    }
    Some(())
}

/// Appends the values of an array.
fn values(array: Value<'_>, levels: usize, out: &mut Vec<u8>) -> Option<()> {
    let levels = levels.checked_sub(1)?;
    out.push(b'[');
    if let Some(list) = find(&members(array.raw).ok()?, b"values") {
        each(list, |value| {
            separate(b'[', out);
            any(value, levels, out)
        })?;
    }
    out.push(b']');
    Some(())
}

/// Goes through a list; `None` if it is none, or has an element that is refused.
fn each<'a>(list: Value<'a>, mut take: impl FnMut(Value<'a>) -> Option<()>) -> Option<()> {
    if list.kind != Kind::Array {
        return None;
    }
    let walked = Cursor::array(list.raw, |mut cursor| {
        let value = cursor.here().value()?;
        match take(value) {
            Some(()) => Ok(()),
            None => cursor.refuse("a value of OTLP"),
        }
    });
    walked.ok()
}

/// A comma, unless it is the first.
fn separate(begin: u8, out: &mut Vec<u8>) {
    if out.last() != Some(&begin) {
        out.push(b',');
    }
}

/// True for what JSON takes for an integer as it stands.
fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number && (digits.len() == 1 || digits[0] != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(object: &str, expect: &str) {
        let made = with_attributes(object.as_bytes()).expect("well-formed");
        assert_eq!(String::from_utf8(made).expect("text"), expect, "{object}");
    }

    #[test]
    fn attributes_become_objects() {
        let one = |value: &str, expect: &str| {
            check(
                &format!(r#"{{"a" : 1, "attributes" : [ {{ "key":"k", "value":{value} }} ] }}"#),
                &format!(r#"{{"a" : 1, "attributes" : {{"k":{expect}}} }}"#),
            );
        };
        one(r#"{"stringValue":"x\"\u0041"}"#, r#""x\"\u0041""#);
        one(
            r#"{"intValue":"1152921504606846977"}"#,
            "1152921504606846977",
        );
        one(r#"{"intValue":-7}"#, "-7");
        one(r#"{"intValue":"007"}"#, r#""007""#);
        one(r#"{"doubleValue":2}"#, "2.0");
        one(r#"{"doubleValue":2.50}"#, "2.50");
        one(r#"{"doubleValue":"NaN"}"#, r#""NaN""#);
        one(r#"{"boolValue":false}"#, "false");
        one(r#"{"bytesValue":"/wA="}"#, r#""/wA=""#);
        one("{}", "null");
        one(r#"{"stringValue":null}"#, "null");
        one(
            r#"{"arrayValue":{"values":[{"intValue":"1"},{"arrayValue":{}},{}]}}"#,
            "[1,[],null]",
        );
        one(
            r#"{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"1"}},{"key":"b"}]}}"#,
            r#"{"a":1,"b":null}"#,
        );
        one(r#"{"kvlistValue":{}}"#, "{}");
        check(r#"{"attributes":[]}"#, r#"{"attributes":{}}"#);
        check(
            r#"{"attributes":[{"key":"k","value":{"intValue":"1"}},{"value":{"intValue":"2"},"key":"k"}]}"#,
            r#"{"attributes":{"k":1,"k":2}}"#,
        );
        check(
            r#"{"events":[{"name":"e","attributes":[{"key":"k","value":{"boolValue":true}}]},{}],"links":[{"attributes":[]}]}"#,
            r#"{"events":[{"name":"e","attributes":{"k":true}},{}],"links":[{"attributes":{}}]}"#,
        );
    }

    #[test]
    fn what_is_no_list_of_them_stays() {
        for list in [
            "{}",
            r#"{"k":1}"#,
            "[1]",
            r#"[{"value":{"intValue":"1"}}]"#,
            r#"[{"key":7,"value":{"intValue":"1"}}]"#,
            r#"[{"key":"k","value":1}]"#,
            r#"[{"key":"k","value":{"newValue":"1"}}]"#,
            r#"[{"key":"k","value":{"stringValue":{}}}]"#,
        ] {
            let object = format!(r#"{{"attributes":{list}}}"#);
            check(&object, &object);
        }
    }

    #[test]
    fn values_in_values_have_an_end() {
        let nested = |levels: usize| {
            let (open, close) = (r#"{"arrayValue":{"values":["#, "]}}");
            let value = format!("{}{}", open.repeat(levels), close.repeat(levels));
            format!(r#"{{"attributes":[{{"key":"k","value":{value}}}]}}"#)
        };
        let few = nested(DEEPEST - 1);
        let (open, close) = ("[".repeat(DEEPEST - 1), "]".repeat(DEEPEST - 1));
        check(&few, &format!(r#"{{"attributes":{{"k":{open}{close}}}}}"#));
        for levels in [DEEPEST, 10_000] {
            check(&nested(levels), &nested(levels));
        }
    }
}
