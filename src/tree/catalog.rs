//! The catalog: which trees there are, and where in the input their records stand.
//!
//! A record is kept as an address, so that the memory goes with the number of records and
//! not with their size: some five bytes for each. What an address means, the caller knows.

use super::{
    claim::Claims,
    roster::Roster,
    varint::{put, take},
};

/// Trees by their ids.
#[derive(Debug, Default)]
pub struct Catalog {
    roster: Roster,
    trees: Vec<Option<Entry>>,
    free: Vec<u32>,
    /// Counts records, so that trees can be told in the order of their first ones.
    sequence: u64,
    memory: usize,
}

/// A tree: where its records stand.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The number of its first record in the input, from 0.
    pub(super) first: u64,
    /// The numbers of its ids in the roster.
    ids: Ids,
    spots: Spots,
}

/// Mostly there is one id, which needs no memory of its own.
#[derive(Debug, Default)]
struct Ids {
    first: u32,
    more: Vec<u32>,
}

impl Ids {
    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }
}

/// The bytes that a list begins with, room for two records with their notes, and those that it
/// has next: most requests have either very few records or some dozens.
const FIRST: usize = 64;
const SECOND: usize = 512;

/// The most that an address and two lengths take, if the record is shorter than 2 MiB.
const ENTRY: usize = 16;

/// The addresses and lengths of records, in as few bytes as they need, and the note on each.
#[derive(Clone, Debug, Default)]
pub struct Spots {
    bytes: Vec<u8>,
    end: u64,
}

impl Spots {
    /// Adds a record with the note on it, if there is one.
    pub fn push(&mut self, address: u64, length: usize, note: &[u8]) {
        let step = address.wrapping_sub(self.end).cast_signed();
        let room = self.bytes.capacity();
        if room == 0 {
            self.bytes.reserve_exact(FIRST);
        } else if room < SECOND && room - self.bytes.len() < ENTRY + note.len() {
            self.bytes.reserve_exact(SECOND - self.bytes.len());
        }
        put(
            &mut self.bytes,
            ((step << 1) ^ (step >> 63)).cast_unsigned(),
        );
        put(&mut self.bytes, length as u64);
        put(&mut self.bytes, note.len() as u64);
        self.bytes.extend_from_slice(note);
        self.end = address + length as u64;
    }

    /// Adds the records of another list.
    pub fn append(&mut self, other: &Self) {
        for (address, length, note) in other {
            self.push(address, length, note);
        }
    }

    /// Goes through addresses, lengths and notes.
    pub fn iter(&self) -> SpotsIter<'_> {
        SpotsIter {
            left: &self.bytes,
            end: 0,
        }
    }

    /// The list as bytes, to be kept elsewhere.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The list of which these are the bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        let mut spots = Self { bytes, end: 0 };
        spots.end = spots
            .iter()
            .last()
            .map_or(0, |(address, length, _)| address + length as u64);
        spots
    }
}

impl<'a> IntoIterator for &'a Spots {
    type Item = (u64, usize, &'a [u8]);
    type IntoIter = SpotsIter<'a>;

    fn into_iter(self) -> SpotsIter<'a> {
        self.iter()
    }
}

/// Goes through addresses, lengths and notes.
#[derive(Debug)]
pub struct SpotsIter<'a> {
    left: &'a [u8],
    end: u64,
}

impl<'a> Iterator for SpotsIter<'a> {
    type Item = (u64, usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let step = take(&mut self.left)?;
        let length = take(&mut self.left)?;
        let note = usize::try_from(take(&mut self.left)?).ok()?;
        let (note, left) = self.left.split_at_checked(note)?;
        self.left = left;
        let step = (step >> 1).cast_signed() ^ -(step & 1).cast_signed();
        let address = self.end.wrapping_add(step.cast_unsigned());
        self.end = address + length;
        Some((address, usize::try_from(length).ok()?, note))
    }
}

/// What a tree costs beside its ids and its list.
const OVERHEAD: usize = size_of::<Option<Entry>>() + 16;

impl Catalog {
    /// Takes in the claims on a chunk that begins at address `base`.
    pub fn absorb(&mut self, base: u64, claims: &Claims) {
        let mut joins = claims.joins.iter().peekable();
        let mut ids = &*claims.ids;
        let mut notes = &*claims.notes;
        let mut id_start = 0;
        for (at, claim) in (0..).zip(&claims.records) {
            let (id, rest) = ids.split_at((claim.id_end - id_start) as usize);
            (ids, id_start) = (rest, claim.id_end);
            let first = self.sequence;
            let mut number = self.find_or_open(first, claim.hash, claim.family, id);
            while let Some(join) = joins.next_if(|join| join.record == at) {
                let other = self.find_or_open(first, join.hash, join.family, &join.id);
                number = self.merge(number, other);
            }
            self.sequence += 1;
            let (note, rest) = notes.split_at(usize::from(claim.note));
            notes = rest;
            if let Some(tree) = &mut self.trees[number as usize] {
                let before = tree.spots.bytes.capacity();
                let length = (claim.end - claim.start) as usize;
                tree.spots.push(base + u64::from(claim.start), length, note);
                self.memory += tree.spots.bytes.capacity() - before;
            }
        }
    }

    fn find_or_open(&mut self, first: u64, hash: u64, family: u8, id: &str) -> u32 {
        if let Some(number) = self.roster.find(hash, family, id) {
            return number;
        }
        self.open(first, hash, family, id)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 trees do not fit into any memory"
    )]
    fn open(&mut self, first: u64, hash: u64, family: u8, id: &str) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.trees.push(None);
            (self.trees.len() - 1) as u32
        });
        self.trees[number as usize] = Some(Entry {
            first,
            ids: Ids {
                first: self.roster.add(hash, family, id, number),
                more: Vec::new(),
            },
            spots: Spots::default(),
        });
        self.memory += OVERHEAD;
        number
    }

    /// Makes two trees one; returns its number.
    fn merge(&mut self, one: u32, other: u32) -> u32 {
        if one == other {
            return one;
        }
        let size = |number: u32| {
            let tree = self.trees[number as usize].as_ref();
            tree.map_or(0, |tree| tree.spots.bytes.len())
        };
        let (large, small) = if size(one) >= size(other) {
            (one, other)
        } else {
            (other, one)
        };
        let Some(gone) = self.trees[small as usize].take() else {
            return large;
        };
        self.free.push(small);
        for id in gone.ids.iter() {
            self.roster.move_to(id, large);
        }
        if let Some(tree) = &mut self.trees[large as usize] {
            tree.ids.more.extend(gone.ids.iter());
            tree.first = tree.first.min(gone.first);
            let before = tree.spots.bytes.capacity();
            tree.spots.append(&gone.spots);
            self.memory += tree.spots.bytes.capacity() - before + size_of::<u32>();
        }
        self.memory -= OVERHEAD + gone.spots.bytes.capacity();
        large
    }

    /// Takes in a tree from elsewhere, and makes it one with those that share an id.
    pub(super) fn insert(&mut self, first: u64, ids: &[(u64, u8, &str)], spots: &Spots) {
        let mut into = None;
        for &(hash, family, id) in ids {
            let number = self.find_or_open(first, hash, family, id);
            into = Some(into.map_or(number, |other| self.merge(other, number)));
        }
        let tree = into.and_then(|number| self.trees[number as usize].as_mut());
        if let Some(tree) = tree {
            tree.first = tree.first.min(first);
            let before = tree.spots.bytes.capacity();
            tree.spots.append(spots);
            self.memory += tree.spots.bytes.capacity() - before;
        }
    }

    /// The bytes of memory in use, about.
    pub fn memory(&self) -> usize {
        self.memory + self.roster.memory()
    }

    /// The number of records so far.
    pub fn records(&self) -> u64 {
        self.sequence
    }

    /// The trees, in no order, and their ids: hash, family and text.
    pub(super) fn trees(
        &self,
    ) -> impl Iterator<Item = (&Entry, impl Iterator<Item = (u64, u8, &str)>)> {
        self.trees.iter().flatten().map(|tree| {
            let ids = tree.ids.iter().filter_map(|id| self.roster.entry(id));
            (tree, ids)
        })
    }

    /// Lets all trees go, but goes on counting records.
    pub(super) fn clear(&mut self) {
        *self = Self {
            sequence: self.sequence,
            ..Self::default()
        };
    }

    /// The trees in the order of their first records, each with the number of that.
    pub fn into_trees(self) -> Vec<(u64, Whole)> {
        let Self {
            mut roster, trees, ..
        } = self;
        let mut whole: Vec<_> = trees
            .into_iter()
            .flatten()
            .map(|tree| {
                // Notes hold where there is one id; of several it takes all records to tell
                // which one names the tree.
                let name = tree
                    .ids
                    .more
                    .is_empty()
                    .then(|| roster.take(tree.ids.first))
                    .flatten();
                let spots = tree.spots;
                (tree.first, Whole { name, spots })
            })
            .collect();
        whole.sort_unstable_by_key(|(first, _)| *first);
        whole
    }
}

/// All that is known of a tree before its records are read again.
#[derive(Debug)]
pub struct Whole {
    /// Its id, if it has only one.
    pub name: Option<Name>,
    /// Where its records stand.
    pub spots: Spots,
}

/// The id of a tree, and the number of the first scheme that has such ids.
#[derive(Debug)]
pub struct Name {
    /// The number of the scheme.
    pub family: u8,
    /// The text.
    pub id: Box<str>,
}

impl Entry {
    /// Where its records stand, in the order in which they came.
    pub(super) fn spots(&self) -> &Spots {
        &self.spots
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn spots_are_what_was_pushed(
            list in vec((0..u64::MAX / 2, 0_usize..1 << 30, vec(any::<u8>(), 0..30)), 0..50),
        ) {
            let mut spots = Spots::default();
            for (address, length, note) in &list {
                spots.push(*address, *length, note);
            }
            let pushed = |spots: &Spots| -> Vec<_> {
                spots.iter().map(|(a, l, note)| (a, l, note.to_vec())).collect()
            };
            prop_assert_eq!(pushed(&spots), list.clone());
            let mut copy = Spots::from_bytes(spots.bytes().to_vec());
            copy.push(7, 8, &[9]);
            copy.append(&spots);
            let expect = [list.clone(), vec![(7, 8, vec![9])], list].concat();
            prop_assert_eq!(pushed(&copy), expect);
        }
    }
}
