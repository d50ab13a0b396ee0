//! A set of tree ids: exact, and small for each.
//!
//! All ids stand in one block of memory, so that an id costs its own bytes and about 18
//! more; a set of boxed texts would cost about three times as much.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// The bytes in front of an id that say how long it is.
const LENGTH: usize = size_of::<u32>();

/// The ids of some trees.
#[derive(Debug, Default)]
pub struct Ids {
    /// The ids one after the other, each with its length in front.
    bytes: Vec<u8>,
    /// Where in `bytes` they begin.
    table: HashTable<usize>,
    hasher: RandomState,
}

impl Ids {
    /// Adds an id; false if it was there already.
    pub fn insert(&mut self, id: &str) -> bool {
        // A record, and so an id, is shorter than 4 GiB.
        let Ok(length) = u32::try_from(id.len()) else {
            return false;
        };
        let hash = self.hasher.hash_one(id.as_bytes());
        if self.find(hash, id).is_some() {
            return false;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(id.as_bytes());
        let Self {
            bytes,
            table,
            hasher,
        } = self;
        table.insert_unique(hash, start, |&start| hasher.hash_one(at(bytes, start)));
        true
    }

    /// True if the id has been added.
    pub fn contains(&self, id: &str) -> bool {
        self.find(self.hasher.hash_one(id.as_bytes()), id).is_some()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The bytes of memory in use.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.table.allocation_size()
    }

    fn find(&self, hash: u64, id: &str) -> Option<&usize> {
        self.table
            .find(hash, |&start| at(&self.bytes, start) == id.as_bytes())
    }
}

/// The id that begins at `start`.
fn at(bytes: &[u8], start: usize) -> &[u8] {
    let rest = &bytes[start..];
    let length = rest.first_chunk::<LENGTH>().copied().unwrap_or_default();
    &rest[LENGTH..][..u32::from_le_bytes(length) as usize]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn it_is_a_set() {
        let mut ids = Ids::default();
        let mut model = HashSet::new();
        // Lengths of all kinds, each number three times.
        for number in (0..30_000_u32).map(|n| n % 10_000) {
            let id = "x".repeat(number as usize % 50) + &number.to_string();
            assert_eq!(ids.insert(&id), model.insert(id.clone()), "{id}");
        }
        assert_eq!(ids.len(), model.len());
        assert!(model.iter().all(|id| ids.contains(id)));
        assert!(!ids.contains("") && !ids.contains("x") && !ids.contains("10000"));
        assert!(ids.insert("") && ids.contains(""));
    }

    #[test]
    fn an_id_costs_little_more_than_its_bytes() {
        let mut ids = Ids::default();
        for number in 0..100_000_u32 {
            ids.insert(&format!("{number:08x}-1111-4222-8333-444444444444"));
        }
        // The block has grown by doubling, so up to half of it is room.
        let each = ids.memory() / ids.len();
        assert!((36..=36 * 2 + 24).contains(&each), "{each} bytes");
    }
}
