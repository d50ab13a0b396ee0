//! A line of JSON under construction.
//!
//! The corpus shall hold each producer's exact bytes (spaces, escapes, digits), so the text is
//! written by hand. What a field means is not known here.

use std::io::Write as _;

/// How a producer writes characters beyond ASCII.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// As UTF-8, and nothing after a comma or colon: orjson, Go and Node.
    Compact,
    /// As `\uXXXX`, and a space after each comma and colon: Python's `json.dumps`.
    Python,
}

/// One line, as far as it is written.
pub(crate) struct Line {
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: Text,
    /// Each newline of a text becomes the two characters `\n`, as distlog does to its messages.
    pub(crate) flat: bool,
}

impl Line {
    pub(crate) fn new(text: Text) -> Self {
        Self {
            bytes: Vec::with_capacity(4096),
            text,
            flat: false,
        }
    }

    /// Begins an object.
    pub(crate) fn open(&mut self) {
        self.bytes.push(b'{');
    }

    /// Ends an object.
    pub(crate) fn close(&mut self) {
        self.bytes.push(b'}');
    }

    /// Appends what separates two items, unless this is the first one.
    pub(crate) fn next(&mut self) {
        if !matches!(self.bytes.last(), Some(b'{' | b'[')) {
            self.bytes.push(b',');
            self.space();
        }
    }

    /// Begins a member; its value comes next.
    pub(crate) fn key(&mut self, name: &str) {
        self.next();
        self.bytes.push(b'"');
        self.raw(name);
        self.raw("\":");
        self.space();
    }

    /// Appends a member with a text.
    pub(crate) fn string(&mut self, name: &str, text: &str) {
        self.key(name);
        self.bytes.push(b'"');
        self.escape(text);
        self.bytes.push(b'"');
    }

    /// Appends a member with a whole number.
    pub(crate) fn integer(&mut self, name: &str, number: u64) {
        self.key(name);
        self.number(number);
    }

    /// Appends a member with the shortest digits that read back the same, as Python's `repr` does.
    pub(crate) fn float(&mut self, name: &str, number: f64) {
        self.key(name);
        write!(self.bytes, "{number:?}").expect("writing to memory succeeds");
    }

    /// Appends a member with JSON that is known to be right.
    pub(crate) fn literal(&mut self, name: &str, json: &str) {
        self.key(name);
        self.raw(json);
    }

    /// Appends text that needs no escapes.
    pub(crate) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Appends the inside of a JSON string.
    pub(crate) fn escape(&mut self, text: &str) {
        let plain = |byte: u8| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
        if text.bytes().all(plain) {
            self.raw(text);
            return;
        }
        for character in text.chars() {
            self.escape_character(character);
        }
    }

    fn escape_character(&mut self, character: char) {
        match character {
            '"' => self.raw("\\\""),
            '\\' => self.raw("\\\\"),
            '\n' if self.flat => self.raw("\\\\n"),
            '\n' => self.raw("\\n"),
            '\t' => self.raw("\\t"),
            '\0'..='\u{1f}' => self.unicode(u32::from(character)),
            '\u{80}'.. if self.text == Text::Python => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    self.unicode(u32::from(*unit));
                }
            }
            _ => self.raw(character.encode_utf8(&mut [0; 4])),
        }
    }

    fn unicode(&mut self, unit: u32) {
        self.raw("\\u");
        self.hex(u64::from(unit), 4);
    }

    /// Appends the last `digits` hexadecimal digits of a number.
    pub(crate) fn hex(&mut self, number: u64, digits: u32) {
        for position in (0..digits).rev() {
            let digit = (number >> (4 * position)) & 0xf;
            self.bytes.push(b"0123456789abcdef"[digit as usize]);
        }
    }

    /// Appends a UUID of version 4.
    pub(crate) fn uuid(&mut self, (high, low): (u64, u64)) {
        self.hex(high >> 32, 8);
        self.raw("-");
        self.hex(high >> 16, 4);
        self.raw("-4");
        self.hex(high, 3);
        self.raw("-");
        self.hex((low >> 48) & 0x3fff | 0x8000, 4);
        self.raw("-");
        self.hex(low, 12);
    }

    /// Appends a whole number.
    pub(crate) fn number(&mut self, number: u64) {
        let count = number.checked_ilog10().unwrap_or(0) + 1;
        self.digits(number, count);
    }

    /// Appends a number divided by `10^decimals`.
    pub(crate) fn decimal(&mut self, number: u32, decimals: u32) {
        let unit = 10_u32.pow(decimals);
        self.number(u64::from(number / unit));
        self.raw(".");
        self.digits(u64::from(number % unit), decimals);
    }

    /// Appends the last `count` decimal digits of a number, with leading zeros.
    pub(crate) fn digits(&mut self, number: u64, count: u32) {
        let end = self.bytes.len() + count as usize;
        self.bytes.resize(end, b'0');
        let mut rest = number;
        for digit in self.bytes[end - count as usize..].iter_mut().rev() {
            *digit = b"0123456789"[(rest % 10) as usize];
            rest /= 10;
        }
    }

    fn space(&mut self) {
        if self.text == Text::Python {
            self.bytes.push(b' ');
        }
    }
}
