//! Assembly: the records of one request, in any order, become its tree.
//!
//! The same records give the same tree whatever order they come in: they are sorted by tree,
//! scope, position, time and the bytes of the record itself, and whatever follows goes by
//! that order.

use std::{borrow::Cow, collections::HashMap};

use super::{
    catalog::Name,
    goal::Complete,
    graph::Graph,
    model::{Node, Tree},
    note,
    placed::{Placed, Placer, settle},
    scheme::{Key, Schemes},
    survey::survey,
};

/// The records of a tree, and what is known of them before they are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Material<'m, 'a> {
    /// The one id of the tree, if it has one; only then notes hold.
    pub name: Option<&'a Name>,
    /// The lines.
    pub lines: &'m [&'a [u8]],
    /// The note on each of them, or nothing.
    pub notes: &'m [&'a [u8]],
}

impl<'m, 'a> From<&'m [&'a [u8]]> for Material<'m, 'a> {
    fn from(lines: &'m [&'a [u8]]) -> Self {
        Self {
            lines,
            ..Self::default()
        }
    }
}

/// Sorts records by their places. They are moved once each, because they are large.
fn sorted(mut placed: Vec<Placed<'_>>) -> Vec<Placed<'_>> {
    if placed.is_sorted_by(|a, b| a.order() <= b.order()) {
        return placed;
    }
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_unstable_by(|&a, &b| placed[a].order().cmp(&placed[b].order()));
    order
        .into_iter()
        .map(|at| std::mem::take(&mut placed[at]))
        .collect()
}

/// Puts trees together; keep one per worker, because it reuses its memory.
pub struct Assembler {
    placer: Placer,
}

impl Default for Assembler {
    fn default() -> Self {
        Self::new(&Schemes::default())
    }
}

impl Assembler {
    /// An assembler of trees of these schemes.
    pub fn new(schemes: &Schemes) -> Self {
        Self {
            placer: Placer::new(schemes),
        }
    }

    /// Builds a tree from the lines of its records.
    pub fn assemble<'a>(&mut self, lines: &[&'a [u8]]) -> Tree<'a> {
        self.assemble_from(Material::from(lines))
    }

    /// Builds a tree from its records and what is known of them.
    pub fn assemble_from<'a>(&mut self, material: Material<'_, 'a>) -> Tree<'a> {
        let mut keys = KeyTable::default();
        if let Some(name) = material.name
            && material.notes.len() == material.lines.len()
        {
            let placed = self.place_noted(name, material, &mut keys);
            let (tree, is_clear) = self.build(placed, &keys);
            if is_clear {
                return tree;
            }
            keys = KeyTable::default();
        }
        let placed = self.place(material.lines, &mut keys);
        self.build(placed, &keys).0
    }

    /// Builds a tree from records that have been placed; false if something in it is hidden
    /// because only notes have been read.
    fn build<'a>(&self, mut placed: Vec<Placed<'a>>, keys: &KeyTable<'a>) -> (Tree<'a>, bool) {
        settle(&mut placed);
        let times = || {
            placed
                .iter()
                .flat_map(|record| [record.time, record.placement.end])
                .flatten()
        };
        let (start, end) = (times().min(), times().max());
        let placed = sorted(placed);
        let names: Vec<_> = keys
            .keys
            .iter()
            .map(|key| self.placer.scheme(key.scheme))
            .collect();
        let grown = Graph::new(&keys.keys, &names, placed).grow();
        let mut tree = Tree {
            id: grown
                .key
                .map(|key| name(&keys.keys[key], &grown.nodes))
                .unwrap_or_default(),
            scheme: Cow::Borrowed(grown.key.map_or("", |key| names[key])),
            complete: grown.complete > Complete::No,
            certain: grown.complete == Complete::Certain,
            start,
            end,
            records: grown.records,
            nodes: grown.nodes,
            skew: grown.clocks.skew(),
            ..Tree::default()
        };
        survey(&mut tree);
        (tree, grown.is_clear)
    }

    /// Places the records by the notes on them, and the few that have none by their lines.
    fn place_noted<'a>(
        &mut self,
        name: &'a Name,
        material: Material<'_, 'a>,
        keys: &mut KeyTable<'a>,
    ) -> Vec<Placed<'a>> {
        let place = |(line, note): (&&'a [u8], &&[u8])| {
            let Some(noted) = note::read(note, line) else {
                return self.placer.place(line, |key| keys.number(key));
            };
            let mut placed = noted.placed;
            placed.key = keys.number(Key {
                scheme: noted.scheme,
                family: name.family,
                id: Cow::Borrowed(&name.id),
                shown: None,
                also: false,
                linked: false,
            });
            placed
        };
        material
            .lines
            .iter()
            .zip(material.notes)
            .map(place)
            .collect()
    }

    /// Says where each record belongs, in the order of `lines`.
    pub(super) fn place<'a>(
        &mut self,
        lines: &[&'a [u8]],
        keys: &mut KeyTable<'a>,
    ) -> Vec<Placed<'a>> {
        let mut placed: Vec<_> = lines
            .iter()
            .map(|line| self.placer.place(line, |key| keys.number(key)))
            .collect();
        keys.sort(&mut placed);
        placed
    }

    /// The name of a scheme.
    pub(super) fn scheme(&self, number: u8) -> &'static str {
        self.placer.scheme(number)
    }
}

/// What a tree is called: where only scopes have ids, by that of its root.
fn name<'a>(key: &Key<'a>, nodes: &[Node<'a>]) -> Cow<'a, str> {
    match nodes.first() {
        Some(root) if key.linked && root.id != "/" => root.id.clone(),
        _ => key.name().clone(),
    }
}

/// The keys of the trees that have become one.
#[derive(Default)]
pub(super) struct KeyTable<'a> {
    pub(super) keys: Vec<Key<'a>>,
    /// Where a key stands, once there are more than a few.
    places: HashMap<(u8, Cow<'a, str>), usize>,
}

/// How many keys are gone through one by one: a request of more is rare.
const FEW: usize = 8;

impl<'a> KeyTable<'a> {
    /// The number of a key.
    fn number(&mut self, key: Key<'a>) -> u32 {
        let same = |known: &Key<'_>| known.is(&key);
        let few = if key.linked { usize::MAX } else { FEW };
        let found = match self.keys.iter().take(few).position(same) {
            None if self.keys.len() > FEW => {
                self.places.get(&(key.family, key.id.clone())).copied()
            }
            found => found,
        };
        let at = found.unwrap_or_else(|| {
            if self.keys.len() >= FEW {
                let place = (key.family, key.id.clone());
                self.places.insert(place, self.keys.len());
            }
            self.keys.push(key.clone());
            self.keys.len() - 1
        });
        let known = &mut self.keys[at];
        known.scheme = known.scheme.min(key.scheme);
        if known.linked {
            // Any of them would do, but it has to be the same whatever comes first.
            known.id = known.id.clone().min(key.id);
        } else if let Some(shown) = key.shown {
            let length = |shown: &Cow<'_, str>| std::cmp::Reverse(shown.len());
            match &known.shown {
                Some(old) if (length(old), old) <= (length(&shown), &shown) => {}
                _ => known.shown = Some(shown),
            }
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// Numbers the keys by what they are, and not by what came first.
    fn sort(&mut self, placed: &mut [Placed<'a>]) {
        if self.keys.len() < 2 {
            return;
        }
        let mut order: Vec<_> = (0..self.keys.len()).collect();
        order.sort_unstable_by_key(|&at| (self.keys[at].family, &self.keys[at].id));
        let mut fresh = vec![0; order.len()];
        for (new, &old) in (0..).zip(&order) {
            fresh[old] = new;
        }
        self.keys = order.into_iter().map(|at| self.keys[at].clone()).collect();
        let renumber = |key: &mut u32| *key = fresh[*key as usize];
        for record in placed {
            renumber(&mut record.key);
            for (key, _) in &mut record.others {
                renumber(key);
            }
        }
    }
}
