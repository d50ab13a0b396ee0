//! The catalog: which trees there are, and where in the input their records stand.
//!
//! A record is kept as an address, so that the memory goes with the number of records and
//! not with their size: some ten bytes for each, and the note on it. What an address means,
//! the caller knows.

use super::{
    claim::Claims,
    log::{Chain, Log, Seen, Spot},
    roster::Roster,
    spots::Spots,
};

/// Trees by their ids.
#[derive(Debug, Default)]
pub struct Catalog {
    roster: Roster,
    trees: Vec<Option<Entry>>,
    free: Vec<u32>,
    log: Log,
    /// Counts records, so that trees can be told in the order of their first ones.
    sequence: u64,
    memory: usize,
}

/// A tree: where its records stand.
#[derive(Debug, Default)]
struct Entry {
    /// The number of its first record in the input, from 0.
    first: u64,
    /// The numbers of its ids in the roster.
    ids: Ids,
    records: Chain,
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

/// What a tree costs beside its ids and its records.
const OVERHEAD: usize = size_of::<Option<Entry>>();

impl Catalog {
    /// Takes in the claims on a chunk that begins at address `base`.
    pub fn absorb(&mut self, base: u64, claims: &Claims) {
        let mut joins = claims.joins.iter().peekable();
        let mut ids = &claims.ids[..];
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
                let spot = Spot {
                    address: base + u64::from(claim.start),
                    length: (claim.end - claim.start) as usize,
                    note,
                };
                self.log.push(&mut tree.records, spot);
            }
        }
    }

    fn find_or_open(&mut self, first: u64, hash: u64, family: u8, id: &[u8]) -> u32 {
        if let Some(number) = self.roster.find(hash, family, id) {
            return number;
        }
        self.open(first, hash, family, id)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 trees do not fit into any memory"
    )]
    fn open(&mut self, first: u64, hash: u64, family: u8, id: &[u8]) -> u32 {
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
            records: Chain::default(),
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
            tree.map_or(0, |tree| tree.ids.more.len())
        };
        // Only ids have to move.
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
            let before = tree.ids.more.capacity();
            tree.ids.more.extend(gone.ids.iter());
            tree.first = tree.first.min(gone.first);
            self.log.join(&mut tree.records, gone.records);
            self.memory += (tree.ids.more.capacity() - before) * size_of::<u32>();
        }
        self.memory -= OVERHEAD + gone.ids.more.capacity() * size_of::<u32>();
        large
    }

    /// Takes in a tree from elsewhere, and makes it one with those that share an id.
    pub(super) fn insert(&mut self, first: u64, ids: &[(u64, u8, &str)], spots: &Spots) {
        let mut into = None;
        for &(hash, family, id) in ids {
            let number = self.find_or_open(first, hash, family, id.as_bytes());
            into = Some(into.map_or(number, |other| self.merge(other, number)));
        }
        let tree = into.and_then(|number| self.trees[number as usize].as_mut());
        if let Some(tree) = tree {
            tree.first = tree.first.min(first);
            for spot in spots {
                self.log.push(&mut tree.records, spot);
            }
        }
    }

    /// The bytes of memory in use, about.
    pub fn memory(&self) -> usize {
        self.memory + self.roster.memory() + self.log.memory()
    }

    /// The number of records so far.
    pub fn records(&self) -> u64 {
        self.sequence
    }

    /// Hands out all trees, in no order: first record, ids (hash, family and text) and where
    /// the records stand.
    pub(super) fn each<E>(
        &self,
        mut take: impl FnMut(u64, &[(u64, u8, &str)], &[Spot<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut ids, mut spots) = (Vec::new(), Vec::new());
        for tree in self.trees.iter().flatten() {
            ids.clear();
            ids.extend(tree.ids.iter().filter_map(|id| self.roster.entry(id)));
            self.log.read(tree.records, &mut spots);
            take(tree.first, &ids, &spots)?;
        }
        Ok(())
    }

    /// Lets all trees go, but goes on counting records.
    pub(super) fn clear(&mut self) {
        *self = Self {
            sequence: self.sequence,
            ..Self::default()
        };
    }

    /// The trees in the order of their first records.
    pub fn into_trees(self) -> Trees {
        let Self {
            mut roster,
            trees,
            log,
            ..
        } = self;
        let mut list: Vec<_> = trees
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
                Whole {
                    first: tree.first,
                    name,
                    records: tree.records,
                }
            })
            .collect();
        list.sort_unstable_by_key(|tree| tree.first);
        Trees { log, list }
    }
}

/// All that is known of some trees before their records are read again.
#[derive(Debug, Default)]
pub struct Trees {
    log: Log,
    list: Vec<Whole>,
}

/// A tree before its records are read again.
#[derive(Debug)]
pub struct Whole {
    /// The number of its first record in the input.
    first: u64,
    /// Its id, if it has only one.
    pub name: Option<Name>,
    records: Chain,
}

/// The id of a tree, and the number of the first scheme that has such ids.
#[derive(Debug)]
pub struct Name {
    /// The number of the scheme.
    pub family: u8,
    /// The text.
    pub id: Box<str>,
}

impl Trees {
    /// The trees.
    pub fn list(&self) -> &[Whole] {
        &self.list
    }

    /// How many records they have.
    pub fn records(&self) -> u64 {
        self.log.records()
    }

    /// Gives where the records of a tree stand, in the order of the input; `spots` is memory to use.
    /// It is quicker if the trees are asked for about in the order of their last records.
    pub fn spots<'l>(&'l self, tree: &Whole, seen: &mut Seen, spots: &mut Vec<Spot<'l>>) {
        self.log.look_ahead(tree.records, seen);
        self.log.read(tree.records, spots);
    }

    /// Adds a tree.
    pub(super) fn push(&mut self, name: Option<Name>, spots: &Spots) {
        let mut records = Chain::default();
        for spot in spots {
            self.log.push(&mut records, spot);
        }
        let first = self.list.len() as u64;
        self.list.push(Whole {
            first,
            name,
            records,
        });
    }

    /// Lets them go, and keeps some memory for others.
    pub fn clear(&mut self) {
        self.list.clear();
        self.log.clear();
    }

    /// Puts them into the order of their keys.
    pub fn sort_by_keys<K: Ord>(&mut self, keys: Vec<K>) {
        let mut keyed: Vec<_> = keys.into_iter().zip(self.list.drain(..)).collect();
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.list.extend(keyed.into_iter().map(|(_, tree)| tree));
    }
}

impl Whole {
    /// The number of its first record in the input, from 0.
    pub fn first(&self) -> u64 {
        self.first
    }
}
