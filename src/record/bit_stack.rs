//! A stack of bits, for the kinds of the containers that are open.

/// A stack of bits: the first 64 levels without allocation.
#[derive(Default)]
pub(super) struct BitStack {
    low: u64,
    depth: usize,
    spilled: Vec<u64>,
}

impl BitStack {
    pub(super) fn push(&mut self, bit: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.spilled.push(self.low);
        }
        self.low = self.low << 1 | u64::from(bit);
        self.depth += 1;
    }

    pub(super) fn pop(&mut self) {
        self.depth -= 1;
        self.low >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.low = self.spilled.pop().unwrap_or(0);
        }
    }

    #[inline]
    pub(super) fn top(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.low & 1 == 1)
    }
}
