//! What a projection found in one line: where the values of its slots stand. It knows no paths,
//! and its memory is used again for the next line.

use super::{
    scan::Collect,
    shapes::Shapes,
    value::{Kind, Value},
};

/// Where the values of one line stand, and what the lines before it were like.
#[derive(Debug, Default)]
pub struct Found {
    pub(super) slots: Slots,
    pub(super) shapes: Shapes,
}

/// Where the values of one line stand.
#[derive(Debug, Default)]
pub(super) struct Slots {
    present: Vec<u64>,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
    kind: Kind,
}

impl Found {
    /// A bit for each of 64 slots: whether anything was found for it.
    #[inline]
    pub(super) fn word(&self, word: usize) -> u64 {
        self.slots.present.get(word).copied().unwrap_or(0)
    }

    /// What stands in a slot, if anything was found for it.
    #[inline]
    pub(super) fn value<'a>(&self, slot: u16, line: &'a [u8]) -> Option<Value<'a>> {
        self.slots.value(slot, line)
    }
}

impl Slots {
    /// Forgets everything, and makes room for that many slots.
    #[inline]
    pub(super) fn reset(&mut self, slots: u16) {
        if self.spans.len() == usize::from(slots) {
            // One or two words without a call of memset, which takes longer than they do.
            match self.present.as_mut_slice() {
                [] => {}
                [one] => *one = 0,
                [one, other] => (*one, *other) = (0, 0),
                many => many.fill(0),
            }
        } else {
            self.present = vec![0; usize::from(slots).div_ceil(64)];
            self.spans = vec![
                Span {
                    start: 0,
                    end: 0,
                    kind: Kind::Null
                };
                usize::from(slots)
            ];
        }
    }

    /// What stands in a slot, if anything was found for it.
    #[inline]
    fn value<'a>(&self, slot: u16, line: &'a [u8]) -> Option<Value<'a>> {
        let slot = usize::from(slot);
        if self.present.get(slot / 64)? >> (slot % 64) & 1 == 0 {
            return None;
        }
        let Span { start, end, kind } = self.spans[slot];
        Some(Value {
            kind,
            raw: line.get(start as usize..end as usize)?,
        })
    }
}

impl Collect for Slots {
    #[inline]
    fn forget(&mut self, slots: &[u16]) {
        for &slot in slots {
            let slot = usize::from(slot);
            self.present[slot / 64] &= !(1 << (slot % 64));
        }
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the pump never hands out a line of 4 GiB"
    )]
    fn found(&mut self, slot: u16, last_wins: bool, kind: Kind, start: usize, end: usize) {
        let slot = usize::from(slot);
        let bit = 1 << (slot % 64);
        let word = &mut self.present[slot / 64];
        if *word & bit == 0 || last_wins {
            *word |= bit;
            self.spans[slot] = Span {
                start: start as u32,
                end: end as u32,
                kind,
            };
        }
    }
}
