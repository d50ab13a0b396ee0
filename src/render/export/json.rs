//! Writing JSON that every reader takes.
//!
//! Records may hold what JSON does not know and producers write all the same: NaN, numbers beyond
//! a double, bytes that are no text, thousands of levels. What cannot be said becomes text.

use std::fmt::Display;

use crate::record::{Cursor, Kind, Value};

/// Levels of lists and objects that are kept as such; readers refuse more than 100 or so, and an
/// element of a document has some around it.
const LEVELS: usize = 32;

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> Object<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self {
            out,
            is_empty: true,
        }
    }

    /// Ends it; what comes behind may be written.
    pub(super) fn end(self) -> &'o mut Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    /// The name of a member; what is written next is its value.
    pub(super) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
        text(self.out, key);
        self.out.push(b':');
        self.out
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        text(self.key(key), value);
    }

    /// A text, if there is one.
    pub(super) fn some(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// What is JSON as it prints: a number, true, false.
    pub(super) fn plain(&mut self, key: &str, value: impl Display) {
        let text = value.to_string();
        self.key(key).extend_from_slice(text.as_bytes());
    }

    /// What prints as a number that JSON readers would round, as text.
    pub(super) fn quoted(&mut self, key: &str, value: impl Display) {
        text(self.key(key), &value.to_string());
    }
}

/// Appends a list, each item by `write`.
pub(super) fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    elements(out, items, write);
    out.push(b']');
}

/// Appends what stands in a list.
pub(super) fn elements<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, item);
    }
}

/// Appends a text. Control characters that JSON lets stand are escaped too: the output may go to a
/// terminal, and some of them command it.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    let is_control = |c: char| ('\u{7f}'..='\u{9f}').contains(&c);
    let start = out.len();
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(&mut *out, text);
    if text.contains(is_control) {
        let written = String::from_utf8_lossy(&out[start..]).into_owned();
        out.truncate(start);
        for part in written.split_inclusive(is_control) {
            let plain = part.trim_end_matches(is_control);
            out.extend_from_slice(plain.as_bytes());
            for c in part[plain.len()..].chars() {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
            }
        }
    }
}

/// Appends a value of a record.
pub(in crate::render) fn value(out: &mut Vec<u8>, value: Value<'_>) {
    nested(out, value, LEVELS);
}

/// Nanoseconds as seconds with all decimals that they have.
pub(super) fn seconds(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let text = format!(
        "{sign}{}.{:09}",
        nanos / 1_000_000_000,
        nanos % 1_000_000_000
    );
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The text of a number that is one for every reader.
pub(super) fn finite(value: Value<'_>) -> Option<&str> {
    let is_finite = value.as_f64().is_some_and(f64::is_finite);
    is_finite.then(|| std::str::from_utf8(value.raw).ok())?
}

fn nested(out: &mut Vec<u8>, value: Value<'_>, levels: usize) {
    match value.kind {
        Kind::Null | Kind::False | Kind::True => out.extend_from_slice(value.raw),
        Kind::Number => match finite(value) {
            Some(number) => out.extend_from_slice(number.as_bytes()),
            None => text(out, &value.text()),
        },
        Kind::Plain | Kind::Escaped => text(out, &value.text()),
        Kind::Array | Kind::Object if levels == 0 => text(out, &value.text()),
        Kind::Array => {
            let mut is_first = true;
            out.push(b'[');
            // It is well-formed: it stands in a record.
            let _ = Cursor::array(value.raw, |cursor| {
                if !std::mem::replace(&mut is_first, false) {
                    out.push(b',');
                }
                nested(out, cursor.value()?, levels - 1);
                Ok(())
            });
            out.push(b']');
        }
        Kind::Object => {
            let mut object = Object::begin(out);
            let _ = Cursor::line(value.raw, |key, cursor| {
                let inner = cursor.value()?;
                let out = object.key(&String::from_utf8_lossy(key));
                nested(out, inner, levels - 1);
                Ok(())
            });
            object.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(line: &str) -> String {
        let mut out = Vec::new();
        let kind = match line.as_bytes()[0] {
            b'{' => Kind::Object,
            _ => Kind::Array,
        };
        let raw = line.as_bytes();
        value(&mut out, Value { kind, raw });
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn what_json_does_not_know_becomes_text() {
        let check = |line: &str, expect: &str| assert_eq!(strict(line), expect);
        check("[NaN, -Infinity, 1e400]", r#"["NaN","-Infinity","1e400"]"#);
        check(
            "[18446744073709551616, -0, 1.50]",
            "[18446744073709551616,-0,1.50]",
        );
        check(
            r#"{"a":{"b":["\udce9",null]}}"#,
            "{\"a\":{\"b\":[\"\u{fffd}\",null]}}",
        );
        check("[\"a\tb\"]", r#"["a\tb"]"#);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        let out = strict(&deep);
        assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
        assert!(out.len() >= deep.len());
    }
}
