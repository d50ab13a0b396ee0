//! A window over the trees of a stream: the records of a tree are held back until one of
//! them matches, or until the window closes over the tree.
//!
//! The window closes over the trees that have been silent for longest: after a time, when
//! the memory is full, or at the end. A verdict stands for the records that come later, for
//! as many trees as are remembered; only a match changes it, and then it is counted what
//! had been decided otherwise. What matching means, and what the time is, the caller knows.
//!
//! The records of each tree stand in a block of their own. `Collector`, which keeps
//! the chunks as they came, is no use here: one tree that is never decided would keep every
//! chunk that it has a record in.

use foldhash::fast::RandomState;
use hashlink::LruCache;

/// How many verdicts are remembered.
const REMEMBERED: usize = 65_536;
/// How many bytes the ids of remembered verdicts may have, so that long ids cannot make the
/// memory boundless: seven times what UUIDs need.
const REMEMBERED_BYTES: usize = 16 << 20;
/// What a tree costs beside its records and its id, about: the entry, its links, its slot in
/// the table, and what the allocator adds for each of three blocks.
const OVERHEAD: usize = size_of::<(Box<str>, Held)>() + 80;

/// The trees of a stream that are not decided yet, and what was decided of others.
pub struct Window {
    /// True if the trees without a match are wanted.
    invert: bool,
    memory: usize,
    used: usize,
    /// In the order of the last records.
    held: LruCache<Box<str>, Held, RandomState>,
    verdicts: LruCache<Box<str>, Verdict, RandomState>,
    id_bytes: usize,
    /// Counts trees, to tell them in the order of their first records.
    opened: u64,
    late: Late,
}

/// The records of a tree that is not decided.
struct Held {
    /// Whole lines.
    lines: Vec<u8>,
    records: u64,
    /// When the last one came.
    seen: u64,
    number: u64,
}

#[derive(Clone, Copy)]
enum Verdict {
    /// A record has matched.
    Match,
    /// None of that many records has.
    NoMatch(u64),
}

/// What was decided before a record came that decided otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// How many trees.
    pub trees: u64,
    /// How many records of them.
    pub records: u64,
}

impl Window {
    /// A window that holds about `memory` bytes. The trees in which a record matches are
    /// wanted, or with `invert` those in which none does.
    pub fn new(invert: bool, memory: usize) -> Self {
        Self {
            invert,
            memory,
            used: 0,
            held: LruCache::with_hasher(usize::MAX, RandomState::default()),
            verdicts: LruCache::with_hasher(usize::MAX, RandomState::default()),
            id_bytes: 0,
            opened: 0,
            late: Late::default(),
        }
    }

    /// Takes a record of the tree `id`. What is wanted for certain goes to `write`, in the order
    /// in which it came; `now` is any clock of the caller's.
    pub fn record<E>(
        &mut self,
        id: &str,
        line: &[u8],
        matches: bool,
        now: u64,
        write: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if matches {
            self.matched(id, write)?;
            return if self.invert { Ok(()) } else { write(line) };
        }
        if let Some(verdict) = self.verdicts.get_mut(id) {
            if let Verdict::NoMatch(records) = verdict {
                *records += 1;
            }
            let wanted = matches!(verdict, Verdict::Match) != self.invert;
            return if wanted { write(line) } else { Ok(()) };
        }
        self.hold(id, line, now);
        self.relieve(write)
    }

    /// Takes it that a record of the tree `id` has matched, which is decided with that.
    pub fn matched<E>(
        &mut self,
        id: &str,
        write: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(verdict) = self.verdicts.get_mut(id) {
            if let Verdict::NoMatch(records) = *verdict {
                self.late.trees += 1;
                self.late.records += records;
                *verdict = Verdict::Match;
            }
            return Ok(());
        }
        let held = self.held.remove(id);
        if let Some(held) = &held {
            self.used -= held.size(id);
        }
        self.remember(id.into(), Verdict::Match);
        match held.filter(|_| !self.invert) {
            Some(held) => held.write(write),
            None => Ok(()),
        }
    }

    /// Closes the window over the trees whose last record came before `time`.
    pub fn close_before<E>(
        &mut self,
        time: u64,
        write: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while self
            .held
            .iter()
            .next()
            .is_some_and(|(_, held)| held.seen < time)
        {
            self.close_oldest(write)?;
        }
        Ok(())
    }

    /// Closes the window over all trees, in the order of their first records.
    pub fn finish<E>(&mut self, write: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut trees: Vec<_> = self.held.drain().map(|(_, held)| held).collect();
        self.used = 0;
        if self.invert {
            trees.sort_unstable_by_key(|held| held.number);
            for held in trees {
                held.write(write)?;
            }
        }
        Ok(())
    }

    /// What was decided otherwise before a record matched.
    pub fn late(&self) -> Late {
        self.late
    }

    /// The bytes of memory in use for records, about.
    pub fn used(&self) -> usize {
        self.used
    }

    fn hold(&mut self, id: &str, line: &[u8], now: u64) {
        if !self.held.contains_key(id) {
            let held = Held {
                lines: Vec::new(),
                records: 0,
                seen: now,
                number: self.opened,
            };
            self.opened += 1;
            self.used += held.size(id);
            self.held.insert(id.into(), held);
        }
        if let Some(held) = self.held.get_mut(id) {
            self.used -= held.size(id);
            held.lines.reserve(line.len() + 1);
            held.lines.extend_from_slice(line);
            held.lines.push(b'\n');
            held.records += 1;
            held.seen = now;
            self.used += held.size(id);
        }
    }

    /// Closes the window over the oldest trees while there is too much in memory.
    fn relieve<E>(&mut self, write: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        while self.used > self.memory && !self.held.is_empty() {
            self.close_oldest(write)?;
        }
        Ok(())
    }

    fn close_oldest<E>(&mut self, write: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let Some((id, held)) = self.held.remove_lru() else {
            return Ok(());
        };
        self.used -= held.size(&id);
        self.remember(id, Verdict::NoMatch(held.records));
        if self.invert {
            held.write(write)
        } else {
            Ok(())
        }
    }

    fn remember(&mut self, id: Box<str>, verdict: Verdict) {
        self.id_bytes += id.len();
        self.verdicts.insert(id, verdict);
        while (self.verdicts.len() > REMEMBERED || self.id_bytes > REMEMBERED_BYTES)
            && let Some((id, _)) = self.verdicts.remove_lru()
        {
            self.id_bytes -= id.len();
        }
    }
}

impl Held {
    fn size(&self, id: &str) -> usize {
        self.lines.capacity() + id.len() + OVERHEAD
    }

    fn write<E>(&self, write: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        crate::record::Lines::new(&self.lines).try_for_each(write)
    }
}

#[cfg(test)]
mod tests;
