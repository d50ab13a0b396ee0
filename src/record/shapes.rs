//! What the scanner has learned of the lines of a program: which keys it writes, and which of
//! them follow each other. The next key is then a text to compare, brackets and blanks and all,
//! instead of one to read and look up.
//!
//! A line is scanned to the same result without it. What is kept is bounded, and old successors
//! make room for new ones.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use wide::u8x16;

use super::{
    trie::{Node, Pair},
    value::unescape,
};

/// The longest text that is learned.
const LONGEST: usize = 32;
/// How many keys are learned before all starts over.
const MOST: usize = 1_024;
/// How many successors of a key are kept: those whose texts begin alike share a set.
const SETS: usize = 16;
const WAYS: usize = 4;
/// No key.
const NONE: u16 = u16::MAX;

/// The keys of the lines so far.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// The state of the projection that the targets are those of.
    revision: u64,
    /// How often all has started over, so that numbers of keys mean something else.
    generation: u64,
    /// The first one stands for the beginning of a line.
    keys: Vec<Key>,
    numbers: HashMap<Box<[u8]>, u16, RandomState>,
}

/// What stands between two values: `,"key":`, or `{"key":` at the beginning.
#[derive(Debug)]
pub(super) struct Key {
    text: [u8x16; 2],
    /// Which bits of the text count.
    mask: [u8x16; 2],
    pub(super) length: u8,
    /// How many quotes and backslashes there are in it.
    pub(super) marks: u8,
    pub(super) target: Target,
    /// The key itself, decoded.
    name: Box<[u8]>,
    /// The one that came after it last.
    last: u16,
    /// The others, those of late in front.
    next: [[u16; WAYS]; SETS],
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target {
    /// The node of the projection, if the value is wanted.
    node: Option<u32>,
    /// The slots of the node.
    slots: Pair,
    /// True if that is all there is to it.
    is_plain: bool,
}

/// What is to be done with a value.
pub(super) enum Wish {
    /// Nothing.
    Pass,
    /// It goes into the slots.
    Put,
    /// It is scanned for what the node of that number wants.
    Scan(usize),
}

impl Target {
    pub(super) fn new(nodes: &[Node], node: Option<usize>) -> Self {
        let wanted = node.map(|node| &nodes[node]);
        Self {
            node: node.and_then(|node| u32::try_from(node).ok()),
            slots: wanted.map(Node::slots).unwrap_or_default(),
            is_plain: wanted.is_some_and(Node::is_plain),
        }
    }

    /// Where the value goes.
    #[inline]
    pub(super) fn slots(self) -> Pair {
        self.slots
    }

    #[inline]
    pub(super) fn wish(self) -> Wish {
        match self.node {
            None => Wish::Pass,
            Some(_) if self.is_plain => Wish::Put,
            Some(node) => Wish::Scan(node as usize),
        }
    }
}

/// A place in a line, as far as it decides which keys may follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(u16);

impl Shapes {
    /// Begins a line that is scanned for that state of a projection.
    #[inline]
    pub(super) fn begin(&mut self, revision: u64) -> Place {
        if self.revision != revision || self.keys.len() >= MOST {
            self.forget(revision);
        }
        Place(0)
    }

    #[cold]
    fn forget(&mut self, revision: u64) {
        self.revision = revision;
        self.generation += 1;
        self.numbers.clear();
        self.keys.clear();
        self.keys.push(Key::new(b"", Target::default()));
    }

    /// The key that stands in front of `rest`, if it is a known successor, and its number.
    #[inline]
    pub(super) fn next(&mut self, place: &mut Place, rest: &[u8]) -> Option<(u16, &Key)> {
        let head = Head::new(rest);
        let at = usize::from(place.0);
        let here = self.keys.get(at)?;
        let mut number = here.last;
        if !self.keys.get(usize::from(number))?.begins(head) {
            let known = |&&number: &&u16| {
                let key = self.keys.get(usize::from(number));
                key.is_some_and(|key| key.begins(head))
            };
            number = *here.next[set(rest)].iter().find(known)?;
            self.keys[at].last = number;
        }
        *place = Place(number);
        Some((number, self.keys.get(usize::from(number))?))
    }

    /// A number that changes when the keys are numbered anew.
    #[inline]
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// What becomes of the values of a key.
    pub(super) fn target(&self, key: u16) -> Target {
        let key = self.keys.get(usize::from(key));
        key.map(|key| key.target).unwrap_or_default()
    }

    /// The text of a key.
    #[inline]
    pub(super) fn name(&self, key: u16) -> &[u8] {
        let key = self.keys.get(usize::from(key));
        key.map(|key| &*key.name).unwrap_or_default()
    }

    /// Learns that `text` came next.
    #[cold]
    pub(super) fn learn(&mut self, place: &mut Place, text: &[u8], target: Target) {
        let is_short = text.len() <= LONGEST;
        // Whatever is too long is one and the same: what follows may still be known.
        let name = if is_short { text } else { b"" };
        let number = if let Some(&number) = self.numbers.get(name) {
            number
        } else {
            // A line may have more keys than are learned.
            let fresh = match u16::try_from(self.keys.len()) {
                Ok(fresh) if self.keys.len() <= MOST => fresh,
                _ => return,
            };
            self.keys.push(Key::new(name, target));
            self.numbers.insert(name.into(), fresh);
            fresh
        };
        if is_short && let Some(key) = self.keys.get_mut(usize::from(place.0)) {
            let set = &mut key.next[set(text)];
            set.copy_within(..WAYS - 1, 1);
            set[0] = number;
            key.last = number;
        }
        *place = Place(number);
    }
}

impl Key {
    /// An empty text is never found; it has successors only.
    fn new(text: &[u8], target: Target) -> Self {
        let mut bytes = [0; LONGEST];
        let mut mask = [0; LONGEST];
        for ((to, mask), &from) in bytes.iter_mut().zip(&mut mask).zip(text) {
            (*to, *mask) = (from, 0xFF);
        }
        let marks = text.iter().filter(|byte| matches!(byte, b'"' | b'\\'));
        Self {
            text: words(&bytes),
            mask: words(&mask),
            length: u8::try_from(text.len()).unwrap_or(0),
            marks: u8::try_from(marks.count()).unwrap_or(0),
            target,
            name: name_in(text),
            last: NONE,
            next: [[NONE; WAYS]; SETS],
        }
    }

    #[inline]
    fn begins(&self, Head([first, second]): Head) -> bool {
        let first = (first & self.mask[0]).simd_eq(self.text[0]);
        let second = (second & self.mask[1]).simd_eq(self.text[1]);
        (first & second).to_bitmask() == 0xFFFF
    }
}

/// The key in the text in front of a value.
fn name_in(text: &[u8]) -> Box<[u8]> {
    let begin = memchr::memchr(b'"', text).map_or(0, |quote| quote + 1);
    let end = memchr::memrchr(b'"', text).unwrap_or(0);
    let name = text.get(begin..end).unwrap_or_default();
    if name.contains(&b'\\') {
        unescape(name).into_bytes().into()
    } else {
        name.into()
    }
}

/// The set that a text belongs to, by its first bytes that are not always the same. They are
/// part of the shortest key, so that a key is always in one set.
#[inline]
fn set(text: &[u8]) -> usize {
    let Some(&[_, a, b, c, d]) = text.first_chunk() else {
        return 0;
    };
    let mixed = u32::from_ne_bytes([a, b, c, d]).wrapping_mul(0x9E37_79B1);
    (mixed >> 28) as usize
}

/// What stands next in a line.
#[derive(Clone, Copy)]
struct Head([u8x16; 2]);

impl Head {
    #[inline]
    fn new(rest: &[u8]) -> Self {
        match rest.first_chunk() {
            Some(head) => Self(words(head)),
            None => last_words(rest),
        }
    }
}

#[inline]
fn words(bytes: &[u8; LONGEST]) -> [u8x16; 2] {
    let (words, _) = bytes.as_chunks();
    [u8x16::new(words[0]), u8x16::new(words[1])]
}

/// The words at the end of a line, with zeros behind it.
#[cold]
fn last_words(rest: &[u8]) -> Head {
    let mut bytes = [0; LONGEST];
    bytes[..rest.len()].copy_from_slice(rest);
    Head(words(&bytes))
}

#[cfg(test)]
mod tests;
