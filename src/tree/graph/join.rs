//! The edges between trees of several keys, which the records tell of that carry the ids of
//! two.

use std::borrow::Cow;

use super::{Draft, Graph};
use crate::tree::{model::Edge, scheme::Scope};

/// How far back evidence is looked for that says the same.
const RECENT: usize = 8;

impl<'a> Graph<'_, 'a> {
    /// Links the trees of several keys by the records that carry the ids of two.
    pub(super) fn join(&mut self) {
        self.drop_calls();
        let evidence = self.evidence();
        self.enter_spans(&evidence);
        let mut tops = Tops::new(self);
        self.hang_calls(&mut tops);
        // A record that begins a scope was written in what the other ids name.
        for &(inner, outer, begins) in &evidence {
            if begins {
                self.hang_top(inner, outer, &mut tops);
            }
        }
        // Any other was written while what it names began within its own scope. Of a request as such,
        // which many scopes may name, that is the outermost of them.
        let (mut requests, scopes): (Vec<_>, Vec<_>) = evidence
            .into_iter()
            .partition(|&(_, inner, _)| self.drafts[inner].id.is_none());
        for (outer, inner, _) in scopes {
            self.hang_top(inner, outer, &mut tops);
        }
        if requests.len() > 1 {
            let depths = self.depths();
            requests.sort_by_key(|&(outer, _, _)| depths[outer]);
        }
        for (outer, inner, _) in requests {
            self.hang_top(inner, outer, &mut tops);
        }
        self.dissolve();
    }

    /// How many nodes stand above each.
    fn depths(&self) -> Vec<u32> {
        let mut depths = vec![None; self.drafts.len()];
        let mut way = Vec::new();
        for node in 0..self.drafts.len() {
            let mut above = Some(node);
            while let Some(node) = above.filter(|&node| depths[node].is_none()) {
                way.push(node);
                above = self.drafts[node].parent;
            }
            let mut depth = above.and_then(|above| depths[above]);
            while let Some(node) = way.pop() {
                depth = Some(depth.map_or(0, |depth: u32| depth + 1));
                depths[node] = depth;
            }
        }
        depths.into_iter().flatten().collect()
    }

    /// Which node's record carries the ids of which other, and whether it begins its own.
    pub(super) fn evidence(&mut self) -> Vec<(usize, usize, bool)> {
        let mut evidence = Vec::new();
        for node in 0..self.drafts.len() {
            for record in self.drafts[node].records.clone() {
                let begins = self.records[record].placement.role.begins();
                for (key, place) in std::mem::take(&mut self.records[record].others) {
                    let other = self.other(key, place.scope, place.instance.as_ref());
                    // What the records before it have said of the same node is enough.
                    let recent = &evidence[evidence.len().saturating_sub(RECENT)..];
                    if !recent.contains(&(node, other, begins)) {
                        evidence.push((node, other, begins));
                    }
                }
            }
        }
        evidence
    }

    /// The node of another tree that a record names; if nothing else tells of it, it stands
    /// there only for what it joins.
    pub(super) fn other(
        &mut self,
        key: u32,
        scope: Scope<'a>,
        instance: Option<&Cow<'a, str>>,
    ) -> usize {
        let Scope::Id(id) = scope else {
            if let Some(root) = self.roots[key as usize] {
                return root;
            }
            let node = self.draft(key, None, 0..0);
            let draft = &mut self.drafts[node];
            draft.goal.node.id = self.keys[key as usize].name();
            draft.is_root = true;
            draft.passing = true;
            self.roots[key as usize] = Some(node);
            return node;
        };
        if let Some(known) = self.ids.get(&(key, id.clone())) {
            let same = |&&node: &&usize| self.drafts[node].instance.as_ref() == instance;
            if let Some(&node) = known.iter().find(same).or(known.first()) {
                let inferred = self.drafts[node].records.is_empty();
                self.drafts[node].passing |= inferred;
                return node;
            }
        }
        let node = self.draft(key, Some(id.clone()), 0..0);
        self.drafts[node].passing = true;
        self.ids.insert((key, id), vec![node]);
        node
    }

    pub(super) fn is_top(&self, node: usize) -> bool {
        self.drafts[node].parent.is_none()
    }

    /// Puts a node that has none above it below another, unless that closes a circle.
    pub(super) fn hang_top(&mut self, inner: usize, outer: usize, tops: &mut Tops) {
        if self.is_top(inner) && tops.of(outer) != inner {
            self.drafts[inner].parent = Some(outer);
            self.drafts[inner].edge = Some(Edge::Join);
            tops.0[inner] = outer;
        }
    }

    /// Takes out the nodes that nobody logged and that hold nothing together: of those below
    /// another the children move up, one at the top goes if it has a single child and nothing
    /// else is known of its own tree.
    pub(super) fn dissolve(&mut self) {
        let mut children = vec![0_u32; self.drafts.len()];
        let mut known = vec![0_u32; self.roots.len()];
        for draft in self.drafts.iter().filter(|draft| !draft.emptied) {
            known[draft.key as usize] += 1;
            if let Some(parent) = draft.parent {
                children[parent] += 1;
            }
        }
        let gone: Vec<_> = (0..self.drafts.len())
            .map(|node| {
                let draft = &self.drafts[node];
                let is_alone = known[draft.key as usize] == 1;
                let holds_nothing = || draft.parent.is_some() || children[node] < 2 && is_alone;
                draft.emptied || draft.passing && holds_nothing()
            })
            .collect();
        if !gone.contains(&true) {
            return;
        }
        for node in 0..self.drafts.len() {
            let mut above = self.drafts[node].parent;
            let moved = above.is_some_and(|parent| gone[parent]);
            while let Some(parent) = above.filter(|&parent| gone[parent]) {
                above = self.drafts[parent].parent;
            }
            if moved {
                self.drafts[node].parent = above;
                self.drafts[node].edge = above.map(|_| Edge::Join);
            }
        }
        let mut fresh = Vec::with_capacity(gone.len());
        let mut kept = 0;
        for &gone in &gone {
            fresh.push(if gone { usize::MAX } else { kept });
            kept += usize::from(!gone);
        }
        let mut number = 0;
        self.drafts.retain(|_| {
            number += 1;
            !gone[number - 1]
        });
        for draft in &mut self.drafts {
            draft.parent = draft.parent.map(|parent| fresh[parent]);
        }
        for root in &mut self.roots {
            *root = root
                .map(|root| fresh[root])
                .filter(|&root| root != usize::MAX);
        }
        self.ids.clear();
    }
}

/// For each node one above it, or the node itself at the top. The ways up become shorter as they
/// are walked, or a chain of trees would cost its length for each of them.
pub(super) struct Tops(Vec<usize>);

impl Tops {
    fn new(graph: &Graph<'_, '_>) -> Self {
        let above = |(node, draft): (usize, &Draft<'_>)| draft.parent.unwrap_or(node);
        Self(graph.drafts.iter().enumerate().map(above).collect())
    }

    /// The node at the top of the tree that a node is in.
    fn of(&mut self, mut node: usize) -> usize {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }
}
