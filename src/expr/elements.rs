//! The elements of an array that stands in a record.

use crate::record::{Kind, Value};

/// The elements of `array`, whose text the scanner of the record has checked already.
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The elements of an array; nothing for any other value.
    pub(super) fn of(array: Value<'a>) -> Self {
        let inside = array
            .raw
            .strip_prefix(b"[")
            .and_then(|raw| raw.strip_suffix(b"]"));
        Self {
            rest: inside.unwrap_or_default(),
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let start = self
            .rest
            .iter()
            .position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b','))?;
        let text = &self.rest[start..];
        let end = end_of_value(text);
        let raw = &text[..end];
        self.rest = &text[end..];
        Some(match text[0] {
            b'"' => string(raw),
            b'{' => Value {
                kind: Kind::Object,
                raw,
            },
            b'[' => Value {
                kind: Kind::Array,
                raw,
            },
            b'n' => Value {
                kind: Kind::Null,
                raw,
            },
            b't' => Value {
                kind: Kind::True,
                raw,
            },
            b'f' => Value {
                kind: Kind::False,
                raw,
            },
            _ => Value {
                kind: Kind::Number,
                raw,
            },
        })
    }
}

fn string(quoted: &[u8]) -> Value<'_> {
    let raw = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    let escaped = memchr::memchr(b'\\', raw).is_some();
    Value {
        kind: if escaped { Kind::Escaped } else { Kind::Plain },
        raw,
    }
}

/// Where the value at the start of `text` ends.
fn end_of_value(text: &[u8]) -> usize {
    match text.first() {
        Some(b'"') => end_of_string(text),
        Some(b'{' | b'[') => end_of_container(text),
        _ => text
            .iter()
            .position(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b','))
            .unwrap_or(text.len()),
    }
}

fn end_of_string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn end_of_container(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                at += end_of_string(&text[at..]);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_told_apart() {
        let check = |text: &str, expect: &[(Kind, &str)]| {
            let array = Value {
                kind: Kind::Array,
                raw: text.as_bytes(),
            };
            let found: Vec<_> = Elements::of(array)
                .map(|value| (value.kind, String::from_utf8_lossy(value.raw).into_owned()))
                .collect();
            let expect: Vec<_> = expect.iter().map(|(k, t)| (*k, (*t).to_owned())).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("[]", &[]);
        check("[ ]", &[]);
        check(
            "[1, -2.5e3 ,NaN]",
            &[
                (Kind::Number, "1"),
                (Kind::Number, "-2.5e3"),
                (Kind::Number, "NaN"),
            ],
        );
        check(
            r#"["a,]","b\"",""]"#,
            &[
                (Kind::Plain, "a,]"),
                (Kind::Escaped, "b\\\""),
                (Kind::Plain, ""),
            ],
        );
        check(
            r#"[null,true,false,{"a":["]"]},[[1],2]]"#,
            &[
                (Kind::Null, "null"),
                (Kind::True, "true"),
                (Kind::False, "false"),
                (Kind::Object, r#"{"a":["]"]}"#),
                (Kind::Array, "[[1],2]"),
            ],
        );
    }
}
