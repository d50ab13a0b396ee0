//! Keys: which trees a record belongs to, asked of all schemes at once.

use std::borrow::Cow;

use super::{Keyed, Scheme, Schemes};
use crate::record::{Mask, Reader, Record};

/// A tree that a record belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The number of the scheme in [`Schemes::all`].
    pub scheme: u8,
    /// The number of the first scheme of the same name: ids are compared within it.
    pub family: u8,
    /// The id of the tree.
    pub id: Cow<'a, str>,
    /// What is shown of it, if that is more.
    pub shown: Option<Cow<'a, str>>,
    /// True if it is a further id of the scheme that gave the key before.
    pub also: bool,
    /// True if ids are those of scopes, so that all of a request are one tree's.
    pub linked: bool,
}

impl<'a> Key<'a> {
    /// What is shown of it.
    pub fn name(&self) -> &Cow<'a, str> {
        self.shown.as_ref().unwrap_or(&self.id)
    }

    /// True if it is one key with another: of a tree, or of scopes that are linked.
    pub(in crate::tree) fn is(&self, other: &Key<'_>) -> bool {
        self.family == other.family && (self.linked || self.id == other.id)
    }
}

/// All schemes, ready to tell the trees of records.
pub struct Keys(Vec<KeyedScheme>);

struct KeyedScheme {
    family: u8,
    linked: bool,
    mask: Mask,
    keyed: Box<dyn Keyed>,
}

/// Which schemes the records of a reader may follow, remembered for those that are alike.
#[derive(Debug, Default)]
pub struct Known {
    generation: u64,
    /// By the number of the layout.
    schemes: Vec<Option<Numbers>>,
}

/// The numbers of some schemes, a bit for each; the highest one stands for all from there on.
#[derive(Clone, Copy, Debug)]
struct Numbers(u64);

impl Numbers {
    const LAST: usize = u64::BITS as usize - 1;

    /// Takes out the next one.
    #[inline]
    fn next(&mut self) -> Option<usize> {
        let number = self.0.trailing_zeros() as usize;
        self.0 &= self.0.checked_sub(1)?;
        Some(number)
    }
}

impl Known {
    /// The schemes of which a record has a field.
    #[inline]
    fn schemes(&mut self, keys: &Keys, record: &Record<'_, '_>) -> Numbers {
        let Some((generation, layout)) = record.layout() else {
            return keys.schemes(record);
        };
        let layout = usize::from(layout);
        if self.generation == generation
            && let Some(Some(known)) = self.schemes.get(layout)
        {
            return *known;
        }
        if self.generation != generation {
            self.schemes.clear();
            self.generation = generation;
        }
        if self.schemes.len() <= layout {
            self.schemes.resize(layout + 1, None);
        }
        *self.schemes[layout].insert(keys.schemes(record))
    }
}

impl Keys {
    /// Asks `reader` for the fields that all schemes need.
    pub fn new(schemes: &Schemes, reader: &mut Reader) -> Self {
        let families = families(schemes);
        let keyed = schemes.all().zip(families).map(|(scheme, family)| {
            let keyed = scheme.keys(reader);
            KeyedScheme {
                family,
                linked: keyed.is_linked(),
                mask: Reader::mask(&keyed.fields()),
                keyed,
            }
        });
        Self(keyed.collect())
    }

    /// The trees of a record: first the one that it is placed in, then those that it joins
    /// that one with.
    #[inline]
    pub fn of<'k, 'a, 'f>(
        &'k self,
        record: &'k Record<'a, 'f>,
        known: &mut Known,
    ) -> KeysOf<'k, 'a, 'f> {
        KeysOf {
            keys: self,
            record,
            left: known.schemes(self, record),
            scheme: 0,
            also: Vec::new(),
        }
    }

    /// The schemes of which a record has a field.
    fn schemes(&self, record: &Record<'_, '_>) -> Numbers {
        let bit = |(number, known): (usize, &KeyedScheme)| {
            let is_there = record.has_any(&known.mask);
            u64::from(is_there) << number.min(Numbers::LAST)
        };
        let bits = self.0.iter().enumerate().map(bit);
        Numbers(bits.fold(0, |all, bit| all | bit))
    }
}

/// The keys of one record.
pub struct KeysOf<'k, 'a, 'f> {
    keys: &'k Keys,
    record: &'k Record<'a, 'f>,
    /// The schemes that have not been asked.
    left: Numbers,
    /// The one that was asked last.
    scheme: usize,
    also: Vec<Cow<'a, str>>,
}

impl<'a> Iterator for KeysOf<'_, 'a, '_> {
    type Item = Key<'a>;

    #[inline]
    fn next(&mut self) -> Option<Key<'a>> {
        if let Some(id) = self.also.pop() {
            return Some(self.key(id, None, true));
        }
        loop {
            // Behind the last one that has a bit of its own all are asked.
            let next = match self.left.next() {
                None if self.scheme >= Numbers::LAST => self.scheme + 1,
                next => next?,
            };
            self.scheme = next;
            let known = self.keys.0.get(next)?;
            if let Some(tree) = known.keyed.tree(self.record) {
                self.also = known.keyed.also(self.record);
                return Some(self.key(tree.id, tree.shown, false));
            }
        }
    }
}

impl<'a> KeysOf<'_, 'a, '_> {
    /// A key of the scheme that was asked last.
    fn key(&self, id: Cow<'a, str>, shown: Option<Cow<'a, str>>, also: bool) -> Key<'a> {
        let scheme = self.scheme;
        let KeyedScheme { family, linked, .. } = self.keys.0[scheme];
        Key {
            scheme: u8::try_from(scheme).unwrap_or(u8::MAX),
            family,
            id,
            shown,
            also,
            linked,
        }
    }
}

/// The family of each scheme.
fn families(schemes: &Schemes) -> Vec<u8> {
    let names: Vec<_> = schemes.all().map(Scheme::name).collect();
    let first = |name: &&str| names.iter().position(|known| known == name);
    names
        .iter()
        .map(|name| {
            first(name)
                .and_then(|at| u8::try_from(at).ok())
                .unwrap_or(0)
        })
        .collect()
}
