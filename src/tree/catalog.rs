//! The catalog: which trees there are, and where in the input their records stand.
//!
//! A record is kept as an address, so that the memory goes with the number of records and
//! not with their size: some ten bytes for each, and the note on it. What an address means,
//! the caller knows.

use super::{
    claim::{Claims, Group},
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
        let first = self.sequence;
        self.sequence += claims.records.len() as u64;
        let first_of = |group: &Group| first + u64::from(group.first);
        for join in &claims.joins {
            let group = &claims.groups[claims.records[join.record as usize].group as usize];
            let id = claims.id(group);
            let number = self.find_or_open(first_of(group), group.hash, group.family, id);
            let first = first + u64::from(join.record);
            let other = self.find_or_open(first, join.hash, join.family, &join.id);
            self.merge(number, other);
        }
        for group in &claims.groups {
            let id = claims.id(group);
            let number = self.find_or_open(first_of(group), group.hash, group.family, id);
            let Some(tree) = &mut self.trees[number as usize] else {
                continue;
            };
            // What joins it may have come later.
            tree.first = tree.first.min(first_of(group));
            let spots = claims.of(group).map(|(claim, note)| Spot {
                address: base + u64::from(claim.start),
                length: (claim.end - claim.start) as usize,
                note,
            });
            self.log.push(&mut tree.records, spots);
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
            self.log.push(&mut tree.records, spots.into_iter());
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
            roster, trees, log, ..
        } = self;
        let whole = |tree: Entry| Whole {
            first: tree.first,
            // Notes hold where there is one id; of several it takes all records to tell which one
            // names the tree.
            id: tree.ids.more.is_empty().then_some(tree.ids.first),
            records: tree.records,
        };
        let mut list: Vec<_> = trees.into_iter().flatten().map(whole).collect();
        list.sort_unstable_by_key(|tree| tree.first);
        Trees { roster, log, list }
    }
}

/// All that is known of some trees before their records are read again.
#[derive(Debug, Default)]
pub struct Trees {
    roster: Roster,
    log: Log,
    list: Vec<Whole>,
}

/// A tree before its records are read again.
#[derive(Debug)]
pub struct Whole {
    /// The number of its first record in the input.
    first: u64,
    /// The number of its id, if it has only one.
    id: Option<u32>,
    records: Chain,
}

/// The id of a tree, and the number of the first scheme that has such ids.
#[derive(Clone, Copy, Debug)]
pub struct Name<'t> {
    /// The number of the scheme.
    pub family: u8,
    /// The text.
    pub id: &'t str,
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

    /// The id of a tree, if it has only one.
    pub fn name(&self, tree: &Whole) -> Option<Name<'_>> {
        self.roster.name(tree.id?)
    }

    /// Gives where the records of a tree stand, in the order of the input; `spots` is memory to use.
    /// It is quicker if the trees are asked for about in the order of their last records.
    pub fn spots<'l>(&'l self, tree: &Whole, seen: &mut Seen, spots: &mut Vec<Spot<'l>>) {
        self.log.look_ahead(tree.records, seen);
        self.log.read(tree.records, spots);
    }

    /// Adds a tree.
    pub(super) fn push(&mut self, name: Option<Name<'_>>, spots: &Spots) {
        let mut records = Chain::default();
        self.log.push(&mut records, spots.into_iter());
        let first = self.list.len() as u64;
        self.list.push(Whole {
            first,
            id: name.map(|name| self.roster.keep(name)),
            records,
        });
    }

    /// Lets them go, and keeps some memory for others.
    pub fn clear(&mut self) {
        self.list.clear();
        self.roster.clear();
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

#[cfg(test)]
mod tests {
    use foldhash::fast::RandomState;

    use super::{
        super::{Claimer, Kind, Schemes, Watch},
        *,
    };

    #[test]
    fn a_tree_begins_with_its_first_record_even_if_a_later_one_joins_it() {
        let mut claimer = Claimer::new(&Schemes::default(), RandomState::default(), Watch::Places);
        let mut claims = Claims::default();
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let lines = [
            format!(r#"{{"trace_id":"{trace}","message":"0"}}"#),
            r#"{"task_uuid":"c","task_level":[1],"message_type":"1"}"#.to_owned(),
            format!(r#"{{"task_uuid":"b","task_level":[1],"trace_id":"{trace}"}}"#),
            format!(r#"{{"trace_id":"{trace}","message":"3"}}"#),
        ];
        for (line, start) in lines.iter().zip(0..) {
            let kind = claimer.claim(line, start, &mut claims);
            assert_eq!(kind, Ok(Kind::Claimed), "{line}");
        }
        let mut catalog = Catalog::default();
        catalog.absorb(100, &claims);
        catalog.absorb(200, &claims);
        assert_eq!(catalog.records(), 8);
        let trees = catalog.into_trees();
        let (mut spots, mut seen) = (Vec::new(), Seen::default());
        let found = trees.list().iter().map(|tree| {
            trees.spots(tree, &mut seen, &mut spots);
            let places = spots.iter().map(|spot| spot.address).collect();
            (tree.first(), trees.name(tree).map(|name| name.id), places)
        });
        let expect: [(u64, Option<&str>, Vec<u64>); 2] = [
            (0, None, vec![100, 102, 103, 200, 202, 203]),
            (1, Some("c"), vec![101, 201]),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expect);
    }
}
