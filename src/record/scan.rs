//! The scanner: one pass over a line that checks it and notes where the wanted values are.
//!
//! It accepts JSON (RFC 8259) and, beyond it, what real producers write: bare `NaN`,
//! `Infinity` and `-Infinity`, lone surrogates, raw control characters and invalid UTF-8
//! inside strings. Duplicate keys are fine: who asks decides which one counts. It is
//! iterative, so depth costs one bit a level and no stack.

use super::{
    index::Line,
    quotes::{Quotes, Search},
    shapes::{Shapes, Target, Wish},
    trie::{Node, Slots},
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

/// Receives the values that a projection asked for.
pub(super) trait Collect {
    /// The value of `slot` stands at `start..end` of the line.
    fn found(&mut self, slot: u16, last_wins: bool, kind: Kind, start: usize, end: usize);

    /// What these slots have got is no longer part of the line's meaning.
    fn forget(&mut self, slots: &[u16]);
}

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
    pub(super) fn line(
        &mut self,
        nodes: &[Node],
        learned: (&mut Shapes, u64),
        out: &mut impl Collect,
    ) -> Result<(), Malformed> {
        let scanned = self
            .framing()
            .and_then(|()| self.record(nodes, learned, out))
            .and_then(|()| self.end());
        scanned.map_err(|Refused| self.malformed())
    }

    /// Scans the object that a line is. Where nothing in it is wanted, its keys are not even
    /// looked at.
    fn record(
        &mut self,
        nodes: &[Node],
        (shapes, revision): (&mut Shapes, u64),
        out: &mut impl Collect,
    ) -> Scan<()> {
        if nodes[0].has_children() || !self.is_object() {
            self.learned(nodes, shapes, revision, out)
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

    /// Scans the outermost object, of which much is known from the lines before it.
    fn learned(
        &mut self,
        nodes: &[Node],
        shapes: &mut Shapes,
        revision: u64,
        out: &mut impl Collect,
    ) -> Scan<()> {
        let mut place = shapes.begin(revision);
        let mut is_first = true;
        loop {
            let rest = self.ahead.get(self.pos..).unwrap_or_default();
            let target = if let Some(key) = shapes.next(&mut place, rest) {
                self.quotes.skip(usize::from(key.marks));
                self.pos += usize::from(key.length);
                let target = key.target;
                // There may be more blanks than there were before.
                if self.peek() <= b' ' {
                    self.space();
                }
                target
            } else {
                let start = self.pos;
                let Some((key, kind)) = self.next_key(is_first)? else {
                    return Ok(());
                };
                let node = nodes[0].child(key, kind == Kind::Escaped);
                let target = Target::new(nodes, node);
                shapes.learn(&mut place, &self.bytes[start..self.pos], target);
                target
            };
            self.put(nodes, target, out)?;
            is_first = false;
        }
    }

    /// Passes over a value and hands it out if it is wanted.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "measured: a call costs as much as what it does, and there is one caller"
    )]
    fn put(&mut self, nodes: &[Node], target: Target, out: &mut impl Collect) -> Scan<()> {
        // Most values are strings or numbers, and a call costs as much as a short one.
        let byte = self.peek();
        if byte == b'"' || byte.is_ascii_digit() {
            let start = self.pos;
            let kind = if byte == b'"' {
                self.string()?
            } else {
                self.number()?
            };
            if let Wish::Scan(node) = target.wish() {
                out.forget(nodes[node].below());
            }
            self.hand_out(target.slots(), kind, start, out);
            return Ok(());
        }
        match target.wish() {
            Wish::Pass => self.value().map(drop),
            Wish::Scan(node) => self.wanted(nodes, node, out),
            Wish::Put => {
                let start = self.pos;
                let kind = self.value()?;
                self.hand_out(target.slots(), kind, start, out);
                Ok(())
            }
        }
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
        let mut is_first = true;
        while let Some((key, kind)) = self.next_key(is_first)? {
            each(self, key, kind)?;
            is_first = false;
        }
        Ok(())
    }

    /// Passes over what stands in front of the next value of an object, or over its end.
    #[inline]
    fn next_key(&mut self, is_first: bool) -> Scan<Option<(&'a [u8], Kind)>> {
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
        self.hand_out(nodes[node].slots(), kind, start, out);
        Ok(())
    }

    /// Hands out the value from `start` up to here.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "measured: a call costs as much as what it does"
    )]
    fn hand_out(&self, slots: Slots, kind: Kind, start: usize, out: &mut impl Collect) {
        let quote = usize::from(matches!(kind, Kind::Plain | Kind::Escaped));
        let (start, end) = (start + quote, self.pos - quote);
        if slots.first != Slots::NONE {
            out.found(slots.first, false, kind, start, end);
        }
        if slots.last != Slots::NONE {
            out.found(slots.last, true, kind, start, end);
        }
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
