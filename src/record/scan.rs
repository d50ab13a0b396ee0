//! The scanner: one pass over a line that checks it and notes where the wanted values are.
//!
//! It accepts JSON (RFC 8259) and, beyond it, what real producers write: bare `NaN`,
//! `Infinity` and `-Infinity`, lone surrogates, raw control characters and invalid UTF-8
//! inside strings. Duplicate keys are fine: who asks decides which one counts. It is
//! iterative, so depth costs one bit a level and no stack.

use super::{
    found::{Slots, Span},
    index::Line,
    learned::Memory,
    line::MARK,
    quotes::{Quotes, Search},
    trie::{Node, Pair},
    value::Kind,
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

pub(super) type Scan<T> = Result<T, Refused>;

/// A position in a line; `Q` knows where strings end.
pub(super) struct Scanner<'a, Q = Search> {
    pub(super) bytes: &'a [u8],
    /// The same, with what stands behind it; never shorter.
    pub(super) ahead: &'a [u8],
    pub(super) pos: usize,
    pub(super) quotes: Q,
    pub(super) expected: &'static str,
}

impl<'a, Q: Quotes> Scanner<'a, Q> {
    /// Stands before the first byte of a line.
    pub(super) fn new(line: Line<'a>, quotes: Q) -> Self {
        Self {
            bytes: line.bytes,
            ahead: line.ahead,
            pos: 0,
            quotes,
            expected: "",
        }
    }

    /// Scans a whole line: one object, white space around it, nothing else.
    ///
    /// A byte order mark and a record separator (RFC 7464) in front are white space here.
    /// Returns its layout, if that is known; else the values have gone to `out`.
    pub(super) fn line(
        &mut self,
        nodes: &[Node],
        memory: &mut Memory<'_>,
        out: &mut Slots,
    ) -> Result<Option<u16>, Malformed> {
        let scanned = self
            .framing()
            .and_then(|()| self.record(nodes, memory, out))
            .and_then(|layout| self.end().map(|()| layout));
        scanned.map_err(|Refused| self.malformed())
    }

    /// Scans the object that a line is, whatever follows it. Where nothing in it is wanted, its keys
    /// are not even looked at.
    pub(super) fn record(
        &mut self,
        nodes: &[Node],
        memory: &mut Memory<'_>,
        out: &mut Slots,
    ) -> Scan<Option<u16>> {
        if nodes[0].has_children() || !self.is_object() {
            self.learned(nodes, memory, out)
        } else {
            out.clear();
            self.container().map(|_| None)
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
                0xEF if self.bytes[self.pos..].starts_with(MARK) => self.pos += MARK.len(),
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
    fn object(&mut self, nodes: &[Node], node: usize, out: &mut Slots) -> Scan<()> {
        self.members(
            |scanner, key, kind| match nodes[node].child(key, kind == Kind::Escaped) {
                None => scanner.value().map(drop),
                Some(child) => scanner.wanted(nodes, child, out).map(drop),
            },
        )
    }

    fn array(&mut self, nodes: &[Node], node: usize, out: &mut Slots) -> Scan<()> {
        let mut index = 0..;
        self.elements(
            |scanner| match index.next().and_then(|index| nodes[node].element(index)) {
                None => scanner.value().map(drop),
                Some(child) => scanner.wanted(nodes, child, out).map(drop),
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
        let mut is_first = true;
        while let Some((key, kind)) = self.next_key(is_first)? {
            each(self, key, kind)?;
            is_first = false;
        }
        Ok(())
    }

    /// Passes over what stands in front of the next value of an object, or over its end.
    #[inline]
    pub(super) fn next_key(&mut self, is_first: bool) -> Scan<Option<(&'a [u8], Kind)>> {
        if is_first {
            if self.peek() != b'{' {
                return self.fail("'{'");
            }
            self.pos += 1;
            if self.peek_after_space() == b'}' {
                self.pos += 1;
                return Ok(None);
            }
        } else {
            match self.peek_after_space() {
                b',' => self.pos += 1,
                b'}' => {
                    self.pos += 1;
                    return Ok(None);
                }
                _ => return self.fail("',' or '}'"),
            }
            self.space();
        }
        let start = self.pos + 1;
        let kind = self.key()?;
        let key = &self.bytes[start..self.pos - 1];
        self.colon()?;
        Ok(Some((key, kind)))
    }

    /// Goes through the elements of an array; `each` stands before the value and passes it.
    #[inline]
    pub(super) fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Scan<()>) -> Scan<()> {
        let mut is_first = true;
        while self.next_element(is_first)? {
            each(self)?;
            is_first = false;
        }
        Ok(())
    }

    /// Passes over what stands in front of the next element of an array; or over its end, and says no.
    #[inline]
    pub(super) fn next_element(&mut self, is_first: bool) -> Scan<bool> {
        if is_first {
            if self.peek() != b'[' {
                return self.fail("'['");
            }
            self.pos += 1;
            if self.peek_after_space() == b']' {
                self.pos += 1;
                return Ok(false);
            }
        } else {
            match self.peek_after_space() {
                b',' => self.pos += 1,
                b']' => {
                    self.pos += 1;
                    return Ok(false);
                }
                _ => return self.fail("',' or ']'"),
            }
            self.space();
        }
        Ok(true)
    }

    /// Passes over a value and hands out what is wanted of it.
    pub(super) fn wanted(&mut self, nodes: &[Node], node: usize, out: &mut Slots) -> Scan<Kind> {
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
        self.hand_out(nodes[node].slots(), kind, start, out);
        Ok(kind)
    }

    /// Hands out the value from `start` up to here.
    #[inline]
    pub(super) fn hand_out(&self, slots: Pair, kind: Kind, start: usize, out: &mut Slots) {
        let quote = usize::from(matches!(kind, Kind::Plain | Kind::Escaped));
        out.put(slots, Span::new(kind, start + quote, self.pos - quote));
    }

    pub(super) fn key(&mut self) -> Scan<Kind> {
        if self.peek() == b'"' {
            self.string()
        } else {
            self.fail("a key in double quotes")
        }
    }

    #[inline]
    pub(super) fn colon(&mut self) -> Scan<()> {
        if self.peek_after_space() != b':' {
            return self.fail("':'");
        }
        self.pos += 1;
        self.space();
        Ok(())
    }
}
