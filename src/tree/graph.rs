//! From sorted records to nodes with edges, and from these to a tree.
//!
//! Nodes come from records, and from ids that only other records tell of. Edges come from the
//! ids of each scheme, then from records that carry the ids of two, and last from the request
//! itself. No edge closes a circle, and every node ends below the one root.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use foldhash::fast::RandomState;

use super::{
    goal::{Complete, Goal},
    model::{Edge, Flag, Node},
    placed::Placed,
    scheme::{Key, Parent, Part, Scope, Starts},
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
    goal: Goal<'a>,
    children: Vec<usize>,
}

/// A tree without what concerns all of it.
pub(super) struct Grown<'a> {
    /// The number of the key that names the tree.
    pub(super) key: Option<usize>,
    pub(super) complete: Complete,
    pub(super) records: Vec<&'a [u8]>,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) clocks: Clocks<'a>,
    /// False if a scope lacks something that only its records tell, and not the notes on them.
    pub(super) is_clear: bool,
}

type Ids<'a> = HashMap<(u32, Cow<'a, str>), Vec<usize>, RandomState>;

/// The nodes of one request.
pub(super) struct Graph<'k, 'a> {
    keys: &'k [Key<'a>],
    names: &'k [&'static str],
    records: Vec<Placed<'a>>,
    drafts: Vec<Draft<'a>>,
    /// The nodes of each id.
    ids: Ids<'a>,
    /// The nodes that stand for a whole key: the root of paths, or what is known of a request
    /// only.
    roots: Vec<Option<usize>>,
    root: usize,
    /// What edges from host to host tell.
    clocks: Clocks<'a>,
}

impl<'k, 'a> Graph<'k, 'a> {
    /// The nodes of records in their order; `names` are those of the keys' schemes.
    pub(super) fn new(
        keys: &'k [Key<'a>],
        names: &'k [&'static str],
        records: Vec<Placed<'a>>,
    ) -> Self {
        Self {
            keys,
            names,
            records,
            drafts: Vec::new(),
            ids: HashMap::default(),
            roots: vec![None; keys.len().max(1)],
            root: 0,
            clocks: Clocks::default(),
        }
    }

    /// Puts them together.
    pub(super) fn grow(mut self) -> Grown<'a> {
        self.draft_all();
        self.link_ids();
        self.break_circles();
        self.join();
        self.crown();
        let order = self.order();
        self.finish(&order);
        self.harvest()
    }

    /// Makes a node of each scope that has records, and of those on the way to paths.
    fn draft_all(&mut self) {
        let mut start = 0;
        // The path to the last scope: its parts, and the nodes of each level, root first.
        let mut path: Vec<Part<'a>> = Vec::new();
        let mut levels: Vec<Vec<usize>> = Vec::new();
        let mut key = None;
        while start < self.records.len() {
            let first = &self.records[start];
            let same = |record: &&Placed<'_>| first.is_beside(record);
            let end = start + self.records[start..].iter().take_while(same).count();
            if key != Some(first.key) {
                key = Some(first.key);
                path.clear();
                levels.clear();
            }
            match &first.placement.scope {
                Scope::Path(parts) => {
                    let parts = parts.clone();
                    self.draft_path(parts, start..end, &mut path, &mut levels);
                }
                Scope::Id(id) => {
                    let (key, id) = (first.key, id.clone());
                    let number = self.draft(key, Some(id.clone()), start..end);
                    self.ids.entry((key, id)).or_default().push(number);
                }
            }
            start = end;
        }
    }

    fn draft(&mut self, key: u32, id: Option<Cow<'a, str>>, records: Range<usize>) -> usize {
        let own = &mut self.records[records.clone()];
        let instance = own
            .first()
            .and_then(|record| record.placement.instance.clone());
        let mut goal = Goal::new(own);
        if let Some(id) = &id {
            goal.node.id = id.clone();
        }
        self.drafts.push(Draft {
            key,
            id,
            instance,
            records,
            parent: None,
            is_root: false,
            edge: None,
            passing: false,
            goal,
            children: Vec::new(),
        });
        self.drafts.len() - 1
    }

    fn draft_path(
        &mut self,
        parts: Vec<Part<'a>>,
        records: Range<usize>,
        path: &mut Vec<Part<'a>>,
        levels: &mut Vec<Vec<usize>>,
    ) {
        let key = self.records[records.start].key;
        let common = path.iter().zip(&parts).take_while(|(a, b)| a == b).count();
        path.truncate(common);
        levels.truncate(common + 1);
        // The last level gets the records; those on the way that are new have none.
        if levels.is_empty() {
            let own = if parts.is_empty() {
                records.clone()
            } else {
                0..0
            };
            let root = self.draft(key, None, own);
            self.drafts[root].goal.node.id = Cow::Borrowed("/");
            self.drafts[root].is_root = true;
            self.roots[key as usize] = Some(root);
            levels.push(vec![root]);
        } else if levels.len() == parts.len() + 1 && path.len() == parts.len() {
            // Another instance of a scope that is there.
            let twin = self.draft(key, None, records.clone());
            let above = levels
                .len()
                .checked_sub(2)
                .map(|level| levels[level].clone());
            self.hang(twin, above.as_deref().unwrap_or_default());
            let other = levels[levels.len() - 1][0];
            self.drafts[twin].goal.node.id = self.drafts[other].goal.node.id.clone();
            self.drafts[twin].goal.number = self.drafts[other].goal.number;
            if let Some(level) = levels.last_mut() {
                level.push(twin);
            }
        }
        while levels.len() <= parts.len() {
            let level = levels.len();
            let part = parts[level - 1].clone();
            let own = if level == parts.len() {
                records.clone()
            } else {
                0..0
            };
            let node = self.draft(key, None, own);
            if level < parts.len() {
                // Who never logged has the instance of who is below.
                self.drafts[node].instance = self.records[records.start].placement.instance.clone();
            }
            let above = levels[level - 1].clone();
            self.hang(node, &above);
            let parent = self.drafts[above[0]].goal.node.id.trim_end_matches('/');
            let (number, id) = match &part {
                Part::Number(number) => (Some(*number), format!("{parent}/{number}")),
                Part::Text(text) => (None, format!("{parent}/{text}")),
            };
            let goal = &mut self.drafts[node].goal;
            goal.number = number;
            goal.node.id = Cow::Owned(id);
            path.push(part);
            levels.push(vec![node]);
        }
    }

    /// Puts a node below the one of `above` that is of its instance, or else the first. Another
    /// instance of a root stands below the first.
    fn hang(&mut self, node: usize, above: &[usize]) {
        let instance = &self.drafts[node].instance;
        let same = |&&other: &&usize| self.drafts[other].instance == *instance;
        let parent = above.iter().find(same).or(above.first()).copied();
        let parent = parent.or_else(|| self.roots[self.drafts[node].key as usize]);
        self.drafts[node].parent = parent;
    }

    /// Links the nodes whose parents records name.
    fn link_ids(&mut self) {
        for node in 0..self.drafts.len() {
            if self.drafts[node].id.is_none() {
                continue;
            }
            let key = self.drafts[node].key;
            let said = self.records[self.drafts[node].records.clone()]
                .iter()
                .rev()
                .map(|record| &record.placement.parent)
                .max_by_key(|parent| match parent {
                    Parent::Unsaid => 0,
                    // Who names a scope above knows more than who names none.
                    Parent::None => 1,
                    Parent::Id(_) | Parent::OtherHalf(_) => 2,
                })
                .cloned()
                .unwrap_or_default();
            let parent = match said {
                Parent::Unsaid => None,
                Parent::None => {
                    self.drafts[node].is_root = true;
                    None
                }
                Parent::Id(id) => Some(self.parent(node, key, id)),
                Parent::OtherHalf(above) => {
                    let id = self.drafts[node].id.clone().unwrap_or_default();
                    let halves = self.ids.get(&(key, id)).map_or(&[][..], Vec::as_slice);
                    let other = halves
                        .iter()
                        .find(|&&half| half != node && !self.is_half(half));
                    match (other.copied(), above) {
                        (Some(other), _) => Some(other),
                        (None, Some(above)) => Some(self.parent(node, key, above)),
                        (None, None) => None,
                    }
                }
            };
            self.drafts[node].parent = parent;
        }
    }

    /// True if the node is the callee's half of two that share an id.
    fn is_half(&self, node: usize) -> bool {
        self.records[self.drafts[node].records.clone()]
            .iter()
            .any(|record| matches!(record.placement.parent, Parent::OtherHalf(_)))
    }

    /// The node of that id: of two halves the one of the child's own instance, or else that of
    /// the callee, who is the one to call further. What was called from another process is no
    /// child of its own instance.
    fn parent(&mut self, child: usize, key: u32, id: Cow<'a, str>) -> usize {
        let known = self
            .ids
            .get(&(key, id.clone()))
            .map_or(&[][..], Vec::as_slice);
        let instance = &self.drafts[child].instance;
        let found = match known {
            [] => None,
            [one] => Some(*one),
            several => {
                let others = || several.iter().filter(|&&node| node != child);
                let own = others().find(|&&node| self.drafts[node].instance == *instance);
                let callee = || others().find(|&&node| self.is_half(node));
                let own = own.filter(|_| !self.is_half(child));
                own.or_else(callee).or(several.first()).copied()
            }
        };
        found.unwrap_or_else(|| {
            let node = self.draft(key, Some(id.clone()), 0..0);
            self.ids.insert((key, id), vec![node]);
            node
        })
    }

    /// Breaks circles of parents where the earliest scope of each stands.
    fn break_circles(&mut self) {
        // 0: not seen; otherwise the number of the walk that came by.
        let mut seen = vec![0_u32; self.drafts.len()];
        for (walk, start) in (1..).zip(0..self.drafts.len()) {
            let mut node = start;
            loop {
                if seen[node] == walk {
                    self.break_circle(node);
                    break;
                }
                if seen[node] != 0 {
                    break;
                }
                seen[node] = walk;
                match self.drafts[node].parent {
                    Some(parent) => node = parent,
                    None => break,
                }
            }
        }
    }

    fn break_circle(&mut self, member: usize) {
        let next = |&node: &usize| self.drafts[node].parent.filter(|&parent| parent != member);
        let circle = std::iter::successors(Some(member), next);
        let first = circle.min_by_key(|&node| {
            let node = &self.drafts[node].goal.node;
            (node.start.is_none(), node.start, node.id.clone())
        });
        let first = first.unwrap_or(member);
        let draft = &mut self.drafts[first];
        draft.parent = None;
        draft.goal.flag(Flag::Cycle);
    }

    /// Links the trees of several keys by the records that carry the ids of two.
    fn join(&mut self) {
        let evidence = self.evidence();
        // A record that begins a scope was written in what the other ids name.
        for &(inner, outer, begins) in &evidence {
            if begins && self.is_top(inner) && !self.is_below(outer, inner) {
                self.drafts[inner].parent = Some(outer);
                self.drafts[inner].edge = Some(Edge::Join);
            }
        }
        // Any other was written while what it names began within its own scope.
        for &(outer, inner, _) in &evidence {
            if self.is_top(inner) && !self.is_below(outer, inner) {
                self.drafts[inner].parent = Some(outer);
                self.drafts[inner].edge = Some(Edge::Join);
            }
        }
        self.dissolve();
    }

    /// Which node's record carries the ids of which other, and whether it begins its own.
    fn evidence(&mut self) -> Vec<(usize, usize, bool)> {
        let mut evidence = Vec::new();
        for node in 0..self.drafts.len() {
            for record in self.drafts[node].records.clone() {
                let begins = self.records[record].begins();
                for (key, place) in std::mem::take(&mut self.records[record].others) {
                    let other = self.other(key, place.scope, place.instance);
                    if !evidence.contains(&(node, other, begins)) || evidence.len() > 64 {
                        evidence.push((node, other, begins));
                    }
                }
            }
        }
        evidence
    }

    /// The node of another tree that a record names; if nothing else tells of it, it stands
    /// there only for what it joins.
    fn other(&mut self, key: u32, scope: Scope<'a>, instance: Option<Cow<'a, str>>) -> usize {
        let Scope::Id(id) = scope else {
            if let Some(root) = self.roots[key as usize] {
                return root;
            }
            let node = self.draft(key, None, 0..0);
            let draft = &mut self.drafts[node];
            draft.goal.node.id = self.keys[key as usize].name().clone();
            draft.is_root = true;
            draft.passing = true;
            self.roots[key as usize] = Some(node);
            return node;
        };
        if let Some(known) = self.ids.get(&(key, id.clone())) {
            let same = |&&node: &&usize| self.drafts[node].instance == instance;
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

    fn is_top(&self, node: usize) -> bool {
        self.drafts[node].parent.is_none()
    }

    /// True if `node` is `above` or stands below it.
    fn is_below(&self, node: usize, above: usize) -> bool {
        std::iter::successors(Some(node), |&node| self.drafts[node].parent).any(|n| n == above)
    }

    /// Takes out the nodes that nobody logged and that hold nothing together: of those below
    /// another the children move up, one at the top goes if it has a single child and nothing
    /// else is known of its own tree.
    fn dissolve(&mut self) {
        let mut children = vec![0_u32; self.drafts.len()];
        let mut known = vec![0_u32; self.roots.len()];
        for draft in &self.drafts {
            known[draft.key as usize] += 1;
            if let Some(parent) = draft.parent {
                children[parent] += 1;
            }
        }
        let gone: Vec<_> = (0..self.drafts.len())
            .map(|node| {
                let draft = &self.drafts[node];
                let is_alone = known[draft.key as usize] == 1;
                draft.passing && (draft.parent.is_some() || children[node] < 2 && is_alone)
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
        for node in 0..self.drafts.len() {
            if let Some(parent) = self.drafts[node].parent {
                self.drafts[parent].children.push(node);
            }
        }
        let mut order = Vec::with_capacity(self.drafts.len());
        let mut left = vec![self.root];
        while let Some(node) = left.pop() {
            order.push(node);
            left.extend_from_slice(&self.drafts[node].children);
        }
        order
    }

    /// Finishes all nodes, children before parents.
    fn finish(&mut self, order: &[usize]) {
        let exported = self
            .records
            .iter()
            .any(|record| record.placement.starts == Starts::IfAny && record.begins());
        for &node in order.iter().rev() {
            let mut children = std::mem::take(&mut self.drafts[node].children);
            children.sort_by(|&a, &b| {
                let [a, b] = [a, b].map(|node| &self.drafts[node].goal);
                a.rank().cmp(&b.rank())
            });
            let mut goal = std::mem::take(&mut self.drafts[node].goal);
            let records = self.drafts[node].records.clone();
            for &child in &children {
                let own = &self.records[records.clone()];
                let Draft {
                    goal: child, edge, ..
                } = &mut self.drafts[child];
                goal.adopt(child, own);
                if let (Some(here), Some(there)) = (&goal.node.host, &child.node.host)
                    && here != there
                    && *edge != Some(Edge::Tree)
                {
                    self.clocks.learn(here, there, goal.bounds(child, own));
                }
            }
            goal.finish(&self.records[records], exported);
            self.drafts[node].goal = goal;
            self.drafts[node].children = children;
        }
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
            let below = draft.children.iter().rev();
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
            is_clear,
        }
    }
}
