//! Assembly: the records of one request, in any order, become its tree.
//!
//! The same records give the same tree whatever order they come in: they are sorted by tree,
//! scope, position, time, their number where they arrived and their bytes, and whatever follows
//! goes by that order.

use std::{borrow::Cow, collections::HashMap};

use super::{
    arrival::Arrivals,
    catalog::Name,
    goal::Complete,
    graph::{Graph, Memory, reuse},
    model::{Node, Tree},
    note::Noted,
    paths,
    placed::{Placed, Placer, settle},
    rank::{self, Rank},
    scheme::{Id, Key, Schemes, Scope},
    survey::survey,
    touch::touch,
};

/// How many records are looked at ahead: as many as the second-level cache holds.
const TOUCHED: usize = 2_000;

/// The records of a tree, and what is known of them before they are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Material<'m, 'a> {
    /// The one id of the tree, if it has one; only then notes hold.
    pub name: Option<Name<'a>>,
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
fn sorted<'a>(mut placed: Vec<Placed<'a>>, arrivals: &mut Arrivals) -> Vec<Placed<'a>> {
    if placed.is_sorted_by(|a, b| a.order() < b.order()) {
        return placed;
    }
    let is_one = placed
        .iter()
        .all(|record| record.key == 0 && record.placement.instance.is_none());
    let mut order: Vec<_> = (0..placed.len())
        .map(|at| (if is_one { rank(&placed[at]) } else { 0 }, at))
        .collect();
    order.sort_unstable_by(|(rank, a), (other, b)| {
        let exactly = || placed[*a].order().cmp(&placed[*b].order());
        rank.cmp(other).then_with(exactly)
    });
    let is_tied = |(rank, a): &(Rank, usize), (other, b): &(Rank, usize)| {
        rank == other && placed[*a].order() == placed[*b].order()
    };
    for tied in order.chunk_by_mut(is_tied) {
        arrivals.sort(tied, |&(_, at)| placed[at].line);
    }
    // Along each circle of places, every record is swapped to where it belongs.
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at].1, at);
            if from == start {
                break;
            }
            placed.swap(at, from);
            at = from;
        }
    }
    placed
}

/// The beginning of what decides the order of the records of one tree.
fn rank(record: &Placed<'_>) -> Rank {
    match &record.placement.scope {
        Scope::Path(trail) => rank::rank(trail.bytes(), record.placement.position),
        Scope::Id(_) => Rank::MAX,
    }
}

/// Puts trees together; keep one per worker, because it reuses its memory.
pub struct Assembler {
    placer: Placer,
    memory: Memory,
    walks: paths::Memory,
    arrivals: Arrivals,
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
            memory: Memory::default(),
            walks: paths::Memory::default(),
            arrivals: Arrivals::default(),
        }
    }

    /// Builds a tree from the lines of its records.
    pub fn assemble<'a>(&mut self, lines: &[&'a [u8]]) -> Tree<'a> {
        self.assemble_from(Material::from(lines))
    }

    /// Builds a tree from its records and what is known of them.
    pub fn assemble_from<'a>(&mut self, material: Material<'_, 'a>) -> Tree<'a> {
        let mut keys = KeyTable::default();
        touch(material.lines.iter().copied().take(TOUCHED));
        if let Some(name) = material.name
            && material.notes.len() == material.lines.len()
        {
            if let Some(tree) = self.walk(name, material) {
                return tree;
            }
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

    /// Takes back the memory of a tree that nobody needs any more, for the next one.
    pub fn recycle(&mut self, tree: Tree<'_>) {
        self.walks.recycle(tree);
    }

    /// Builds a tree from the notes on its records, if all are of paths.
    fn walk<'a>(&mut self, name: Name<'a>, material: Material<'_, 'a>) -> Option<Tree<'a>> {
        let walked = paths::walk(material.lines, material.notes, &mut self.walks)?;
        let mut tree = Tree {
            id: Cow::Borrowed(name.id),
            scheme: Cow::Borrowed(self.placer.scheme(walked.scheme)),
            complete: walked.complete > Complete::No,
            certain: walked.complete == Complete::Certain,
            start: walked.start,
            end: walked.end,
            level: walked.level,
            records: walked.records,
            nodes: walked.nodes,
            skew: walked.clocks.skew(),
            ..Tree::default()
        };
        survey(&mut tree, false);
        Some(tree)
    }

    /// Builds a tree from records that have been placed; false if something in it is hidden
    /// because only notes have been read.
    fn build<'a>(&mut self, mut placed: Vec<Placed<'a>>, keys: &KeyTable<'a>) -> (Tree<'a>, bool) {
        settle(&mut placed);
        let times = || {
            placed
                .iter()
                .flat_map(|record| [record.time, record.placement.end])
                .flatten()
        };
        let (start, end) = (times().min(), times().max());
        let level = placed.iter().filter_map(|record| record.level).max();
        let placed = sorted(placed, &mut self.arrivals);
        let names: Vec<_> = keys
            .keys
            .iter()
            .map(|key| self.placer.scheme(key.scheme))
            .collect();
        let memory = std::mem::take(&mut self.memory);
        let grown = Graph::new(&keys.keys, &names, placed, memory).grow();
        self.memory = grown.memory;
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
            level,
            records: grown.records,
            nodes: grown.nodes,
            skew: grown.clocks.skew(),
            ..Tree::default()
        };
        survey(&mut tree, grown.is_request);
        (tree, grown.is_clear)
    }

    /// Places the records by the notes on them, and the few that have none by their lines.
    fn place_noted<'a>(
        &mut self,
        name: Name<'a>,
        material: Material<'_, 'a>,
        keys: &mut KeyTable<'a>,
    ) -> Vec<Placed<'a>> {
        // Mostly one scheme has placed all of them.
        let mut last = None;
        let place = |(line, note): (&&'a [u8], &&[u8])| {
            let noted = Noted::read(note).and_then(|noted| Some((noted, noted.placed(line)?)));
            let Some((noted, mut placed)) = noted else {
                return self.placer.place(line, |key| keys.number(key));
            };
            placed.key = match last {
                Some((scheme, key)) if scheme == noted.scheme => key,
                _ => keys.number(Key {
                    scheme: noted.scheme,
                    family: name.family,
                    id: Cow::Borrowed(name.id).into(),
                    shown: None,
                    also: false,
                    linked: false,
                }),
            };
            last = Some((noted.scheme, placed.key));
            placed
        };
        let mut placed = reuse(std::mem::take(&mut self.memory.records));
        placed.extend(material.lines.iter().zip(material.notes).map(place));
        placed
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
        _ => key.name(),
    }
}

/// The keys of the trees that have become one.
#[derive(Default)]
pub(super) struct KeyTable<'a> {
    pub(super) keys: Vec<Key<'a>>,
    /// Where a key stands, once there are more than a few.
    places: HashMap<(u8, Id<'a>), usize>,
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

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::scheme::{Part, Placement},
        *,
    };

    fn placed() -> impl Strategy<Value = Placed<'static>> {
        let number = prop_oneof![Just(0), Just(1), 0..300_u64, Just(u64::MAX)];
        let part = prop_oneof![
            8 => number.clone().prop_map(Part::Number),
            1 => Just(Part::Text("x".into())),
        ];
        let path = vec(part, 0..10).prop_map(|parts| Scope::Path(parts.into_iter().collect()));
        let id = Just(Scope::Id("x".into()));
        let scope = prop_oneof![9 => path, 1 => id];
        (scope, number, 0..3_usize).prop_map(|(scope, position, line)| Placed {
            line: [&b"a"[..], b"b", b"c"][line],
            placement: Placement {
                scope,
                position,
                ..Placement::default()
            },
            ..Placed::default()
        })
    }

    proptest! {
        #[test]
        fn ranks_agree_with_the_order(records in vec(placed(), 0..60)) {
            for (a, b) in records.iter().zip(records.iter().skip(1)) {
                let exact = a.order().cmp(&b.order());
                let ranked = rank(a).cmp(&rank(b));
                prop_assert!(ranked.is_eq() || ranked == exact, "{:?} {:?}", rank(a), rank(b));
            }
            let key = |record: &Placed<'static>| {
                let Placement { scope, position, .. } = &record.placement;
                (scope.clone(), *position, record.line)
            };
            let mut expect: Vec<_> = records.iter().map(key).collect();
            expect.sort();
            let found: Vec<_> = sorted(records, &mut Arrivals::default()).iter().map(key).collect();
            prop_assert_eq!(found, expect);
        }
    }
}
