//! Assembly: the records of one tree, in any order, become the tree.
//!
//! The same records give the same tree whatever order they come in: they are sorted by
//! scope, then position, then time, then the bytes of the record itself, and after that the
//! scopes come in the order of a walk through the tree, so that a stack is enough.

use std::{borrow::Cow, collections::HashSet};

use super::{
    model::{Node, Status, Tree},
    scheme::{Part, Place, Placement, Prepared},
    scope::{Complete, Scope},
};
use crate::record::{Canonical, Found, Instant, Reader, trim};

/// Puts trees together; keep one per worker, because it reuses its memory.
pub struct Assembler {
    reader: Reader,
    prepared: Prepared,
    found: Found,
}

impl Default for Assembler {
    fn default() -> Self {
        let mut reader = Reader::default();
        let prepared = Prepared::new(&mut reader);
        for canonical in [
            Canonical::Time,
            Canonical::Service,
            Canonical::Host,
            Canonical::Process,
        ] {
            reader.canonical(canonical);
        }
        Self {
            reader,
            prepared,
            found: Found::default(),
        }
    }
}

impl Assembler {
    /// Builds the tree `id` from the lines of its records, which follow `scheme`.
    pub fn assemble<'a>(&mut self, id: &'a str, scheme: u8, lines: &[&'a [u8]]) -> Tree<'a> {
        let (scheme, place) = self.prepared.scheme(scheme);
        let mut placed: Vec<_> = lines
            .iter()
            .map(|line| Placed::new(&self.reader, place, trim(line), &mut self.found))
            .collect();
        let times = || placed.iter().filter_map(|record| record.time);
        let (start, end) = (times().min(), times().max());
        let records = placed.len();
        let (root, complete) = grow(&mut placed);
        let mut seen = Survey::default();
        seen.walk(&root);
        Tree {
            id: Cow::Borrowed(id),
            scheme: Cow::Borrowed(scheme.name()),
            status: root.status,
            complete: complete > Complete::No,
            certain: complete == Complete::Certain,
            continuation: false,
            start,
            end,
            duration: root.duration.or_else(|| Some(end?.seconds_since(start?))),
            records,
            processes: seen.processes,
            errors: seen.failed,
            exception: why(&root),
            root,
        }
    }
}

/// A record and its place.
#[derive(Default)]
pub(super) struct Placed<'a> {
    pub(super) line: &'a [u8],
    pub(super) time: Option<Instant>,
    pub(super) process: Option<Cow<'a, str>>,
    pub(super) placement: Placement<'a>,
}

impl<'a> Placed<'a> {
    fn new(reader: &Reader, place: &dyn Place, line: &'a [u8], found: &mut Found) -> Self {
        match reader.read(line, found) {
            Ok(record) => {
                let placement = place.place(&record).unwrap_or_else(Placement::stray);
                Self {
                    line,
                    time: placement.time.or_else(|| record.time()),
                    process: record.process(),
                    placement,
                }
            }
            // Only lines that were records once come here.
            Err(_) => Self {
                line,
                time: None,
                process: None,
                placement: Placement::stray(),
            },
        }
    }

    fn order(&self) -> (&[Part<'a>], u64, Option<Instant>, &[u8]) {
        (
            &self.placement.path,
            self.placement.position,
            self.time,
            self.line,
        )
    }
}

/// Grows the tree; says whether all that was announced is there.
fn grow<'a>(records: &mut [Placed<'a>]) -> (Node<'a>, Complete) {
    // A record with its place is large, so that it pays to sort numbers instead.
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.sort_unstable_by(|&a, &b| records[a].order().cmp(&records[b].order()));
    let mut open = vec![Scope::root()];
    let mut path: Vec<Part<'_>> = Vec::new();
    for record in order {
        let record = std::mem::take(&mut records[record]);
        let common = path
            .iter()
            .zip(&record.placement.path)
            .take_while(|(a, b)| a == b)
            .count();
        close_to(&mut open, common + 1);
        path.truncate(common);
        for part in &record.placement.path[common..] {
            let child = open[open.len() - 1].child(part);
            open.push(child);
            path.push(part.clone());
        }
        let last = open.len() - 1;
        open[last].add(record);
    }
    close_to(&mut open, 1);
    open.swap_remove(0).finish()
}

/// Finishes the innermost scopes until only `depth` are open.
fn close_to(open: &mut Vec<Scope<'_>>, depth: usize) {
    while open.len() > depth
        && let Some(scope) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        parent.adopt(scope);
    }
}

/// What a walk over all nodes finds.
#[derive(Default)]
struct Survey<'a> {
    known: HashSet<Cow<'a, str>>,
    processes: Vec<Cow<'a, str>>,
    failed: usize,
}

impl<'a> Survey<'a> {
    fn walk(&mut self, node: &Node<'a>) {
        if let Some(process) = &node.process
            && self.known.insert(process.clone())
        {
            self.processes.push(process.clone());
        }
        self.failed += usize::from(node.status == Status::Failed);
        for child in &node.children {
            self.walk(child);
        }
    }
}

/// Why the request failed, unless it succeeded in spite of a failure below.
fn why<'a>(root: &Node<'a>) -> Option<Cow<'a, str>> {
    if root.status == Status::Succeeded {
        None
    } else {
        culprit(root)?.exception.clone()
    }
}

/// The scope that explains a failure: the deepest failed one below the last failed child,
/// because that is the child whose failure was not caught.
fn culprit<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Node<'a>> {
    let below = node.children.iter().rev().find_map(culprit);
    below.or_else(|| (node.status == Status::Failed).then_some(node))
}
