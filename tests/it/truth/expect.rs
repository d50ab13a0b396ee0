//! What a reader can know from the records that survived, and nothing more: the trees that
//! dl-tree has to tell.
//!
//! It begins with what each record tells (`record::Tell`), which comes from the model, and
//! never looks at ids or bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    known::{Known, Scope, begins},
    model::At,
    node::{Node, Tree},
    record::{Line, Role, Starts, Status, Tell},
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
    for known in requests.values_mut() {
        known.conclude();
        trees.extend(known.groups().iter().map(|scopes| tree(known, scopes)));
    }
    trees.extend(lone.values().map(|tells| {
        let mut root = Node {
            records: tells.iter().map(|tell| tell.rec).collect(),
            ..Node::default()
        };
        root.flags.extend((tells.len() > 1).then_some("duplicate"));
        Tree {
            scheme: tells[0].task.ids.scheme.to_owned(),
            id: tells[0].tree.clone(),
            complete: true,
            errors: 0,
            root,
        }
    }));
    trees
}

/// A tree that is being put together.
struct Making<'k, 't> {
    known: &'k Known<'t>,
    /// Some span of the tree was exported, so that all are.
    exported: bool,
    complete: bool,
    errors: usize,
}

fn tree(known: &Known<'_>, scopes: &[At]) -> Tree {
    let scope = |at: &At| &known.scopes[at];
    let mut tells = scopes.iter().flat_map(|at| &scope(at).tells);
    let mut making = Making {
        known,
        exported: tells.any(|tell| begins(tell) && tell.task.ids.starts == Starts::IfAny),
        complete: true,
        errors: 0,
    };
    let tops = || scopes.iter().filter(|at| scope(at).parent.is_none());
    let certain: Vec<_> = tops()
        .filter(|at| scope(at).is_root || scope(at).task.ids.paths)
        .collect();
    let (mut root, name) = if let [root] = certain[..] {
        (making.node(*root), scope(root).task.ids.scheme)
    } else {
        making.complete = false;
        let mut root = Node::default();
        root.flags.insert("inferred");
        (
            root,
            first_scheme(tops().map(|at| scope(at).task.ids.scheme)),
        )
    };
    // Of all others, only the tree's id says that they belong to it.
    for top in tops().filter(|at| certain[..] != [*at]) {
        let mut child = making.node(*top);
        child.edge = Some("tree".to_owned());
        root.children.push(child);
        root.turns = None;
    }
    root.sort();
    let named = tops().filter(|at| scope(at).task.ids.scheme == name);
    let tasks: Vec<_> = match certain[..] {
        [root] => vec![scope(root).task],
        _ => named.map(|at| scope(at).task).collect(),
    };
    let mut own = scopes
        .iter()
        .flat_map(|at| &scope(at).tells)
        .filter(|tell| tasks.contains(&tell.task));
    // Of several tasks without a root, any could give its name.
    let is_one = tasks.windows(2).all(|pair| pair[0] == pair[1]);
    Tree {
        scheme: name.to_owned(),
        id: own.find_map(|tell| tell.tree.clone()).filter(|_| is_one),
        complete: making.complete,
        errors: making.errors,
        root,
    }
}

/// A tree without a root has the name of the scheme that knows most.
fn first_scheme<'s>(schemes: impl Iterator<Item = &'s str>) -> &'s str {
    let order = [
        "generic",
        "own",
        "eliot",
        "distlog",
        "bqnt",
        "hierarchical",
        "trace",
        "tracing",
        "roarr",
        "flat",
        "join",
    ];
    let place = |scheme: &&str| order.iter().position(|known| known == scheme);
    schemes.min_by_key(place).unwrap_or_default()
}

impl Making<'_, '_> {
    fn node(&mut self, at: At) -> Node {
        let scope = &self.known.scopes[&at];
        let mut node = Node {
            records: scope.tells.iter().map(|tell| tell.rec).collect(),
            status: status(scope),
            flags: self.flags(scope).collect(),
            name: scope.tells.iter().find_map(|tell| tell.name.clone()),
            exception: scope
                .tells
                .iter()
                .find_map(|tell| tell.why)
                .map(str::to_owned),
            order: in_order(scope),
            ..Node::default()
        };
        self.complete &= self.has_all(scope);
        self.errors += usize::from(node.status == Status::Failed);
        let mut turns = Vec::new();
        for at in self.children(at) {
            let scope = &self.known.scopes[&at];
            let mut child = self.node(at);
            child.edge = scope.joins.then(|| "join".to_owned());
            turns.push(scope.number.map(|number| (number, child.least())));
            node.children.push(child);
        }
        // Where all are numbered, they come in that order.
        let turns: Option<Vec<_>> = turns.into_iter().collect();
        node.turns = turns.filter(|turns| !turns.is_empty()).map(|mut turns| {
            turns.sort_unstable();
            turns.into_iter().map(|(_, least)| least).collect()
        });
        node
    }

    fn children(&self, at: At) -> Vec<At> {
        let below = self.known.scopes.iter();
        below
            .filter(|(_, child)| child.parent == Some(at))
            .map(|(at, _)| *at)
            .collect()
    }

    fn flags(&self, scope: &Scope<'_>) -> impl Iterator<Item = &'static str> {
        let silent = scope.tells.is_empty();
        let places: BTreeSet<_> = scope.places().collect();
        let records: BTreeSet<_> = scope.tells.iter().map(|tell| tell.rec).collect();
        let is_late = scope.end().is_some_and(|end| places.last() > Some(&end));
        let flags = [
            ("inferred", silent),
            (
                "start_missing",
                !silent && scope.has_starts(self.exported) && !scope.begun(),
            ),
            (
                "duplicate",
                places.len() < scope.places().count() || records.len() < scope.tells.len(),
            ),
            ("late", is_late),
        ];
        flags
            .into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(name, _)| name)
    }

    /// Whether all of a scope's own records are there, as far as the ids tell.
    fn has_all(&self, scope: &Scope<'_>) -> bool {
        if !scope.begun() && scope.ended().is_none() && !scope.has_starts(self.exported) {
            return !scope.tells.is_empty();
        }
        let Some(base) = scope.task.ids.base else {
            return scope.begun() && scope.ended().is_some();
        };
        let Some(end) = scope.end() else {
            return false;
        };
        let children = scope.numbers.iter().filter(|_| scope.task.ids.shared);
        let taken = scope.places().chain(children.copied());
        let taken: BTreeSet<_> = taken.filter(|place| *place <= end).collect();
        scope.begun() && taken.len() as u64 == end + 1 - base
    }
}

/// The records in the order of their places, where all have one.
fn in_order(scope: &Scope<'_>) -> Option<Vec<u64>> {
    let place = |tell: &&Tell| Some((tell.place?, tell.rec));
    let mut order: Vec<_> = scope.tells.iter().map(place).collect::<Option<_>>()?;
    order.sort_unstable();
    Some(order.into_iter().map(|(_, rec)| rec).collect())
}

fn status(scope: &Scope<'_>) -> Status {
    match scope.ended() {
        Some(status) => status,
        None if scope.begun() && scope.task.ids.ends => Status::Running,
        None => Status::Unknown,
    }
}
