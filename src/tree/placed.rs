//! A record and its place, read from its line.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use foldhash::fast::RandomState;

use super::scheme::{Key, Keys, Known, Parent, Placement, Places, Schemes, Scope};
use crate::record::{Canonical, Found, Instant, Level, Process, Reader, trim};

/// A record and its place.
#[derive(Debug, Default)]
pub(super) struct Placed<'a> {
    pub(super) line: &'a [u8],
    pub(super) time: Option<Instant>,
    pub(super) level: Option<Level>,
    pub(super) process: Process<'a>,
    /// True for the names of process and host that the record has, but that were not read.
    pub(super) hidden: [bool; 2],
    /// The number of the key of its tree.
    pub(super) key: u32,
    pub(super) placement: Placement<'a>,
    /// What it says of other trees that are one with its own.
    pub(super) others: Vec<(u32, Placement<'a>)>,
}

impl<'a> Placed<'a> {
    /// What decides the order of most records: scope, position and time.
    pub(super) fn order(&self) -> impl Ord + use<'_, 'a> {
        let placement = &self.placement;
        (
            self.key,
            &placement.scope,
            &placement.instance,
            placement.position,
            self.time,
        )
    }

    /// Its times, and the line that tells them.
    pub(super) fn times(&self) -> ([Option<Instant>; 2], &'a [u8]) {
        ([self.time, self.placement.end], self.line)
    }

    /// True if both belong to one scope.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.key == other.key
            && self.placement.scope == other.placement.scope
            && self.placement.instance == other.placement.instance
    }
}

/// Reads records and says where they belong.
pub(super) struct Placer {
    reader: Reader,
    keys: Keys,
    places: Places,
    found: Found,
    known: Known,
}

impl Placer {
    pub(super) fn new(schemes: &Schemes) -> Self {
        let mut reader = Reader::default();
        let keys = Keys::new(schemes, &mut reader);
        let places = Places::new(schemes, &mut reader);
        for canonical in [
            Canonical::Time,
            Canonical::Level,
            Canonical::Service,
            Canonical::Host,
            Canonical::Process,
        ] {
            reader.canonical(canonical);
        }
        Self {
            reader,
            keys,
            places,
            found: Found::default(),
            known: Known::default(),
        }
    }

    /// The name of a scheme.
    pub(super) fn scheme(&self, number: u8) -> &'static str {
        self.places.name(number)
    }

    /// Places a record; `key` gives the number of a tree's key.
    pub(super) fn place<'a>(
        &mut self,
        line: &'a [u8],
        mut key: impl FnMut(Key<'a>) -> u32,
    ) -> Placed<'a> {
        let line = trim(line);
        let mut placed = Placed {
            line,
            placement: Placement::stray(),
            ..Placed::default()
        };
        // Only lines that were records once come here.
        let Ok(record) = self.reader.read(line, &mut self.found) else {
            return placed;
        };
        let mut keys = self.keys.of(&record, &mut self.known);
        if let Some(first) = keys.next() {
            if let Some(placement) = self.places.place(first.scheme, &record) {
                placed.placement = placement;
            }
            let family = first.family;
            placed.key = key(first);
            let apart = |other: &Key<'_>| other.family != family || other.also;
            for other in keys.filter(|other| apart(other) && !(other.also && other.linked)) {
                if let Some(placement) = self.places.place(other.scheme, &record) {
                    placed.others.push((key(other), placement));
                }
            }
        }
        placed.time = placed.placement.time.or_else(|| record.time());
        placed.level = record.level();
        placed.process = record.process_parts();
        placed
    }
}

/// Gives records that name a request and none of its scopes to the root, where one scope says
/// that it is the root.
pub(super) fn settle<'a>(records: &mut [Placed<'a>]) {
    let mut roots: HashMap<u32, Option<Cow<'a, str>>, RandomState> = HashMap::default();
    for record in &*records {
        let Placement { scope, parent, .. } = &record.placement;
        if let (Scope::Id(id), Parent::None) = (scope, parent) {
            roots
                .entry(record.key)
                .and_modify(|root| {
                    if root.as_ref() != Some(id) {
                        *root = None;
                    }
                })
                .or_insert_with(|| Some(id.clone()));
        }
    }
    for record in &mut *records {
        if record.placement.scope == Scope::ROOT
            && let Some(Some(root)) = roots.get(&record.key)
        {
            record.placement.scope = Scope::Id(root.clone());
        }
    }
    tell_apart(records);
}

/// Gives records that name a scope, but not which of several with its id, to the one that
/// their own process has, or else to the first.
fn tell_apart<'a>(records: &mut [Placed<'a>]) {
    type Instances<'a> = BTreeSet<Cow<'a, str>>;
    let mut known: HashMap<(u32, Cow<'a, str>), Instances<'a>, RandomState> = HashMap::default();
    for record in &*records {
        let Placement {
            scope, instance, ..
        } = &record.placement;
        if let (Scope::Id(id), Some(instance)) = (scope, instance) {
            let instances = known.entry((record.key, id.clone())).or_default();
            if !instances.contains(instance) {
                instances.insert(instance.clone());
            }
        }
    }
    if known.is_empty() {
        return;
    }
    for record in records {
        let Placement {
            scope, instance, ..
        } = &mut record.placement;
        if let (Scope::Id(id), None) = (scope, &instance)
            && let Some(instances) = known.get(&(record.key, id.clone()))
        {
            let own = record.process.place.as_ref();
            let own = own.filter(|&place| instances.contains(place));
            *instance = own.or(instances.first()).cloned();
        }
    }
}
