//! A tree as both sides tell it: the records of each node, and what is said of the node.

use std::{collections::BTreeSet, fmt::Write};

use super::record::Status;

/// A tree, expected or told by dl-tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) scheme: String,
    /// Nobody knows what it should be, if it is not expected.
    pub(super) id: Option<String>,
    pub(super) complete: bool,
    pub(super) errors: usize,
    pub(super) root: Node,
}

/// A node. The children come in the order of the records in them, because what order they
/// should have is another question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) records: Vec<u64>,
    pub(super) status: Status,
    pub(super) flags: BTreeSet<&'static str>,
    pub(super) edge: Option<String>,
    pub(super) children: Vec<Node>,
    /// Nobody knows what it should be, if it is not expected; so with those that follow.
    pub(super) name: Option<String>,
    /// Part of the text, when it is expected.
    pub(super) exception: Option<String>,
    /// The records in their order.
    pub(super) order: Option<Vec<u64>>,
    /// The children in their order, each by the least record in it or below.
    pub(super) turns: Option<Vec<Option<u64>>>,
}

impl Tree {
    /// True if `told` says all that is expected.
    pub(super) fn agrees(&self, told: &Self) -> bool {
        let said = |tree: &Self| (tree.scheme.clone(), tree.complete, tree.errors);
        let is_known = self.id.is_none() || self.id == told.id;
        is_known && said(self) == said(told) && self.root.agrees(&told.root)
    }
}

impl Node {
    fn agrees(&self, told: &Self) -> bool {
        let exception = told.exception.as_deref().unwrap_or_default();
        self.records == told.records
            && self.status == told.status
            && self.flags == told.flags
            && self.edge == told.edge
            && (self.name.is_none() || self.name == told.name)
            && (self.order.is_none() || self.order == told.order)
            && (self.turns.is_none() || self.turns == told.turns)
            && self.exception.iter().all(|why| exception.contains(&**why))
            && self.children.len() == told.children.len()
            && self
                .children
                .iter()
                .zip(&told.children)
                .all(|(one, other)| one.agrees(other))
    }

    /// Puts records and children into the order in which they are compared.
    pub(super) fn sort(&mut self) {
        self.records.sort_unstable();
        for child in &mut self.children {
            child.sort();
        }
        self.children.sort_by_key(Self::least);
    }

    /// The least number of a record in it or below.
    pub(super) fn least(&self) -> Option<u64> {
        let own = self.records.iter().min().copied();
        let below = self.children.iter().filter_map(Self::least).min();
        own.into_iter().chain(below).min()
    }

    /// Hands over each node with the nearest one above it that has records.
    pub(super) fn walk<'n>(
        &'n self,
        above: Option<&'n Self>,
        to: &mut impl FnMut(&'n Self, Option<&'n Self>),
    ) {
        to(self, above);
        let above = if self.records.is_empty() {
            above
        } else {
            Some(self)
        };
        for child in &self.children {
            child.walk(above, to);
        }
    }

    /// What tells the node from all others: its records, or else where it stands.
    pub(super) fn key(&self) -> String {
        if self.records.is_empty() {
            let below: Vec<_> = self.children.iter().map(Self::key).collect();
            format!("({})", below.join(" "))
        } else {
            format!("{:?}", self.records)
        }
    }

    /// The node in a few lines, to be read when something is wrong.
    pub(super) fn outline(&self) -> String {
        let mut out = String::new();
        self.lines(0, &mut out);
        out
    }

    fn lines(&self, depth: usize, out: &mut String) {
        let flags: Vec<_> = self.flags.iter().copied().collect();
        let edge = self.edge.as_deref().unwrap_or("");
        let indent = "  ".repeat(depth);
        let records = self.order.as_ref().unwrap_or(&self.records);
        let (status, name) = (self.status.name(), self.name.as_deref().unwrap_or("-"));
        let why = self.exception.as_deref().unwrap_or_default();
        let _ = write!(
            out,
            "{indent}{records:?} {name}: {status} {} {edge} {why}",
            flags.join(",")
        );
        if let Some(turns) = self.turns.as_ref().filter(|turns| turns.len() > 1) {
            let turns: Vec<_> = turns.iter().flatten().map(u64::to_string).collect();
            let _ = write!(out, " then {}", turns.join(" "));
        }
        out.push('\n');
        for child in &self.children {
            child.lines(depth + 1, out);
        }
    }
}
