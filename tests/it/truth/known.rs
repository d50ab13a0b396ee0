//! What the records that survived tell of a request, put together: which scopes there are,
//! what lies above what, and which tasks are one.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    model::At,
    record::{Edge, Named, Role, Starts, Status, Task, Tell},
};

/// What is known of a request.
#[derive(Default)]
pub(super) struct Known<'t> {
    pub(super) scopes: BTreeMap<At, Scope<'t>>,
    edges: Vec<&'t Edge>,
    /// Tasks that a record joins.
    joined: Vec<(Task, Task)>,
}

/// What is known of a scope.
pub(super) struct Scope<'t> {
    pub(super) task: Task,
    pub(super) tells: Vec<&'t Tell>,
    pub(super) parent: Option<At>,
    /// The record that says so carries the ids of two schemes.
    pub(super) joins: bool,
    pub(super) is_root: bool,
    /// Its number below its parent.
    pub(super) number: Option<u64>,
    /// The numbers of its children.
    pub(super) numbers: BTreeSet<u64>,
}

impl<'t> Known<'t> {
    pub(super) fn hear(&mut self, tell: &'t Tell) {
        let own = self.scope(Named {
            scope: tell.scope,
            task: tell.task,
        });
        own.tells.push(tell);
        own.is_root |= tell.is_root;
        self.edges.extend(&tell.edges);
    }

    /// Draws the conclusions, once all records are heard.
    pub(super) fn conclude(&mut self) {
        let mut edges = std::mem::take(&mut self.edges);
        // All others tell first what is known, and what comes last holds.
        edges.sort_by_key(|edge| (edge.if_known, Reverse(edge.rank)));
        for edge in edges {
            // Of several scopes with one id, it is the first that is known by itself.
            let has_tells = |named: &&Named| {
                let known = self.scopes.get(&named.scope);
                known.is_some_and(|scope| !scope.tells.is_empty())
            };
            let parent = *edge
                .parents
                .iter()
                .find(has_tells)
                .unwrap_or_else(|| edge.last());
            let joins = edge.child.task != parent.task;
            if joins {
                self.joined.push((edge.child.task, parent.task));
            }
            if edge.if_known && !self.scopes.contains_key(&parent.scope) {
                continue;
            }
            self.scope(parent).numbers.extend(edge.number);
            let child = self.scope(edge.child);
            child.parent = Some(parent.scope);
            child.joins = joins;
            child.number = edge.number;
        }
        self.dissolve();
    }

    /// Takes out what only joins: scopes that nothing tells of but the record that joins. One
    /// that nothing is above stays, if there is more of its own task, and so does one that the paths
    /// of those below lead through.
    fn dissolve(&mut self) {
        let gone: Vec<_> = self
            .scopes
            .iter()
            .filter(|(at, scope)| self.only_joins(**at, scope))
            .map(|(at, _)| *at)
            .collect();
        for at in gone {
            let above = self.scopes.remove(&at).and_then(|scope| scope.parent);
            let scopes = self.scopes.values_mut();
            for child in scopes.filter(|scope| scope.parent == Some(at)) {
                child.parent = above;
                child.joins = above.is_some();
                child.number = None;
            }
        }
    }

    fn only_joins(&self, at: At, scope: &Scope<'_>) -> bool {
        let below = || {
            self.scopes
                .values()
                .filter(|below| below.parent == Some(at))
        };
        let is_joined = scope.joins || below().any(|below| below.joins);
        let mut beside = self
            .scopes
            .iter()
            .filter(|(_, other)| other.task == scope.task);
        let is_alone = beside.all(|(other, _)| *other == at);
        let holds_together = scope.parent.is_none() && !(is_alone && below().count() < 2);
        let is_on_a_path = scope.task.ids.paths && below().any(|below| below.task == scope.task);
        scope.tells.is_empty() && is_joined && !holds_together && !is_on_a_path
    }

    fn scope(&mut self, named: Named) -> &mut Scope<'t> {
        let entry = self.scopes.entry(named.scope);
        entry.or_insert_with(|| Scope {
            task: named.task,
            tells: Vec::new(),
            parent: None,
            joins: false,
            is_root: false,
            number: None,
            numbers: BTreeSet::new(),
        })
    }

    /// The scopes of each tree: those of tasks that nothing joins are trees of their own.
    pub(super) fn groups(&self) -> Vec<Vec<At>> {
        let mut groups: Vec<(Vec<Task>, Vec<At>)> = Vec::new();
        for (at, scope) in &self.scopes {
            let same = |(tasks, _): &&mut (Vec<Task>, _)| tasks.contains(&scope.task);
            match groups.iter_mut().find(same) {
                Some((_, scopes)) => scopes.push(*at),
                None => groups.push((vec![scope.task], vec![*at])),
            }
        }
        for (one, other) in &self.joined {
            let place = |task| groups.iter().position(|(tasks, _)| tasks.contains(task));
            let (Some(one), Some(other)) = (place(one), place(other)) else {
                continue;
            };
            if one != other {
                let (tasks, scopes) = groups.remove(one.max(other));
                groups[one.min(other)].0.extend(tasks);
                groups[one.min(other)].1.extend(scopes);
            }
        }
        groups.into_iter().map(|(_, scopes)| scopes).collect()
    }
}

impl Scope<'_> {
    /// A record of it begins it, or has all of it.
    pub(super) fn begun(&self) -> bool {
        self.tells.iter().any(|tell| begins(tell))
    }

    /// How it ended, if a record tells.
    pub(super) fn ended(&self) -> Option<Status> {
        self.tells.iter().filter_map(|tell| ends(tell)).max()
    }

    /// The last place that an end takes.
    pub(super) fn end(&self) -> Option<u64> {
        let ends = self.tells.iter().filter(|tell| ends(tell).is_some());
        ends.filter_map(|tell| tell.place).max()
    }

    /// The places that its records take.
    pub(super) fn places(&self) -> impl Iterator<Item = u64> {
        self.tells.iter().filter_map(|tell| tell.place)
    }

    /// Whether a scope without a first record lacks it. `exported` is whether any scope of
    /// the tree has one of the kind that all have or none.
    pub(super) fn has_starts(&self, exported: bool) -> bool {
        match self.task.ids.starts {
            Starts::Always => true,
            Starts::IfAny => exported,
            Starts::Never => false,
        }
    }
}

/// True for the record that a scope's first one is, or that has all of it.
pub(super) fn begins(tell: &Tell) -> bool {
    matches!(tell.role, Role::Start | Role::Whole(_))
}

fn ends(tell: &Tell) -> Option<Status> {
    match tell.role {
        Role::End(status) | Role::Whole(status) => Some(status),
        _ => None,
    }
}
