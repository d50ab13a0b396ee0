//! Layouts: what whole lines are like. A program writes lines of few layouts, each a sequence of
//! keys, and lines of one layout have the same wanted values as the same members. So where a
//! line with these keys was scanned before, nothing has to be looked up: which slots have
//! something, and which member that is, is known.
//!
//! A line is read to the same result without it. What is kept is bounded.

use hashbrown::HashTable;

use super::{
    found::{Slots, Span},
    row::Candidate,
    shapes::{Shapes, Wish},
    trie::Node,
    value::Kind,
};

/// The most members that a line of a layout has.
const MEMBERS: usize = 64;
/// How many layouts are kept before all starts over.
const MOST: usize = 1_024;
/// How many sequences of keys are remembered that were seen once.
const ONCE: usize = 256;

/// The layouts of the lines so far.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    /// The generation of [`Shapes`] that keys have their numbers from.
    generation: u64,
    /// How often all has started over, so that numbers of layouts mean something else.
    epoch: u64,
    list: Vec<Layout>,
    /// Numbers of `list`, by the hash of the keys.
    table: HashTable<u16>,
    /// The hashes of sequences that were seen: a second line is worth a layout.
    once: Vec<u64>,
}

/// What the lines with some keys have in common.
#[derive(Debug)]
pub(super) struct Layout {
    hash: u64,
    keys: Box<[u16]>,
    /// For each slot the member that stands in it, from 1; 0 if none does.
    members: Box<[u8]>,
    /// A bit for each slot in which one stands.
    present: Box<[u64]>,
    /// A bit for each slot that has something if it is found inside of one.
    inner: Box<[u64]>,
    /// The rows of the reader's schemas that may be the line's, once somebody has asked.
    rows: Option<Box<[Candidate]>>,
}

/// The members of a line so far, all of which have keys that are known.
#[derive(Debug)]
pub(super) struct Members {
    keys: [u16; MEMBERS],
    spans: [Span; MEMBERS],
    length: usize,
    /// Of the keys.
    hash: u64,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            keys: [0; MEMBERS],
            spans: [Span::default(); MEMBERS],
            length: 0,
            hash: 0,
        }
    }
}

impl Members {
    #[inline]
    pub(super) fn clear(&mut self) {
        (self.length, self.hash) = (0, 0);
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.length >= MEMBERS
    }

    /// Adds the member with the key of that number.
    #[inline]
    pub(super) fn push(&mut self, key: u16, kind: Kind, start: usize, end: usize) {
        let at = self.length;
        if let (Some(to), Some(span)) = (self.keys.get_mut(at), self.spans.get_mut(at)) {
            *to = key;
            *span = Span::new(kind, start, end);
            self.length = at + 1;
            let mixed = self.hash ^ (u64::from(key) + 1);
            self.hash = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        }
    }

    fn keys(&self) -> &[u16] {
        &self.keys[..self.length]
    }

    /// Where the value of the member of that number stands.
    #[inline]
    pub(super) fn span(&self, number: usize) -> Option<Span> {
        let span = self.spans.get(number)?;
        (number < self.length).then_some(*span)
    }

    /// The members in the order of the line: the numbers of their keys, and where their values stand.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, Span)> + '_ {
        self.keys().iter().copied().zip(self.spans.iter().copied())
    }

    /// Hands the values out, as if they had been looked up one by one.
    pub(super) fn hand_out(&self, nodes: &[Node], shapes: &Shapes, out: &mut Slots) {
        for (key, span) in self.iter() {
            let target = shapes.target(key);
            if let Wish::Scan(node) = target.wish() {
                out.forget(nodes[node].below());
            }
            out.put(target.slots(), span);
        }
    }
}

impl Layouts {
    /// The layout of a line with these members, whose keys are of that generation.
    #[inline]
    pub(super) fn find(&self, members: &Members, generation: u64) -> Option<u16> {
        let same = |&number: &u16| *self.list[usize::from(number)].keys == *members.keys();
        let number = self.table.find(members.hash, same)?;
        (self.generation == generation).then_some(*number)
    }

    /// Learns what stands in the slots if a line has these members.
    #[cold]
    pub(super) fn learn(
        &mut self,
        members: &Members,
        nodes: &[Node],
        shapes: &Shapes,
        out: &Slots,
    ) {
        let generation = shapes.generation();
        if self.generation != generation || self.list.len() >= MOST {
            *self = Self {
                generation,
                epoch: self.epoch + 1,
                once: vec![0; ONCE],
                ..Self::default()
            };
        }
        let place = usize::try_from(members.hash % ONCE as u64).unwrap_or(0);
        let Some(once) = self.once.get_mut(place) else {
            return;
        };
        if std::mem::replace(once, members.hash) != members.hash {
            return;
        }
        let spans = &members.spans[..members.length];
        let member = |span: Option<Span>| match span {
            None => Some(0),
            Some(span) => {
                let at = spans.iter().position(|other| *other == span)?;
                u8::try_from(at + 1).ok()
            }
        };
        let Some(places) = out.spans().map(member).collect() else {
            return;
        };
        let Ok(number) = u16::try_from(self.list.len()) else {
            return;
        };
        self.list.push(Layout {
            hash: members.hash,
            keys: members.keys().into(),
            members: places,
            present: out.words().into(),
            inner: inner(members, nodes, shapes, out.words().len()),
            rows: None,
        });
        let list = &self.list;
        self.table.insert_unique(members.hash, number, |&number| {
            list[usize::from(number)].hash
        });
    }

    /// A number that changes when layouts are numbered anew.
    #[inline]
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// A bit for each of 64 slots: whether anything stands in it, if a line has that layout.
    #[inline]
    pub(super) fn word(&self, layout: u16, word: usize) -> u64 {
        let layout = self.list.get(usize::from(layout));
        let word = layout.and_then(|layout| layout.present.get(word));
        word.copied().unwrap_or(0)
    }

    /// The same, whether anything may stand in it.
    pub(super) fn word_at_most(&self, layout: u16, word: usize) -> u64 {
        let layout = self.list.get(usize::from(layout));
        let in_word = |words: &[u64]| words.get(word).copied().unwrap_or(0);
        layout.map_or(0, |layout| {
            in_word(&layout.present) | in_word(&layout.inner)
        })
    }

    /// The rows of the reader's schemas that a line of that layout may have.
    #[inline]
    pub(super) fn rows(&self, layout: u16) -> Option<&[Candidate]> {
        self.list.get(usize::from(layout))?.rows.as_deref()
    }

    /// Learns which they are.
    #[cold]
    pub(super) fn learn_rows(&mut self, layout: u16, rows: Box<[Candidate]>) {
        if let Some(layout) = self.list.get_mut(usize::from(layout)) {
            layout.rows = Some(rows);
        }
    }

    /// The number of the member that stands in a slot, if a line has that layout.
    #[inline]
    pub(super) fn member(&self, layout: u16, slot: u16) -> Option<usize> {
        let layout = self.list.get(usize::from(layout))?;
        usize::from(*layout.members.get(usize::from(slot))?).checked_sub(1)
    }

    /// What stands in a slot, if a line has that layout and these members.
    #[inline]
    pub(super) fn span(&self, layout: u16, members: &Members, slot: u16) -> Option<Span> {
        let member = self.member(layout, slot)?;
        members.spans.get(member).copied()
    }
}

/// A bit for each slot of what is wanted inside of members.
fn inner(members: &Members, nodes: &[Node], shapes: &Shapes, words: usize) -> Box<[u64]> {
    let mut bits = vec![0; words].into_boxed_slice();
    let scanned = members.keys().iter().map(|&key| shapes.target(key).wish());
    let scanned = scanned.filter_map(|wish| match wish {
        Wish::Scan(node) => Some(node),
        _ => None,
    });
    let mut open: Vec<usize> = scanned.flat_map(|node| nodes[node].children()).collect();
    while let Some(node) = open.pop() {
        let node = &nodes[node];
        for slot in [node.first, node.last].into_iter().flatten() {
            bits[usize::from(slot / 64)] |= 1 << (slot % 64);
        }
        open.extend(node.children());
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::super::{Duplicates, Found, Path, Projection};

    #[test]
    fn layouts_end_when_keys_are_numbered_anew() {
        let mut projection = Projection::default();
        let [a, b] = ["a", "b"].map(|key| projection.want(&Path::dotted(key), Duplicates::Last));
        let mut found = Found::default();
        let mut check = |line: &str, expect: [Option<&str>; 2]| {
            projection.scan(line, &mut found).expect("a record");
            let text = |field| {
                let value = projection.get(field, line.as_bytes(), &found)?;
                Some(value.text().into_owned())
            };
            assert_eq!(
                [text(&a), text(&b)].each_ref().map(Option::as_deref),
                expect,
                "{line}"
            );
            found.layout.is_some()
        };
        let mut known = 0;
        for round in 0..6_000 {
            // Which of them is learned first, and so has which number, differs.
            let [first, second] = if round / 2_000 == 1 {
                ["b", "a"]
            } else {
                ["a", "b"]
            };
            for key in [first, second] {
                let expect = if key == "a" {
                    [Some("1"), None]
                } else {
                    [None, Some("1")]
                };
                for _ in 0..3 {
                    known += usize::from(check(&format!("{{\"{key}\":1}}"), expect));
                }
            }
            check(&format!("{{\"x{round}\":1}}"), [None, None]);
        }
        assert!(known > 30_000, "{known}");
    }

    #[test]
    fn memory_is_bounded_however_many_layouts_there_are() {
        let mut projection = Projection::default();
        let last = projection.want(&Path::dotted("last"), Duplicates::Last);
        let mut found = Found::default();
        for number in 0..6_000_u32 {
            // Twelve keys that are there or not.
            let keys = (0..12).filter(|key| number >> key & 1 == 1);
            let members: Vec<_> = keys.map(|key| format!("\"k{key}\":0,")).collect();
            for _ in 0..3 {
                let line = format!("{{{}\"last\":{number}}}", members.concat());
                projection.scan(&line, &mut found).expect("a record");
                let value = projection.get(&last, line.as_bytes(), &found);
                let text = value.map(|value| value.text().into_owned());
                assert_eq!(text, Some(number.to_string()));
                assert!(found.layouts.list.len() <= super::MOST);
            }
        }
        assert!(found.layout.is_some());
    }

    #[test]
    fn lines_of_many_members_are_read_without_a_layout() {
        let mut projection = Projection::default();
        let fields = [0, 63, 64, 99]
            .map(|number| projection.want(&Path::dotted(&format!("k{number}")), Duplicates::Last));
        let mut found = Found::default();
        for members in [64, 65, 100] {
            let list: Vec<_> = (0..members).map(|n| format!("\"k{n}\":{n}")).collect();
            let line = format!("{{{}}}", list.join(","));
            for round in 0..4 {
                projection.scan(&line, &mut found).expect("a record");
                let there = fields.each_ref().map(|field| {
                    let value = projection.get(field, line.as_bytes(), &found);
                    value.map(|value| value.text().into_owned())
                });
                let expect = [0, 63, 64, 99].map(|n| (n < members).then(|| n.to_string()));
                assert_eq!(there, expect);
                assert_eq!(
                    found.layout.is_some(),
                    members == 64 && round == 3,
                    "{members} {round}"
                );
            }
        }
    }
}
