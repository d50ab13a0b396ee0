//! Collecting: the records of many trees come in mixed, and leave tree by tree.
//!
//! The bytes are kept in blocks as they came, so that no record is copied on the way in;
//! a tree is a list of places in blocks. A block goes when its last record has left.

use super::{claim::Claims, roster::Roster};

/// Blocks smaller than this are put together, so that a slow trickle does not cost one each.
const SMALL_BLOCK: usize = 64 * 1024;

/// Gathers records by tree.
#[derive(Debug, Default)]
pub struct Collector {
    blocks: Vec<Block>,
    free_blocks: Vec<u32>,
    /// The block that small chunks are appended to.
    open_block: Option<u32>,
    roster: Roster,
    trees: Vec<Option<Gathered>>,
    free_trees: Vec<u32>,
    /// Counts records, so that trees can be told in the order of their first ones.
    sequence: u64,
    memory: usize,
}

#[derive(Debug, Default)]
struct Block {
    bytes: Vec<u8>,
    live: u32,
}

#[derive(Clone, Copy, Debug)]
struct Spot {
    block: u32,
    start: u32,
    end: u32,
}

/// The records of one tree so far.
#[derive(Debug)]
pub struct Gathered {
    /// The number of its first record in the input, from 0.
    pub first: u64,
    /// True if a record has ended its root.
    pub closed: bool,
    /// When its last record came, on the caller's clock.
    pub seen: u64,
    /// How many records it had when it was found to be incomplete, 0 if it never was.
    pub tried: usize,
    /// The numbers of its ids.
    ids: Vec<u32>,
    spots: Vec<Spot>,
}

impl Gathered {
    /// How many records there are.
    pub fn records(&self) -> usize {
        self.spots.len()
    }
}

impl Collector {
    /// Takes in a chunk with the claims on its records; `now` is any clock of the caller's.
    ///
    /// The numbers of the trees that may be complete now are appended to `closed`.
    pub fn absorb(&mut self, bytes: Vec<u8>, claims: &Claims, now: u64, closed: &mut Vec<u32>) {
        if claims.is_empty() {
            return;
        }
        let (block, base) = self.store(bytes);
        self.blocks[block as usize].live += u32::try_from(claims.len()).unwrap_or(u32::MAX);
        let mut joins = claims.joins.iter().peekable();
        for (at, claim) in (0..).zip(&claims.records) {
            let group = &claims.groups[claim.group as usize];
            let mut number = self.find_or_open(claims.id(group), group.hash, group.family);
            while let Some(join) = joins.next_if(|join| join.record == at) {
                let other = self.find_or_open(&join.id, join.hash, join.family);
                number = self.merge(number, other);
            }
            self.sequence += 1;
            let Some(tree) = &mut self.trees[number as usize] else {
                continue;
            };
            let grown = tree.spots.capacity();
            tree.spots.push(Spot {
                block,
                start: claim.start + base,
                end: claim.end + base,
            });
            self.memory += (tree.spots.capacity() - grown) * size_of::<Spot>();
            tree.seen = now;
            tree.closed |= claim.closes;
            if tree.closed && closed.last() != Some(&number) {
                closed.push(number);
            }
        }
    }

    /// Puts the bytes into a block; returns its number and where in it they begin.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "blocks are far smaller than 4 GiB"
    )]
    fn store(&mut self, bytes: Vec<u8>) -> (u32, u32) {
        if bytes.len() < SMALL_BLOCK {
            if let Some(number) = self.open_block {
                let block = &mut self.blocks[number as usize].bytes;
                if block.len() + bytes.len() <= block.capacity() {
                    let base = block.len() as u32;
                    block.extend_from_slice(&bytes);
                    return (number, base);
                }
            }
            let mut block = Vec::with_capacity(4 * SMALL_BLOCK);
            block.extend_from_slice(&bytes);
            let number = self.add_block(block);
            if let Some(full) = self.open_block.replace(number) {
                self.release_if_empty(full);
            }
            return (number, 0);
        }
        (self.add_block(bytes), 0)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 blocks do not fit into any memory"
    )]
    fn add_block(&mut self, bytes: Vec<u8>) -> u32 {
        self.memory += bytes.capacity();
        let block = Block { bytes, live: 0 };
        if let Some(number) = self.free_blocks.pop() {
            self.blocks[number as usize] = block;
            return number;
        }
        self.blocks.push(block);
        (self.blocks.len() - 1) as u32
    }

    fn find_or_open(&mut self, id: &[u8], hash: u64, family: u8) -> u32 {
        if let Some(number) = self.roster.find(hash, family, id) {
            return number;
        }
        let tree = Gathered {
            first: self.sequence,
            closed: false,
            seen: 0,
            tried: 0,
            ids: Vec::new(),
            spots: Vec::new(),
        };
        self.memory += size_of::<Option<Gathered>>() + size_of::<u32>();
        let number = self.add_tree(tree);
        let entry = self.roster.add(hash, family, id, number);
        if let Some(tree) = &mut self.trees[number as usize] {
            tree.ids.push(entry);
        }
        number
    }

    /// Makes two trees one; returns its number.
    fn merge(&mut self, one: u32, other: u32) -> u32 {
        if one == other {
            return one;
        }
        let size = |number: u32| self.tree(number).map_or(0, |tree| tree.spots.len());
        let (large, small) = if size(one) >= size(other) {
            (one, other)
        } else {
            (other, one)
        };
        let Some(gone) = self.trees[small as usize].take() else {
            return large;
        };
        self.free_trees.push(small);
        self.memory -= size_of::<Option<Gathered>>() + size_of::<u32>();
        self.memory -= gone.spots.capacity() * size_of::<Spot>();
        for &id in &gone.ids {
            self.roster.move_to(id, large);
        }
        if let Some(tree) = &mut self.trees[large as usize] {
            let before = tree.spots.capacity();
            tree.spots.extend_from_slice(&gone.spots);
            self.memory += (tree.spots.capacity() - before) * size_of::<Spot>();
            tree.ids.extend_from_slice(&gone.ids);
            tree.first = tree.first.min(gone.first);
            tree.closed |= gone.closed;
            tree.seen = tree.seen.max(gone.seen);
        }
        large
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 trees do not fit into any memory"
    )]
    fn add_tree(&mut self, tree: Gathered) -> u32 {
        if let Some(number) = self.free_trees.pop() {
            self.trees[number as usize] = Some(tree);
            return number;
        }
        self.trees.push(Some(tree));
        (self.trees.len() - 1) as u32
    }

    /// The bytes of memory in use, about.
    pub fn memory(&self) -> usize {
        self.memory + self.roster.memory()
    }

    /// The ids of a tree, in the order in which they came up.
    pub fn ids<'a>(&'a self, tree: &'a Gathered) -> impl Iterator<Item = &'a str> + Clone {
        tree.ids.iter().map(|&id| self.roster.id(id))
    }

    /// The open trees and their numbers, in the order of their first records unless trees
    /// have been taken out.
    pub fn trees(&self) -> impl Iterator<Item = (u32, &Gathered)> {
        (0..)
            .zip(&self.trees)
            .filter_map(|(number, tree)| Some((number, tree.as_ref()?)))
    }

    /// How many numbers are in use: each is below this.
    pub fn end(&self) -> usize {
        self.trees.len()
    }

    /// The tree of that number, if it is still here.
    pub fn tree(&self, number: u32) -> Option<&Gathered> {
        self.trees.get(number as usize)?.as_ref()
    }

    /// The lines of a tree, in the order in which they came.
    pub fn lines<'a>(&'a self, tree: &'a Gathered) -> impl Iterator<Item = &'a [u8]> {
        tree.spots.iter().map(|spot| {
            &self.blocks[spot.block as usize].bytes[spot.start as usize..spot.end as usize]
        })
    }

    /// Notes that a tree has been found to be incomplete.
    pub fn set_tried(&mut self, number: u32) {
        if let Some(Some(tree)) = self.trees.get_mut(number as usize) {
            tree.tried = tree.spots.len();
        }
    }

    /// Lets a tree and its records go.
    pub fn remove(&mut self, number: u32) {
        let Some(tree) = self.trees.get_mut(number as usize).and_then(Option::take) else {
            return;
        };
        for &id in &tree.ids {
            self.roster.remove(id);
        }
        self.free_trees.push(number);
        self.memory -= size_of::<Option<Gathered>>() + size_of::<u32>();
        self.memory -= tree.spots.capacity() * size_of::<Spot>();
        for spot in &tree.spots {
            self.blocks[spot.block as usize].live -= 1;
            self.release_if_empty(spot.block);
        }
    }

    fn release_if_empty(&mut self, number: u32) {
        let block = &mut self.blocks[number as usize];
        if block.live == 0 && self.open_block != Some(number) && block.bytes.capacity() > 0 {
            self.memory -= block.bytes.capacity();
            block.bytes = Vec::new();
            self.free_blocks.push(number);
        }
    }

    /// Lets everything go, but goes on counting records.
    pub fn clear(&mut self) {
        *self = Self {
            sequence: self.sequence,
            ..Self::default()
        };
    }
}
