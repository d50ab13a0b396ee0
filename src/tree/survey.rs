//! What a walk over the finished nodes tells of the whole tree.

use std::{borrow::Cow, collections::HashMap};

use super::model::{Node, Share, Status, Tree};
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
    let mut roll = Roll::default();
    let (mut shares, mut firsts) = (Vec::new(), Vec::new());
    tree.errors = 0;
    for (number, node) in tree.nodes.iter().enumerate() {
        tree.errors += usize::from(node.status == Status::Failed);
        let Some(process) = &node.process else {
            continue;
        };
        let at = roll.call(process);
        if at == shares.len() {
            shares.push(Share::default());
            firsts.push(number);
        }
        let share = &mut shares[at];
        share.nodes += 1;
        share.records += node.records.len();
        share.own += node.own.unwrap_or(0.0);
    }
    if let [_] = shares[..] {
        // It did everything.
        shares.clear();
    }
    for ((share, process), first) in shares.iter_mut().zip(&roll.processes).zip(firsts) {
        share.process.clone_from(process);
        share.host.clone_from(&tree.nodes[first].host);
    }
    tree.shares = shares;
    tree.processes = roll.processes;
}

/// The processes in the order in which they come up.
#[derive(Default)]
struct Roll<'a> {
    processes: Vec<Cow<'a, str>>,
    /// Where they stand, once there are more than a few.
    places: HashMap<Cow<'a, str>, usize>,
    /// The one that was called last: mostly it is called again.
    last: usize,
}

/// How many processes are gone through one by one.
const FEW: usize = 8;

impl<'a> Roll<'a> {
    /// The number of a process.
    #[expect(clippy::ptr_arg, reason = "a text that is kept need not be copied")]
    fn call(&mut self, process: &Cow<'a, str>) -> usize {
        if self.processes.get(self.last) == Some(process) {
            return self.last;
        }
        let known = self
            .processes
            .iter()
            .take(FEW)
            .position(|known| known == process);
        if let Some(at) = known.or_else(|| self.places.get(process).copied()) {
            self.last = at;
            return at;
        }
        let at = self.processes.len();
        self.last = at;
        if at >= FEW {
            self.places.insert(process.clone(), at);
        }
        self.processes.push(process.clone());
        at
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
