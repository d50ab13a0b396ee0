//! The roster: which ids there are, and which tree each belongs to. Ids that a record carries
//! together belong to one tree from then on.

use hashbrown::HashTable;
use smallvec::SmallVec;

use super::catalog::Name;

/// Ids and the numbers of their trees.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Numbers of `ids`, by hash.
    table: HashTable<u32>,
    ids: Vec<Option<Entry>>,
    free: Vec<u32>,
    memory: usize,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    tree: u32,
    family: u8,
    id: Id,
}

/// The bytes of an id, which are UTF-8. A UUID stands in the entry itself, because each look at memory
/// elsewhere would be waited for.
type Id = SmallVec<[u8; 36]>;

/// What an id costs beside bytes that have no room in its entry: that, its slot in the table and
/// what the allocator adds.
const OVERHEAD: usize = size_of::<Option<Entry>>() + 2 * size_of::<u32>() + 16;

impl Entry {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.id).unwrap_or_default()
    }

    /// The bytes of memory in use.
    fn memory(&self) -> usize {
        let elsewhere = if self.id.spilled() {
            self.id.capacity()
        } else {
            0
        };
        OVERHEAD + elsewhere
    }
}

impl Roster {
    /// The tree of an id, if it is known.
    pub(super) fn find(&self, hash: u64, family: u8, id: &[u8]) -> Option<u32> {
        let same = |&number: &u32| {
            self.ids[number as usize]
                .as_ref()
                .is_some_and(|entry| entry.family == family && entry.id[..] == *id)
        };
        let number = *self.table.find(hash, same)?;
        self.ids[number as usize].as_ref().map(|entry| entry.tree)
    }

    /// Adds an id of a tree; returns its number.
    pub(super) fn add(&mut self, hash: u64, family: u8, id: &[u8], tree: u32) -> u32 {
        let number = self.push(Entry {
            hash,
            tree,
            family,
            id: Id::from_slice(id),
        });
        let ids = &self.ids;
        self.table.insert_unique(hash, number, |&number| {
            ids[number as usize].as_ref().map_or(0, |entry| entry.hash)
        });
        number
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 ids do not fit into any memory"
    )]
    fn push(&mut self, entry: Entry) -> u32 {
        self.memory += entry.memory();
        let entry = Some(entry);
        if let Some(number) = self.free.pop() {
            self.ids[number as usize] = entry;
            number
        } else {
            self.ids.push(entry);
            (self.ids.len() - 1) as u32
        }
    }

    /// Says that an id belongs to another tree now.
    pub(super) fn move_to(&mut self, number: u32, tree: u32) {
        if let Some(entry) = &mut self.ids[number as usize] {
            entry.tree = tree;
        }
    }

    /// The text of an id.
    pub(super) fn id(&self, number: u32) -> &str {
        self.ids[number as usize].as_ref().map_or("", Entry::text)
    }

    /// An id: hash, family and text.
    pub(super) fn entry(&self, number: u32) -> Option<(u64, u8, &str)> {
        let entry = self.ids[number as usize].as_ref()?;
        Some((entry.hash, entry.family, entry.text()))
    }

    /// An id that is the only one of its tree.
    pub(super) fn name(&self, number: u32) -> Option<Name<'_>> {
        let entry = self.ids.get(number as usize)?.as_ref()?;
        Some(Name {
            family: entry.family,
            id: entry.text(),
        })
    }

    /// Keeps an id that nobody will look for; returns its number.
    pub(super) fn keep(&mut self, name: Name<'_>) -> u32 {
        self.push(Entry {
            hash: 0,
            tree: 0,
            family: name.family,
            id: Id::from_slice(name.id.as_bytes()),
        })
    }

    /// Forgets all ids.
    pub(super) fn clear(&mut self) {
        self.table.clear();
        self.ids.clear();
        self.free.clear();
        self.memory = 0;
    }

    /// Forgets an id.
    pub(super) fn remove(&mut self, number: u32) {
        let Some(entry) = self.ids[number as usize].take() else {
            return;
        };
        if let Ok(found) = self.table.find_entry(entry.hash, |&other| other == number) {
            found.remove();
        }
        self.memory -= entry.memory();
        self.free.push(number);
    }

    /// The bytes of memory in use, about.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }
}
