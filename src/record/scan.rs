//! The scanner: one pass over a line that checks it and notes where the wanted values are.
//!
//! It accepts JSON (RFC 8259) and, beyond it, what real producers write: bare `NaN`,
//! `Infinity` and `-Infinity`, lone surrogates, raw control characters and invalid UTF-8
//! inside strings. Duplicate keys are fine: who asks decides which one counts. It is
//! iterative, so depth costs one bit a level and no stack.

use super::{
    bit_stack::BitStack,
    projection::Node,
    quotes::{Quotes, Search},
    value::{Kind, Value},
};

/// Why a line is not a record: where the scanner stopped and what it had expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Byte offset in the line, from 0.
    pub at: usize,
    /// What would have been right.
    pub expected: &'static str,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "not a JSON object: expected {} in column {}",
            self.expected,
            self.at + 1
        )
    }
}

/// Says that the scanner has stopped; what it had expected where, the scanner itself knows.
///
/// Results stay within a register that way, and this is the hottest code of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

type Scan<T> = Result<T, Refused>;

/// Receives the values that a projection asked for.
pub(super) trait Collect {
    /// The value of `slot` stands at `start..end` of the line.
    fn found(&mut self, slot: u16, last_wins: bool, kind: Kind, start: usize, end: usize);

    /// What these slots have got is no longer part of the line's meaning.
    fn forget(&mut self, slots: &[u16]);
}

/// A position in a line; `Q` knows where strings end.
pub(super) struct Scanner<'a, Q = Search> {
    bytes: &'a [u8],
    pos: usize,
    quotes: Q,
    expected: &'static str,
}

impl<'a, Q: Quotes> Scanner<'a, Q> {
    /// Stands before the first byte of a line.
    pub(super) fn new(bytes: &'a [u8], quotes: Q) -> Self {
        Self {
            bytes,
            pos: 0,
            quotes,
            expected: "",
        }
    }

    /// Scans a whole line: one object, white space around it, nothing else.
    ///
    /// A byte order mark and a record separator (RFC 7464) in front are white space here.
    pub(super) fn line(&mut self, nodes: &[Node], out: &mut impl Collect) -> Result<(), Malformed> {
        let scanned = self
            .framing()
            .and_then(|()| self.record(nodes, out))
            .and_then(|()| self.end());
        scanned.map_err(|Refused| self.malformed())
    }

    /// Scans the object that a line is. Where nothing in it is wanted, its keys are not even
    /// looked at.
    fn record(&mut self, nodes: &[Node], out: &mut impl Collect) -> Scan<()> {
        if nodes[0].has_children() || !self.is_object() {
            self.object(nodes, 0, out)
        } else {
            self.container().map(drop)
        }
    }

    /// What made the scanner stop.
    pub(super) fn malformed(&self) -> Malformed {
        Malformed {
            at: self.pos,
            expected: self.expected,
        }
    }

    /// Passes over what may stand in front of a line's object.
    pub(super) fn framing(&mut self) -> Scan<()> {
        while let Some(&byte) = self.bytes.get(self.pos) {
            match byte {
                b'{' => break,
                b' ' | b'\t' | b'\r' | 0x1E => self.pos += 1,
                0xEF if self.bytes[self.pos..].starts_with(b"\xEF\xBB\xBF") => self.pos += 3,
                _ => return self.fail("'{'"),
            }
        }
        Ok(())
    }

    /// Makes sure that nothing but blanks follows.
    pub(super) fn end(&mut self) -> Scan<()> {
        self.space();
        if self.pos < self.bytes.len() {
            self.fail("the end of the line")
        } else {
            Ok(())
        }
    }

    /// Scans an object whose members are matched against the children of `node`.
    ///
    /// Recursion is bounded by the depth of the wanted paths, not by the data.
    fn object(&mut self, nodes: &[Node], node: usize, out: &mut impl Collect) -> Scan<()> {
        self.members(
            |scanner, key, kind| match nodes[node].child(key, kind == Kind::Escaped) {
                None => scanner.value().map(drop),
                Some(child) => scanner.wanted(nodes, child, out),
            },
        )
    }

    fn array(&mut self, nodes: &[Node], node: usize, out: &mut impl Collect) -> Scan<()> {
        let mut index = 0..;
        self.elements(
            |scanner| match index.next().and_then(|index| nodes[node].element(index)) {
                None => scanner.value().map(drop),
                Some(child) => scanner.wanted(nodes, child, out),
            },
        )
    }

    /// True if an object stands here.
    pub(super) fn is_object(&self) -> bool {
        self.peek() == b'{'
    }

    /// Goes through the members of an object; `each` stands before the value and passes it.
    #[inline]
    pub(super) fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a [u8], Kind) -> Scan<()>,
    ) -> Scan<()> {
        if self.peek() != b'{' {
            return self.fail("'{'");
        }
        self.pos += 1;
        if self.peek_after_space() == b'}' {
            self.pos += 1;
            return Ok(());
        }
        loop {
            let start = self.pos + 1;
            let kind = self.key()?;
            let key = &self.bytes[start..self.pos - 1];
            self.colon()?;
            each(self, key, kind)?;
            match self.peek_after_space() {
                b',' => self.pos += 1,
                b'}' => {
                    self.pos += 1;
                    return Ok(());
                }
                _ => return self.fail("',' or '}'"),
            }
            self.space();
        }
    }

    /// Goes through the elements of an array; `each` stands before the value and passes it.
    #[inline]
    pub(super) fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Scan<()>) -> Scan<()> {
        if self.peek() != b'[' {
            return self.fail("'['");
        }
        self.pos += 1;
        if self.peek_after_space() == b']' {
            self.pos += 1;
            return Ok(());
        }
        loop {
            each(self)?;
            match self.peek_after_space() {
                b',' => self.pos += 1,
                b']' => {
                    self.pos += 1;
                    return Ok(());
                }
                _ => return self.fail("',' or ']'"),
            }
            self.space();
        }
    }

    fn wanted(&mut self, nodes: &[Node], node: usize, out: &mut impl Collect) -> Scan<()> {
        let start = self.pos;
        out.forget(nodes[node].below());
        let kind = match self.peek() {
            b'{' if nodes[node].has_children() => {
                self.object(nodes, node, out)?;
                Kind::Object
            }
            b'[' if nodes[node].has_elements() => {
                self.array(nodes, node, out)?;
                Kind::Array
            }
            _ => self.value()?,
        };
        let quote = usize::from(matches!(kind, Kind::Plain | Kind::Escaped));
        let (first, last) = nodes[node].slots();
        if let Some(slot) = first {
            out.found(slot, false, kind, start + quote, self.pos - quote);
        }
        if let Some(slot) = last {
            out.found(slot, true, kind, start + quote, self.pos - quote);
        }
        Ok(())
    }

    /// Passes over one value of any kind and depth and hands it out.
    pub(super) fn read(&mut self) -> Scan<Value<'a>> {
        let start = self.pos;
        let kind = self.value()?;
        let quote = usize::from(matches!(kind, Kind::Plain | Kind::Escaped));
        Ok(Value {
            kind,
            raw: &self.bytes[start + quote..self.pos - quote],
        })
    }

    /// Passes over one value of any kind and depth.
    fn value(&mut self) -> Scan<Kind> {
        match self.peek() {
            b'"' => self.string(),
            b'{' | b'[' => self.container(),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Scan<Kind> {
        match self.peek() {
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true", Kind::True),
            b'f' => self.word(b"false", Kind::False),
            b'n' => self.word(b"null", Kind::Null),
            b'N' => self.word(b"NaN", Kind::Number),
            b'I' => self.word(b"Infinity", Kind::Number),
            _ => self.fail("a value"),
        }
    }

    /// Passes over an object or array without recursion: one bit a level says which it is.
    fn container(&mut self) -> Scan<Kind> {
        let kind = if self.peek() == b'{' {
            Kind::Object
        } else {
            Kind::Array
        };
        let mut open = BitStack::default();
        loop {
            // A value begins here, and every enclosing container is in `open`.
            match self.peek() {
                b'"' => {
                    self.string()?;
                }
                bracket @ (b'{' | b'[') => {
                    let object = bracket == b'{';
                    self.pos += 1;
                    let next = self.peek_after_space();
                    if next == (if object { b'}' } else { b']' }) {
                        self.pos += 1;
                    } else {
                        open.push(object);
                        if object {
                            self.key()?;
                            self.colon()?;
                        }
                        continue;
                    }
                }
                _ => {
                    self.scalar()?;
                }
            }
            // A value has ended: close what closes, then go on after a comma.
            loop {
                let Some(object) = open.top() else {
                    return Ok(kind);
                };
                match self.peek_after_space() {
                    b',' => {
                        self.pos += 1;
                        self.space();
                        if object {
                            self.key()?;
                            self.colon()?;
                        }
                        break;
                    }
                    b'}' if object => open.pop(),
                    b']' if !object => open.pop(),
                    _ => return self.fail(if object { "',' or '}'" } else { "',' or ']'" }),
                }
                self.pos += 1;
            }
        }
    }

    fn key(&mut self) -> Scan<Kind> {
        if self.peek() == b'"' {
            self.string()
        } else {
            self.fail("a key in double quotes")
        }
    }

    #[inline]
    fn colon(&mut self) -> Scan<()> {
        if self.peek_after_space() != b':' {
            return self.fail("':'");
        }
        self.pos += 1;
        self.space();
        Ok(())
    }

    /// Passes over a string; the position is at its opening quote.
    #[inline]
    fn string(&mut self) -> Scan<Kind> {
        match self.quotes.open(self.bytes, self.pos) {
            Some(at) if self.bytes.get(at) == Some(&b'"') => {
                self.pos = at + 1;
                Ok(Kind::Plain)
            }
            Some(backslash) => self.escaped_string(backslash),
            None => self.unterminated(),
        }
    }

    /// Passes over a string from its first backslash.
    #[inline(never)]
    fn escaped_string(&mut self, backslash: usize) -> Scan<Kind> {
        self.pos = backslash;
        loop {
            if self.peek() == b'"' {
                self.pos += 1;
                return Ok(Kind::Escaped);
            }
            self.escape()?;
            match self.quotes.next(self.bytes, self.pos) {
                Some(at) => self.pos = at,
                None => return self.unterminated(),
            }
        }
    }

    #[cold]
    fn unterminated(&mut self) -> Scan<Kind> {
        self.pos = self.bytes.len();
        self.fail("'\"'")
    }

    fn escape(&mut self) -> Scan<()> {
        match self.bytes.get(self.pos + 1) {
            Some(b'"' | b'\\') => {
                self.quotes.pass();
                self.pos += 2;
            }
            Some(b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.pos += 2,
            Some(b'u') => {
                let hex = self.bytes.get(self.pos + 2..self.pos + 6);
                if !hex.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return self.fail("four hex digits after \\u");
                }
                self.pos += 6;
            }
            _ => return self.fail("an escape of JSON"),
        }
        Ok(())
    }

    fn number(&mut self) -> Scan<Kind> {
        if self.peek() == b'-' {
            self.pos += 1;
            if self.peek() == b'I' {
                return self.word(b"Infinity", Kind::Number);
            }
        }
        if self.peek() == b'0' {
            self.pos += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.pos += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.pos += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.pos += 1;
            }
            self.digits()?;
        }
        Ok(Kind::Number)
    }

    #[inline]
    fn digits(&mut self) -> Scan<()> {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.pos += count;
        if count == 0 {
            self.fail("a digit")
        } else {
            Ok(())
        }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Scan<Kind> {
        if !self.bytes[self.pos..].starts_with(word) {
            return self.fail("a value");
        }
        self.pos += word.len();
        Ok(kind)
    }

    /// The byte here, or NUL at the end: NUL is never part of a token.
    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.pos).copied().unwrap_or(0)
    }

    #[inline]
    fn peek_after_space(&mut self) -> u8 {
        self.space();
        self.peek()
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.bytes.get(self.pos), Some(b' ' | b'\t' | b'\r')) {
            self.pos += 1;
        }
    }

    #[cold]
    pub(super) fn fail<T>(&mut self, expected: &'static str) -> Scan<T> {
        self.expected = expected;
        Err(Refused)
    }
}
