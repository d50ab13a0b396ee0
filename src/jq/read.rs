//! From a line to a value, keeping what a value can keep of the spelling.
//!
//! Accepts what the scanner of records accepts. Numbers that are no plain integers stay
//! texts, a lone surrogate becomes the three bytes that UTF-8 does not allow, and both are
//! written again as they were.

use jaq_json::{Map, Num, Val};

use super::depth::{DEEPEST, TOO_DEEP};

/// Why a text is no value, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    reason: &'static str,
    at: usize,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in column {}", self.reason, self.at + 1)
    }
}

/// Reads the one value that `text` is.
pub(super) fn read(text: &[u8]) -> Result<Val, Unreadable> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(DEEPEST)?;
    reader.space();
    if reader.at < text.len() {
        return reader.fail("expected the end");
    }
    Ok(value)
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn fail<T>(&self, reason: &'static str) -> Result<T, Unreadable> {
        Err(Unreadable {
            reason,
            at: self.at,
        })
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or_default()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.peek() == byte && self.at < self.text.len();
        self.at += usize::from(there);
        there
    }

    /// A value of at most this many levels.
    fn value(&mut self, levels: usize) -> Result<Val, Unreadable> {
        self.space();
        match self.peek() {
            b'"' => Ok(Val::utf8_str(self.string()?)),
            b'{' | b'[' if levels == 0 => self.fail(TOO_DEEP),
            b'{' => self.object(levels - 1),
            b'[' => self.array(levels - 1),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Val::Bool(true)),
            b'f' => self.word("false", Val::Bool(false)),
            b'n' => self.word("null", Val::Null),
            b'N' => self.word("NaN", spelt("NaN")),
            b'I' => self.word("Infinity", spelt("Infinity")),
            _ => self.fail("expected a value"),
        }
    }

    fn word(&mut self, word: &str, value: Val) -> Result<Val, Unreadable> {
        if !self.rest().starts_with(word.as_bytes()) {
            return self.fail("expected a value");
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, levels: usize) -> Result<Val, Unreadable> {
        self.at += 1;
        let mut array = Vec::new();
        if !self.skip(b']') {
            loop {
                array.push(self.value(levels)?);
                if self.skip(b']') {
                    break;
                }
                if !self.skip(b',') {
                    return self.fail("expected ',' or ']'");
                }
            }
        }
        Ok(Val::Arr(array.into()))
    }

    fn object(&mut self, levels: usize) -> Result<Val, Unreadable> {
        self.at += 1;
        let mut object = Map::default();
        if !self.skip(b'}') {
            loop {
                self.space();
                if self.peek() != b'"' {
                    return self.fail("expected a key in double quotes");
                }
                let key = Val::utf8_str(self.string()?);
                if !self.skip(b':') {
                    return self.fail("expected ':'");
                }
                // Of equal keys the last one counts, at the place of the first.
                object.insert(key, self.value(levels)?);
                if self.skip(b'}') {
                    break;
                }
                if !self.skip(b',') {
                    return self.fail("expected ',' or '}'");
                }
            }
        }
        Ok(Val::obj(object))
    }

    fn number(&mut self) -> Result<Val, Unreadable> {
        let start = self.at;
        self.at += usize::from(self.peek() == b'-');
        if self.peek() == b'I' {
            return self.word("Infinity", spelt("-Infinity"));
        }
        let zero = self.peek() == b'0';
        let whole = self.digits()?;
        if zero && whole > 1 {
            return self.fail("expected no digit after a leading 0");
        }
        let mut plain = true;
        if self.peek() == b'.' {
            plain = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            plain = false;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
        // An integer has no negative zero, and one of a thousand digits takes its time.
        let plain = plain && text != "-0" && whole <= LONGEST_INTEGER;
        Ok(
            match plain.then(|| Num::from_str_radix(text, 10)).flatten() {
                Some(number) => Val::Num(number),
                None => spelt(text),
            },
        )
    }

    fn digits(&mut self) -> Result<usize, Unreadable> {
        let count = self
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        if count == 0 {
            return self.fail("expected a digit");
        }
        self.at += count;
        Ok(count)
    }

    /// A string; the position is at its opening quote.
    fn string(&mut self) -> Result<Vec<u8>, Unreadable> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let Some(end) = memchr::memchr2(b'"', b'\\', self.rest()) else {
                self.at = self.text.len();
                return self.fail("expected '\"'");
            };
            out.extend_from_slice(&self.rest()[..end]);
            self.at += end + 1;
            if self.text[self.at - 1] == b'"' {
                return Ok(out);
            }
            self.escape(&mut out)?;
        }
    }

    /// An escape, from behind its backslash.
    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let byte = self.peek();
        self.at += 1;
        out.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let high = self.hex4()?;
                let code = self.low_surrogate(high).unwrap_or(high);
                push_code(code, out);
                return Ok(());
            }
            _ => return self.fail("expected an escape of JSON"),
        });
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, Unreadable> {
        let code = hex4(self.rest());
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => self.fail("expected four hex digits after \\u"),
        }
    }

    /// The code point of `high` and the low surrogate that follows it, if both are there.
    fn low_surrogate(&mut self, high: u32) -> Option<u32> {
        if !(0xD800..0xDC00).contains(&high) {
            return None;
        }
        let low = hex4(self.rest().strip_prefix(b"\\u")?)?;
        if !(0xDC00..0xE000).contains(&low) {
            return None;
        }
        self.at += 6;
        Some(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }
}

/// The longest integer that one can calculate with exactly; longer ones are texts.
const LONGEST_INTEGER: usize = 400;

/// A number that is written again as it was read.
fn spelt(text: &str) -> Val {
    Val::Num(Num::Dec(text.to_owned().into()))
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.get(..4)?.iter().try_fold(0, |sum, &digit| {
        Some(sum * 16 + char::from(digit).to_digit(16)?)
    })
}

/// Appends a code point; a surrogate as UTF-8 would have it if it allowed it.
fn push_code(code: u32, out: &mut Vec<u8>) {
    if let Some(character) = char::from_u32(code) {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        let six = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
        out.extend_from_slice(&[0xED, six(6), six(0)]);
    }
}
