//! From a value to a line, as `jq -c` writes it, within a limit.

use std::fmt::Write as _;

use jaq_json::{Num, Val};

use super::depth::{DEEPEST, TOO_DEEP};

/// Appends `value` to `out`, which must not grow beyond `most` bytes.
///
/// # Errors
/// Why it cannot be written.
pub(super) fn write(value: &Val, out: &mut Vec<u8>, most: usize) -> Result<(), String> {
    Writer { out, most }.value(value, DEEPEST)
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    most: usize,
}

impl Writer<'_> {
    fn value(&mut self, value: &Val, levels: usize) -> Result<(), String> {
        if self.out.len() > self.most {
            return Err("the result is too long".to_owned());
        }
        match value {
            Val::Null => self.out.extend_from_slice(b"null"),
            Val::Bool(true) => self.out.extend_from_slice(b"true"),
            Val::Bool(false) => self.out.extend_from_slice(b"false"),
            Val::Num(number) => self.number(number),
            Val::TStr(text) => self.string(text),
            Val::BStr(_) => return Err("bytes are no JSON".to_owned()),
            Val::Arr(_) | Val::Obj(_) if levels == 0 => return Err(TOO_DEEP.to_owned()),
            Val::Arr(array) => {
                self.out.push(b'[');
                for (at, element) in array.iter().enumerate() {
                    if at > 0 {
                        self.out.push(b',');
                    }
                    self.value(element, levels - 1)?;
                }
                self.out.push(b']');
            }
            Val::Obj(object) => {
                self.out.push(b'{');
                for (at, (key, value)) in object.iter().enumerate() {
                    if at > 0 {
                        self.out.push(b',');
                    }
                    let Val::TStr(key) = key else {
                        return Err(format!("object keys must be strings, not {}", shown(key)));
                    };
                    self.string(key);
                    self.out.push(b':');
                    self.value(value, levels - 1)?;
                }
                self.out.push(b'}');
            }
        }
        Ok(())
    }

    /// Appends formatted text; a vector takes all there is.
    fn text(&mut self, text: std::fmt::Arguments<'_>) {
        let mut formatted = String::new();
        let _ = formatted.write_fmt(text);
        self.out.extend_from_slice(formatted.as_bytes());
    }

    fn number(&mut self, number: &Num) {
        match number {
            Num::Int(number) => self.text(format_args!("{number}")),
            Num::BigInt(number) => self.text(format_args!("{number}")),
            Num::Float(number) => self.float(*number),
            // As it was read, or negated: what is then no word of JSON is not a number.
            Num::Dec(text) if &***text == "-NaN" => self.float(f64::NAN),
            Num::Dec(text) => self.out.extend_from_slice(text.as_bytes()),
        }
    }

    /// Appends a number that was calculated, as jq does: there is no NaN and no infinity,
    /// and an integer has no fraction.
    fn float(&mut self, number: f64) {
        /// Beyond this, not all integers are there.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.is_nan() {
            self.out.extend_from_slice(b"null");
        } else if number.is_infinite() {
            self.text(format_args!("{:?}", f64::MAX.copysign(number)));
        } else if number.fract() == 0.0 && number.abs() <= EXACT {
            self.text(format_args!("{number:.0}"));
        } else {
            self.text(format_args!("{number:?}"));
        }
    }

    /// Appends a string: bytes that are no UTF-8 as they are, and surrogates as escapes,
    /// which is how they came.
    fn string(&mut self, text: &[u8]) {
        self.out.push(b'"');
        let mut copied = 0;
        for (at, &byte) in text.iter().enumerate() {
            if byte >= 0x20 && !matches!(byte, b'"' | b'\\' | 0x7F | 0xED) || at < copied {
                continue;
            }
            let surrogate = match text[at..] {
                [0xED, middle @ 0xA0..=0xBF, last @ 0x80..=0xBF, ..] => Some((middle, last)),
                _ if byte == 0xED => continue,
                _ => None,
            };
            self.out.extend_from_slice(&text[copied..at]);
            copied = at + 1;
            match byte {
                b'"' => self.out.extend_from_slice(b"\\\""),
                b'\\' => self.out.extend_from_slice(b"\\\\"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                0x08 => self.out.extend_from_slice(b"\\b"),
                0x0C => self.out.extend_from_slice(b"\\f"),
                _ => {
                    let code = surrogate.map_or(u32::from(byte), |(middle, last)| {
                        copied = at + 3;
                        0xD000 | u32::from(middle & 0x3F) << 6 | u32::from(last & 0x3F)
                    });
                    self.text(format_args!("\\u{code:04x}"));
                }
            }
        }
        self.out.extend_from_slice(&text[copied..]);
        self.out.push(b'"');
    }
}

/// A value in a message, however long it is.
pub(super) fn shown(value: &Val) -> String {
    let mut text = Vec::new();
    // What does not fit a message is cut there, and so is what cannot be written.
    let _ = write(value, &mut text, 200);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jq::read::read;

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let check = |text: &[u8]| {
            let value = read(text).expect("a value");
            let mut out = Vec::new();
            write(&value, &mut out, 1 << 20).expect("it is written");
            assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(text));
            assert_eq!(out, text);
        };
        check(br#"{"b":3.340,"a":[1E5,-0,-0.0,12345678901234567890123,0.10e-2]}"#);
        check(b"[NaN,Infinity,-Infinity,true,false,null,{},[]]");
        check(br#""\ud83d \udca9\udca9 \ud83dx""#);
        check("\"h\u{e9}llo \u{d55c}\u{ed00}\u{1f4a9} /\"".as_bytes());
        check(br#""\u0000\u001f\u007f\b\f\n\r\t\"\\""#);
        check(b"\"\xff\xc3 \xed\xff \xed\xa0\"");
        check("9".repeat(10_000).as_bytes());
    }

    #[test]
    fn spelling_that_no_value_keeps() {
        let check = |text: &str, expect: &str| {
            let mut out = Vec::new();
            write(&read(text.as_bytes()).expect("a value"), &mut out, 1000).expect("written");
            assert_eq!(String::from_utf8_lossy(&out), expect, "{text}");
        };
        check(r#""\u00e9\/\u0041\ud83d\udca9""#, "\"\u{e9}/A\u{1f4a9}\"");
        check("{ \"a\" : 1 , \"a\" : [ 2 ] }", r#"{"a":[2]}"#);
        check("\"a\tb\u{7}\"", r#""a\tb\u0007""#);
    }

    #[test]
    fn texts_that_are_no_values() {
        let check = |text: &str, expect: &str| {
            let found = read(text.as_bytes()).expect_err("no value").to_string();
            assert_eq!(found, expect, "{text}");
        };
        check("", "expected a value in column 1");
        check("[1,]", "expected a value in column 4");
        check("{\"a\":1,}", "expected a key in double quotes in column 8");
        check("{\"a\" 1}", "expected ':' in column 6");
        check("[1 2]", "expected ',' or ']' in column 4");
        check("01", "expected no digit after a leading 0 in column 3");
        check("1.", "expected a digit in column 3");
        check("\"a", "expected '\"' in column 3");
        check("\"\\x\"", "expected an escape of JSON in column 4");
        check(
            "\"\\u12\"",
            "expected four hex digits after \\u in column 4",
        );
        check("1 2", "expected the end in column 3");
        check("nul", "expected a value in column 1");
    }

    #[test]
    fn calculated_numbers() {
        let check = |number: f64, expect: &str| {
            let mut out = Vec::new();
            write(&Val::from(number), &mut out, 100).expect("a number");
            assert_eq!(String::from_utf8_lossy(&out), expect);
        };
        check(2.0, "2");
        check(0.1, "0.1");
        check(-0.0, "-0");
        check(1e300, "1e300");
        check(f64::NAN, "null");
        check(f64::NEG_INFINITY, "-1.7976931348623157e308");
    }
}
