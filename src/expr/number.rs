//! A number in an expression: exact if it is an integer, else the nearest double.

use std::{cmp::Ordering, fmt};

use crate::record::{Kind, Value};

/// A number, read once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    text: String,
    integer: Option<i128>,
    float: f64,
}

impl Number {
    /// Reads a number of JSON, or an infinity.
    pub(super) fn read(text: &str) -> Option<Self> {
        let value = number_in(text.as_bytes())?;
        Some(Self {
            integer: value.as_i128(),
            float: value.as_f64().filter(|float| !float.is_nan())?,
            text: text.to_owned(),
        })
    }

    /// How `value`, a number, compares with this one: as [`Value::compare_numbers`] has it.
    #[inline]
    pub(super) fn compare(&self, value: Value<'_>) -> Option<Ordering> {
        if let Some(integer) = self.integer
            && let Some(other) = value.as_i128()
        {
            return Some(other.cmp(&integer));
        }
        value.as_f64()?.partial_cmp(&self.float)
    }

    /// The number as it would stand in a record.
    pub(super) fn value(&self) -> Value<'_> {
        Value {
            kind: Kind::Number,
            raw: self.text.as_bytes(),
        }
    }

    /// The number, if it is an integer of at most 127 bits.
    pub(super) fn integer(&self) -> Option<i128> {
        self.integer
    }

    /// The number as a double.
    pub(super) fn float(&self) -> f64 {
        self.float
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The number that a text is, if it is one from end to end.
pub(super) fn number_in(text: &[u8]) -> Option<Value<'_>> {
    let named = matches!(text, b"NaN" | b"Infinity" | b"-Infinity");
    (named || is_json(text)).then_some(Value {
        kind: Kind::Number,
        raw: text,
    })
}

/// The grammar of RFC 8259, section 6.
fn is_json(text: &[u8]) -> bool {
    let digits = |text: &[u8]| {
        text.iter()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || (whole > 1 && text[0] == b'0') {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let Some(power) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let power = power
            .strip_prefix(b"+")
            .or_else(|| power.strip_prefix(b"-"))
            .unwrap_or(power);
        let length = digits(power);
        return length > 0 && length == power.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_of_json_are_numbers() {
        for yes in [
            "0",
            "-0",
            "12",
            "1.5",
            "1e3",
            "-1.5E-3",
            "1e+9",
            "Infinity",
            "-Infinity",
        ] {
            assert!(Number::read(yes).is_some(), "{yes}");
        }
        for no in [
            "", "-", "007", "1.", ".5", "+1", "1e", "1e+", "0x1f", "1_000", "1 ", "NaN", "inf",
        ] {
            assert!(Number::read(no).is_none(), "{no}");
        }
    }

    #[test]
    fn comparison_is_that_of_the_record() {
        let texts = [
            "0",
            "-0",
            "1",
            "1.0",
            "1.5",
            "-3",
            "1e2",
            "100",
            "1152921504606846976",
            "1152921504606846977",
            "18446744073709551615",
            "18446744073709551616",
            "1180591620717411303424",
            "1e400",
            "Infinity",
            "-Infinity",
        ];
        for a in texts {
            for b in texts {
                let value = number_in(a.as_bytes()).expect("a number");
                let other = number_in(b.as_bytes()).expect("a number");
                let literal = Number::read(b).expect("a number");
                assert_eq!(
                    literal.compare(value),
                    value.compare_numbers(other),
                    "{a} {b}"
                );
            }
        }
    }
}
