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
    /// The masks of this scheme and all after it, so that most records are done with after
    /// the first.
    rest: Mask,
    keyed: Box<dyn Keyed>,
}

impl Keys {
    /// Asks `reader` for the fields that all schemes need.
    pub fn new(schemes: &Schemes, reader: &mut Reader) -> Self {
        let families = families(schemes);
        let mut keyed: Vec<_> = schemes
            .all()
            .zip(families)
            .map(|(scheme, family)| {
                let keyed = scheme.keys(reader);
                KeyedScheme {
                    family,
                    linked: keyed.is_linked(),
                    mask: Reader::mask(&keyed.fields()),
                    rest: Mask::default(),
                    keyed,
                }
            })
            .collect();
        let mut fields = Vec::new();
        for known in keyed.iter_mut().rev() {
            fields.extend(known.keyed.fields());
            known.rest = Reader::mask(&fields);
        }
        Self(keyed)
    }

    /// The trees of a record: first the one that it is placed in, then those that it joins
    /// that one with.
    pub fn of<'k, 'a, 'f>(&'k self, record: &'k Record<'a, 'f>) -> KeysOf<'k, 'a, 'f> {
        KeysOf {
            keys: self,
            record,
            next: 0,
            also: Vec::new(),
        }
    }
}

/// The keys of one record.
pub struct KeysOf<'k, 'a, 'f> {
    keys: &'k Keys,
    record: &'k Record<'a, 'f>,
    next: usize,
    also: Vec<Cow<'a, str>>,
}

impl<'a> Iterator for KeysOf<'_, 'a, '_> {
    type Item = Key<'a>;

    #[inline]
    fn next(&mut self) -> Option<Key<'a>> {
        if let Some(id) = self.also.pop() {
            return Some(self.key(id, None, true));
        }
        while let Some(known) = self.keys.0.get(self.next) {
            if !self.record.has_any(&known.rest) {
                break;
            }
            self.next += 1;
            if self.record.has_any(&known.mask)
                && let Some(tree) = known.keyed.tree(self.record)
            {
                self.also = known.keyed.also(self.record);
                return Some(self.key(tree.id, tree.shown, false));
            }
        }
        self.next = self.keys.0.len();
        None
    }
}

impl<'a> KeysOf<'_, 'a, '_> {
    /// A key of the scheme that was asked last.
    fn key(&self, id: Cow<'a, str>, shown: Option<Cow<'a, str>>, also: bool) -> Key<'a> {
        let scheme = self.next.saturating_sub(1);
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
