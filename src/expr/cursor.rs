//! A position in the text of an expression, and the few things that can be read there.

use std::ops::Range;

use super::error::Problem;

/// What was not understood, and where, before it is drawn under the text.
#[derive(Debug)]
pub(super) struct Fail {
    pub(super) problem: Problem,
    pub(super) hint: Option<String>,
    pub(super) span: Range<usize>,
}

impl Fail {
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// True for a character that needs no quotes in a key.
pub(super) fn is_key_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '$' | '-' | '/')
}

/// A position in a text; every method that reads moves it.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    pos: usize,
    /// Where the last comment ended.
    comment: Option<usize>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            pos: 0,
            comment: None,
        }
    }

    /// The offset in bytes.
    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.pos..]
    }

    /// What has been read from `start` on.
    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.pos]
    }

    /// The last word before the blanks that stand in front of the cursor.
    pub(super) fn word_before(&self) -> &'a str {
        let before = self.text[..self.pos].trim_end();
        before
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over white space, and over comments: what stands between a `#` after white
    /// space and the end of its line.
    pub(super) fn space(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            let before = self.text[..self.pos].chars().next_back();
            if self.peek() != Some('#') || before.is_some_and(|c| !c.is_whitespace()) {
                return;
            }
            self.take_while(|c| c != '\n');
            self.take_while(char::is_whitespace);
            self.comment = Some(self.pos);
        }
    }

    /// True if what was passed over to come here ended with a comment.
    pub(super) fn is_after_comment(&self) -> bool {
        self.comment == Some(self.pos)
    }

    /// Reads exactly `text`, if it stands here.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.pos += text.len();
        }
        found
    }

    /// Reads a whole word in any case, after white space.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let mut ahead = self.clone();
        ahead.space();
        let found = ahead.take_while(|c| is_key_char(c) || c == '.');
        if found.eq_ignore_ascii_case(word) {
            *self = ahead;
            return true;
        }
        false
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.pos += end;
        &rest[..end]
    }

    /// Reads a string in single or double quotes and decodes its escapes.
    pub(super) fn quoted(&mut self) -> Result<String, Fail> {
        let (start, quote) = self.open()?;
        let mut text = String::new();
        loop {
            let at = self.pos;
            match self.advance() {
                None => return Err(unclosed(start)),
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(self.escape(at)?),
                Some(c) => text.push(c),
            }
        }
    }

    /// Reads a quoted pattern: its backslashes are kept, but for those before a quote.
    pub(super) fn quoted_pattern(&mut self) -> Result<String, Fail> {
        let (start, quote) = self.open()?;
        let mut text = String::new();
        loop {
            match self.advance() {
                None => return Err(unclosed(start)),
                Some(c) if c == quote => return Ok(text),
                Some('\\') => match self.advance() {
                    Some(c @ ('"' | '\'')) => text.push(c),
                    Some(c) => text.extend(['\\', c]),
                    None => return Err(unclosed(start)),
                },
                Some(c) => text.push(c),
            }
        }
    }

    fn open(&mut self) -> Result<(usize, char), Fail> {
        let start = self.pos;
        match self.advance() {
            Some(quote @ ('"' | '\'')) => Ok((start, quote)),
            _ => Err(self.fail_from(start, Problem::ExpectedValue(String::new()))),
        }
    }

    fn advance(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.pos += next.len_utf8();
        Some(next)
    }

    fn escape(&mut self, start: usize) -> Result<char, Fail> {
        let decoded = match self.advance() {
            Some(c @ ('"' | '\'' | '\\' | '/')) => Some(c),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.unicode_escape(),
            _ => None,
        };
        decoded.ok_or_else(|| {
            self.fail_from(start, Problem::Escape)
                .hint("a backslash itself is written \\\\")
        })
    }

    /// Reads the `XXXX` of `\uXXXX`, with a low surrogate if it calls for one.
    fn unicode_escape(&mut self) -> Option<char> {
        let high = self.hex4()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        let low = self.eat("\\u").then(|| self.hex4())??;
        let low = low.checked_sub(0xDC00).filter(|&low| low < 0x400)?;
        char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + low)
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.pos += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// What stands here, for a message: a word, a run of symbols, or nothing at the end.
    pub(super) fn next_token(&self) -> String {
        let mut ahead = self.clone();
        ahead.space();
        let Some(first) = ahead.peek() else {
            return String::new();
        };
        let word = |c: char| is_key_char(c) || c == '.';
        let symbol = |c: char| matches!(c, '=' | '!' | '<' | '>' | '~' | '*' | '&' | '|');
        match first {
            c if word(c) => ahead.take_while(word).to_owned(),
            c if symbol(c) => ahead.take_while(symbol).to_owned(),
            c => c.to_string(),
        }
    }

    /// A problem with what stands here.
    pub(super) fn fail_token(&self, problem: Problem) -> Fail {
        let mut ahead = self.clone();
        ahead.space();
        let start = ahead.pos;
        Fail {
            problem,
            hint: None,
            span: start..start + self.next_token().len(),
        }
    }

    /// A problem with what has been read since `start`.
    pub(super) fn fail_from(&self, start: usize, problem: Problem) -> Fail {
        Fail {
            problem,
            hint: None,
            span: start..self.pos,
        }
    }
}

fn unclosed(start: usize) -> Fail {
    Fail {
        problem: Problem::UnclosedString,
        hint: None,
        span: start..start + 1,
    }
}
