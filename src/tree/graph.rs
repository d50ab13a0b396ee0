//! From sorted records to nodes with edges, and from these to a tree.
//!
//! Nodes come from records, and from ids that only other records tell of. Edges come from the
//! ids of each scheme, then from records that carry the ids of two, and last from the request
//! itself. No edge closes a circle, and every node ends below the one root.

mod call;
mod draft;
mod enter;
mod join;
mod link;
mod name;
mod several;

use std::{borrow::Cow, collections::HashMap, ops::Range};

use foldhash::fast::RandomState;
use several::Several;

use super::{
    cut::Cut,
    goal::{Below, Complete, Goal},
    model::{Edge, Node},
    placed::Placed,
    scheme::{Key, Starts},
    skew::Clocks,
};

/// A node before it has its place.
struct Draft<'a> {
    key: u32,
    /// The scope's own id; `None` where scopes are paths.
    id: Option<Cow<'a, str>>,
    instance: Option<Cow<'a, str>>,
    records: Range<usize>,
    parent: Option<usize>,
    /// True if the scope is known to have none above it.
    is_root: bool,
    edge: Option<Edge>,
    /// True if the node stands for nothing by itself, and goes if it holds nothing together.
    passing: bool,
    /// True if what it stood for stands elsewhere, and all below it has moved there.
    emptied: bool,
    goal: Goal<'a>,
    /// Where in `Graph::below` its children stand.
    children: Range<usize>,
}

/// A tree without what concerns all of it.
pub(super) struct Grown<'a> {
    /// The number of the key that names the tree.
    pub(super) key: Option<usize>,
    pub(super) complete: Complete,
    pub(super) records: Vec<&'a [u8]>,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) clocks: Clocks<'a>,
    /// True if the root is no scope, but stands for a request of which only the id is known.
    pub(super) is_request: bool,
    /// The memory for the next tree.
    pub(super) memory: Memory,
    /// False if a scope lacks something that only its records tell, and not the notes on them.
    pub(super) is_clear: bool,
}

/// Memory that is used again, because an allocator has to search for pieces of that size.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) records: Vec<Placed<'static>>,
    drafts: Vec<Draft<'static>>,
    cut: Cut,
}

/// The number of a key, and the id of a scope in it.
type Id<'a> = (u32, Cow<'a, str>);

type Ids<'a> = HashMap<Id<'a>, Vec<usize>, RandomState>;

/// The memory of a list, for things of another lifetime: what is collected in place keeps it.
/// That of a tree much larger than most is let go.
pub(super) fn reuse<T, U>(mut list: Vec<T>) -> Vec<U> {
    const MOST: usize = 4_096;
    list.clear();
    if list.capacity() > MOST {
        return Vec::new();
    }
    list.into_iter().filter_map(|_| None).collect()
}

/// The nodes of one request.
pub(super) struct Graph<'k, 'a> {
    keys: &'k [Key<'a>],
    names: &'k [&'static str],
    records: Vec<Placed<'a>>,
    drafts: Vec<Draft<'a>>,
    /// The nodes of each id.
    ids: Ids<'a>,
    /// What the nodes of an id are, where there are many.
    several: HashMap<Id<'a>, Several<'a>, RandomState>,
    /// The nodes that stand for a whole key: the root of paths, or what is known of a request
    /// only.
    roots: Vec<Option<usize>>,
    root: usize,
    /// True if that stands for nothing but a request.
    is_request: bool,
    /// The children of all nodes.
    below: Vec<usize>,
    /// What edges from host to host tell.
    clocks: Clocks<'a>,
    cut: Cut,
}

impl<'k, 'a> Graph<'k, 'a> {
    /// The nodes of records in their order; `names` are those of the keys' schemes.
    pub(super) fn new(
        keys: &'k [Key<'a>],
        names: &'k [&'static str],
        records: Vec<Placed<'a>>,
        memory: Memory,
    ) -> Self {
        Self {
            keys,
            names,
            drafts: reuse(memory.drafts),
            records,
            below: Vec::new(),
            ids: HashMap::default(),
            several: HashMap::default(),
            roots: vec![None; keys.len().max(1)],
            root: 0,
            is_request: false,
            clocks: Clocks::default(),
            cut: memory.cut,
        }
    }

    /// Puts them together.
    pub(super) fn grow(mut self) -> Grown<'a> {
        self.draft_all();
        // Paths say themselves where they belong.
        if !self.ids.is_empty() {
            self.link_ids();
            self.break_circles();
        }
        if self.keys.len() > 1 {
            self.join();
        }
        self.crown();
        let order = self.order();
        self.finish(&order);
        if self.keys.len() > 1 {
            self.tell_apart(&order);
        }
        self.harvest()
    }

    /// Finds the one root, or makes one, and puts below it what has none above.
    fn crown(&mut self) {
        let mut has_ids = vec![false; self.roots.len()];
        for draft in &self.drafts {
            has_ids[draft.key as usize] |= draft.id.is_some();
        }
        let tops: Vec<_> = (0..self.drafts.len())
            .filter(|&node| self.is_top(node))
            .collect();
        // What stands for a request as such, where scopes have ids.
        let as_such = |draft: &Draft<'_>| draft.id.is_none() && has_ids[draft.key as usize];
        let said = |&node: &usize| self.drafts[node].is_root;
        let mut roots = tops.iter().copied().filter(said);
        let root = match (roots.next(), roots.next()) {
            (Some(root), None) => Some(root),
            _ => tops.iter().copied().find(|&node| {
                let draft = &self.drafts[node];
                draft.is_root && as_such(draft)
            }),
        };
        let name = root.is_none_or(|root| as_such(&self.drafts[root]));
        self.is_request = root.is_none_or(|root| {
            let root = &self.drafts[root];
            let is_named = !root.records.is_empty() && root.goal.is_only_named();
            root.id.is_none() && (is_named || root.passing || as_such(root))
        });
        self.root = root.unwrap_or_else(|| {
            let key = tops.iter().map(|&node| self.drafts[node].key).min();
            self.draft(key.unwrap_or(0), None, 0..0)
        });
        if name {
            self.drafts[self.root].goal.node.id = Cow::Borrowed("/");
        }
        for top in tops.into_iter().filter(|&top| top != self.root) {
            self.drafts[top].parent = Some(self.root);
            self.drafts[top].edge = Some(Edge::Tree);
        }
    }

    /// All nodes, parents before children.
    fn order(&mut self) -> Vec<usize> {
        self.gather_children();
        let mut order = Vec::with_capacity(self.drafts.len());
        let mut left = vec![self.root];
        while let Some(node) = left.pop() {
            order.push(node);
            left.extend_from_slice(&self.below[self.drafts[node].children.clone()]);
        }
        order
    }

    /// Puts the children of each node together.
    fn gather_children(&mut self) {
        for node in 0..self.drafts.len() {
            if let Some(parent) = self.drafts[node].parent {
                self.drafts[parent].children.end += 1;
            }
        }
        let mut end = 0;
        for draft in &mut self.drafts {
            let start = end;
            end += draft.children.end;
            draft.children = start..start;
        }
        self.below = vec![0; end];
        for node in 0..self.drafts.len() {
            if let Some(parent) = self.drafts[node].parent {
                let children = &mut self.drafts[parent].children;
                self.below[children.end] = node;
                children.end += 1;
            }
        }
    }

    /// Finishes all nodes, children before parents.
    fn finish(&mut self, order: &[usize]) {
        let exported = self.records.iter().any(|record| {
            record.placement.starts == Starts::IfAny && record.placement.role.begins()
        });
        let mut all = Below::default();
        let mut below = std::mem::take(&mut self.below);
        for &node in order.iter().rev() {
            all.clear();
            let children = &mut below[self.drafts[node].children.clone()];
            children.sort_by(|&a, &b| {
                let [a, b] = [a, b].map(|node| &self.drafts[node].goal);
                a.rank().cmp(&b.rank())
            });
            let mut goal = std::mem::take(&mut self.drafts[node].goal);
            let records = self.drafts[node].records.clone();
            let mut end_cut = None;
            for &child in &*children {
                let own = &self.records[records.clone()];
                let Draft {
                    goal: child,
                    edge,
                    records: theirs,
                    ..
                } = &mut self.drafts[child];
                goal.adopt(child, own, &mut all);
                if let (Some(here), Some(there)) = (&goal.node.host, &child.node.host)
                    && here != there
                    && proves(*edge, child)
                {
                    let bounds = goal.bounds(child, own);
                    let began = bounds.max.map_or(0.0, |_| {
                        let theirs = self.records[theirs.clone()].iter();
                        self.cut.most(child.began, theirs.map(Placed::times))
                    });
                    // Many may be below one that waited for all of them.
                    let ended = bounds.min.map_or(0.0, |_| {
                        let most = || self.cut.most(goal.node.end, own.iter().map(Placed::times));
                        *end_cut.get_or_insert_with(most)
                    });
                    self.clocks
                        .learn(here, there, bounds.loosened(began, ended));
                }
            }
            goal.finish(&self.records[records], exported, &mut all);
            self.drafts[node].goal = goal;
        }
        self.below = below;
    }

    /// Hands out the finished nodes, each before those below it.
    fn harvest(mut self) -> Grown<'a> {
        let root = &self.drafts[self.root];
        let (key, complete) = (root.key as usize, root.goal.complete);
        let is_clear = self.drafts.iter().all(|draft| !draft.goal.lacks);
        let mut nodes: Vec<Node<'a>> = Vec::with_capacity(self.drafts.len());
        let mut records = Vec::with_capacity(self.records.len());
        let mut left = vec![(self.root, 0, None)];
        let mut parents = Vec::with_capacity(self.drafts.len());
        while let Some((number, depth, parent)) = left.pop() {
            let draft = &mut self.drafts[number];
            let mut node = std::mem::take(&mut draft.goal.node);
            node.depth = depth;
            node.size = 1;
            node.edge = draft.edge;
            if let Some(name) = self.names.get(draft.key as usize)
                && self.names.get(key) != Some(name)
            {
                node.scheme = Some(Cow::Borrowed(name));
            }
            let first = records.len();
            records.extend(
                self.records[draft.records.clone()]
                    .iter()
                    .map(|record| record.line),
            );
            node.records = first..records.len();
            let place = nodes.len();
            nodes.push(node);
            parents.push(parent);
            let below = self.below[draft.children.clone()].iter().rev();
            left.extend(below.map(|&child| (child, depth + 1, Some(place))));
        }
        for node in (0..nodes.len()).rev() {
            if let Some(parent) = parents[node] {
                nodes[parent].size += nodes[node].size;
            }
        }
        Grown {
            key: (key < self.keys.len()).then_some(key),
            complete,
            records,
            nodes,
            clocks: self.clocks,
            is_request: self.is_request,
            memory: Memory {
                records: reuse(self.records),
                drafts: reuse(self.drafts),
                cut: self.cut,
            },
            is_clear,
        }
    }
}

/// True if a node cannot have begun before the one above it. A request that a record names may have begun anywhere,
/// and has no start; what somebody began within the other has.
fn proves(edge: Option<Edge>, child: &Goal<'_>) -> bool {
    match edge {
        None => true,
        Some(Edge::Join) => child.has_start(),
        Some(Edge::Tree) => false,
    }
}
