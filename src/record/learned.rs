//! Scanning the outermost object of a line, of which much is known from the lines before it:
//! the keys that may follow each other, and where the values of lines with these keys go.

use super::{
    found::Slots,
    layouts::{Layouts, Members},
    quotes::Quotes,
    scan::{Scan, Scanner},
    shapes::{Key, Place, Shapes, Target, Wish},
    trie::Node,
    value::Kind,
};

/// What is known of lines, and the memory that a scan needs.
pub(super) struct Memory<'m> {
    pub(super) shapes: &'m mut Shapes,
    pub(super) layouts: &'m mut Layouts,
    pub(super) members: &'m mut Members,
    /// What is found inside of members.
    pub(super) inner: &'m mut Slots,
    /// The state of the projection that lines are scanned for.
    pub(super) revision: u64,
}

/// Where a scan of known members has stopped.
enum Stop {
    /// Behind the object.
    End,
    /// In front of a key, or of what should be one.
    Key,
}

impl<Q: Quotes> Scanner<'_, Q> {
    /// Scans the outermost object. Returns its layout, if that is known; else the values have
    /// gone to `out`.
    pub(super) fn learned(
        &mut self,
        nodes: &[Node],
        memory: &mut Memory<'_>,
        out: &mut Slots,
    ) -> Scan<Option<u16>> {
        let Memory {
            shapes,
            layouts,
            members,
            inner,
            revision,
        } = memory;
        let mut place = shapes.begin(*revision);
        members.clear();
        inner.clear();
        let stop = self.known(nodes, shapes, members, inner, &mut place)?;
        if let Stop::End = stop
            && let Some(layout) = layouts.find(members, shapes.generation())
        {
            return Ok(Some(layout));
        }
        out.clear();
        members.hand_out(nodes, shapes, out);
        if let Stop::End = stop {
            layouts.learn(members, nodes, shapes, out);
        }
        out.add(inner);
        if let Stop::Key = stop {
            self.others(nodes, shapes, place, members.is_empty(), out)?;
        }
        Ok(None)
    }

    /// Passes over members as long as their keys are known.
    #[inline]
    fn known(
        &mut self,
        nodes: &[Node],
        shapes: &mut Shapes,
        members: &mut Members,
        inner: &mut Slots,
        place: &mut Place,
    ) -> Scan<Stop> {
        let (bytes, ahead) = (self.bytes, self.ahead);
        // In a register, because this is the hottest loop of all.
        let mut at = self.pos;
        loop {
            let rest = if members.is_full() {
                &[]
            } else {
                ahead.get(at..).unwrap_or_default()
            };
            let Some((number, key)) = shapes.next(place, rest) else {
                self.pos = at;
                if !members.is_empty() && self.peek_after_space() == b'}' {
                    self.pos += 1;
                    return Ok(Stop::End);
                }
                return Ok(Stop::Key);
            };
            self.quotes.skip(usize::from(key.marks));
            at += usize::from(key.length);
            if !inner.is_empty()
                && let Wish::Scan(node) = key.target.wish()
            {
                // An equal key replaces what is inside of the value before.
                inner.forget(nodes[node].below());
            }
            // Most values are short strings without escapes.
            if let Some(b'"') = bytes.get(at)
                && let Some(end) = self.quotes.open(bytes, ahead, at)
            {
                if let Some(b'"') = bytes.get(end) {
                    members.push(number, Kind::Plain, at + 1, end);
                    at = end + 1;
                    continue;
                }
                self.escaped_string(end)?;
                members.push(number, Kind::Escaped, at + 1, self.pos - 1);
                at = self.pos;
                continue;
            }
            self.pos = at;
            // There may be more blanks than there were before.
            self.space();
            let start = self.pos;
            let byte = self.peek();
            let kind = if byte.is_ascii_digit() {
                self.number()?
            } else if matches!(byte, b'{' | b'[')
                && let Wish::Scan(node) = key.target.wish()
            {
                self.wanted(nodes, node, inner)?
            } else {
                self.value()?
            };
            let quote = usize::from(matches!(kind, Kind::Plain | Kind::Escaped));
            members.push(number, kind, start + quote, self.pos - quote);
            at = self.pos;
        }
    }

    /// Scans the members from here on, and learns which keys there are.
    fn others(
        &mut self,
        nodes: &[Node],
        shapes: &mut Shapes,
        mut place: Place,
        mut is_first: bool,
        out: &mut Slots,
    ) -> Scan<()> {
        loop {
            let rest = self.ahead.get(self.pos..).unwrap_or_default();
            let target = if let Some((_, key)) = shapes.next(&mut place, rest) {
                self.pass_key(key);
                key.target
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

    /// Passes over a key that is known to stand here.
    #[inline]
    fn pass_key(&mut self, key: &Key) {
        self.quotes.skip(usize::from(key.marks));
        self.pos += usize::from(key.length);
        // There may be more blanks than there were before.
        if self.peek() <= b' ' {
            self.space();
        }
    }

    /// Passes over a value and hands it out if it is wanted.
    fn put(&mut self, nodes: &[Node], target: Target, out: &mut Slots) -> Scan<()> {
        match target.wish() {
            Wish::Pass => self.value().map(drop),
            Wish::Scan(node) => self.wanted(nodes, node, out).map(drop),
            Wish::Put => {
                let start = self.pos;
                let kind = self.value()?;
                self.hand_out(target.slots(), kind, start, out);
                Ok(())
            }
        }
    }
}
