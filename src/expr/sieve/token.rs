//! What stands behind a key in raw bytes.

use crate::record::{Kind, Value};

/// The value behind a key that ends at `at`, as far as it can be told without a scan: of
/// arrays and strings with escapes only that they are there, of objects where they begin.
///
/// `None` if what ends there is no key, or no value follows on the same line.
pub(super) fn value_after(bytes: &[u8], at: usize) -> Option<Value<'_>> {
    let rest = skip_blanks(bytes.get(at..)?);
    let rest = skip_blanks(rest.strip_prefix(b":")?);
    let (&first, inside) = rest.split_first()?;
    let of = |kind, raw| Some(Value { kind, raw });
    match first {
        b'"' => {
            let end = memchr::memchr3(b'"', b'\\', b'\n', inside)?;
            match inside[end] {
                b'"' => of(Kind::Plain, &inside[..end]),
                b'\\' => of(Kind::Escaped, b""),
                _ => None,
            }
        }
        b'{' => of(Kind::Object, rest),
        b'[' => of(Kind::Array, b"[]"),
        b'-' | b'0'..=b'9' | b'N' | b'I' => of(Kind::Number, word(rest)),
        b't' => of(Kind::True, word(rest)),
        b'f' => of(Kind::False, word(rest)),
        b'n' => of(Kind::Null, word(rest)),
        _ => None,
    }
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
        .count();
    &bytes[blanks..]
}

fn word(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'));
    &bytes[..end.unwrap_or(bytes.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart() {
        let check = |text: &str, expect: Option<(Kind, &str)>| {
            let found = value_after(text.as_bytes(), 0)
                .map(|value| (value.kind, std::str::from_utf8(value.raw).expect("text")));
            assert_eq!(found, expect, "{text}");
        };
        check(":1,", Some((Kind::Number, "1")));
        check(" \t: -1.5e3}", Some((Kind::Number, "-1.5e3")));
        check(":NaN\r", Some((Kind::Number, "NaN")));
        check(":\"x y\"", Some((Kind::Plain, "x y")));
        check(":\"\"", Some((Kind::Plain, "")));
        check(":\"a\\n\"", Some((Kind::Escaped, "")));
        check(":[1]", Some((Kind::Array, "[]")));
        check(" : {\"a\":1},", Some((Kind::Object, "{\"a\":1},")));
        check(":null}", Some((Kind::Null, "null")));
        check(":true", Some((Kind::True, "true")));
        check(",\"a\"", None);
        check(":\"open\n\"", None);
        check(":\n1", None);
        check("\n:1", None);
        check(":", None);
        check("", None);
    }
}
