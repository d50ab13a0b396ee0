//! The log: where all records stand, with the notes on them, in the order in which they came.
//!
//! The records of one tree are a chain through it, from the last one back. So a record is
//! written once, at the end, whichever tree it belongs to, and nothing of it ever moves.

use super::{
    touch::touch,
    varint::{put, take},
};

/// The log stands in blocks of this size.
const BLOCK: usize = 1 << BLOCK_BITS;
const BLOCK_BITS: u32 = 20;
/// The most that an entry takes beside the note.
const ENTRY: usize = 50;
/// How far from the end of a chain the rest of it is looked for: half of a second-level cache.
const FAR: u64 = 512 << 10;

/// What an entry begins with: nearly all are a record whose numbers fit into [`SHORT_ENTRY`] bytes.
const SHORT: u8 = 0;
const LONG: u8 = 1;
const JOIN: u8 = 2;

/// The size of an entry that is written and read at once: its kind, the length of the note, the
/// distance in the chain, and in eight bytes the address of the record and its length.
const SHORT_ENTRY: usize = 14;
/// The bits of the address there.
const ADDRESS: u32 = 40;

/// Where the records of all trees stand.
#[derive(Debug, Default)]
pub(super) struct Log {
    blocks: Vec<Vec<u8>>,
    /// The bytes in use.
    length: usize,
    records: u64,
}

/// The records of one tree: the place of the last entry, from 1; 0 if there is none.
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

/// What stands in the log.
enum Entry<'l> {
    /// A record, and the entry before it in its chain.
    Spot(Spot<'l>, Chain),
    /// Two chains that are one from here on.
    Join(Chain, Chain),
}

impl Chain {
    /// How far before an entry this one stands; 0 if there is none.
    fn distance(self, at: Self) -> u64 {
        if self.0 == 0 { 0 } else { at.0 - self.0 }
    }

    /// The entry that stands so far before this one.
    fn before(self, distance: u64) -> Self {
        Self(if distance == 0 { 0 } else { self.0 - distance })
    }
}

impl Log {
    /// Adds a record to a chain.
    #[inline]
    pub(super) fn push(&mut self, chain: &mut Chain, spot: Spot<'_>) {
        let (at, block) = self.room(ENTRY + spot.note.len());
        let before = block.len();
        let distance = chain.distance(at);
        if let Some(entry) = short(distance, spot) {
            block.extend_from_slice(&entry);
        } else {
            block.push(LONG);
            for number in [
                distance,
                spot.address,
                spot.length as u64,
                spot.note.len() as u64,
            ] {
                put(block, number);
            }
        }
        block.extend_from_slice(spot.note);
        self.length += block.len() - before;
        self.records += 1;
        *chain = at;
    }

    /// Makes one chain of two.
    pub(super) fn join(&mut self, chain: &mut Chain, other: Chain) {
        let (at, block) = self.room(ENTRY);
        let before = block.len();
        block.push(JOIN);
        put(block, chain.distance(at));
        put(block, other.distance(at));
        self.length += block.len() - before;
        *chain = at;
    }

    /// The place of the next entry, and the block that has room for so many bytes more.
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
        let (mut at, mut others) = (chain, Vec::new());
        loop {
            match self.entry(at) {
                Some(Entry::Spot(spot, before)) => {
                    spots.push(spot);
                    at = before;
                }
                Some(Entry::Join(one, other)) => {
                    others.push(other);
                    at = one;
                }
                None => match others.pop() {
                    Some(other) => at = other,
                    None => break,
                },
            }
        }
        spots.reverse();
        // Chains that were joined are read one after the other.
        if !spots.is_sorted_by_key(|spot| spot.address) {
            spots.sort_unstable();
        }
    }

    #[inline]
    fn entry(&self, at: Chain) -> Option<Entry<'_>> {
        let place = usize::try_from(at.0.checked_sub(1)?).ok()?;
        let rest = self.blocks.get(place >> BLOCK_BITS)?.get(place % BLOCK..)?;
        if let Some(([SHORT, size, numbers @ ..], rest)) = rest.split_first_chunk::<SHORT_ENTRY>() {
            let (distance, place) = numbers.split_first_chunk()?;
            let place = u64::from_le_bytes(*place.first_chunk()?);
            let spot = Spot {
                address: place & ((1 << ADDRESS) - 1),
                length: usize::try_from(place >> ADDRESS).ok()?,
                note: rest.get(..usize::from(*size))?,
            };
            let distance = u32::from_le_bytes(*distance);
            return Some(Entry::Spot(spot, at.before(distance.into())));
        }
        let (&kind, mut rest) = rest.split_first()?;
        let before = at.before(take(&mut rest)?);
        if kind == JOIN {
            return Some(Entry::Join(before, at.before(take(&mut rest)?)));
        }
        let address = take(&mut rest)?;
        let length = usize::try_from(take(&mut rest)?).ok()?;
        let size = usize::try_from(take(&mut rest)?).ok()?;
        let note = rest.get(..size)?;
        let spot = Spot {
            address,
            length,
            note,
        };
        Some(Entry::Spot(spot, before))
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

/// The entry of fixed size for a record, if its numbers fit.
#[inline]
fn short(distance: u64, spot: Spot<'_>) -> Option<[u8; SHORT_ENTRY]> {
    let distance = u32::try_from(distance).ok()?;
    let length = spot.length as u64;
    if spot.address >> ADDRESS != 0 || length >> (u64::BITS - ADDRESS) != 0 {
        return None;
    }
    let place = spot.address | length << ADDRESS;
    let mut entry = [0; SHORT_ENTRY];
    let [kind, size, numbers @ ..] = &mut entry;
    (*kind, *size) = (SHORT, u8::try_from(spot.note.len()).ok()?);
    let (first, rest) = numbers.split_first_chunk_mut()?;
    *first = distance.to_le_bytes();
    *rest.first_chunk_mut()? = place.to_le_bytes();
    Some(entry)
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
                        log.push(&mut chains[to], spot);
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
