//! Lanes: where scopes go that run at the same time.
//!
//! Viewers of stacks believe that what is on one track and inside another's time was called by
//! it. So a scope goes on the track of the one above it only if it is inside it, and otherwise
//! on a track by itself; what is below it follows.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use super::scopes::Extent;
use crate::tree::Tree;

/// The lanes of one tree.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// The lane of each node.
    pub(super) of: Vec<usize>,
    /// The node on its lane that each node is right inside of.
    pub(super) inside: Vec<Option<usize>>,
    /// All lanes, in the order in which they are first needed.
    pub(super) all: Vec<Lane>,
    /// The numbers of the nodes by their start, those that last longest first.
    pub(super) order: Vec<usize>,
}

/// A track.
#[derive(Debug)]
pub(super) struct Lane {
    /// A number for the process, from 0 by appearance in the tree.
    pub(super) process: usize,
    /// When it is first needed, and until when.
    pub(super) start: i64,
    pub(super) end: i64,
    /// The nodes that are open while others are added: inside of each other, outermost first.
    open: Vec<usize>,
}

/// Lays a tree out; `process` tells each node's process as a number.
pub(super) fn lay_out(tree: &Tree<'_>, extents: &[Extent], process: &[usize]) -> Lanes {
    let mut order: Vec<usize> = (0..tree.nodes.len()).collect();
    order.sort_by_key(|&number| (extents[number].start, Reverse(extents[number].end), number));
    let parents = tree.parents();
    let mut lanes = Lanes {
        of: vec![usize::MAX; tree.nodes.len()],
        inside: vec![None; tree.nodes.len()],
        all: Vec::new(),
        order,
    };
    // The lanes of each process by when they are free again.
    let mut free: HashMap<usize, BinaryHeap<Reverse<(i64, usize)>>> = HashMap::new();
    for at in 0..lanes.order.len() {
        let number = lanes.order[at];
        let extent = extents[number];
        let above = parents[number];
        let with_above = Some(lanes.of[above])
            .filter(|&lane| above != number && lane != usize::MAX)
            .filter(|&lane| lanes.all[lane].process == process[number])
            .filter(|&lane| lanes.all[lane].takes(tree, number, extents));
        let lane = with_above.unwrap_or_else(|| {
            let free = free.entry(process[number]).or_default();
            let over = |top: &Reverse<(i64, usize)>| top.0.0 <= extent.start;
            let is_over = free.peek().is_some_and(over);
            let lane = if let Some(Reverse((_, lane))) = is_over.then(|| free.pop()).flatten() {
                lane
            } else {
                lanes.all.push(Lane {
                    process: process[number],
                    start: extent.start,
                    end: extent.end,
                    open: Vec::new(),
                });
                lanes.all.len() - 1
            };
            lanes.all[lane].open.clear();
            free.push(Reverse((extent.end, lane)));
            lane
        });
        lanes.inside[number] = lanes.all[lane].open.last().copied();
        lanes.all[lane].open.push(number);
        lanes.all[lane].end = lanes.all[lane].end.max(extent.end);
        lanes.of[number] = lane;
    }
    lanes
}

impl Lane {
    /// True if a node can stand here inside of one that is above it in the tree too.
    fn takes(&mut self, tree: &Tree<'_>, number: usize, extents: &[Extent]) -> bool {
        let extent = extents[number];
        while let Some(&top) = self.open.last()
            && extents[top].end <= extent.start
            // What takes no time may stand at the edge of the one above.
            && !(extents[top].end == extent.end && is_below(tree, number, top))
        {
            // The outermost one tells until when the lane is taken.
            if self.open.len() == 1 {
                return false;
            }
            self.open.pop();
        }
        let top = self.open.last();
        top.is_some_and(|&top| extents[top].end >= extent.end && is_below(tree, number, top))
    }
}

fn is_below(tree: &Tree<'_>, number: usize, above: usize) -> bool {
    (above..above + tree.nodes[above].size).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::{super::scopes::extents, *};

    /// The lanes of nodes given as `(depth, start, end)` in microseconds.
    fn lanes(nodes: &[(usize, i64, i64)]) -> Vec<usize> {
        let mut tree = Tree::default();
        for (at, &(depth, start, end)) in nodes.iter().enumerate() {
            let below = nodes[at + 1..].iter().take_while(|next| next.0 > depth);
            tree.nodes.push(crate::tree::Node {
                depth,
                size: 1 + below.count(),
                start: Some(crate::record::Instant(start * 1_000)),
                end: Some(crate::record::Instant(end * 1_000)),
                ..Default::default()
            });
        }
        lay_out(&tree, &extents(&tree), &vec![0; nodes.len()]).of
    }

    #[test]
    fn only_what_is_inside_stands_inside() {
        let check = |nodes: &[(usize, i64, i64)], expect: &[usize]| {
            assert_eq!(lanes(nodes), expect, "{nodes:?}");
        };
        check(&[(0, 0, 9), (1, 0, 4), (2, 1, 2), (1, 4, 9)], &[0, 0, 0, 0]);
        // Two at the same time.
        check(&[(0, 0, 9), (1, 1, 5), (1, 2, 6), (2, 3, 4)], &[0, 0, 1, 1]);
        // One that outlasts the scope that began it, and what comes after it.
        check(&[(0, 0, 5), (1, 4, 8), (1, 1, 2)], &[0, 1, 0]);
        // A lane is used again, but never inside of a scope that has nothing to do with it.
        check(&[(0, 0, 9), (1, 1, 8), (1, 2, 4), (1, 5, 7)], &[0, 0, 1, 1]);
        check(&[(0, 3, 3), (1, 3, 3), (2, 3, 3)], &[0, 0, 0]);
        // Clocks that disagree: the child begins first.
        check(&[(0, 5, 9), (1, 1, 3)], &[0, 0]);
        check(&[(0, 2, 9), (1, 1, 3)], &[1, 0]);
    }
}
