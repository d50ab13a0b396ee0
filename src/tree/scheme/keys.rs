//! Keys: which trees a record belongs to, asked of all schemes at once.

use std::borrow::Cow;

use super::{Id, Keyed, Scheme, Schemes};
use crate::record::{Mask, Reader, Record};

/// A tree that a record belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The number of the scheme in [`Schemes::all`].
    pub scheme: u8,
    /// The number of the first scheme of the same name: ids are compared within it.
    pub family: u8,
    /// The id of the tree.
    pub id: Id<'a>,
    /// What is shown of it, if that is more.
    pub shown: Option<Cow<'a, str>>,
    /// True if it is a further id of the scheme that gave the key before.
    pub also: bool,
    /// True if ids are those of scopes, so that all of a request are one tree's.
    pub linked: bool,
}

impl<'a> Key<'a> {
    /// What is shown of it.
    pub fn name(&self) -> Cow<'a, str> {
        self.shown.clone().unwrap_or_else(|| self.id.text())
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
    /// The numbers of the schemes, by the number of the layout.
    schemes: Vec<Option<Box<[u8]>>>,
    /// Those of a record of which the layout is not known.
    others: Vec<u8>,
}

impl Known {
    /// The schemes of which a record has a field.
    #[inline]
    fn schemes(&mut self, keys: &Keys, record: &Record<'_, '_>) -> &[u8] {
        let Some((generation, layout)) = record.layout() else {
            self.others.clear();
            self.others.extend(keys.schemes(record));
            return &self.others;
        };
        let layout = usize::from(layout);
        let is_known = self.schemes.get(layout).is_some_and(Option::is_some);
        if !is_known || self.generation != generation {
            self.learn(generation, layout, keys.schemes(record).collect());
        }
        self.schemes[layout].as_deref().unwrap_or_default()
    }

    #[cold]
    fn learn(&mut self, generation: u64, layout: usize, schemes: Box<[u8]>) {
        if self.generation != generation {
            self.schemes.clear();
            self.generation = generation;
        }
        if self.schemes.len() <= layout {
            self.schemes.resize(layout + 1, None);
        }
        self.schemes[layout] = Some(schemes);
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
        known: &'k mut Known,
    ) -> KeysOf<'k, 'a, 'f, impl Iterator<Item = u8> + use<'k>> {
        let schemes = known.schemes(self, record).iter().copied();
        KeysOf::new(self, record, schemes)
    }

    /// True if that holds for any tree of a record; for who asks seldom and so remembers nothing.
    pub(super) fn any(&self, record: &Record<'_, '_>, holds: impl Fn(&Key<'_>) -> bool) -> bool {
        let mut keys = KeysOf::new(self, record, self.schemes(record));
        keys.any(|key| holds(&key))
    }

    /// The family of the scheme of that name.
    pub(in crate::tree) fn family(schemes: &Schemes, name: &str) -> Option<u8> {
        let names = schemes.all().map(Scheme::name);
        let at = names.zip(families(schemes)).find(|(own, _)| *own == name);
        at.map(|(_, family)| family)
    }

    /// The numbers of the schemes of which a record has a field.
    fn schemes(&self, record: &Record<'_, '_>) -> impl Iterator<Item = u8> {
        let numbered = (0..=u8::MAX).zip(&self.0);
        numbered
            .filter(|(_, known)| record.has_any(&known.mask))
            .map(|(number, _)| number)
    }
}

/// The keys of one record.
pub struct KeysOf<'k, 'a, 'f, S> {
    keys: &'k Keys,
    record: &'k Record<'a, 'f>,
    /// The schemes that have not been asked.
    left: S,
    /// The one that was asked last.
    scheme: u8,
    also: Vec<Cow<'a, str>>,
}

impl<'a, S: Iterator<Item = u8>> Iterator for KeysOf<'_, 'a, '_, S> {
    type Item = Key<'a>;

    #[expect(
        clippy::inline_always,
        reason = "each record is asked by it, and what a call returns through memory costs dl-tree 2 % (docs/performance.md)"
    )]
    #[inline(always)]
    fn next(&mut self) -> Option<Key<'a>> {
        if let Some(id) = self.also.pop() {
            return Some(self.key(id.into(), None, true));
        }
        loop {
            self.scheme = self.left.next()?;
            let known = &self.keys.0[usize::from(self.scheme)];
            if let Some(tree) = known.keyed.tree(self.record) {
                known.keyed.also(self.record, &mut self.also);
                return Some(self.key(tree.id, tree.shown, false));
            }
        }
    }
}

impl<'k, 'a, 'f, S> KeysOf<'k, 'a, 'f, S> {
    fn new(keys: &'k Keys, record: &'k Record<'a, 'f>, schemes: S) -> Self {
        Self {
            keys,
            record,
            left: schemes,
            scheme: 0,
            also: Vec::new(),
        }
    }

    /// A key of the scheme that was asked last.
    fn key(&self, id: Id<'a>, shown: Option<Cow<'a, str>>, also: bool) -> Key<'a> {
        let scheme = self.scheme;
        let KeyedScheme { family, linked, .. } = self.keys.0[usize::from(scheme)];
        Key {
            scheme,
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

#[cfg(test)]
mod tests {
    use super::{super::Join, *};
    use crate::record::{Found, Path};

    #[test]
    fn keys_are_the_same_once_a_layout_is_known() {
        let fields = vec![("f".to_owned(), Path::dotted("f"))];
        let schemes = Schemes {
            last: vec![Box::new(Join { fields })],
            ..Schemes::default()
        };
        let mut reader = Reader::default();
        let keys = Keys::new(&schemes, &mut reader);
        let (mut known, mut found) = (Known::default(), Found::default());
        for round in 0..6 {
            for (line, expect) in [
                (r#"{"f":"a"}"#, &["f=a"][..]),
                (
                    r#"{"task_uuid":"t","task_level":[1],"f":"b"}"#,
                    &["t", "f=b"],
                ),
                (
                    r#"{"f":"b","task_uuid":"t","task_level":[1]}"#,
                    &["t", "f=b"],
                ),
                // The layout does not tell what there is in a field.
                (r#"{"task_uuid":null,"task_level":[1],"f":"b"}"#, &["f=b"]),
                (r#"{"message":"of no tree"}"#, &[]),
            ] {
                let record = reader.read(line, &mut found).expect("a record");
                // Two lines of the same keys have one layout.
                match round {
                    0 => assert_eq!(record.layout(), None, "{line}"),
                    1 | 2 => {}
                    _ => assert!(record.layout().is_some(), "{line}"),
                }
                let ids: Vec<_> = keys
                    .of(&record, &mut known)
                    .map(|key| key.id.text())
                    .collect();
                assert_eq!(ids, expect, "{line}");
            }
        }
    }

    #[test]
    fn what_is_known_of_a_layout_ends_with_it() {
        let schemes = Schemes::default();
        let mut reader = Reader::default();
        let keys = Keys::new(&schemes, &mut reader);
        let (mut known, mut found) = (Known::default(), Found::default());
        for number in 0..6_000_u32 {
            // Twelve keys that are there or not, more sequences than are kept.
            let there = (0..12).filter(|key| number >> key & 1 == 1);
            let members: Vec<_> = there.map(|key| format!("\"k{key}\":0,")).collect();
            let is_eliot = number % 7 < 3;
            let ids = if is_eliot {
                r#""task_uuid":"t","task_level":[1]"#
            } else {
                r#""message":"of no tree""#
            };
            let line = format!("{{{}{ids}}}", members.concat());
            for _ in 0..3 {
                let record = reader.read(&line, &mut found).expect("a record");
                let all: Vec<_> = keys
                    .of(&record, &mut known)
                    .map(|key| key.id.text())
                    .collect();
                let expect: &[&str] = if is_eliot { &["t"] } else { &[] };
                assert_eq!(all, expect, "{number}: {line}");
            }
        }
    }
}
