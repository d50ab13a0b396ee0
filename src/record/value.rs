//! One JSON value inside a record, as the bytes that stand there.
//!
//! A value is a slice of the line and its kind. Nothing is decoded until a method asks
//! for it, and numbers are never turned into `f64` unless a comparison needs one.

use std::{borrow::Cow, cmp::Ordering};

/// What kind of JSON value a slice holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `false`.
    False,
    /// `true`.
    True,
    /// A number, or Python's bare `NaN`, `Infinity`, `-Infinity`.
    Number,
    /// A string without escapes: its bytes are its text.
    Plain,
    /// A string with at least one backslash escape.
    Escaped,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A value of a record: its kind and its raw bytes (for strings, those between the quotes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// What the bytes are.
    pub kind: Kind,
    /// The bytes as they stand in the line.
    pub raw: &'a [u8],
}

impl<'a> Value<'a> {
    /// True for a string, with or without escapes.
    pub fn is_string(self) -> bool {
        matches!(self.kind, Kind::Plain | Kind::Escaped)
    }

    /// The string's text, or `None` if the value is not a string.
    #[inline]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self.kind {
            Kind::Plain => Some(lossy(self.raw)),
            Kind::Escaped => Some(Cow::Owned(unescape(self.raw))),
            _ => None,
        }
    }

    /// The value as text: a string decoded, anything else as it is written.
    #[inline]
    pub fn text(self) -> Cow<'a, str> {
        self.as_str()
            .unwrap_or_else(|| String::from_utf8_lossy(self.raw))
    }

    /// The number, if the value is one and fits; `NaN` and the infinities are numbers.
    pub fn as_f64(self) -> Option<f64> {
        if self.kind != Kind::Number {
            return None;
        }
        match self.raw {
            b"NaN" => Some(f64::NAN),
            b"Infinity" => Some(f64::INFINITY),
            b"-Infinity" => Some(f64::NEG_INFINITY),
            raw => std::str::from_utf8(raw).ok()?.parse().ok(),
        }
    }

    /// The integer, if the value is a number written without fraction and exponent that fits.
    pub fn as_i128(self) -> Option<i128> {
        if self.kind != Kind::Number {
            return None;
        }
        std::str::from_utf8(self.raw).ok()?.parse().ok()
    }

    /// Compares two numbers: exactly when both are integers, else as `f64`.
    ///
    /// `None` if either is not a number or is NaN.
    pub fn compare_numbers(self, other: Value<'_>) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.as_i128(), other.as_i128()) {
            return Some(a.cmp(&b));
        }
        self.as_f64()?.partial_cmp(&other.as_f64()?)
    }
}

/// Text as it is, or with U+FFFD for what is no UTF-8. The whole is checked first, because
/// that is much faster than the search for the place where it is not.
#[inline]
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The bytes of a text.
pub fn bytes_of(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The text of bytes, with U+FFFD for what is no UTF-8.
pub fn text_of(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => lossy(bytes),
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Cow::Owned(text),
            Err(bad) => Cow::Owned(String::from_utf8_lossy(bad.as_bytes()).into_owned()),
        },
    }
}

/// Decodes the escapes of a JSON string body; lone surrogates become U+FFFD.
pub fn unescape(raw: &[u8]) -> String {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let escape = &rest[at + 1..];
        let used = match escape.first() {
            Some(b'u') => unescape_unicode(escape, &mut out),
            Some(&byte) => {
                out.push(plain_escape(byte));
                1
            }
            None => 0,
        };
        rest = &escape[used..];
    }
    out.extend_from_slice(rest);
    text_of(Cow::Owned(out)).into_owned()
}

fn plain_escape(byte: u8) -> u8 {
    match byte {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// Decodes `uXXXX`, with its low surrogate if it has one; returns the bytes used.
fn unescape_unicode(escape: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(high) = hex4(escape.get(1..5)) else {
        out.push(b'u');
        return 1;
    };
    let mut used = 5;
    let mut code = high;
    if (0xD800..0xDC00).contains(&high)
        && escape.get(5..7) == Some(b"\\u")
        && let Some(low) = hex4(escape.get(7..11))
        && (0xDC00..0xE000).contains(&low)
    {
        code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        used = 11;
    }
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    used
}

fn hex4(digits: Option<&[u8]>) -> Option<u32> {
    digits?.iter().try_fold(0, |sum, &digit| {
        Some(sum * 16 + char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        let check = |raw: &str, expect: &str| assert_eq!(unescape(raw.as_bytes()), expect, "{raw}");
        check(r"a\nb\t\\\/\u0041", "a\nb\t\\/A");
        check(r"\ud83c\udf89!", "\u{1f389}!");
        check(r"\udce9x", "\u{fffd}x");
        check(r"\ud83cx", "\u{fffd}x");
        check(r"\u00", "u00");
        check("\\", "");
    }

    #[test]
    fn numbers_compare_exactly_beyond_f64() {
        let number = |raw: &'static str| Value {
            kind: Kind::Number,
            raw: raw.as_bytes(),
        };
        let check =
            |a, b, expect| assert_eq!(number(a).compare_numbers(number(b)), expect, "{a} {b}");
        check(
            "18446744073709551615",
            "18446744073709551616",
            Some(Ordering::Less),
        );
        check(
            "1152921504606846976",
            "1152921504606846977",
            Some(Ordering::Less),
        );
        check("1.0", "1", Some(Ordering::Equal));
        check("-Infinity", "0", Some(Ordering::Less));
        check("NaN", "0", None);
    }
}
