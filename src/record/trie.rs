//! The trie of a projection: which keys and elements are wanted below which.

use super::{path::Step, value::unescape};

/// The slots of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// The one that keeps the first value.
    pub(super) first: u16,
    /// The one that keeps the last.
    pub(super) last: u16,
}

impl Pair {
    /// No slot.
    pub(super) const NONE: u16 = u16::MAX;
}

impl Default for Pair {
    fn default() -> Self {
        let [first, last] = [Self::NONE; 2];
        Self { first, last }
    }
}

/// A node of the trie: the wanted keys and elements below one value.
#[derive(Debug, Default)]
pub(super) struct Node {
    keys: Vec<(Box<[u8]>, usize)>,
    /// Open addressing over `keys`: 0 is free, n stands for `keys[n - 1]`.
    table: Vec<u16>,
    elements: Vec<(usize, usize)>,
    pub(super) first: Option<u16>,
    pub(super) last: Option<u16>,
    /// The slots further below that keep the last value.
    pub(super) below: Vec<u16>,
}

impl Node {
    /// The child for a key as it stands in the line.
    #[inline]
    pub(super) fn child(&self, key: &[u8], escaped: bool) -> Option<usize> {
        if escaped {
            self.lookup(unescape(key).as_bytes())
        } else {
            self.lookup(key)
        }
    }

    /// The child for an element of an array.
    pub(super) fn element(&self, index: usize) -> Option<usize> {
        self.elements
            .iter()
            .find(|(wanted, _)| *wanted == index)
            .map(|&(_, child)| child)
    }

    /// The nodes of its keys and elements.
    pub(super) fn children(&self) -> impl Iterator<Item = usize> + '_ {
        let keys = self.keys.iter().map(|(_, child)| *child);
        keys.chain(self.elements.iter().map(|(_, child)| *child))
    }

    pub(super) fn has_children(&self) -> bool {
        !self.keys.is_empty()
    }

    pub(super) fn has_elements(&self) -> bool {
        !self.elements.is_empty()
    }

    /// True if nothing is wanted of what is below, so that the slots are all there is to it.
    pub(super) fn is_plain(&self) -> bool {
        self.keys.is_empty() && self.elements.is_empty() && self.below.is_empty()
    }

    /// The slots that keep last values below this one, which another value in its place has
    /// replaced together with it.
    pub(super) fn below(&self) -> &[u16] {
        &self.below
    }

    /// The slot that keeps the first value, and the one that keeps the last.
    pub(super) fn slots(&self) -> Pair {
        let number = |slot: Option<u16>| slot.unwrap_or(Pair::NONE);
        Pair {
            first: number(self.first),
            last: number(self.last),
        }
    }

    pub(super) fn step(&self, step: &Step) -> Option<usize> {
        match step {
            Step::Key(key) => self.lookup(key.as_bytes()),
            Step::Index(index) => self.element(*index),
        }
    }

    #[inline]
    fn lookup(&self, key: &[u8]) -> Option<usize> {
        let mask = self.table.len().checked_sub(1)?;
        let mut at = hash(key) & mask;
        loop {
            let (candidate, child) = &self.keys[usize::from(self.table[at]).checked_sub(1)?];
            if **candidate == *key {
                return Some(*child);
            }
            at = (at + 1) & mask;
        }
    }

    pub(super) fn insert(&mut self, step: &Step, child: usize) {
        match step {
            Step::Index(index) => self.elements.push((*index, child)),
            Step::Key(key) => {
                self.keys.push((key.as_bytes().into(), child));
                self.rebuild();
            }
        }
    }

    /// Lays the table out anew, a quarter full at most, so that most foreign keys miss at once.
    fn rebuild(&mut self) {
        let mask = (self.keys.len() * 4).next_power_of_two() - 1;
        self.table = vec![0; mask + 1];
        for (number, (key, _)) in (1_u16..).zip(&self.keys) {
            let mut at = hash(key) & mask;
            while self.table[at] != 0 {
                at = (at + 1) & mask;
            }
            self.table[at] = number;
        }
    }
}

/// Hashes a key by its length and three of its bytes: enough to tell field names apart, and
/// a few instructions only, because it runs for every key of every record.
#[inline]
fn hash(key: &[u8]) -> usize {
    let length = key.len();
    let (Some(&first), Some(&middle), Some(&last)) = (key.first(), key.get(length / 2), key.last())
    else {
        return 0;
    };
    let mixed =
        (usize::from(first) | usize::from(middle) << 8 | usize::from(last) << 16 | length << 24)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed >> 40
}
