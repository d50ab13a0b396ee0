//! What a projection found in one line: where the values of its slots stand. It knows no paths,
//! and its memory is used again for the next line.

use super::{
    layouts::{Layouts, Members},
    shapes::Shapes,
    trie::Pair,
    value::{Kind, Value},
};

/// Where the values of one line stand, and what the lines before it were like.
#[derive(Debug, Default)]
pub struct Found {
    /// The layout of the line, if that is known: its values are members then.
    pub(super) layout: Option<u16>,
    pub(super) members: Members,
    /// What was found inside of these members.
    pub(super) inner: Slots,
    /// The values of a line of which the layout is not known.
    pub(super) slots: Slots,
    pub(super) shapes: Shapes,
    pub(super) layouts: Layouts,
}

/// Where the values of one line stand.
#[derive(Debug, Default)]
pub(super) struct Slots {
    present: Vec<u64>,
    spans: Vec<Span>,
    /// False if nothing was ever put here since all was forgotten.
    is_used: bool,
}

/// A value in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
    kind: Kind,
}

impl Default for Span {
    fn default() -> Self {
        let (start, end, kind) = (0, 0, Kind::Null);
        Self { start, end, kind }
    }
}

impl Span {
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the pump never hands out a line of 4 GiB"
    )]
    pub(super) fn new(kind: Kind, start: usize, end: usize) -> Self {
        let (start, end) = (start as u32, end as u32);
        Self { start, end, kind }
    }

    #[inline]
    fn value(self, line: &[u8]) -> Option<Value<'_>> {
        let Self { start, end, kind } = self;
        let raw = line.get(start as usize..end as usize)?;
        Some(Value { kind, raw })
    }
}

impl Found {
    /// A number for the keys of the line, and for how long it holds.
    #[inline]
    pub(super) fn layout(&self) -> Option<(u64, u16)> {
        Some((self.layouts.epoch(), self.layout?))
    }

    /// True if anything was found inside of members.
    #[inline]
    pub(super) fn has_inner(&self) -> bool {
        !self.inner.is_empty()
    }

    /// The members of the line, in their order, if its layout is known.
    pub(super) fn members<'a>(
        &self,
        line: &'a [u8],
    ) -> Option<impl Iterator<Item = (&[u8], Value<'a>)>> {
        self.layout?;
        let member =
            move |(key, span): (u16, Span)| Some((self.shapes.name(key), span.value(line)?));
        Some(self.members.iter().filter_map(member))
    }

    /// The member of that number, if the layout of the line is known.
    #[inline]
    pub(super) fn member<'a>(&self, number: usize, line: &'a [u8]) -> Option<Value<'a>> {
        self.layout?;
        self.members.span(number)?.value(line)
    }

    /// The number of the member that stands in a slot, if the layout of the line is known.
    #[inline]
    pub(super) fn number_of(&self, slot: u16) -> Option<usize> {
        self.layouts.member(self.layout?, slot)
    }

    /// A bit for each of 64 slots: whether anything was found for it.
    #[inline]
    pub(super) fn word(&self, word: usize) -> u64 {
        match self.layout {
            Some(layout) => self.layouts.word(layout, word) | self.inner.word(word),
            None => self.slots.word(word),
        }
    }

    /// A bit for each of 64 slots: whether anything may be found for it in a line with these keys.
    pub(super) fn word_at_most(&self, word: usize) -> u64 {
        match self.layout {
            Some(layout) => self.layouts.word_at_most(layout, word),
            None => self.slots.word(word),
        }
    }

    /// True if anything may be found for a slot in a line with these keys.
    pub(super) fn may_have(&self, slot: u16) -> bool {
        self.word_at_most(usize::from(slot / 64)) >> (slot % 64) & 1 == 1
    }

    /// What stands in a slot, if anything was found for it.
    #[inline]
    pub(super) fn value<'a>(&self, slot: u16, line: &'a [u8]) -> Option<Value<'a>> {
        let span = match self.layout {
            Some(layout) => match self.layouts.span(layout, &self.members, slot) {
                Some(span) => span,
                None if self.inner.is_empty() => return None,
                None => self.inner.get(usize::from(slot))?,
            },
            None => self.slots.get(usize::from(slot))?,
        };
        span.value(line)
    }
}

impl Slots {
    /// Makes room for that many slots.
    #[inline]
    pub(super) fn resize(&mut self, slots: u16) {
        if self.spans.len() != usize::from(slots) {
            self.renew(slots);
        }
    }

    #[cold]
    fn renew(&mut self, slots: u16) {
        let slots = usize::from(slots);
        self.is_used = false;
        self.present = vec![0; slots.div_ceil(64)];
        self.spans = vec![Span::default(); slots];
    }

    /// Forgets everything.
    #[inline]
    pub(super) fn clear(&mut self) {
        if self.is_used {
            self.present.fill(0);
            self.is_used = false;
        }
    }

    /// True if nothing was put here since all was forgotten.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        !self.is_used
    }

    /// Puts what stands in the slots of `others` into those that have nothing.
    pub(super) fn add(&mut self, others: &Self) {
        if others.is_used {
            for (slot, span) in others.spans().enumerate() {
                if let (Some(span), None) = (span, self.get(slot)) {
                    self.set(slot, span);
                }
            }
        }
    }

    /// What these slots have got is no longer part of the line's meaning.
    #[inline]
    pub(super) fn forget(&mut self, slots: &[u16]) {
        for &slot in slots {
            let slot = usize::from(slot);
            self.present[slot / 64] &= !(1 << (slot % 64));
        }
    }

    /// Puts a value into the slots that keep the first one and the last one.
    #[inline]
    pub(super) fn put(&mut self, Pair { first, last }: Pair, span: Span) {
        if first != Pair::NONE && self.get(usize::from(first)).is_none() {
            self.set(usize::from(first), span);
        }
        if last != Pair::NONE {
            self.set(usize::from(last), span);
        }
    }

    #[inline]
    fn set(&mut self, slot: usize, span: Span) {
        self.present[slot / 64] |= 1 << (slot % 64);
        self.spans[slot] = span;
        self.is_used = true;
    }

    #[inline]
    fn get(&self, slot: usize) -> Option<Span> {
        let is_present = self.present.get(slot / 64)? >> (slot % 64) & 1 == 1;
        is_present.then_some(*self.spans.get(slot)?)
    }

    /// What stands in each slot.
    pub(super) fn spans(&self) -> impl Iterator<Item = Option<Span>> + '_ {
        (0..self.spans.len()).map(|slot| self.get(slot))
    }

    /// A bit for each of 64 slots: whether anything stands in it.
    #[inline]
    fn word(&self, word: usize) -> u64 {
        self.present.get(word).copied().unwrap_or(0)
    }

    /// A bit for each slot: whether anything stands in it.
    pub(super) fn words(&self) -> &[u64] {
        &self.present
    }
}
