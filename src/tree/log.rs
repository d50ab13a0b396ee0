//! The log: where all records stand, with the notes on them, in the order in which they came.
//!
//! What a chunk of the input has of a tree is a run of records. The runs of one tree are a chain
//! through the log, from the last one back. So a record is written once, at the end, whichever tree
//! it belongs to, and nothing of it ever moves.

use smallvec::SmallVec;

use super::touch::touch;

/// The log stands in blocks of this size: so much is asked of the system and given back to it by itself,
/// which counts what is written to. Of smaller ones an allocator keeps the memory when the log is cleared.
/// Tests of this module have smaller ones, to come to their ends.
const BLOCK: usize = 1 << BLOCK_BITS;
const BLOCK_BITS: u32 = if cfg!(test) { 20 } else { 26 };
/// How far from the end of a chain the rest of it is looked for: half of a second-level cache.
const FAR: u64 = 512 << 10;

/// What a run begins with: the distance to the one before it, and how many records it has. None is a
/// join: the distance to the other chain follows.
const HEADER: usize = 12;
const JOIN: u32 = 0;

/// The size of an entry without its note: how long that is, and in eight bytes the address of the
/// record and its length.
const SHORT: usize = 9;
/// The bits of the address there.
const ADDRESS: u32 = 40;
/// Stands for the length of the note where one of these numbers does not fit: all three follow.
const LONG: u8 = u8::MAX;

/// Where the records of all trees stand.
#[derive(Debug, Default)]
pub(super) struct Log {
    blocks: Vec<Vec<u8>>,
    /// The bytes in use.
    length: usize,
    records: u64,
}

/// The records of one tree: the place of the last run, from 1; 0 if there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain(u64);

/// How far the log has been looked at, by one worker.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen(u64);

/// Where a record stands, and the note on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot<'l> {
    /// The place of its first byte in the input.
    pub address: u64,
    /// How many bytes it has.
    pub length: usize,
    /// The note; empty if there is none.
    pub note: &'l [u8],
}

impl Chain {
    /// How far before a place this one stands; 0 if there is none.
    fn distance(self, at: Self) -> u64 {
        if self.0 == 0 { 0 } else { at.0 - self.0 }
    }

    /// The place that stands so far before this one.
    fn before(self, distance: u64) -> Self {
        Self(if distance == 0 { 0 } else { self.0 - distance })
    }
}

impl Log {
    /// Adds records to a chain.
    #[inline]
    pub(super) fn push<'s>(
        &mut self,
        chain: &mut Chain,
        spots: impl Iterator<Item = Spot<'s>> + Clone,
    ) {
        let add = |(count, bytes), spot| (count + 1, bytes + size(spot));
        let (count, bytes) = spots.clone().fold((0_u32, HEADER), add);
        if count == 0 {
            return;
        }
        let (at, block) = self.room(bytes);
        block.extend_from_slice(&header(chain.distance(at), count));
        for spot in spots {
            write(spot, block);
        }
        self.length += bytes;
        self.records += u64::from(count);
        *chain = at;
    }

    /// Makes one chain of two.
    pub(super) fn join(&mut self, chain: &mut Chain, other: Chain) {
        let bytes = HEADER + size_of::<u64>();
        let (at, block) = self.room(bytes);
        block.extend_from_slice(&header(chain.distance(at), JOIN));
        block.extend_from_slice(&other.distance(at).to_le_bytes());
        self.length += bytes;
        *chain = at;
    }

    /// The place of the next run, and the block that has room for so many bytes more.
    #[inline]
    fn room(&mut self, bytes: usize) -> (Chain, &mut Vec<u8>) {
        let is_full = |block: &Vec<u8>| block.len() + bytes > BLOCK;
        if self.blocks.last().is_none_or(is_full) {
            self.blocks.push(Vec::with_capacity(BLOCK.max(bytes)));
        }
        let last = self.blocks.len() - 1;
        let block = &mut self.blocks[last];
        let at = (last as u64) << BLOCK_BITS | block.len() as u64;
        (Chain(at + 1), block)
    }

    /// Gives the records of a chain in the order of their addresses; `spots` is memory to use.
    pub(super) fn read<'l>(&'l self, chain: Chain, spots: &mut Vec<Spot<'l>>) {
        spots.clear();
        let mut runs = SmallVec::<[Run<'l>; 32]>::new();
        let (mut at, mut others) = (chain, Vec::new());
        loop {
            let Some((run, before)) = self.run(at) else {
                match others.pop() {
                    Some(other) => at = other,
                    None => break,
                }
                continue;
            };
            if run.count == JOIN {
                let other = run.bytes.first_chunk();
                others.extend(other.map(|other| at.before(u64::from_le_bytes(*other))));
            } else {
                runs.push(run);
            }
            at = before;
        }
        spots.extend(runs.into_iter().rev().flatten());
        // Chains that were joined are read one after the other.
        if !spots.is_sorted_by_key(|spot| spot.address) {
            spots.sort_unstable();
        }
    }

    /// The run at a place, and that of the one before it.
    #[inline]
    fn run(&self, at: Chain) -> Option<(Run<'_>, Chain)> {
        let place = usize::try_from(at.0.checked_sub(1)?).ok()?;
        let rest = self.blocks.get(place >> BLOCK_BITS)?.get(place % BLOCK..)?;
        let (distance, rest) = rest.split_first_chunk()?;
        let (count, bytes) = rest.split_first_chunk()?;
        let count = u32::from_le_bytes(*count);
        Some((
            Run { count, bytes },
            at.before(u64::from_le_bytes(*distance)),
        ))
    }

    /// Looks at the log up to the end of a chain in the order of memory, as far as that has not been
    /// done. A chain goes to and fro, so that each of its entries would be waited for; what stands in
    /// order comes along by itself.
    pub(super) fn look_ahead(&self, chain: Chain, seen: &mut Seen) {
        let mut at = seen.0.max(chain.0.saturating_sub(FAR));
        while at < chain.0 {
            let place = usize::try_from(at).unwrap_or(usize::MAX);
            let end = chain.0.min((at | (BLOCK as u64 - 1)) + 1);
            let until = place % BLOCK + usize::try_from(end - at).unwrap_or(0);
            let block = self.blocks.get(place >> BLOCK_BITS);
            let part = block.and_then(|block| block.get(place % BLOCK..until.min(block.len())));
            touch(part.into_iter());
            at = end;
        }
        seen.0 = seen.0.max(chain.0);
    }

    /// Forgets everything, and keeps one block.
    pub(super) fn clear(&mut self) {
        (self.length, self.records) = (0, 0);
        self.blocks.truncate(1);
        for block in &mut self.blocks {
            block.clear();
        }
    }

    /// The bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.length
    }

    /// How many records there are.
    pub(super) fn records(&self) -> u64 {
        self.records
    }
}

/// What a run of so many records begins with.
#[inline]
fn header(distance: u64, count: u32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let (to_distance, to_count) = header.split_at_mut(size_of::<u64>());
    to_distance.copy_from_slice(&distance.to_le_bytes());
    to_count.copy_from_slice(&count.to_le_bytes());
    header
}

/// How many bytes an entry takes.
#[inline]
fn size(spot: Spot<'_>) -> usize {
    let entry = if short(spot).is_some() {
        SHORT
    } else {
        1 + 3 * size_of::<u64>()
    };
    entry + spot.note.len()
}

/// Address and length as one number, if they fit, and the note as well.
#[inline]
fn short(spot: Spot<'_>) -> Option<u64> {
    let length = spot.length as u64;
    let fits = spot.note.len() < usize::from(LONG)
        && spot.address >> ADDRESS == 0
        && length >> (u64::BITS - ADDRESS) == 0;
    fits.then_some(spot.address | length << ADDRESS)
}

/// Appends an entry.
#[inline]
fn write(spot: Spot<'_>, out: &mut Vec<u8>) {
    let size = u8::try_from(spot.note.len()).unwrap_or(LONG);
    if let Some(place) = short(spot) {
        let mut entry = [size; SHORT];
        let [_, to @ ..] = &mut entry;
        *to = place.to_le_bytes();
        out.extend_from_slice(&entry);
    } else {
        out.push(LONG);
        for number in [spot.address, spot.length as u64, spot.note.len() as u64] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
    out.extend_from_slice(spot.note);
}

/// Records that came together.
struct Run<'l> {
    /// How many are left.
    count: u32,
    bytes: &'l [u8],
}

impl Run<'_> {
    /// Takes a number off the front.
    #[inline]
    fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(u64::from_le_bytes(*number))
    }
}

impl<'l> Iterator for Run<'l> {
    type Item = Spot<'l>;

    #[inline]
    fn next(&mut self) -> Option<Spot<'l>> {
        self.count = self.count.checked_sub(1)?;
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        let (address, length, size) = if first == LONG {
            (self.number()?, self.number()?, self.number()?)
        } else {
            let place = self.number()?;
            (place & ((1 << ADDRESS) - 1), place >> ADDRESS, first.into())
        };
        let (note, rest) = self.bytes.split_at_checked(usize::try_from(size).ok()?)?;
        self.bytes = rest;
        Some(Spot {
            address,
            length: usize::try_from(length).ok()?,
            note,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// What is done to one of a few chains.
    #[derive(Clone, Debug)]
    enum Deed {
        Push(usize, u64, usize, Vec<u8>),
        Join(usize, usize),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        let chain = 0..4_usize;
        let note = prop_oneof![9 => vec(any::<u8>(), 0..30), 1 => any::<u8>().prop_map(|byte| vec![byte; 50_000])];
        let push = (chain.clone(), 0..u64::MAX / 4, 0..usize::MAX / 4, note);
        prop_oneof![
            6 => push.prop_map(|(chain, address, length, note)| {
                Deed::Push(chain, address, length, note)
            }),
            1 => (chain.clone(), chain).prop_map(|(one, other)| Deed::Join(one, other)),
        ]
    }

    proptest! {
        #[test]
        fn a_chain_gives_back_what_was_put_into_it(deeds in vec(deed(), 0..120)) {
            let mut log = Log::default();
            let mut chains = [Chain::default(); 4];
            let mut model: [Vec<(u64, usize, Vec<u8>)>; 4] = Default::default();
            for deed in deeds {
                match deed {
                    Deed::Push(to, address, length, note) => {
                        let spot = Spot { address, length, note: &note };
                        log.push(&mut chains[to], std::iter::once(spot));
                        model[to].push((address, length, note));
                    }
                    Deed::Join(one, other) if one != other => {
                        let joined = std::mem::take(&mut chains[other]);
                        log.join(&mut chains[one], joined);
                        let joined = std::mem::take(&mut model[other]);
                        model[one].extend(joined);
                    }
                    Deed::Join(..) => {}
                }
            }
            let (mut spots, mut seen) = (Vec::new(), Seen::default());
            for (chain, mut expect) in chains.into_iter().zip(model) {
                log.look_ahead(chain, &mut seen);
                prop_assert!(seen.0 >= chain.0);
                log.read(chain, &mut spots);
                let found: Vec<_> = spots
                    .iter()
                    .map(|spot| (spot.address, spot.length, spot.note.to_vec()))
                    .collect();
                expect.sort();
                prop_assert_eq!(found, expect);
            }
        }
    }
}
