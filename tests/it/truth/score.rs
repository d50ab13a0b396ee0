//! Compares what is told with what is expected and with what happened, and counts.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    model::{At, Request},
    node::{Node, Tree},
    record::{Line, Role},
};

/// How many of what there is are right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) requests: usize,
    pub(super) records: usize,
    pub(super) doubles: usize,
    pub(super) trees: Share,
    /// Records in the tree of their request.
    pub(super) in_tree: Share,
    /// Records whose nearest ancestor with records is the right one.
    pub(super) under: Share,
    /// Nodes with the right flags and status.
    pub(super) nodes: Share,
}

/// Some of all; and how many more nobody could know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) right: usize,
    pub(super) all: usize,
    pub(super) unknowable: usize,
}

impl Share {
    fn count(&mut self, right: bool) {
        self.all += 1;
        self.right += usize::from(right);
    }

    pub(super) fn is_whole(&self) -> bool {
        self.right == self.all
    }

    fn add(&mut self, other: &Self) {
        self.right += other.right;
        self.all += other.all;
        self.unknowable += other.unknowable;
    }
}

impl Score {
    pub(super) fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.records += other.records;
        self.doubles += other.doubles;
        self.trees.add(&other.trees);
        self.in_tree.add(&other.in_tree);
        self.under.add(&other.under);
        self.nodes.add(&other.nodes);
    }

    pub(super) fn is_perfect(&self) -> bool {
        [&self.trees, &self.in_tree, &self.under, &self.nodes]
            .iter()
            .all(|share| share.is_whole())
    }
}

/// Compares; what is wrong first, in words.
pub(super) fn score(
    requests: &[Request],
    lines: &[Line],
    expected: &[Tree],
    told: &[Tree],
) -> (Score, Option<String>) {
    let truth = Truth::new(requests, lines);
    let (expect, tell) = (Side::new(expected), Side::new(told));
    let mut score = Score {
        requests: requests.len(),
        records: truth.scopes.len(),
        ..Score::default()
    };
    score.doubles = lines.iter().map(|line| line.records.len()).sum::<usize>() - score.records;
    let mut wrong = None;
    for tree in expected {
        let first = tree.root.least().expect("a tree of something");
        let found = tell.tree_of.get(&first).map(|at| &told[*at]);
        let right = found.is_some_and(|found| tree.agrees(found));
        if !right && wrong.is_none() {
            wrong = Some(difference(tree, found, lines));
        }
        score.trees.count(right);
    }
    let pure = tell.without_strangers(&expect);
    for (rec, scope) in &truth.scopes {
        // The tree that has the first record of those that belong together.
        let expected_tree = &expected[expect.tree_of[rec]];
        let first = expected_tree.root.least().expect("a tree of something");
        let apart = truth.firsts[&scope.request] != first;
        let found = tell.tree_of.get(rec);
        let is_pure = found.is_some_and(|tree| pure.contains(tree));
        let right = found == tell.tree_of.get(&first) && is_pure;
        score.in_tree.count(right);
        score.in_tree.unknowable += usize::from(apart);
        let above = |side: &Side| side.above.get(rec).map(|recs| truth.scopes_of(recs));
        let really: Vec<_> = truth.above(*scope).into_iter().collect();
        let (knowable, told) = (above(&expect), above(&tell));
        score.under.unknowable += usize::from(knowable.as_ref() != Some(&really));
        score.under.count(told == knowable);
    }
    let mut left = tell.nodes.clone();
    for (key, count) in &expect.nodes {
        for _ in 0..*count {
            let found = left.get_mut(key).filter(|left| **left > 0);
            score.nodes.count(found.is_some());
            if let Some(left) = found {
                *left -= 1;
            }
        }
    }
    (score, wrong)
}

/// Where the records of trees are.
struct Side<'n> {
    tree_of: HashMap<u64, usize>,
    /// The records of the nearest node above that has any.
    above: HashMap<u64, &'n [u64]>,
    /// How many nodes say the same.
    nodes: BTreeMap<String, usize>,
}

impl<'n> Side<'n> {
    fn new(trees: &'n [Tree]) -> Self {
        let mut side = Self {
            tree_of: HashMap::new(),
            above: HashMap::new(),
            nodes: BTreeMap::new(),
        };
        for (number, tree) in trees.iter().enumerate() {
            tree.root
                .walk(None, &mut |node: &'n Node, above: Option<&'n Node>| {
                    for rec in &node.records {
                        side.tree_of.insert(*rec, number);
                        side.above
                            .insert(*rec, above.map_or(&[], |above| &above.records));
                    }
                    let said = format!("{} {} {:?}", node.key(), node.status.name(), node.flags);
                    *side.nodes.entry(said).or_default() += 1;
                });
        }
        side
    }
}

impl Side<'_> {
    /// The trees all of whose records are of one tree on the other side.
    fn without_strangers(&self, other: &Self) -> HashSet<usize> {
        let mut origins: HashMap<usize, HashSet<Option<&usize>>> = HashMap::new();
        for (rec, tree) in &self.tree_of {
            origins
                .entry(*tree)
                .or_default()
                .insert(other.tree_of.get(rec));
        }
        let pure = origins
            .into_iter()
            .filter(|(_, origins)| origins.len() == 1);
        pure.map(|(tree, _)| tree).collect()
    }
}

/// What happened, as far as the surviving records go.
struct Truth<'r> {
    requests: &'r [Request],
    scopes: BTreeMap<u64, At>,
    survived: HashSet<At>,
    /// The first surviving record of each request.
    firsts: HashMap<usize, u64>,
}

impl<'r> Truth<'r> {
    fn new(requests: &'r [Request], lines: &[Line]) -> Self {
        let mut truth = Self {
            requests,
            scopes: BTreeMap::new(),
            survived: HashSet::new(),
            firsts: HashMap::new(),
        };
        for tell in lines.iter().flat_map(|line| &line.records) {
            let mut scope = tell.really;
            if tell.role == Role::Lone {
                // It is a request by itself.
                scope.request = usize::MAX - usize::try_from(tell.rec).expect("it fits");
            }
            truth.scopes.insert(tell.rec, scope);
            truth.survived.insert(scope);
            let first = truth.firsts.entry(scope.request).or_insert(tell.rec);
            *first = tell.rec.min(*first);
        }
        truth
    }

    /// The nearest scope above of which a record survived.
    fn above(&self, scope: At) -> Option<At> {
        let request = self.requests.get(scope.request)?;
        let above = request.upwards(scope.scope).skip(1);
        above
            .map(|scope| request.at(scope))
            .find(|scope| self.survived.contains(scope))
    }

    fn scopes_of(&self, records: &[u64]) -> Vec<At> {
        let mut scopes: Vec<_> = records.iter().map(|rec| self.scopes[rec]).collect();
        scopes.dedup();
        scopes
    }
}

fn difference(expected: &Tree, told: Option<&Tree>, lines: &[Line]) -> String {
    let mut text = format!("--- expected: {}", words(expected));
    text += &told.map_or_else(
        || "--- told: nothing\n".to_owned(),
        |told| format!("--- told: {}", words(told)),
    );
    let mut in_tree = Vec::new();
    expected
        .root
        .walk(None, &mut |node, _| in_tree.extend(&node.records));
    for line in lines
        .iter()
        .filter(|line| line.records.iter().any(|tell| in_tree.contains(&tell.rec)))
    {
        text += &line.text;
    }
    text
}

fn words(tree: &Tree) -> String {
    let Tree {
        scheme,
        complete,
        errors,
        root,
        id,
    } = tree;
    format!(
        "{id:?} {scheme}, complete {complete}, errors {errors}\n{}",
        root.outline()
    )
}
