//! A naive checker of records: one token after the other, with a stack of what is open.

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Want {
    /// A value.
    Value,
    /// A value, or the end of an array that has just begun.
    ValueOrEnd,
    /// A key.
    Key,
    /// A key, or the end of an object that has just begun.
    KeyOrEnd,
    Colon,
    /// A comma, or the end of what is open.
    CommaOrEnd,
    /// Nothing but blanks.
    Nothing,
}

/// True for one JSON object, with what real producers write beyond RFC 8259.
pub(super) fn is_record(line: &[u8]) -> bool {
    let mut rest = line;
    loop {
        let unframed = rest.strip_prefix(b"\xEF\xBB\xBF").or(match rest {
            [b' ' | b'\t' | b'\r' | 0x1E, tail @ ..] => Some(tail),
            _ => None,
        });
        match unframed {
            Some(tail) => rest = tail,
            None => break,
        }
    }
    rest.first() == Some(&b'{') && one_value(rest)
}

fn one_value(mut rest: &[u8]) -> bool {
    use Want::{Colon, CommaOrEnd, Key, KeyOrEnd, Nothing, Value, ValueOrEnd};
    let mut open: Vec<u8> = Vec::new();
    let mut want = Value;
    while let here @ [byte, tail @ ..] = rest {
        let after_value = |open: &[u8]| if open.is_empty() { Nothing } else { CommaOrEnd };
        rest = tail;
        want = match (want, byte) {
            (_, b' ' | b'\t' | b'\r') => continue,
            (Value | ValueOrEnd, b'{') => {
                open.push(b'}');
                KeyOrEnd
            }
            (Value | ValueOrEnd, b'[') => {
                open.push(b']');
                ValueOrEnd
            }
            (ValueOrEnd, b']') | (KeyOrEnd, b'}') => {
                open.pop();
                after_value(&open)
            }
            (CommaOrEnd, b']' | b'}') => {
                if open.pop() != Some(*byte) {
                    return false;
                }
                after_value(&open)
            }
            (CommaOrEnd, b',') if open.last() == Some(&b'}') => Key,
            (CommaOrEnd, b',') | (Colon, b':') => Value,
            (Key | KeyOrEnd | Value | ValueOrEnd, b'"') => {
                let Some(tail) = after_string(rest) else {
                    return false;
                };
                rest = tail;
                if matches!(want, Key | KeyOrEnd) {
                    Colon
                } else {
                    after_value(&open)
                }
            }
            (Value | ValueOrEnd, _) => {
                let end = tail
                    .iter()
                    .position(|b| !b.is_ascii_alphanumeric() && !b"+-.".contains(b))
                    .unwrap_or(tail.len());
                if !is_scalar(&here[..=end]) {
                    return false;
                }
                rest = &tail[end..];
                after_value(&open)
            }
            _ => return false,
        };
    }
    want == Nothing
}

/// What follows the string whose opening quote has been read.
fn after_string(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = match rest {
            [b'"', tail @ ..] => return Some(tail),
            [b'\\', b'u', a, b, c, d, tail @ ..]
                if [a, b, c, d].iter().all(|x| x.is_ascii_hexdigit()) =>
            {
                tail
            }
            [
                b'\\',
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                tail @ ..,
            ] => tail,
            [b'\\', ..] | [] => return None,
            [_, tail @ ..] => tail,
        }
    }
}

fn is_scalar(text: &[u8]) -> bool {
    matches!(
        text,
        b"true" | b"false" | b"null" | b"NaN" | b"Infinity" | b"-Infinity"
    ) || is_number(text)
}

fn is_number(text: &[u8]) -> bool {
    // The regex crate is no part of the scanner, so it can be its judge.
    static NUMBER: std::sync::LazyLock<regex::bytes::Regex> = std::sync::LazyLock::new(|| {
        regex::bytes::Regex::new(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$")
            .expect("a pattern")
    });
    NUMBER.is_match(text)
}
