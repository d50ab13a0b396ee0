//! What a reader can know from the records that survived, and nothing more: the trees that
//! dl-tree has to tell.
//!
//! It begins with what each record tells (`record::Tell`), which comes from the model, and
//! never looks at ids or bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    model::At,
    node::{Node, Tree},
    record::{Line, Role, Starts, Status, Task, Tell},
};

/// The trees that the lines make.
pub(super) fn trees(lines: &[Line]) -> Vec<Tree> {
    let mut requests: BTreeMap<usize, Known<'_>> = BTreeMap::new();
    let mut trees = Vec::new();
    let mut lone: BTreeMap<u64, Vec<&Tell>> = BTreeMap::new();
    for tell in lines.iter().flat_map(|line| &line.records) {
        if tell.role == Role::Lone {
            lone.entry(tell.rec).or_default().push(tell);
        } else {
            requests.entry(tell.scope.request).or_default().hear(tell);
        }
    }
    for known in requests.values() {
        trees.extend(known.trees());
    }
    for tells in lone.values() {
        let mut root = known_of(tells).node(true);
        root.flags.remove("start_missing");
        trees.push(Tree {
            scheme: tells[0].task.ids.scheme.to_owned(),
            complete: true,
            errors: 0,
            root,
        });
    }
    trees
}

fn known_of<'t>(tells: &[&'t Tell]) -> Scope<'t> {
    let mut scope = Scope::new(tells[0].task);
    scope.tells = tells.to_vec();
    scope
}

/// What is known of a request.
#[derive(Default)]
struct Known<'t> {
    scopes: BTreeMap<At, Scope<'t>>,
    /// Tasks that a record joins.
    joined: Vec<(Task, Task)>,
}

/// What is known of a scope.
struct Scope<'t> {
    task: Task,
    tells: Vec<&'t Tell>,
    parent: Option<(At, bool)>,
    is_root: bool,
    /// The places that its children take among its records.
    numbers: BTreeSet<u64>,
}

impl<'t> Known<'t> {
    fn hear(&mut self, tell: &'t Tell) {
        let own = self.scope(tell.scope, tell.task);
        own.tells.push(tell);
        own.is_root |= tell.is_root;
        for edge in &tell.edges {
            let child = self.scope(edge.child, tell.task);
            child.parent = Some((edge.parent, edge.joins.is_some()));
            let parent = self.scope(edge.parent, edge.joins.unwrap_or(tell.task));
            parent.numbers.extend(edge.number);
            self.joined
                .extend(edge.joins.map(|other| (tell.task, other)));
        }
    }

    fn scope(&mut self, at: At, task: Task) -> &mut Scope<'t> {
        self.scopes.entry(at).or_insert_with(|| Scope::new(task))
    }

    /// The scopes of each tree: those of tasks that nothing joins are trees of their own.
    fn groups(&self) -> Vec<Vec<At>> {
        let mut groups: Vec<(Vec<Task>, Vec<At>)> = Vec::new();
        for (at, scope) in &self.scopes {
            match groups
                .iter_mut()
                .find(|(tasks, _)| tasks.contains(&scope.task))
            {
                Some((_, scopes)) => scopes.push(*at),
                None => groups.push((vec![scope.task], vec![*at])),
            }
        }
        for (one, other) in &self.joined {
            let place = |task| groups.iter().position(|(tasks, _)| tasks.contains(task));
            if let (Some(one), Some(other)) = (place(one), place(other))
                && one != other
            {
                let (tasks, scopes) = groups.remove(one.max(other));
                groups[one.min(other)].0.extend(tasks);
                groups[one.min(other)].1.extend(scopes);
            }
        }
        groups.into_iter().map(|(_, scopes)| scopes).collect()
    }

    fn trees(&self) -> impl Iterator<Item = Tree> {
        self.groups().into_iter().map(|scopes| self.tree(&scopes))
    }

    fn tree(&self, scopes: &[At]) -> Tree {
        let known = || scopes.iter().map(|at| (*at, &self.scopes[at]));
        let starts = known()
            .flat_map(|(_, scope)| &scope.tells)
            .any(|tell| begins(tell));
        let mut children: BTreeMap<At, Vec<(At, bool)>> = BTreeMap::new();
        for (at, scope) in known() {
            if let Some((parent, joins)) = scope.parent {
                children.entry(parent).or_default().push((at, joins));
            }
        }
        let tops: Vec<_> = known()
            .filter(|(_, scope)| scope.parent.is_none())
            .collect();
        let mut complete = true;
        let mut node = |at: &At| self.node(*at, &children, starts, &mut complete);
        let certain: Vec<_> = tops
            .iter()
            .filter(|(_, scope)| scope.is_root || scope.task.ids.paths)
            .map(|(at, _)| *at)
            .collect();
        let mut root = match certain[..] {
            [root] => node(&root),
            _ => {
                let mut root = Node::default();
                root.flags.insert("inferred");
                root.children = certain.iter().map(&mut node).collect();
                root
            }
        };
        // Of these, only the tree's id says where they belong.
        for (at, _) in tops.iter().filter(|(at, _)| !certain.contains(at)) {
            let mut child = node(at);
            child.edge = Some("tree".to_owned());
            root.children.push(child);
        }
        complete &= certain.len() == 1 && tops.len() == 1;
        root.sort();
        let mut errors = 0;
        root.walk(None, &mut |node, _| {
            errors += usize::from(node.status == Status::Failed)
        });
        Tree {
            scheme: self.scopes[&scopes[0]].task.ids.scheme.to_owned(),
            complete,
            errors,
            root,
        }
    }

    fn node(
        &self,
        at: At,
        children: &BTreeMap<At, Vec<(At, bool)>>,
        starts: bool,
        complete: &mut bool,
    ) -> Node {
        let scope = &self.scopes[&at];
        let mut node = scope.node(starts);
        *complete &= scope.complete();
        for (child, joins) in children.get(&at).into_iter().flatten() {
            let mut child = self.node(*child, children, starts, complete);
            child.edge = joins.then(|| "join".to_owned());
            node.children.push(child);
        }
        node
    }
}

/// True for the record that a scope's first one is, or that has all of it.
fn begins(tell: &Tell) -> bool {
    matches!(tell.role, Role::Start | Role::Whole(_))
}

fn ended(tell: &Tell) -> Option<Status> {
    match tell.role {
        Role::End(status) | Role::Whole(status) => Some(status),
        _ => None,
    }
}

impl<'t> Scope<'t> {
    fn new(task: Task) -> Self {
        Self {
            task,
            tells: Vec::new(),
            parent: None,
            is_root: false,
            numbers: BTreeSet::new(),
        }
    }

    /// The node without its children. `starts` is whether any scope of the tree has a first
    /// record.
    fn node(&self, starts: bool) -> Node {
        let has_start = self.tells.iter().any(|tell| begins(tell));
        let end = self.tells.iter().filter_map(|tell| ended(tell)).max();
        let mut node = Node {
            records: self.tells.iter().map(|tell| tell.rec).collect(),
            status: match end {
                Some(status) => status,
                None if has_start && self.task.ids.ends => Status::Running,
                None => Status::Unknown,
            },
            ..Node::default()
        };
        let starts = match self.task.ids.starts {
            Starts::Always => true,
            Starts::IfAny => starts,
            Starts::Never => false,
        };
        let places: Vec<_> = self.tells.iter().filter_map(|tell| tell.place).collect();
        let different: BTreeSet<_> = places.iter().collect();
        let flags = [
            ("inferred", self.tells.is_empty()),
            (
                "start_missing",
                !self.tells.is_empty() && starts && !has_start,
            ),
            ("duplicate", different.len() < places.len()),
            (
                "late",
                self.end()
                    .is_some_and(|end| places.iter().any(|&place| place > end)),
            ),
        ];
        node.flags.extend(
            flags
                .iter()
                .filter(|(_, holds)| *holds)
                .map(|(name, _)| name),
        );
        node
    }

    /// The last place that an end takes.
    fn end(&self) -> Option<u64> {
        let ends = self.tells.iter().filter(|tell| ended(tell).is_some());
        ends.filter_map(|tell| tell.place).max()
    }

    /// Whether all of its own records are there, as far as the ids tell.
    fn complete(&self) -> bool {
        let is_whole = self.tells.iter().any(|tell| begins(tell))
            && self.tells.iter().any(|tell| ended(tell).is_some());
        let Some(base) = self.task.ids.base else {
            return is_whole;
        };
        let places = self.tells.iter().filter_map(|tell| tell.place);
        let mut taken: BTreeSet<_> = places.chain(self.numbers.iter().copied()).collect();
        let end = self.end();
        taken.retain(|place| Some(*place) <= end);
        is_whole && end.is_some_and(|end| taken.len() as u64 == end + 1 - base)
    }
}
