//! What a walk over the finished nodes tells of the whole tree.

use std::borrow::Cow;

use super::{
    model::{Node, Share, Status, Tree},
    roll::Roll,
};
use crate::record::Instant;

/// Adds to a tree what its nodes tell together. `is_request` says that the root is no scope.
pub(super) fn survey(tree: &mut Tree<'_>, is_request: bool) {
    count(tree);
    mark_concurrent(tree);
    let root = tree.root();
    let (status, duration) = (root.status, root.duration);
    tree.status = if is_request && status == Status::Unknown && has_failed_child(tree) {
        // No scope above has caught it.
        Status::Failed
    } else {
        status
    };
    tree.duration = duration.or_else(|| Some(tree.end?.seconds_since(tree.start?)));
    if status != Status::Succeeded
        && let Some(culprit) = culprit(&tree.nodes)
    {
        tree.exception = culprit.exception.clone();
        tree.error_root = Some(culprit.id.clone());
    }
}

/// True if a scope directly below the root failed.
fn has_failed_child(tree: &Tree<'_>) -> bool {
    let mut children = tree.children(0);
    children.any(|child| tree.nodes[child].status == Status::Failed)
}

/// Counts failures, and what each process did.
pub(super) fn count(tree: &mut Tree<'_>) {
    let mut called = Called::default();
    tree.errors = 0;
    for node in &tree.nodes {
        tree.errors += usize::from(node.status == Status::Failed);
        let Some(process) = &node.process else {
            continue;
        };
        for writer in &node.writers {
            called
                .share(&writer.process, writer.host.as_ref())
                .add(writer.records);
        }
        // What has several is the first one's.
        let first = node.writers.first();
        let host = first.map_or(&node.host, |first| &first.host);
        let share = called.share(process, host.as_ref());
        if node.writers.is_empty() {
            share.add(node.records.len());
        }
        share.own += node.own.unwrap_or(0.0);
    }
    let Called { roll, mut shares } = called;
    if let [_] = shares[..] {
        // It did everything.
        shares.clear();
    }
    for (share, (process, host)) in shares.iter_mut().zip(&roll.processes) {
        share.process.clone_from(process);
        share.host.clone_from(host);
    }
    tree.shares = shares;
    tree.processes = roll.processes.into_iter().map(|(name, _)| name).collect();
}

/// What processes did, in the order in which they come up.
#[derive(Default)]
struct Called<'a> {
    roll: Roll<Cow<'a, str>>,
    shares: Vec<Share<'a>>,
}

impl<'a> Called<'a> {
    /// What a process did.
    fn share(&mut self, process: &Cow<'a, str>, host: Option<&Cow<'a, str>>) -> &mut Share<'a> {
        let at = self.roll.call(process, host);
        if at == self.shares.len() {
            self.shares.push(Share::default());
        }
        &mut self.shares[at]
    }
}

impl Share<'_> {
    /// Adds a node with so many records of it.
    fn add(&mut self, records: usize) {
        self.nodes += 1;
        self.records += records;
    }
}

/// Marks the nodes some of whose children were at work at the same time, as their clocks say.
pub(super) fn mark_concurrent(tree: &mut Tree<'_>) {
    let mut busy = Vec::new();
    for number in 0..tree.nodes.len() {
        if tree.nodes[number].size < 3 {
            continue;
        }
        busy.clear();
        let children = tree.children(number);
        busy.extend(children.filter_map(|child| tree.nodes[child].interval()));
        tree.nodes[number].concurrent = overlap(&mut busy);
    }
}

/// True if two of the intervals have time in common.
fn overlap(intervals: &mut [(Instant, Instant)]) -> bool {
    // Mostly they are in order.
    if !intervals.is_sorted() {
        intervals.sort_unstable();
    }
    intervals.windows(2).any(|pair| pair[1].0 < pair[0].1)
}

/// The scope that explains a failure: the deepest failed one below the last failed child,
/// because that is the child whose failure was not caught. In the order of the nodes it is the
/// last one that failed.
fn culprit<'n, 'a>(nodes: &'n [Node<'a>]) -> Option<&'n Node<'a>> {
    nodes.iter().rfind(|node| node.status == Status::Failed)
}
