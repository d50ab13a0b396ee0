//! Selecting scopes: an expression is asked of each node and of each of its records.

use crate::{
    cli::common::now,
    error::{Error, Result},
    expr::{Clock, Expr, Filter},
    record::{Found, Reader, Zone},
    tree::{self, Tree},
};

/// What is selected.
#[derive(Debug)]
pub(super) struct Selection {
    expr: Expr,
    descendants: bool,
}

impl Selection {
    /// What `text` selects, and with `descendants` what is below.
    pub(super) fn new(text: &str, descendants: bool) -> Result<Self> {
        let clock = Clock {
            now: now(),
            zone: Zone::UTC,
        };
        let expr =
            Expr::parse(text, clock).map_err(|error| Error::Usage(format!("--select: {error}")))?;
        Ok(Self { expr, descendants })
    }

    /// A selector for one worker.
    pub(super) fn selector(&self) -> Selector {
        let mut reader = Reader::default();
        // Nodes and records are told apart by the fields that every reader asks for.
        reader.canonical(crate::record::Canonical::Tree);
        Selector {
            filter: self.expr.compile(&mut reader),
            descendants: self.descendants,
            reader,
            found: Found::default(),
            node: Vec::new(),
            wanted: Vec::new(),
        }
    }
}

/// Selects with memory that is reused.
pub(super) struct Selector {
    filter: Filter,
    descendants: bool,
    reader: Reader,
    found: Found,
    node: Vec<u8>,
    wanted: Vec<bool>,
}

impl Selector {
    /// Takes out of a tree what is not selected; false if nothing is, and then it stays whole.
    pub(super) fn apply(&mut self, tree: &mut Tree<'_>) -> bool {
        self.wanted.clear();
        for number in 0..tree.nodes.len() {
            let wanted = self.matches(tree, number);
            self.wanted.push(wanted);
        }
        tree::prune(tree, &self.wanted, self.descendants)
    }

    fn matches(&mut self, tree: &Tree<'_>, number: usize) -> bool {
        let node = &tree.nodes[number];
        self.node.clear();
        tree::node(tree, node, &mut self.node);
        let lines = std::iter::once(&self.node[..]).chain(tree.records_of(node).iter().copied());
        for line in lines {
            let record = self.reader.read(line, &mut self.found);
            if record.is_ok_and(|record| self.filter.matches(&record)) {
                return true;
            }
        }
        false
    }
}
