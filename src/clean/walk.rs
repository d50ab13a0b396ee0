//! A walk over a line that is known to be JSON: its keys and values, one after the other,
//! with their places.
//!
//! Depth costs a bit a level and no stack. On any other line the walk ends all the same,
//! somewhere.

use std::ops::Range;

/// A walk in progress.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    line: &'a [u8],
    pos: usize,
    /// True for an object, for each container that is open.
    open: Bits,
    expect_key: bool,
}

/// What stands at a place of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) what: What,
    /// The bytes, for strings those between the quotes.
    pub(super) range: Range<usize>,
    /// True for an element of an array: no key came before it.
    pub(super) element: bool,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Key {
        escaped: bool,
    },
    Text {
        escaped: bool,
    },
    /// A number, or one of the words of JSON.
    Scalar,
    /// The bracket that opens an object or array.
    Open,
    /// The bracket that closes it.
    Close,
}

impl<'a> Walk<'a> {
    /// A walk from a place on.
    pub(super) fn new(line: &'a [u8], start: usize) -> Self {
        Self {
            line,
            pos: start,
            open: Bits::default(),
            expect_key: false,
        }
    }

    /// How many containers are open.
    pub(super) fn depth(&self) -> usize {
        self.open.count
    }

    /// The next token, or `None` at the end.
    pub(super) fn next(&mut self) -> Option<Token> {
        loop {
            let start = self.pos;
            let byte = *self.line.get(start)?;
            self.pos += 1;
            let in_array = self.open.last() == Some(false);
            let token = |what, range, element| {
                Some(Token {
                    what,
                    range,
                    element,
                })
            };
            match byte {
                b'{' | b'[' => {
                    self.open.push(byte == b'{');
                    self.expect_key = byte == b'{';
                    return token(What::Open, start..self.pos, in_array);
                }
                b'}' | b']' => {
                    self.open.pop();
                    self.expect_key = false;
                    return token(What::Close, start..self.pos, false);
                }
                b',' => self.expect_key = self.open.last() == Some(true),
                b':' => self.expect_key = false,
                b' ' | b'\t' | b'\r' => {}
                b'"' => {
                    let escaped = self.string();
                    let what = if self.expect_key {
                        What::Key { escaped }
                    } else {
                        What::Text { escaped }
                    };
                    let end = self.pos.saturating_sub(1).max(start + 1);
                    return token(what, start + 1..end, in_array);
                }
                _ => {
                    let rest = &self.line[start..];
                    let length = rest
                        .iter()
                        .position(|byte| b",]} \t\r:".contains(byte))
                        .unwrap_or(rest.len());
                    self.pos = start + length.max(1);
                    return token(What::Scalar, start..self.pos, in_array);
                }
            }
        }
    }

    /// The whole of the value that comes next, quotes and brackets too, which is passed over.
    pub(super) fn value(&mut self) -> Option<Range<usize>> {
        let first = self.next()?;
        Some(self.rest_of(&first))
    }

    /// The whole of the value whose first token was just handed out; the rest is passed over.
    pub(super) fn rest_of(&mut self, first: &Token) -> Range<usize> {
        let start = match first.what {
            What::Key { .. } | What::Text { .. } => first.range.start - 1,
            _ => first.range.start,
        };
        if first.what == What::Open {
            let outside = self.depth() - 1;
            while self.depth() > outside && self.next().is_some() {}
        }
        start..self.pos
    }

    /// Passes over a string from behind its opening quote; true if there are escapes in it.
    fn string(&mut self) -> bool {
        let mut escaped = false;
        while let Some(at) = memchr::memchr2(b'"', b'\\', &self.line[self.pos..]) {
            self.pos += at + 1;
            if self.line[self.pos - 1] == b'"' {
                return escaped;
            }
            escaped = true;
            self.pos = self.line.len().min(self.pos + 1);
        }
        self.pos = self.line.len();
        escaped
    }
}

/// A stack of bits.
#[derive(Debug, Default)]
struct Bits {
    words: Vec<u64>,
    count: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        let (word, shift) = (self.count / 64, self.count % 64);
        if word == self.words.len() {
            self.words.push(0);
        }
        self.words[word] = self.words[word] & !(1 << shift) | u64::from(bit) << shift;
        self.count += 1;
    }

    fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
    }

    fn last(&self) -> Option<bool> {
        let at = self.count.checked_sub(1)?;
        Some(self.words[at / 64] >> (at % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(line: &str) -> Vec<String> {
        let mut walk = Walk::new(line.as_bytes(), 0);
        let mut tokens = Vec::new();
        while let Some(token) = walk.next() {
            let sign = match token.what {
                What::Key { .. } => "key ",
                What::Text { .. } => "text ",
                What::Scalar => "scalar ",
                What::Open | What::Close => "",
            };
            let element = if token.element { "- " } else { "" };
            tokens.push(format!("{element}{sign}{}", &line[token.range]));
        }
        assert!(walk.depth() == 0 || !line.ends_with('}'), "{line}");
        tokens
    }

    #[test]
    fn keys_and_values_come_in_order() {
        assert_eq!(
            tokens(r#" {"a" : "x\"", "b\\":[1, {"c":null},"y",[]],"d":-1.5e3, "":{}} "#),
            [
                "{",
                "key a",
                "text x\\\"",
                "key b\\\\",
                "[",
                "- scalar 1",
                "- {",
                "key c",
                "scalar null",
                "}",
                "- text y",
                "- [",
                "]",
                "]",
                "key d",
                "scalar -1.5e3",
                "key ",
                "{",
                "}",
                "}"
            ]
        );
    }

    #[test]
    fn a_value_is_passed_over_whole() {
        let line = br#"{"a":{"b":["}",{"c":"]"}]},"d":"e"}"#;
        let mut walk = Walk::new(line, 0);
        walk.next();
        walk.next();
        let value = walk.value().expect("a value");
        assert_eq!(&line[value], br#"{"b":["}",{"c":"]"}]}"#);
        assert_eq!(walk.next().map(|token| token.range), Some(28..29));
        let value = walk.value().expect("a value");
        assert_eq!(&line[value], br#""e""#);
    }

    #[test]
    fn it_ends_on_anything() {
        for line in [
            "",
            "{",
            "x",
            "{\"",
            "{\"\\",
            "]]}}{",
            "{\"a\":[1,",
            "{\"a\u{0}b",
        ] {
            tokens(line);
        }
        let deep = "[".repeat(100_000);
        assert_eq!(tokens(&format!("{{\"a\":{deep}")).len(), 100_002);
    }
}
