//! Assembly: the records of one request, in any order, become its tree.
//!
//! The same records give the same tree whatever order they come in: they are sorted by tree,
//! scope, position, time and the bytes of the record itself, and whatever follows goes by
//! that order.

use std::{borrow::Cow, collections::HashMap};

use super::{
    goal::Complete,
    graph::Graph,
    model::{Node, Tree},
    placed::{Placed, Placer, settle},
    scheme::{Key, Schemes},
    survey::survey,
};

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
        let mut keys = KeyTable::default();
        let mut placed = self.place(lines, &mut keys);
        settle(&mut placed);
        let times = || {
            placed
                .iter()
                .flat_map(|record| [record.time, record.placement.end])
                .flatten()
        };
        let (start, end) = (times().min(), times().max());
        placed.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
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
        tree
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
